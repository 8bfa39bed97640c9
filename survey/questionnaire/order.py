"""Random order: drawn once by a seed that is stored, the same wherever it is drawn again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


def drawn(
    things: Sequence[Thing], code_of: Callable[[Thing], str], *, seed: int, at: str
) -> tuple[Thing, ...]:
    """Return things in the order that a seed gives them at a place of the questionnaire."""
    return tuple(sorted(things, key=lambda thing: _position(seed, at, code_of(thing))))


def _position(seed: int, at: str, code: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{at}\x1f{code}".encode()).digest()
