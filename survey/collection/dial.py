"""How many ballots came through open doors from one address in the last hour, roughly.

Kept in memory alone and under a key that dies with the process: a row in the database, written
beside the ballots, would tell which address they came from.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from datetime import datetime
from threading import Lock

SOFT_LIMIT = 30  # ballots an hour; more are taken all the same, and marked

_key = secrets.token_bytes(32)
_lock = Lock()
_counts: Counter[bytes] = Counter()
_hour: list[datetime] = []


def is_turned(address: str, at: datetime) -> bool:
    """Count a ballot from an address and tell whether there were many in this hour."""
    name = hashlib.blake2b(address.encode(), key=_key, digest_size=16).digest()
    hour = at.replace(minute=0, second=0, microsecond=0)
    with _lock:
        if _hour != [hour]:
            _counts.clear()
            _hour[:] = [hour]
        _counts[name] += 1
        return _counts[name] > SOFT_LIMIT
