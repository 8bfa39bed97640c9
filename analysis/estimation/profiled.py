"""Profile likelihood of a proportion under a complex design, exact and as R interpolates it."""

import math

import numpy as np
from scipy import optimize, special

from analysis.estimation.intervals import Interval, t_quantile
from analysis.sample import Floats, Ints

STEPS = 9
_FAR = 1e6  # logits


def likelihood_interval(
    proportion: float, se: float, n: int, df: float, level: float = 0.95
) -> Interval:
    """Limits at which the scaled profile likelihood has fallen by t squared.

    Parameters
    ----------
    proportion : estimate in (0, 1)
    se : its standard error, above 0
    n : rows with a valid answer, 2 or more
    df : degrees of freedom of the variance, above 0
    level : probability of cover, between 0 and 1

    Returns
    -------
    Interval inside (0, 1)

    Notes
    -----
    2 n_eff (n-1)/n [p ln(p/x) + (1-p) ln((1-p)/(1-x))] = t^2 with n_eff = p(1-p)/se^2.

    References
    ----------
    Rao and Scott (1984), Annals of Statistics 12, 46-60; Lumley (2010), Complex Surveys, sec. 2.5.

    Examples
    --------
    >>> low, high, _ = likelihood_interval(0.497031734535885, 0.0389889243105941, 403, 37)
    >>> round(low, 5), round(high, 5)
    (0.41848, 0.57569)
    """
    n_eff = proportion * (1 - proportion) / se**2 * (n - 1) / n
    fall = t_quantile(level, df) ** 2 / (2 * n_eff)

    centre = float(special.logit(proportion))

    def beyond(logit: float) -> float:
        return _divergence(proportion, logit) - fall

    low = optimize.brentq(beyond, centre - _FAR, centre, xtol=1e-14)
    high = optimize.brentq(beyond, centre, centre + _FAR, xtol=1e-14)
    return Interval(float(special.expit(low)), float(special.expit(high)))


def interpolated_likelihood_interval(
    proportion: float,
    se: float,
    n: int,
    df: float,
    level: float = 0.95,
    working: float | None = None,
) -> Interval:
    """The same limits as R's `svyciprop(method = "likelihood")` finds them.

    Parameters
    ----------
    proportion, se, n, df, level : as in `likelihood_interval`
    working : variance p(1-p) at the last but one step of R's fit, see `working_variance`; None is
        that of the estimate

    Returns
    -------
    Interval inside (0, 1)

    Notes
    -----
    R walks from the logit of the estimate in steps of a fifth of the signed root that it wants to
    pass, lays a spline through the roots and reads it off between three times as many points.
    It scales what it wants by what its fit knew one step before the last. Its limits are off by up
    to some 1e-3 of themselves. Where R's steps do not reach the limits, the exact ones are given.

    Examples
    --------
    >>> low, high, _ = interpolated_likelihood_interval(
    ...     0.497031734535885, 0.0389889243105941, 403, 37
    ... )
    >>> round(low, 9), round(high, 9)
    (0.418474889, 0.575686777)
    """
    spread = proportion * (1 - proportion)
    near = spread if working is None else working
    wanted = t_quantile(level, df) * math.sqrt(n * near) * se / spread
    grid, root = _walk(proportion, se, n, wanted)
    if len(grid) < 3 or not root[0] <= -wanted < wanted <= root[-1]:
        return likelihood_interval(proportion, se, n, df, level)
    points = np.linspace(grid[0], grid[-1], 3 * len(grid))
    height = _spline(grid, root, points)
    limits = special.expit(np.interp([-wanted, wanted], height, points))
    return Interval(float(limits[0]), float(limits[1]))


def _divergence(p: float, logit: float) -> float:
    """How far the proportion with this logit is from p, in log likelihood a person."""
    log_x, log_rest = special.log_expit(logit), special.log_expit(-logit)
    return max(float(p * (math.log(p) - log_x) + (1 - p) * (math.log1p(-p) - log_rest)), 0.0)


