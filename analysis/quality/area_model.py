"""Regression with known sampling variances and one unknown variance between areas."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import linalg, optimize

from analysis.sample import Floats


class Method(StrEnum):
    """How the variance between areas is estimated."""

    REML = "reml"
    ML = "ml"
    FAY_HERRIOT = "fay_herriot"
    PRASAD_RAO = "prasad_rao"


@dataclass(frozen=True, eq=False)
class AreaData:
    """m areas.

    Parameters
    ----------
    y : (m,) direct estimates
    variance : (m,) sampling variances, above 0
    X : (m, p) covariates of full rank, p below m
    """

    y: Floats
    variance: Floats
    X: Floats

    def fit(self, tau2: float) -> "Weighted":
        """Weighted regression, given the variance between areas."""
        weight = 1 / (tau2 + self.variance)
        q, r = np.linalg.qr(self.X * np.sqrt(weight)[:, None])
        beta = linalg.solve_triangular(r, q.T @ (self.y * np.sqrt(weight)))
        inverse = linalg.solve_triangular(r, np.eye(len(r)))
        log_det = 2 * float(np.log(np.abs(np.diag(r))).sum())
        return Weighted(weight, beta, inverse @ inverse.T, self.y - self.X @ beta, log_det)


@dataclass(frozen=True, eq=False)
class Weighted:
    """A weighted regression.

    Parameters
    ----------
    weight : (m,) inverse variances of the direct estimates around the regression
    beta, cov : (p,) and (p, p) coefficients and their covariance
    residual : (m,) direct less synthetic
    log_det : ln|X'WX|
    """

    weight: Floats
    beta: Floats
    cov: Floats
    residual: Floats
    log_det: float


def between_variance(data: AreaData, method: Method) -> float:
    """Variance between areas that covariates do not explain, 0 or more.

    Parameters
    ----------
    data : the areas
    method : "reml", "ml", or one of two moment estimators

    Notes
    -----
    REML and ML: the highest of all maxima of the likelihood, its edge 0 included. "fay_herriot":
    the root of sum r^2/(tau2 + V) = m - p, with residuals r of the regression weighted by it; 0
    where there is none. "prasad_rao": (sum of squared least-squares residuals - sum V (1 - h))
    /(m - p), with leverages h; 0 where negative.

    References
    ----------
    Rao and Molina (2015), Small Area Estimation, sec. 6.1.2; Fay and Herriot (1979), Journal of
    the American Statistical Association 74, 269-277; Prasad and Rao (1990), same 85, 163-171.

    Examples
    --------
    >>> areas = AreaData(np.array([1.0, 3.0, 8.0]), np.ones(3), np.ones((3, 1)))
    >>> [round(between_variance(areas, method), 6) for method in Method]
    [12.0, 7.666667, 12.0, 12.0]
    """
    areas, terms = data.X.shape
    flat = AreaData(data.y, np.ones(areas), data.X).fit(0.0)
    squares = float((flat.residual**2).sum())
    if method is Method.PRASAD_RAO:
        leverage = ((data.X @ flat.cov) * data.X).sum(axis=1)
        within = float((data.variance * (1 - leverage)).sum())
        return float(max((squares - within) / (areas - terms), 0.0))
    # Beyond this the weighted squares are below m - p, and both likelihoods fall.
    highest = 2 * squares / (areas - terms) + float(data.variance.max())
    if method is Method.FAY_HERRIOT:
        return _root(lambda tau2: _weighted_squares(data, tau2) - (areas - terms), 0.0, highest)
    return _maximum(data, method, highest)


def _weighted_squares(data: AreaData, tau2: float) -> float:
    fit = data.fit(tau2)
    return float((fit.weight * fit.residual**2).sum())


def _root(score: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function crosses 0; `low` if it starts below."""
    if score(low) <= 0:
        return low
    return float(optimize.brentq(score, low, high, xtol=1e-300, rtol=1e-14))


