"""Sums and products of sparse totals, by whichever way is cheaper."""

import numpy as np
from scipy import sparse

from analysis.sample import Bools, Floats, Ints

SPARSE_COST = 20  # of one product of stored elements, in products of a dense matrix
FEW = 200_000  # stored elements, below which the way does not matter
BLOCK = 4_000_000  # elements of a dense block


def sums_by_unit(
    unit: Ints, column: Ints, value: Floats, shape: tuple[int, int]
) -> sparse.csr_array:
    """Sums of values by unit and column.

    Parameters
    ----------
    unit, column : (n,) place of each value
    value : (n,) values
    shape : numbers of units and columns

    Returns
    -------
    sparse; a sum of 0 is stored where there was a value, as it tells that somebody answered
    """
    size = shape[0] * shape[1]
    if size > 4 * len(value) + 1_000:
        return sparse.coo_array((value, (unit, column)), shape=shape).tocsr()
    key = unit * np.int64(shape[1]) + column
    stored = np.flatnonzero(np.bincount(key, minlength=size))
    data = np.bincount(key, value, minlength=size)[stored]
    ends = np.searchsorted(stored, np.arange(shape[0] + 1) * np.int64(shape[1]))
    return sparse.csr_array((data, stored % max(shape[1], 1), ends), shape=shape)


def squares(totals: sparse.csr_array, scale: Floats) -> Floats:
    """(C, C) products of columns, sum_i s_i Z_i Z_i'.

    Parameters
    ----------
    totals : (P, C) with P rows Z_i
    scale : (P,) factors s_i, 0 or more

    Notes
    -----
    Rows that begin with the same column mostly fill the same columns, such as the variables of
    one domain; each such group is multiplied as a dense block where that costs less.
    """
    stored = np.diff(totals.indptr)
    if totals.nnz < FEW:
        return _sparse(totals, scale)
    rows = np.flatnonzero(stored)
    first = totals.indices[totals.indptr[rows]]
    kinds, kind = np.unique(first, return_inverse=True)
    filled = _filled(totals, rows, kind, len(kinds))
    members = np.bincount(kind)
    if (members * filled.sum(axis=1) ** 2).sum() > SPARSE_COST * (
        stored.astype(np.int64) ** 2
    ).sum():
        return _sparse(totals, scale)
    found = np.zeros((totals.shape[1], totals.shape[1]))
    root = np.sqrt(scale)
    for group in range(len(kinds)):
        columns = np.flatnonzero(filled[group])
        _add_block(totals, root, rows[kind == group], columns, found)
    return found


def _sparse(totals: sparse.csr_array, scale: Floats) -> Floats:
    weighted = totals.multiply(scale[:, None]).tocsr()
    return np.asarray((totals.T @ weighted).toarray(), dtype=np.float64)


def _filled(totals: sparse.csr_array, rows: Ints, kind: Ints, kinds: int) -> Bools:
    """(G, C) whether some row of the group stores the column."""
    columns = totals.shape[1]
    group = np.repeat(kind, np.diff(totals.indptr)[rows])
    key = group * np.int64(columns) + totals.indices
    stored = np.bincount(key, minlength=kinds * columns).reshape(kinds, columns)
    return np.asarray(stored > 0)


def _add_block(
    totals: sparse.csr_array, root: Floats, rows: Ints, columns: Ints, found: Floats
) -> None:
    """Add the products of some rows, which fill some columns, to the whole."""
    place = np.zeros(totals.shape[1], dtype=np.int64)
    place[columns] = np.arange(len(columns))
    step = max(BLOCK // len(columns), 1)
    at = np.ix_(columns, columns)
    for start in range(0, len(rows), step):
        part = totals[rows[start : start + step]]
        row = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
        block = np.zeros((part.shape[0], len(columns)))
        block[row, place[part.indices]] = part.data * root[rows[start : start + step]][row]
        found[at] += block.T @ block
