"""Rank sets of scored units: what their precision tells of the errors behind the points."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.design import Inference
from analysis.estimation.intervals import t_quantile
from analysis.index.precision import Precision
from analysis.index.rank_sets import RankSets, rank_sets
from analysis.weights import Floats


def ranks_of(
    units: Sequence[str],
    precision: Sequence[Precision],
    cov: Floats,
    *,
    level: float,
    draws: int,
    seed: int,
    inference: Inference | None = None,
) -> RankSets:
    """Rank sets of scored units; see `analysis.index.result.IndexResult.ranks`.

    Parameters
    ----------
    units : U units
    precision : of their points
    cov : (U, U) covariance of the points
    level, draws, seed, inference : as in `analysis.index.rank_sets.rank_sets`

    Returns
    -------
    RankSets

    Notes
    -----
    A unit whose answers are all equal shows no variance of its own. It gets that of its exact
    interval: the longer side over t, squared.
    """
    cov = cov.copy()
    known = np.array([one.df > 0 or one.complete for one in precision], dtype=np.bool_)
    silent = [one.se == 0 and one.df > 0 and not one.complete for one in precision]
    for unit in np.flatnonzero(silent).tolist():
        error = _error_of_interval(precision[unit], level)
        known[unit] = math.isfinite(error)
        cov[unit, unit] = error**2 if known[unit] else 0.0
    found = rank_sets(
        units,
        np.array([one.points + one.fixed for one in precision]),
        cov,
        df=np.array([one.df for one in precision]),
        known=known,
        level=level,
        draws=draws,
        seed=seed,
        inference=inference,
    )
    pairs = zip(silent, found.reason, strict=True)
    return replace(found, reason=tuple("zero_variance" if s else r for s, r in pairs))


def _error_of_interval(one: Precision, level: float) -> float:
    low, high, _ = one.interval(level)
    centre = one.points + one.fixed
    return max(centre - low, high - centre) / t_quantile(level, one.df)
