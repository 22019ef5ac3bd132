"""Hosts of one machine: network namespaces, joined by a bridge, with links that tc's tbf limits.

Each host has an address, a name and, where that is asked for, a share of the CPUs. A launcher of MPI
starts processes on them by `agent` in place of ssh.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
AGENT = os.path.join(HERE, "agent")
DEVICE = "eth0"
PREFIX = "costcurve"
CGROUPS = "/sys/fs/cgroup"
# Of a share of the CPUs: short beside a step, so that no step is cut by it more than another.
PERIOD_US = 10_000
UNITS = {"k": 1e3, "m": 1e6, "g": 1e9}


class Refusal(Exception):
    """What cannot be done on this machine; the text says what it lacks."""


def bits_per_second(rate):
    """What `1gbit` or `100mbit` says."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([kmg])bit", rate)
    if not found or float(found[1]) <= 0:
        raise ValueError(f"'{rate}' is no rate such as 1gbit or 100mbit")
    return float(found[1]) * UNITS[found[2]]


def burst_bytes(rate):
    """What may pass at once: two milliseconds of it, and never less than a kernel's largest packet."""
    return max(131_072, round(bits_per_second(rate) / 8 * 2e-3))


def tool(*words):
    """Runs a program and returns its output."""
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        why = (done.stderr.strip() or f"it ended with {done.returncode}").splitlines()[-1]
        raise Refusal(f"'{' '.join(words)}' failed: {why}")
    return done.stdout


def refuse_where_impossible():
    if os.geteuid() != 0:
        raise Refusal("network namespaces need root; run it with sudo")
    for program, package in [("ip", "iproute2"), ("tc", "iproute2"), ("unshare", "util-linux"),
                             ("hostname", "hostname")]:
        if shutil.which(program) is None:
            raise Refusal(f"there is no '{program}'; install the package {package}")


def sweep():
    """Removes what runs that were killed have left behind."""
    for line in tool("ip", "netns", "list").splitlines():
        name = line.split()[0] if line.split() else ""
        found = re.fullmatch(PREFIX + r"-(\d+)-\d+", name)
        if found and not os.path.exists(f"/proc/{found[1]}"):
            remove(name)


def remove(name):
    end_processes([name])
    subprocess.run(["ip", "netns", "del", name], capture_output=True)


def processes(names):
    """The processes in network namespaces."""
    found = []
    for name in names:
        done = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True)
        found += [int(word) for word in done.stdout.split()]
    return found


def end_processes(names, seconds=5):
    """Ends all processes in network namespaces; returns how many there were."""
    count = len(processes(names))
    limit = time.monotonic() + seconds
    while (left := processes(names)) and time.monotonic() < limit:
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)
    return count


