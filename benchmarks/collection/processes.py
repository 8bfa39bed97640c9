"""Processor time of a process and everything it started, from /proc."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(roots: Mapping[str, int]) -> dict[str, float]:
    """Return user and system time so far of each tree of processes, ended children with it."""
    parents, spent = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                rest = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents[int(entry.name)] = int(rest[1])
            spent[int(entry.name)] = sum(int(ticks) for ticks in rest[11:15]) / TICK
    totals = dict.fromkeys(roots, 0.0)
    for pid, seconds in spent.items():
        above = set(_ancestors(pid, parents))
        for name, root in roots.items():
            totals[name] += seconds if root in above else 0.0
    return totals


def _ancestors(pid: int, parents: Mapping[int, int]) -> list[int]:
    found = [pid]
    while (pid := parents.get(pid, 0)) > 0:
        found.append(pid)
    return found


def busy_seconds() -> float:
    """Return the processor time of everything on this machine so far."""
    first = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _waiting, irq, softirq = map(int, first[:7])
    return (user + nice + system + irq + softirq) / TICK
