"""Unfinished answers: sealed under a token that only the respondent holds.

The token follows from the respondent's code, so that the same code opens the same draft on any
device; for an open door a code is made for that. The row in the database says which campaign and
when it expires; everything else can be read only by who brings the code or the token.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import CursorResult, bindparam, delete, select, update
from sqlalchemy.orm import Session

from survey.clock import local_date
from survey.config import Settings
from survey.db import forget_past_tries, transaction
from survey.errors import UnavailableError
from survey.model.ballot import Channel, Draft
from survey.model.campaign import Anonymity, Campaign
from survey.questionnaire import canonical
from survey.questionnaire.document import Key, Missing
from survey.questionnaire.kinds.base import Raw

NONCE_BYTES = 12
ATTEMPTS = 20
SEEDS = 2**31
EVERY = timedelta(minutes=1)
_looked: list[datetime] = []  # when this process last looked for drafts that have expired


@dataclass(frozen=True)
class Round:
    """A campaign, as far as respondents see it."""

    id: int
    code: str
    title: str
    title_en: str
    opens_at: datetime
    closes_at: datetime
    anonymity: Anonymity
    is_generated: bool


@dataclass(frozen=True)
class Entry:
    """What a respondent may answer: where the ballot will lie, and the code that pays for it."""

    campaign_id: int
    group_id: int
    stratum_id: int
    cluster_id: int | None
    version_id: int
    channel: Channel
    tag: bytes | None


@dataclass(frozen=True)
class Visit:
    """An opened form: what may be answered, and what has been answered so far, as it was typed."""

    token: str
    form_id: str
    revision: int  # of the row; another one means that it was changed meanwhile
    entry: Entry
    ballot_id: bytes
    seed: int  # of everything in random order
    expires_on: date
    started_at: datetime
    seen_at: datetime
    resume_code: str | None = None  # of an open door; elsewhere the respondent has a code
    is_shared: bool = False  # the device: nothing may stay in its browser
    is_flagged: bool = False  # a field that people do not see was filled in
    answers: Mapping[Key, Raw] = field(default_factory=dict)
    revisions: Mapping[str, int] = field(default_factory=dict)  # page → how often it was kept
    confirmed: frozenset[str] = frozenset()  # warnings

    def is_idle(self, settings: Settings, at: datetime) -> bool:
        """Tell whether the form was left alone for so long that its code is asked for again."""
        return at >= self.seen_at + timedelta(minutes=settings.idle_minutes)


def token_of(settings: Settings, campaign: str, code: str) -> str:
    """Return the token of whoever knows a normalised code."""
    found = _derived(settings, f"visit\x1f{campaign}", code)
    return urlsafe_b64encode(found).decode().rstrip("=")


def form_id_of(settings: Settings, token: str) -> str:
    """Return the name of a form in addresses; it opens nothing."""
    return hashlib.sha256(b"form" + _derived(settings, "draft-id", token)).hexdigest()[:32]


def _derived(settings: Settings, purpose: str, token: str) -> bytes:
    text = f"{purpose}\x1f{token}".encode()
    return hmac.new(settings.secret_key.encode(), text, hashlib.sha256).digest()


def _seal(settings: Settings, draft_id: bytes, visit: Visit) -> bytes:
    entry = asdict(visit.entry) | {"tag": visit.entry.tag.hex() if visit.entry.tag else None}
    content = {
        "entry": entry,
        "ballot": visit.ballot_id.hex(),
        "seed": visit.seed,
        "started": int(visit.started_at.timestamp()),
        "seen": int(visit.seen_at.timestamp()),
        "resume": visit.resume_code,
        "shared": visit.is_shared,
        "flagged": visit.is_flagged,
        "answers": [[code, row, _plain(raw)] for (code, row), raw in visit.answers.items()],
        "revisions": dict(visit.revisions),
        "confirmed": sorted(visit.confirmed),
    }
    nonce = secrets.token_bytes(NONCE_BYTES)
    key = _derived(settings, "draft-key", visit.token)
    return nonce + AESGCM(key).encrypt(nonce, canonical.dumps(content).encode(), draft_id)


def _plain(raw: Raw) -> object:
    if isinstance(raw, Missing):
        return {"missing": raw.value}
    return list(raw) if isinstance(raw, tuple) else raw


def _raw(plain: Any) -> Raw:
    if isinstance(plain, dict):
        return Missing(plain["missing"])
    return tuple(plain) if isinstance(plain, list) else str(plain)


_FIND = (
    select(
        Draft.id,
        Draft.revision,
        Draft.sealed,
        Draft.expires_on,
        *(getattr(Campaign, one.name) for one in fields(Round)),
    )
    .join(Campaign, Campaign.id == Draft.campaign_id)
    .where(Draft.id == bindparam("draft_id"))
)
_CHANGE = (
    update(Draft)
    .where(Draft.id == bindparam("draft_id"), Draft.revision == bindparam("seen"))
    .values(sealed=bindparam("new_sealed"), revision=bindparam("new_revision"))
    .execution_options(synchronize_session=False)
)


def find(
    session: Session, settings: Settings, token: str, *, at: datetime
) -> tuple[Visit, Round] | None:
    """Return the visit of a token and its campaign; None when unknown, expired or handed in."""
    draft_id = _derived(settings, "draft-id", token)
    row = session.execute(_FIND, {"draft_id": draft_id}).first() if token else None
    if row is None or row.expires_on < local_date(at):
        return None
    visit = _open(settings, token, row)
    return None if visit is None else (visit, Round(*row[4:]))


def _open(settings: Settings, token: str, row: Any) -> Visit | None:
    key = _derived(settings, "draft-key", token)
    nonce, sealed = row.sealed[:NONCE_BYTES], row.sealed[NONCE_BYTES:]
    try:
        plain = AESGCM(key).decrypt(nonce, sealed, row.id)
    except InvalidTag:
        return None
    content: dict[str, Any] = json.loads(plain)  # we wrote it, and nobody else could have
    entry = content["entry"]
    entry["channel"] = Channel(entry["channel"])
    entry["tag"] = bytes.fromhex(entry["tag"]) if entry["tag"] else None
    return Visit(
        token=token,
        form_id=form_id_of(settings, token),
        revision=row.revision,
        entry=Entry(**entry),
        ballot_id=bytes.fromhex(content["ballot"]),
        seed=content["seed"],
        expires_on=row.expires_on,
        started_at=datetime.fromtimestamp(content["started"], UTC),
        seen_at=datetime.fromtimestamp(content["seen"], UTC),
        resume_code=content["resume"],
        is_shared=content["shared"],
        is_flagged=content["flagged"],
        answers={(code, row): _raw(plain) for code, row, plain in content["answers"]},
        revisions=content["revisions"],
        confirmed=frozenset(content["confirmed"]),
    )


def begin(
    session: Session,
    settings: Settings,
    entry: Entry,
    token: str,
    *,
    at: datetime,
    resume_code: str | None = None,
    is_shared: bool = False,
    is_flagged: bool = False,
) -> Visit:
    """Open a form and return the visit; drafts whose time is over are forgotten."""
    draft_id = _derived(settings, "draft-id", token)
    today = local_date(at)
    visit = Visit(
        token=token,
        form_id=form_id_of(settings, token),
        revision=0,
        entry=entry,
        ballot_id=uuid.uuid4().bytes,
        seed=secrets.randbelow(SEEDS),
        expires_on=today + timedelta(days=settings.draft_days),
        started_at=at,
        seen_at=at,
        resume_code=resume_code,
        is_shared=is_shared,
        is_flagged=is_flagged,
    )
    draft = Draft(
        id=draft_id,
        campaign_id=entry.campaign_id,
        revision=0,
        sealed=_seal(settings, draft_id, visit),
        expires_on=visit.expires_on,
    )
    with transaction(session):
        if _is_due(at):
            forget_expired(session, at=at)
        session.merge(draft)
    return visit


def forget_expired(session: Session, *, at: datetime) -> int:
    """Delete drafts and windows of tries whose time is over; returns how many drafts."""
    over = session.execute(delete(Draft).where(Draft.expires_on < local_date(at)))
    forget_past_tries(session, at)
    return cast("CursorResult[Any]", over).rowcount


def _is_due(at: datetime) -> bool:
    """Tell whether this process should look again for what has expired."""
    is_due = not _looked or not _looked[0] <= at < _looked[0] + EVERY
    if is_due:
        _looked[:] = [at]
    return is_due


def change(
    session: Session, settings: Settings, visit: Visit, edit: Callable[[Visit], Visit]
) -> Visit:
    """Store what an edit makes of a draft; a change made meanwhile elsewhere is edited in turn."""
    current = visit
    draft_id = _derived(settings, "draft-id", visit.token)
    for _ in range(ATTEMPTS):
        changed = replace(edit(current), revision=current.revision + 1)
        values = {
            "draft_id": draft_id,
            "seen": current.revision,
            "new_sealed": _seal(settings, draft_id, changed),
            "new_revision": changed.revision,
        }
        with transaction(session):
            stored = cast("CursorResult[Any]", session.execute(_CHANGE, values)).rowcount
        if stored:
            return changed
        row = session.execute(_FIND, {"draft_id": draft_id}).first()
        found = None if row is None else _open(settings, visit.token, row)
        if found is None:
            break
        current = found
    raise UnavailableError


def touch(session: Session, settings: Settings, visit: Visit, *, at: datetime) -> Visit:
    """Keep a form open because its respondent said so."""
    return change(session, settings, visit, lambda current: replace(current, seen_at=at))


def drop(session: Session, settings: Settings, token: str) -> None:
    """Delete a draft in the caller's transaction."""
    session.execute(delete(Draft).where(Draft.id == _derived(settings, "draft-id", token)))
