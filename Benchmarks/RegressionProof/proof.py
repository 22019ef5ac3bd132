#!/usr/bin/env python3
"""Shows live what the gate promises: no false alarm, and a real slowdown found.

Each part is a list of comparisons of a product and a layer of ResNet-50:

  quiet, loaded                a binary against a copy of itself, on one thread; loaded: while
                               another process loads one core half of the time
  quiet2, loaded2              the same on two threads
  quick, quick-loaded,         the same four with --quick
  quick2, quick2-loaded
  slowed                       the binary against a build whose kernels take 5 % longer
  slowed-quick                 against one whose kernels take 10 % longer, with --quick

Every comparison is kept as it ends, with the medians of its processes, one that fails with what it
said; so the work can be done in slices and taken up again. The same samples are also compared one
after the other, as most gates do: arm A's of the first half of the processes beside arm B's of the
second half.

    proof.py build                          # both binaries, from the committed sources
    proof.py run --part quiet --count 5     # a slice
    proof.py report                         # ends with 1 while a demand is not met
"""
import argparse
import datetime
import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FOLDER = os.path.join(ROOT, ".build-proof")
CASES = "^(gemm/256x256x256|conv/resnet50.layer2.0.conv2/forward/b1)/"
# Without the history, so that no earlier control widens a margin.
OPTIONS = ["--filter", CASES, "--no-save"]
ONE, TWO = ["--threads", "1"], ["--threads", "2"]
USUAL, QUICK = ["--duration", "10s"], ["--quick"]
# Comparisons asked for, which binary is compared with the plain one, the load, and the options.
PARTS = {
    "quiet": (16, "copy", False, ONE + USUAL), "loaded": (16, "copy", True, ONE + USUAL),
    "quiet2": (16, "copy", False, TWO + USUAL), "loaded2": (16, "copy", True, TWO + USUAL),
    "quick": (36, "copy", False, ONE + QUICK), "quick-loaded": (36, "copy", True, ONE + QUICK),
    "quick2": (36, "copy", False, TWO + QUICK), "quick2-loaded": (36, "copy", True, TWO + QUICK),
    "slowed": (10, "slowed", False, ONE + USUAL),
    "slowed-quick": (10, "slowed10", False, ONE + QUICK),
}
ASKED = {part: asked for part, (asked, *_) in PARTS.items()}
ALIKE = [part for part, (_, other, *_) in PARTS.items() if other == "copy"]
# One false alarm in so many verdicts is allowed.
VERDICTS_PER_ALARM = 400
VERDICTS = ["SAME", "SLOWER", "FASTER", "INCONCLUSIVE", "UNSTABLE"]
WORKLOADS = ["GemmWorkload.swift", "ConvWorkload.swift"]
PATIENCE_SECONDS = 300


# MARK: The binaries


def slowed(text, percent=5):
    """A workload's source with every call followed by so many percent of its own time."""
    if text.count("  func run() {") != 1:
        raise ValueError("there is no single run() to slow down")
    return text.replace("  func run() {", f"""  func run() {{
    let begin = Clock.now()
    work()
    let end = Clock.now()
    while Clock.now() &- end < (end &- begin) / {100 // percent} {{}}
  }}

  private func work() {{""")


