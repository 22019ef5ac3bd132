"""A peer behind costcurve's worker protocol: one line of words in, one line of JSON out.

    hello                      what this worker is, and which peers are installed
    prepare CASE key=value …   case infer/SUBJECT/bN/tN/PEER; onnx=, input-N=, expected-N= are files,
                               shape-N= an input's lengths as the model has them, by name where open;
                               bf16 or int8 before tN for that precision, tolerance= for its outputs
    check                      outputs against `expected`
    run K [SECONDS]            times K calls, fewer once SECONDS are over
    quit

With --train it offers training steps instead: train/NETWORK/bN/tN/PEER; weights=, input=, labels=,
losses= are files, learning-rate=, momentum=, weight-decay= numbers; `check` holds losses of the
first steps against `losses`. Texts have input-N= with name-N= in place of input= and labels=, and an
optimizer= with second-momentum=, epsilon= and, where norms are limited, clip=; a game's tower has
target-N= with target-name-N= in place of labels=. With --releases the work is that of `frameworks.py`, which asks for
nothing but the release itself and numpy.
"""

import importlib
import json
import os
import sys
import time
from urllib.parse import unquote

import numpy

import runtimes

PROTOCOL = 1
# Of the largest logit, or of a loss, unless a case says another: float32 in another order, and the
# peers' own Winograd. What bf16 and int8 are held to is derived in Sources/Workloads/PeerTolerance.swift.
TOLERANCE = 1e-3


class Refusal(Exception):
    """A request that cannot be met; `code` is the exit code that it asks for."""

    def __init__(self, sentence, code=1):
        super().__init__(sentence)
        self.code = code


class Worker:
    def __init__(self, offer):
        self.offer = offer
        self.runtime = None
        self.case = None
        self.warm = False

    def hello(self, _):
        modules = getattr(self.offer, "MODULES", runtimes.MODULES)
        found, missing = runtimes.available(self.offer.PEERS, modules)
        return {"protocol": PROTOCOL, "worker": "peers", "march": "peer",
                "libraries": [{"name": name, "version": "", "configuration": "installed"}
                              for name in found]
                + [{"name": name, "version": "", "configuration": "missing " + " ".join(lacking)}
                   for name, lacking in missing.items()]}

    def prepare(self, words):
        options = dict(word.split("=", 1) for word in words[1:])
        self.runtime, self.warm = None, False
        try:
            self.case = self.offer.Case(
                unquote(words[0]), {k: unquote(v) for k, v in options.items()})
            self.runtime = runtimes.make(self.case, self.offer.PEERS)
        except ModuleNotFoundError as error:
            raise Refusal(f"{words[0]}: {error.name} is not installed; run 'make peers'", 5) from error
        # Graph and weights live on inside the runtime; the arrays made on the way do not.
        return {"case": {
            "id": self.case.id, "kind": self.case.kind, "algorithm": self.runtime.settings,
            "parameters": {"network": self.case.network, "batch_size": self.case.batch,
                           "input_size": self.case.size, "threads": self.case.threads,
                           "requests": getattr(self.runtime, "requests", 1),
                           "precision": self.case.precision, "tolerance": self.tolerance()},
            "threads": self.case.threads, "flop": {"direct": 0, "executed": 0},
            "images_per_call": self.runtime.images_per_call, "bytes_per_call": None,
            "origin": self.origin(), **self.requests()}}

    def origin(self):
        """The library and its version, with which every runtime begins to describe itself."""
        name, version = self.runtime.settings.split(",")[0].split(" ")
        return {"name": name, "version": version}

    def requests(self):
        """How many requests are under way at a time, and how they are answered; none in training."""
        if self.case.kind != "infer":
            return {}
        count = getattr(self.runtime, "requests", 1)
        batching = getattr(self.runtime, "batching", "concurrent") if count > 1 else "single"
        return {"requests_in_flight": count, "batching": batching}

    def tolerance(self):
        """How far outputs or losses may be from what is expected."""
        return TOLERANCE if self.case.tolerance is None else self.case.tolerance

    def prepared(self):
        if self.runtime is None:
            raise Refusal("no case is prepared; send 'prepare CASE' first")
        return self.runtime

    def checksum(self, _):
        return {}

    def check(self, _):
        runtime = self.prepared()
        runtime.call()
        error = runtime.error()
        status = "passed" if error <= self.tolerance() else "failed"
        return {"correctness": {"status": status, "max_error": error if numpy.isfinite(error) else None}}

    def run(self, words):
        runtime = self.prepared()
        count = int(words[0])
        seconds = float(words[1]) if len(words) > 1 else float("inf")
        warmup = []
        if not self.warm:
            begin = time.perf_counter()
            while len(warmup) < 3 or (time.perf_counter() - begin < 0.3 and len(warmup) < 50):
                warmup.append(self.time_call(runtime))
                if warmup[-1] > 1e9:
                    break
            self.warm = True
        samples = []
        begin = time.perf_counter()
        while len(samples) < count:
            samples.append(self.time_call(runtime))
            if time.perf_counter() - begin >= seconds:
                break
        return {"samples_ns": samples, "flags": [""] * len(samples), "calls_per_sample": 1,
                "warmup_ns": warmup, "peak_memory_bytes": peak_memory_bytes()}

    @staticmethod
    def time_call(runtime):
        begin = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        runtime.call()
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) - begin

    def answer(self, line):
        words = line.split()
        verb = words[0] if words else ""
        verbs = {"hello": self.hello, "prepare": self.prepare, "check": self.check,
                 "checksum": self.checksum, "run": self.run, "quit": lambda _: {}}
        try:
            if verb not in verbs:
                raise Refusal(f"this worker (protocol {PROTOCOL}) does not know the line '{line}'")
            return {"ok": True, **verbs[verb](words[1:])}
        except Refusal as refusal:
            return {"ok": False, "error": str(refusal), "code": refusal.code}
        except Exception as error:  # whatever a runtime throws is the parent's to report
            return {"ok": False, "error": f"{type(error).__name__}: {error}", "code": 3}


def peak_memory_bytes():
    """The process's high-water mark of resident memory, Python and all."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


def offer(options):
    """The module whose cases are run; only that, for each imports what others lack."""
    name = {(False, False): "runtimes", (True, False): "training",
            (False, True): "frameworks", (True, True): "framework_training"}[
        ("--train" in options, "--releases" in options)]
    return importlib.import_module(name)


def main():
    # A runtime that prints must not break a reply, so replies get the descriptor for themselves.
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    worker = Worker(offer(sys.argv[1:]))
    for line in sys.stdin:
        line = line.strip()
        print(json.dumps(worker.answer(line)), file=replies, flush=True)
        if line == "quit":
            return


if __name__ == "__main__":
    main()
