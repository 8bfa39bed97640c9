"""Confidence sets for ranks: which places a unit may have, given the errors of all units."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import DataError
from analysis.index.precision import Precision
from analysis.index.rank_pairs import Pairs, differences, draw_errors
from analysis.index.rank_steps import step_down
from analysis.weights import Bools, Floats, Ints

DRAWS = 10_000


@dataclass(frozen=True, eq=False)
class RankSets:
    """Ranks of U units with the sets that hold the true ones, and how they were found.

    Parameters
    ----------
    units : U units, in the order that they were given
    rank : (U,) place by points, ties share the smallest; nan without points
    low, high : (U,) sets that hold all true ranks together with probability `level`
    single_low, single_high : the same by a single step, never narrower
    marginal_low, marginal_high : (U,) sets that each hold its unit's true rank with `level`
    reason : (U,) why a unit has no set or the widest one, "" if it has an ordinary one
    critical : critical values of the single step and of the last step, over all pairs
    level, draws, seed, df : how the sets were found; df is inf for the normal distribution
    steps : steps taken down
    """

    units: tuple[str, ...]
    rank: Floats
    low: Floats
    high: Floats
    single_low: Floats
    single_high: Floats
    marginal_low: Floats
    marginal_high: Floats
    reason: tuple[str, ...]
    critical: tuple[float, float]
    level: float
    draws: int
    seed: int
    df: float
    steps: int

    @property
    def convention(self) -> str:
        """What a reader of the sets must know."""
        law = "normal" if math.isinf(self.df) else f"t with {self.df:g} degrees of freedom"
        return (
            f"{self.level:.0%} confidence sets for ranks, all pairs step-down, {law}, "
            f"{self.draws} draws, seed {self.seed}; rank 1 is best"
        )

    @property
    def table(self) -> pd.DataFrame:
        """One row a unit: rank, simultaneous and marginal set."""
        return pd.DataFrame(
            {
                "unit": list(self.units),
                "rank": self.rank,
                "rank_low": self.low,
                "rank_high": self.high,
                "marginal_low": self.marginal_low,
                "marginal_high": self.marginal_high,
                "reason": list(self.reason),
            }
        )

    def among_best(self, count: int) -> dict[str, bool | None]:
        """Per unit whether it may be among the best `count`; None without points.

        Notes
        -----
        The units that may be hold all that are, with probability `level`.
        """
        return {
            unit: None if math.isnan(low) else bool(low <= count)
            for unit, low in zip(self.units, self.low, strict=True)
        }


def rank_sets(
    units: Sequence[str],
    points: Floats,
    cov: Floats,
    *,
    df: float = math.inf,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
    highest_first: bool = True,
    known: Bools | None = None,
) -> RankSets:
    """Find confidence sets for the ranks of units.

    Parameters
    ----------
    units : U units
    points : (U,) estimates, nan where a unit has none
    cov : (U, U) covariance of the estimates, points squared
    df : degrees of freedom that the errors have, all together
    level : probability of cover, between 0 and 1
    draws : random draws of the errors
    seed : of the draws
    highest_first : whether rank 1 has the most points
    known : (U,) units whose variance is known; default all with points

    Returns
    -------
    RankSets

    Raises
    ------
    DataError
        if shapes differ, draws are fewer than 100 or the level is not between 0 and 1

    Notes
    -----
    Units i and j are apart if |T_i - T_j|/s_ij exceeds the critical value c of the largest
    studentised difference over the family of pairs, by step-down. The set of j is
    [1 + number significantly above j, U - number significantly below j]. A unit whose variance
    is not known is apart from nobody.

    References
    ----------
    Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91, 476-518, sec. 3.

    Examples
    --------
    >>> found = rank_sets(("A", "B", "C"), np.array([9.0, 5.0, 4.9]), np.eye(3) * 0.1, seed=1)
    >>> found.table[["rank", "rank_low", "rank_high"]].astype(int).values.tolist()
    [[1, 1, 1], [2, 2, 3], [3, 2, 3]]
    """
    _check(units, points, cov, level, draws)
    scored = ~np.isnan(points)
    told = scored if known is None else scored & known
    signed = points if highest_first else -points
    order = np.flatnonzero(scored)[np.argsort(-signed[scored], kind="stable")]
    pairs = differences(signed[order], cov[np.ix_(order, order)], told[order])
    errors = draw_errors(_of_known(cov, order, told), df, draws, seed)
    found = step_down(pairs, errors, level)
    sets = (
        _sets(pairs, np.full(len(order), found.last_all), order, len(points)),
        _sets(pairs, np.full(len(order), found.single_all), order, len(points)),
        _sets(pairs, found.last, order, len(points)),
    )
    ranks = np.asarray(pd.Series(-signed).rank(method="min"), dtype=np.float64)
    reason = [_reason(s, k) for s, k in zip(scored, told, strict=True)]
    (low, high), (single_low, single_high), (marginal_low, marginal_high) = sets
    return RankSets(
        units=tuple(units),
        rank=ranks,
        low=low,
        high=high,
        single_low=single_low,
        single_high=single_high,
        marginal_low=marginal_low,
        marginal_high=marginal_high,
        reason=tuple(reason),
        critical=(found.single_all, found.last_all),
        level=level,
        draws=draws,
        seed=seed,
        df=df,
        steps=found.steps,
    )


def ranks_of(
    units: Sequence[str], precision: Sequence[Precision], cov: Floats, *, level: float, draws: int,
    seed: int,
) -> RankSets:  # fmt: skip
    """Rank sets of scored units; see `analysis.index.result.IndexResult.ranks`."""
    points = np.array([one.points + one.fixed for one in precision])
    df = np.array([one.df for one in precision])
    known = np.array([one.df > 0 or one.complete for one in precision])
    usable = df[known & (df > 0) & ~np.isnan(points)]
    chosen = float(np.percentile(usable, 10)) if len(usable) else math.inf
    return rank_sets(
        units, points, cov, df=chosen, level=level, draws=draws, seed=seed, known=known
    )


def _of_known(cov: Floats, order: Ints, told: Bools) -> Floats:
    """Covariance in the order of points; units of unknown variance are drawn as 0."""
    chosen = cov[np.ix_(order, order)].copy()
    hidden = ~told[order]
    chosen[hidden, :] = 0.0
    chosen[:, hidden] = 0.0
    return np.asarray(chosen)


def _sets(pairs: Pairs, critical: Floats, order: Ints, units: int) -> tuple[Floats, Floats]:
    """Lowest and highest rank of each unit, nan where it has no points."""
    above = (pairs.statistic > critical[None, :]) | pairs.certain
    below = (pairs.statistic > critical[:, None]) | pairs.certain
    low, high = np.full(units, np.nan), np.full(units, np.nan)
    low[order] = 1 + above.sum(axis=0)
    high[order] = len(order) - below.sum(axis=1)
    return low, high


def _reason(scored: bool, told: bool) -> str:
    if not scored:
        return "not_scored"
    return "" if told else "no_degrees_of_freedom"


def _check(units: Sequence[str], points: Floats, cov: Floats, level: float, draws: int) -> None:
    if points.shape != (len(units),) or cov.shape != (len(units), len(units)):
        raise DataError(
            "shapes_differ",
            f"{len(units)} units come with {points.shape} points and {cov.shape} covariances.",
            "Give one estimate a unit, and their square covariance matrix.",
        )
    if not 0 < level < 1 or draws < 100:
        raise DataError(
            "bad_rank_options",
            f"level is {level}, draws are {draws}.",
            "Choose a level between 0 and 1, and 100 draws or more.",
        )
