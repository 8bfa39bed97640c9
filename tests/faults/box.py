"""What really lies in the ballot box, read past the application's roles and pages."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.ballotbox.ballots import is_intact, receipt
from survey.db import Database
from survey.model.ballot import Ballot, Channel, Credential, Spent
from tests.faults.oracle import Box, Stored


def read_box(database: Database, without: frozenset[str] = frozenset()) -> Box:
    """Return the ballots and spent codes, but for ballots that were there before the run."""
    with database.reading_session() as session:
        rows = session.scalars(select(Ballot)).all()
        spent = dict(_spent(session))
        for ballot in rows:
            if ballot.id.hex() in without and ballot.channel == Channel.CODE:
                spent[ballot.stratum_id] -= 1
        kept = tuple(_stored(ballot) for ballot in rows if ballot.id.hex() not in without)
    return Box(kept, {stratum: count for stratum, count in spent.items() if count})


def _spent(session: Session) -> list[tuple[int, int]]:
    rows = session.execute(
        select(Credential.stratum_id, func.count())
        .join(Spent, Spent.tag == Credential.tag)
        .group_by(Credential.stratum_id)
    )
    return [(stratum, count) for stratum, count in rows]


def _stored(ballot: Ballot) -> Stored:
    return Stored(
        id=ballot.id.hex(),
        answers=ballot.answers,
        receipt=receipt(ballot),
        intact=is_intact(ballot),
        stratum=ballot.stratum_id,
        by_code=ballot.channel == Channel.CODE,
    )
