#!/usr/bin/env python3
"""costcurve's ranks beside PyTorch's DistributedDataParallel over gloo: the same step on the same hosts.

In every round, at each rate of the links, both train one after the other in an order drawn anew, in
fresh processes: the same network, images a rank and threads. PyTorch runs in each of its modes, and is
compared in the one that was fastest. The ratio is of images/s of the same round. A measurement of ours
that is not counted comes first: its record says what weight the loss of an auxiliary head has.

    make peers PYTORCH=1                # once: PyTorch into .venv-peers
    ddp.py                              # 1 and 10 Gbit/s; report/ranks/ddp.json
    ddp.py --rates 1gbit --rounds 2 --modes channels-last --duration 5

Ends with 1 while a goal is not met, with 77 where there are no namespaces (root, iproute2, tbf) or no
PyTorch.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

import goals
import options
import step
from hosts import DEVICE, Hosts, Refusal, bits_per_second
from jobs import Failure, Launcher, end

HERE = os.path.dirname(os.path.abspath(__file__))
RANKS = 2
# Times as many images/s as theirs: what it must reach, and what is aimed at.
FLOOR, TARGET = 1.3, 1.6
MODES = ["default", "channels-last", "compile"]


def refuse_without_pytorch(python):
    try:
        done = subprocess.run([python, "-c", "import torch, torchvision, numpy"],
                              capture_output=True, text=True)
    except OSError as error:
        raise Refusal(f"{error}; 'make peers PYTORCH=1' makes an environment with PyTorch")
    if done.returncode != 0:
        why = (done.stderr.strip() or "no PyTorch").splitlines()[-1]
        raise Refusal(f"{python} has no PyTorch ({why}); 'make peers PYTORCH=1' installs it")


def auxiliary_words(record):
    """What a worker is told of an auxiliary head, the weight of whose loss our record has."""
    weight = record["cases"][0]["parameters"].get("auxiliary_loss_weight")
    return [] if weight is None else ["--auxiliary-weight", str(weight)]


def theirs(hosts, arguments, mode, port, more):
    """The figures of PyTorch's step: one worker a host, the first of which has the times.

    more    words of the workers' command lines, as `auxiliary_words` has them
    """
    seconds = 600 + 10 * arguments.duration
    with tempfile.TemporaryDirectory() as folder:
        into = os.path.join(folder, "result.json")
        workers, logs = [], []
        try:
            for rank in range(RANKS):
                log = open(os.path.join(folder, f"log-{rank}"), "w+", encoding="utf-8",
                           errors="replace")
                logs.append(log)
                words = [
                    arguments.python, os.path.join(HERE, "ddp_worker.py"), "--rank", str(rank),
                    "--world", str(RANKS), "--address", hosts.address(1), "--port", str(port),
                    "--network", arguments.network, "--batch-size", str(arguments.batch_size),
                    "--input-size", str(arguments.input_size), "--threads",
                    str(arguments.threads), "--mode", mode, "--seconds", str(arguments.duration),
                    "--bucket-mb", f"{arguments.ddp_bucket_mb:g}", "--into", into, *more]
                environment = {**os.environ, **hosts.environment(), "GLOO_SOCKET_IFNAME": DEVICE,
                               "OMP_NUM_THREADS": str(arguments.threads)}
                workers.append(subprocess.Popen(
                    hosts.enter(rank + 1, words), env=environment, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log))
            refuse_failed(workers, logs, seconds)
            with open(into, encoding="utf-8") as file:
                found = json.load(file)
        finally:
            for worker in workers:
                end(worker)
            hosts.clear()
            for log in logs:
                log.close()
    step_s = statistics.median(found["seconds"])
    return {"step_ms": 1e3 * statistics.fmean(found["seconds"]), "steps": len(found["seconds"]),
            "images_per_second": RANKS * arguments.batch_size / step_s, "loss": found["loss"],
            "settings": found["settings"]}


def refuse_failed(workers, logs, seconds):
    """Waits for all workers; one that fails, or does not end, fails the turn."""
    limit = time.monotonic() + seconds
    while any(worker.poll() is None for worker in workers):
        if time.monotonic() > limit:
            raise Failure(f"PyTorch has not ended within {seconds:.0f} s")
        if any(worker.poll() for worker in workers):
            break
        time.sleep(0.05)
    for worker, log in zip(workers, logs):
        if worker.poll():
            log.seek(0)
            raise Failure(f"PyTorch ended with {worker.returncode}: {log.read().strip()[-400:]}")


def measured(arguments, launcher, say=goals.note):
    """What machine and builds it was, and every turn: its figures, or why there are none."""
    about, turns, port = {"launcher": launcher.version}, [], 29_500
    with Hosts(RANKS, arguments.rates[0]) as hosts:
        try:
            _, first = step.measure(launcher, hosts, arguments, RANKS)
        except Failure as failure:
            sys.exit(f"ddp.py: costcurve has no step to compare with: {failure}")
        about.update(goals.about(first))
        for number in range(arguments.rounds):
            order = [(rate, side) for rate in arguments.rates for side in ["ours", *arguments.modes]]
            random.Random(arguments.seed + number).shuffle(order)
            # One rate after the other, the sides of a rate beside one another.
            order.sort(key=lambda turn: arguments.rates.index(turn[0]))
            for rate, side in order:
                hosts.set_rate(rate)
                turn = {"round": number + 1, "rate": rate, "side": side}
                port += 1
                try:
                    if side == "ours":
                        figures, _ = step.measure(launcher, hosts, arguments, RANKS)
                    else:
                        figures = theirs(hosts, arguments, side, port, auxiliary_words(first))
                        about["pytorch"] = figures["settings"].split(",")[0]
                    turn.update(figures)
                except Failure as failure:
                    turn["failure"] = str(failure)
                turns.append(turn)
                say(f"round {number + 1} of {arguments.rounds}, {rate}, {side}: " + turn.get(
                    "failure", f"{turn.get('images_per_second', 0):.3g} images/s"))
    return about, turns


def rows_of(turns, rates, modes):
    """A row a rate: both rates of images and their ratio, with PyTorch in its fastest mode."""
    rows, verdicts = [], []
    for rate in sorted(rates, key=bits_per_second):
        own = [turn for turn in turns if turn["rate"] == rate]
        failed = sum("failure" in turn for turn in own)

        def by_round(side):
            return {turn["round"]: turn["images_per_second"] for turn in own
                    if turn["side"] == side and "failure" not in turn}

        ours, sides = by_round("ours"), {mode: by_round(mode) for mode in modes}
        middles = {mode: goals.interval(list(found.values()))[0]
                   for mode, found in sides.items() if found}
        best = max(middles, key=middles.get, default=None)
        both = sorted(ours.keys() & sides[best].keys()) if best else []
        goal = f"at least {FLOOR} times PyTorch's images/s at {rate}"
        if not both:
            rows.append([rate, "n/a", "n/a", "n/a", "n/a", f"0, {failed} failed"])
            verdicts.append((goals.MISSED, goal, "nothing was measured by both"))
            continue
        ratio, ends = goals.interval([ours[one] / sides[best][one] for one in both])
        rows.append([
            rate, best, goals.digits(*goals.interval([ours[one] for one in both])),
            goals.digits(*goals.interval([sides[best][one] for one in both])),
            goals.digits(ratio, ends) + "x", f"{len(both)}" + (f", {failed} failed" if failed else "")])
        verdict = goals.MISSED if failed else goals.at_least(FLOOR, ratio, ends)
        aim = "reached" if goals.at_least(TARGET, ratio, ends) == goals.MET else "not reached"
        verdicts.append((verdict, goal, f"{goals.digits(ratio, ends)}x; {TARGET}x is {aim}"))
    return rows, verdicts


def run(arguments):
    launcher = Launcher(arguments.mpirun)
    refuse_without_pytorch(arguments.python)
    about, turns = measured(arguments, launcher)
    rows, verdicts = rows_of(turns, arguments.rates, arguments.modes)
    results = {"about": about, "options": options.told(arguments), "turns": turns}
    return goals.conclude(
        arguments.output, results,
        ["links", "PyTorch's mode", "ours, images/s", "PyTorch, images/s", "ratio", "rounds"], rows,
        verdicts)


def main():
    parser = options.options(__doc__, "ddp")
    step.add_options(parser)
    parser.add_argument("--rates", nargs="+", type=options.rate, default=["1gbit", "10gbit"])
    parser.add_argument("--modes", nargs="+", choices=MODES, default=["default", "channels-last"],
                        help="of PyTorch; compile takes minutes a turn")
    parser.add_argument("--ddp-bucket-mb", type=options.number_of(float, 0.1), default=25, help="25 is DDP's own")
    parser.add_argument("--python", default=os.path.join(options.ROOT, ".venv-peers/bin/python"),
                        help="an interpreter that has PyTorch and torchvision")
    arguments = options.parsed(parser, ranks=RANKS)
    # Not its real path: an environment's interpreter is a link.
    arguments.python = os.path.abspath(arguments.python)
    options.end_with(run, arguments)


if __name__ == "__main__":
    main()
