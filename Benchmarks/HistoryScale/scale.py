#!/usr/bin/env python3
"""Fills a history with many runs and times how long `history list` and `history trend` take.

One real run of this machine is recorded by costcurve itself; its rows are then repeated in the
database, each with a date of its own, times that wander and now and then step, one run in seven on
a machine of another kind. Nothing but the number of rows differs from a history that grew.

    scale.py [--binary .build/release/costcurve] [--runs 100000] [--keep h.sqlite]

Ends with 1 when a command takes longer than --limit.
"""
import argparse
import datetime
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASES = "^gemm/(256|512)x"


def costcurve(binary, *arguments):
    done = subprocess.run([binary, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"costcurve {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def columns(db, table):
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def fill(path, runs):
    """Repeats the rows of the one run that the database holds until there are `runs`."""
    db = sqlite3.connect(path)
    run_columns, value_columns = columns(db, "run"), columns(db, "value")
    run = dict(zip(run_columns, db.execute("SELECT * FROM run").fetchone()))
    values = [dict(zip(value_columns, row)) for row in db.execute("SELECT * FROM value")]
    key, fields = db.execute("SELECT key, fields FROM machine").fetchone()
    other = "0" * 16
    db.execute("INSERT INTO machine (key, fields) VALUES (?, ?)",
               (other, fields.replace('"cores":"', '"cores":"1')))
    rng = random.Random(1)
    first = datetime.datetime(2020, 1, 1)
    record = json.loads(run["record"])
    quote = lambda names: ", ".join(f'"{name}"' for name in names)
    marks = lambda names: ", ".join("?" * len(names))
    level = 1.0
    for number in range(runs - 1):
        date = (first + datetime.timedelta(minutes=30 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        if rng.random() < 0.001:
            level *= rng.choice([0.9, 1.1])
        machine = other if number % 7 == 0 else key
        record["context"]["date"] = date
        row = dict(run, id=number + 2, date=date, machine=machine, content=f"filled-{number}",
                   record=json.dumps(record, separators=(",", ":")).encode())
        db.execute(f"INSERT INTO run ({quote(run_columns)}) VALUES ({marks(run_columns)})",
                   [row[name] for name in run_columns])
        for value in values:
            factor = level * rng.gauss(1, 0.01)
            row = dict(value, run=number + 2, date=date, machine=machine)
            for name in ["median_ns", "ci_low_ns", "ci_high_ns"]:
                row[name] = value[name] and value[name] * factor
            db.execute(f"INSERT INTO value ({quote(value_columns)}) VALUES ({marks(value_columns)})",
                       [row[name] for name in value_columns])
    db.commit()
    db.close()


def timed(binary, *arguments, repeats=5):
    """Median milliseconds of a whole process."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        costcurve(binary, *arguments)
        times.append((time.perf_counter() - begin) * 1e3)
    return sorted(times)[repeats // 2]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build/release/costcurve"))
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--limit", type=float, default=300, help="milliseconds")
    parser.add_argument("--keep", help="path of a database to fill and leave")
    arguments = parser.parse_args()
    binary = os.path.abspath(arguments.binary)
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.keep or os.path.join(folder, "history.sqlite")
        if not os.path.exists(path):
            costcurve(binary, "kernels", "--filter", CASES, "--duration", "100ms", "--processes", "3",
                      "--quiet", "--database", path, "-o", os.path.join(folder, "run.txt"))
            begin = time.perf_counter()
            fill(path, arguments.runs)
            print(f"filled in {time.perf_counter() - begin:.0f} s, "
                  f"{os.path.getsize(path) / 2**20:.0f} MiB")
        database = ["--database", path]
        db = sqlite3.connect(path)
        case = db.execute('SELECT "case" FROM value LIMIT 1').fetchone()[0]
        print(f"{db.execute('SELECT count(*) FROM run').fetchone()[0]} runs, "
              f"{db.execute('SELECT count(*) FROM value').fetchone()[0]} figures of "
              f"""{db.execute('SELECT count(DISTINCT "case") FROM value').fetchone()[0]} cases""")
        db.close()
        slow = 0
        for command in [["history", "list"], ["history", "list", "--limit", "1000"],
                        ["history", "list", "--case", "gemm/512"],
                        ["history", "trend", case], ["history", "trend"],
                        ["history", "trend", case, "--format", "html"],
                        ["history", "show"]]:
            milliseconds = timed(binary, *command, *database)
            slow += milliseconds > arguments.limit
            print(f"{milliseconds:8.0f} ms  costcurve {' '.join(command)}")
        print(f"{timed(binary, '--version'):8.0f} ms  costcurve --version")
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
