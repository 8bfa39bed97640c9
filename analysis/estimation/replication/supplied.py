"""Replicate weights supplied in columns of the data, read as factors of the sampling weight."""

import numpy as np
import pandas as pd

from analysis.estimation.replication.bound import Replicates
from analysis.estimation.replication.declared import Kind, ReplicateWeights
from analysis.sizes import row_error
from analysis.weights import Floats, Ints

SAME = 1e-12  # relative difference below which the rows of a PSU carry one factor


def read_replicates(
    declared: ReplicateWeights, data: pd.DataFrame, weight: Floats, psu: Ints
) -> Replicates:
    """Read supplied replicate weights.

    Parameters
    ----------
    declared : columns and what they hold
    data : n rows
    weight : (n,) sampling weights
    psu : (n,) PSU of each row

    Returns
    -------
    Replicates, by PSU where all rows of each PSU have the same factors, else by row

    Raises
    ------
    DataError
        if a weight is missing, negative or infinite, or a row without sampling weight has a
        replicate weight
    """
    given = np.column_stack([_numbers(data, column) for column in declared.columns])
    factor = _relative(declared, given, weight) if declared.combined else given
    by_psu = _by_psu(factor, psu, np.flatnonzero(weight > 0))
    carried = factor if by_psu is None else by_psu
    count = len(declared.columns)
    return Replicates(
        declared=declared,
        factor=np.ascontiguousarray(carried),
        by_row=by_psu is None,
        scale=declared.scale_of(count),
        rscales=_rscales(declared, carried),
    )


def _rscales(declared: ReplicateWeights, factor: Floats) -> Floats:
    if declared.rscales:
        return np.array(declared.rscales)
    if declared.kind is Kind.JKN:
        largest = factor.max(axis=0, initial=0.0)
        return np.asarray(1 / np.where(largest > 0, largest, np.inf))
    return np.ones(factor.shape[1])


def _numbers(data: pd.DataFrame, column: str) -> Floats:
    values = pd.to_numeric(data[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        hint = "Replicate weights are finite numbers of 0 or more."
        raise row_error("bad_replicate_weight", column, wrong, "is no weight", hint)
    return np.asarray(values)


def _relative(declared: ReplicateWeights, given: Floats, weight: Floats) -> Floats:
    """Factors of the sampling weight; 1 where there is none."""
    none = weight == 0
    lost = (given > 0) & none[:, None]
    if lost.any():
        column = declared.columns[int(np.argmax(lost.any(axis=0)))]
        hint = "Give the row its sampling weight, or 0 in every replicate."
        says = "is above 0 while the sampling weight is 0"
        raise row_error("replicate_without_weight", column, lost.any(axis=1), says, hint)
    found = given / np.where(none, 1.0, weight)[:, None]
    found[none] = 1.0
    return found


def _by_psu(factor: Floats, psu: Ints, used: Ints) -> Floats | None:
    """(P, R) factors of PSUs, or None where the rows used of a PSU differ."""
    first = np.zeros(int(psu.max(initial=-1)) + 1, dtype=np.int64)
    first[psu[used[::-1]]] = used[::-1]
    common = factor[first]
    for column in range(factor.shape[1]):
        expected = common[psu[used], column]
        if (np.abs(factor[used, column] - expected) > SAME * np.abs(expected)).any():
            return None
    return common
