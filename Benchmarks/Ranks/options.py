"""The options of the measurements, and how they end."""

import argparse
import os
import signal
import sys

from goals import note
from hosts import Refusal, bits_per_second

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# As automake's tests say that they were skipped.
SKIPPED = 77


def rate(text):
    try:
        bits_per_second(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error))
    return text


def number_of(kind, least):
    """A number of at least so much."""
    def read(text):
        value = kind(text)
        if not value >= least:
            raise argparse.ArgumentTypeError(f"it needs a number of {least} or more, not '{text}'")
        return value
    read.__name__ = "number"
    return read


def options(description, name):
    """A parser with the options that all measurements have; `name` is that of their result."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build/release/costcurve"))
    parser.add_argument("--mpirun", default="mpirun", help="of Open MPI or MPICH")
    parser.add_argument("--threads", type=number_of(int, 1),
                        help="of a rank; its part of the CPUs unless given")
    parser.add_argument("--seed", type=int, default=1, help="fixes all that is drawn")
    parser.add_argument("--output", default=os.path.join(ROOT, f"report/ranks/{name}.json"))
    return parser


def parsed(parser, ranks):
    """The options in force.

    ranks    of them all, among which the CPUs are shared, or how to read it of the options
    """
    arguments = parser.parse_args()
    arguments.binary = os.path.abspath(arguments.binary)
    if not os.access(arguments.binary, os.X_OK):
        parser.error(f"there is no {arguments.binary}; 'make build' makes it")
    if arguments.threads is None:
        count = ranks(arguments) if callable(ranks) else ranks
        arguments.threads = max(1, len(os.sched_getaffinity(0)) // count)
    return arguments


def told(arguments):
    """The options that a result rests on."""
    return {name: value for name, value in vars(arguments).items()
            if name not in ("binary", "mpirun", "output", "python")}


def end_with(act, arguments):
    """Runs a command and ends with its exit code; 77 and a sentence where this machine cannot do it."""
    # So that hosts are removed then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(act(arguments))
    except Refusal as refusal:
        note(f"{os.path.basename(sys.argv[0])}: {str(refusal).rstrip('.')}.")
        sys.exit(SKIPPED)
    except KeyboardInterrupt:
        sys.exit(130)
