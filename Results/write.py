"""Writes the tables of a folder of records, and the README's figures: none is typed by hand.

    python3 Results/write.py Results/RUN [--binary COSTCURVE] [--no-readme] [--check]

The folder has run.json.gz; where they are there, also peers*.json (interleaved comparisons with external
runtimes), versions*.json (their dated releases), layers-bN.json and layers-int8-*.json (`infer --explain --format json`), training/*/epochs.tsv
(real trainings), accuracy-*.json (`infer --dataset … --precision int8 --format json`) and
regression-proof.json (the gate's live proof) become tables of RUN/tables.md. README.md gets at most five results
and the first lines that the binary prints of the run; with --no-readme it is left as it is. --check writes
nothing and ends with 1 where a file is not what would be written.
"""

import argparse
import glob
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
from tables import (ROOT, counted, digits, engine, interval, is_external, load, made, requests, runtime,  # noqa: E402
                    speedup, tables)

README = os.path.join(ROOT, "README.md")
INFERENCE = "infer/resnet50/b16/t2/"
BYTES = "infer/resnet50/b1/t2/int8/"
MORE_BYTES = "infer/resnet50/b16/t2/int8/"
TRAINING = "train/resnet50/b16/t2/"
# Options that say where a run's files go, with their number of values.
PLACES = {"--no-save": 0, "--output-folder": 1}
SAMPLE_LINES = 12


def external(run, records, place):
    """Cases of external runtimes at a place, in records of the run's own build, each with its record."""
    return [(case, record) for record in records if record["context"]["march"] == run["context"]["march"]
            for case in record["cases"]
            if re.fullmatch(re.escape(place) + r"(cal-\w+/)?[^/]+", case["id"]) and is_external(case)
            # What runs in float32 beside other precision has its ratio to that.
            and not engine(case).endswith("-f32")
            and case["validity"]["ok"] and speedup(case, "first_arm")]


def fastest(run, records, place):
    """The external runtime with one request in flight over which ours gains least, with its record; else None."""
    return min(((case, record) for case, record in external(run, records, place) if requests(case) == 1),
               key=lambda entry: entry[0]["derived"]["first_arm_speedup"], default=None)


def with_more(run, records, place, best):
    """The speedup over a runtime that is faster with several requests in flight, in words; else nothing."""
    rate = best["derived"]["images_per_second"]
    faster = [case for case, _ in external(run, records, place)
              if requests(case) > 1 and case["derived"]["images_per_second"] > rate]
    if not faster:
        return ""
    case = max(faster, key=lambda case: case["derived"]["images_per_second"])
    return f"; over {engine(case)} with {requests(case)} in flight {speedup(case, 'first_arm')}"


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


def row(what, result, case, record, run):
    """A result with its condition, its date where that is not the run's, and the command that repeats it."""
    when = "" if made(record) == made(run) else f", {made(record)}"
    return (f"| {what} | {result} | `{case['id']}`, {counted(len(case['processes']), 'process')}{when} "
            f"| `{case['repeat']}` |")


def price(case, what, run):
    """A row that prices a case."""
    derived = case["derived"]
    provisional = " provisional" if case["statistics"]["provisional"] else ""
    return row(what, f"USD {digits(derived['usd_per_billion_images'])} "
               f"{interval(derived['usd_per_billion_images_ci95'])}{provisional} per 10⁹ images", case, run, run)


def gain(run, records, place, what, elsewhere=None):
    """A row with the speedup over the fastest external runtime, one request in flight each; none without records.

    elsewhere is another batch at which the speedup is told too.
    """
    best = fastest(run, records, place)
    if best is None:
        return []
    case, record = best
    told = speedup(case, "first_arm") + with_more(run, records, place, case)
    other = fastest(run, records, elsewhere) if elsewhere else None
    if other:
        over = "" if runtime(other[0]) == runtime(case) else f"over {runtime(other[0])} "
        told += f"; at batch {other[0]['parameters']['batch_size']} {over}{speedup(other[0], 'first_arm')}"
    return [row(f"{what} over {runtime(case)}", told, case, record, run)]


