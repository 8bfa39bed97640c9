"""Putting a ballot into the box: once, whole, and with nothing that leads to a person."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from survey.ballotbox.codes import as_text, grouped
from survey.model.ballot import Ballot, Channel, Spent
from survey.questionnaire import canonical

RECEIPT_BYTES = 10  # 80 bits


@dataclass(frozen=True)
class Sheet:
    """Everything of a ballot but its salt and digest."""

    id: bytes
    campaign_id: int
    stratum_id: int
    cluster_id: int | None
    version_id: int
    channel: Channel
    content: Mapping[str, object]
    risk: int = 0  # 1: a hint that it was not a person, or not one; never a reason to refuse


def digest_of(sheet: Sheet, salt: bytes) -> bytes:
    """Return the digest that a receipt shows a part of and that proves a row unchanged."""
    return _digest(sheet, salt, canonical.dumps(sheet.content))


def _digest(of: Sheet | Ballot, salt: bytes, content: str) -> bytes:
    head = f"{of.campaign_id}/{of.stratum_id}/{of.cluster_id}/{of.version_id}"
    text = f"{head}/{of.channel.value}/{content}"
    return hashlib.sha256(salt + of.id + text.encode("utf-8")).digest()


def put(session: Session, sheet: Sheet, *, day: date, tag: bytes | None = None) -> Ballot | None:
    """Add a ballot, and the spent code with it, in the caller's transaction.

    None when the database already holds a ballot under the same id or the same code: then the
    caller undoes the transaction. That is asked for with ON CONFLICT, since the error that a plain
    INSERT meets would write id and tag, with the time, into PostgreSQL's own log.
    """
    if tag is not None and not _added(session, Spent.tag, {"tag": tag}):
        return None
    salt = secrets.token_bytes(16)
    values = {
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
    return Ballot(**values) if _added(session, Ballot.id, values) else None


def _added(session: Session, key: InstrumentedAttribute[bytes], values: dict[str, object]) -> bool:
    """Add a row unless its key is there; the key comes back only from a row that was added."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert if is_sqlite else postgresql_insert
    statement = insert(key.class_).values(values).on_conflict_do_nothing().returning(key)
    return session.execute(statement).first() is not None


def is_same(ballot: Ballot, sheet: Sheet) -> bool:
    """Tell whether a stored ballot says exactly what a sheet says."""
    return ballot.id == sheet.id and ballot.digest == digest_of(sheet, ballot.salt)


def receipt(ballot: Ballot) -> str:
    """Return the reference that shows a ballot is in the box, and nothing of what it says."""
    return grouped(as_text(ballot.digest[:RECEIPT_BYTES]))


def is_intact(ballot: Ballot) -> bool:
    """Tell whether a stored row still has the digest it was stored with."""
    return ballot.digest == _digest(ballot, ballot.salt, ballot.answers)
