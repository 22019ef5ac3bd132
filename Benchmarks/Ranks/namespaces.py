#!/usr/bin/env python3
"""Runs a command on hosts that are network namespaces of this machine.

The hosts are joined by a bridge, their links are limited by tc's tbf, and all is gone when the
command has ended. It runs on the first host, or with --ranks on as many, one rank each, by mpirun:

    namespaces.py --hosts 2 --rate 1gbit --ranks 2 -- costcurve train --ranks 2 --network resnet50
    namespaces.py --hosts 2 --rate 1gbit -- ping -c 3 10.77.0.2

Needs root, iproute2 and a kernel with tbf; ends with 77 where it has not got them.
"""

import argparse
import os
import subprocess

import options
from hosts import Hosts
from jobs import Launcher, end


def run(arguments):
    launcher = Launcher(arguments.mpirun) if arguments.ranks else None
    with Hosts(arguments.hosts, arguments.rate, arguments.cpus) as hosts:
        if launcher:
            command = launcher.command(hosts, arguments.ranks, arguments.command)
            environment = launcher.environment(hosts)
        else:
            command = hosts.enter(1, arguments.command)
            environment = {**os.environ, **hosts.environment()}
        process = subprocess.Popen(command, env=environment)
        try:
            status = process.wait()
        finally:
            end(process)
    # As a shell tells of a process that a signal has ended.
    return status if status >= 0 else 128 - status


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=2)
    parser.add_argument("--rate", type=options.rate, help="of each link, such as 1gbit or 100mbit; "
                        "as fast as the machine goes unless given")
    parser.add_argument("--cpus", type=float, help="that a host may use, such as 0.5; all of them "
                        "unless given")
    parser.add_argument("--ranks", type=int, help="have mpirun start so many, one a host")
    parser.add_argument("--mpirun", default="mpirun")
    parser.add_argument("command", nargs="+", help="the program with its arguments, behind --")
    arguments = parser.parse_args()
    if not 1 <= arguments.hosts <= 250:
        parser.error("--hosts needs a number from 1 to 250")
    if arguments.cpus is not None and not 0 < arguments.cpus <= 4096:
        parser.error("--cpus needs a number above 0")
    if arguments.ranks is not None and not 1 <= arguments.ranks <= arguments.hosts:
        parser.error("--ranks needs a number from 1 to that of --hosts")
    options.end_with(run, arguments)


if __name__ == "__main__":
    main()
