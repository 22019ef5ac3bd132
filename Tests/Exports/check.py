#!/usr/bin/env python3
"""Hands every export of a run to the program that it is meant for, or to that program's own rules.

    check.py [--binary .build/release/costcurve] [--compare /usr/share/benchmark/compare.py] run.json

google-benchmark is read by google/benchmark's compare.py (Debian: libbenchmark-tools; it needs
scipy), which also has to find no difference between a file and itself and a doubling in one whose
times were doubled. CSV is read by pandas where it is installed and by Python's csv. The readers of
the other forms are services, so their published rules are checked: Bencher's JSON schema
(bencher.dev/bmf.json) and name lengths, the fields of github-action-benchmark's
`customSmallerIsBetter` (its src/extract.ts), and the tests of DAWNBench's entries
(stanford-futuredata/dawn-bench-entries, tests/test_submissions.py).

Prints a line for each form; ends with 1 if one failed. A reader that is not installed is named.
"""
import argparse
import csv
import datetime
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FORMS = ["google-benchmark", "bencher", "github-action-benchmark", "dawnbench", "csv", "json"]


class NotInstalled(Exception):
    pass


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def google_benchmark(path, compare):
    if not os.path.exists(compare):
        raise NotInstalled(f"{compare} (Debian: libbenchmark-tools)")
    with open(path) as file:
        document = json.load(file)
    for row in document["benchmarks"]:
        assert row.get("error_occurred", False) == (row["real_time"] == 0), row
    failed = [row for row in document["benchmarks"] if "error_occurred" in row]
    assert all(row["error_occurred"] is True and row["error_message"] for row in failed), failed
    # A failure has no time to be compared.
    document["benchmarks"] = [row for row in document["benchmarks"] if row not in failed]
    with open(path, "w") as file:
        json.dump(document, file)
    for row in document["benchmarks"]:
        row["real_time"] *= 2
        row["cpu_time"] *= 2
    doubled, out = path + ".doubled", path + ".compared"
    with open(doubled, "w") as file:
        json.dump(document, file)
    for other, change in [(path, 0.0), (doubled, 1.0)]:
        done = subprocess.run(
            [sys.executable, compare, "-d", out, "benchmarks", path, other],
            capture_output=True, text=True, cwd=os.path.dirname(compare))
        assert done.returncode == 0, done.stderr
        with open(out) as file:
            compared = json.load(file)
        found = [m["time"] for b in compared for m in b["measurements"]]
        assert found and all(abs(share - change) < 1e-9 for share in found), found
    names = {row["run_name"] for row in document["benchmarks"]}
    return f"compare.py compared {len(found)} rows of {len(names)} benchmarks; {len(failed)} failed"


def bencher(path):
    with open(path) as file:
        document = json.load(file)
    assert isinstance(document, dict) and document
    count = 0
    for name, measures in document.items():
        assert 0 < len(name) <= 1024 and isinstance(measures, dict) and measures, name
        for measure, metric in measures.items():
            assert 0 < len(measure) <= 64 and number(metric["value"]), (name, measure)
            for bound in ["lower_value", "upper_value"]:
                assert bound not in metric or number(metric[bound]), (name, measure, bound)
            count += 1
    return f"{count} metrics of {len(document)} benchmarks fit the schema"


def github_action_benchmark(path):
    with open(path) as file:
        rows = json.load(file)
    assert isinstance(rows, list) and rows
    for row in rows:
        assert isinstance(row["name"], str) and isinstance(row["unit"], str), row
        assert number(row["value"]), row
        for field in ["range", "extra"]:
            assert field not in row or isinstance(row[field], str), row
    return f"{len(rows)} entries"


def dawnbench(path):
    with open(path) as file:
        entry = json.load(file)
    for field in ["version", "author", "authorEmail", "framework", "model", "hardware", "timestamp",
                  "latency"]:
        assert field in entry, f"{field} is a required field"
    datetime.datetime.strptime(entry["timestamp"], "%Y-%m-%d")
    assert number(entry["latency"])
    return f"{entry['model']}: {entry['latency']:.3f} ms"


def comma_separated(path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and all(None not in row and None not in row.values() for row in rows)
    try:
        import pandas
    except ImportError:
        return f"{len(rows)} rows; pandas is not installed"
    frame = pandas.read_csv(path)
    assert len(frame) == len(rows) and frame["id"].is_unique
    assert frame["median_ns"].dtype == float
    return f"{len(rows)} rows, {len(frame.columns)} columns, read by pandas {pandas.__version__} too"


def again(path, binary, database):
    """What was exported as JSON is the same run when it is imported."""
    done = subprocess.run([binary, "history", "import", path, "--database", database],
                          capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr.rstrip().endswith("is run 1."), done.stderr
    return "imported, it is the same run"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build/release/costcurve"))
    parser.add_argument("--compare", default="/usr/share/benchmark/compare.py")
    parser.add_argument("run", help="a run.json that 'costcurve run' left")
    arguments = parser.parse_args()
    binary = os.path.abspath(arguments.binary)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        database = os.path.join(folder, "h.sqlite")
        subprocess.run([binary, "history", "import", arguments.run, "--database", database],
                       check=True, stderr=subprocess.DEVNULL)
        for form in FORMS:
            path = os.path.join(folder, form)
            subprocess.run([binary, "history", "export", "--to", form, "-o", path, "--database",
                            database], check=True)
            check = {
                "google-benchmark": lambda: google_benchmark(path, arguments.compare),
                "bencher": lambda: bencher(path),
                "github-action-benchmark": lambda: github_action_benchmark(path),
                "dawnbench": lambda: dawnbench(path),
                "csv": lambda: comma_separated(path),
                "json": lambda: again(path, binary, database),
            }[form]
            try:
                print(f"{form}: {check()}")
            except NotInstalled as missing:
                print(f"{form}: not checked, for there is no {missing}")
            except (AssertionError, KeyError, ValueError) as error:
                failed = True
                print(f"{form}: FAILED: {error!r}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
