"""Bands of units beside ranks: groups of equal size, and groups that can be told apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import DataError
from analysis.index.rank_sets import RankSets
from analysis.weights import Floats


@dataclass(frozen=True, eq=False)
class Bands:
    """Bands of U units, the first one best.

    Parameters
    ----------
    units : U units
    band : (U,) 1 … count, nan without points
    sure_low, sure_high : (U,) bands that the unit's rank set allows
    count : number of bands
    """

    units: tuple[str, ...]
    band: Floats
    sure_low: Floats
    sure_high: Floats
    count: int

    @property
    def table(self) -> pd.DataFrame:
        """One row a unit: its band, and those that its rank set allows."""
        columns = {"band": self.band, "band_low": self.sure_low, "band_high": self.sure_high}
        return pd.DataFrame({"unit": list(self.units)} | columns)


def rank_bands(sets: RankSets, count: int = 4) -> Bands:
    """Divide ranked units into bands of equal size, as quartile groups do.

    Parameters
    ----------
    sets : ranks of U units and their confidence sets
    count : number of bands

    Returns
    -------
    Bands

    Raises
    ------
    DataError
        if there are more bands than ranked units, or none

    Notes
    -----
    Rank r of n lies in band ceil(r count / n); equal ranks share a band. The bands that a unit's
    confidence set allows hold its true band, for all units together, with the level of the sets.

    References
    ----------
    CECODES, VFF-CRT, RTA and UNDP, The Viet Nam Provincial Governance and Public Administration
    Performance Index (PAPI), on quartile groups in place of ranks.

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
        np.ceil(places * count / ranked) for places in (sets.rank, sets.low, sets.high)
    )
    return Bands(sets.units, band, low, high, count)


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
    From the top: the best unit opens the first band; the next unit down whose rank set begins
    beyond that unit's set opens the second, and so on. One band means that the survey cannot
    tell the best unit from any other.

    Examples
    --------
    >>> from analysis.index.rank_sets import rank_sets
    >>> points = np.array([9.0, 5.0, 4.9, 1.0])
    >>> sets = rank_sets(("A", "B", "C", "D"), points, np.eye(4) * 0.01, seed=1)
    >>> distinguishable_bands(sets).band.tolist()
    [1.0, 2.0, 2.0, 3.0]
    """
    band = np.full(len(sets.units), np.nan)
    current, reach = 0, -np.inf
    for unit in _down(sets):
        if sets.low[unit] > reach:
            current, reach = current + 1, sets.high[unit]
        band[unit] = current
    return Bands(sets.units, band, band, band, current)


def _down(sets: RankSets) -> Sequence[int]:
    """Units with a rank, the best first."""
    ranked = np.flatnonzero(np.isfinite(sets.rank))
    order: list[int] = ranked[np.argsort(sets.rank[ranked], kind="stable")].tolist()
    return order
