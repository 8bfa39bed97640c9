"""Merging of thin classes with their neighbours in a declared order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.weights import Ints

Key = tuple[int, ...]  # the place of a class in the order of each column


@dataclass(frozen=True, slots=True)
class Merge:
    """One merging of classes, given by their numbers.

    Parameters
    ----------
    members : the thin class, or group of classes merged before
    joined : the classes that it was merged with
    reason : what it fell short of
    """

    members: tuple[int, ...]
    joined: tuple[int, ...]
    reason: str


def merge_thin(keys: Sequence[Key], fault: Callable[[Ints], str]) -> tuple[tuple[Merge, ...], Ints]:
    """Merge classes until none has a fault, or all are one.

    Parameters
    ----------
    keys : C places of the classes, a number for each crossed column
    fault : what some classes together (their numbers) fall short of; "" when nothing

    Returns
    -------
    the merges in their order, and (C,) the lowest number in the group of each class

    Notes
    -----
    The first faulty class, in the order of the keys, joins the class that follows it in the last
    column, or the one before it when it is the last. When it fills all of the last column it
    joins the whole of its neighbour in the column before, and so on.

    Examples
    --------
    >>> size = np.array([30, 5, 40])
    >>> merge_thin([(0,), (1,), (2,)], lambda c: "thin" if size[c].sum() < 20 else "")
    ((Merge(members=(1,), joined=(2,), reason='thin'),), array([0, 1, 1]))
    """
    group = np.arange(len(keys))
    order = sorted(range(len(keys)), key=lambda c: keys[c])
    merges: list[Merge] = []
    while True:
        found = _first_fault(order, group, fault)
        if found is None:
            return tuple(merges), group
        members, reason = found
        beside = _neighbours(members, keys)
        if not beside:
            return tuple(merges), group
        joined = np.flatnonzero(np.isin(group, group[beside]))
        merges.append(Merge(tuple(members.tolist()), tuple(joined.tolist()), reason))
        both = np.union1d(members, joined)
        group[both] = both[0]


def _first_fault(
    order: Sequence[int], group: Ints, fault: Callable[[Ints], str]
) -> tuple[Ints, str] | None:
    seen: set[int] = set()
    for index in order:
        label = int(group[index])
        if label in seen:
            continue
        seen.add(label)
        members = np.flatnonzero(group == label)
        reason = fault(members)
        if reason:
            return members, reason
    return None


def _neighbours(members: Ints, keys: Sequence[Key]) -> list[int]:
    """The classes to join: in the last column in which there are others, next place or last."""
    own = [keys[int(m)] for m in members]
    for level in reversed(range(len(own[0]))):
        places = {key[level] for key in own}
        pool = {i: key[level] for i, key in enumerate(keys) if key[:level] == own[0][:level]}
        others = set(pool.values()) - places
        if others:
            after = [place for place in others if place > max(places)]
            chosen = min(after) if after else max(others)
            return [index for index, place in pool.items() if place == chosen]
    return []
