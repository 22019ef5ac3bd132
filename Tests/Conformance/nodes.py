"""Holds `costcurve predict --model` against the test cases of the package `onnx`.

usage: nodes.py BINARY [--table FILE [--write]] [--json FILE] [--only REGEX] [--expanded]

Each case passes, is refused with a sentence, is wrong, or crashes. The table says, for each operator
and type of elements, of how many cases how many pass: where all do, that is claimed. Ends with 1
where an answer is wrong, something crashed, or fewer cases pass than the table says. With
--write the table is written anew instead of being read.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

import numpy
import onnx

import cases
import table

WORKERS, TIMEOUT = 2, 60
# Exit codes of a refusal: something that is not supported, absent, or not fit for use.
REFUSALS = {1, 5, 64}


def run(binary, case, folder):
    """What became of a case, in a word, and why."""
    own = tempfile.mkdtemp(dir=folder)
    path = os.path.join(own, "model.onnx")
    onnx.save(case.model, path)
    line = [binary, "predict", "--model", path, "--threads", "1", "--quiet", "--allow-non-finite"]
    for index, (name, array) in enumerate(case.inputs.items()):
        if array is None or array.dtype.kind not in "fiub":
            continue
        file = os.path.join(own, f"input-{index}.npy")
        numpy.save(file, numpy.asarray(array, order="C"))
        line += ["--input", f"{name}={file}"]
    files = {name: os.path.join(own, f"output-{index}.npy")
             for index, name in enumerate(case.outputs)}
    for name, file in files.items():
        line += ["--output", f"{name}={file}"]
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return "crashed", f"no answer within {TIMEOUT} s"
    said = done.stderr.strip()
    if done.returncode == 0:
        why = cases.difference(case, {name: numpy.load(file) for name, file in files.items()})
        return ("wrong", why) if why else ("passed", "")
    if done.returncode in REFUSALS and said and "Fatal error" not in said:
        return "refused", said.replace(own + os.sep, "")
    word = "wrong" if done.returncode == 7 else "crashed"
    return word, f"exit code {done.returncode}: {said[-500:]}"


def all_results(binary, chosen):
    """What became of each case, in their order."""
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(prefix="costcurve-onnx-", dir=memory) as folder:
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(lambda case: run(binary, case, folder), chosen))


def counts(results):
    """How many of each."""
    counted = collections.Counter(word for word, _ in results)
    return {word: counted[word] for word in ("passed", "refused", "wrong", "crashed")}


def kind(case):
    """Which of the three lists a case is in."""
    if case.operator == "models":
        return "light"
    return "expanded" if case.is_expanded else "nodes"


def main():
    """Runs the cases, and tells what became of them."""
    options = argparse.ArgumentParser()
    options.add_argument("binary")
    options.add_argument("--table")
    options.add_argument("--write", action="store_true")
    options.add_argument("--json")
    options.add_argument("--only")
    options.add_argument("--expanded", action="store_true")
    options = options.parse_args()

    chosen = [case for case in cases.node_cases() if options.expanded or not case.is_expanded]
    chosen += cases.light_cases()
    if options.only:
        chosen = [case for case in chosen if re.search(options.only, case.name)]
    results = all_results(options.binary, chosen)

    faults = []
    for case, (word, why) in zip(chosen, results):
        if word in ("wrong", "crashed"):
            faults.append(f"{word}: {case.name}: {why}")
        elif options.only and why:
            print(f"{word}: {case.name}: {why}")
    cells = table.cells(
        (case, word) for case, (word, _) in zip(chosen, results)
        if kind(case) == "nodes" and case.is_within)
    if options.table and options.write:
        table.write(options.table, cells, onnx.__version__)
    elif options.table and not options.only:
        faults += table.broken(options.table, cells)

    lists = {}
    for name in ("nodes", "expanded", "light"):
        some = [result for case, result in zip(chosen, results) if kind(case) == name]
        if some:
            lists[name] = counts(some)
            print(f"{name}: " + ", ".join(f"{count} {word}" for word, count in lists[name].items()))
    for fault in faults:
        print(fault, file=sys.stderr)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as handle:
            json.dump({
                "onnx": onnx.__version__, "counts": lists,
                "claimed": sum(cell.is_claimed for cell in cells.values()),
                "faults": faults,
                "cases": {case.name: word for case, (word, _) in zip(chosen, results)},
            }, handle, indent=1, sort_keys=True)
    total = sum(lists.get("nodes", {}).values())
    print(f"{lists.get('nodes', {}).get('passed', 0)} passed, {len(faults)} failed"
          if total else "no case was chosen")
    sys.exit(1 if faults or not total else 0)


if __name__ == "__main__":
    main()
