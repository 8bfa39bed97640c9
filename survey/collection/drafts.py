"""Unfinished answers: sealed under a token that only the respondent's browser holds.

The row in the database says which campaign and when it expires; everything else, the credential
and the answers too, can be read only by who brings the token of the cookie.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from survey.clock import local_date
from survey.config import Settings
from survey.db import forget_past_tries, transaction
from survey.errors import UnavailableError
from survey.model.ballot import Channel, Draft
from survey.questionnaire import canonical
from survey.questionnaire.checks import Key

NONCE_BYTES = 12
ATTEMPTS = 20


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
    """An opened form: what may be answered, and what has been answered so far."""

    token: str
    form_id: str
    entry: Entry
    ballot_id: bytes
    expires_on: date
    answers: dict[Key, str] = field(default_factory=dict)


def _derived(settings: Settings, purpose: str, token: str) -> bytes:
    text = f"{purpose}\x1f{token}".encode()
    return hmac.new(settings.secret_key.encode(), text, hashlib.sha256).digest()


def _form_id(draft_id: bytes) -> str:
    return hashlib.sha256(b"form" + draft_id).hexdigest()[:32]


def _seal(settings: Settings, token: str, draft_id: bytes, visit: Visit) -> bytes:
    entry = asdict(visit.entry) | {"tag": visit.entry.tag.hex() if visit.entry.tag else None}
    answers = [[question, unit, value] for (question, unit), value in visit.answers.items()]
    content = {"entry": entry, "ballot": visit.ballot_id.hex(), "answers": answers}
    nonce = secrets.token_bytes(NONCE_BYTES)
    key = _derived(settings, "draft-key", token)
    return nonce + AESGCM(key).encrypt(nonce, canonical.dumps(content).encode(), draft_id)


def _open(settings: Settings, token: str, draft: Draft) -> Visit | None:
    key = _derived(settings, "draft-key", token)
    nonce, sealed = draft.sealed[:NONCE_BYTES], draft.sealed[NONCE_BYTES:]
    try:
        content: dict[str, Any] = canonical.loads(
            AESGCM(key).decrypt(nonce, sealed, draft.id).decode()
        )
    except InvalidTag:
        return None
    entry = content["entry"]
    entry["channel"] = Channel(entry["channel"])
    entry["tag"] = bytes.fromhex(entry["tag"]) if entry["tag"] else None
    return Visit(
        token=token,
        form_id=_form_id(draft.id),
        entry=Entry(**entry),
        ballot_id=bytes.fromhex(content["ballot"]),
        expires_on=draft.expires_on,
        answers={(question, unit): value for question, unit, value in content["answers"]},
    )


def begin(session: Session, settings: Settings, entry: Entry, *, at: datetime) -> Visit:
    """Open a form, forget drafts whose time is over, and return the visit with its new token."""
    token = secrets.token_urlsafe(32)
    draft_id = _derived(settings, "draft-id", token)
    today = local_date(at)
    expires_on = today + timedelta(days=settings.draft_days)
    visit = Visit(token, _form_id(draft_id), entry, uuid.uuid4().bytes, expires_on)
    draft = Draft(
        id=draft_id,
        campaign_id=entry.campaign_id,
        revision=0,
        sealed=_seal(settings, token, draft_id, visit),
        expires_on=expires_on,
    )
    with transaction(session):
        session.execute(delete(Draft).where(Draft.expires_on < today))
        forget_past_tries(session, at)
        session.add(draft)
    return visit


def _row(session: Session, settings: Settings, token: str) -> Draft | None:
    return session.get(Draft, _derived(settings, "draft-id", token), populate_existing=True)


def find(session: Session, settings: Settings, token: str, *, at: datetime) -> Visit | None:
    """Return the visit of a token; None when it is unknown, expired or already handed in."""
    draft = _row(session, settings, token) if token else None
    if draft is None or draft.expires_on < local_date(at):
        return None
    return _open(settings, token, draft)


def change(
    session: Session,
    settings: Settings,
    visit: Visit,
    answers_after: Callable[[dict[Key, str]], dict[Key, str]],
) -> Visit:
    """Store other answers in a draft; a change made meanwhile in another tab is kept as well."""
    for _ in range(ATTEMPTS):
        with transaction(session):
            draft = _row(session, settings, visit.token)
            current = None if draft is None else _open(settings, visit.token, draft)
            if draft is None or current is None:
                break
            changed = replace(current, answers=answers_after(dict(current.answers)))
            stored = session.execute(
                update(Draft)
                .where(Draft.id == draft.id, Draft.revision == draft.revision)
                .values(
                    sealed=_seal(settings, visit.token, draft.id, changed),
                    revision=draft.revision + 1,
                )
                .execution_options(synchronize_session=False)
                .returning(Draft.revision)
            ).first()
        if stored is not None:
            return changed
    raise UnavailableError


def drop(session: Session, settings: Settings, token: str) -> None:
    """Delete a draft in the caller's transaction."""
    session.execute(delete(Draft).where(Draft.id == _derived(settings, "draft-id", token)))
