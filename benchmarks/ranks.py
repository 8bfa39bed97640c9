"""Time and memory of confidence sets for ranks, by number of units and kind of covariance.

    python benchmarks/ranks.py [--units 20 63 1000] [--rounds 3] [--write FOLDER]

Every measurement is a process of its own: 10,000 draws, marginal and simultaneous sets, single
step and step-down. `apart`: independent units. `shared`: 300 raters score all units, so that the
covariance is estimated, full and of low rank. `knotted`: ten common factors of both signs, the
worst case for the bounds that spare draws.
"""

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from analysis import rank_sets

KINDS = ("apart", "shared", "knotted")


def make(units: int, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Points around 70 of 100, and the covariance of their errors."""
    random = np.random.default_rng(3)
    points, error = random.normal(70, 6, units), random.uniform(0.7, 2.5, units)
    if kind == "apart":
        return points, np.diag(error**2)
    if kind == "shared":
        mood = random.normal(size=(300, 1))
        return points, np.cov(((random.normal(size=(300, units)) + mood / 2) * error).T)
    root = random.normal(size=(units, 10)) / 20**0.5
    return points, (root @ root.T + np.eye(units) / 2) * np.outer(error, error)


def measure(units: int, kind: str) -> None:
    """Print seconds, megabytes and critical value of one calculation."""
    points, cov = make(units, kind)
    names = [str(unit) for unit in range(units)]
    rank_sets(names[:5], points[:5], cov[:5, :5], draws=100)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    found = rank_sets(names, points, cov, df=100.0, seed=1)
    seconds = time.perf_counter() - start
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"seconds": seconds, "megabytes": grown, "critical": found.critical[1]}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, nargs="*", default=[20, 63, 1000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        measure(int(asked.one[0]), asked.one[1])
        return
    rows = []
    for units in asked.units:
        for kind in KINDS:
            command = [sys.executable, __file__, "--one", str(units), kind]
            runs = [
                json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
                for _ in range(asked.rounds)
            ]
            row = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            rows.append({"units": units, "covariance": kind, **row})
            print(f"{units:6} {kind:8} {row['seconds']:8.2f} s {row['megabytes']:6.0f} MB")
    if asked.write:
        asked.write.mkdir(parents=True, exist_ok=True)
        machine = {"python": platform.python_version(), "numpy": np.__version__}
        text = json.dumps({"machine": machine, "rows": rows}, indent=1)
        (asked.write / "ranks.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