def working_variance(weight: Floats, value: Floats, cell: Ints, cells: int) -> Floats:
    """Variance p(1-p) that R's fit of a mean logit ends with, one step short of the last.

    Parameters
    ----------
    weight : (n,) sampling weights, above 0
    value : (n,) 0 or 1
    cell : (n,) cell of each row, 0 … cells-1
    cells : number of cells

    Returns
    -------
    (cells,) nan where a cell has no rows, or only zeros or ones

    Notes
    -----
    Iteratively reweighted least squares from (w y + 1/2)/(w + 1), with weights of mean 1 in each
    cell, until the deviance changes by less than 1e-8 of itself.
    """
    size = np.bincount(cell, weight, minlength=cells)
    p = np.bincount(cell, weight * value, minlength=cells) / np.where(size > 0, size, np.nan)
    n = np.bincount(cell, minlength=cells)
    prior = weight * (n / np.where(size > 0, size, 1))[cell]
    first = (prior * value + 0.5) / (prior + 1)
    importance = prior * first * (1 - first)
    total = np.bincount(cell, importance, minlength=cells)
    summed = importance * special.logit(first) + prior * (value - first)
    with np.errstate(divide="ignore", invalid="ignore"):
        eta = np.bincount(cell, summed, minlength=cells) / total
    return np.array(
        [_last_but_one(*known) for known in zip(p.tolist(), eta.tolist(), n.tolist(), strict=True)]
    )


def _last_but_one(p: float, eta: float, n: int) -> float:
    if not 0 < p < 1:
        return math.nan
    mu = float(special.expit(eta))
    for _ in range(STEPS):
        deviance = -2 * n * (p * math.log(mu) + (1 - p) * math.log1p(-mu))
        eta += (p - mu) / (mu * (1 - mu))
        last, mu = mu, float(special.expit(eta))
        following = -2 * n * (p * math.log(mu) + (1 - p) * math.log1p(-mu))
        if abs(following - deviance) / (abs(following) + 0.1) < 1e-8:
            break
    return last * (1 - last)


def _walk(proportion: float, se: float, n: int, wanted: float) -> tuple[Floats, Floats]:
    """Logits left and right of the estimate and their signed roots of the deviance."""
    spread = proportion * (1 - proportion)
    tail = special.ndtr(-wanted) / 2
    if n < 2 or tail <= 0:
        return np.zeros(0), np.zeros(0)
    far = -float(special.stdtrit(n - 1, tail / 2))
    centre, step = special.logit(proportion), far / 5 * se / spread
    logits, roots = [centre], [0.0]
    for sign in (-1, 1):
        for count in range(1, STEPS + 1):
            logits.append(centre + sign * count * step)
            fall = _divergence(proportion, logits[-1])
            roots.append(sign * math.sqrt(2 * (n - 1) * fall))
            if abs(roots[-1]) >= far:
                break
    order = np.argsort(roots)
    return np.array(logits)[order], np.array(roots)[order]


def _spline(x: Floats, y: Floats, at: Floats) -> Floats:
    """Cubic spline whose third derivative at each end is that of the cubic through four points.

    References
    ----------
    Forsythe, Malcolm and Moler (1977), Computer Methods for Mathematical Computations, sec. 4.4.
    """
    n, step = len(x), np.diff(x)
    slope = np.diff(y) / step
    matrix = np.diag(np.concatenate([[-step[0]], 2 * (step[:-1] + step[1:]), [-step[-1]]]))
    matrix += np.diag(step, 1) + np.diag(step, -1)
    right = np.concatenate([[0.0], np.diff(slope), [0.0]])
    if n > 3:
        bend = np.diff(slope) / (x[2:] - x[:-2])
        third = np.diff(bend) / (x[3:] - x[:-3])
        right[0], right[-1] = step[0] ** 2 * third[0], -(step[-1] ** 2) * third[-1]
    sigma = np.linalg.solve(matrix, right)
    first = slope - step * (sigma[1:] + 2 * sigma[:-1])
    piece = np.clip(np.searchsorted(x, at, side="right") - 1, 0, n - 2)
    away = at - x[piece]
    cubic = (sigma[1:] - sigma[:-1]) / step
    return np.asarray(
        y[piece] + away * (first[piece] + away * (3 * sigma[piece] + away * cubic[piece]))
    )
