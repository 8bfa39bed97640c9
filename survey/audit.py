"""Who did what to which thing, written in the same transaction as the deed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from survey.model.audit import AuditEvent


def record(
    session: Session, *, actor: str, at: datetime, action: str, thing: str, **details: object
) -> None:
    """Add one event to the log; the caller's transaction keeps or drops it with the deed."""
    session.add(AuditEvent(at=at, actor=actor, action=action, thing=thing[:300], details=details))
