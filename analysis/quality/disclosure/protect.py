"""Complementary suppression: withdraw the cheapest statements until nothing guarded is known."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds as Box
from scipy.optimize import LinearConstraint, milp

from analysis.errors import DataError
from analysis.quality.disclosure.attack import SLACK, Bounds, Feasible, System
from analysis.quality.disclosure.knowledge import Form, Publication, Statement
from analysis.weights import Bools, Floats, Ints


@dataclass(frozen=True)
class Guard:
    """A sum that readers must not come to know.

    Parameters
    ----------
    rule : which rule asks for it
    name : what is guarded, for messages
    form : quantity and factor of the sum
    width : how much must stay uncertain: the reader's upper bound less his lower bound
    whole : the sum is a whole number
    """

    rule: str
    name: str
    form: tuple[tuple[str, float], ...]
    width: float
    whole: bool = True

    @classmethod
    def of(cls, rule: str, name: str, form: Form, width: float, *, whole: bool = True) -> "Guard":
        """A guard of a form given as a mapping."""
        return cls(rule, name, tuple(sorted(form.items())), width, whole)

    def holds(self, found: Bounds) -> bool:
        """Whether bounds leave as much open as they must."""
        return found.width >= self.width - SLACK


@dataclass(frozen=True)
class Offer:
    """Something that would be published, and can be withheld.

    Parameters
    ----------
    name : for reports
    statements : what a reader would learn
    cost : how much is lost by a unit of uncertainty about it
    needs : the offer without which this one is not published either
    """

    name: str
    statements: tuple[Statement, ...]
    cost: float = 1.0
    needs: str | None = None


def protect(
    known: Publication, offers: Sequence[Offer], guards: Iterable[Guard]
) -> tuple[str, ...]:
    """The offers that have to be withheld so that every guard holds.

    Parameters
    ----------
    known : what readers know anyway: sums of tables, earlier publications
    offers : what is to be published, all of it true
    guards : what must stay uncertain

    Returns
    -------
    names of withheld offers, in the order of the offers

    Raises
    ------
    DataError
        `already_disclosed` if a guard does not hold even with all offers withheld

    Notes
    -----
    For each guard that does not hold, one linear program: two tables, whose guarded sums are the
    width apart, with the least sum of cost x deviation from the offers' statements. Offers that
    deviate are withheld; the reader can then rule out neither table, so the guard holds, and
    withholding never narrows another guard. At the end each withheld offer, the dearest first,
    is put back if all guards still hold. The choice is sound but not always the cheapest: that
    would take an integer program.

    References
    ----------
    Cox (1995), Journal of the American Statistical Association 90, 1453-1462, sec. 4 (the
    network heuristic); Hundepool et al. (2012), Statistical Disclosure Control, sec. 4.4.

    Examples
    --------
    >>> sums = Publication((Statement.of({"all": 1, "a": -1, "b": -1, "c": -1}),))
    >>> counts = {"all": 40, "b": 8, "c": 30}
    >>> offers = [Offer(cell, (Statement.of({cell: 1}, n),), n) for cell, n in counts.items()]
    >>> protect(sums, offers, [Guard.of("persons", "a", {"a": 1}, 5)])
    ('b',)
    """
    return _Protection(known, offers, list(guards)).search()


def explore(feasible: Feasible, guards: Sequence[Guard], rounds: int = 12) -> None:
    """Look for far points of a set, so that most guards are seen to hold without solving for each.

    Parameters
    ----------
    feasible : keeps the points
    guards : those whose sums are pushed up, down, or either way at random (by a fixed seed)
    rounds : linear programs that are spent on it at most; fewer where they find nothing new

    Examples
    --------
    >>> known = System([Statement.of({"a": 1, "b": 1}, 9)]).everything()
    >>> explore(known, [Guard.of("persons", name, {name: 1}, 5) for name in "ab"])
    >>> known.met(np.array([1.0, 0.0]), whole=True)
    Bounds(name='', low=0.0, high=9.0)
    """
    everything = ~feasible.fixed
    if not everything.any() or not guards:
        return
    if not len(feasible.points):
        feasible.least(np.zeros(len(everything)), everything, "everything")
    vectors = np.array([feasible.system.vector(dict(guard.form)) for guard in guards])
    signs = np.random.default_rng(0).choice((-1.0, 1.0), (rounds, len(guards)))
    signs[0], signs[1] = 1.0, np.resize((1.0, -1.0), len(guards))
    left = len(guards) + 1
    for turn in range(rounds):
        seen = zip(guards, vectors, strict=True)
        missed = np.array([not g.holds(feasible.met(v, whole=g.whole)) for g, v in seen])
        if not missed.any() or (turn > 3 and missed.sum() == left):
            return
        left = int(missed.sum())
        pushed = signs[turn // 2] * missed * (-1.0) ** turn
        feasible.least(pushed @ vectors, everything, "everything")


class _Protection:
    """One search: which offers are still kept."""

    def __init__(self, known: Publication, offers: Sequence[Offer], guards: list[Guard]) -> None:
        self.offers, self.guards = tuple(offers), guards
        owned = [(o, one) for o, offer in enumerate(offers) for one in offer.statements]
        self.owner: Ints = np.array(
            [-1] * len(known.statements) + [o for o, _ in owned], dtype=np.int64
        )
        guarded = (name for guard in guards for name, _ in guard.form)
        self.system = System([*known.statements, *(one for _, one in owned)], guarded)
        self.kept: Bools = np.ones(len(self.offers), dtype=np.bool_)
        self.place = {offer.name: o for o, offer in enumerate(self.offers)}
        self.bare = self.system.given(self.owner < 0)
        self.open = self.feasible(self.kept)

    def search(self) -> tuple[str, ...]:
        explore(self.open, self.guards)
        for guard in self.guards:
            self.open_up(guard)
        self.restore()
        return tuple(o.name for o, kept in zip(self.offers, self.kept, strict=True) if not kept)

    def feasible(self, kept: Bools, points: Floats | None = None) -> Feasible:
        """What a reader of the kept offers cannot rule out."""
        told = self.owner < 0
        told[~told] = kept[self.owner[~told]]
        return self.system.given(told, points)

    def bounds(self, guard: Guard, feasible: Feasible) -> Bounds:
        form = dict(guard.form)
        return feasible.bounds(guard.name, form, whole=guard.whole, enough=guard.width)

    def withhold(self, chosen: Iterable[int]) -> None:
        self.kept[list(chosen)] = False
        for o, offer in enumerate(self.offers):
            if offer.needs is not None and not self.kept[self.place[offer.needs]]:
                self.kept[o] = False

    def open_up(self, guard: Guard) -> None:
        """Withhold offers until a guard holds."""
        for spare in (0, 1, 2):  # whole limits may lie up to 2 inside those of the program
            if guard.holds(self.bounds(guard, self.open)):
                return
            self.withhold(self.cheapest(guard, guard.width + spare))
            self.open = self.feasible(self.kept, self.open.points)

    def cheapest(self, guard: Guard, width: float) -> list[int]:
        """Offers that deviate in the two cheapest tables whose guarded sums are so far apart."""
        vector = self.system.vector(dict(guard.form))
        free = self.bare.linked(vector, self.system.matrix)
        rows = np.flatnonzero(self.owner >= 0)
        rows = rows[self.kept[self.owner[rows]]]
        rows = rows[np.diff(self.system.matrix[rows][:, np.flatnonzero(free)].indptr) > 0]
        solved = milp(**self._deviation(vector[free], free, rows, width)) if free.any() else None
        if solved is None or solved.x is None:
            raise DataError(
                "already_disclosed",
                f"{guard.name} is known already ({guard.rule}).",
                "It follows from what was published before: publish nothing finer about it.",
                rule=guard.rule,
                name=guard.name,
            )
        off = solved.x[2 * int(free.sum()) :] > SLACK
        return sorted({int(o) for o in self.owner[rows[off]]})

    def _deviation(self, vector: Floats, free: Bools, rows: Ints, width: float) -> dict[str, Any]:
        """The program of `cheapest`: two tables, then one deviation a row of offers."""
        base = self.bare.problem(free)
        spare = len(rows)
        block = self.system.matrix[rows][:, np.flatnonzero(free)]
        known = self.system.matrix[rows] @ self.bare.known
        low, high = self.system.low[rows] - known, self.system.high[rows] - known
        eye, none = sparse.eye_array(spare), sparse.csr_array(block.shape)
        limits = [LinearConstraint([*vector, *-vector, *np.zeros(spare)], width, math.inf)]
        for pair in ([block, none], [none, block]):
            limits.append(LinearConstraint(sparse.hstack([*pair, eye]), low, math.inf))
            limits.append(LinearConstraint(sparse.hstack([*pair, -eye]), -math.inf, high))
        if "constraints" in base:
            inner = base["constraints"]
            blank = sparse.csr_array((inner.A.shape[0], spare))
            twice = sparse.block_array([[inner.A, None, blank], [None, inner.A, blank]])
            both = (np.tile(limit, 2) for limit in (inner.lb, inner.ub))
            limits.append(LinearConstraint(twice, *both))
        box, cost = base["bounds"], [self.offers[o].cost for o in self.owner[rows]]
        return {
            "c": np.concatenate([np.zeros(2 * len(vector)), cost]),
            "constraints": limits,
            "bounds": Box(
                np.concatenate([box.lb, box.lb, np.zeros(spare)]),
                np.concatenate([box.ub, box.ub, np.full(spare, math.inf)]),
            ),
        }

    def restore(self) -> None:
        """Put back what need not be withheld, the dearest first."""
        order = [(offer.needs is not None, -offer.cost, o) for o, offer in enumerate(self.offers)]
        for o in (o for _, _, o in sorted(order) if not self.kept[o]):
            needs = self.offers[o].needs
            if needs is not None and not self.kept[self.place[needs]]:
                continue
            touched = self.open.linked(self._spoken(o))
            self.kept[o] = True
            tried = self.feasible(self.kept, self.open.points)
            concerned = [
                g for g in self.guards if touched[self.system.vector(dict(g.form)) != 0].any()
            ]
            explore(tried, concerned)
            if all(g.holds(self.bounds(g, tried)) for g in concerned):
                self.open = tried
            else:
                self.kept[o] = False

    def _spoken(self, o: int) -> Floats:
        """Quantities (Q,) that an offer speaks about, not 0."""
        rows = np.flatnonzero(self.owner == o)
        return np.asarray(abs(self.system.matrix[rows]).sum(axis=0), dtype=np.float64).ravel()
