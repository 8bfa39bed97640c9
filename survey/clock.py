"""The only reader of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "ICT")


def now() -> datetime:
    """Return the present moment as an aware UTC time."""
    return datetime.now(UTC)


def local_date(at: datetime) -> date:
    """Return the calendar day in Vietnam at a moment."""
    return at.astimezone(VIETNAM).date()