def _maximum(data: AreaData, method: Method, highest: float) -> float:
    """The highest maximum of the likelihood: the edge, and each place where its slope turns."""
    basis = AreaData(data.y, data.variance, np.linalg.qr(data.X)[0])
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 1.0, 80) * highest])
    slope = slopes(basis, grid, method)
    falls = np.flatnonzero((slope[:-1] > 0) & (slope[1:] <= 0))
    found = [
        _root(lambda t: float(slopes(basis, np.array([t]), method)[0]), grid[i], grid[i + 1])
        for i in falls
    ]
    candidates = [0.0, *found, highest] if slope[-1] > 0 else [0.0, *found]
    return max(candidates, key=lambda tau2: likelihood(data, tau2, method))


def slopes(data: AreaData, tau2: Floats, method: Method) -> Floats:
    """(G,) slopes of the logarithm of the (restricted) likelihood at G variances between areas."""
    w = 1 / (tau2[:, None] + data.variance)
    cov = np.linalg.inv(np.einsum("gm,mi,mj->gij", w, data.X, data.X))
    beta = np.einsum("gij,gj->gi", cov, (w * data.y) @ data.X)
    residual = data.y - beta @ data.X.T
    slope = ((w * residual) ** 2 - w).sum(axis=1)
    if method is Method.REML:
        slope += (w**2 * np.einsum("mi,gij,mj->gm", data.X, cov, data.X)).sum(axis=1)
    return np.asarray(slope / 2)


def likelihood(data: AreaData, tau2: float, method: Method = Method.ML) -> float:
    """Logarithm of the likelihood, restricted for "reml".

    References
    ----------
    Rao and Molina (2015), Small Area Estimation, eq. 5.2.6 and 5.2.13.
    """
    fit = data.fit(tau2)
    w = fit.weight
    terms = data.X.shape[1] if method is Method.REML else 0
    value = float((np.log(w) - w * fit.residual**2).sum()) - fit.log_det * (terms > 0)
    return (value - (len(w) - terms) * math.log(2 * math.pi)) / 2


def prasad_rao(data: AreaData, tau2: float, method: Method) -> Floats:
    """(m,) estimated mean squared errors of the shrunken estimates.

    Notes
    -----
    g1 + g2 + 2 g3 less the bias of g1: with shrinkage gamma = tau2/(tau2 + V), g1 = gamma V,
    g2 = (1 - gamma)^2 x'(X'WX)^-1 x, g3 = V^2/(tau2 + V)^3 · var(tau2), and bias
    (1 - gamma)^2 E(tau2_hat - tau2), which is 0 for "reml" and "prasad_rao". Correct to
    o(1/m): with few areas, or tau2 at its edge 0, it says too little.

    References
    ----------
    Rao and Molina (2015), Small Area Estimation, eq. 6.2.1 to 6.2.9; Datta and Lahiri (2000),
    Statistica Sinica 10, 613-627; Datta, Rao and Smith (2005), Biometrika 92, 183-196.
    """
    fit = data.fit(tau2)
    w, areas = fit.weight, len(fit.weight)
    shrink = tau2 * w
    leverage = ((data.X @ fit.cov) * data.X).sum(axis=1)
    variance, bias = 2 / float((w**2).sum()), 0.0
    if method is Method.ML:
        bias = -float((leverage * w**2).sum()) / float((w**2).sum())
    elif method is Method.FAY_HERRIOT:
        variance = 2 * areas / float(w.sum()) ** 2
        bias = 2 * (areas * float((w**2).sum()) - float(w.sum()) ** 2) / float(w.sum()) ** 3
    elif method is Method.PRASAD_RAO:
        variance = 2 * float((w**-2).sum()) / areas**2
    g1 = shrink * data.variance
    g2 = (1 - shrink) ** 2 * leverage
    g3 = data.variance**2 * w**3 * variance
    return np.asarray(g1 + g2 + 2 * g3 - bias * (1 - shrink) ** 2)
