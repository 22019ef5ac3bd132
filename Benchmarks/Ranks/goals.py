"""What a measurement is held to: intervals, verdicts, a table, and the file of its result."""

import json
import math
import os
import statistics
import sys
import tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "LoadGen"))

from agreement import T975, digits, interval  # noqa: E402,F401

MET, MISSED, OPEN = "met", "NOT MET", "NOT TOLD"


def mean(values):
    """The arithmetic mean with its 95 % interval by Student's t; no interval of one value."""
    middle = statistics.fmean(values)
    if len(values) < 2:
        return middle, None
    half = (T975[min(len(values) - 1, len(T975)) - 1]
            * statistics.stdev(values) / math.sqrt(len(values)))
    return middle, [middle - half, middle + half]


def at_most(limit, middle, ends):
    """Whether a value with its interval lies below a limit: all of it, nothing of it, or a part."""
    low, high = ends or (middle, middle)
    return MET if high <= limit else MISSED if low > limit else OPEN


def at_least(limit, middle, ends):
    low, high = ends or (middle, middle)
    return MET if low >= limit else MISSED if high < limit else OPEN


def table(head, rows):
    """A table in Markdown; the first column to the left, the others to the right."""
    lines = [head, [":--"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def about(record):
    """What of a record's context a result rests on."""
    context = record["context"]
    return {"date": context["date"], "machine": context["machine"]["cpu"],
            "march": context["march"], "commit": (context["git"] or {}).get("commit"),
            "cpus": len(os.sched_getaffinity(0))}


def note(line):
    print(line, file=sys.stderr, flush=True)


def write(path, value):
    """Writes JSON, all of it or nothing."""
    folder = os.path.dirname(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
        file.write("\n")
    os.chmod(draft, 0o644)
    os.rename(draft, path)


def conclude(path, results, head, rows, verdicts):
    """Writes the result, prints table and verdicts, and returns the exit code.

    verdicts    tuples of a verdict, what is asked for, and what was found
    """
    results["goals"] = [{"verdict": verdict, "goal": goal, "found": found}
                        for verdict, goal, found in verdicts]
    results["met"] = all(verdict == MET for verdict, _, _ in verdicts) if verdicts else None
    write(path, results)
    print(table(head, rows), "", sep="\n")
    for verdict, goal, found in verdicts:
        print(f"* {verdict}: {goal}: {found}")
    if not verdicts:
        print("* no goal is set for this")
    print(f"* all of it in {path}")
    return 1 if results["met"] is False else 0
