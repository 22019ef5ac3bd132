#!/usr/bin/env python3
"""How near the model of `costcurve scaling` comes to the steps that it predicts.

For each rate of the links and each batch, `costcurve scaling` measures one rank, two and four on
as many hosts, one rank a host, and predicts the steps of several from that of one and from the links.

    model.py                                          # 2 and 4 ranks, 1 and 10 Gbit/s, batches 16, 32
    model.py --ranks 2 --rates 1gbit --batches 16 --processes 2 --duration 5

The model is of machines, which take nothing from one another: where there are fewer CPUs than ranks,
each host gets a share of them (--cpus), the same for one rank and for several, by a control group.

Ends with 1 while a goal is not met, with 77 where there can be no such hosts (root, iproute2, tbf).
"""

import os

import goals
import options
from hosts import Hosts
from jobs import Failure, Launcher, record

# How far a predicted step may be from the measured one, of the measured one.
TOLERANCE = 0.10
# What of the CPUs hosts share; the rest is left for what else runs.
SHARED = 0.9


def command(arguments, launcher, hosts, batch):
    """costcurve's command line; it starts the ranks itself."""
    return hosts.enter(1, [
        arguments.binary, "scaling", "--network", arguments.network, "--input-size",
        str(arguments.input_size), "--batch-size", str(batch), "--threads", str(arguments.threads),
        "--ranks", ",".join(map(str, sorted(arguments.ranks))), "--launcher",
        " ".join(launcher.words(hosts)), "--processes", str(arguments.processes), "--duration",
        f"{round(1000 * arguments.duration)}ms", "--seed", str(arguments.seed), "--quiet",
        "--format", "json"])


def points_of(report, rate, batch):
    """What a report predicts of several ranks, with its error."""
    return [
        {"rate": rate, "batch_size": batch, "ranks": point["ranks"], "step_ms": point["step_ms"],
         "step_ms_ci95": point.get("step_ms_ci95"), "exposed_ms": point.get("exposed_ms"),
         "predicted_ms": point["predicted_step_ms"], "efficiency": point["efficiency"],
         "error": point["predicted_step_ms"] / point["step_ms"] - 1}
        for point in report["points"] if point["kind"] == "weak" and point["ranks"] > 1]


def measured(arguments, launcher, say=goals.note):
    """What machine it was, all reports, and the predicted points, or why there are none."""
    about, reports, points = {"launcher": launcher.version}, [], []
    turns = len(arguments.batches) * (1 + len(arguments.ranks)) * arguments.processes
    seconds = 300 + turns * (120 + 10 * arguments.duration)
    with Hosts(max(arguments.ranks), arguments.rates[0], arguments.cpus) as hosts:
        for rate in arguments.rates:
            hosts.set_rate(rate)
            for batch in arguments.batches:
                try:
                    report = record(command(arguments, launcher, hosts, batch),
                                    launcher.environment(hosts), seconds, hosts)
                except Failure as failure:
                    points.append({"rate": rate, "batch_size": batch, "failure": str(failure)})
                    say(f"{rate}, batch {batch}: {failure}")
                    continue
                about.update(date=report["date"], machine=report["cpu"], library=report["library"])
                reports.append({"rate": rate, "report": report})
                points += points_of(report, rate, batch)
                say(f"{rate}, batch {batch}: " + ", ".join(
                    f"{point['ranks']} ranks {100 * point['error']:+.1f} %"
                    for point in points_of(report, rate, batch)))
    return about, reports, points


def rows_of(points):
    """A row a point, and whether all are near enough."""
    rows = []
    for point in points:
        if "failure" in point:
            rows.append([point["rate"], point["batch_size"], *["n/a"] * 4, point["failure"][:60]])
            continue
        rows.append([
            point["rate"], point["batch_size"], point["ranks"],
            goals.digits(point["step_ms"], point["step_ms_ci95"]),
            goals.digits(point["predicted_ms"], None), f"{100 * point['efficiency']:.0f}",
            f"{100 * point['error']:+.1f}"])
    good = sum("failure" not in point and abs(point["error"]) <= TOLERANCE for point in points)
    met = goals.MET if points and good == len(points) else goals.MISSED
    return rows, [(met, f"every predicted step within {100 * TOLERANCE:.0f} % of the measured one",
                   f"{good} of {len(points)} points")]


def run(arguments):
    launcher = Launcher(arguments.mpirun)
    about, reports, points = measured(arguments, launcher)
    rows, verdicts = rows_of(points)
    results = {"about": about, "options": options.told(arguments), "points": points,
               "reports": reports}
    return goals.conclude(
        arguments.output, results,
        ["links", "batch each", "ranks", "step, ms", "predicted, ms", "efficiency, %", "error, %"],
        rows, verdicts)


def share(arguments):
    """CPUs of a host, where they are fewer than all ranks' threads; None where each has its own."""
    there = len(os.sched_getaffinity(0))
    most = max(arguments.ranks)
    return None if most * arguments.threads <= there else SHARED * there / most


def main():
    parser = options.options(__doc__, "model")
    parser.add_argument("--network", default="resnet50")
    parser.add_argument("--input-size", type=options.number_of(int, 1), default=128, help="pixels")
    parser.add_argument("--batches", nargs="+", type=options.number_of(int, 1), default=[16, 32],
                        help="of a rank")
    parser.add_argument("--ranks", nargs="+", type=options.number_of(int, 2), default=[2, 4])
    parser.add_argument("--rates", nargs="+", type=options.rate, default=["1gbit", "10gbit"])
    parser.add_argument("--cpus", type=options.number_of(float, 0.05),
                        help="of a host; its share where there are too few for all ranks' threads")
    parser.add_argument("--processes", type=options.number_of(int, 2), default=3,
                        help="times that each point is measured, in turns")
    parser.add_argument("--duration", type=options.number_of(float, 0.05), default=20,
                        help="seconds of each")
    arguments = options.parsed(parser, ranks=lambda given: max(given.ranks))
    if arguments.cpus is None:
        arguments.cpus = share(arguments)
    options.end_with(run, arguments)


if __name__ == "__main__":
    main()
