"""The log of what staff did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from survey.model.base import Key, Model, Name


class AuditEvent(Model):
    """Who did what to which thing; rows are only ever added."""

    __tablename__ = "audit_event"

    id: Mapped[Key]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    thing: Mapped[Name]
    details: Mapped[dict[str, Any]]
