"""The key of a campaign: 256 random bits kept outside the database and its backups."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from survey.config import Settings, write_private
from survey.errors import N_, UnavailableError

KEY_BYTES = 32
NO_KEY = N_("Máy chủ này không có khóa của đợt điều tra nên chưa nhận được mã.")


def _path(settings: Settings, campaign_code: str) -> Path:
    safe = re.sub(r"[^A-Za-z0-9_-]", lambda m: f"%{ord(m[0]):04x}", campaign_code)
    return settings.instance / "keys" / f"{safe}.key"


def make_key(settings: Settings, campaign_code: str) -> bytes:
    """Return the key of a campaign; the first call makes it."""
    path = _path(settings, campaign_code)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, secrets.token_bytes(KEY_BYTES))
    return read_key(settings, campaign_code)


def read_key(settings: Settings, campaign_code: str) -> bytes:
    """Return the key of a campaign; without it no code can be checked."""
    try:
        key = _path(settings, campaign_code).read_bytes()
    except FileNotFoundError as error:
        raise UnavailableError(NO_KEY) from error
    if len(key) != KEY_BYTES:
        raise UnavailableError(NO_KEY)
    return key
