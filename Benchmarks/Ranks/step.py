"""One measurement of costcurve's training step by several ranks, in a job of its own."""

import statistics

from hosts import bits_per_second
from jobs import Failure, record
from options import number_of

# What sums may seem to move beyond the rate of their link: what tbf lets through at once.
SLACK = 1.2


def add_options(parser):
    """What is measured for how long."""
    parser.add_argument("--network", default="resnet50")
    parser.add_argument("--input-size", type=number_of(int, 1), default=128, help="pixels")
    parser.add_argument("--batch-size", type=number_of(int, 1), default=16, help="of a rank")
    parser.add_argument("--rounds", type=number_of(int, 1), default=5)
    parser.add_argument("--duration", type=number_of(float, 0.05), default=20,
                        help="seconds of a measurement")
    parser.add_argument("--bucket-mib", type=number_of(float, 0.25),
                        help="gradients summed at a time; costcurve's own choice unless given")


def words(arguments, ranks):
    """costcurve's command line."""
    bucket = [] if arguments.bucket_mib is None else ["--bucket-mib", f"{arguments.bucket_mib:g}"]
    return [arguments.binary, "train", "--network", arguments.network, "--input-size",
            str(arguments.input_size), "--batch-size", str(arguments.batch_size), "--threads",
            str(arguments.threads), "--seed", str(arguments.seed), "--quick", "--duration",
            f"{round(1000 * arguments.duration)}ms", "--no-save", "--quiet", "--format", "json",
            "--ranks", str(ranks), *bucket]


def measure(launcher, hosts, arguments, ranks=2, patience=300):
    """The figures of a step of all ranks, and the record that they are from.

    hosts       None for this machine itself
    patience    seconds that it may take beside its steps
    """
    found = record(
        launcher.command(hosts, ranks, words(arguments, ranks)), launcher.environment(hosts),
        patience + 10 * arguments.duration, hosts)
    return figures(found, hosts.rate if hosts else None), found


def figures(found, rate=None):
    """Times of a record; a failure where its answer is wrong or its sums took another way."""
    case = found["cases"][0]
    status = case["correctness"]["status"]
    sums = case["derived"].get("all_reduce")
    samples = [one for process in case["processes"] for one in process["samples_ns"]]
    if status != "passed" or not case["validity"]["ok"] or not samples or sums is None:
        reasons = "; ".join(case["validity"]["reasons"])
        raise Failure(f"no step: the answer is {status}; {reasons}")
    if "link" not in sums:
        raise Failure("its links were not measured")
    link = sums["link"]["gb_per_s"]
    if rate is not None and 8e9 * link > SLACK * bits_per_second(rate):
        raise Failure(f"messages went at {8 * link:.3g} Gbit/s, not over links of {rate}")
    step_ms = 1e-6 * statistics.fmean(samples)
    images = sums["ranks"] * case["parameters"]["batch_size"]
    return {"step_ms": step_ms, "steps": len(samples), "exposed_ms": sums["exposed_ms"],
            "exposed_most_ms": sums["exposed_ms_most"],
            "exposed_percent": 100 * sums["exposed_ms"] / step_ms,
            "images_per_second": 1e9 * images / statistics.median(samples), "link_gb_per_s": link,
            "link_us": sums["link"]["latency_us"], "library": sums["library"],
            "settings": sums["settings"]}
