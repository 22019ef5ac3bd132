#!/usr/bin/env python3
"""How much of a training step two hosts wait for the sums of their gradients.

In every round the step is measured once at each rate of the links, in an order drawn anew. A step's
exposed time is what costcurve's record says that ranks waited with nothing left to compute; its
share is of the mean step.

    exposed.py                          # 1 and 10 Gbit/s; report/ranks/exposed.json
    exposed.py --rates 1gbit --rounds 2 --duration 5 --bucket-mib 8

Ends with 1 while a goal is not met, with 77 where there can be no namespaces (root, iproute2, tbf).
"""

import random

import goals
import options
import step
from hosts import Hosts, bits_per_second
from jobs import Failure, Launcher

# The largest share of a step that may be exposed, in percent, by the links' rate.
LIMITS = {"1gbit": 12, "10gbit": 4}


def measured(arguments, launcher, say=goals.note):
    """What machine and build it was, and every turn: its figures, or why there are none."""
    about, turns = {"launcher": launcher.version}, []
    with Hosts(2, arguments.rates[0]) as hosts:
        for number in range(arguments.rounds):
            rates = list(arguments.rates)
            random.Random(arguments.seed + number).shuffle(rates)
            for rate in rates:
                hosts.set_rate(rate)
                turn = {"round": number + 1, "rate": rate}
                try:
                    figures, record = step.measure(launcher, hosts, arguments)
                    about.update(goals.about(record))
                    turn.update(figures)
                except Failure as failure:
                    turn["failure"] = str(failure)
                turns.append(turn)
                say(f"round {number + 1} of {arguments.rounds}, {rate}: " + turn.get(
                    "failure", f"{turn.get('exposed_ms', 0):.0f} of {turn.get('step_ms', 0):.0f} ms"))
    return about, turns


def rows_of(turns, rates):
    """A row a rate, and what was asked of it."""
    rows, verdicts = [], []
    for rate in sorted(rates, key=bits_per_second):
        own = [turn for turn in turns if turn["rate"] == rate]
        good = [turn for turn in own if "failure" not in turn]
        failed = len(own) - len(good)
        limit = LIMITS.get(rate)
        if not good:
            rows.append([rate, "n/a", "n/a", "n/a", "n/a", f"0, {failed} failed"])
            verdicts.append((goals.MISSED, f"exposed time at {rate}", "nothing was measured"))
            continue
        share, ends = goals.mean([turn["exposed_percent"] for turn in good])
        rows.append([
            rate, goals.digits(*goals.mean([turn["step_ms"] for turn in good])),
            goals.digits(*goals.mean([turn["exposed_ms"] for turn in good])),
            goals.digits(share, ends), f"{8 * max(turn['link_gb_per_s'] for turn in good):.3g}",
            f"{len(good)}" + (f", {failed} failed" if failed else "")])
        if limit is not None:
            verdict = goals.MISSED if failed else goals.at_most(limit, share, ends)
            verdicts.append((verdict, f"at most {limit} % of a step exposed at {rate}",
                             f"{goals.digits(share, ends)} %"))
    return rows, verdicts


def run(arguments):
    launcher = Launcher(arguments.mpirun)
    about, turns = measured(arguments, launcher)
    rows, verdicts = rows_of(turns, arguments.rates)
    results = {"about": about, "options": options.told(arguments), "turns": turns}
    return goals.conclude(
        arguments.output, results,
        ["links", "step, ms", "exposed, ms", "share, %", "Gbit/s found", "rounds"], rows, verdicts)


def main():
    parser = options.options(__doc__, "exposed")
    step.add_options(parser)
    parser.add_argument("--rates", nargs="+", type=options.rate, default=list(LIMITS))
    options.end_with(run, options.parsed(parser, ranks=2))


if __name__ == "__main__":
    main()
