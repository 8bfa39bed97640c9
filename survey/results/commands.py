"""Commands of the results room."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from survey import console
from survey.console import ACTOR, language, opened, say
from survey.errors import N_
from survey.model.result import Run
from survey.results import files, queries, services


@click.command()
@click.option("--campaign", "code", required=True, help="Code of a closed campaign.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for run.json, results.xlsx, results.csv, method.md, charts, and public files.",
)
@click.option("--new", is_flag=True, help="Make a new run even if there is one.")
@click.option(
    "--seed",
    type=click.IntRange(0, services.MAX_SEED),
    default=0,
    help="Seed that a new run records.",
)
def report(code: str, out: Path, *, new: bool, seed: int) -> None:
    """Write the results of a campaign, from its newest run or a new one."""
    with opened() as (database, session):
        campaign = queries.campaign_by_code(session, code)
        runs = [] if new else queries.runs_of(session, campaign)
        run = (
            queries.run_by_id(session, runs[0].id)
            if runs
            else services.make_run(
                session, database.settings, campaign, actor=ACTOR, at=console.now(), seed=seed
            )
        )
        _write(run, services.release(session, database.settings, run), out)
        say(
            N_("Đã ghi kết quả của lần tính %(run)s vào %(folder)s."),
            run=str(run.id),
            folder=str(out),
        )


@click.command()
@click.argument("run_id", metavar="RUN")
def reproduce(run_id: str) -> None:
    """Compute RUN again from its stored inputs and compare byte for byte."""
    with opened() as (database, _writing), database.reading_session() as session:
        run = queries.run_by_id(session, run_id)
        services.reproduce(database.settings, run)
        say(
            N_("Tính lại cho đúng kết quả cũ, giống nhau đến từng byte: %(hash)s."),
            hash=run.result_hash,
        )


def _write(run: Run, released: Mapping[str, Any], out: Path) -> None:
    """Write every file of a run; one chart a block, chart.svg where there is one block."""
    out.mkdir(parents=True, exist_ok=True)
    for name in files.NAMES:
        (out / name).write_bytes(files.content(run.result, name, language()))
    for name in files.PUBLIC:
        (out / name).write_bytes(files.public(released, name, language()))
    for name, drawn in files.charts(run.result, language()):
        (out / name).write_bytes(drawn)
