"""Commands of the scoring room."""

from __future__ import annotations

from pathlib import Path

import click

from survey.console import ACTOR, now, opened, say
from survey.definition import read_json
from survey.errors import N_
from survey.scoring import services

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def framework() -> None:
    """Look after frameworks."""


@framework.command("load")
@click.argument("file", type=FILE)
def load(file: Path) -> None:
    """Store a new framework version from a JSON FILE."""
    raw = read_json(file.read_bytes())
    with opened() as (_database, session):
        stored = services.load_framework(session, raw, actor=ACTOR, at=now())
        name = f"{stored.code} v{stored.version}"
    say(N_("Đã nạp bộ tiêu chí %(name)s."), name=name)


@click.command("points")
@click.argument("file", type=FILE)
@click.option("--year", type=int, required=True, help="The year that is assessed.")
@click.option("--generated", is_flag=True, help="The points are made up for a demonstration.")
def points(file: Path, year: int, generated: bool) -> None:
    """Store the appraised and external points of a CSV or XLSX FILE."""
    data = file.read_bytes()
    with opened() as (_database, session):
        done = services.import_points(
            session, year, file.name, data, actor=ACTOR, at=now(), is_generated=generated
        )
    say(
        N_("Đã nhập %(rows)s giá trị điểm, trong đó thay %(replaced)s giá trị cũ."),
        rows=done.rows,
        replaced=done.replaced,
    )


@click.command("history")
@click.argument("file", type=FILE)
def history(file: Path) -> None:
    """Store the indices of earlier years in a CSV or XLSX FILE."""
    data = file.read_bytes()
    with opened() as (_database, session):
        done = services.import_history(session, file.name, data, actor=ACTOR, at=now())
    say(
        N_("Đã nhập %(rows)s chỉ số, trong đó thay %(replaced)s chỉ số cũ."),
        rows=done.rows,
        replaced=done.replaced,
    )
