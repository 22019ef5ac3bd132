"""The table of operators and types of elements, as docs/operators.md has it."""

import collections
import dataclasses
import os
import re

from cases import TYPES

COLUMNS = list(TYPES.values())

HEAD = """# Which ONNX operators work

Each cell counts the test cases of the package `onnx` {version} for one operator and one element type. A
number alone, such as *16*, means that all cases pass. *2 of 3* means that the others do not pass; most of
them are refused with a message, as [models](models.md#operators) says. An empty cell means that there are no cases.

A case counts under the type of its first input, and only if all of its inputs and outputs have types
of this table. Inputs that determine what is computed (lengths, axes, weights of layers) are given
before the run.

`make conformance` runs the cases and fails if an answer is wrong, if a case crashes, or if fewer cases of a
cell pass than it says; `make conformance WRITE=1` writes this page.

{passed} of {total} cases pass, in {claimed} complete combinations of type and operator, for {known} operators.

| operator | {columns} |
|---|{rules}|
"""


@dataclasses.dataclass
class Cell:
    """Cases of an operator and a type."""

    passed: int = 0
    total: int = 0

    @property
    def is_claimed(self):
        """Whether all of them pass."""
        return 0 < self.total == self.passed

    @property
    def text(self):
        """As the table has it."""
        if not self.total:
            return ""
        return f"{self.total}" if self.is_claimed else f"{self.passed} of {self.total}"


def cells(results):
    """A cell for each operator and type; `results` has cases with what became of them."""
    found = collections.defaultdict(Cell)
    for case, word in results:
        cell = found[case.operator, case.element]
        cell.total += 1
        cell.passed += word == "passed"
    return dict(found)


def write(path, found, version):
    """Writes the page."""
    rows, absent = [], []
    for operator in sorted({operator for operator, _ in found}):
        own = [found.get((operator, column), Cell()) for column in COLUMNS]
        if any(cell.passed for cell in own):
            rows.append(f"| `{operator}` | " + " | ".join(cell.text for cell in own) + " |")
        else:
            absent.append(f"`{operator}`")
    page = HEAD.format(
        version=version, passed=sum(cell.passed for cell in found.values()),
        total=sum(cell.total for cell in found.values()),
        claimed=sum(cell.is_claimed for cell in found.values()), known=len(rows),
        columns=" | ".join(COLUMNS), rules="|".join("--:" for _ in COLUMNS))
    page += "\n".join(rows) + "\n"
    if absent:
        page += "\nNo case passes for the following operators, some of which work for other types and uses\n([models](models.md#operators)): " + ", ".join(absent) + ".\n"
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(page)


def broken(path, found):
    """Sentences for what the page claims and is not so."""
    if not os.path.exists(path):
        return [f"claimed: {path} is not there; write it anew"]
    with open(path, encoding="utf-8") as handle:
        lines = handle.read().splitlines()
    faults = []
    for line in lines:
        words = [word.strip() for word in line.split("|")[1:-1]]
        if len(words) != 1 + len(COLUMNS) or not re.fullmatch("`.*`", words[0]):
            continue
        operator = words[0].strip("`")
        for column, word in zip(COLUMNS, words[1:]):
            cell = found.get((operator, column), Cell())
            # `16` says that all cases pass, `2 of 3` that two do.
            least = int(word.split()[0]) if word else 0
            if cell.passed < least or (word.isdigit() and not cell.is_claimed):
                faults.append(
                    f"claimed: {operator} of {column}: {cell.passed} of {cell.total} cases pass, "
                    f"where {path} claims {word}")
    return faults
