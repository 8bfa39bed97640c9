"""What a plan can be expected to give: half-widths per unit and leaf."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pandas as pd

from analysis.errors import DesignError
from analysis.estimation.freedom import satterthwaite
from analysis.estimation.intervals import t_quantile
from analysis.index.leaves import Leaf, Question
from analysis.index.scheme import IndexScheme
from analysis.planning.arguments import above_zero, share
from analysis.planning.effect import design_effect
from analysis.weights import Floats

TOTAL = "total"


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupPlan:
    """What is planned and expected of one respondent group.

    Parameters
    ----------
    invited : unit to persons who are asked about it
    population : unit to persons there are; units left out are large
    take : persons who answer, per PSU; 1 in a sample of persons
    strata : strata that the people asked about one unit lie in
    icc : correlation between two people of one PSU
    weight_cv2 : squared coefficient of variation of the weights
    response : share of the invited who answer
    blanks : share of answers that is blank or "don't know"
    sd : standard deviation of an item's coefficient between persons
    item_correlation : between two items of one person
    rater_correlation : between the means of two units that the same people rate
    """

    invited: Mapping[str, int]
    population: Mapping[str, int] = field(default_factory=dict)
    take: float = 1.0
    strata: int = 1
    icc: float = 0.0
    weight_cv2: float = 0.0
    response: float = 1.0
    blanks: float = 0.0
    sd: float = 0.28
    item_correlation: float = 0.5
    rater_correlation: float = 0.0

    @property
    def deff(self) -> float:
        """Design effect of a mean."""
        return design_effect(self.take, self.icc, self.weight_cv2)

    def answering(self, unit: str) -> float:
        """Persons expected to answer about a unit."""
        return self.invited.get(unit, 0) * share("response", self.response)

    def valid(self, unit: str) -> float:
        """Valid answers expected to one item about a unit."""
        return self.answering(unit) * share("1 - blanks", 1 - self.blanks)

    def variance(self, unit: str) -> float:
        """Variance of the unit's mean on one item, in coefficients squared."""
        left = 1 - self.answering(unit) / self.population.get(unit, math.inf)
        return above_zero("sd", self.sd) ** 2 * self.deff * max(left, 0.0) / self.valid(unit)

    def df(self, unit: str) -> float:
        """Degrees of freedom: PSUs with an answer less strata."""
        return max(self.answering(unit) / above_zero("take", self.take) - self.strata, 0.0)


@dataclass(frozen=True, eq=False)
class Expected:
    """Expected precision of U units on the leaves of a scheme.

    Parameters
    ----------
    units : U codes
    level : probability of cover
    table : one row a unit and leaf, and a unit and "total": max_points, n, se, df, half_width in
        points, and reason where there is none
    cov : (U, U) covariance of the units' totals, points squared
    df : (U,) degrees of freedom of the totals
    """

    units: tuple[str, ...]
    level: float
    table: pd.DataFrame
    cov: Floats
    df: Floats


def expected_precision(
    scheme: IndexScheme, plans: Mapping[str, GroupPlan], *, level: float = 0.95
) -> Expected:
    """Expected half-width of every unit's interval, by leaf and in all.

    Parameters
    ----------
    scheme : leaves with their points, groups, items and weights
    plans : group to what is planned for it
    level : probability of cover

    Returns
    -------
    Expected, with the units that any group is asked about

    Raises
    ------
    DesignError
        if a plan is given for a group that the scheme does not ask, or a number is out of range

    Notes
    -----
    With c_q = M W V the points that item q of a group can give, and items that correlate by r,
    the group adds S^2 deff (1 - n/N)/n · [(1 - r) sum c_q^2 + r (sum c_q)^2]; groups add up,
    degrees of freedom by Satterthwaite, half-width t·se. A group that is expected below the
    scheme's minimum gives no points, and the weights of the others are rescaled. Pooled groups
    weigh by their people. The simulator (`analysis.planning.simulation`) needs no such formula
    and shows how good it is.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sec. 5.7 (composites);
    Kish (1965), Survey Sampling, sec. 8.2.

    Examples
    --------
    >>> scheme = IndexScheme.from_dict({"leaves": [{"code": "1.1", "points": "2", "groups": [
    ...     {"group": "staff", "questions": [{"item": "q1", "coefficients": {"1": "1"}}]}]}]})
    >>> plan = GroupPlan(invited={"A": 100}, response=0.7)
    >>> found = expected_precision(scheme, {"staff": plan}).table
    >>> found[["leaf", "n", "half_width"]].round(3).values.tolist()
    [['1.1', 70.0, 0.134], ['total', 70.0, 0.134]]
    """
    strangers = sorted(set(plans) - set(scheme.groups))
    if strangers:
        raise DesignError(
            "unknown_group",
            f"The scheme asks nothing of group {strangers[0]!r}.",
            f"It asks {', '.join(scheme.groups)}.",
            group=strangers[0],
        )
    units = tuple(dict.fromkeys(unit for plan in plans.values() for unit in plan.invited))
    parts = {unit: _parts(scheme, plans, unit) for unit in units}
    rows = [row for unit in units for row in _rows(scheme, plans, unit, parts[unit], level)]
    names = ["unit", "leaf", "max_points", "n", "se", "df", "half_width", "reason"]
    table = pd.DataFrame(rows, columns=names)
    totals = table[table.leaf == TOTAL]
    return Expected(units, level, table, _covariance(plans, units, parts), totals.df.to_numpy())


