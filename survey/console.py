"""What every command shares: the database it works on, and how errors are shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from survey import clock
from survey.config import load_settings
from survey.db import Database, DatabaseFailure, Session
from survey.errors import InvalidError, Problem, SurveyError
from survey.web.i18n import translate

ACTOR = "command-line"


def language() -> str:
    """Return the language of messages: `XHH_LANG=en` for English."""
    return "en" if os.environ.get("XHH_LANG", "").startswith("en") else "vi"


def say(text: str, *, err: bool = False, **values: object) -> None:
    """Print a translated text, or show it beside the output as errors are."""
    click.echo(translate(text, language(), values), err=err)


@contextmanager
def opened() -> Iterator[tuple[Database, Session]]:
    """Give a command its database and a session for changes."""
    database = Database(load_settings())
    try:
        with database.session() as session:
            yield database, session
    finally:
        database.dispose()


class PlainErrors(click.Group):
    """A group whose commands end with a message and status 1 instead of a trace."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except SurveyError as error:
            _print(error)
            sys.exit(1)
        except DatabaseFailure as error:
            click.echo(f"{type(error).__name__}: {getattr(error, 'orig', error)}", err=True)
            sys.exit(1)


def said(problem: Problem, tag: str) -> str:
    """Return what is wrong in a language; a check of a questionnaire says it in its own words."""
    if problem.texts:
        return problem.texts.get(tag) or str(problem)
    return translate(problem.message, tag, problem.values)


def _print(error: SurveyError) -> None:
    click.echo(translate(error.message, language(), error.values), err=True)
    for problem in error.problems if isinstance(error, InvalidError) else ():
        click.echo(f"  {problem.place or '-'}: {said(problem, language())}", err=True)


now = clock.now
