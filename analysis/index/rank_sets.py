"""Confidence sets for ranks: which places a unit may have, given the errors of all units."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.design import Inference
from analysis.errors import DataError
from analysis.index.rank_pairs import Pairs, differences, draw_errors
from analysis.index.rank_steps import Steps, step_down
from analysis.weights import Bools, Floats, Ints

DRAWS = 10_000


class Places(NamedTuple):
    """Smallest and largest rank that (U,) units may have; nan without points."""

    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class RankSets:
    """Ranks of U units with the sets that hold the true ones, and how they were found.

    Parameters
    ----------
    units : U units, in the order that they were given
    points : (U,) as they were given, nan where there are none
    rank : (U,) place by points, ties share the smallest; nan without points
    simultaneous : sets that hold all true ranks together with probability `level`, by step-down
    marginal : sets that each hold its own unit's true rank with probability `level`
    simultaneous_single, marginal_single : the same by a single step, never narrower
    above : (U, U) the row's unit is above the column's, by the simultaneous step-down
    reason : U reasons why a unit has no set or the widest one, "" if it has an ordinary one
    critical : critical values of all pairs, single step and last step
    marginal_critical : (U, 2) of each unit's pairs, single step and last step
    level, draws, seed, df : how the sets were found; df is inf for the normal distribution
    steps : steps taken down with all pairs
    highest_first : whether rank 1 has the most points
    inference : whom the covariance speaks of, None where nobody said
    """

    units: tuple[str, ...]
    points: Floats
    rank: Floats
    simultaneous: Places
    marginal: Places
    simultaneous_single: Places
    marginal_single: Places
    above: Bools
    reason: tuple[str, ...]
    critical: tuple[float, float]
    marginal_critical: Floats
    level: float
    draws: int
    seed: int
    df: float
    steps: int
    highest_first: bool
    inference: Inference | None = None

    @property
    def low(self) -> Floats:
        """(U,) smallest ranks of the simultaneous sets."""
        return self.simultaneous.low

    @property
    def high(self) -> Floats:
        """(U,) largest ranks of the simultaneous sets."""
        return self.simultaneous.high

    @property
    def convention(self) -> str:
        """What a reader of the sets must know."""
        law = "normal" if math.isinf(self.df) else f"t with {self.df:g} degrees of freedom"
        best = "most" if self.highest_first else "fewest"
        whom = "" if self.inference is None else f"inference {self.inference}, "
        return (
            f"{self.level:.0%} confidence sets for ranks, tests of all pairs by step-down, {whom}"
            f"errors {law}, {self.draws} draws, seed {self.seed}; rank 1 has the {best} points"
        )

    @property
    def table(self) -> pd.DataFrame:
        """One row a unit: rank, simultaneous and marginal set, and why there is none."""
        return pd.DataFrame(
            {
                "unit": list(self.units),
                "points": self.points,
                "rank": self.rank,
                "rank_low": self.simultaneous.low,
                "rank_high": self.simultaneous.high,
                "marginal_low": self.marginal.low,
                "marginal_high": self.marginal.high,
                "reason": list(self.reason),
            }
        )

    @property
    def single_step(self) -> pd.DataFrame:
        """One row a unit: the sets of a single step, for comparison."""
        return pd.DataFrame(
            {
                "unit": list(self.units),
                "rank_low": self.simultaneous_single.low,
                "rank_high": self.simultaneous_single.high,
                "marginal_low": self.marginal_single.low,
                "marginal_high": self.marginal_single.high,
            }
        )

    def among_best(self, count: int) -> dict[str, bool | None]:
        """Per unit whether it may be among the best `count`; None without points.

        Notes
        -----
        The units that may be hold all that are, with probability `level`, for every `count` at
        once.
        """
        return self._told(self.simultaneous.low, self.simultaneous.low <= count)

    def among_last(self, count: int) -> dict[str, bool | None]:
        """Per unit whether it may be among the last `count`; None without points."""
        ranked = int(np.isfinite(self.rank).sum())
        return self._told(self.simultaneous.high, self.simultaneous.high > ranked - count)

    def _told(self, places: Floats, may: Bools) -> dict[str, bool | None]:
        return {
            unit: None if math.isnan(place) else bool(answer)
            for unit, place, answer in zip(self.units, places, may, strict=True)
        }


def rank_sets(
    units: Sequence[str],
    points: Floats,
    cov: Floats,
    *,
    df: Floats | float = math.inf,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
    highest_first: bool = True,
    known: Bools | None = None,
    df_rule: str = "tenth",
    inference: Inference | None = None,
) -> RankSets:
    """Find confidence sets for the ranks of units.

    Parameters
    ----------
    units : U units
    points : (U,) estimates, nan where a unit has none
    cov : (U, U) covariance of the estimates, points squared
    df : degrees of freedom of all errors together, or (U,) of each unit; inf is normal
    level : probability of cover, between 0 and 1
    draws : random draws of the errors, 100 or more
    seed : of the draws
    highest_first : whether rank 1 has the most points
    known : (U,) units whose variance is known; default those with df above 0
    df_rule : of the units' df, the "smallest" counts, or the 10th percentile ("tenth")
    inference : whom the covariance speaks of, for the convention

    Returns
    -------
    RankSets

    Raises
    ------
    DataError
        if shapes differ, an option is out of range, or a covariance is no number

    Notes
    -----
    Unit i is significantly above j if (T_i - T_j)/s_ij exceeds the critical value c of the
    largest studentised difference over a family of pairs: all of them, or those with j alone for
    the marginal set of j. Step-down: rejected pairs leave and c is taken again. The set of j is
    [1 + number significantly above j, U - number significantly below j].
    Differences that have no error are facts; a unit whose variance is not known is apart from
    nobody and may have any rank. Units without points have no rank and count for nobody.
    Wrong where points are far from normal, as with very few persons or near the maximum.

    References
    ----------
    Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91, 476-518, sec. 3.

    Examples
    --------
    >>> found = rank_sets(("A", "B", "C"), np.array([9.0, 5.0, 4.9]), np.eye(3) * 0.1, seed=1)
    >>> found.table[["rank", "rank_low", "rank_high"]].astype(int).values.tolist()
    [[1, 1, 1], [2, 2, 3], [3, 2, 3]]
    >>> found.among_best(2)
    {'A': True, 'B': True, 'C': True}
    """
    points, cov = np.asarray(points, dtype=np.float64), np.asarray(cov, dtype=np.float64)
    freedom = np.broadcast_to(np.asarray(df, dtype=np.float64), len(units))
    _check_shapes(units, points, cov)
    _check_options(level, draws, df_rule)
    scored = ~np.isnan(points)
    told = scored & (freedom > 0 if known is None else np.asarray(known, dtype=np.bool_))
    _check_finite(units, cov, told)
    signed = points if highest_first else -points
    order = _order(signed, np.diag(cov))
    pairs = differences(signed[order], _of_known(cov, order, told), told[order])
    chosen = common_df(freedom[told & (freedom > 0)], df_rule)
    z = draw_errors(_of_known(cov, order, told), chosen, draws, seed)
    found = step_down(pairs, z, level)
    above = np.zeros(cov.shape, dtype=np.bool_)
    above[np.ix_(order, order)] = (pairs.statistic > found.last_all) | pairs.certain
    return RankSets(
        units=tuple(units),
        points=points,
        rank=np.asarray(pd.Series(-signed).rank(method="min"), dtype=np.float64),
        **_all_places(pairs, found, order, len(points)),
        above=above,
        reason=tuple(_reason(s, k) for s, k in zip(scored, told, strict=True)),
        critical=(found.single_all, found.last_all),
        marginal_critical=_placed(np.stack([found.single, found.last], axis=1), order, len(points)),
        level=level,
        draws=draws,
        seed=seed,
        df=chosen,
        steps=found.steps,
        highest_first=highest_first,
        inference=inference,
    )


def _order(signed: Floats, variance: Floats) -> Ints:
    """Units with points, best first; ties by variance, so that labels do not matter."""
    order = np.lexsort((variance, -signed))
    return np.asarray(order[~np.isnan(signed[order])], dtype=np.int64)


def common_df(df: Floats, rule: str) -> float:
    """One number of degrees of freedom for all units: the smallest, or the "tenth" percentile."""
    if not len(df) or np.isinf(df.min()):
        return math.inf
    return float(df.min() if rule == "smallest" else np.percentile(df, 10, method="lower"))


def _of_known(cov: Floats, order: Ints, told: Bools) -> Floats:
    """Covariance in the order of points; units of unknown variance are drawn as 0."""
    chosen = cov[np.ix_(order, order)]
    hidden = ~told[order]
    chosen[hidden, :] = 0.0
    chosen[:, hidden] = 0.0
    return np.asarray(chosen)


def _all_places(pairs: Pairs, found: Steps, order: Ints, units: int) -> dict[str, Places]:
    everybody = np.ones(len(order))
    critical = {
        "simultaneous": found.last_all * everybody,
        "marginal": found.last,
        "simultaneous_single": found.single_all * everybody,
        "marginal_single": found.single,
    }
    return {name: _places(pairs, value, order, units) for name, value in critical.items()}


def _places(pairs: Pairs, critical: Floats, order: Ints, units: int) -> Places:
    """Smallest and largest rank of each unit against its own critical value."""
    above = (pairs.statistic > critical[None, :]) | pairs.certain
    below = (pairs.statistic > critical[:, None]) | pairs.certain
    low, high = 1.0 + above.sum(axis=0), len(order) - 1.0 * below.sum(axis=1)
    return Places(_placed(low, order, units), _placed(high, order, units))


def _placed(values: Floats, order: Ints, units: int) -> Floats:
    found = np.full((units, *values.shape[1:]), np.nan)
    found[order] = values
    return found


def _reason(scored: bool, told: bool) -> str:
    if not scored:
        return "not_scored"
    return "" if told else "no_degrees_of_freedom"


def _check_shapes(units: Sequence[str], points: Floats, cov: Floats) -> None:
    if points.shape != (len(units),) or cov.shape != (len(units), len(units)):
        raise DataError(
            "shapes_differ",
            f"{len(units)} units come with {points.shape} points and {cov.shape} covariances.",
            "Give one estimate a unit, and their square covariance matrix.",
        )


def _check_options(level: float, draws: int, df_rule: str) -> None:
    if not 0 < level < 1 or draws < 100 or df_rule not in ("smallest", "tenth"):
        raise DataError(
            "bad_rank_options",
            f"level is {level}, draws are {draws}, df_rule is {df_rule!r}.",
            'Choose a level between 0 and 1, 100 draws or more, and "smallest" or "tenth".',
        )


def _check_finite(units: Sequence[str], cov: Floats, told: Bools) -> None:
    wrong = told & ~np.isfinite(cov[:, told]).all(axis=1)
    if wrong.any():
        unit = units[int(np.argmax(wrong))]
        raise DataError(
            "bad_covariance",
            f"Unit {unit!r} has points, but a covariance that is no number.",
            "Pass known=False for units whose variance is not known.",
            unit=unit,
        )
