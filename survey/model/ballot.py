"""The ballot box. Nothing in it leads to a person.

Keys are random, no column tells the time of day, no sequence counts arrivals, and on SQLite the
tables have no rowid. The stratum comes with the credential, which knows no person either.
Triggers refuse to change or delete ballots and spent codes; on PostgreSQL the application's role
has no right to try (`survey/migrations/rights.py`).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.model.base import Model, Note, enum_type

NO_ROWID = {"sqlite_with_rowid": False}
TAG = LargeBinary(32)
RANDOM_KEY = LargeBinary(16)


class Channel(StrEnum):
    """The door a ballot came through; only controlled doors are ranked."""

    OPEN = "open"
    CODE = "code"
    IMPORT = "import"


class Credential(Model):
    """The keyed hash of a code that was handed over, and the stratum it stands for."""

    __tablename__ = "credential"
    __table_args__ = (CheckConstraint("length(tag) = 32", name="tag"), NO_ROWID)

    tag: Mapped[bytes] = mapped_column(TAG, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    stratum_id: Mapped[int] = mapped_column(ForeignKey("stratum.id"))
    cluster_id: Mapped[int | None] = mapped_column(ForeignKey("cluster.id"))


class Spent(Model):
    """A code that brought a ballot; its key is the only guard of one ballot a code."""

    __tablename__ = "spent"
    __table_args__ = (NO_ROWID,)

    tag: Mapped[bytes] = mapped_column(TAG, ForeignKey("credential.tag"), primary_key=True)


class Ballot(Model):
    """One set of answers, as canonical JSON, inserted once."""

    __tablename__ = "ballot"
    __table_args__ = (
        CheckConstraint("length(id) = 16", name="id"),
        CheckConstraint("length(salt) = 16", name="salt"),
        CheckConstraint("length(digest) = 32", name="digest"),
        CheckConstraint("risk IN (0, 1)", name="risk"),
        Index("ix_ballot_campaign_id", "campaign_id"),
        NO_ROWID,
    )

    id: Mapped[bytes] = mapped_column(RANDOM_KEY, primary_key=True)  # made by the client
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    stratum_id: Mapped[int] = mapped_column(ForeignKey("stratum.id"))
    cluster_id: Mapped[int | None] = mapped_column(ForeignKey("cluster.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    channel: Mapped[Channel] = mapped_column(enum_type(Channel, "channel"))
    day: Mapped[date]
    salt: Mapped[bytes] = mapped_column(RANDOM_KEY)  # so that a receipt cannot prove the content
    answers: Mapped[Note]  # canonical JSON: {"answers": {...}, "units": {"<unit>": {...}}}
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))  # of everything above
    risk: Mapped[int] = mapped_column(SmallInteger, server_default="0")  # 1: look at it again


class BallotImport(Model):
    """A file of answers that was imported; its key refuses the same file a second time."""

    __tablename__ = "ballot_import"
    __table_args__ = (CheckConstraint("ballots >= 1", name="ballots"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    file_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    ballots: Mapped[int]


class Draft(Model):
    """Unfinished answers, sealed under a key that only the respondent's browser holds."""

    __tablename__ = "draft"
    __table_args__ = (NO_ROWID,)

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    revision: Mapped[int]
    sealed: Mapped[bytes]
    expires_on: Mapped[date]


class RateWindow(Model):
    """How often something was tried in a window of time, under a keyed hash of who tried."""

    __tablename__ = "rate_window"
    __table_args__ = (NO_ROWID,)

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    window_ends_at: Mapped[datetime]
    tries: Mapped[int]
