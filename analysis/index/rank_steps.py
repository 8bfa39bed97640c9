"""Step-down tests of all pairs of units against the maxima of drawn errors.

A critical value is one order statistic, far out in the tail of B maxima. Three things keep the
work small and change no figure: a draw whose maximum is bounded below the critical value is not
calculated; a difference against the order of the points is never rejected, so that its maximum
stays through all steps; and the family of all pairs has a larger critical value than the family
of one unit's pairs, so that what was calculated for the units is enough for all of them together.
"""

from dataclasses import dataclass

import numpy as np

from analysis.index.rank_pairs import Draws, Pairs
from analysis.weights import Floats, Ints

FEW = 64  # units up to which every draw is calculated
GROUPS = 32  # of units with like standard errors, for the bounds
CACHE = 65_536  # numbers worked on at once, to stay in the processor's cache
MORE = 64  # draws calculated beyond those that are needed at the least


@dataclass(frozen=True, eq=False)
class Steps:
    """Critical values of single-step and step-down tests.

    Parameters
    ----------
    single, last : (U,) of the family of each unit's pairs
    single_all, last_all : of the family of all pairs
    steps : steps taken with all pairs
    """

    single: Floats
    last: Floats
    single_all: float
    last_all: float
    steps: int


def step_down(pairs: Pairs, z: Draws, level: float) -> Steps:
    """Critical values for the pairs of each unit, and for all pairs together.

    Parameters
    ----------
    pairs : of U units, highest points first
    z : (B, U) drawn errors
    level : probability that no true pair is called apart, between 0 and 1

    Returns
    -------
    Steps

    Notes
    -----
    A family begins with its ordered pairs, both directions of each. c is the smallest of the B
    maxima of (z_i - z_j)/s_ij over its pairs that a share `level` of them do not exceed; pairs
    with (T_i - T_j)/s_ij > c are rejected and leave, and c is taken again until none follows.

    References
    ----------
    Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91, 476-518, sec. 3.
    Romano and Wolf (2005), Econometrica 73, 1237-1282, algorithm 4.1.
    """
    draws, units = z.shape
    if units < 2:
        return Steps(np.zeros(units), np.zeros(units), 0.0, 0.0, 1)
    place = _place(draws, level)
    bounds = _Bounds(z, pairs.scale)
    rise = np.full((units, draws), -np.inf, dtype=z.dtype)
    never = np.zeros(draws, dtype=z.dtype)
    single, last = np.zeros(units), np.zeros(units)
    z = np.asfortranarray(z) if units <= FEW else z
    work = np.empty_like(z)
    for unit in range(units):
        family = _Family(unit, pairs, z, bounds.of(unit), work)
        single[unit], last[unit] = family.run(place)
        rise[unit, family.draws] = family.first
        never[family.draws] = np.maximum(never[family.draws], family.never)
    return Steps(single, last, *_all_pairs(pairs, z, rise, never, place))


def _place(draws: int, level: float) -> int:
    """Place from the top of the order statistic that a share `level` does not exceed."""
    return draws - int(np.ceil(level * draws - 1e-9)) + 1


def _from_top(values: Draws, place: int) -> float:
    return float(np.partition(values, len(values) - place)[len(values) - place])


def _signed(pairs: Pairs, unit: int) -> Floats:
    """(U,) scale of the pairs with one unit, positive in the direction that the points have."""
    side = np.where(np.arange(len(pairs.scale)) < unit, 1.0, -1.0)
    return np.asarray(side * pairs.scale[unit])


class _Bounds:
    """Upper bounds of the maxima over the pairs of one unit.

    Over groups of units with like standard errors: the largest scale inside the group times the
    larger of (highest error of the group - z) and (z - lowest error of the group).
    """

    def __init__(self, z: Draws, scale: Floats) -> None:
        self._z = z
        order = np.argsort(scale.max(axis=1), kind="stable")
        groups = np.array_split(order, GROUPS) if len(scale) > FEW else []
        self._width = [scale[:, group].max(axis=1) for group in groups]
        self._high = [z[:, group].max(axis=1) for group in groups]
        self._low = [z[:, group].min(axis=1) for group in groups]

    def of(self, unit: int) -> Draws:
        """(B,) bounds; inf where units are so few that all draws are calculated."""
        own = self._z[:, unit].copy()
        if not self._width:
            return np.full_like(own, np.inf)
        found = np.zeros_like(own)
        for width, high, low in zip(self._width, self._high, self._low, strict=True):
            away = np.maximum(high - own, own - low)
            np.maximum(found, away * own.dtype.type(width[unit] * (1 + 1e-5)), out=found)
        return found


