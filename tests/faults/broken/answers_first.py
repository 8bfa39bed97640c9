"""Broken on purpose: the receipt is shown at once, the ballot stored a little later."""

from __future__ import annotations

import secrets
import threading
from datetime import date

from sqlalchemy.orm import Session

from survey.ballotbox import ballots
from survey.model.ballot import Ballot

LATER_S = 0.4
right = ballots.put


def put(
    session: Session, sheet: ballots.Sheet, *, day: date, tag: bytes | None = None
) -> Ballot | None:
    """Return a ballot that will be stored when the answer is already on its way."""
    bind = session.get_bind()

    def store() -> None:
        with Session(bind) as own:
            right(own, sheet, day=day, tag=tag)
            own.commit()

    threading.Timer(LATER_S, store).start()
    salt = secrets.token_bytes(16)
    return Ballot(id=sheet.id, salt=salt, digest=ballots.digest_of(sheet, salt))


ballots.put = put

from wsgi import app  # noqa: E402 -- after the change

__all__ = ["app"]
