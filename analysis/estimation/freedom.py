"""Degrees of freedom of variances."""

import numpy as np
from scipy import sparse

from analysis.sample import Bools, Floats, Ints, Sample


def degrees_of_freedom(sample: Sample, answered: Bools) -> int:
    """PSUs with a valid answer less the strata that hold them.

    Parameters
    ----------
    sample : P PSUs in H strata
    answered : (P,) PSUs in which somebody gave a valid answer

    Returns
    -------
    int; 0 or less means that the data say nothing of the variance

    Notes
    -----
    Strata made of one certainty PSU are left out where any other stratum answered: their persons
    are many, but they tell little of the rest. Replicate weights have a rule of their own, see
    `analysis.estimation.replication.bound.Replicates.freedom`.

    References
    ----------
    Korn and Graubard (1999), Analysis of Health Surveys, sec. 5.2 (domains).
    """
    certain = sample.certainty[sample.psu_stratum]
    counted = answered & ~certain if (answered & ~certain).any() else answered
    found = int(counted.sum()) - len(np.unique(sample.psu_stratum[counted]))
    made = sample.replicates
    if made is None:
        return found
    column = sparse.csr_array(answered[:, None].astype(np.float64))
    return int(made.freedom(column, sample.psu, np.array([found]))[0])


def freedom_of_columns(sample: Sample, answered: sparse.csr_array) -> Ints:
    """Degrees of freedom of many numbers at once.

    Parameters
    ----------
    sample : P PSUs in H strata
    answered : (P, C) sparse, above 0 where somebody of the PSU gave a valid answer to the column

    Returns
    -------
    (C,) each as `degrees_of_freedom` gives it
    """
    found = _freedom_by_design(sample, answered)
    made = sample.replicates
    return found if made is None else made.freedom(answered, sample.psu, found)


def _freedom_by_design(sample: Sample, answered: sparse.csr_array) -> Ints:
    every = _psus_less_strata(sample, answered)
    certain = sample.certainty[sample.psu_stratum]
    if not certain.any():
        return every
    drawn = (answered.multiply(~certain[:, None]) > 0).tocsr()
    some = np.asarray(drawn.sum(axis=0)).ravel() > 0
    return np.where(some, _psus_less_strata(sample, drawn), every)


def _psus_less_strata(sample: Sample, answered: sparse.csr_array) -> Ints:
    entries = (answered > 0).tocoo()
    columns = answered.shape[1]
    psus = np.bincount(entries.col, minlength=columns)
    shape = (len(sample.strata), columns)
    pairs = sample.psu_stratum[entries.row] * np.int64(columns) + entries.col
    if shape[0] * columns <= 4 * len(pairs) + 1_000_000:
        seen = np.bincount(pairs, minlength=shape[0] * columns).reshape(shape) > 0
        return np.asarray(psus - seen.sum(axis=0), dtype=np.int64)
    strata = np.bincount(np.unique(pairs) % max(columns, 1), minlength=columns)
    return np.asarray(psus - strata, dtype=np.int64)


def satterthwaite(variance: Floats, df: Floats) -> float:
    """Degrees of freedom of a sum of independent variance estimates.

    Parameters
    ----------
    variance : (G,) variances >= 0
    df : (G,) degrees of freedom of each

    Returns
    -------
    float; 0 if a part with variance above 0 has no degrees of freedom. If all variances are 0,
    the sum of the parts' df.

    Notes
    -----
    (sum V)^2 / sum(V^2 / df); parts with V = 0 are dropped.

    References
    ----------
    Satterthwaite (1946), Biometrics Bulletin 2, 110-114.

    Examples
    --------
    >>> satterthwaite(np.array([0.0579375734100072, 0.0104918233248801]), np.array([8.0, 35.0]))
    11.0767325889763...
    """
    return float(satterthwaite_each(variance[:, None], df[:, None])[0])


def satterthwaite_each(variance: Floats, df: Floats) -> Floats:
    """Degrees of freedom of many sums at once.

    Parameters
    ----------
    variance, df : (G, …) of G independent estimates each

    Returns
    -------
    (…) each as `satterthwaite` gives it
    """
    used = variance > 0
    v = np.where(used, variance, 0.0)
    per_df = np.divide(v**2, df, out=np.zeros_like(v), where=used & (df > 0)).sum(axis=0)
    several = v.sum(axis=0) ** 2 / np.where(per_df > 0, per_df, 1.0)
    alone = np.where(used | ~used.any(axis=0), np.maximum(df, 0.0), 0.0).sum(axis=0)
    found = np.where(used.sum(axis=0) > 1, several, alone)
    return np.where((used & (df <= 0)).any(axis=0), 0.0, found)
