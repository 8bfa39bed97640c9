"""How exactly the number of ballots may be told: in steps, and of few people not at all."""

from __future__ import annotations

from collections.abc import Sequence

STEP = 5
TOLD_FROM = 30  # received ballots are not told at all for strata with fewer people


def coarse(count: int) -> int:
    """Return a count of ballots, rounded down to the step in which it may be told.

    >>> coarse(34)
    30
    """
    return count // STEP * STEP


def withheld(people: Sequence[int]) -> list[bool]:
    """Return which of a group's strata get no count beside the exact total of the group.

    Those with too few people; if that is one alone, the next smaller one too, since the total
    less all others would tell the count of the one.

    >>> withheld([100, 18, 40])
    [False, True, True]
    """
    small = [number for number, size in enumerate(people) if size < TOLD_FROM]
    others = [number for number, size in enumerate(people) if size >= TOLD_FROM]
    if len(small) == 1 and others:
        small.append(min(others, key=lambda number: people[number]))
    return [number in small for number in range(len(people))]
