"""Jobs of MPI on this machine or on the hosts of hosts.py: command lines, environment, their end."""

import json
import os
import re
import shutil
import subprocess

from hosts import AGENT, DEVICE, Refusal

# Ranks may be root's, and more than CPUs; without hosts of ours nothing is started by ssh.
OPEN_MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_ALLOW_RUN_AS_ROOT": "1", "PRTE_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}


class Failure(Exception):
    """A job that gave no result; the text says why."""


class Launcher:
    """`mpirun` of Open MPI or of MPICH, as `--version` tells which."""

    def __init__(self, program):
        self.path = shutil.which(program)
        if self.path is None:
            raise Refusal(f"there is no '{program}'; install the package openmpi-bin")
        said = subprocess.run([self.path, "--version"], capture_output=True, text=True,
                              env={**os.environ, **OPEN_MPI}).stdout
        if "Open MPI" in said or "OpenRTE" in said:
            self.family = "Open MPI"
        elif "HYDRA" in said or "MPICH" in said:
            self.family = "MPICH"
        else:
            raise Refusal(f"{self.path} is neither Open MPI's mpirun nor MPICH's")
        number = re.search(r"\d+\.\d+\S*", said)
        self.version = f"{self.family} {number[0]}" if number else self.family

    def words(self, hosts=None):
        """The launcher with all of its options but the number of ranks; one rank a host."""
        if self.family == "Open MPI":
            places = ",".join(f"{address}:1" for address in hosts.addresses) if hosts else ""
            return [self.path, "--bind-to", "none"] + (
                ["--map-by", "node", "--host", places] if hosts else [])
        if hosts is None:
            return [self.path]
        return [self.path, "-hosts", ",".join(hosts.addresses), "-launcher", "rsh",
                "-launcher-exec", AGENT, "-iface", DEVICE]

    def command(self, hosts, ranks, words):
        """The command line of a job; with hosts its launcher runs on the first of them."""
        job = [*self.words(hosts), "-np", str(ranks), *words]
        return hosts.enter(1, job) if hosts else job

    def environment(self, hosts=None):
        """The variables of a job's launcher."""
        agent = AGENT if hosts else "/bin/false"
        own = {"OMPI_MCA_plm_rsh_agent": agent, "PRTE_MCA_plm_ssh_agent": agent}
        if hosts:
            # Hosts of one machine have one memory, which UCX would find; and each daemon is started
            # from the first host.
            own.update(UCX_TLS="tcp,self", OMPI_MCA_plm_rsh_no_tree_spawn="1",
                       PRTE_MCA_plm_ssh_no_tree_spawn="1", **hosts.environment())
        return {**os.environ, **OPEN_MPI, **own}


def end(process):
    """Ends a process of ours, the sooner the better."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def finished(command, environment, seconds, hosts=None):
    """Runs a command to its end: exit code, standard output, standard error."""
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, errors="replace")
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Failure(f"no end within {seconds:.0f} s")
    finally:
        end(process)
        if hosts:
            hosts.clear()
    return process.returncode, output, errors


def record(command, environment, seconds, hosts=None):
    """What a command writes as JSON; a failure with its last words where it does not."""
    status, output, errors = finished(command, environment, seconds, hosts)
    if status != 0:
        raise Failure(f"it ended with {status}: {errors.strip()[-400:]}")
    try:
        return json.loads(output)
    except ValueError:
        raise Failure(f"it wrote no record: {output.strip()[:200]} {errors.strip()[-200:]}")