Part = tuple[str, str, list[float]]  # leaf, group, points that each of its items can give


def _parts(scheme: IndexScheme, plans: Mapping[str, GroupPlan], unit: str) -> list[Part]:
    """Points that each item of each usable group can give a unit."""
    return [
        (leaf.code, group, [float(leaf.points * weight * q.weight) for q in questions])
        for leaf in scheme.leaves
        for group, weight, questions in _usable(leaf, scheme, plans, unit)
    ]


def _usable(
    leaf: Leaf, scheme: IndexScheme, plans: Mapping[str, GroupPlan], unit: str
) -> Iterator[tuple[str, Fraction, Sequence[Question]]]:
    least = scheme.options.minimum
    asked = [g for g in leaf.groups if g.group in plans and plans[g.group].answering(unit) > 0]
    if scheme.options.pooled:
        heard = sum(plans[g.group].valid(unit) for g in asked) >= least
        used = asked if heard else []
        weights = {g.group: _people(plans[g.group], unit) for g in used}
    else:
        used = [g for g in asked if plans[g.group].valid(unit) >= least]
        weights = {g.group: g.weight for g in used}
    total = sum(weights.values(), Fraction(0))
    for g in used:
        if weights[g.group]:
            yield g.group, weights[g.group] / total, g.questions


def _people(plan: GroupPlan, unit: str) -> Fraction:
    """What a group weighs in a pool: its people, or those who answer where these are not known."""
    return Fraction(plan.population.get(unit) or plan.answering(unit))


def _rows(
    scheme: IndexScheme,
    plans: Mapping[str, GroupPlan],
    unit: str,
    parts: Sequence[Part],
    level: float,
) -> Iterator[tuple[object, ...]]:
    for leaf in scheme.leaves:
        own = [part for part in parts if part[0] == leaf.code]
        yield (unit, leaf.code, float(leaf.points), *_precision(plans, unit, own, level))
    scored = {part[0] for part in parts}
    maximum = sum((leaf.points for leaf in scheme.leaves if leaf.code in scored), Fraction(0))
    yield (unit, TOTAL, float(maximum), *_precision(plans, unit, parts, level))


def _precision(
    plans: Mapping[str, GroupPlan], unit: str, parts: Sequence[Part], level: float
) -> tuple[float, float, float, float, str]:
    """n, se, df, half-width and the reason where there is none."""
    if not parts:
        return 0.0, math.nan, math.nan, math.nan, "below_minimum"
    variance = _variances(plans, unit, parts)
    n = sum(plans[group].valid(unit) for group in variance)
    df = satterthwaite(
        np.array(list(variance.values())), np.array([plans[g].df(unit) for g in variance])
    )
    se = math.sqrt(sum(variance.values()))
    if df <= 0:
        return n, se, df, math.nan, "no_degrees_of_freedom"
    return n, se, df, t_quantile(level, df) * se, ""


def _variances(
    plans: Mapping[str, GroupPlan], unit: str, parts: Sequence[Part]
) -> dict[str, float]:
    """Group to the variance that it adds, in points squared."""
    points: dict[str, list[float]] = {}
    for _, group, values in parts:
        points.setdefault(group, []).extend(values)
    return {
        group: plans[group].variance(unit) * _spread(values, plans[group].item_correlation)
        for group, values in points.items()
    }


def _spread(points: Sequence[float], correlation: float) -> float:
    """Variance of a weighted sum of items of variance 1."""
    c = np.array(points)
    return float((1 - correlation) * (c**2).sum() + correlation * c.sum() ** 2)


def _covariance(
    plans: Mapping[str, GroupPlan], units: Sequence[str], parts: Mapping[str, Sequence[Part]]
) -> Floats:
    """Covariance of the units' totals, from raters who rate several."""
    cov = np.zeros((len(units), len(units)))
    variances = [_variances(plans, unit, parts[unit]) for unit in units]
    for name, plan in plans.items():
        se = np.sqrt([variance.get(name, 0.0) for variance in variances])
        shared = np.full((len(units), len(units)), plan.rater_correlation)
        np.fill_diagonal(shared, 1.0)
        cov += shared * np.outer(se, se)
    return cov
