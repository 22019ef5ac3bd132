#!/usr/bin/env python3
"""Whether two ranks work here: on this machine, and on two hosts whose links are limited; for CI.

A few timed steps of a small network each time. costcurve compares them bit for bit with those of one
process before it times them, and the speed that it finds of the links tells that they were used.

Takes some ten seconds. What cannot be done here is skipped, which is said on standard error.
"""

import goals
import options
import step
from hosts import Hosts, Refusal
from jobs import Failure, Launcher

RATE = "1gbit"
# Seconds after which a job has failed, beside those of its steps.
PATIENCE = 20


def told(found):
    return (f"{found['steps']} steps of {found['step_ms']:.3g} ms, "
            f"{found['exposed_percent']:.2g} % exposed, links of {8 * found['link_gb_per_s']:.3g} "
            f"Gbit/s, {found['library']}")


def on(hosts, launcher, arguments):
    return step.measure(launcher, hosts, arguments, patience=PATIENCE)[0]


def on_hosts(launcher, arguments):
    with Hosts(2, RATE) as hosts:
        return on(hosts, launcher, arguments)


def run(arguments):
    try:
        launcher = Launcher(arguments.mpirun)
    except Refusal as refusal:
        goals.note(f"SKIPPED: two ranks: {refusal}")
        return 0
    places = [("on one host", lambda: on(None, launcher, arguments)),
              (f"on two hosts in network namespaces, {RATE}", lambda: on_hosts(launcher, arguments))]
    results, failed = {"launcher": launcher.version}, False
    for place, measure in places:
        try:
            results[place] = measure()
            print(f"two ranks {place}: {told(results[place])}")
        except Refusal as refusal:
            results[place] = {"skipped": str(refusal)}
            goals.note(f"SKIPPED: two ranks {place}: {refusal}")
        except Failure as failure:
            failed = True
            results[place] = {"failure": str(failure)}
            goals.note(f"FAILED: two ranks {place}: {failure}")
    goals.write(arguments.output, results)
    return 1 if failed else 0


def main():
    parser = options.options(__doc__, "trial")
    step.add_options(parser)
    parser.set_defaults(network="resnet20", input_size=28, batch_size=4, duration=1, threads=1)
    options.end_with(run, options.parsed(parser, ranks=2))


if __name__ == "__main__":
    main()
