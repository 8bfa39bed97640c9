"""How often somebody may try: fixed windows, counted in the database under a keyed hash.

The address is never stored: the key is an HMAC of it, and a window is deleted soon after its end.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from survey.db import Database, count_try, forget_tries


def key_of(secret: str, purpose: str, *parts: str) -> bytes:
    """Return the key under which tries of somebody are counted."""
    text = "\x1f".join((purpose, *parts)).encode("utf-8")
    return hmac.new(secret.encode(), text, hashlib.sha256).digest()


def is_too_often(
    database: Database, key: bytes, *, limit: int, window: timedelta, at: datetime
) -> bool:
    """Count one try and tell whether it goes beyond the limit of the window."""
    return count_try(database, key, window=window, at=at) > limit


def excess(database: Database, key: bytes, *, limit: int, window: timedelta, at: datetime) -> int:
    """Count one try and return by how many the window's limit is passed."""
    return max(0, count_try(database, key, window=window, at=at) - limit)


def forget(database: Database, key: bytes) -> None:
    """Start the count anew, after a success."""
    forget_tries(database, key)
