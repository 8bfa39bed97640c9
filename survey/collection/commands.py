"""Commands about what respondents left behind."""

from __future__ import annotations

import click

from survey.collection import drafts
from survey.console import now, opened, say
from survey.db import transaction
from survey.errors import N_


@click.group("drafts")
def unfinished() -> None:
    """Look after unfinished answers."""


@unfinished.command("expire")
def expire() -> None:
    """Delete unfinished answers whose time is over; serving does so too, when a form is opened."""
    with opened() as (_database, session), transaction(session):
        count = drafts.forget_expired(session, at=now())
    say(N_("Đã xóa %(count)s phiếu làm dở quá hạn."), count=count)