def build(_):
    """Builds HEAD in a folder of its own, and twice more with its kernels slowed: nothing else
    differs."""
    sources = os.path.join(FOLDER, "sources")
    os.makedirs(sources, exist_ok=True)
    for name in os.listdir(sources):
        path = os.path.join(sources, name)
        if name == ".build":
            continue
        shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], check=True,
                            capture_output=True, text=True).stdout.strip()
    archive = subprocess.run(["git", "-C", ROOT, "archive", commit], check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", sources], input=archive.stdout, check=True)

    def compile_to(*names):
        subprocess.run(["make", "-C", sources, "build"], check=True)
        for name in names:
            shutil.copy(os.path.join(sources, ".build/release/costcurve"),
                        os.path.join(FOLDER, name))

    compile_to("plain", "copy")
    paths = [os.path.join(sources, "Sources/Workloads", name) for name in WORKLOADS]
    originals = []
    for path in paths:
        with open(path) as file:
            originals.append(file.read())
    for name, percent in [("slowed", 5), ("slowed10", 10)]:
        for path, text in zip(paths, originals):
            with open(path, "w") as file:
                file.write(slowed(text, percent))
        compile_to(name)
    write(os.path.join(FOLDER, "build.json"), {"commit": commit})


# MARK: Comparisons


def load_one_core():
    """A process that works half a second of every second, and ends with this one."""
    code = ("import os, time\nparent = os.getppid()\nwhile os.getppid() == parent:\n"
            " t = time.time()\n while time.time() - t < 0.5: pass\n time.sleep(0.5)")
    return subprocess.Popen([sys.executable, "-c", code])


def compare(part, seed):
    """One comparison: its cases, or why there are none."""
    _, other, _, options = PARTS[part]
    plain, other = os.path.join(FOLDER, "plain"), os.path.join(FOLDER, other)
    command = [plain, "compare", plain, other, *OPTIONS, *options, "--seed", str(seed), "--quiet",
               "--format", "json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return {"failure": f"no end within {PATIENCE_SECONDS} s"}
    said = done.stderr.strip().replace(FOLDER + "/", "").replace(ROOT, ".")[-400:]
    try:
        record = json.loads(done.stdout)
        cases = [slim(case) for case in record["cases"]]
    except (ValueError, KeyError) as error:
        return {"failure": f"exit {done.returncode}, no record ({error!r}): {said}"}
    found = {"cpu": record["context"]["machine"]["cpu"], "march": record["context"]["march"],
             "cases": cases}
    # A crash or a wrong answer leaves a record too, of the cases that were done.
    if done.returncode not in (0, 2) or len(cases) != 2:
        found["failure"] = f"exit {done.returncode}, {len(cases)} of 2 cases: {said}"
    return found


def slim(case):
    """What the report needs of a case; of its paired times the medians, in whole nanoseconds."""
    kept = ["id", "verdict", "ratio", "ci99", "margin", "control", "confirmed", "regression",
            "clean_percent", "steal_percent", "reason"]
    median = lambda times: round(statistics.median(times)) if times else None
    alone = None
    if len(case["processes"]) >= 2:
        alone = {name: test(case) for name, test in CONTRASTS.items()}
    earlier = [one["verdict"] for one in case["earlier_sets"] or []]
    return {**{key: case[key] for key in kept}, "earlier": earlier, "alone": alone, "processes": [
        {"pairs": len(p["a"]), "clean": sum(p["clean"]), "cpus": p.get("cpus"),
         **{arm: median(p[arm]) for arm in ("a", "b", "control")}} for p in case["processes"]]}


def run(arguments):
    origin = read(os.path.join(FOLDER, "build.json"))
    if origin is None:
        sys.exit("there are no binaries yet: proof.py build")
    for _ in range(arguments.count):
        results = read(arguments.results) or {**origin, "options": OPTIONS, "comparisons": []}
        if [results["commit"], results["options"]] != [origin["commit"], OPTIONS]:
            sys.exit(f"{arguments.results} is of another build or of other options: move it away")
        seed = 1 + len(results["comparisons"])
        begin = datetime.datetime.now(datetime.timezone.utc)
        comparison = {"part": arguments.part, "seed": seed,
                      "begun": begin.isoformat(timespec="seconds")}
        start = time.monotonic()
        load = load_one_core() if PARTS[arguments.part][2] else None
        try:
            comparison.update(compare(arguments.part, seed))
        finally:
            comparison["seconds"] = round(time.monotonic() - start, 1)
            if load:
                load.send_signal(signal.SIGKILL)
                usage = os.wait4(load.pid, 0)[2]
                comparison["load_seconds"] = round(usage.ru_utime + usage.ru_stime, 1)
        add(results, comparison)
        write(arguments.results, results)
        print(arguments.part, seed, f"{comparison['seconds']} s", comparison.get("failure", ""),
              [(c["id"], c["verdict"], c["ratio"] and round(c["ratio"], 4))
               for c in comparison.get("cases", [])], flush=True)


def add(results, comparison):
    """Appends a comparison; one of another CPU or instruction set is no part of these.

    A failed one names neither."""
    for name in ("cpu", "march"):
        found = comparison.pop(name, None)
        if found is None:
            continue
        if results.get(name) not in (None, found):
            sys.exit(
                f"these results are of '{results[name]}' and this is '{found}': move them away")
        results[name] = found
    results["comparisons"].append(comparison)


def read(path):
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return json.load(file)


def write(path, value):
    handle, draft = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)))
    with os.fdopen(handle, "w") as file:
        json.dump(value, file, separators=(",", ":"))
    os.chmod(draft, 0o644)
    os.rename(draft, path)


# MARK: The report


def one_after_the_other(case):
    """Arm A's times of the first half of the processes, and arm B's of the second half."""
    half = len(case["processes"]) // 2
    return ([ns for p in case["processes"][:half] for ns in p["a"]],
            [ns for p in case["processes"][half:] for ns in p["b"]])


def welch_differs(case):
    """Welch's test at 5 % on logarithms; by the normal law, for halves of 40 values and more."""
    def moments(times):
        logs = [math.log(ns) for ns in times]
        return statistics.fmean(logs), statistics.variance(logs) / len(logs)
    (a, va), (b, vb) = map(moments, one_after_the_other(case))
    return va + vb > 0 and math.erfc(abs(a - b) / math.sqrt(2 * (va + vb))) < 0.05


def medians_differ(case):
    """Whether the two medians lie further apart than the margin: a gate by threshold."""
    a, b = map(statistics.median, one_after_the_other(case))
    return abs(math.log(b / a)) > math.log1p(case["margin"])


