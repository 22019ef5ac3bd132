#!/usr/bin/env python3
"""Makes a virtual environment for each release of `releases.csv`, outside the tree, and says where it is.

    python3 environments.py --folder FOLDER [--train] [--only REGEX] [--list]

Prints one line of JSON for what is said to a person, {"note": …}, and one for each release:
software, version, released, source, its settings, and `python`, the interpreter that has it,
`library`, the OpenBLAS that it brings, or `reason`, why there is neither. A setting is a way in
which a worker runs the release; --only keeps those whose name, setting-version, matches. What is
there already is not installed again. --list installs nothing and says of each why: it was not asked.

Packages come from where pip takes them (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL: PyTorch's own index has
builds for CPUs alone, which are far smaller), as wheels only: nothing is compiled.
"""

import argparse
import csv
import json
import pathlib
import re
import shutil
import subprocess
import sys


def say(**line):
    print(json.dumps(line), flush=True)


def releases(path, kind, only):
    """Each release with its settings of a kind, `inference` or `training`, as far as they are wanted."""
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            settings = [s for s in row[kind].split() if only.search(f"{s}-{row['version']}")]
            if settings:
                yield row, settings


def run(*command):
    """Runs a program; a sentence of its last words where it fails."""
    done = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        errors = [line for line in lines if "ERROR" in line.upper()]
        raise RuntimeError(" ".join((errors or lines)[-2:]) or f"ended with {done.returncode}")


def installed(place, requirements):
    """The interpreter of an environment that has what a release requires; makes it where it lacks."""
    python = place / "bin" / "python"
    mark = place / "requirements.txt"
    wanted = "\n".join(requirements) + "\n"
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
        return python
    shutil.rmtree(place, ignore_errors=True)
    try:
        run(sys.executable, "-m", "venv", place)
        run(python, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--no-input",
            "--disable-pip-version-check", "--only-binary", ":all:", *requirements)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    # Only a whole environment has it.
    mark.write_text(wanted, encoding="utf-8")
    return python


def openblas(place):
    """The library that a package of this environment brings, its largest of that name."""
    found = [path for path in place.glob("lib/python*/site-packages/**/*openblas*.so*")
             if path.is_file()]
    if not found:
        raise RuntimeError("its packages bring no OpenBLAS")
    return max(found, key=lambda path: path.stat().st_size).resolve()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--train", action="store_true", help="training steps, not inference")
    parser.add_argument("--only", default="", help="releases whose setting-version matches")
    parser.add_argument("--list", action="store_true", help="install nothing")
    parser.add_argument(
        "--releases", type=pathlib.Path, default=pathlib.Path(__file__).with_name("releases.csv"))
    options = parser.parse_args()

    kind = "training" if options.train else "inference"
    for row, settings in releases(options.releases, kind, re.compile(options.only)):
        name = f"{row['software']}-{row['version']}"
        place = options.folder / name
        line = {key: row[key] for key in ("software", "version", "released", "source")}
        try:
            if options.list:
                raise RuntimeError("it was not asked to be installed")
            if not (place / "requirements.txt").is_file():
                say(note=f"installing {row['software']} {row['version']} in {place} …")
            python = installed(place, row["requirements"].split())
            if row["software"] == "openblas":
                line["library"] = str(openblas(place))
            else:
                line["python"] = str(python)
        except (RuntimeError, OSError) as error:
            line["reason"] = f"it cannot be installed here: {error}"[:400]
        say(release=line | {"settings": settings})


if __name__ == "__main__":
    main()
