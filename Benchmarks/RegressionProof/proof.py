#!/usr/bin/env python3
"""Shows live what the gate promises: no false alarm, and a real slowdown found.

Three parts, each a list of comparisons that are appended to the results file as they end, so that
the work can be done in slices and taken up again:

  quiet     the same binary against itself
  loaded    the same, while another process loads one core half of the time
  slowed    the binary against a build of itself whose kernels take 5 % longer

The samples of one arm, taken in order, are then cut in two and compared one half after the other
by Welch's test at 5 %: what a sequential comparison of identical code would have said.

    proof.py build                          # the slowed binary, from the committed sources
    proof.py run --part quiet --count 5     # a slice
    proof.py report
"""
import argparse
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SLOWED_FOLDER = os.path.join(ROOT, ".build-slowed")
CASES = "^(gemm/256x256x256|conv/resnet50.layer2.0.conv2/forward/b1)/"
SLOWDOWN = 20  # one part in twenty


def build():
    """Builds HEAD in a folder of its own with every kernel call followed by 5 % of its time."""
    os.makedirs(SLOWED_FOLDER, exist_ok=True)
    archive = subprocess.run(["git", "-C", ROOT, "archive", "HEAD"], check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", SLOWED_FOLDER], input=archive.stdout, check=True)
    for name in ["GemmWorkload.swift", "ConvWorkload.swift"]:
        path = os.path.join(SLOWED_FOLDER, "Sources/Workloads", name)
        with open(path) as file:
            text = file.read()
        if text.count("  func run() {") != 1:
            sys.exit(f"{name} has no single run() to slow down")
        text = text.replace("  func run() {", f"""  func run() {{
    let begin = Clock.now()
    work()
    let end = Clock.now()
    while Clock.now() &- end < (end &- begin) / {SLOWDOWN} {{}}
  }}

  private func work() {{""")
        with open(path, "w") as file:
            file.write(text)
    subprocess.run(
        ["swift", "build", "-c", "release", "--product", "costcurve", "--package-path",
         SLOWED_FOLDER], check=True)


def load_one_core():
    """A process that works half a second of every second."""
    code = ("import time\nwhile True:\n t = time.time()\n while time.time() - t < 0.5: pass\n"
            " time.sleep(0.5)")
    return subprocess.Popen([sys.executable, "-c", code])


def compare(binary, other, seed):
    command = [binary, "compare", binary, other, "--filter", CASES, "--threads", "1", "--seed",
               str(seed), "--no-save", "--quiet", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 2):
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def run(arguments):
    other = arguments.binary
    if arguments.part == "slowed":
        other = os.path.join(SLOWED_FOLDER, ".build/release/costcurve")
    for _ in range(arguments.count):
        results = read(arguments.results)
        seed = 1 + len(results)
        busy = load_one_core() if arguments.part == "loaded" else None
        begin = time.time()
        try:
            record = compare(arguments.binary, other, seed)
        finally:
            if busy:
                busy.send_signal(signal.SIGKILL)
                busy.wait()
        seconds = time.time() - begin
        results.append({"part": arguments.part, "seed": seed, "time": begin, "seconds": seconds,
                        "cpu": record["context"]["machine"]["cpu"], "cases": record["cases"]})
        write(arguments.results, results)
        print(f"{arguments.part} {seed} {seconds:.1f} s",
              [(c["id"], c["verdict"], c["ratio"]) for c in record["cases"]], flush=True)


def read(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return json.load(file)


def write(path, results):
    handle, draft = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)))
    with os.fdopen(handle, "w") as file:
        json.dump(results, file)
    os.rename(draft, path)


def welch_differs(first, second):
    """Welch's test at 5 % on logarithms; by the normal law, for halves of 40 values and more."""
    def moments(values):
        mean = sum(values) / len(values)
        return mean, sum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values)
    (a, va), (b, vb) = moments(first), moments(second)
    return va + vb > 0 and math.erfc(abs(a - b) / math.sqrt(2 * (va + vb))) < 0.05


def report(arguments):
    results = read(arguments.results)
    print("| part | case | comparisons | SAME | SLOWER | FASTER | INCONCLUSIVE | UNSTABLE | "
          "regressions | sequential false alarms |")
    print("|:--|:--|--:|--:|--:|--:|--:|--:|--:|--:|")
    for part in ["quiet", "loaded", "slowed"]:
        cases = [c for r in results if r["part"] == part for c in r["cases"]]
        for name in sorted({c["id"] for c in cases}):
            of_case = [c for c in cases if c["id"] == name]
            count = lambda verdict: sum(c["verdict"] == verdict for c in of_case)
            sequential = 0
            for case in of_case:
                series = [math.log(v) for p in case["processes"] for v in p["a"]]
                half = len(series) // 2
                sequential += welch_differs(series[:half], series[half:])
            print(f"| {part} | {name} | {len(of_case)} | " + " | ".join(
                str(count(v)) for v in ["SAME", "SLOWER", "FASTER", "INCONCLUSIVE", "UNSTABLE"])
                + f" | {sum(c['regression'] for c in of_case)} | {sequential} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build/release/costcurve"))
    parser.add_argument("--results", default="regression-proof.json")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build")
    slice_parser = commands.add_parser("run")
    slice_parser.add_argument("--part", choices=["quiet", "loaded", "slowed"], required=True)
    slice_parser.add_argument("--count", type=int, default=1)
    commands.add_parser("report")
    arguments = parser.parse_args()
    arguments.binary = os.path.abspath(arguments.binary)
    {"build": lambda _: build(), "run": run, "report": report}[arguments.command](arguments)


if __name__ == "__main__":
    main()
