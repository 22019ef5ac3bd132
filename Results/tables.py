"""Tables of a folder of records, in Markdown; `write.py` puts them where they are read."""

import csv
import glob
import gzip
import json
import os
import re
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROOF = os.path.join(ROOT, "Benchmarks", "RegressionProof", "proof.py")
# OpenBLAS's kernels for x86-64 CPUs without AVX.
WITHOUT_AVX = {"Prescott", "Core2", "Penryn", "Dunnington", "Nehalem", "Atom", "Nano", "Athlon", "Opteron",
               "Opteron_SSE3", "Barcelona", "Bobcat", "Northwood", "Banias", "Katmai", "Coppermine", "Generic"}


def load(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def digits(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"


def interval(ends):
    return f"[{digits(ends[0])}, {digits(ends[1])}]" if ends else "(no interval)"


def memory(case):
    return f"{case['derived']['peak_memory_bytes'] / 2 ** 20:.0f} MiB"


def counted(number, thing):
    return f"{number} {thing}{'' if number == 1 else 'es' if thing.endswith('s') else 's'}"


def is_disturbed(case):
    """Whether the median is not the machine's own, as the record says."""
    return case["derived"].get("median_disturbed") is True


def rate_interval(case):
    """The interval of a rate with what limits it, or why there is none."""
    ends, times = case["derived"]["images_per_second_ci95"], case["statistics"]
    disturbed = ", disturbed" if is_disturbed(case) else ""
    if not ends:
        return (f"(no interval: {counted(times['n'], 'sample')} of "
                f"{counted(len(case['processes']), 'process')}{disturbed})")
    return interval(ends) + (" provisional" if times["provisional"] else "") + disturbed


def share_at_median(case, record):
    """Executed operations at the median time, in percent of the measured peak; None without a peak."""
    parameters = case["parameters"]
    peaks = [peak for peak in record["peaks"] if peak["threads"] == parameters["threads"]
             and (peak.get("precision") or "f32") == (parameters.get("precision") or "f32")]
    rate = peaks and (peaks[0]["fma_gflops"] or peaks[0].get("giga_operations_per_second"))
    return 100 * case["flop"]["executed"] / case["statistics"]["median_ns"] / rate if rate else None


def share_of_peak(case, record):
    """The share of the peak, and that of the median rate where it is another."""
    share, middle = case["derived"]["percent_of_peak"], share_at_median(case, record)
    if share is None:
        return "n/a"
    is_other = middle and not 1 / 1.1 <= share / middle <= 1.1
    return f"{share:.0f} %" + (f" ({middle:.0f} % at the median)" if is_other else "")


def networks(record):
    rows = ["The share of the peak compares the 5th percentile of a case's times with that of the peak's probe; the "
            "share at the median stands beside it where it differs by more than a tenth. Provisional intervals rest on "
            "one process.", "",
            "| case | images/s, 95 % interval | of its peak, both at the 5th percentile | USD | memory |",
            "|---|---|---|---|---|"]
    for case in record["cases"]:
        derived = case["derived"]
        if case["kind"] not in ("infer", "train") or not case["validity"]["ok"]:
            continue
        usd = derived["usd_per_billion_images"]
        money = (f"{digits(usd)} per 10⁹ images" if usd
                 else f"{digits(derived['usd_to_train'])} to train (90 epochs, extrapolated)"
                 if derived["usd_to_train"] else "no training target")
        rows.append(f"| `{case['id']}` | {digits(derived['images_per_second'])} "
                    f"{rate_interval(case)} | {share_of_peak(case, record)} | {money} | {memory(case)} |")
    return rows


def speedup(case, arm):
    """How many times as fast `native` is, or the variant of ours with as many in-flight requests."""
    derived = case["derived"]
    value, ends = derived.get(f"{arm}_speedup"), derived.get(f"{arm}_speedup_ci95")
    # Of our own arms float32 alone does another arithmetic, beside int8.
    if value is None or (engine(case).startswith("native") and engine(case) != "native-f32"):
        return ""
    # What was gathered is a larger batch than `native` had.
    if arm == "first_arm" and engine(case).endswith("-gathered"):
        return ""
    if len(case["processes"]) < 2 or not ends:
        return f"{value:.2f}x (one process)"
    unsure = ", not resolved" if ends[0] < 1 < ends[1] else ""
    return f"{value:.2f}x {interval(ends)}{unsure}"


def engine(case):
    return case["id"].rsplit("/", 1)[1]


def made(record):
    """Date and commit of a record."""
    context = record["context"]
    return f"{context['date'][:10]}, commit `{context['git']['commit'][:7]}`"


def is_external(case):
    return not engine(case).startswith("native") and engine(case) != "openblas"


def requests(case):
    """Requests in flight."""
    return case.get("requests_in_flight") or case["parameters"].get("requests") or 1


def runtime(case):
    """The external runtime and its version: `torch 2.15.0 (CUDA build, run on the CPU)`."""
    name, *suffix = case["algorithm"].split(",")[0].split("+", 1)
    return name + (" (CUDA build, run on the CPU)" if suffix and suffix[0].startswith("cu") else "")


LEGEND = [
    "* Speedups are from interleaved blocks, with 95 % intervals; *not resolved* means that the interval contains 1x.",
    "* *In-flight requests* are answered at the same time. `-gathered`: batched together into one larger batch; "
    "`-throughput`: OpenVINO's mode for several requests.",
    "* `native` has one request in flight; ours with as many in flight is `native`, or `native-gathered` for two.",
]


def without_vnni(records):
    """That the external runtimes could use instructions for bytes that our build does not, where so."""
    context = records[0]["context"]
    has = any(flag.endswith("_vnni") for flag in context["machine"]["flags"])
    compared = any("/int8/" in case["id"] and is_external(case) for record in records for case in record["cases"])
    if "vnni" in context["march"] or not has or not compared:
        return []
    return ["Ours was built without VNNI, which this CPU has and the external runtimes use where they find it: ratios to "
            "them say nothing about a CPU without VNNI.", ""]


def comparisons(records):
    """Our engine and the external runtimes, interleaved in blocks of the same processes."""
    names = sorted({runtime(case) for record in records for case in record["cases"]
                    if is_external(case) and case["validity"]["ok"]})
    beside = f", beside {', '.join(names)}" if names else ""
    rows = [f"Interleaved comparisons of {made(records[0])}, built for {records[0]['context']['march']}{beside}:", "",
            *without_vnni(records),
            "| interleaved in the same blocks | images/s | in-flight requests | speedup of `native` "
            "| speedup of ours with as many in flight | memory |",
            "|---|---|---|---|---|---|"]
    for case in (case for record in records for case in record["cases"]):
        if not case["validity"]["ok"] or engine(case) in ("native-direct", "openblas"):
            continue
        rows.append(f"| `{case['id']}` | {digits(case['derived']['images_per_second'])} "
                    f"| {case['parameters'].get('requests', '')} | {speedup(case, 'first_arm')} "
                    f"| {speedup(case, 'own_arm')} | {memory(case)} |")
    return rows


def releases(record):
    """What dated releases gain in a year, and those that could not be measured."""
    rows = [f"Dated releases, interleaved, {made(record)}:", "",
            "| setting | work | releases | a year, 95 % interval | last over first |",
            "|---|---|---|---|---|"]
    for trend in record["software_trends"]:
        rows.append(f"| {trend['setting']} | `{trend['subject']}` | {trend['releases']}: {trend['first_version']} "
                    f"({trend['first_released']}) to {trend['last_version']} ({trend['last_released']}) "
                    f"| {trend['yearly_factor']:.3f}x {interval(trend['yearly_factor_ci95'])} "
                    f"| {trend['gain']:.2f}x {interval(trend['gain_ci95'])} |")
    refused = [f"{engine(case)}: {'; '.join(case['validity']['reasons'])}"
               for case in record["cases"] if not case["validity"]["ok"]]
    return rows + ([""] + [f"* Not measured: {line}" for line in refused] if refused else [])


def comparable(records):
    """Groups of records of one build in which no case occurs twice: ours runs in each of them anew."""
    groups, seen, build = [], set(), None
    for record in records:
        names = {case["id"] for case in record["cases"]}
        own = (record["context"]["git"]["commit"], record["context"]["march"])
        if own != build or names & seen:
            groups.append([])
            seen, build = set(), own
        groups[-1].append(record)
        seen |= names
    return groups


def training(folder):
    rows = ["| real training | epochs | test accuracy |", "|---|---|---|"]
    for path in sorted(glob.glob(os.path.join(folder, "training", "*", "epochs.tsv"))):
        with open(path, encoding="utf-8") as file:
            last = list(csv.DictReader(file, delimiter="\t"))[-1]
        rows.append(f"| Fashion-MNIST, `{os.path.basename(os.path.dirname(path))}` | {last['epoch']} "
                    f"| {float(last['top1Accuracy']):.2f} % |")
    return rows


def pointwise_share(record):
    """Share of the peak of all 1x1 layers together, weighted by time."""
    rows = [row for row in record["rows"] if "r1s1" in (row["shape"] or "") and row["layer"] != "fc"]
    executed = sum(row["gflops_executed"] * row["ns"] for row in rows)
    return 100 * executed / sum(row["ns"] for row in rows) / record["peak_gflops"]


def proof_in_short(record):
    """False alarms between equal builds, and how many of the slower builds were found."""
    verdicts, found = [], []
    for part in dict.fromkeys(comparison["part"] for comparison in record["comparisons"]):
        made = [one for one in record["comparisons"] if one["part"] == part]
        cases = [case for one in made for case in one.get("cases", [])]
        if not part.startswith("slowed"):
            verdicts += [case["verdict"] for case in cases]
        elif cases:
            size = 100 * (statistics.median(case["ratio"] for case in cases) - 1)
            right = sum(bool(one.get("cases")) and all(case["verdict"] == "SLOWER" for case in one["cases"])
                        for one in made)
            found.append(f"{right} of {len(made)} of builds slowed by {size:.0f} %"
                         + (" (with `--quick`)" if "quick" in part else ""))
    alarms = sum(verdict in ("SLOWER", "FASTER") for verdict in verdicts)
    open_ones = sum(verdict in ("INCONCLUSIVE", "UNSTABLE") for verdict in verdicts)
    told = f"Of {len(verdicts)} verdicts on equal builds {alarms} were false alarms and {open_ones} stayed undecided"
    return told + (f"; SLOWER in both cases were {' and '.join(found)}." if found else ".")


def proof(path):
    """What the script that made the proof says of it."""
    done = subprocess.run([sys.executable, PROOF, "--results", path, "report"], text=True, capture_output=True)
    if done.stderr:
        sys.exit(done.stderr)
    # Of parts that the record does not have only the demands say so.
    told = [line for line in done.stdout.rstrip().splitlines() if not line.endswith("0 of 0 (0 %)")]
    return [proof_in_short(load(path)), "",
            "[How it was done](../../Benchmarks/RegressionProof/README.md): " + told[0], *told[1:]]


def shares(record):
    """What a profile's layers reach together of the peak of the same passes."""
    if "convolutions_percent_of_peak" in record:
        return (f"{record['precision']} peak in the same passes {digits(record['peak_gflops'])} GOP/s, of which all "
                f"convolutions together reach {record['convolutions_percent_of_peak']:.1f} %")
    return (f"FMA peak in the same passes {digits(record['peak_gflops'])} GFLOP/s, of which all 1x1 layers "
            f"together reach {pointwise_share(record):.1f} %")


def layers(path):
    record = load(path)
    if record["peak_gflops"] is None:
        sys.exit(f"{path} has no peak, all probes of it were disturbed: profile again")
    unit = "GOP/s" if record.get("precision") == "int8" else "GFLOP/s"
    rows = ["<details>",
            f"<summary>Every layer of <code>{record['id']}</code>: {digits(record['images_per_second'])} images/s, "
            f"{shares(record)}</summary>", "",
            f"| layer | algorithm | time, µs | share | direct {unit} | executed | of peak |",
            "|---|---|---|---|---|---|---|"]
    for row in record["rows"]:
        rates = (["", "", ""] if row['gflops_executed'] == 0 else
                 [f"{row['gflops_direct']:.0f}", f"{row['gflops_executed']:.0f}", f"{row['percent_of_peak']:.0f} %"])
        rows.append(f"| {row['layer']} | {row['algorithm']} | {row['ns'] / 1000:.0f} "
                    f"| {row['percent_of_time']:.1f} % | {' | '.join(rates)} |")
    return rows + ["", "</details>"]


def accuracies(paths):
    """What int8 keeps of float32's right answers, a row a record."""
    rows = ["| case | images | top-1 of float32 | top-1 of int8 | ratio | MLPerf's 99 % |",
            "|---|---|---|---|---|---|"]
    for path in paths:
        for case in load(path)["cases"]:
            beside = case["accuracy"].get("against_f32")
            if beside is None or beside["top1_ratio"] is None:
                continue
            passed = {True: "passed", False: "not passed", None: "not told"}[beside["mlperf_passed"]]
            rows.append(f"| `{case['id']}`, {os.path.basename(path)[:-5]} | {beside['images']} "
                        f"| {100 * beside['top1_f32']:.2f} % | {100 * case['accuracy']['top1']:.2f} % "
                        f"| {beside['top1_ratio']:.4f} | {passed} |")
    return rows


def price_of(run):
    price = run["price"]
    return f"USD {price['usd_per_hour']:.4g} an hour, {price['basis']}"


def peak_of(peak):
    if peak["fma_gflops"]:
        return f"{peak['fma_gflops']:.0f} GFLOP/s FMA"
    element = peak["precision"]
    return f"{peak['giga_operations_per_second']:.0f} {'GOP/s' if element == 'int8' else 'GFLOP/s'} {element}"


def condition(run):
    context = run["context"]
    machine = context["machine"]
    peaks = "; ".join(f"{peak_of(peak)} peak on {peak['threads']} thread{'s' if peak['threads'] > 1 else ''}"
                      for peak in run["peaks"])
    variables = "".join(
        [f"`{name}={value}`; " for name, value in sorted(context["environment"].items())]
        + [f"`{name}={value}` scrubbed; " for name, value in sorted(context.get("left_out", {}).items())])
    guest = " of a virtual machine" if machine["hypervisor"] else ""
    return (f"On {machine['cpu']} ({machine['affinity']} CPUs{guest}, {context['march']}), {made(run)}, "
            f"`costcurve {' '.join(context['arguments'])}`; {variables}{peaks}; {price_of(run)}.")


def old_kernels(run):
    """That OpenBLAS used kernels without AVX on a CPU that has it, where so."""
    for library in run["context"]["libraries"]:
        core = re.search(r"\bcore (\w+)", library.get("configuration") or "")
        if core and core[1] in WITHOUT_AVX and "avx2" in run["context"]["machine"]["flags"]:
            return [f"{library['name']} {library['version']} does not know this CPU and used its kernels for {core[1]}, "
                    "which have no AVX: rates of `openblas`, and ratios to them, say little here.", ""]
    return []


def tables(folder, run, records):
    """The text of tables.md."""
    lines = ["# Tables", "", "Written by `Results/write.py` from the records of this folder.", "",
             "## The run", "", condition(run) + " [All of it](report.md).", "", *old_kernels(run), *networks(run)]
    if records:
        lines += ["", "## Beside external runtimes", "", *LEGEND]
    for group in comparable(records):
        lines += [""] + comparisons(group)
    dated = sorted(glob.glob(os.path.join(folder, "versions*.json")))
    if dated:
        lines += ["", "## Releases of runtimes by date"]
    for path in dated:
        lines += [""] + releases(load(path))
    if glob.glob(os.path.join(folder, "training", "*", "epochs.tsv")):
        lines += ["", "## Real trainings", ""] + training(folder)
    paths = sorted(glob.glob(os.path.join(folder, "accuracy-*.json")))
    if paths:
        lines += ["", "## int8 beside float32, trained weights", ""] + accuracies(paths)
    path = os.path.join(folder, "regression-proof.json")
    if os.path.exists(path):
        lines += ["", "## The regression gate, proved live", ""] + proof(path)
    paths = glob.glob(os.path.join(folder, "layers-*.json"))
    layered = sorted(path for path in paths if re.search(r"layers-(b[0-9]+|int8-.*)\.json$", path))
    if layered:
        lines += ["", "## Layer by layer"]
    for path in layered:
        lines += [""] + layers(path)
    return "\n".join(lines) + "\n"
