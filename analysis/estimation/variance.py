"""Variances of estimated totals under a stratified design of one stage, or of two."""

import numpy as np
from scipy import sparse

from analysis.design import Inference, Lonely
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


def covariance(sample: Sample, rows: Ints, column: Ints, value: Floats, columns: int) -> Floats:
    """Covariance matrix of the column sums of weighted values; arguments as in `psu_totals`.

    Returns
    -------
    (columns, columns) symmetric

    Notes
    -----
    `total_covariance` of the PSU totals and, where the design tells how many persons a PSU holds,
    what is left to chance inside the sampled PSUs:
    sum_h f_h sum_i (1 - m/M) m/(m - 1) [sum_k z_k z_k' - m zbar zbar'], over the m persons of
    M in PSU i. Without a finite correction (f_h = 0) the first term alone holds both stages.
    One person of more in a PSU: an error; with "center" its squared distance from the mean of
    all answering persons, with "remove" and "average" nothing.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, result 4.3.2.
    """
    found = total_covariance(sample, psu_totals(sample, rows, column, value, columns))
    if sample.psu_size is None or sample.design.inference is Inference.SUPERPOPULATION:
        return found
    person, home = sample.persons
    shape = (len(home), columns)
    totals = sparse.coo_array((value, (person[rows], column)), shape=shape).tocsr()
    return found + _second_stage(sample, totals, home)


def _second_stage(sample: Sample, totals: sparse.csr_array, home: Ints) -> Floats:
    """Variance within PSUs of the persons' (E, C) totals; `home` is the PSU of each person."""
    m = np.bincount(home, minlength=len(sample.psu_stratum)).astype(np.float64)
    share = sample.fraction[sample.psu_stratum]
    left = share * (1 - sample.second_fraction)  # of the variance within the PSU
    single = (m == 1) & (left > 0)
    if single.any() and sample.design.lonely in (Lonely.ERROR, Lonely.COLLAPSE):
        stratum = sample.psu_stratum[int(np.argmax(single))]
        raise sample.design.single_person(sample.strata[int(stratum)])
    scale = np.where(m > 1, left * m / np.maximum(m - 1, 1), 0.0)
    spread, sums = _spread(totals, home, scale, np.maximum(m, 1))
    if single.any() and sample.design.lonely is Lonely.CENTER:
        spread = spread + _from_the_centre(totals, sums, single, left)
    return np.asarray((spread + spread.T) / 2, dtype=np.float64)


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
    unequal probabilities and a large fraction; the second stage is in `covariance`.
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
    spread, sums = _spread(totals, sample.psu_stratum, scale, n)
    if single.any() and sample.design.lonely is Lonely.CENTER:
        spread = spread + _from_the_centre(totals, sums, single, 1 - f)
    elif single.any() and sample.design.lonely is Lonely.AVERAGE:
        spread = spread * _average_factor(sample, totals, single)
    return np.asarray((spread + spread.T) / 2, dtype=np.float64)


def _spread(
    totals: sparse.csr_array, group: Ints, scale: Floats, n: Floats
) -> tuple[Floats, Floats]:
    """Squares around the mean of each group, scaled and added up, and the sums of the groups."""
    rows = len(group)
    member = sparse.csr_array((np.ones(rows), (group, np.arange(rows))), shape=(len(n), rows))
    sums = np.asarray((member @ totals).toarray(), dtype=np.float64)
    weighted = totals.multiply(scale[group][:, None]).tocsr()
    squares = (totals.T @ weighted).toarray()
    return np.asarray(squares - sums.T @ (sums * (scale / n)[:, None])), sums


def _from_the_centre(totals: sparse.csr_array, sums: Floats, single: Bools, left: Floats) -> Floats:
    """Squared distance of single members from the mean of all that answered."""
    answering = int((np.diff(totals.indptr) > 0).sum())
    centre = sums.sum(axis=0) / max(answering, 1)
    away = (sums[single] - centre) * np.sqrt(left[single])[:, None]
    return np.asarray(away.T @ away)


def _average_factor(sample: Sample, totals: sparse.csr_array, single: Bools) -> float:
    """Strata with an answer, over those of them whose variance is seen."""
    touched = np.zeros(len(sample.strata), dtype=np.bool_)
    touched[sample.psu_stratum[np.diff(totals.indptr) > 0]] = True
    seen = int((touched & ~single).sum())
    return float(touched.sum() / seen) if seen else 0.0
