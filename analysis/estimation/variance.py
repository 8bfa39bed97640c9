"""Variances of estimated totals under a stratified design of one stage."""

import numpy as np
from scipy import sparse

from analysis.design import Lonely
from analysis.sample import Bools, Floats, Ints, Sample


def psu_totals(
    sample: Sample, rows: Ints, column: Ints, value: Floats, columns: int
) -> sparse.csr_array:
    """Sum a variable of rows to PSUs.

    Parameters
    ----------
    sample : R rows in P PSUs
    rows : (n,) rows that have a value; a row may occur more than once
    column : (n,) column of each value, 0 … columns-1 (a unit, a variable, …)
    value : (n,) values, the sampling weight already in them
    columns : number of columns

    Returns
    -------
    (P, columns) sparse; a PSU without a row has 0, as the domain estimator needs
    """
    shape = (len(sample.psu_stratum), columns)
    return sparse.coo_array((value, (sample.psu[rows], column)), shape=shape).tocsr()


def total_covariance(sample: Sample, totals: sparse.csr_array) -> Floats:
    """Covariance matrix of the column sums of PSU totals.

    Parameters
    ----------
    sample : the design of P PSUs in H strata
    totals : (P, C) weighted totals of PSUs

    Returns
    -------
    (C, C) symmetric, in the unit of the totals squared

    Raises
    ------
    DesignError
        if a stratum has one PSU of more and the design has no rule for it

    Notes
    -----
    sum_h (1 - f_h) n_h/(n_h - 1) [sum_i Z_hi Z_hi' - n_h Zbar_h Zbar_h'], where n_h counts the
    sampled PSUs, those without an answer included with Z = 0. Wrong when PSUs were drawn with
    unequal probabilities and a large fraction, or when the second stage is not small.
    A stratum with one PSU of more adds nothing ("remove"), its squared distance from the mean
    of all answering PSUs' totals ("center"), or the mean of the other strata ("average").

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, eq. 4.2.
    Lumley (2010), Complex Surveys, sec. 3.2.1, on single PSUs.
    """
    sample.check_single()
    f = sample.fraction
    n = sample.n_psu.astype(np.float64)
    single = (n == 1) & (f < 1)
    scale = np.where(n > 1, (1 - f) * n / np.maximum(n - 1, 1), 0.0)
    weighted = totals.multiply(scale[sample.psu_stratum][:, None]).tocsr()
    sums = stratum_sums(sample, totals)
    covariance = (totals.T @ weighted).toarray() - sums.T @ (sums * (scale / n)[:, None])
    if single.any() and sample.design.lonely is Lonely.CENTER:
        answering = int((np.diff(totals.indptr) > 0).sum())
        centre = sums.sum(axis=0) / max(answering, 1)
        away = (sums[single] - centre) * np.sqrt(1 - f[single])[:, None]
        covariance = covariance + away.T @ away
    elif single.any() and sample.design.lonely is Lonely.AVERAGE:
        covariance = covariance * _average_factor(sample, totals, single)
    return np.asarray((covariance + covariance.T) / 2, dtype=np.float64)


def stratum_sums(sample: Sample, totals: sparse.csr_array) -> Floats:
    """(H, C) sums of PSU totals by stratum."""
    psus = len(sample.psu_stratum)
    member = sparse.csr_array(
        (np.ones(psus), (sample.psu_stratum, np.arange(psus))), shape=(len(sample.strata), psus)
    )
    return np.asarray((member @ totals).toarray(), dtype=np.float64)


def _average_factor(sample: Sample, totals: sparse.csr_array, single: Bools) -> float:
    """Strata with an answer, over those of them whose variance is seen."""
    touched = np.zeros(len(sample.strata), dtype=np.bool_)
    touched[sample.psu_stratum[np.diff(totals.indptr) > 0]] = True
    seen = int((touched & ~single).sum())
    return float(touched.sum() / seen) if seen else 0.0
