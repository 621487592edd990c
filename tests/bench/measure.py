# SPDX-License-Identifier: Apache-2.0
"""Measures whole programs from outside: time on the clock, and memory as the operating system accounts for it."""

import os
import statistics
import time
from dataclasses import dataclass


class Failed(Exception):
    """A program did not do its job, so its time says nothing."""


@dataclass
class Spread:
    """What came of several rounds; compared by the median."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values):
        return cls(statistics.median(values), min(values), max(values))

    def show(self, unit, scale=1):
        low, high = sorted((self.low * scale, self.high * scale))
        return f"{self.median * scale:.3g} {unit} ({low:.3g}-{high:.3g})"


def spawn(argv):
    """Starts a program with an open pipe for its input (some fail on anything else) and its output thrown away."""
    theirs, ours = os.pipe()
    actions = [
        (os.POSIX_SPAWN_DUP2, theirs, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
    os.close(theirs)
    return pid, ours


def check(argv, status, good):
    code = os.waitstatus_to_exitcode(status)
    if code not in good:
        raise Failed(f"{' '.join(argv)[:200]}: exit code {code}")


def run(argv, good=(0,)):
    """Runs a program to its end; returns the seconds it took."""
    begin = time.perf_counter()
    pid, pipe = spawn(argv)
    _, status = os.waitpid(pid, 0)
    seconds = time.perf_counter() - begin
    os.close(pipe)
    check(argv, status, good)
    return seconds


def high_water(pid):
    """The most memory that a running process has had so far, in bytes; 0 when it has ended."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def peak_memory(argv, good=(0,)):
    """The program's own peak.  Its resource usage would not do: it begins with the memory of the process that starts it."""
    pid, pipe = spawn(argv)
    peak = done = 0
    while not done:
        peak = max(peak, high_water(pid))
        time.sleep(0.002)
        done, status = os.waitpid(pid, os.WNOHANG)
    os.close(pipe)
    check(argv, status, good)
    return peak


def compare(ours, theirs, rounds):
    """Runs both in turn, after one of each that is not counted; returns the seconds of each and theirs / ours, round by round."""
    ours()
    theirs()
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    ratio = Spread.of([b / a for a, b in pairs])
    return Spread.of([a for a, _ in pairs]), Spread.of([b for _, b in pairs]), ratio
