"""Commands of the design room."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from survey.console import ACTOR, language, now, opened, said, say
from survey.definition import read_json
from survey.design import services
from survey.errors import N_
from survey.questionnaire import canonical
from survey.questionnaire.answer_file import answers_in
from survey.questionnaire.parse import parse
from survey.questionnaire.walk import lines_of, walked
from survey.web.i18n import translate

CONFIRM = N_('Cảnh báo này có thể xác nhận bằng "confirmed": ["%(name)s"].')
JSON_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def questionnaire() -> None:
    """Look after questionnaires."""


@questionnaire.command("publish")
@click.argument("file", type=JSON_FILE)
def publish(file: Path) -> None:
    """Freeze the document in a JSON FILE as the next version of its questionnaire."""
    raw = read_json(file.read_bytes())
    with opened() as (_database, session):
        version = services.publish(session, raw, actor=ACTOR, at=now())
        number = version.number
    say(N_("Bộ câu hỏi trong %(name)s là phiên bản %(number)s."), name=file.name, number=number)


@questionnaire.command("walk")
@click.argument("file", type=JSON_FILE)
@click.option("--answers", required=True, type=JSON_FILE, help="Answers, in the form of a ballot.")
@click.option("--lang", default=None, help="Language of the questionnaire and of messages.")
@click.option("--units", default=None, help="Rated units, with commas between them.")
def walk(file: Path, answers: Path, lang: str | None, units: str | None) -> None:
    """Run the document in a JSON FILE without the web: the path, and the ballot or the errors."""
    document = parse(read_json(file.read_bytes()))
    rated = None if units is None else [unit for unit in units.split(",") if unit]
    given = answers_in(document, read_json(answers.read_bytes()), rated)
    shown = lang or language()
    done = walked(document, given, shown)
    for line in lines_of(done.path):
        click.echo(line)
    if done.ballot is not None:
        click.echo(canonical.dumps(done.ballot))
        return
    for problem in done.problems:
        click.echo(f"{problem.place or '-'}: {said(problem, shown)}", err=True)
    for name in done.to_confirm:
        click.echo(translate(CONFIRM, shown, {"name": name}), err=True)
    sys.exit(1)
