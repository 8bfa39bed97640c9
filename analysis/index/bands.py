"""Bands of units beside ranks: of equal size, between declared points, or told apart by tests."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.errors import DataError
from analysis.exact import Number, exact
from analysis.index.rank_pairs import differences, draw_errors
from analysis.index.rank_sets import RankSets, common_df
from analysis.index.rank_steps import step_down
from analysis.weights import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Bands:
    """Bands of U units, the first one best.

    Parameters
    ----------
    units : U units
    band : (U,) 1 … count; nan without points, or without any information about the band
    band_low, band_high : (U,) best and last band that the figures allow, nan without points
    count : number of bands
    rule : how the bands were made, for the reader
    """

    units: tuple[str, ...]
    band: Floats
    band_low: Floats
    band_high: Floats
    count: int
    rule: str

    @property
    def table(self) -> pd.DataFrame:
        """One row a unit: its band, those that the figures allow, and whether that is one."""
        return pd.DataFrame(
            {
                "unit": list(self.units),
                "band": self.band,
                "band_low": self.band_low,
                "band_high": self.band_high,
                "sure": self.band_low == self.band_high,
            }
        )


def rank_bands(sets: RankSets, count: int = 4) -> Bands:
    """Divide ranked units into bands of equal size, as quartile groups do.

    Parameters
    ----------
    sets : ranks of U units and their confidence sets
    count : number of bands

    Returns
    -------
    Bands; a band that the figures allow is one that the unit's simultaneous rank set reaches

    Raises
    ------
    DataError
        if there are more bands than ranked units, or none

    Notes
    -----
    Rank r of n lies in band 1 + floor((r - 1) count / n), so that the first bands are the larger
    ones where n is no multiple of count; equal ranks share a band. The allowed bands hold all
    true ones together with the probability of the sets.

    References
    ----------
    CECODES, VFF-CRT, RTA and UNDP, The Viet Nam Provincial Governance and Public Administration
    Performance Index (PAPI), which publishes quartile groups in place of ranks.

    Examples
    --------
    >>> from analysis.index.rank_sets import rank_sets
    >>> points = np.array([9.0, 5.0, 4.9, 1.0])
    >>> sets = rank_sets(("A", "B", "C", "D"), points, np.eye(4) * 0.01, seed=1)
    >>> rank_bands(sets, 2).band.tolist()
    [1.0, 1.0, 2.0, 2.0]
    """
    ranked = int(np.isfinite(sets.rank).sum())
    if not 1 <= count <= ranked:
        raise DataError(
            "bad_bands",
            f"{count} bands are asked of {ranked} ranked units.",
            "Choose a number from 1 to that of the ranked units.",
            count=count,
        )
    band, low, high = (
        1 + np.floor((places - 1) * count / ranked) for places in (sets.rank, sets.low, sets.high)
    )
    return Bands(sets.units, band, low, high, count, f"{count} bands of equal size by rank")


def point_bands(
    units: Sequence[str],
    points: Floats,
    cuts: Sequence[Number],
    *,
    low: Floats | None = None,
    high: Floats | None = None,
) -> Bands:
    """Divide units into bands between declared points, such as 90, 80 and 65 of 100.

    Parameters
    ----------
    units : U units
    points : (U,) estimates, nan where a unit has none
    cuts : smallest points of each band but the last, from the best band down
    low, high : (U,) limits of the points' intervals; default the points themselves

    Returns
    -------
    Bands; a band that the figures allow is one that the unit's interval reaches

    Raises
    ------
    DataError
        if the cuts do not fall

    Notes
    -----
    The cut itself belongs to the better band. Points less than 1e-9 below a cut are at it: sums
    of floats. The allowed bands hold each unit's true one with the probability of its interval,
    unit by unit.

    Examples
    --------
    >>> points = np.array([91.0, 80.0, 79.5])
    >>> found = point_bands(["A", "B", "C"], points, [90, 80], low=points - 2, high=points + 2)
    >>> found.band.tolist(), found.band_low.tolist(), found.band_high.tolist()
    ([1.0, 2.0, 3.0], [1.0, 2.0, 2.0], [2.0, 3.0, 3.0])
    """
    edges = [exact(cut, f"cut {cut}") for cut in cuts]
    if not edges or any(b >= a for a, b in pairwise(edges)):
        raise DataError(
            "bad_cuts",
            f"The cuts {', '.join(str(cut) for cut in cuts) or '(none)'} do not fall.",
            "List the smallest points of each band, from the best band down.",
        )
    below = np.array([float(edge) for edge in edges]) - 1e-9
    own, best, last = (
        _between(points if value is None else value, points, below) for value in (points, high, low)
    )
    rule = f"bands from {', '.join(str(cut) for cut in cuts)} points up"
    return Bands(tuple(units), own, best, last, len(edges) + 1, rule)


def _between(value: Floats, points: Floats, edges: Floats) -> Floats:
    band = 1.0 + (value[:, None] < edges).sum(axis=1)
    return np.asarray(np.where(np.isnan(points) | np.isnan(value), np.nan, band))


def distinguishable_bands(sets: RankSets) -> Bands:
    """Divide units into as many bands as the figures can tell apart.

    Parameters
    ----------
    sets : ranks of U units and their confidence sets

    Returns
    -------
    Bands; `count` is the number of distinguishable bands

    Notes
    -----
    The longest ladder of units, each significantly above the next by the simultaneous tests, has
    `count` steps: with the probability of the sets, so many units do differ. A unit's band is its
    place in the longest ladder that leads down to it; `band_high` is the place that the longest
    ladder below it leaves. No two units of one band are apart, and no fewer bands are possible
    without putting two into one that are. One band means that the survey tells nobody from
    anybody. A unit of large error may stand in a better band than its points: nothing proves it
    to be below, and `band_high` shows how far down it may be.

    References
    ----------
    Mirsky (1971), American Mathematical Monthly 78, 876-877: the longest chain of an order has
    as many members as the fewest antichains that make it up.

    Examples
    --------
    >>> from analysis.index.rank_sets import rank_sets
    >>> points = np.array([9.0, 5.0, 4.9, 1.0])
    >>> sets = rank_sets(("A", "B", "C", "D"), points, np.eye(4) * 0.01, seed=1)
    >>> distinguishable_bands(sets).band.tolist()
    [1.0, 2.0, 2.0, 3.0]
    """
    known = np.isfinite(sets.rank)
    order = np.flatnonzero(known)[np.argsort(sets.rank[known], kind="stable")]
    above = sets.above[np.ix_(order, order)]
    down, up = ladder(above), ladder(above[::-1, ::-1].T)[::-1]
    count = int(down.max(initial=0))
    band, high = (np.full(len(sets.units), np.nan) for _ in range(2))
    band[order], high[order] = down, count + 1 - up
    low = band.copy()
    band[[reason == "no_degrees_of_freedom" for reason in sets.reason]] = np.nan
    return Bands(sets.units, band, low, high, count, f"told apart by {sets.convention}")


def ladder(above: Bools) -> Ints:
    """Places of units in the longest ladder that leads down to each.

    Parameters
    ----------
    above : (U, U) or (R, U, U) the row's unit is significantly above the column's; units in
        order of points, so that nobody is above an earlier one

    Returns
    -------
    (U,) or (R, U) 1 for units that nobody is above, else 1 more than the largest of those above;
    the largest of all is the number of distinguishable bands

    Examples
    --------
    >>> ladder(np.array([[False, False, True], [False, False, True], [False, False, False]]))
    array([1, 1, 2])
    """
    places = np.ones(above.shape[:-1], dtype=np.int64)
    for unit in range(1, above.shape[-1]):
        over = np.where(above[..., :unit, unit], places[..., :unit], 0)
        places[..., unit] += over.max(axis=-1)
    return places


def count_bands(
    points: Floats,
    cov: Floats,
    df: Floats | float = math.inf,
    *,
    level: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
) -> Ints:
    """Numbers of distinguishable bands in R surveys of one precision, as a planner imagines them.

    Parameters
    ----------
    points : (R, U) points of U units in each survey
    cov : (U, U) covariance of the points, the same in all
    df : degrees of freedom of all errors together, or (U,) of each unit
    level : of the tests of all pairs together, between 0 and 1
    draws, seed : of the errors from which the critical value comes

    Returns
    -------
    (R,) at least 1

    Notes
    -----
    As `distinguishable_bands`, but by a single step, so that one critical value does for all
    surveys; stepping down adds little.

    Examples
    --------
    >>> surveys = np.array([[9.0, 5.0, 4.9], [9.0, 8.9, 8.8], [1.0, 5.0, 9.0]])
    >>> count_bands(surveys, np.eye(3) * 0.1)
    array([2, 1, 3])
    """
    units = len(cov)
    freedom = np.broadcast_to(np.asarray(df, dtype=np.float64), units)
    known = freedom > 0
    told = np.where(np.logical_and.outer(known, known), cov, 0.0)
    pairs = differences(np.arange(units, 0.0, -1.0), told, known)
    z = draw_errors(told, common_df(freedom[known], "tenth"), draws, seed)
    reach = np.full_like(cov, np.inf)
    seen = pairs.scale > 0
    reach[seen] = step_down(pairs, z, level).single_all / pairs.scale[seen]
    reach[pairs.certain | pairs.certain.T] = 0.0
    found = [_height(row, reach) for row in points]
    return np.array(found, dtype=np.int64)


def _height(points: Floats, reach: Floats) -> int:
    """Longest ladder of units, each further above the next than `reach`."""
    order = np.argsort(-points, kind="stable")
    gaps = np.subtract.outer(points[order], points[order])
    return int(ladder(gaps > reach[np.ix_(order, order)]).max(initial=0))