CONTRASTS = {"Welch's test at 5 %": welch_differs, "medians beyond the margin": medians_differ}


def table(comparisons):
    lines = ["| part | case | comparisons | " + " | ".join(VERDICTS)
             + " | regressions | ratio, middle [least, most] |",
             "|:--|:--|--:|" + "--:|" * (len(VERDICTS) + 2)]
    for part in ASKED:
        cases = [c for r in comparisons if r["part"] == part for c in r.get("cases", [])]
        for name in sorted({c["id"] for c in cases}):
            of_case = [c for c in cases if c["id"] == name]
            ratios = [c["ratio"] for c in of_case if c["ratio"]] or [math.nan]
            counts = [sum(c["verdict"] == verdict for c in of_case) for verdict in VERDICTS]
            counts.append(sum(c["regression"] for c in of_case))
            lines.append(f"| {part} | {name} | {len(of_case)} | {' | '.join(map(str, counts))} | "
                         f"{statistics.median(ratios):.4f} [{min(ratios):.4f}, {max(ratios):.4f}] |")
    return lines


def demands(comparisons):
    """Each demand with whether it is met; a comparison counts where both of its cases say so."""
    def of(part):
        return [r for r in comparisons if r["part"] == part]

    def both(part, verdict):
        return sum("failure" not in r and all(c["verdict"] == verdict for c in r["cases"])
                   for r in of(part))

    def alarms(part):
        return sum(c["verdict"] in ("SLOWER", "FASTER") for r in of(part) for c in r.get("cases", []))

    def complete(part):
        return len(of(part)) >= ASKED[part] and not any("failure" in r for r in of(part))

    def made(part):
        failed = sum("failure" in r for r in of(part))
        return f"{len(of(part))} of {ASKED[part]} comparisons made, {failed} failed"

    def verdicts(part):
        return [c["verdict"] for r in of(part) for c in r.get("cases", [])]

    of_all, false = sum(len(verdicts(part)) for part in ALIKE), sum(map(alarms, ALIKE))
    yield (all(map(complete, ALIKE)) and false * VERDICTS_PER_ALARM <= of_all,
           f"at most one SLOWER or FASTER in {VERDICTS_PER_ALARM} between alike binaries",
           f"{false} among {of_all} verdicts")
    for part in ALIKE:
        same = verdicts(part).count("SAME")
        yield (complete(part) and 2 * same >= len(verdicts(part)),
               f"at least half of the verdicts SAME, {part}",
               f"{same} of {len(verdicts(part))}, {alarms(part)} SLOWER or FASTER; {made(part)}")
    for part in [part for part in PARTS if part not in ALIKE]:
        slower = both(part, "SLOWER")
        yield (len(of(part)) >= ASKED[part] and 10 * slower >= 9 * len(of(part)),
               f"the slower build found SLOWER in 9 of 10, {part}",
               f"{slower} of {len(of(part))} in both cases; {made(part)}")


def report(arguments):
    results = read(arguments.results)
    if results is None:
        sys.exit(f"there is no '{arguments.results}' yet: proof.py run")
    comparisons = results["comparisons"]
    seconds = sum(r["seconds"] for r in comparisons)
    print(f"{len(comparisons)} comparisons in {seconds / 60:.1f} min on "
          f"{results.get('cpu', 'a CPU that no comparison named')}, commit {results['commit'][:12]}, "
          f"{results.get('march', 'instruction set unknown')}.")
    loaded = [r for r in comparisons if "load_seconds" in r]
    if loaded:
        share = sum(r["load_seconds"] for r in loaded) / sum(r["seconds"] for r in loaded)
        print(f"The load of the loaded ones used {100 * share:.0f} % of one core.")
    print("", *table(comparisons), "", sep="\n")
    for comparison in comparisons:
        if "failure" in comparison:
            print(f"* FAILED: {comparison['part']} {comparison['seed']}: {comparison['failure']}")
    verdicts = list(demands(comparisons))
    for is_met, what, found in verdicts:
        print(f"* {'met' if is_met else 'NOT MET'}: {what}: {found}")
    for part in ALIKE:
        cases = [c for r in comparisons if r["part"] == part for c in r.get("cases", [])
                 if c["alone"]]
        for name in CONTRASTS:
            false = sum(c["alone"][name] for c in cases)
            print(f"* for contrast, the same samples one after the other, {part}, {name}: false "
                  f"alarms in {false} of {len(cases)} ({100 * false / max(len(cases), 1):.0f} %)")
    sys.exit(0 if all(is_met for is_met, _, _ in verdicts) else 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", default="regression-proof.json")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("build").set_defaults(act=build)
    slice_parser = commands.add_parser("run")
    slice_parser.add_argument("--part", choices=list(ASKED), required=True)
    slice_parser.add_argument("--count", type=int, default=1)
    slice_parser.set_defaults(act=run)
    commands.add_parser("report").set_defaults(act=report)
    arguments = parser.parse_args()
    arguments.act(arguments)


if __name__ == "__main__":
    main()
