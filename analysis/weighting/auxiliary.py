"""Auxiliary variables of a calibration model: treatment coding of labels, and numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.design import need_columns
from analysis.sizes import row_error
from analysis.weighting.cells import label_of
from analysis.weighting.declared import Term
from analysis.weights import Bools, Floats

CONSTANT = "1"


def terms_of(
    data: pd.DataFrame, columns: Sequence[str], levels: Mapping[str, Sequence[str]], used: Bools
) -> tuple[Term, ...]:
    """Terms of a model, the labels of its classifications being those of the rows in use.

    Parameters
    ----------
    data : R rows
    columns : the terms; "1" is the constant
    levels : labels of classifications in their order, where ascending is not meant
    used : (R,) rows that count

    Returns
    -------
    Terms, in the order of `columns`

    Raises
    ------
    DataError
        if a column is missing

    Examples
    --------
    >>> rows = pd.DataFrame({"kind": ["b", "a"], "size": [3, 4]})
    >>> [term.names for term in terms_of(rows, ["1", "kind", "size"], {}, np.ones(2, bool))]
    [('(Intercept)',), ('kindb',), ('size',)]
    """
    need_columns(data, tuple(c for c in columns if c != CONSTANT), "the calibration")
    return tuple(_term(data, column, levels, used) for column in columns)


def _term(
    data: pd.DataFrame, column: str, levels: Mapping[str, Sequence[str]], used: Bools
) -> Term:
    if column == CONSTANT:
        return Term("")
    if column in levels:
        return Term(column, tuple(label_of(level) for level in levels[column]))
    values = data[column]
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        return Term(column)
    _, labels = pd.factorize(values[used], sort=True)
    return Term(column, tuple(label_of(label) for label in labels))


def matrix_of(data: pd.DataFrame, terms: Sequence[Term], used: Bools) -> sparse.csr_array:
    """Values of the auxiliary variables.

    Parameters
    ----------
    data : R rows
    terms : terms with Q variables together
    used : (R,) rows that must have a value; the others get 0 throughout

    Returns
    -------
    (R, Q) sparse

    Raises
    ------
    DataError
        if a row in use has no value, or a label that the term does not have
    """
    blocks = [_block(data, term, used) for term in terms]
    return sparse.csr_array(sparse.hstack(blocks, format="csr", dtype=np.float64))


def _block(data: pd.DataFrame, term: Term, used: Bools) -> sparse.csr_array:
    if not term.column:
        return sparse.csr_array(used.astype(np.float64)[:, None])
    if term.levels:
        return _indicators(data, term, used)
    values = pd.to_numeric(data[term.column], errors="coerce")
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = used & ~np.isfinite(numbers)
    if wrong.any():
        raise row_error("missing_auxiliary", term.column, wrong, "has no number")
    return sparse.csr_array(np.where(used, numbers, 0.0)[:, None])


def _indicators(data: pd.DataFrame, term: Term, used: Bools) -> sparse.csr_array:
    codes, values = pd.factorize(data[term.column])
    place = {label: number for number, label in enumerate(term.levels)}
    level = np.array([*(place.get(label_of(value), -1) for value in values), -1])[codes]
    wrong = used & (level < 0)
    if wrong.any():
        says = f"has none of the labels {', '.join(term.levels)}"
        raise row_error("unknown_label", term.column, wrong, says)
    rows = np.flatnonzero(used & (level > 0))
    shape = (len(data), len(term.levels) - 1)
    ones: Floats = np.ones(len(rows))
    return sparse.csr_array((ones, (rows, level[rows] - 1)), shape=shape)
