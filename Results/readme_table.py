"""Writes the README's tables from a folder of records: no figure is typed by hand.

    python3 Results/readme_table.py Results/RUN

The folder has run.json.gz; where they are there, also peers*.json (races), layers-bN.json (`infer
--explain --format json`), training/*/epochs.tsv (real runs) and regression-proof.json (the gate's
live proof) become tables.
"""

import csv
import glob
import gzip
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
README = os.path.join(ROOT, "README.md")
PROOF = os.path.join(ROOT, "Benchmarks", "RegressionProof", "proof.py")


def load(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def digits(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def interval(ends):
    return f"[{digits(ends[0])}, {digits(ends[1])}]" if ends else "(no interval)"


def memory(case):
    return f"{case['derived']['peak_memory_bytes'] / 2 ** 20:.0f} MiB"


def networks(record):
    rows = ["| case | images/s, 95 % interval | of FMA peak | USD | memory |", "|---|---|---|---|---|"]
    for case in record["cases"]:
        derived = case["derived"]
        if case["kind"] not in ("infer", "train") or not case["validity"]["ok"]:
            continue
        usd = derived["usd_per_billion_images"]
        money = (f"{digits(usd)} per 10⁹ images" if usd
                 else f"{digits(derived['usd_to_train'])} to train (90 epochs, extrapolated)"
                 if derived["usd_to_train"] else "no training target")
        rows.append(f"| `{case['id']}` | {digits(derived['images_per_second'])} "
                    f"{interval(derived['images_per_second_ci95'])} | {derived['percent_of_peak']:.0f} % "
                    f"| {money} | {memory(case)} |")
    return rows


def speedup(case, arm):
    """How many times as fast `native` is, or the arm of ours that has as many requests under way."""
    derived = case["derived"]
    value, ends = derived.get(f"{arm}_speedup"), derived.get(f"{arm}_speedup_ci95")
    if value is None or engine(case).startswith("native"):
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


def races(records):
    """Of each race our engine and the peers, in blocks of the same processes."""
    context = records[0]["context"]
    rows = [f"Races of {context['date'][:10]}, commit `{context['git']['commit'][:7]}`:", "",
            "| raced in the same blocks | images/s | requests under way | `native` is faster by "
            "| ours with as many is faster by | memory |",
            "|---|---|---|---|---|---|"]
    for case in (case for record in records for case in record["cases"]):
        if not case["validity"]["ok"] or engine(case) in ("native-direct", "openblas"):
            continue
        rows.append(f"| `{case['id']}` | {digits(case['derived']['images_per_second'])} "
                    f"| {case['parameters'].get('requests', '')} | {speedup(case, 'first_arm')} "
                    f"| {speedup(case, 'own_arm')} | {memory(case)} |")
    return rows


def comparable(records):
    """Groups of races of one commit in which no case occurs twice: ours runs in each race anew."""
    groups, seen, commit = [], set(), None
    for record in records:
        names = {case["id"] for case in record["cases"]}
        own = record["context"]["git"]["commit"]
        if own != commit or names & seen:
            groups.append([])
            seen, commit = set(), own
        groups[-1].append(record)
        seen |= names
    return groups


def training(folder):
    rows = ["| real run | epochs | test accuracy |", "|---|---|---|"]
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


def proof(path):
    """What the script that made the proof says of it."""
    done = subprocess.run([sys.executable, PROOF, "--results", path, "report"], text=True, capture_output=True)
    if done.stderr:
        sys.exit(done.stderr)
    return ["The regression gate, proved live ([how](Benchmarks/RegressionProof/README.md)): "
            + done.stdout.rstrip()]


def layers(path):
    record = load(path)
    if record["peak_gflops"] is None:
        sys.exit(f"{path} has no FMA peak, all probes of it were disturbed: profile again")
    rows = ["<details>",
            f"<summary>Every layer of <code>{record['id']}</code>: {digits(record['images_per_second'])} images/s, "
            f"FMA peak in the same passes {digits(record['peak_gflops'])} GFLOP/s, of which all 1x1 layers "
            f"together reach {pointwise_share(record):.1f} %</summary>", "",
            "| layer | algorithm | time, µs | share | direct GFLOP/s | executed | of peak |",
            "|---|---|---|---|---|---|---|"]
    for row in record["rows"]:
        rates = (["", "", ""] if row['gflops_executed'] == 0 else
                 [f"{row['gflops_direct']:.0f}", f"{row['gflops_executed']:.0f}", f"{row['percent_of_peak']:.0f} %"])
        rows.append(f"| {row['layer']} | {row['algorithm']} | {row['ns'] / 1000:.0f} "
                    f"| {row['percent_of_time']:.1f} % | {' | '.join(rates)} |")
    return rows + ["", "</details>"]


def main():
    folder = sys.argv[1].rstrip("/")
    run = load(os.path.join(folder, "run.json.gz"))
    context, price = run["context"], run["price"]
    machine = context["machine"]
    peaks = "; ".join(f"{peak['fma_gflops']:.0f} GFLOP/s FMA peak on {peak['threads']} "
                      f"thread{'s' if peak['threads'] > 1 else ''}" for peak in run["peaks"])
    variables = "".join(
        [f"`{name}={value}`; " for name, value in sorted(context["environment"].items())]
        + [f"`{name}={value}` left out; " for name, value in sorted(context.get("left_out", {}).items())])
    guest = " of a virtual machine" if machine["hypervisor"] else ""
    link = os.path.relpath(os.path.abspath(folder), ROOT)
    lines = [f"On {machine['cpu']} ({machine['affinity']} CPUs{guest}, "
             f"{context['march']}), {context['date'][:10]}, `costcurve {' '.join(context['arguments'])}`; "
             f"{variables}{peaks}; USD {price['usd_per_hour']:.4g} an hour, {price['basis']}. "
             f"All of it: [{link}]({link}/report.md).", ""]
    lines += networks(run)
    paths = sorted(glob.glob(os.path.join(folder, "peers*.json")))
    for group in comparable([load(path) for path in paths]):
        lines += [""] + races(group)
    if glob.glob(os.path.join(folder, "training", "*", "epochs.tsv")):
        lines += [""] + training(folder)
    path = os.path.join(folder, "regression-proof.json")
    if os.path.exists(path):
        lines += [""] + proof(path)
    paths = glob.glob(os.path.join(folder, "layers-b*.json"))
    for path in sorted(path for path in paths if re.search(r"layers-b[0-9]+\.json$", path)):
        lines += [""] + layers(path)
    with open(README, encoding="utf-8") as file:
        text = file.read()
    pattern = r"(<!-- results:begin[^\n]*-->\n).*?(<!-- results:end -->)"
    text, count = re.subn(pattern, lambda m: m[1] + "\n".join(lines) + "\n" + m[2], text, flags=re.S)
    if count != 1:
        sys.exit("README.md has no results markers")
    with open(README, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
