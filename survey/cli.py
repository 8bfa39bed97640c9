"""The console script `xhh`: every command of every room."""

from __future__ import annotations

import click

from survey.administration.commands import account, organisation
from survey.collection.commands import unfinished
from survey.console import PlainErrors, opened, say
from survey.demo.commands import demo
from survey.design.commands import questionnaire
from survey.errors import N_
from survey.fieldwork.commands import campaign, responses, simulate
from survey.migrations import rights, runner
from survey.results.commands import report, reproduce
from survey.scoring.commands import framework, history, points


@click.group(cls=PlainErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="xhh")
def main() -> None:
    """Run a sociological survey from question set to score report."""


@main.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the schema of this version."""
    with opened() as (database, _session):
        runner.upgrade(database)
        say(N_("Cơ sở dữ liệu ở phiên bản %(version)s."), version=runner.current(database))


@db.command()
@click.argument("role")
def grant(role: str) -> None:
    """Give the application's PostgreSQL ROLE its rights: ballots can be added, not changed."""
    with opened() as (database, _session):
        rights.grant(database, role)
        say(N_("Đã cấp quyền cho vai trò “%(role)s”."), role=role)


@main.group("import")
def imports() -> None:
    """Take in files from elsewhere, each whole or not at all."""


main.add_command(account)
main.add_command(demo)
main.add_command(organisation)
main.add_command(campaign)
main.add_command(framework)
main.add_command(questionnaire)
main.add_command(report)
main.add_command(reproduce)
main.add_command(simulate)
main.add_command(unfinished)
imports.add_command(points)
imports.add_command(history)
imports.add_command(responses)
