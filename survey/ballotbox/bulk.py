"""Putting many ballots into the box at once, in an order that says nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey.ballotbox.ballots import Sheet, digest_of
from survey.model.ballot import Ballot
from survey.questionnaire import canonical

BATCH = 2000


def put_many(session: Session, sheets: Iterable[Sheet], *, day: date) -> int:
    """Add ballots in the caller's transaction and return how many there were.

    They are written in the order of their random ids, so that neither their rows nor the log of
    the database keep the order in which they came.
    """
    ordered = sorted(sheets, key=lambda sheet: sheet.id)
    for start in range(0, len(ordered), BATCH):
        rows = [_row(sheet, day) for sheet in ordered[start : start + BATCH]]
        session.execute(insert(Ballot), rows)
    return len(ordered)


def _row(sheet: Sheet, day: date) -> dict[str, Any]:
    salt = secrets.token_bytes(16)
    return {
        "id": sheet.id,
        "campaign_id": sheet.campaign_id,
        "stratum_id": sheet.stratum_id,
        "cluster_id": sheet.cluster_id,
        "version_id": sheet.version_id,
        "channel": sheet.channel,
        "day": day,
        "salt": salt,
        "answers": canonical.dumps(sheet.content),
        "digest": digest_of(sheet, salt),
        "risk": sheet.risk,
    }
