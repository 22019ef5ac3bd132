#!/usr/bin/env python3
"""Ranks of a real training that are killed, hang, or lose the way to one another.

A training of a small network runs undisturbed first. Then it is started anew many times, and at a
random moment one of its ranks is killed (SIGKILL), stopped (SIGSTOP), or cut off: the cable of its host
is pulled. All ranks have to end within --stall and --grace, none may live on, and the training that
goes on from its checkpoint (--resume) has to end with the weights of the undisturbed one.

    kills.py                                  # ten of each; report/ranks/kills.json
    kills.py --kinds kill hang --trials 2     # the same on one host, without root
    kills.py --kinds cut --trials 3 --data FOLDER --epochs 2

The ranks run on hosts that are network namespaces where links are to be cut; else on this machine.
Ends with 1 while a goal is not met, with 77 where links cannot be cut (root, iproute2).
"""

import contextlib
import os
import random
import signal
import tempfile

import goals
import images
import options
from hosts import Hosts
from jobs import Failure, Launcher
from trainings import Training, complete, digest, epochs

KINDS = ["kill", "hang", "cut"]
# What ranks end with that nothing was done to: by themselves with costcurve's code for a case that
# failed, or by the launcher, which ends all others once one has gone.
BY_ITSELF, BY_LAUNCHER = 3, {130, 137, 143}
# Of the undisturbed time, in which a disturbance falls: beyond it a quick run may have ended.
LATEST = 0.9
TRIES = 5


def disturb(kind, training, hosts, rank):
    """Does it to a rank; false where the training has ended already."""
    pid = training.processes().get(rank)
    if pid is None:
        return False
    if kind == "cut":
        hosts.cut(rank + 1)
        return True
    try:
        os.kill(pid, signal.SIGKILL if kind == "kill" else signal.SIGSTOP)
    except ProcessLookupError:
        return False
    return True


def broken(kind, training, hosts, arguments, after, rank):
    """What becomes of a training that is disturbed after so many seconds; None where it had ended."""
    try:
        training.wait_for_ranks()
        # It may end by itself, which is no failure.
        if training.wait_for_end_of_ranks(after) is not None:
            return None
        if not disturb(kind, training, hosts, rank):
            return None
        ended = training.wait_for_end_of_ranks(arguments.stall + arguments.grace)
        orphans = training.end_orphans()
        status = training.wait(arguments.grace)
    finally:
        training.wait(0)
        training.end_orphans()
        if hosts:
            # Of the launcher, which may not notice that the way to them is cut.
            daemons = hosts.clear()
            hosts.mend(rank + 1)
    codes = training.codes()
    spoke = any(line.startswith("costcurve: rank ") for line in training.said.splitlines())
    return {"ended_seconds": ended, "orphans": orphans, "launcher_code": status,
            "daemons_left": daemons if hosts else 0, "codes": codes, "spoke": spoke,
            "said": training.said.strip()[-600:]}


def had_ended(codes, ranks, is_whole):
    """Whether all ranks had done their work, and left it whole, when one was disturbed."""
    return is_whole and len(codes) == ranks and not any(codes.values())


def is_right(kind, code):
    """Whether a launcher may end so; None where it had to be ended.

    A rank that stops is found by another, whose code is the job's. One that is killed is seen by the
    launcher first, which tells the signal in its own way; and one that has lost the way to its own
    daemons may not end at all."""
    if kind == "hang":
        return code == BY_ITSELF
    return code != 0 and (code is not None or kind == "cut")


def faults(kind, rank, trial):
    """What is wrong with how a disturbed training has ended, in words."""
    found = []
    if trial["ended_seconds"] is None:
        found.append(f"ranks {trial['orphans']} lived on")
    if not is_right(kind, trial["launcher_code"]):
        found.append(f"mpirun ended with {trial['launcher_code']}")
    # A rank whose host is cut off is as alive as the others.
    others = {one: code for one, code in trial["codes"].items() if one != rank or kind == "cut"}
    wrong = {one: code for one, code in others.items()
             if code != BY_ITSELF and code not in BY_LAUNCHER}
    if wrong:
        found.append(f"ranks ended with {wrong}")
    if kind != "kill" and not (trial["spoke"] and BY_ITSELF in others.values()):
        found.append(f"no rank said why and ended with {BY_ITSELF}")
    return found


def trial_of(kind, number, launcher, hosts, arguments, whole, source):
    """Disturbs a training once, goes on with it, and compares its weights."""
    for attempt in range(TRIES):
        after, rank = LATEST * source.random() * whole["seconds"], source.randrange(arguments.ranks)
        folder = os.path.join(arguments.folder, f"{kind}-{number}-{attempt}")
        trial = broken(kind, Training(launcher, hosts, arguments, folder), hosts, arguments, after,
                       rank)
        if trial is not None and not had_ended(
                trial["codes"], arguments.ranks, digest(folder) == whole["weights"]):
            break
    else:
        raise Failure(f"it had ended before each of {TRIES} moments")
    trial.update(kind=kind, after_seconds=after, rank=rank, epochs_kept=epochs(folder),
                 faults=faults(kind, rank, trial))
    try:
        resumed = complete(launcher, hosts, arguments, folder, resume=True)
        trial["resumed_seconds"] = resumed["seconds"]
        if resumed["weights"] is None or resumed["weights"] != whole["weights"]:
            trial["faults"].append("it went on to other weights")
        if resumed["epochs"] != whole["epochs"]:
            trial["faults"].append(f"it ended after {resumed['epochs']} epochs")
    except Failure as failure:
        trial["faults"].append(f"it did not go on: {failure}")
    trial["weights"] = digest(folder)
    return trial