class Hosts:
    """Hosts that are there within a `with` statement, and gone after it.

    rate    of each link in each direction, such as 1gbit; as fast as the machine goes where None
    cpus    that a host may use, such as 0.5; all of them where None
    """

    def __init__(self, count, rate=None, cpus=None):
        if not 1 <= count <= 250:
            raise ValueError(f"{count} hosts; there can be 1 to 250")
        self.count, self.rate, self.cpus = count, rate, cpus
        self.name = f"{PREFIX}-{os.getpid()}"
        self.switch = f"{self.name}-0"
        self.namespaces = [f"{self.name}-{number}" for number in self.numbers]
        self.cgroups = None

    @property
    def numbers(self):
        return range(1, self.count + 1)

    @property
    def addresses(self):
        return [self.address(number) for number in self.numbers]

    @staticmethod
    def address(number):
        return f"10.77.0.{number}"

    def __enter__(self):
        refuse_where_impossible()
        sweep()
        try:
            self.make()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def make(self):
        tool("ip", "netns", "add", self.switch)
        tool("ip", "-n", self.switch, "link", "add", "br0", "type", "bridge")
        tool("ip", "-n", self.switch, "link", "set", "br0", "up")
        for number, host in zip(self.numbers, self.namespaces):
            port = f"port{number}"
            tool("ip", "netns", "add", host)
            tool("ip", "link", "add", DEVICE, "netns", host, "type", "veth", "peer", "name", port,
                 "netns", self.switch)
            tool("ip", "-n", host, "addr", "add", f"{self.address(number)}/24", "dev", DEVICE)
            tool("ip", "-n", host, "link", "set", "lo", "up")
            tool("ip", "-n", host, "link", "set", DEVICE, "up")
            tool("ip", "-n", self.switch, "link", "set", port, "master", "br0")
            tool("ip", "-n", self.switch, "link", "set", port, "up")
        if self.rate is not None:
            self.set_rate(self.rate)
        if self.cpus is not None:
            self.share_cpus()

    def set_rate(self, rate):
        """Limits every link, at its host and at the bridge, so that both directions have the rate."""
        ends = [(host, DEVICE) for host in self.namespaces]
        ends += [(self.switch, f"port{number}") for number in self.numbers]
        for namespace, device in ends:
            try:
                tool("tc", "-n", namespace, "qdisc", "replace", "dev", device, "root", "tbf", "rate",
                     rate, "burst", str(burst_bytes(rate)), "latency", "20ms")
            except Refusal as refusal:
                raise Refusal(f"links cannot be limited here, the kernel may lack sch_tbf: {refusal}")
        self.rate = rate

    def share_cpus(self):
        """Gives each host a control group with its share of the CPUs."""
        folder = cpu_controller()
        self.cgroups = folder
        quota = max(1000, round(self.cpus * PERIOD_US))
        for host in self.namespaces:
            group = os.path.join(folder, host)
            try:
                os.mkdir(group)
                if os.path.exists(os.path.join(group, "cpu.max")):
                    write(os.path.join(group, "cpu.max"), f"{quota} {PERIOD_US}")
                else:
                    write(os.path.join(group, "cpu.cfs_period_us"), str(PERIOD_US))
                    write(os.path.join(group, "cpu.cfs_quota_us"), str(quota))
            except OSError as error:
                raise Refusal(f"hosts cannot be given a share of the CPUs here: {error}")

    def cut(self, number):
        """Pulls the cable of a host out of the bridge."""
        tool("ip", "-n", self.switch, "link", "set", f"port{number}", "down")

    def mend(self, number):
        tool("ip", "-n", self.switch, "link", "set", f"port{number}", "up")

    def enter(self, number, words):
        """The command line that runs a program on a host, with `environment` beside its own."""
        return [AGENT, self.address(number), "exec " + shlex.join(words)]

    def environment(self):
        return {"COSTCURVE_RANKS_NAME": self.name, "COSTCURVE_RANKS_CGROUPS": self.cgroups or ""}

    def clear(self):
        """Ends all that still runs on the hosts; returns how many processes there were."""
        return end_processes(self.namespaces)

    def close(self):
        for name in [*self.namespaces, self.switch]:
            remove(name)
        for host in self.namespaces if self.cgroups else []:
            remove_group(os.path.join(self.cgroups, host))


def cpu_controller():
    """Where control groups with a share of the CPUs are made, of either version."""
    try:
        with open(os.path.join(CGROUPS, "cgroup.controllers"), encoding="ascii") as file:
            if "cpu" in file.read().split():
                write(os.path.join(CGROUPS, "cgroup.subtree_control"), "+cpu")
                return CGROUPS
    except OSError:
        pass
    for name in ("cpu", "cpu,cpuacct"):
        folder = os.path.join(CGROUPS, name)
        if os.path.isdir(folder):
            return folder
    raise Refusal("hosts cannot be given a share of the CPUs: there is no control group for it")


def remove_group(group):
    # Processes that have been killed leave it a moment later.
    for _ in range(40):
        try:
            os.rmdir(group)
            return
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.05)


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
