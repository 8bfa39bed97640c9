"""Variances and degrees of freedom of very many columns at once, without their covariances."""

import numpy as np
from scipy import sparse

from analysis.answers import first_of, sum_by
from analysis.estimation.freedom import freedom_of_columns
from analysis.estimation.variance import covariance, first_stage_only
from analysis.sample import Bools, Floats, Ints, Sample


def distinct_pairs(first: Ints, second: Ints, width: int) -> tuple[Ints | None, Ints, Ints]:
    """Number the combinations of two labels.

    Returns
    -------
    (n,) number of each row's combination, or None where each row is one of its own; and the two
    labels of each combination
    """
    key = first * width + second
    if len(key) < 2 or (np.diff(key) > 0).all():
        return None, first, second
    place, at = first_of(key, int(key.max()) + 1)
    return place, first[at], second[at]


def column_variances(sample: Sample, rows: Ints, block: Ints, value: Floats, blocks: int) -> Floats:
    """Variances of the sums of C weighted residuals within blocks of rows, such as units.

    Parameters
    ----------
    sample : R rows in P PSUs
    rows : (n,) rows that have values
    block : (n,) block of each, 0 … blocks-1
    value : (n, C) weighted residuals
    blocks : number of blocks, B

    Returns
    -------
    (B, C): the diagonals of what `analysis.estimation.variance.covariance` gives for the B·C
    columns, at a cost that grows with n·C only

    Notes
    -----
    sum_h (1 - f_h) n_h/(n_h - 1) [sum_i Z_hi^2 - (sum_i Z_hi)^2/n_h]; designs that look inside
    PSUs, or have a rule for single ones, take the way through the covariance.
    """
    if not first_stage_only(sample):
        return np.array(
            [_block(sample, rows[block == b], value[block == b]) for b in range(blocks)]
        ).reshape(blocks, value.shape[1])
    sample.check_single()
    place, psu, of = distinct_pairs(sample.psu[rows], block, max(blocks, 1))
    totals = value if place is None else sum_by(place, value, len(psu))
    n = sample.n_psu.astype(np.float64)
    scale = np.where(n > 1, (1 - sample.fraction) * n / np.maximum(n - 1, 1), 0.0)
    stratum = sample.psu_stratum[psu]
    squares = sum_by(of, totals**2 * scale[stratum][:, None], blocks)
    cell, of, stratum = distinct_pairs(of, stratum, len(sample.strata))
    sums = totals if cell is None else sum_by(cell, totals, len(of))
    return np.asarray(squares - sum_by(of, sums**2 * (scale / n)[stratum][:, None], blocks))


def _block(sample: Sample, rows: Ints, value: Floats) -> Floats:
    """(C,) variances of the columns of one block."""
    if not len(rows):
        return np.zeros(value.shape[1])
    columns = value.shape[1]
    long, column = np.repeat(rows, columns), np.tile(np.arange(columns), len(rows))
    return np.asarray(np.diag(covariance(sample, long, column, value.ravel(), columns)))


def column_freedom(sample: Sample, psu: Ints, block: Ints, present: Bools, blocks: int) -> Floats:
    """Degrees of freedom of many columns.

    Parameters
    ----------
    sample : P PSUs
    psu, block : (n,) PSU and block of each entry
    present : (n, C) whether the entry has a valid answer to the column
    blocks : number of blocks, B

    Returns
    -------
    (B, C), each as `analysis.estimation.freedom.degrees_of_freedom` gives it
    """
    place, psu, of = distinct_pairs(psu, block, max(blocks, 1))
    if sample.replicates is not None:
        seen = present if place is None else _any(place, present, len(psu))
        return _replicated_freedom(sample, psu, of, seen, blocks)
    seen = present if place is None else _any(place, present, len(psu))
    certain = sample.certainty[sample.psu_stratum[psu]]
    every = _less_strata(sample, psu, of, seen, blocks)
    if not certain.any():
        return every
    drawn = seen & ~certain[:, None]
    some = _any(of, drawn, blocks)
    return np.where(some, _less_strata(sample, psu, of, drawn, blocks), every)


def _replicated_freedom(sample: Sample, psu: Ints, of: Ints, seen: Bools, blocks: int) -> Floats:
    """(B, C) one by one, from the replicate weights of the PSUs that answered."""
    columns = seen.shape[1]
    entry, column = np.nonzero(seen)
    shape = (len(sample.psu_stratum), blocks * columns)
    cell = of[entry] * columns + column
    answered = sparse.coo_array((np.ones(len(entry)), (psu[entry], cell)), shape=shape).tocsr()
    return freedom_of_columns(sample, answered).reshape(blocks, columns).astype(np.float64)


def _less_strata(sample: Sample, psu: Ints, block: Ints, seen: Bools, blocks: int) -> Floats:
    psus = sum_by(block, seen.astype(np.float64), blocks)
    cell, of, _ = distinct_pairs(block, sample.psu_stratum[psu], max(len(sample.strata), 1))
    strata = (seen if cell is None else _any(cell, seen, len(of))).astype(np.float64)
    return np.asarray(psus - sum_by(of, strata, blocks))


def _any(group: Ints, seen: Bools, groups: int) -> Bools:
    """(groups, C) whether any entry of the group was seen."""
    return np.asarray(sum_by(group, seen.astype(np.float64), groups) > 0)