def measured(arguments, launcher, results, say=goals.note):
    """The undisturbed training and every trial, each kept as it ends."""
    place = Hosts(arguments.ranks) if "cut" in arguments.kinds else contextlib.nullcontext()
    source = random.Random(arguments.seed)
    with place as hosts:
        whole = complete(launcher, hosts, arguments, os.path.join(arguments.folder, "whole"))
        say(f"undisturbed: {whole['seconds']:.1f} s, {whole['epochs']} epochs")
        results["whole"] = whole
        for number in range(arguments.trials):
            for kind in arguments.kinds:
                try:
                    trial = trial_of(kind, number, launcher, hosts, arguments, whole, source)
                except Failure as failure:
                    trial = {"kind": kind, "faults": [str(failure)]}
                results["trials"].append(trial)
                goals.write(arguments.output, results)
                ended = trial.get("ended_seconds")
                say(f"{kind} {number + 1} of {arguments.trials}: "
                    + (f"after {trial['after_seconds']:.1f} s, " if "after_seconds" in trial else "")
                    + (f"ended in {ended:.1f} s" if ended is not None else "not ended")
                    + "".join(f"; {fault}" for fault in trial["faults"]))


def rows_of(trials, kinds, count, seconds):
    """A row a kind, and whether all of its trials went well."""
    rows, verdicts = [], []
    for kind in kinds:
        own = [trial for trial in trials if trial["kind"] == kind]
        good = sum(not trial["faults"] for trial in own)
        times = [trial["ended_seconds"] for trial in own if trial.get("ended_seconds") is not None]
        codes = sorted({str(trial["launcher_code"]) for trial in own if "launcher_code" in trial})
        rows.append([
            kind, len(own), good, f"{max(times):.1f}" if times else "n/a",
            " ".join(codes).replace("None", "none") or "n/a",
            sum(len(trial.get("orphans", [])) for trial in own),
            sum("resumed_seconds" in trial for trial in own)])
        met = goals.MET if own and good == len(own) >= count else goals.MISSED
        verdicts.append((
            met, f"every {kind} ends all ranks within {seconds:.0f} s, and goes on to the same weights",
            f"{good} of {len(own)}"))
    return rows, verdicts


def run(arguments):
    launcher = Launcher(arguments.mpirun)
    results = {"launcher": launcher.version, "options": options.told(arguments), "trials": []}
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        arguments.folder = folder
        if arguments.data is None:
            arguments.data = os.path.join(folder, "data")
            os.mkdir(arguments.data)
            images.make(arguments.data, arguments.images, arguments.images // 8,
                        seed=arguments.seed)
        try:
            measured(arguments, launcher, results)
        except Failure as failure:
            goals.note(f"{failure}")
            results["failure"] = str(failure)
    rows, verdicts = rows_of(
        results["trials"], arguments.kinds, arguments.trials, arguments.stall + arguments.grace)
    return goals.conclude(
        arguments.output, results,
        ["what", "trials", "as asked", "longest, s", "mpirun's codes", "orphans", "resumed"], rows,
        verdicts)


def main():
    parser = options.options(__doc__, "kills")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--trials", type=options.number_of(int, 1), default=10, help="of each kind")
    parser.add_argument("--ranks", type=options.number_of(int, 2), default=2)
    parser.add_argument("--network", default="resnet20")
    parser.add_argument("--epochs", type=options.number_of(int, 1), default=4)
    parser.add_argument("--batch-size", type=options.number_of(int, 1), default=8, help="of a rank")
    parser.add_argument("--images", type=options.number_of(int, 64), default=1600,
                        help="of the data set that is made up; an eighth as many to test")
    parser.add_argument("--data", help="a folder with Fashion-MNIST's files in its place")
    parser.add_argument("--stall", type=options.number_of(int, 1), default=5,
                        help="seconds that a rank waits for another")
    parser.add_argument("--grace", type=options.number_of(float, 1), default=12,
                        help="seconds beyond it in which all ranks have to end")
    parser.add_argument("--patience", type=options.number_of(float, 1), default=900,
                        help="seconds of a training that nothing disturbs")
    arguments = options.parsed(parser, ranks=lambda given: given.ranks)
    if arguments.data is not None:
        arguments.data = os.path.abspath(arguments.data)
    options.end_with(run, arguments)


if __name__ == "__main__":
    main()
