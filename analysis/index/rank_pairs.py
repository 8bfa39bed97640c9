"""Differences of all pairs of units in standard errors, and draws of the units' errors."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.weights import Bools, Floats

Draws = npt.NDArray[np.floating]

SAFE = 1e-2  # smallest error of a difference, in largest errors of a unit, that float32 carries


@dataclass(frozen=True, eq=False)
class Pairs:
    """All ordered pairs of U units.

    Parameters
    ----------
    scale : (U, U) 1 / standard error of the difference, 0 where it is 0 or not known
    statistic : (U, U) the row's points less the column's, in standard errors
    certain : (U, U) the row's points are above the column's and nothing is left to chance
    """

    scale: Floats
    statistic: Floats
    certain: Bools


def differences(points: Floats, cov: Floats, known: Bools) -> Pairs:
    """Differences of all pairs in standard errors.

    Parameters
    ----------
    points : (U,) estimates, larger is better
    cov : (U, U) covariance, points squared
    known : (U,) units whose variance is known

    Returns
    -------
    Pairs

    Notes
    -----
    A difference without error is a fact: equal points are never apart, others always. Without
    error is a variance below 1e-12 of the sum of the two units' variances, or a standard error
    below 1e-9 of the range of points. A pair with a unit of unknown variance, or whose variance
    is estimated below 0 (Horvitz-Thompson's may be), is never apart.
    """
    total = np.add.outer(np.diag(cov), np.diag(cov))
    spread = total - cov - cov.T
    difference = np.subtract.outer(points, points)
    told = np.logical_and.outer(known, known) & (spread >= -1e-9 * total)
    least = np.maximum(1e-12 * total, (1e-9 * np.abs(difference).max(initial=0.0)) ** 2)
    chance = told & (spread > least)
    np.fill_diagonal(chance, val=False)
    scale = np.zeros_like(spread)
    scale[chance] = 1 / np.sqrt(spread[chance])
    nothing = 1e-12 * np.abs(points).max(initial=0.0)
    return Pairs(scale, difference * scale, told & ~chance & (difference > nothing))


def draw_errors(cov: Floats, df: float, draws: int, seed: int) -> Draws:
    """Draw the errors of U units from a normal distribution, or from Student's t.

    Parameters
    ----------
    cov : (U, U) covariance
    df : degrees of freedom, inf for the normal distribution
    draws : B
    seed : of the random numbers

    Returns
    -------
    (B, U), less the units' mean error in each draw, which cancels in every difference; float32
    where that costs no difference more than 1e-4 of its standard error

    Notes
    -----
    g Q sqrt(L) Q' with V = Q L Q' after centring. This root of V, unlike Q sqrt(L), does not
    depend on signs and bases that an eigen-decomposition is free to choose. All errors of one
    draw are divided by one sqrt(chi^2_df / df).
    """
    if not len(cov):
        return np.zeros((draws, 0))
    centred = cov - cov.mean(axis=0)
    centred = centred - centred.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh((centred + centred.T) / 2)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    random = np.random.default_rng(seed)
    found: Draws = np.empty((draws, len(cov)), np.float32 if _is_safe(centred) else np.float64)
    for start in range(0, draws, 1024):
        part = found[start : start + 1024]
        part[:] = random.standard_normal(part.shape) @ root
    if np.isfinite(df):
        found /= np.sqrt(random.chisquare(df, draws) / df)[:, None].astype(found.dtype)
    return found


def _is_safe(centred: Floats) -> bool:
    variance = np.diag(centred)
    spread = np.add.outer(variance, variance) - 2 * centred
    largest = variance.max(initial=0.0)
    seen = spread[spread > 1e-12 * largest]
    return bool(seen.size == 0 or seen.min() > SAFE**2 * largest)
