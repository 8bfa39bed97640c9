"""How often each unit would take each rank if the survey were held again: a description."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import DataError
from analysis.index.rank_pairs import draw_errors
from analysis.weights import Floats

BLOCK = 512  # draws ranked at once


def rank_frequencies(
    units: Sequence[str],
    points: Floats,
    cov: Floats,
    *,
    df: float = math.inf,
    draws: int = 10_000,
    seed: int = 0,
    highest_first: bool = True,
) -> pd.DataFrame:
    """Shares of drawn repetitions in which each unit takes each rank.

    Parameters
    ----------
    units : U units
    points : (U,) estimates, nan where a unit has none
    cov : (U, U) covariance of the estimates, points squared
    df : degrees of freedom of the errors, inf is normal
    draws : repetitions
    seed : of the draws
    highest_first : whether rank 1 has the most points

    Returns
    -------
    DataFrame, units with points in rows, ranks 1, 2, … in columns; each row adds up to 1

    Raises
    ------
    DataError
        if shapes differ

    Notes
    -----
    Ranks of T + Z, with Z as in `analysis.index.rank_pairs.draw_errors`. A description, no
    confidence statement: where units lie close together, ranks of repetitions are drawn to the
    middle, and sets made of these shares hold the true rank less often than they seem to. Sets
    that do what they say are those of `analysis.index.rank_sets`.

    References
    ----------
    Goldstein and Spiegelhalter (1996), Journal of the Royal Statistical Society A 159, 385-443.
    Xie, Singh and Zhang (2009), Journal of the American Statistical Association 104, 775-788, on
    why the bootstrap of ranks fails among near ties.

    Examples
    --------
    >>> found = rank_frequencies(("A", "B", "C"), np.array([9.0, 5.0, 4.9]), np.eye(3) * 0.1)
    >>> found.loc["A"].round(1).tolist()
    [1.0, 0.0, 0.0]
    """
    if points.shape != (len(units),) or cov.shape != (len(units), len(units)):
        raise DataError(
            "shapes_differ",
            f"{len(units)} units come with {points.shape} points and {cov.shape} covariances.",
            "Give one estimate a unit, and their square covariance matrix.",
        )
    known = np.flatnonzero(~np.isnan(points))
    centre = points[known] if highest_first else -points[known]
    z = draw_errors(cov[np.ix_(known, known)], df, draws, seed)
    size = len(known)
    count = np.zeros(size * size)
    for start in range(0, draws, BLOCK):
        order = np.argsort(-(centre + z[start : start + BLOCK]), axis=1, kind="stable")
        count += np.bincount((order * size + np.arange(size)).ravel(), minlength=size * size)
    names = [units[unit] for unit in known.tolist()]
    shares = count.reshape(size, size) / draws
    return pd.DataFrame(shares, index=names, columns=range(1, size + 1))
