"""Commands of the design room."""

from __future__ import annotations

from pathlib import Path

import click

from survey.console import ACTOR, now, opened, say
from survey.definition import read_json
from survey.design import services
from survey.errors import N_


@click.group()
def questionnaire() -> None:
    """Look after questionnaires."""


@questionnaire.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def publish(file: Path) -> None:
    """Freeze the document in a JSON FILE as the next version of its questionnaire."""
    raw = read_json(file.read_bytes())
    with opened() as (_database, session):
        version = services.publish(session, raw, actor=ACTOR, at=now())
        number = version.number
    say(N_("Bộ câu hỏi trong %(name)s là phiên bản %(number)s."), name=file.name, number=number)
