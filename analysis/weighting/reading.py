"""Weights of a column as floats, whatever they are written in."""

import numpy as np
import pandas as pd

from analysis.weights import Bools, Floats, read_weights


def weights_of(
    data: pd.DataFrame, column: str | None, *, signed: bool = False
) -> tuple[Floats, Bools]:
    """Read weights without rounding those that are floats.

    Parameters
    ----------
    data : R rows
    column : None gives every row 1; text such as "5/3" is read exactly and then becomes a float
    signed : numbers below 0 are weights too, as linear calibration makes them

    Returns
    -------
    (R,) weights, 0 where there is none; and (R,) rows whose value is negative or no number

    Examples
    --------
    >>> weights_of(pd.DataFrame({"w": ["5/2", "1"]}), "w")[0].tolist()
    [2.5, 1.0]
    """
    if column is None:
        return np.ones(len(data)), np.zeros(len(data), dtype=np.bool_)
    if not pd.api.types.is_numeric_dtype(data[column].dtype):
        weights, wrong = read_weights(data, column, 15)
        return np.where(wrong, 0.0, weights.values), wrong
    floats = data[column].to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(floats) | ((floats < 0) & (not signed))
    return np.where(wrong, 0.0, floats), wrong
