"""Broken on purpose: whoever sends the same form again stores another ballot."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from survey.ballotbox import ballots
from survey.model.ballot import Ballot

right = ballots.put


def put(
    session: Session, sheet: ballots.Sheet, *, day: date, tag: bytes | None = None
) -> Ballot | None:
    """Store a ballot under an id of the server's own, and spend no code."""
    return right(session, replace(sheet, id=uuid.uuid4().bytes), day=day)


ballots.put = put

from survey.collection import drafts  # noqa: E402 -- after the change

assert callable(drafts.drop), "say anew how a form is kept after it was handed in"
drafts.drop = lambda *_args, **_more: None  # the form stays, so that it can be sent again

from wsgi import app  # noqa: E402

__all__ = ["app"]
