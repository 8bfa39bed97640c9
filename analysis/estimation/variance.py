"""Covariances of estimated totals: the one place where a design becomes a matrix."""

import numpy as np
from scipy import sparse

from analysis.design import Lonely
from analysis.estimation.single import Stage, adjusted, group_sums
from analysis.estimation.sums import squares, sums_by_unit
from analysis.sample import Floats, Ints, Sample


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
    return sums_by_unit(sample.psu[rows], column, value, (len(sample.psu_stratum), columns))


def residual_totals(
    sample: Sample, rows: Ints, column: Ints, value: Floats, columns: int
) -> sparse.csr_array:
    """Sums of PSUs as `psu_totals` has them, less what the design's calibrations explain.

    Without calibration they are `psu_totals`. With it every PSU has a value: people outside a
    domain help to fix what is known of it.
    """
    return _freed(sample, (rows, column, value), sample.psu, (len(sample.psu_stratum), columns))


def covariance(sample: Sample, rows: Ints, column: Ints, value: Floats, columns: int) -> Floats:
    """Covariance matrix of the column sums of weighted residuals; arguments as in `psu_totals`.

    Returns
    -------
    (columns, columns) symmetric

    Raises
    ------
    DesignError
        if a stratum has one PSU of more, or a PSU one second-stage unit of more, and the design
        has no rule for it

    Notes
    -----
    Every linearised estimator comes through here: whatever a design does to a variance, it does
    in this function. `total_covariance` of the PSU totals, those of residuals z - x'B where the
    weights were calibrated to totals of x, and, where the design tells how many
    second-stage units a PSU holds, what is left to chance inside the sampled PSUs:
    sum_i p_i (1 - m/M) m/(m - 1) [sum_k z_k z_k' - m zbar zbar'], over the m units of M in PSU i,
    which was drawn with probability p_i. Without a finite correction (p_i = 0) the first term
    alone holds all stages. Stages below the second are summed to its units before squaring.
    With replicate weights it is their covariance of the sum of residuals instead.
    One unit of more in a PSU: an error; with "center" its squared distance from the mean of all
    answering units, with "remove" and "average" nothing.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, result 4.3.2, 6.6.1.
    """
    made = sample.replicates
    if made is not None:
        carrier = made.carriers(sample.psu)
        shape = (len(made.factor), columns)
        return made.covariance_of_sums(_freed(sample, (rows, column, value), carrier, shape))
    found = total_covariance(sample, residual_totals(sample, rows, column, value, columns))
    if not sample.has_second_stage:
        return found
    unit, home = sample.second_units
    totals = _freed(sample, (rows, column, value), unit, (len(home), columns))
    return found + _second_stage(sample, totals, home)


def first_stage_only(sample: Sample) -> bool:
    """Whether the variance is that of PSU totals around the means of their strata, no more."""
    special = sample.design.lonely in (Lonely.CENTER, Lonely.AVERAGE) and bool(sample.single.any())
    known = sample.calibrations is not None
    unusual = special or known or sample.replicates is not None
    return not (sample.has_second_stage or sample.is_unequal or unusual)


def total_covariance(sample: Sample, totals: sparse.csr_array) -> Floats:
    """Covariance matrix of the column sums of PSU totals, first stage alone.

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
        if a stratum has one PSU of more and the design has no rule for it; or if replicate weights
        differ between the rows of a PSU

    Notes
    -----
    sum_h (1 - f_h) n_h/(n_h - 1) [sum_i Z_hi Z_hi' - n_h Zbar_h Zbar_h'], where n_h counts the
    sampled PSUs, those without an answer included with Z = 0.
    PSUs drawn with unequal probabilities p_i and a large fraction: Brewer's approximation
    sum_h n_h/(n_h - 1) sum_i (1 - p_i) (Z_hi - Zbar_h) (Z_hi - Zbar_h)', where a PSU without a row
    in the data has the mean 1 - p of its stratum; or, with joint probabilities p_ij,
    sum_ij (1 - p_i p_j/p_ij) Z_i Z_j' (Horvitz and Thompson; it may be negative) and
    -1/2 sum_ij (1 - p_i p_j/p_ij) (Z_i - Z_j) (Z_i - Z_j)' (Yates and Grundy; fixed sizes only).
    A stratum with one PSU of more: see `analysis.estimation.single`.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, eq. 2.8.9, 2.8.12, 4.2.
    Brewer and Donadio (2003), Survey Methodology 29, 189-196, eq. 9 and 18.
    """
    if sample.replicates is not None:
        return sample.replicates.of_psus().covariance_of_sums(totals)
    sample.check_single()
    n = sample.n_psu.astype(np.float64)
    if not sample.is_unequal:
        scale = np.where(n > 1, (1 - sample.fraction) * n / np.maximum(n - 1, 1), 0.0)
        spread = _spread(totals, sample.psu_stratum, scale, n)
    elif sample.pairs is None:
        spread = _brewer(sample, totals, n)
    else:
        dense = totals.toarray()
        spread = np.asarray(dense.T @ sample.pairs @ dense, dtype=np.float64)
    left = 1 - sample.psu_fraction
    stage = Stage(sample.psu_stratum, n, sample.single, left)
    return _symmetric(adjusted(sample.design.lonely, stage, totals, spread))