def results(run, records):
    """At most five results, each with its interval, its condition and the command that repeats it."""
    bytes_first = in_bytes(run)
    return ["| what | result, 95 % interval | case | repeat it with |", "|---|---|---|---|",
            *[price(case, f"ResNet-50 in int8, {worth(case)}", run) for case in bytes_first],
            *(gain(run, records, BYTES, "int8 speedup", MORE_BYTES) if bytes_first else []),
            price(own(run), "ResNet-50 in float32", run), *gain(run, records, INFERENCE, "float32 speedup"),
            *gain(run, records, TRAINING, "training step's speedup")]


def kept(run, folder):
    """What int8 keeps of float32's right answers at least, over the trained weights of this build; else nothing."""
    found = {}
    for path in sorted(glob.glob(os.path.join(folder, "accuracy-*.json"))):
        record = load(path)
        for case in record["cases"]:
            beside = case["accuracy"].get("against_f32") or {}
            if record["context"]["march"] == run["context"]["march"] and beside.get("top1_ratio"):
                words = record["context"]["arguments"]
                images = f", `{words[words.index('--dataset') + 1]}`" if "--dataset" in words else ""
                work = re.sub(r"^resnet", "ResNet-", case["parameters"]["network"]) + images
                weights = next((word for word in case["id"].split("/") if word.startswith("w-")), case["id"])
                ratios = found.setdefault(work, {})
                ratios[weights] = min(beside["top1_ratio"], ratios.get(weights, beside["top1_ratio"]))
    return "".join(f" With trained weights ({work}, {counted(len(ratios), 'seed')}) int8 keeps at least "
                   f"{100 * min(ratios.values()):.2f} % of float32's top-1." for work, ratios in sorted(found.items()))


def command(run):
    """What made the run, without where its files went."""
    words, skip = [], 0
    for word in run["context"]["arguments"]:
        if skip:
            skip -= 1
        elif word in PLACES:
            skip = PLACES[word]
        else:
            words.append(word)
    return f"costcurve {' '.join(words)}"


def standing(run, folder):
    """What the prices stand beside, as the run's report has it, and the machine and the price's basis."""
    with open(os.path.join(folder, "report.md"), encoding="utf-8") as file:
        report = file.read().replace("\\", "").replace("**", "")

    def cells(title):
        return [cell.strip() for cell in re.search(rf"^\| {title} \|(.*)\|$", report, re.M)[1].split("|")]

    def usd(text):
        return "USD " + text.replace("$", "")

    held = cells("Published claims that hold")
    machine = run["context"]["machine"]
    guest = " of a shared virtual machine" if machine["hypervisor"] else ""
    link = os.path.relpath(folder, ROOT)
    price = run["price"]
    basis = f"USD {price['usd_per_hour']:.4g} an hour, {price['basis'].split(',')[0]}"
    return [f"The cheapest public record for 10⁹ images is {usd(cells('The cheapest public record')[0])}, the documents' "
            f"last figure {usd(cells(r'The documents. last stated figure')[0])}. Of their claims {held[0]} hold; "
            f"{held[2].split(';')[0]}.{kept(run, folder)}", "",
            f"Speedups: over the fastest external runtime, one request in flight each unless said. All on {machine['cpu']}, "
            f"{machine['affinity']} CPUs{guest}, {made(run)} unless said, at {basis}. "
            f"[Every table]({link}/tables.md), [the report]({link}/report.md)."]


def reading(run):
    """One result in a line, which the README then explains."""
    case = own(run)
    derived = case["derived"]
    return [f"    {case['id']}  {digits(derived['images_per_second'])} images/s "
            f"{interval(derived['images_per_second_ci95'])}  {digits(derived['usd_per_billion_images'])} USD per "
            f"10⁹ images {interval(derived['usd_per_billion_images_ci95'])}  "
            f"{derived['percent_of_peak']:.1f} % of peak"]


def sample(binary, path, run):
    """The run's command, and the first lines that are not empty of what the binary prints of it."""
    done = subprocess.run([binary, "report", path, "--no-history", "--no-color"], text=True, cwd=ROOT,
                          capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(done.stderr)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return [f"The report of the run quoted above, `{command(run)}`, begins:", "",
            "```", *lines[:SAMPLE_LINES], "```"]


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
        readme = replaced(readme, "output", sample(asked.binary, os.path.join(link, "run.json.gz"), run))
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
