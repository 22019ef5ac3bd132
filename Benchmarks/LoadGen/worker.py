"""One `costcurve worker`: a line of words down, a line of JSON back."""

import json
import subprocess

PROTOCOL = 1


class WorkerError(Exception):
    """A worker that ended, refused a line or gave a wrong answer; the text is a sentence."""


class Worker:
    """A worker with one prepared case whose answer was found right."""

    def __init__(self, binary, case):
        self.process = subprocess.Popen(
            [binary, "worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        found = self.ask("hello").get("protocol")
        if found != PROTOCOL:
            raise WorkerError(f"{binary} speaks protocol {found}, this script {PROTOCOL}")
        self.ask(f"prepare {case}")
        status = self.ask("check")["correctness"]["status"]
        if status != "passed":
            raise WorkerError(f"{case}: its answer is {status}")

    def run(self, calls=1):
        """Nanoseconds of each of so many calls; the first ones of all are warmed up for."""
        return self.ask(f"run {calls}")["samples_ns"]

    def ask(self, line):
        """The reply to a line."""
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise WorkerError(f"the worker ended at '{line}'")
        reply = json.loads(answer)
        if not reply.get("ok"):
            raise WorkerError(reply.get("error", f"'{line}' was refused without a reason"))
        return reply

    def quit(self):
        """Ends the worker, by force where it does not go by itself."""
        try:
            self.ask("quit")
            self.process.wait(timeout=5)
        except (WorkerError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
