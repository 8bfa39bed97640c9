"""Ranks inside a block, and how they moved since last year."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from analysis.exact import Number, exact
from analysis.index.options import TieRule
from analysis.report.rounding import Rounding, round_exact

ENOUGH = Fraction(1, 2)  # of the applicable survey maximum


@dataclass(frozen=True, slots=True)
class Ranked:
    """A unit with its exact value, its rank, and whether it shares it."""

    unit: str
    value: Fraction
    rank: int
    tied: bool


@dataclass(frozen=True, slots=True)
class Ranking:
    """Units in order of rank, those not ranked apart.

    Parameters
    ----------
    ranked : best first; ties in the order given
    not_ranked : units assessed but not ranked, and units without a value
    """

    ranked: tuple[Ranked, ...]
    not_ranked: tuple[tuple[str, Fraction | None], ...]

    def rank_of(self, unit: str) -> int | None:
        """Rank of a unit, None if it is not ranked."""
        return next((entry.rank for entry in self.ranked if entry.unit == unit), None)


def surveyed_enough(scored: Number, applicable: Number) -> bool:
    """Whether so much of a unit was surveyed that its value can stand beside the others'.

    Parameters
    ----------
    scored : maximum points of its survey leaves that have points
    applicable : maximum points of all its survey leaves

    Notes
    -----
    Leaves that could not be scored leave the maximum. With none scored, the rest of the index
    would be ranked beside whole indices; so it takes half of the applicable survey maximum.

    Examples
    --------
    >>> surveyed_enough("18.75", "37.5"), surveyed_enough("18.5", "37.5"), surveyed_enough(0, 0)
    (True, False, True)
    """
    whole = exact(applicable, "applicable survey maximum")
    return exact(scored, "scored survey maximum") >= whole * ENOUGH


def rank(
    values: Mapping[str, Number | None],
    *,
    tie_rule: str = TieRule.COMPETITION,
    precision: int | None = None,
    rounding: str = Rounding.HALF_UP,
    not_ranked: Collection[str] = (),
) -> Ranking:
    """Rank units by value, the highest first.

    Parameters
    ----------
    values : unit to exact value; None is listed apart
    tie_rule : "competition" 1, 2, 2, 4 or "dense" 1, 2, 2, 3
    precision : None compares unrounded values; a number compares values printed with so many
        decimals under `rounding`
    rounding : rule for the printed values
    not_ranked : units assessed but listed apart

    Returns
    -------
    Ranking

    Examples
    --------
    >>> found = rank({"A": "3.14", "B": "9", "C": "3.141", "D": 1}, precision=2)
    >>> [(entry.unit, entry.rank) for entry in found.ranked]
    [('B', 1), ('A', 2), ('C', 2), ('D', 4)]
    """
    rule = TieRule(tie_rule)
    numbers = {
        unit: None if value is None else exact(value, f"value of {unit}")
        for unit, value in values.items()
    }
    compared = {
        unit: number if precision is None else Fraction(round_exact(number, precision, rounding))
        for unit, number in numbers.items()
        if number is not None and unit not in not_ranked
    }
    levels = sorted(set(compared.values()), reverse=True)
    shared = {level: sum(value == level for value in compared.values()) for level in levels}
    order = sorted(compared, key=lambda unit: compared[unit], reverse=True)
    place, above = {}, 0
    for step, level in enumerate(levels):
        place[level] = step + 1 if rule is TieRule.DENSE else above + 1
        above += shared[level]
    ranked = tuple(
        Ranked(unit, number, place[compared[unit]], shared[compared[unit]] > 1)
        for unit in order
        if (number := numbers[unit]) is not None
    )
    apart = tuple((unit, number) for unit, number in numbers.items() if unit not in compared)
    return Ranking(ranked, apart)


@dataclass(frozen=True, slots=True)
class Previous:
    """Last year's value and rank of a unit."""

    value: Number
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class YearChange:
    """A unit beside last year.

    Parameters
    ----------
    unit, value, rank : this year
    previous_value, previous_rank : last year, None if not known
    points : value less last year's, None if not comparable
    places : places climbed, negative if lost, None if not comparable
    comparable : last year is known and speaks of the same block and framework
    """

    unit: str
    value: Fraction
    rank: int
    previous_value: Fraction | None
    previous_rank: int | None
    points: Fraction | None
    places: int | None
    comparable: bool


def compare_years(
    ranking: Ranking,
    previous: Mapping[str, Previous],
    *,
    not_comparable: Collection[str] = (),
) -> tuple[YearChange, ...]:
    """Set each ranked unit beside last year.

    Parameters
    ----------
    ranking : this year
    previous : unit to last year's value and rank
    not_comparable : units whose block or framework changed; they get no difference

    Examples
    --------
    >>> now = rank({"MIC": "86.75"})
    >>> change, = compare_years(now, {"MIC": Previous("86.03", 1)})
    >>> change.points == Fraction("0.72"), change.places
    (True, 0)
    """
    return tuple(
        _change(entry, previous.get(entry.unit), comparable=entry.unit not in not_comparable)
        for entry in ranking.ranked
    )


def _change(entry: Ranked, before: Previous | None, *, comparable: bool) -> YearChange:
    value = None if before is None else exact(before.value, f"last year's value of {entry.unit}")
    rank_before = None if before is None else before.rank
    use = comparable and value is not None
    return YearChange(
        unit=entry.unit,
        value=entry.value,
        rank=entry.rank,
        previous_value=value,
        previous_rank=rank_before,
        points=entry.value - value if use and value is not None else None,
        places=rank_before - entry.rank if use and rank_before is not None else None,
        comparable=use,
    )