def _second_stage(sample: Sample, totals: sparse.csr_array, home: Ints) -> Floats:
    """Variance within PSUs of the (E, C) totals of their units; `home` is the PSU of each."""
    m = np.bincount(home, minlength=len(sample.psu_stratum)).astype(np.float64)
    left = sample.psu_fraction * (1 - sample.second_fraction)  # of the variance within the PSU
    single = (m == 1) & (left > 0)
    rule = sample.design.lonely
    if single.any() and rule in (Lonely.ERROR, Lonely.COLLAPSE):
        stratum = sample.psu_stratum[int(np.argmax(single))]
        raise sample.design.single_person(sample.strata[int(stratum)])
    scale = np.where(m > 1, left * m / np.maximum(m - 1, 1), 0.0)
    spread = _spread(totals, home, scale, np.maximum(m, 1))
    if rule is Lonely.CENTER:
        spread = adjusted(rule, Stage(home, m, single, left[home]), totals, spread)
    return _symmetric(spread)


def _freed(
    sample: Sample, values: tuple[Ints, Ints, Floats], part: Ints, shape: tuple[int, int]
) -> sparse.csr_array:
    """Sums of values by part of their row, less what the calibrations explain of them."""
    rows, column, value = values
    totals = sums_by_unit(part[rows], column, value, shape)
    known = sample.calibrations
    if known is None:
        return totals
    coefficients = known.explained(sums_by_unit(rows, column, value, (len(part), shape[1])))
    return _whole(totals.toarray() - known.fitted(part, shape[0], coefficients))


def _whole(table: Floats) -> sparse.csr_array:
    """A full table as a sparse one, zeros kept."""
    rows, columns = table.shape
    ends = np.arange(rows + 1) * columns
    return sparse.csr_array((table.ravel(), np.tile(np.arange(columns), rows), ends), table.shape)


def _spread(totals: sparse.csr_array, group: Ints, scale: Floats, n: Floats) -> Floats:
    """Squares around the mean of each group of n members, scaled and added up."""
    sums = group_sums(totals, group, len(n))
    return np.asarray(squares(totals, scale[group]) - sums.T @ (sums * (scale / n)[:, None]))


def _brewer(sample: Sample, totals: sparse.csr_array, n: Floats) -> Floats:
    """Squares of PSUs around the mean of their stratum, each with its own 1 - p."""
    stratum, strata = sample.psu_stratum, len(n)
    left = 1 - sample.psu_fraction
    scale = np.where(n > 1, n / np.maximum(n - 1, 1), 0.0)
    weighted = totals.multiply((scale[stratum] * left)[:, None]).tocsr()
    towards = group_sums(weighted, stratum, strata)
    mean = group_sums(totals, stratum, strata) / n[:, None]
    usual = np.bincount(stratum, left, minlength=strata) / np.bincount(stratum, minlength=strata)
    cross = mean.T @ towards
    own = mean.T @ (mean * (scale * usual * n)[:, None])
    return np.asarray(squares(totals, scale[stratum] * left) - cross - cross.T + own)


def _symmetric(found: Floats) -> Floats:
    return np.asarray((found + found.T) / 2, dtype=np.float64)
