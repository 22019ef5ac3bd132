"""Writes the tables of a folder of records, and the README's figures: none is typed by hand.

    python3 Results/write.py Results/RUN [--binary COSTCURVE] [--no-readme] [--check]

The folder has run.json.gz; where they are there, also peers*.json (interleaved comparisons with external
runtimes), versions*.json (their dated releases), layers-bN.json and layers-int8-*.json (`infer --explain --format json`), training/*/epochs.tsv
(real trainings), accuracy-*.json (`infer --dataset … --precision int8 --format json`) and
regression-proof.json (the gate's live proof) become tables of RUN/tables.md. README.md gets three results and
the first lines that the binary prints of the run; with --no-readme it is left as it is. --check writes nothing
and ends with 1 where a file is not what would be written.
"""

import argparse
import glob
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
from tables import ROOT, digits, interval, load, made, price_of, speedup, tables, engine  # noqa: E402

README = os.path.join(ROOT, "README.md")
INFERENCE = "infer/resnet50/b16/t2/"
TRAINING = "train/resnet50/b16/t2/"
SAMPLE_LINES = 12


def fastest(records, prefix, arm):
    """The external runtime's case over which ours gains least, with its record."""
    found = [(case["derived"][f"{arm}_speedup"], case, record) for record in records
             for case in record["cases"]
             if case["id"].startswith(prefix) and speedup(case, arm) and engine(case) != "openblas"]
    return min(found, key=lambda entry: entry[0])[1:]


def own(run):
    return next(case for case in run["cases"] if case["id"] == INFERENCE + "native")


def in_bytes(run):
    """The cheapest inference in int8; none where the run has no such case."""
    cases = [case for case in run["cases"] if case["kind"] == "infer" and "/int8/" in case["id"]
             and case["validity"]["ok"] and case["derived"]["usd_per_billion_images"]]
    return sorted(cases, key=lambda case: case["derived"]["usd_per_billion_images"])[:1]


def worth(case):
    """What the answers of a case in int8 are worth, in words."""
    ratio = (case["accuracy"].get("against_f32") or {}).get("top1_ratio")
    return f"{100 * ratio:.2f} % of float32's top-1" if ratio else "no answers were compared with labels"


def price(case, what, run):
    """A row that prices a case."""
    derived = case["derived"]
    return (f"| {what} | USD {digits(derived['usd_per_billion_images'])} "
            f"{interval(derived['usd_per_billion_images_ci95'])} per 10⁹ images "
            f"| `{case['id']}`, {made(run)} | `{case['repeat']}` |")


def results(run, records):
    """A few results, each with its interval, its case and the command that repeats it."""
    rows = ["| what | result, 95 % interval | case and date | repeat it with |", "|---|---|---|---|"]
    rows += [price(case, f"ResNet-50 inference in int8, {worth(case)}", run) for case in in_bytes(run)]
    rows.append(price(own(run), "ResNet-50 inference", run))
    for prefix, arm, title in ((INFERENCE, "own_arm", "inference"), (TRAINING, "first_arm", "training step")):
        case, record = fastest(records, prefix, arm)
        name = case["algorithm"].split(",")[0]
        rows.append(f"| ResNet-50 {title}, speedup over the fastest external runtime, {name} | {speedup(case, arm)} | `{case['id']}`, "
                    f"{made(record)} | `{case['repeat']}` |")
    return rows


def standing(run, folder):
    """Where the machine of the run stands beside the claims, as its report has it, and the price basis."""
    with open(os.path.join(folder, "report.md"), encoding="utf-8") as file:
        report = file.read().replace("\\", "").replace("**", "")

    def row(title):
        return [cell.strip() for cell in re.search(rf"^\| {title} \|(.*)\|$", report, re.M)[1].split("|")]

    held = row("Published claims that hold")
    low = re.search(r"^\| This machine in (\w+), ([^|]*?) \|([^|]*)\|", report, re.M)
    beside = f", in {low[1]} {low[3].strip()} ({low[2]})" if low else ""
    machine = run["context"]["machine"]
    guest = " of a shared virtual machine" if machine["hypervisor"] else ""
    link = os.path.relpath(folder, ROOT)
    return [f"Classifying 10⁹ images costs {row('This machine, measured')[0]}{beside} on this machine; the cheapest public "
            f"record is {row('The cheapest public record')[0]}, the documents' last figure "
            f"{row(r'The documents. last stated figure')[0]}. Of the published claims {held[0]} hold; "
            f"{held[2].split(';')[0]}.", "",
            f"All on {machine['cpu']}, {machine['affinity']} CPUs{guest}, at {price_of(run)}. "
            f"[Every table]({link}/tables.md), [the report]({link}/report.md)."]


def reading(run):
    """One result in a line, which the README then explains."""
    case = own(run)
    derived = case["derived"]
    return [f"    {case['id']}  {digits(derived['images_per_second'])} images/s "
            f"{interval(derived['images_per_second_ci95'])}  {digits(derived['usd_per_billion_images'])} USD per "
            f"10⁹ images {interval(derived['usd_per_billion_images_ci95'])}  "
            f"{derived['percent_of_peak']:.1f} % of peak"]


def sample(binary, path):
    """The first lines that are not empty of what the binary prints of a run."""
    done = subprocess.run([binary, "report", path, "--no-history", "--no-color"], text=True, cwd=ROOT,
                          capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(done.stderr)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return ["```", *lines[:SAMPLE_LINES], "```"]


def replaced(text, name, lines):
    """The README with other lines between the markers of a name."""
    pattern = rf"(<!-- {name}:begin[^\n]*-->\n).*?(<!-- {name}:end -->)"
    text, count = re.subn(pattern, lambda m: m[1] + "\n".join(lines) + "\n" + m[2], text, flags=re.S)
    if count != 1:
        sys.exit(f"README.md has no markers of '{name}'")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build", "release", "costcurve"))
    parser.add_argument("--no-readme", action="store_true")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    folder = os.path.abspath(asked.folder)
    link = os.path.relpath(folder, ROOT)
    run = load(os.path.join(folder, "run.json.gz"))
    records = [load(path) for path in sorted(glob.glob(os.path.join(folder, "peers*.json")))]
    texts = [(os.path.join(folder, "tables.md"), tables(folder, run, records))]
    if not asked.no_readme:
        with open(README, encoding="utf-8") as file:
            readme = file.read()
        readme = replaced(readme, "results", results(run, records) + [""] + standing(run, folder))
        readme = replaced(readme, "reading", reading(run))
        readme = replaced(readme, "output", sample(asked.binary, os.path.join(link, "run.json.gz")))
        texts.append((README, readme))
    stale = 0
    for path, text in texts:
        if asked.check:
            try:
                with open(path, encoding="utf-8") as file:
                    same = file.read() == text
            except FileNotFoundError:
                same = False
            if not same:
                stale = 1
                print(f"{os.path.relpath(path, ROOT)} is not what 'python3 Results/write.py {link}' writes",
                      file=sys.stderr)
        else:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    return stale


if __name__ == "__main__":
    sys.exit(main())
