#!/usr/bin/env python3
"""The same scenarios by MLPerf's LoadGen and by costcurve, interleaved, in one table.

In every round each scenario is measured once by LoadGen, which drives a `costcurve worker`, and
once by `costcurve infer --scenario`, all in fresh processes and in an order drawn anew, so that
drift of the machine falls on both. The ratio is of values of the same round.

    loadgen.py run                 # measures; loadgen.json and loadgen.md into report/loadgen/
    loadgen.py table FILE.json     # prints the table of such a file again
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

from agreement import METRICS, markdown, rows_of

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SCENARIOS = list(METRICS)


class Failure(Exception):
    """A turn that gave no value; the text says why."""


# MARK: Turns


def batch_of(scenario, arguments):
    return 1 if scenario == "single-stream" else arguments.batch_size


def ours(scenario, arguments):
    """costcurve's own value, and the record's context."""
    command = [arguments.binary, "infer", "--network", arguments.network, "--threads",
               str(arguments.threads), "--engine", arguments.engine, "--scenario", scenario,
               "--format", "json", "--no-save", "--quiet"]
    if scenario == "single-stream":
        command += ["--duration", f"{arguments.duration}s"]
    else:
        # As many samples as LoadGen's query has, and no more.
        command += ["--batch-size", str(arguments.batch_size), "--samples", str(arguments.samples),
                    "--duration", "1ms"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"costcurve ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    record = json.loads(done.stdout)
    found = record["cases"][0].get("scenario") or {}
    if found.get("value") is None:
        raise Failure("costcurve gave no value")
    return {"value": found["value"], "queries": found["queries"]}, record["context"]


def theirs(scenario, arguments):
    """LoadGen's value, by a process of its own."""
    batch = batch_of(scenario, arguments)
    case = f"infer/{arguments.network}/b{batch}/t{arguments.threads}/{arguments.engine}"
    with tempfile.TemporaryDirectory() as folder:
        into = os.path.join(folder, "result.json")
        done = subprocess.run(
            [sys.executable, os.path.join(HERE, "turn.py"), "--binary", arguments.binary, "--case",
             case, "--scenario", scenario, "--batch-size", str(batch), "--seconds",
             str(arguments.duration), "--samples", str(arguments.samples), "--into", into],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"LoadGen ended with {done.returncode}: {done.stderr.strip()[-400:]}")
        with open(into, encoding="utf-8") as file:
            return json.load(file)


def measured(arguments, say=print):
    """What machine and builds it was, and all rounds: a value a side, or why there is none."""
    about, rounds = {}, []
    for number in range(arguments.rounds):
        turns = [(name, side) for name in arguments.scenarios for side in ["ours", "loadgen"]]
        random.Random(arguments.seed + number).shuffle(turns)
        found = {scenario: {} for scenario in arguments.scenarios}
        for scenario, side in turns:
            try:
                if side == "ours":
                    value, context = ours(scenario, arguments)
                    about.update(
                        date=context["date"], machine=context["machine"]["cpu"],
                        march=context["march"], commit=(context["git"] or {}).get("commit"))
                else:
                    value = theirs(scenario, arguments)
                    about["loadgen"] = value.pop("version", None)
            except Failure as failure:
                value = {"failure": str(failure)}
            found[scenario][side] = value
            say(f"round {number + 1} of {arguments.rounds}, {scenario}, {side}: "
                f"{value.get('value', value.get('failure'))}")
        rounds.append({"order": [list(turn) for turn in turns], **found})
    return about, rounds


# MARK: Commands


def run(arguments):
    arguments.binary = os.path.abspath(arguments.binary)
    os.makedirs(arguments.output, exist_ok=True)
    about, rounds = measured(arguments)
    results = {"about": about, "network": arguments.network, "threads": arguments.threads,
               "engine": arguments.engine, "seconds": arguments.duration,
               "samples": arguments.samples, "batch_size": arguments.batch_size,
               "seed": arguments.seed, "table": rows_of(rounds, arguments.scenarios),
               "rounds": rounds}
    for name, text in [("loadgen.json", json.dumps(results, indent=1) + "\n"),
                       ("loadgen.md", markdown(results))]:
        with open(os.path.join(arguments.output, name), "w", encoding="utf-8") as file:
            file.write(text)
    print(markdown(results), end="")
    return 0 if all(row["agrees"] for row in results["table"]) else 1


def show(arguments):
    with open(arguments.file, encoding="utf-8") as file:
        print(markdown(json.load(file)), end="")
    return 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    measure = commands.add_parser("run", help="measure, and end with 1 where the two do not agree")
    measure.add_argument("--binary", default=os.path.join(ROOT, ".build/release/costcurve"))
    measure.add_argument("--network", default="resnet50")
    measure.add_argument("--engine", default="native")
    measure.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    measure.add_argument("--scenarios", nargs="+", choices=SCENARIOS, default=SCENARIOS)
    measure.add_argument("--rounds", type=int, default=5)
    measure.add_argument("--duration", type=float, default=20, help="seconds of a stream")
    measure.add_argument("--samples", type=int, default=1024, help="of the one offline query")
    measure.add_argument("--batch-size", type=int, default=16, help="samples of an offline call")
    measure.add_argument("--seed", type=int, default=1, help="fixes the order of turns")
    measure.add_argument("--output", default=os.path.join(ROOT, "report/loadgen"))
    measure.set_defaults(act=run)
    stored = commands.add_parser("table", help="print the table of a result")
    stored.add_argument("file")
    stored.set_defaults(act=show)
    arguments = parser.parse_args()
    sys.exit(arguments.act(arguments))


if __name__ == "__main__":
    main()
