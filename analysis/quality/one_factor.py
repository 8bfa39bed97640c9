"""One common factor behind J items: maximum likelihood and minimum residuals, and how well it fits.

A batch of correlation matrices is fitted at once, so that omega can be bootstrapped.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.sample import Bools, Floats

SMALLEST_UNIQUENESS = 0.005
SINGULAR = 1e-10  # smallest eigenvalue of a correlation matrix that counts as above 0
_CONVERGED = 1e-10
_STEPS = 200


@dataclass(frozen=True, eq=False)
class OneFactor:
    """One common factor of J standardised items.

    Parameters
    ----------
    method : "ml" or "minres"
    reason : "" or why nothing was fitted: "too_few_items", "singular_correlations"
    loadings : (J,) their sum is positive
    uniquenesses : (J,) variance of each item that the factor leaves
    omega : share of the variance of the sum of the items that is common to them
    chi2, df, p : test of one factor against any correlations; p is nan without df
    rmsea, tli, srmr : what is usually said of fit; nan where there are no df
    converged : the optimum was found
    """

    method: str
    reason: str
    loadings: Floats
    uniquenesses: Floats
    omega: float
    chi2: float
    df: int
    p: float
    rmsea: float
    tli: float
    srmr: float
    converged: bool

    @property
    def heywood(self) -> tuple[int, ...]:
        """Places of the items whose uniqueness ran to its lower bound."""
        edge = self.uniquenesses <= SMALLEST_UNIQUENESS * (1 + 1e-6)
        return tuple(np.flatnonzero(edge).tolist())

    @property
    def fits(self) -> bool | None:
        """Whether srmr <= 0.08, tli >= 0.90 and rmsea <= 0.10; None where that cannot be told."""
        if self.df == 0 or not self.converged:
            return None
        return self.srmr <= 0.08 and self.rmsea <= 0.10 and self.tli >= 0.90


def fit_ml(correlation: Floats, n: float) -> OneFactor:
    """Fit one factor by maximum likelihood.

    Parameters
    ----------
    correlation : (J, J)
    n : rows behind it, for chi2 and rmsea

    Returns
    -------
    OneFactor; omega = (sum l)^2 / ((sum l)^2 + sum psi). It is empty, with a reason, for fewer
    than 3 items and for correlations that are not positive definite

    Notes
    -----
    Minimises ln|LL' + Psi| + tr(S (LL' + Psi)^-1) over the uniquenesses, each at least 0.005,
    by Newton's method on their logarithms. chi2 = (n - 1 - (2J + 5)/6 - 2/3) F with Bartlett's
    factor; it holds for a simple random sample of normal items, so read it as description.

    References
    ----------
    Jöreskog (1967), Psychometrika 32, 443-482, sec. 4; McDonald (1999), Test Theory, eq. 6.20b.

    Examples
    --------
    >>> r = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    >>> fit = fit_ml(r, 200)
    >>> round(fit.omega, 8), fit.fits
    (0.8, True)
    """
    reason = _hindrance(correlation)
    if reason:
        return no_factor("ml", len(correlation), reason)
    uniqueness, converged = _uniquenesses(correlation[None])
    loadings = _loadings(correlation[None], uniqueness)[0]
    psi = uniqueness[0]
    omega = float(loadings.sum() ** 2 / (loadings.sum() ** 2 + psi.sum()))
    return _described("ml", correlation, loadings, psi, omega, n, bool(converged[0]))


def fit_minres(correlation: Floats, n: float) -> OneFactor:
    """Fit one factor by the least squares of the correlations off the diagonal.

    Parameters
    ----------
    correlation : (J, J)
    n : rows behind it, for chi2 and rmsea

    Returns
    -------
    OneFactor; omega = 1 - sum psi / sum of the correlations. Empty where `fit_ml` is

    Notes
    -----
    Minimises sum_{i<j} (r_ij - l_i l_j)^2, one loading after the other, each at most
    sqrt(0.995) in size, until none moves. chi2 uses the likelihood's discrepancy, as usual.

    References
    ----------
    Harman and Jones (1966), Psychometrika 31, 351-368.

    Examples
    --------
    >>> r = np.full((3, 3), 0.25) + 0.75 * np.eye(3)
    >>> fit_minres(r, 100).loadings.round(10).tolist()
    [0.5, 0.5, 0.5]
    """
    reason = _hindrance(correlation)
    if reason:
        return no_factor("minres", len(correlation), reason)
    bound = math.sqrt(1 - SMALLEST_UNIQUENESS)
    rest = correlation - np.diag(np.diag(correlation))
    _, vectors = np.linalg.eigh(correlation)
    loadings = np.clip(vectors[:, -1] * math.sqrt(max(np.abs(rest).mean(), 0.01)), -bound, bound)
    moved = math.inf
    for _ in range(20 * _STEPS):
        before = loadings.copy()
        for item in range(len(loadings)):
            others = loadings @ loadings - loadings[item] ** 2
            best = rest[item] @ loadings / others if others > 0 else 0.0
            loadings[item] = min(max(best, -bound), bound)
        moved = float(np.abs(loadings - before).max())
        if moved < 1e-13:
            break
    loadings = loadings if loadings.sum() >= 0 else -loadings
    psi = 1 - loadings**2
    omega = float(1 - psi.sum() / correlation.sum())
    return _described("minres", correlation, loadings, psi, omega, n, moved < 1e-9)


def no_factor(method: str, items: int, reason: str) -> OneFactor:
    """A fit that does not exist, with the reason."""
    empty, nan = np.full(items, np.nan), math.nan
    return OneFactor(method, reason, empty, empty, nan, nan, 0, nan, nan, nan, nan, converged=False)


def _hindrance(correlation: Floats) -> str:
    """Why one factor cannot be fitted, or ""."""
    if len(correlation) < 3:
        return "too_few_items"
    if not np.isfinite(correlation).all() or np.linalg.eigvalsh(correlation)[0] < SINGULAR:
        return "singular_correlations"
    return ""


def omega_total(correlations: Floats) -> Floats:
    """Omega total of many correlation matrices by maximum likelihood.

    Parameters
    ----------
    correlations : (B, J, J)

    Returns
    -------
    (B,) nan with fewer than three items, where a matrix is not positive definite, and where no
    optimum was found
    """
    found = np.full(len(correlations), np.nan)
    if correlations.shape[1] < 3:
        return found
    good = np.flatnonzero(np.isfinite(correlations).all(axis=(1, 2)))
    good = good[np.linalg.eigvalsh(correlations[good])[:, 0] > SINGULAR]
    if not len(good):
        return found
    psi, converged = _uniquenesses(correlations[good])
    common = _loadings(correlations[good], psi).sum(axis=1) ** 2
    found[good] = np.where(converged, common / (common + psi.sum(axis=1)), np.nan)
    return found


def _loadings(correlations: Floats, psi: Floats) -> Floats:
    """(B, J) loadings that maximise the likelihood given the uniquenesses."""
    root = np.sqrt(psi)
    values, vectors = np.linalg.eigh(correlations / (root[:, :, None] * root[:, None, :]))
    found = root * vectors[:, :, -1] * np.sqrt(np.maximum(values[:, -1:] - 1, 0))
    return np.asarray(found * np.where(found.sum(axis=1, keepdims=True) < 0, -1.0, 1.0))


def _uniquenesses(correlations: Floats) -> tuple[Floats, Bools]:
    """(B, J) uniquenesses at the optimum, and (B,) whether it was reached."""
    size = correlations.shape[1]
    lowest = math.log(SMALLEST_UNIQUENESS)
    multiple = 1 / np.diagonal(np.linalg.inv(correlations), axis1=1, axis2=2)
    x = np.maximum(np.log(multiple * (1 - 0.5 / size)), lowest)
    converged = np.zeros(len(x), dtype=np.bool_)
    length = np.ones(len(x))
    left = np.arange(len(x))
    value, gradient, curve = _discrepancy(correlations, x)
    for _ in range(_STEPS):
        free = (x[left] > lowest) | (gradient < 0)
        done = np.abs(gradient * free).max(axis=1) < _CONVERGED
        converged[left[done]] = True
        left, free = left[~done], free[~done]
        value, gradient, curve = value[~done], gradient[~done], curve[~done]
        if not len(left):
            break
        step = _newton(gradient, curve, free)
        step *= (length[left] / np.maximum(np.abs(step).max(axis=1) / 2, 1))[:, None]
        trial = np.maximum(x[left] + step, lowest)
        found = _discrepancy(correlations[left], trial)
        better = found[0] <= value + 1e-12
        length[left] = np.where(better, np.minimum(1.0, 2 * length[left]), length[left] / 4)
        x[left[better]] = trial[better]
        for held, new in zip((value, gradient, curve), found, strict=True):
            held[better] = new[better]
    return np.exp(x), converged


def _newton(gradient: Floats, curve: Floats, free: Bools) -> Floats:
    """(B, J) step of each matrix, bound uniquenesses left where they are."""
    both = free[:, :, None] & free[:, None, :]
    held = np.where(both, curve, 0.0) + np.eye(free.shape[1]) * ~free[:, :, None]
    return np.asarray(-np.linalg.solve(held, (gradient * free)[:, :, None])[:, :, 0])


def _discrepancy(correlations: Floats, x: Floats) -> tuple[Floats, Floats, Floats]:
    """(B,) discrepancy at the logarithms of uniquenesses, (B, J) gradient, (B, J, J) curvature.

    With eigenvalues t and vectors w of Psi^-1/2 S Psi^-1/2, the largest one apart: F = sum t -
    ln t - 1, dF/dx_i = sum (1 - t) w_i^2; second derivatives by perturbation of eigenvectors.
    Where they are not positive definite, Jöreskog's approximation (sum w_i w_j)^2 is.
    """
    root = np.exp(x / 2)
    values, vectors = np.linalg.eigh(correlations / (root[:, :, None] * root[:, None, :]))
    t, w = np.maximum(values[:, :-1], 1e-300), vectors[:, :, :-1]
    top, first = values[:, -1:], vectors[:, :, -1]
    value = (t - np.log(t) - 1).sum(axis=1)
    gradient = (w**2 @ (1 - t)[:, :, None])[:, :, 0]
    turned = w.swapaxes(1, 2)
    near = w @ turned
    away = (1 - t) * (top + t) / np.maximum(top - t, 1e-12)
    curve = (w * t[:, None, :]) @ turned * near
    curve += first[:, :, None] * first[:, None, :] * ((w * away[:, None, :]) @ turned)
    bent = np.linalg.eigvalsh(curve)[:, 0] < 1e-6
    curve[bent] = near[bent] ** 2 + 1e-4 * np.eye(x.shape[1])
    return value, gradient, curve


def _described(
    method: str,
    correlation: Floats,
    loadings: Floats,
    psi: Floats,
    omega: float,
    n: float,
    converged: bool,
) -> OneFactor:
    """The fit beside its test and its indices."""
    size = len(loadings)
    implied = np.outer(loadings, loadings) + np.diag(psi)
    below = np.tril_indices(size, -1)
    srmr = math.sqrt(float(((correlation - implied)[below] ** 2).mean()))
    ratio = np.linalg.solve(implied, correlation)
    discrepancy = float(np.trace(ratio) - np.linalg.slogdet(ratio)[1] - size)
    df, df0 = size * (size - 3) // 2, size * (size - 1) // 2
    bartlett = n - 1 - (2 * size + 5) / 6
    chi2 = max((bartlett - 2 / 3) * discrepancy, 0.0)
    chi2_0 = -bartlett * float(np.linalg.slogdet(correlation)[1])
    p, rmsea, tli = math.nan, math.nan, math.nan
    if df > 0:
        p = float(stats.chi2.sf(chi2, df))
        rmsea = math.sqrt(max(chi2 / df - 1, 0.0) / (n - 1))
        base = chi2_0 / df0
        tli = (base - chi2 / df) / (base - 1)
    return OneFactor(
        method, "", loadings, psi, omega, chi2, df, p, rmsea, tli, srmr, converged
    )  # fmt: skip
