"""Every answer of a closed campaign, written into a folder for the analysts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from survey import audit
from survey.db import Session, transaction
from survey.errors import N_, ConflictError
from survey.fieldwork import queries
from survey.model.campaign import Campaign

OPEN = N_(
    "Đợt điều tra chưa đóng. Câu trả lời chỉ được xuất sau khi đóng, để không ai xem trước được."
)


def export_answers(
    session: Session, campaign: Campaign, folder: Path, *, actor: str, at: datetime
) -> int:
    """Write every answer of a closed campaign into a new folder; return how many ballots.

    Raises `ConflictError` while ballots may still come in or if the folder is there, and
    `InvalidError` when ballots are damaged.
    """
    # Imported late: they load the numeric libraries, and other commands start at once.
    from survey.dataset import folder as folders
    from survey.dataset.answers import BALLOTS, collect

    if queries.state_of(campaign, at) is not queries.State.CLOSED:
        raise ConflictError(OPEN)
    answers = collect(session, campaign)
    ballots = sum(int(tables[BALLOTS].num_rows) for tables in answers.tables.values())
    session.rollback()  # the box was only read
    with transaction(session):
        audit.record(
            session,
            actor=actor,
            at=at,
            action="answers.exported",
            thing=campaign.code,
            ballots=ballots,
        )
        folders.write(folder, answers)
    return ballots
