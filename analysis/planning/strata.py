"""A sample divided among named strata: whole numbers within limits that add up exactly."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from analysis.errors import DesignError
from analysis.planning import allocation
from analysis.planning.rounding import bounded, whole
from analysis.weights import Floats, Ints


class Rule(StrEnum):
    """What the shares are proportional to."""

    EQUAL = "equal"
    PROPORTIONAL = "proportional"
    NEYMAN = "neyman"
    POWER = "power"


@dataclass(frozen=True, kw_only=True, slots=True)
class StratumPlan:
    """What is known of a stratum before it is sampled.

    Parameters
    ----------
    code : its name
    population : persons, or PSUs where these are drawn
    sd : expected standard deviation of the score inside it
    cv : coefficient of variation, for the power rule
    cost : of one more person or PSU
    unit : rated unit that its people speak about, "" for all
    minimum : fewest to draw, in place of the allocation's own
    """

    code: str
    population: int
    sd: float = 0.28
    cv: float = 1.0
    cost: float = 1.0
    unit: str = ""
    minimum: int | None = None


@dataclass(frozen=True, slots=True)
class Allocation:
    """A sample divided among H strata.

    Parameters
    ----------
    rule : what the shares were proportional to
    n : sample size
    strata : the strata, in the order given
    shares : (H,) within the limits, unrounded
    sizes : (H,) whole numbers that add up to `n`
    """

    rule: Rule
    n: int
    strata: tuple[StratumPlan, ...]
    shares: tuple[float, ...]
    sizes: tuple[int, ...]

    @property
    def by_stratum(self) -> dict[str, int]:
        """Stratum to its sample size, as a selection takes it."""
        codes = (stratum.code for stratum in self.strata)
        return dict(zip(codes, self.sizes, strict=True))

    @property
    def table(self) -> pd.DataFrame:
        """One row a stratum: stratum, unit, population, share, size, fraction, take_all."""
        rows = [
            (s.code, s.unit, s.population, share, size, size / s.population, size == s.population)
            for s, share, size in zip(self.strata, self.shares, self.sizes, strict=True)
        ]
        names = ["stratum", "unit", "population", "share", "size", "fraction", "take_all"]
        return pd.DataFrame(rows, columns=names)

    @property
    def variance(self) -> float:
        """Variance of the population's mean, in the unit of `sd` squared."""
        population = [s.population for s in self.strata]
        return allocation.stratified_variance(self.sizes, population, [s.sd for s in self.strata])


def allocate(
    strata: Sequence[StratumPlan],
    n: int,
    rule: str = Rule.PROPORTIONAL,
    *,
    minimum: int = 2,
    unit_minimum: int | Mapping[str, int] = 0,
    exponent: float = 0.5,
) -> Allocation:
    """Divide a sample among strata by a rule, within limits, into whole numbers.

    Parameters
    ----------
    strata : H strata, each code once
    n : sample size, in persons or in PSUs, as the strata's populations
    rule : "equal", "proportional", "neyman" or "power"
    minimum : fewest from each stratum; a smaller stratum is taken whole. Two PSUs are what a
        variance needs
    unit_minimum : fewest about each rated unit, over its strata together; one number for all, or
        by unit
    exponent : of the power rule

    Returns
    -------
    Allocation

    Raises
    ------
    DesignError
        "infeasible_allocation" if the limits ask for more than `n`, or `n` for more than there
        is; "bad_plan" if a stratum is given twice or a number is out of range

    Notes
    -----
    Units first: each gets the sum of its strata's shares within its limits, then its strata
    divide that by the same rule within theirs. Within limits shares are
    min(max(t·size, lower), upper) with the one t that adds up, which for Neyman's rule is the
    iterated take-all. Whole numbers by the largest remainder, first for units, then for strata,
    ties to the one listed first. With a minimum the result is no longer the optimum of the rule.

    References
    ----------
    Cochran (1977), Sampling Techniques, sec. 5.5 to 5.8; Bankier (1988), The American
    Statistician 42, 174-177.

    Examples
    --------
    >>> plan = [StratumPlan(code="a", population=1200, sd=0.22),
    ...         StratumPlan(code="b", population=400, sd=0.30),
    ...         StratumPlan(code="c", population=1, sd=0.35)]
    >>> allocate(plan, 150, "neyman").by_stratum
    {'a': 102, 'b': 47, 'c': 1}
    """
    chosen = _rule(rule)
    _check(strata, n, minimum)
    lower, upper = _limits(strata, minimum)
    size = _SIZES[chosen](strata, exponent)
    units, place = np.unique([stratum.unit for stratum in strata], return_inverse=True)
    least = _unit_limits([str(unit) for unit in units], place, lower, upper, unit_minimum)
    top = _sums(place, upper)
    _check_sum(n, least, top)
    shares, sizes = np.zeros(len(strata)), np.zeros(len(strata), dtype=np.int64)
    unit_shares = bounded(_sums(place, size), n, least, top)
    unit_sizes = whole(unit_shares, n, top)
    for number, (share, given) in enumerate(zip(unit_shares, unit_sizes.tolist(), strict=True)):
        at = place == number
        shares[at] = bounded(size[at], share, lower[at], upper[at])
        inside = bounded(size[at], given, lower[at], upper[at])
        sizes[at] = whole(inside, given, upper[at])
    return Allocation(chosen, n, tuple(strata), tuple(shares.tolist()), tuple(sizes.tolist()))


