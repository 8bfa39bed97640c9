"""The job "800 unit × item means with standard errors and 20 composites", ours beside others.

    pip install 'xhh[engine,postgresql]' 'svy>=0.35,<0.36'
    python benchmarks/estimate.py [--answers 1e5 1e6 1e7 1e8] [--rounds 5] [--only NAME …]
        [--write FOLDER]

Every measurement is a process of its own that makes the same wave, warms up on a small one, and
times the job alone, wave in memory or in a Parquet file or table. Rounds interleave the
competitors, so that a busy machine slows all of them. Printed are medians, their ratio to ours
on numpy, the growth of memory during the job at its peak, and how the time grows with the answers.
"""

import argparse
import gc
import json
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from waves import BOOK, CLUSTERS, CODES, make_scheme, make_wave

from analysis import IndexResult, ReplicateWeights, aggregate, replicate_index

ITEMS = list(BOOK.items)
SCORE = np.array([np.nan, *(np.arange(CODES - 1) / (CODES - 2))])


OPEN = ExitStack()  # servers and connections of this process


def figures(result: IndexResult) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The 800 means with their errors, and the 20 composites with their covariance."""
    means = [[float(cell.score or 0) for cell in row] for row in result.cells]
    errors = np.sqrt(result.variances[0].leaf_variance)
    return pd.DataFrame(means), pd.DataFrame(errors), result.cov


def ours(wave: pd.DataFrame, _: Path) -> Callable[[], object]:
    """Persons in memory, summed by numpy."""
    scheme = make_scheme()
    return lambda: figures(scheme.score({"all": aggregate(wave, CLUSTERS, BOOK)}))


def ours_by_psu(wave: pd.DataFrame, _: Path) -> Callable[[], object]:
    """The same from sums over PSUs, which further questions need no answers for."""
    scheme = make_scheme()
    return lambda: figures(scheme.score({"all": aggregate(wave, CLUSTERS, BOOK, level="psu")}))


def ours_duckdb(wave: pd.DataFrame, folder: Path) -> Callable[[], object]:
    """Straight from a Parquet file."""
    scheme, path = make_scheme(), folder / "wave.parquet"
    wave.to_parquet(path)
    return lambda: figures(scheme.score({"all": aggregate(path, CLUSTERS, BOOK, backend="duckdb")}))


def ours_postgresql(wave: pd.DataFrame, folder: Path) -> Callable[[], object]:
    """Straight from a table of PostgreSQL."""
    import psycopg

    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.support.postgresql import OWNER, running_server

    server = OPEN.enter_context(running_server())
    url = server.url(server.create(), OWNER).replace("+psycopg", "")
    connection = OPEN.enter_context(psycopg.connect(url))
    scheme, path = make_scheme(), folder / "wave.csv"
    wave.to_csv(path, index=False, header=False)
    types = {"stratum": "bigint", "psu": "bigint", "w": "double precision", "unit": "text"}
    columns = ", ".join(f'"{name}" {types.get(name, "smallint")}' for name in wave)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE wave ({columns})")
        with cursor.copy("COPY wave FROM STDIN (FORMAT csv)") as copy, path.open("rb") as rows:
            while part := rows.read(1 << 20):
                copy.write(part)
    connection.commit()
    return lambda: figures(
        scheme.score({"all": aggregate("wave", CLUSTERS, BOOK, backend=connection)})
    )


def item_by_item(wave: pd.DataFrame, _: Path) -> Callable[[], object]:
    """As one would write it in pandas: a groupby an item, and one for the composite."""
    keys = ["unit", "stratum", "psu"]
    sizes = wave.groupby("stratum").psu.nunique()

    def variance(z: pd.Series) -> pd.Series:
        totals = z.groupby([wave[key] for key in keys]).sum()
        by = totals.groupby(["unit", "stratum"])
        squares, sums = (totals**2).groupby(["unit", "stratum"]).sum(), by.sum()
        n = sizes.reindex(sums.index.get_level_values("stratum")).to_numpy()
        return (n / (n - 1) * (squares - sums**2 / n)).groupby("unit").sum()

    def job() -> object:
        composite = pd.Series(0.0, index=wave.index)
        errors = {}
        for item in ITEMS:
            y = pd.Series(SCORE[wave[item]], index=wave.index)
            w = wave.w.where(y.notna(), 0.0)
            by = w.groupby(wave.unit)
            mean = (w * y.fillna(0)).groupby(wave.unit).sum() / by.sum()
            z = w * (y.fillna(0) - wave.unit.map(mean)) / wave.unit.map(by.sum())
            errors[item] = np.sqrt(variance(z))
            composite += z
        return errors, np.sqrt(variance(composite))

    return job


def peer_svy(wave: pd.DataFrame, _: Path) -> Callable[[], object]:
    """Package svy: 40 means by unit, then totals of the composite's residuals."""
    import polars as pl
    import svy

    scored = wave[["stratum", "psu", "w", "unit"]].copy()
    for item in ITEMS:
        scored[item] = SCORE[wave[item]]
    frame = pl.from_pandas(scored).with_columns(pl.col(ITEMS).fill_nan(None))
    design = svy.Design(stratum="stratum", psu="psu", wgt="w")

    def job() -> object:
        means = svy.Sample(frame, design).estimation.mean(ITEMS, by="unit", drop_nulls=True)
        known = pl.col(ITEMS).is_not_null()
        weight = (known * pl.col("w")).sum().over("unit")
        centred = pl.col(ITEMS) - ((pl.col(ITEMS) * pl.col("w")).sum().over("unit") / weight)
        z = frame.select((centred / weight).fill_null(0.0))
        composite = frame.select("stratum", "psu", "w", "unit").with_columns(
            z.sum_horizontal().alias("z")
        )
        return means, svy.Sample(composite, design).estimation.total("z", by="unit")

    return job


