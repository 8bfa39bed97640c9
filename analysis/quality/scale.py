"""What the covariance matrix of the items of a scale says of their sum."""

import math
from dataclasses import dataclass

import numpy as np

from analysis.quality.one_factor import OneFactor, fit_minres, fit_ml, no_factor
from analysis.sample import Floats


@dataclass(frozen=True, eq=False)
class Scale:
    """Internal consistency of J items.

    Parameters
    ----------
    covariance : (J, J) in squared units of the coefficients
    n : rows behind it: their number, or Kish's effective number where they are weighted
    alpha : Cronbach's alpha
    alpha_standardised : alpha of the standardised items
    mean_r : mean correlation between two items
    if_dropped : (J,) alpha of the other items; nan with fewer than three
    item_rest : (J,) correlation of the item with the sum of the others
    ml, minres : one common factor of the correlations, by two methods
    """

    covariance: Floats
    n: float
    alpha: float
    alpha_standardised: float
    mean_r: float
    if_dropped: Floats
    item_rest: Floats
    ml: OneFactor
    minres: OneFactor


def alpha_of(covariance: Floats) -> Floats:
    """Cronbach's alpha of covariance matrices.

    Parameters
    ----------
    covariance : (…, J, J) in any unit

    Returns
    -------
    (…,) J/(J - 1)·(1 - sum of variances / variance of the sum); nan where that is 0, or J is 1

    Notes
    -----
    A lower bound of reliability when errors of items are uncorrelated; it is wrong as a measure
    of reliability for a checklist whose items cause the score (a formative criterion), and it
    grows with the number of items even if they measure two things.

    References
    ----------
    Cronbach (1951), Psychometrika 16, 297-334, eq. 2.

    Examples
    --------
    >>> round(float(alpha_of(np.array([[2.0, 1.0], [1.0, 2.0]]))), 12)
    0.666666666667
    """
    size = covariance.shape[-1]
    total = covariance.sum(axis=(-2, -1))
    if size < 2:
        return np.full_like(total, np.nan)
    parts = np.trace(covariance, axis1=-2, axis2=-1)
    share = np.divide(parts, total, out=np.full_like(total, np.nan), where=total > 0)
    return np.asarray(size / (size - 1) * (1 - share), dtype=np.float64)


def correlations_of(covariance: Floats) -> Floats:
    """(…, J, J) correlations of covariance matrices; nan where a variance is 0."""
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    spread = np.sqrt(np.where(variance > 0, variance, np.nan))
    found = covariance / (spread[..., :, None] * spread[..., None, :])
    return np.asarray(found, dtype=np.float64)


def scale_of(covariance: Floats, n: float) -> Scale:
    """Describe a scale by the covariance matrix of its items.

    Parameters
    ----------
    covariance : (J, J) of J at least 2 items, each with a variance above 0
    n : rows behind it, for the tests of fit

    Returns
    -------
    Scale

    Notes
    -----
    Standardised alpha is J r/(1 + (J - 1) r) with the mean correlation r. The correlation of
    item i with the others' sum is (s_i. - s_ii)/sqrt(s_ii (s_.. - 2 s_i. + s_ii)).

    Examples
    --------
    >>> found = scale_of(np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5], [0.5, 0.5, 1.0]]), 100)
    >>> round(found.alpha, 6), found.if_dropped.round(6).tolist()
    (0.75, [0.666667, 0.666667, 0.666667])
    """
    size = len(covariance)
    correlation = correlations_of(covariance)
    mean_r = float((correlation.sum() - size) / (size * (size - 1)))
    own, with_all = np.diag(covariance), covariance.sum(axis=0)
    rest = own * (covariance.sum() - 2 * with_all + own)
    rest = np.where(rest > 0, rest, np.nan)
    others = [np.delete(np.delete(covariance, i, 0), i, 1) for i in range(size)]
    return Scale(
        covariance=covariance,
        n=n,
        alpha=float(alpha_of(covariance)),
        alpha_standardised=size * mean_r / (1 + (size - 1) * mean_r) if mean_r > -1 else math.nan,
        mean_r=mean_r,
        if_dropped=alpha_of(np.stack(others)),
        item_rest=np.asarray((with_all - own) / np.sqrt(rest)),
        ml=fit_ml(correlation, n),
        minres=fit_minres(correlation, n),
    )


def no_scale(items: int, n: float, reason: str) -> Scale:
    """A scale of which nothing can be said, with the reason."""
    empty, nan = np.full(items, np.nan), math.nan
    factors = (no_factor("ml", items, reason), no_factor("minres", items, reason))
    return Scale(np.full((items, items), np.nan), n, nan, nan, nan, empty, empty, *factors)
