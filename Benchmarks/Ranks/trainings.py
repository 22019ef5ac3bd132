"""A training on a data set by the ranks of a job, watched from outside: kills.py disturbs it."""

import glob
import hashlib
import os
import re
import signal
import subprocess
import time

from jobs import Failure, end

# Leaves a rank's exit code in a file: a launcher that has lost its ranks tells none.
WRAPPER = ('trap : TERM; "$@"; code=$?; '
           'echo $code > "$0.${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-x}}"; exit $code')
# Rank 0 says so when all ranks are there.
STARTED = re.compile(r"^costcurve: \d+ ranks on \d+ machine", re.MULTILINE)
# Set by launchers of either MPI.
RANK = re.compile(rb"(?:^|\0)(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)(?:\0|$)")


def contents(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def digest(folder):
    """Of the trained weights; nothing where there are none."""
    weights = contents(os.path.join(folder, "weights.safetensors"))
    return hashlib.sha256(weights).hexdigest() if weights else None


class Training:
    """A job under way; what it says and its ranks' exit codes lie beside its folder."""

    def __init__(self, launcher, hosts, arguments, folder, resume=False):
        self.folder, self.ranks = folder, arguments.ranks
        self.program = os.fsencode(os.path.basename(arguments.binary))
        self.place = folder + (".resumed" if resume else "")
        for path in glob.glob(glob.escape(self.place) + ".code.*"):
            os.remove(path)
        words = [
            arguments.binary, "train", "--dataset", "fashion-mnist", "--data", arguments.data,
            "--network", arguments.network, "--epochs", str(arguments.epochs), "--batch-size",
            str(arguments.batch_size), "--threads", str(arguments.threads), "--seed",
            str(arguments.seed), "--stall", f"{arguments.stall}s", "--run-directory", folder,
            "--ranks", str(arguments.ranks), *(["--resume"] if resume else [])]
        self.errors = self.place + ".errors"
        with open(self.errors, "wb") as errors, open(self.place + ".output", "wb") as output:
            self.process = subprocess.Popen(
                launcher.command(
                    hosts, arguments.ranks, ["sh", "-c", WRAPPER, self.place + ".code", *words]),
                env=launcher.environment(hosts), stdin=subprocess.DEVNULL, stdout=output,
                stderr=errors)

    @property
    def said(self):
        return contents(self.errors).decode(errors="replace")

    def wait_for_ranks(self, seconds=120):
        """Waits until all ranks have found one another."""
        limit = time.monotonic() + seconds
        while not STARTED.search(self.said):
            if self.process.poll() is not None:
                raise Failure(f"it ended with {self.process.returncode}: {self.said[-400:]}")
            if time.monotonic() > limit:
                raise Failure(f"ranks did not find one another within {seconds} s")
            time.sleep(0.02)

    def processes(self):
        """Process ids of the ranks that live, by rank."""
        found = {}
        for name in os.listdir("/proc"):
            if not name.isdecimal():
                continue
            line = contents(f"/proc/{name}/cmdline").split(b"\0")
            if os.path.basename(line[0]) != self.program or os.fsencode(self.folder) not in line:
                continue
            rank = RANK.search(contents(f"/proc/{name}/environ"))
            if rank:
                found[int(rank[1])] = int(name)
        return found

    def wait_for_end_of_ranks(self, seconds):
        """Seconds until no rank lived any more; None where one still does."""
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            if not self.processes():
                return time.monotonic() - begin
            time.sleep(0.05)
        return None

    def wait(self, seconds):
        """The launcher's exit code; None where it had not ended by then, and was ended."""
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            end(self.process)

    def end_orphans(self):
        """Ends ranks that live on; returns which did."""
        left = self.processes()
        for pid in left.values():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return sorted(left)

    def codes(self):
        """The exit codes of ranks, by rank; one that was killed with its wrapper has left none."""
        return {rank: int(text) for rank in range(self.ranks)
                if (text := contents(f"{self.place}.code.{rank}").strip())}


def complete(launcher, hosts, arguments, folder, resume=False):
    """A training to its end, undisturbed: its seconds from the ranks' meeting on, and its weights."""
    training = Training(launcher, hosts, arguments, folder, resume)
    try:
        training.wait_for_ranks()
        begin = time.monotonic()
        status = training.wait(arguments.patience)
        seconds = time.monotonic() - begin
    finally:
        end(training.process)
        training.end_orphans()
        if hosts:
            hosts.clear()
    if status != 0:
        how = "did not end" if status is None else f"ended with {status}"
        raise Failure(f"a training that nothing disturbed {how}: {training.said.strip()[-400:]}")
    return {"seconds": seconds, "weights": digest(folder), "epochs": epochs(folder)}


def epochs(folder):
    """Epochs of the learning curve."""
    lines = contents(os.path.join(folder, "epochs.tsv")).decode(errors="replace").splitlines()
    return max(0, len(lines) - 1)
