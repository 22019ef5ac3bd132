"""Writes the README's table from a run's and a race's records: no figure is typed by hand.

    python3 Results/readme_table.py Results/RUN/run.json [Results/RUN/peers.json]
"""

import json
import os
import re
import sys

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "README.md")


def digits(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def interval(ends):
    return f"[{digits(ends[0])}, {digits(ends[1])}]" if ends else "no interval"


def networks(record):
    rows = ["| case | images/s, 95 % interval | of FMA peak | USD | memory |", "|---|---|---|---|---|"]
    for case in record["cases"]:
        derived = case["derived"]
        if case["kind"] not in ("infer", "train") or not case["validity"]["ok"]:
            continue
        usd = derived["usd_per_billion_images"]
        money = (f"{digits(usd)} per 10⁹ images" if usd
                 else f"{digits(derived['usd_to_train'])} to train (90 epochs, extrapolated)")
        rows.append(f"| `{case['id']}` | {digits(derived['images_per_second'])} "
                    f"{interval(derived['images_per_second_ci95'])} | {derived['percent_of_peak']:.0f} % "
                    f"| {money} | {derived['peak_memory_bytes'] / 2 ** 20:.0f} MiB |")
    return rows


def peers(record):
    """The peers at the highest thread count; the record has the other counts and our own engines."""
    most = max(case["parameters"]["threads"] for case in record["cases"])
    rows = ["| in the same blocks | images/s | ours (`native`) is faster by | memory |", "|---|---|---|---|"]
    for case in record["cases"]:
        derived = case["derived"]
        own = case["flop"]["executed"] > 0
        if own or not case["validity"]["ok"] or case["parameters"]["threads"] != most:
            continue
        rows.append(f"| `{case['id']}` | {digits(derived['images_per_second'])} "
                    f"| {derived['first_arm_speedup']:.2f}x {interval(derived['first_arm_speedup_ci95'])} "
                    f"| {derived['peak_memory_bytes'] / 2 ** 20:.0f} MiB |")
    return rows


def main():
    run_path = sys.argv[1]
    with open(run_path, encoding="utf-8") as file:
        run = json.load(file)
    context, price = run["context"], run["price"]
    machine = context["machine"]
    peaks = "; ".join(f"{peak['fma_gflops']:.0f} GFLOP/s FMA peak on {peak['threads']} "
                      f"thread{'s' if peak['threads'] > 1 else ''}" for peak in run["peaks"])
    guest = " of a virtual machine" if machine["hypervisor"] else ""
    folder = os.path.relpath(os.path.dirname(os.path.abspath(run_path)), os.path.dirname(README))
    lines = [f"On {machine['cpu']} ({machine['affinity']} CPUs{guest}, "
             f"{context['march']}), {context['date'][:10]}, `costcurve {' '.join(context['arguments'])}`; "
             f"{peaks}; USD {price['usd_per_hour']:.4g} an hour, {price['basis']}. "
             f"All of it: [{folder}]({folder}/report.md).", ""]
    lines += networks(run)
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            lines += [""] + peers(json.load(file))
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