_SIZES: dict[Rule, Callable[[Sequence[StratumPlan], float], Floats]] = {
    Rule.EQUAL: lambda strata, _: allocation.equal(1, len(strata)),
    Rule.PROPORTIONAL: lambda strata, _: allocation.proportional(1, _all(strata, "population")),
    Rule.NEYMAN: lambda strata, _: allocation.neyman(
        1, _all(strata, "population"), _all(strata, "sd"), _all(strata, "cost")
    ),
    Rule.POWER: lambda strata, exponent: allocation.power(
        1, _all(strata, "population"), exponent, _all(strata, "cv")
    ),
}


def _sums(place: Ints, values: Floats) -> Floats:
    """Sums of the strata's values by unit."""
    return np.bincount(place, values).astype(np.float64)


def _all(strata: Sequence[StratumPlan], name: str) -> list[float]:
    return [getattr(stratum, name) for stratum in strata]


def _rule(rule: str) -> Rule:
    if rule not in set(Rule):
        raise DesignError(
            "bad_plan",
            f"rule = {rule!r} is not known.",
            f"Choose one of {', '.join(Rule)}.",
            argument="rule",
            value=rule,
        )
    return Rule(rule)


def _check(strata: Sequence[StratumPlan], n: int, minimum: int) -> None:
    codes = [stratum.code for stratum in strata]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice or not codes:
        raise DesignError(
            "bad_plan",
            f"Stratum {twice[0]!r} is given twice." if twice else "There is no stratum.",
            "Give every stratum once.",
            stratum=twice[0] if twice else None,
        )
    empty = next((stratum.code for stratum in strata if stratum.population < 1), None)
    if empty is not None:
        raise DesignError(
            "bad_plan",
            f"Stratum {empty!r} has no population.",
            "Leave it out, or give its size.",
            stratum=empty,
        )
    if n < 1 or minimum < 0:
        raise DesignError(
            "bad_plan",
            f"n is {n}, minimum {minimum}.",
            "Give n of 1 or more, minimum of 0 or more.",
        )


def _limits(strata: Sequence[StratumPlan], minimum: int) -> tuple[Floats, Floats]:
    """Fewest and most from each stratum."""
    upper = np.array([stratum.population for stratum in strata], dtype=np.float64)
    own = [minimum if s.minimum is None else s.minimum for s in strata]
    for stratum in strata:
        if stratum.minimum is not None and stratum.minimum > stratum.population:
            raise DesignError(
                "infeasible_allocation",
                f"Stratum {stratum.code!r} is to give at least {stratum.minimum}, but has "
                f"{stratum.population}.",
                "Lower its minimum.",
                stratum=stratum.code,
            )
    return np.minimum(np.array(own, dtype=np.float64), upper), upper


def _unit_limits(
    units: Sequence[str],
    place: Ints,
    lower: Floats,
    upper: Floats,
    wanted: int | Mapping[str, int],
) -> Floats:
    """Fewest from the strata of each unit."""
    strangers = sorted(set(wanted) - set(units)) if isinstance(wanted, Mapping) else []
    if strangers:
        raise DesignError(
            "bad_plan",
            f"unit_minimum names unit {strangers[0]!r}, which has no stratum.",
            f"Its units are {', '.join(units)}.",
            unit=strangers[0],
        )
    least = [float(wanted.get(u, 0) if isinstance(wanted, Mapping) else wanted) for u in units]
    room = _sums(place, upper)
    for unit, asked, there in zip(units, least, room, strict=True):
        if asked > there:
            raise DesignError(
                "infeasible_allocation",
                f"Unit {unit!r} is to have at least {asked:g}, but its strata have {there:g}.",
                "Lower its minimum, or take all of them.",
                unit=unit,
            )
    return np.maximum(np.array(least, dtype=np.float64), _sums(place, lower))


def _check_sum(n: int, least: Floats, top: Floats) -> None:
    if not least.sum() <= n <= top.sum():
        few = n < least.sum()
        raise DesignError(
            "infeasible_allocation",
            f"The minima add up to {least.sum():g}, more than the sample of {n}."
            if few
            else f"A sample of {n} is asked of a population of {top.sum():g}.",
            "Enlarge the sample or join strata." if few else "Ask for fewer.",
            n=n,
        )
