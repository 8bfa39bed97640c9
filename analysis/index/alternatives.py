"""What the choice of method does to ranks, beside what the sample does to them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

import numpy as np
import pandas as pd

from analysis.errors import DataError
from analysis.exact import Number
from analysis.index.leaves import Leaf
from analysis.index.rank_sets import RankSets
from analysis.index.variants import Variant
from analysis.weights import Floats

Choice = TypeVar("Choice")


@dataclass(frozen=True, eq=False)
class Alternatives:
    """Ranks of U units by the official method and by A others.

    Parameters
    ----------
    units : U units
    names : A alternatives
    points : (1 + A, U) points, the official ones first; nan where a unit has none
    highest_first : whether rank 1 has the most points
    sets : rank sets of the sample, None where nobody asked
    """

    units: tuple[str, ...]
    names: tuple[str, ...]
    points: Floats
    highest_first: bool = True
    sets: RankSets | None = None

    @property
    def ranks(self) -> Floats:
        """(1 + A, U) ranks, the official ones first; ties share the smallest."""
        signed = -self.points if self.highest_first else self.points
        return pd.DataFrame(signed).rank(axis=1, method="min").to_numpy(np.float64)

    @property
    def table(self) -> pd.DataFrame:
        """One row a unit: its rank, the ranks that other methods give, and its rank set.

        `moved` is the share of the alternatives that give another rank. `rank_low` and
        `rank_high` are the simultaneous set of the sample, nan without one.
        """
        ranks = pd.DataFrame(self.ranks.T)
        others = ranks.iloc[:, 1:]
        nowhere = np.full(len(self.units), np.nan)
        low, high = (nowhere, nowhere) if self.sets is None else self.sets.simultaneous
        return pd.DataFrame(
            {
                "unit": list(self.units),
                "rank": ranks[0],
                "best": ranks.min(axis=1),
                "worst": ranks.max(axis=1),
                "median": ranks.median(axis=1),
                "moved": others.ne(ranks[0], axis=0).where(others.notna()).mean(axis=1),
                "rank_low": low,
                "rank_high": high,
            }
        )

    @property
    def by_alternative(self) -> pd.DataFrame:
        """One row an alternative: how far it moves units, and how alike the two orders are.

        `spearman` is the correlation of the ranks, ties at their middle.
        """
        own, rows = self.ranks[0], []
        for name, ranks, points in zip(self.names, self.ranks[1:], self.points[1:], strict=True):
            both = ~np.isnan(own) & ~np.isnan(ranks)
            shift = np.abs(ranks - own)[both]
            first, second = (pd.Series(x[both]).rank() for x in (self.points[0], points))
            varied = len(shift) > 1 and first.std() > 0 and second.std() > 0
            alike = float(first.corr(second)) if varied else math.nan
            worst = self.units[int(np.flatnonzero(both)[shift.argmax()])] if shift.any() else ""
            rows.append(
                (name, int((shift > 0).sum()), _mean(shift), shift.max(initial=0), worst, alike)
            )
        columns = ["alternative", "moved", "mean_shift", "largest_shift", "unit", "spearman"]
        return pd.DataFrame(rows, columns=columns)


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else math.nan


def alternatives(
    score: Callable[[Choice | None], Mapping[str, Number | None]],
    choices: Mapping[str, Choice],
    *,
    highest_first: bool = True,
    sets: RankSets | None = None,
) -> Alternatives:
    """Rank units again under other choices of method.

    Parameters
    ----------
    score : gives the points of each unit by a choice; by the official method for None
    choices : name to choice, such as those of `usual_choices`
    highest_first : whether rank 1 has the most points
    sets : rank sets of the sample, to stand beside the spread

    Returns
    -------
    Alternatives

    Raises
    ------
    DataError
        if a choice gives points to other units, or `sets` speaks of others

    Notes
    -----
    The spread says how much of a rank was decided at the desk. It is no confidence statement:
    it depends on which choices are tried, and says nothing of persons who were not asked. The
    rank sets say the latter alone; neither holds the other.

    References
    ----------
    OECD and JRC (2008), Handbook on Constructing Composite Indicators, step 7 (robustness).
    Saisana, Saltelli and Tarantola (2005), Journal of the Royal Statistical Society A 168,
    307-323.

    Examples
    --------
    >>> marks = {"A": (9, 2), "B": (5, 5), "C": (1, 8)}
    >>> def score(weight):
    ...     first = 0.6 if weight is None else weight
    ...     return {unit: first * a + (1 - first) * b for unit, (a, b) in marks.items()}
    >>> found = alternatives(score, {"equal": 0.5, "second first": 0.2})
    >>> found.table[["unit", "rank", "best", "worst"]].values.tolist()
    [['A', 1.0, 1.0, 3.0], ['B', 2.0, 2.0, 2.0], ['C', 3.0, 1.0, 3.0]]
    """
    official = score(None)
    units = tuple(official)
    if sets is not None and sets.units != units:
        raise DataError(
            "other_units",
            "The rank sets speak of other units, or in another order, than the points.",
            "Take both from the same result.",
        )
    rows = [_row("the official method", official, units)]
    rows += [_row(name, score(choice), units) for name, choice in choices.items()]
    return Alternatives(units, tuple(choices), np.array(rows), highest_first, sets)


def _row(name: str, points: Mapping[str, Number | None], units: Sequence[str]) -> list[float]:
    if set(points) != set(units):
        unit = min(set(points) ^ set(units))
        raise DataError(
            "other_units",
            f"{name!r} and the official method do not score the same units: {unit!r}.",
            "Score the same units by every choice, None for no points.",
            unit=unit,
            alternative=name,
        )
    found = (points[unit] for unit in units)
    return [math.nan if value is None else float(Fraction(value)) for value in found]


def usual_choices(leaves: Sequence[Leaf], *, pooled: bool = False) -> dict[str, Variant]:
    """The choices that every index of leaves, groups and coefficients has made.

    Parameters
    ----------
    leaves : of the scheme that was applied
    pooled : whether groups have no weights

    Returns
    -------
    dict: equal points a leaf; equal weights of the groups; coefficients in even steps; the best
    answer alone counts; each leaf left out. Those that would change nothing are not among them

    Examples
    --------
    >>> from fractions import Fraction as F
    >>> from analysis.index.leaves import LeafGroup, Question
    >>> def leaf(code, points):
    ...     table = ((1, F(1)), (2, F(3, 5)), (3, F(0)))
    ...     return Leaf(code, F(points), (LeafGroup("all", F(1), (Question("q", F(1), table),)),))
    >>> list(usual_choices([leaf("1.1", 2), leaf("1.2", 3)]))
    ['equal points', 'even steps', 'best answer alone', 'without 1.1', 'without 1.2']
    """
    whole = sum((leaf.points for leaf in leaves), Fraction(0))
    found = {
        "equal points": Variant(points={leaf.code: whole / len(leaves) for leaf in leaves}),
        "equal group weights": Variant(group_weights={} if pooled else _equal_groups(leaves)),
        "even steps": Variant(coefficients=_tables(leaves, _even)),
        "best answer alone": Variant(coefficients=_tables(leaves, _best)),
    }
    if len(leaves) > 1:
        found |= {f"without {leaf.code}": Variant(drop=[leaf.code]) for leaf in leaves}
    return {name: choice for name, choice in found.items() if _changes(choice, leaves)}


def _changes(choice: Variant, leaves: Sequence[Leaf]) -> bool:
    own = {leaf.code: leaf.points for leaf in leaves}
    tables = {
        q.item: dict(q.coefficients) for leaf in leaves for g in leaf.groups for q in g.questions
    }
    groups = {leaf.code: {g.group: g.weight for g in leaf.groups} for leaf in leaves}
    return bool(
        choice.drop
        or any(own[code] != points for code, points in choice.points.items())
        or any(tables[item] != table for item, table in choice.coefficients.items())
        or any(groups[code] != weights for code, weights in choice.group_weights.items())
    )


def _equal_groups(leaves: Sequence[Leaf]) -> dict[str, dict[str, Fraction]]:
    return {
        leaf.code: {group.group: Fraction(1, len(leaf.groups)) for group in leaf.groups}
        for leaf in leaves
    }


_Table = dict[int, Fraction]


def _tables(leaves: Sequence[Leaf], made: Callable[[_Table], _Table]) -> dict[str, _Table]:
    questions = [q for leaf in leaves for group in leaf.groups for q in group.questions]
    return {q.item: made(dict(q.coefficients)) for q in questions}


def _even(table: _Table) -> _Table:
    """Levels from 0 to 1 in even steps, in the order that they have."""
    levels = sorted(set(table.values()))
    steps = {value: Fraction(place, max(len(levels) - 1, 1)) for place, value in enumerate(levels)}
    return {code: steps[value] for code, value in table.items()}


def _best(table: _Table) -> _Table:
    """1 for the answers with the largest coefficient, else 0."""
    best = max(table.values(), default=Fraction(0))
    return {code: Fraction(int(value == best)) for code, value in table.items()}


def varied_points(
    leaves: Sequence[Leaf], share: float = 0.25, number: int = 200, seed: int = 0
) -> dict[str, Variant]:
    """Choices in which the points of all leaves vary at random around the official ones.

    Parameters
    ----------
    leaves : of the scheme that was applied
    share : largest change of a leaf's points, as a share of them, above 0 and below 1
    number : choices
    seed : of the random numbers

    Returns
    -------
    dict of choices named "points 1", "points 2", …; each keeps the sum of the points
    but for rounding to 6 decimals

    Raises
    ------
    DataError
        if an argument is out of range

    Notes
    -----
    Each leaf's points times a uniform number in [1 - share, 1 + share], rescaled to the sum.

    Examples
    --------
    >>> varied_points([], number=0)
    {}
    """
    if not 0 < share < 1 or number < 0:
        raise DataError(
            "bad_variation",
            f"share is {share}, number is {number}.",
            "Choose a share above 0 and below 1, and a number of 0 or more.",
        )
    random = np.random.default_rng(seed)
    whole = sum((leaf.points for leaf in leaves), Fraction(0))
    found = {}
    for place in range(number):
        drawn = random.integers(0, 1_000_001, len(leaves)).tolist()
        factor = [1 + Fraction(str(share)) * (Fraction(d, 500_000) - 1) for d in drawn]
        points = [leaf.points * f for leaf, f in zip(leaves, factor, strict=True)]
        scale = whole / sum(points, Fraction(0))
        codes = [leaf.code for leaf in leaves]
        found[f"points {place + 1}"] = Variant(
            points={
                code: Fraction(round(value * scale * 10**6), 10**6)
                for code, value in zip(codes, points, strict=True)
            }
        )
    return found
