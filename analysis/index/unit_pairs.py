"""All pairs of scored units: their differences, tests, and adjusted probabilities."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.estimation.differences import all_pairs
from analysis.estimation.freedom import freedom_of_columns
from analysis.index.linear import GroupVariance
from analysis.index.precision import NOTHING, Precision
from analysis.weights import Floats


def unit_pairs(
    units: Sequence[str],
    precision: Sequence[Precision],
    variances: Sequence[GroupVariance],
    *,
    level: float = 0.95,
    df: float | None = None,
) -> pd.DataFrame:
    """Differences of all pairs of units with points, the higher unit first.

    Parameters
    ----------
    units : U units
    precision : of their points
    variances : per group its covariance
    level : probability of cover of the intervals
    df : degrees of freedom in place of each pair's own

    Returns
    -------
    DataFrame: first, second, difference, se, df, t, ci_low, ci_high, p, p_holm, p_bh,
    p_bonferroni, rule, reason

    Notes
    -----
    Degrees of freedom of a pair: PSUs of a group with a valid answer about either unit, less
    their strata; groups by Satterthwaite. `rule` names the adjusted column to read.
    """
    points = np.array([one.points + one.fixed for one in precision])
    size = len(units)
    cov = sum((v.cov for v in variances), np.zeros((size, size)))
    largest = max((one.maximum for one in precision), default=0.0)
    freedom: Floats | float = pair_freedom(variances, size) if df is None else df
    complete = np.array([one.complete for one in precision], dtype=np.bool_)
    pairs, found = all_pairs(units, points, cov, freedom, complete=complete, level=level)
    found = found.without_noise(NOTHING * largest)
    return pd.concat([pairs, found.table.drop(columns="name")], axis=1)


def pair_freedom(variances: Sequence[GroupVariance], units: int) -> Floats:
    """(U, U) degrees of freedom of the difference of each pair, groups by Satterthwaite."""
    if len(variances) == 1:
        return np.maximum(_group_freedom(variances[0]), 0.0)
    top, bottom = np.zeros((units, units)), np.zeros((units, units))
    plain, hopeless = np.zeros((units, units)), np.zeros((units, units), dtype=np.bool_)
    for v in variances:
        own = np.diag(v.cov)
        spread = np.maximum(np.add.outer(own, own) - v.cov - v.cov.T, 0.0)
        spread[spread <= 1e-12 * np.add.outer(own, own)] = 0.0
        df = _group_freedom(v)
        used = spread > 0
        hopeless |= used & (df <= 0)
        top += spread
        bottom += np.divide(spread**2, df, out=np.zeros_like(df), where=used & (df > 0))
        plain += np.maximum(df, 0.0)
    found = np.divide(top**2, bottom, out=plain, where=bottom > 0)
    return np.asarray(np.where(hopeless, 0.0, found), dtype=np.float64)


def _group_freedom(v: GroupVariance) -> Floats:
    """(U, U) degrees of freedom of one group: PSUs that speak of either unit of the pair."""
    answered = (v.answered > 0).astype(np.float64).tocsc()
    units = answered.shape[1]
    found = np.zeros((units, units))
    every = sparse.csr_array(np.ones((1, units)))
    for unit in range(units):
        either = (answered + answered[:, [unit]] @ every).tocsr()
        found[unit] = freedom_of_columns(v.sample, either)
    return found
