"""How exactly the number of ballots may be told while they still come in."""

from __future__ import annotations

STEP = 5


def coarse(count: int) -> int:
    """Return a count of ballots, rounded down to the step in which it may be told.

    >>> coarse(34)
    30
    """
    return count // STEP * STEP
