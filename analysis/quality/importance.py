"""How much of the variance of an outcome each driver accounts for, when drivers are correlated."""

import math
from collections.abc import Iterator

import numpy as np

from analysis.sample import Floats

MOST = 10  # drivers whose subsets are all tried
_DETERMINED = 1e-10  # of a driver's variance: what is left of it counts as nothing
_AT_ONCE = 2**21  # numbers held for one step


def explained(covariances: Floats) -> Floats:
    """Share of the outcome's variance that each subset of drivers explains.

    Parameters
    ----------
    covariances : (B, J+1, J+1) of J drivers and, last, the outcome

    Returns
    -------
    (B, 2**J) R squared; bit j of the place says whether driver j is in the subset. nan where
    drivers of the subset determine each other, or the outcome does not vary

    Notes
    -----
    Drivers are taken in turn, and each subset so far splits in two: without the driver, whose row
    is dropped, and with it, whose part is swept out of the others. After J steps the outcome's
    residual variances are left, at the cost of about 6·2**J rows instead of 2**J regressions.

    Examples
    --------
    >>> explained(np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.3], [0.6, 0.3, 1.0]]])).round(4)
    array([[0.  , 0.36, 0.09, 0.45]])
    """
    variance = np.diagonal(covariances, axis1=1, axis2=2)
    root = np.sqrt(np.where(variance > 0, variance, np.nan))
    left = (covariances / (root[:, :, None] * root[:, None, :]))[:, None]
    for _ in range(covariances.shape[1] - 1):
        pivot = left[..., 0, 0]
        pivot = np.where(pivot > _DETERMINED, pivot, np.nan)[..., None, None]
        dropped = left[..., 1:, 1:]
        swept = dropped - left[..., 1:, :1] * (left[..., :1, 1:] / pivot)
        left = np.concatenate([dropped, swept], axis=1)
    return np.asarray(1 - left[..., 0, 0], dtype=np.float64)


def shapley(covariances: Floats) -> Floats:
    """Average gain in R squared by each driver, over all orders in which they can enter.

    Parameters
    ----------
    covariances : (B, J+1, J+1) of J drivers and, last, the outcome

    Returns
    -------
    (B, J) parts that add up to R squared of all drivers, each at least 0; nan where `explained` is

    Notes
    -----
    sum over subsets S without j of |S|!(J - |S| - 1)!/J! · (R2(S with j) - R2(S)).

    References
    ----------
    Lindeman, Merenda and Gold (1980), Introduction to Bivariate and Multivariate Analysis, 119;
    Grömping (2006), Journal of Statistical Software 17(1), eq. 7.

    Examples
    --------
    >>> shapley(np.array([[[1.0, 0.5, 0.6], [0.5, 1.0, 0.6], [0.6, 0.6, 1.0]]])).round(6)
    array([[0.24, 0.24]])
    """
    weight = _shapley_weights(covariances.shape[1] - 1)
    parts = [explained(block) @ weight for block in _blocks(covariances)]
    return np.concatenate(parts)


def _shapley_weights(drivers: int) -> Floats:
    """(2**J, J) factor of the R squared of each subset in the part of each driver."""
    subset = np.arange(2**drivers)
    within = (subset[:, None] >> np.arange(drivers)) & 1
    size = within.sum(axis=1)
    orders = [math.comb(drivers - 1, k) * drivers for k in range(drivers)]
    gain = np.array([0.0, *(1 / count for count in orders)])[size]
    loss = np.array([*(1 / count for count in orders), 0.0])[size]
    return np.asarray(np.where(within == 1, gain[:, None], -loss[:, None]), dtype=np.float64)


def _blocks(covariances: Floats) -> Iterator[Floats]:
    """The matrices in blocks that keep the largest step small."""
    size = max(_AT_ONCE // 2 ** (covariances.shape[1] + 2), 1)
    for start in range(0, len(covariances), size):
        yield covariances[start : start + size]


def relative_weights(covariances: Floats) -> Floats:
    """Johnson's approximation to `shapley` for many drivers.

    Parameters
    ----------
    covariances : (B, J+1, J+1) of J drivers and, last, the outcome

    Returns
    -------
    (B, J) parts that add up to R squared; nan where drivers determine each other

    Notes
    -----
    With correlations R of the drivers and r with the outcome, the closest uncorrelated variables
    have loadings L = R^(1/2) and regression weights b = L^-1 r; driver j gets sum_k L_jk^2 b_k^2.

    References
    ----------
    Johnson (2000), Multivariate Behavioral Research 35, 1-19, eq. 8.

    Examples
    --------
    >>> relative_weights(np.array([[[1.0, 0.5, 0.6], [0.5, 1.0, 0.6], [0.6, 0.6, 1.0]]])).round(6)
    array([[0.24, 0.24]])
    """
    variance = np.diagonal(covariances, axis1=1, axis2=2)
    root = np.sqrt(np.where(variance > 0, variance, np.nan))
    correlation = covariances / (root[:, :, None] * root[:, None, :])
    good = np.flatnonzero(np.isfinite(correlation).all(axis=(1, 2)))
    found = np.full((len(covariances), covariances.shape[1] - 1), np.nan)
    if not len(good):
        return found
    values, vectors = np.linalg.eigh(correlation[good, :-1, :-1])
    whole = values[:, 0] > _DETERMINED
    values, vectors, good = values[whole], vectors[whole], good[whole]
    turned = vectors.swapaxes(1, 2)
    loading = (vectors * np.sqrt(values)[:, None, :]) @ turned
    weight = (vectors / np.sqrt(values)[:, None, :]) @ turned @ correlation[good, :-1, -1:]
    found[good] = (loading**2 @ weight**2)[:, :, 0]
    return found


def inflation(covariance: Floats) -> Floats:
    """(J,) variance inflation factors of J drivers, by (J, J) covariance of full rank.

    Notes
    -----
    1/(1 - R^2) of each driver on the others: the diagonal of the inverse correlation matrix.

    Examples
    --------
    >>> inflation(np.array([[1.0, 0.6], [0.6, 1.0]])).round(4).tolist()
    [1.5625, 1.5625]
    """
    return np.asarray(np.diag(np.linalg.inv(covariance)) * np.diag(covariance))