def bare_pass(wave: pd.DataFrame, _: Path) -> Callable[[], object]:
    """No statistics: each answer is looked at once by numpy, and its weight counted."""
    unit = pd.factorize(wave.unit)[0] * CODES
    weight = wave.w.to_numpy()
    codes = [wave[item].to_numpy() for item in ITEMS]
    return lambda: [np.bincount(unit + code, weight) for code in codes]


def bootstrap_1000(wave: pd.DataFrame, _: Path) -> Callable[[], object]:
    """1,000 Rao-Wu replicates of the 20 composites, from statistics that are there."""
    result = make_scheme().score({"all": aggregate(wave, CLUSTERS, BOOK, level="psu")})
    boots = ReplicateWeights(kind="bootstrap", count=1000, seed=1)
    return lambda: replicate_index(result, boots)


COMPETITORS: dict[str, Callable[[pd.DataFrame, Path], Callable[[], object]]] = {
    "ours, numpy": ours,
    "ours, numpy by PSU": ours_by_psu,
    "ours, DuckDB from Parquet": ours_duckdb,
    "ours, PostgreSQL": ours_postgresql,
    "pandas, item by item": item_by_item,
    "svy 0.35": peer_svy,
    "one bare numpy pass": bare_pass,
    "ours, 1,000 bootstraps": bootstrap_1000,
}
R_SCRIPT = Path(__file__).with_name("estimate.R")
SLOW = {  # most answers that a competitor is asked, so that a round ends within minutes
    "svy 0.35": 10_000_000,
    "R survey": 1_000_000,
    "pandas, item by item": 10_000_000,
    "ours, PostgreSQL": 10_000_000,
}
NOTES = """CPU s is of all cores, so it tells the work where other programs take their turns; that
of PostgreSQL's server is not in it.

Ours reads raw codes: it checks them, scores them exactly, and gives besides the errors the
20 × 20 covariance of the composites, degrees of freedom, design effects and what intervals need.
The others get answers that are scored already, and do less where they offer less: svy gives means
and totals with errors, degrees of freedom and intervals, but no covariance between units; pandas
gives errors only; R `survey` errors, and the covariance of the composites. Composites of the
others are totals of residuals that their script linearises."""


