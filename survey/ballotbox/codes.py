"""Single-use codes: how they are made, typed, and kept only as a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
TYPED_LENGTH = 12  # 60 bits, for letters and slips of paper
LINK_LENGTH = 26  # 130 bits, for the fragment of a link

_LOOK_ALIKES = str.maketrans("OIL", "011")


def new_code(length: int = TYPED_LENGTH) -> str:
    """Return a random code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def normalise(typed: str) -> str | None:
    """Return the code that was meant, None when the text cannot be one.

    >>> normalise(" 7k2m-9qxr-o1il ")
    '7K2M9QXR0111'
    """
    if len(typed) > 4 * LINK_LENGTH:
        return None
    kept = "".join(c for c in typed.upper() if c not in " \t\r\n-–—_.\u00a0\u200b")
    code = kept.translate(_LOOK_ALIKES)
    if len(code) not in {TYPED_LENGTH, LINK_LENGTH} or not set(code) <= set(ALPHABET):
        return None
    return code


def grouped(code: str) -> str:
    """Return a code in groups of four, as people read and type it."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def tag_of(key: bytes, code: str) -> bytes:
    """Return the keyed hash under which the ballot box knows a normalised code."""
    return hmac.new(key, b"code\x1f" + code.encode("ascii"), hashlib.sha256).digest()


def as_text(value: bytes) -> str:
    """Return bytes in the alphabet of the codes, five bits a letter, whole letters only."""
    number = int.from_bytes(value)
    letters = len(value) * 8 // 5
    number >>= len(value) * 8 - letters * 5
    return "".join(ALPHABET[number >> 5 * i & 31] for i in reversed(range(letters)))
