"""Puts faults into a copy of the tree, one at a time, and tells which of them the tests miss.

    run.py [--check] [--only WORDS …] [--whole] [--configuration release|debug] [--tree FOLDER]

The faults are data: mutants.json, whose entries hold

    file      where
    old       the exact text, with what is replaced between « and »
    new       what stands there instead
    breaks    what is then wrong, in words
    tests     a pattern of test names (swift test --filter) that ought to notice
    reason    for one that no test can notice: why; it is told with the survivors

An entry whose text is not found exactly once is refused. All others go into ONE build: in the copy
every «old» becomes `(mutantIsOn(N) ? (new) : (old))`, or an if-else where the entry is marked
"statement", and COSTCURVE_MUTANT=N switches it on at run time, in the tests and in every process
that they start. First all patterns run without a fault and have to pass; then each fault runs with
its own; where they do not pass, their faults are named as not told. --whole runs the survivors once
more with every test there is.

Exit code: 0, or 1 where under 90 % are noticed, an entry is refused, or the tests fail by themselves.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
REQUIRED = 0.9
SWITCH = "MutantSwitch.swift"
SWITCH_SOURCE = """import Glibc

/// The fault in force, by its number in Tests/Mutants/mutants.json; 0 for none.
@usableFromInline let mutantInForce = getenv("COSTCURVE_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0

/// Whether a fault is in force.
@usableFromInline func mutantIsOn(_ number: Int) -> Bool { mutantInForce == number }
"""


def plain(mutant):
    """The text to be found, and the part of it that is replaced."""
    parts = re.fullmatch(r"([^«»]*)«([^«»]+)»([^«»]*)", mutant["old"], re.DOTALL)
    return parts and ("".join(parts.groups()), parts.group(2), parts.start(2) - 1)


def place(mutant, texts):
    """Start and end of the replaced part in its file, or the reason why there is none."""
    if mutant["file"] not in texts:
        path = os.path.join(ROOT, mutant["file"])
        if not os.path.isfile(path):
            return None, "there is no such file"
        with open(path, encoding="utf-8") as file:
            texts[mutant["file"]] = file.read()
    found = plain(mutant)
    if not found:
        return None, "'old' has not exactly one part between « and »"
    whole, part, offset = found
    count = texts[mutant["file"]].count(whole)
    if count != 1:
        return None, f"its text is found {count} times"
    if part == mutant["new"]:
        return None, "it changes nothing"
    start = texts[mutant["file"]].index(whole) + offset
    return (start, start + len(part)), None


def sort_out(mutants):
    """The faulty text of every file, the faults that apply, and those that do not with the reason."""
    texts, edits, fit, refused = {}, {}, [], []
    for mutant in mutants:
        span, reason = place(mutant, texts)
        if span and any(span[0] < end and start < span[1]
                        for start, end, _ in edits.get(mutant["file"], [])):
            reason = "it overlaps another"
        if reason:
            refused.append((mutant, reason))
            continue
        old = texts[mutant["file"]][span[0]:span[1]]
        number, new = mutant["number"], mutant["new"]
        both = (f"if mutantIsOn({number}) {{ {new} }} else {{ {old} }}" if mutant.get("statement")
                else f"(mutantIsOn({number}) ? ({new}) : ({old}))")
        edits.setdefault(mutant["file"], []).append((*span, both))
        fit.append(mutant)
    for name, changes in edits.items():
        for start, end, both in sorted(changes, reverse=True):
            texts[name] = texts[name][:start] + both + texts[name][end:]
    return {name: texts[name] for name in edits}, fit, refused


def write(path, data):
    """Writes only what differs, so that the next build is a small one."""
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return
    except OSError:
        pass
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def copy_tree(tree, faulty):
    """Makes `tree` the project with all faults, each switched off."""
    names = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, check=True,
        capture_output=True, text=True).stdout.split("\0")
    wanted = {}
    for name in filter(None, names):
        source = os.path.join(ROOT, name)
        if os.path.isfile(source):
            with open(source, "rb") as file:
                wanted[name] = (file.read(), os.stat(source).st_mode)
    for name, text in faulty.items():
        wanted[name] = (text.encode(), wanted[name][1])
    for module in {"/".join(name.split("/")[:2]) for name in faulty}:
        wanted[f"{module}/{SWITCH}"] = (SWITCH_SOURCE.encode(), 0o644)
    for name, (data, mode) in wanted.items():
        path = os.path.join(tree, name)
        write(path, data)
        os.chmod(path, mode & 0o777)
    for top in ("Sources", "Tests"):
        for folder, _, files in os.walk(os.path.join(tree, top)):
            for file in files:
                path = os.path.join(folder, file)
                if os.path.relpath(path, tree) not in wanted and "__pycache__" not in path:
                    os.remove(path)
    # Some tests ask for the commit.
    if not os.path.exists(os.path.join(tree, ".git")):
        subprocess.run(["git", "clone", "--quiet", "--bare", ROOT, os.path.join(tree, ".git")],
                       check=True)
        subprocess.run(["git", "config", "core.bare", "false"], cwd=tree, check=True)
        subprocess.run(["git", "reset", "--quiet"], cwd=tree, check=True)


class Tests:
    """The test build of the copy."""

    def __init__(self, tree, configuration, timeout):
        self.tree, self.timeout = tree, timeout
        self.command = ["swift", "test", "-c", configuration, "--disable-xctest",
                        "--disable-testable-imports"]

    def build(self):
        # '--filter' of no test: builds what is later run, exactly as it is run.
        return subprocess.run(self.command + ["--filter", "^none$"], cwd=self.tree).returncode == 0

    def run(self, pattern, number=0, timeout=None):
        """Whether the tests fail, the first that does, and how many ran."""
        environment = {**os.environ, "COSTCURVE_MUTANT": str(number)}
        command = self.command + ["--skip-build"] + (["--filter", pattern] if pattern else [])
        process = subprocess.Popen(
            command, cwd=self.tree, env=environment, text=True, errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            text = process.communicate(timeout=timeout or self.timeout)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return True, f"no end after {timeout or self.timeout} s", 1
        failure = re.search(r'✘ Test "?([^"\n]+?)"? (?:recorded|failed|with)', text)
        count = re.findall(r"Test run with (\d+) test", text)
        first = failure.group(1) if failure else "the test process ended early"
        return process.returncode != 0, first, int(count[-1]) if count else 0


def chosen(mutants, words):
    return [m for m in mutants if not words
            or any(w == str(m["number"]) or w in m["file"] or w in m["breaks"] for w in words)]


def baseline(tests, mutants):
    """The patterns that name no test, or whose tests fail without a fault."""
    unfit = set()
    for pattern in sorted({m["tests"] for m in mutants}):
        fails, first, count = tests.run(pattern)
        if fails or count == 0:
            print(f"without a fault, '{pattern}': "
                  + (f"{first} fails" if fails else "names no test"), flush=True)
            unfit.add(pattern)
    return unfit


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true", help="only whether each entry applies")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORDS",
                        help="numbers, or parts of a file's name or of what is broken")
    parser.add_argument("--whole", action="store_true", help="survivors by all tests too")
    parser.add_argument("--configuration", default="release", choices=["release", "debug"])
    parser.add_argument("--tree", default=os.path.join(ROOT, ".build-mutants"))
    parser.add_argument("--timeout", type=float, default=240, help="seconds for one fault")
    options = parser.parse_args()
    with open(os.path.join(HERE, "mutants.json"), encoding="utf-8") as file:
        mutants = json.load(file)
    for number, mutant in enumerate(mutants, 1):
        mutant["number"] = number
    faulty, fit, refused = sort_out(mutants)
    for mutant, reason in refused:
        print(f"no longer applies: {mutant['number']} {mutant['file']}: {reason}: {mutant['old']}")
    print(f"{len(fit)} of {len(mutants)} faults apply", flush=True)
    if options.check:
        return 1 if refused else 0
    if not shutil.which("swift"):
        print("there is no swift")
        return 1
    copy_tree(options.tree, faulty)
    tests = Tests(options.tree, options.configuration, options.timeout)
    fit = chosen(fit, options.only)
    if not fit or not tests.build():
        print("nothing can be said: there is no fault, or no build with it")
        return 1
    unfit = baseline(tests, fit)
    untold = [mutant for mutant in fit if mutant["tests"] in unfit]
    fit = [mutant for mutant in fit if mutant["tests"] not in unfit]
    survivors = []
    for mutant in fit:
        begin = time.monotonic()
        fails, first, _ = tests.run(mutant["tests"], mutant["number"])
        if not fails and options.whole:
            fails, first, _ = tests.run(None, mutant["number"], timeout=3600)
        print(f"{'noticed ' if fails else 'SURVIVED'} {mutant['number']:3} {mutant['breaks']}"
              f"{' by ' + first if fails else ''} ({time.monotonic() - begin:.0f} s)", flush=True)
        if not fails:
            survivors.append(mutant)
    noticed = len(fit) - len(survivors)
    print(f"\n{noticed} of {len(fit)} faults noticed, {100 * noticed / max(len(fit), 1):.0f} %")
    for mutant in untold:
        print(f"cannot be told, its tests fail without it: {mutant['number']} {mutant['breaks']}")
    for mutant in survivors:
        print(f"survived: {mutant['number']} {mutant['file']}: {mutant['breaks']}"
              + (f" ({mutant['reason']})" if "reason" in mutant else ""))
    return 1 if refused or untold or noticed < REQUIRED * len(fit) else 0


if __name__ == "__main__":
    sys.exit(main())
