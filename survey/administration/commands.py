"""Commands of the administration room."""

from __future__ import annotations

from pathlib import Path

import click

from survey.administration import services
from survey.console import ACTOR, now, opened, say
from survey.definition import read_json
from survey.errors import N_
from survey.model.account import Role

ONE_TIME = N_("Mật khẩu dùng một lần của %(login)s: %(password)s (chỉ hiện lần này)")


@click.group()
def account() -> None:
    """Look after staff accounts."""


@account.command("create")
@click.argument("login")
@click.option("--name", required=True, help="Full name, as pages show it.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="What the account may do; may be given several times.",
)
def create(login: str, name: str, roles: tuple[str, ...]) -> None:
    """Make an account for LOGIN and print its one-time password."""
    with opened() as (_database, session):
        wanted = map(Role, roles)
        password = services.create_account(session, login, name, wanted, actor=ACTOR, at=now())
    say(ONE_TIME, login=login, password=password)


@account.command("reset")
@click.argument("login")
def reset(login: str) -> None:
    """Give LOGIN a new one-time password, sign it out everywhere, and print the password."""
    with opened() as (_database, session):
        account_id = services.account_id_of(session, login)
        password = services.reset_password(session, account_id, actor=ACTOR, at=now())
    say(ONE_TIME, login=login, password=password)


@click.group()
def organisation() -> None:
    """Look after blocks and units."""


@organisation.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Store the blocks, units and respondent groups of a JSON FILE."""
    raw = read_json(file.read_bytes())
    with opened() as (_database, session):
        services.load_organisation(session, raw, actor=ACTOR, at=now())
    say(N_("Đã nạp cơ cấu tổ chức từ %(name)s."), name=file.name)