class _Family:
    """The pairs of one unit, calculated for as many draws as its critical values need.

    Draws stand in the order of their bounds, the largest first. Of the n calculated so far,
    `first` (n,) are the maxima in the direction of the points before any pair left, `never` (n,)
    the maxima against it.
    """

    def __init__(self, unit: int, pairs: Pairs, z: Draws, bound: Draws, work: Draws) -> None:
        self._z, self._work = z, work
        self._own = z[:, unit].copy()
        self._scale = _signed(pairs, unit).astype(z.dtype)
        self._statistic = np.abs(pairs.statistic[unit])
        self._active = (self._scale != 0).astype(z.dtype)
        self._all = bool(np.isinf(bound[0]))
        self._order = np.arange(len(bound)) if self._all else np.argsort(-bound)
        self._bound = bound[self._order]
        self.first = self.never = self._falls = np.empty(0, dtype=z.dtype)

    @property
    def draws(self) -> Ints:
        """(n,) draws calculated so far."""
        return self._order[: len(self.never)]

    def run(self, place: int) -> tuple[float, float]:
        """First and last critical value."""
        single = critical = self._critical(place)
        while (new := (self._active > 0) & (self._statistic > critical)).any():
            self._active[new] = 0
            self._falls = self._without_rejected(place)
            critical = self._critical(place)
        return single, critical

    def _without_rejected(self, place: int) -> Draws:
        """Maxima of the active pairs, taken anew where the order statistic may depend on them."""
        least = np.maximum(self.never, _from_top(self.never, place))
        again = np.flatnonzero(self._falls > least)
        falls = self._falls.copy()
        falls[again] = (self._work[again] * self._active).max(axis=1, initial=0)
        return falls

    def _critical(self, place: int) -> float:
        """Order statistic of the maxima over the active pairs, with more draws if need be."""
        chunk = place + place // 8 + MORE
        while True:
            done = len(self.never)
            if done >= place:
                value = _from_top(np.maximum(self.never, self._falls), place)
                if done == len(self._order) or value >= self._bound[done]:
                    return value
            stop = len(self._order) if self._all else done + chunk
            self._calculate(done, min(stop, len(self._order)))

    def _calculate(self, start: int, stop: int) -> None:
        """Signed differences of more draws into `work`, and their maxima."""
        first, never, falls = (np.empty(stop - start, dtype=self._z.dtype) for _ in range(3))
        rows = max(CACHE // len(self._scale), 1)
        for low in range(start, stop, rows):
            taken = self._order[low : min(low + rows, stop)]
            here = slice(low - start, low - start + len(taken))
            y = self._work[low : low + len(taken)]
            if self._all:
                y[:] = self._z[low : low + len(taken)]
            else:
                np.take(self._z, taken, axis=0, out=y, mode="clip")
            y -= self._own[taken, None]
            y *= self._scale
            y.max(axis=1, out=first[here])
            y.min(axis=1, out=never[here])
            falls[here] = (y * self._active).max(axis=1) if self._rejected else first[here]
        self.first = np.concatenate([self.first, first])
        self.never = np.concatenate([self.never, -never])
        self._falls = np.concatenate([self._falls, falls])

    @property
    def _rejected(self) -> bool:
        return bool((self._active < (self._scale != 0)).any())


def _all_pairs(
    pairs: Pairs, z: Draws, rise: Draws, never: Draws, place: int
) -> tuple[float, float, int]:
    """First and last critical value of all pairs, and the steps; uses up `rise`.

    `rise` (U, B) holds each unit's maxima in the direction of the points, -inf where they stay
    below its own critical value; `never` (B,) the maxima against the points.
    """
    statistic = np.abs(pairs.statistic)
    active = pairs.scale > 0
    maxima = np.maximum(never, rise.max(axis=0))
    single = critical = _from_top(maxima, place)
    used = np.flatnonzero(maxima > _from_top(never, place))
    steps = 1
    while (new := active & (statistic > critical)).any():
        active &= ~new
        for unit in np.flatnonzero(new.any(axis=1)).tolist():
            again = used[rise[unit, used] > never[used]]
            scale = np.where(active[unit], _signed(pairs, unit), 0.0).astype(z.dtype)
            y = (z[again] - z[again, unit, None]) * scale
            rise[unit, again] = y.max(axis=1, initial=0.0)
        maxima[used] = np.maximum(never[used], rise[:, used].max(axis=0))
        critical = _from_top(maxima, place)
        steps += 1
    return single, critical, steps