def measure(name: str, answers: int) -> dict[str, float]:
    """Seconds of the job by the clock and of all cores, and megabytes the process grew by."""
    with OPEN, tempfile.TemporaryDirectory() as folder:
        job = COMPETITORS[name](make_wave(40_000), Path(folder))
        job()
    with OPEN, tempfile.TemporaryDirectory() as folder:
        job = COMPETITORS[name](make_wave(answers), Path(folder))
        gc.collect()  # nobody pays for what was left over from the making of the wave
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start, work = time.perf_counter(), time.process_time()
        job()
        seconds, cpu = time.perf_counter() - start, time.process_time() - work
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "cpu": cpu, "megabytes": (peak - before) / 1024}


def in_process(name: str, answers: int) -> dict[str, float]:
    """One measurement in a process of its own."""
    if name == "R survey":
        command = ["Rscript", str(R_SCRIPT), str(answers)]
    else:
        command = [sys.executable, __file__, "--one", name, "--answers", str(answers)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(answers: int, rounds: int, names: list[str]) -> dict[str, Any]:
    """Medians over interleaved rounds."""
    taken = [name for name in names if answers <= SLOW.get(name, answers)]
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in taken}
    for _ in range(rounds):
        for name in taken:
            runs[name].append(in_process(name, answers))
    return {
        name: {
            "seconds": statistics.median(run["seconds"] for run in found),
            "fastest": min(run["seconds"] for run in found),
            "cpu": statistics.median(run["cpu"] for run in found),
            "megabytes": statistics.median(run["megabytes"] for run in found),
        }
        for name, found in runs.items()
    }


def table(answers: int, found: dict[str, Any]) -> str:
    base = found["ours, numpy"]
    lines = [
        f"### {answers:,} answers",
        "",
        "| who | median s | fastest s | times ours | CPU s | times ours | MB more |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {one['seconds']:.3f} | {one['fastest']:.3f} "
        f"| {one['seconds'] / base['seconds']:.1f} | {one['cpu']:.3f} "
        f"| {one['cpu'] / base['cpu']:.1f} | {one['megabytes']:.0f} |"
        for name, one in found.items()
    ]
    return "\n".join(lines)


def curve(found: dict[int, dict[str, Any]]) -> str:
    """CPU seconds by number of answers, and nanoseconds an answer at the most that were asked."""
    names = dict.fromkeys(name for one in found.values() for name in one)
    lines = [
        "### Growth, median CPU s",
        "",
        f"| who | {' | '.join(f'{n:,}' for n in found)} | ns |",
    ]
    lines.append("|---" * (len(found) + 2) + "|")
    for name in names:
        known = {n: one[name]["cpu"] for n, one in found.items() if name in one}
        cells = [f"{known[n]:.3f}" if n in known else "" for n in found]
        lines.append(
            f"| {name} | {' | '.join(cells)} | {known[max(known)] / max(known) * 1e9:.0f} |"
        )
    return "\n".join([*lines, "", "ns: an answer, at the most answers asked."])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=float, nargs="+", default=[1e5, 1e6, 1e7, 1e8])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="some competitors beside ours")
    parser.add_argument("--one", help="a single measurement, as the rounds make them")
    asked = parser.parse_args()
    sizes = [int(size) for size in asked.answers]
    if asked.one:
        print(json.dumps(measure(asked.one, sizes[0])))
        return
    names = [*COMPETITORS, *(["R survey"] if shutil.which("Rscript") else [])]
    if asked.only:
        names = [name for name in names if name in ("ours, numpy", *asked.only)]
    found = {size: compare(size, asked.rounds, names) for size in sizes}
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    tables = [table(size, one) for size, one in found.items()]
    text = "\n\n".join([machine, NOTES, *tables, curve(found)])
    print(text)
    if asked.write:
        (asked.write / "estimate.json").write_text(json.dumps(found, indent=1) + "\n")
        (asked.write / "estimate.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
