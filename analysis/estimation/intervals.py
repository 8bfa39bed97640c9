"""Confidence intervals for means and for points between 0 and a maximum."""

import math
from typing import NamedTuple

from scipy import special


class Interval(NamedTuple):
    """Limits, or nan with the reason why there are none.

    Parameters
    ----------
    low, high : limits in the unit of the estimate; nan when not available
    reason : "" for an ordinary interval, else a stable code
    """

    low: float
    high: float
    reason: str = ""


def not_available(reason: str) -> Interval:
    """An interval that does not exist, with the reason."""
    return Interval(math.nan, math.nan, reason)


def t_quantile(level: float, df: float) -> float:
    """Two-sided quantile of Student's t; `df` may be broken or infinite.

    Examples
    --------
    >>> round(t_quantile(0.95, 11.0767), 4)
    2.1991
    """
    if math.isinf(df):
        return float(special.ndtri((1 + level) / 2))
    return float(special.stdtrit(df, (1 + level) / 2))


def t_interval(estimate: float, se: float, df: float, level: float = 0.95) -> Interval:
    """Symmetric interval estimate ± t·se.

    Parameters
    ----------
    estimate, se : in the same unit
    df : degrees of freedom
    level : probability of cover, between 0 and 1

    Returns
    -------
    Interval

    Notes
    -----
    For bounded points it is approximate only: it may run beyond the maximum.
    """
    if math.isnan(estimate) or math.isnan(se):
        return not_available("no_valid_answer")
    if df <= 0:
        return not_available("no_degrees_of_freedom")
    margin = t_quantile(level, df) * se
    return Interval(estimate - margin, estimate + margin)


def logit_interval(
    points: float, maximum: float, se: float, df: float, level: float = 0.95
) -> Interval:
    """Interval for points between 0 and a maximum, on the logit scale.

    Parameters
    ----------
    points : estimate in (0, maximum)
    maximum : largest possible points
    se : standard error of the points, above 0
    df : degrees of freedom
    level : probability of cover, between 0 and 1

    Returns
    -------
    Interval inside [0, maximum]

    Notes
    -----
    p = points/maximum, l = ln(p/(1-p)), s = se/(maximum·p(1-p)); limits maximum·expit(l ± t·s).
    At p = 0 or 1, or with se = 0, use `exact_interval`.

    References
    ----------
    Korn and Graubard (1999), Analysis of Health Surveys, sec. 3.2.

    Examples
    --------
    >>> low, high, _ = logit_interval(6.35831725641036, 10, 0.261590131187871, 11.0767325889763)
    >>> round(low, 8), round(high, 8)
    (5.76610546, 6.91205499)
    """
    if df <= 0:
        return not_available("no_degrees_of_freedom")
    p = points / maximum
    centre = float(special.logit(p))
    reach = t_quantile(level, df) * se / (maximum * p * (1 - p))
    low, high = special.expit(centre - reach), special.expit(centre + reach)
    return Interval(maximum * float(low), maximum * float(high))


def effective_size(n: int, deff: float, df: float, level: float = 0.95) -> float:
    """Number of persons drawn simply at random that would tell as much, at most `n`.

    Parameters
    ----------
    n : persons with a valid answer, 1 or more
    deff : design effect, above 0
    df : degrees of freedom of the variance, above 0
    level : probability of cover, between 0 and 1

    Returns
    -------
    float in (0, n]

    Notes
    -----
    min(n, n/deff · (t_{n-1}/t_df)^2).

    References
    ----------
    Korn and Graubard (1998), Survey Methodology 24, 193-201.
    """
    size = n / deff
    if n > 1:
        size *= (t_quantile(level, n - 1) / t_quantile(level, df)) ** 2
    return min(float(n), size)


def exact_interval(points: float, maximum: float, size: float, level: float = 0.95) -> Interval:
    """Clopper-Pearson interval with an effective sample size.

    Parameters
    ----------
    points : estimate in [0, maximum]
    maximum : largest possible points
    size : effective number of persons, above 0
    level : probability of cover, between 0 and 1

    Returns
    -------
    Interval inside [0, maximum]

    Notes
    -----
    lower = BetaInv(a/2; n p, n(1-p)+1), upper = BetaInv(1-a/2; n p+1, n(1-p)). Conservative for
    scores: a coefficient between 0 and 1 with mean p has at most the variance p(1-p).

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26, 404-413; Korn and Graubard (1998), as above.

    Examples
    --------
    >>> low, high, _ = exact_interval(2.0, 2.0, 15)
    >>> round(low, 6), high
    (1.563961, 2.0)
    """
    p, tail = points / maximum, (1 - level) / 2
    hits, misses = size * p, size * (1 - p)
    low = float(special.betaincinv(hits, misses + 1, tail)) if p > 0 else 0.0
    high = float(special.betainccinv(hits + 1, misses, tail)) if p < 1 else 1.0
    return Interval(maximum * low, maximum * high)


def korn_graubard(proportion: float, se: float, n: int, df: float, level: float = 0.95) -> Interval:
    """Interval for a proportion of a complex sample, effective size cut at `n`.

    Parameters
    ----------
    proportion : estimate in (0, 1)
    se : its standard error, above 0
    n : persons with a valid answer
    df : degrees of freedom
    level : probability of cover, between 0 and 1

    Returns
    -------
    Interval inside [0, 1]

    References
    ----------
    Korn and Graubard (1998), Survey Methodology 24, 193-201; Parker et al. (2017), Vital and
    Health Statistics 2(175), for the cut at `n`.

    Examples
    --------
    >>> low, high, _ = korn_graubard(0.131180731841572, 0.053570531651358, 77, 8)
    >>> round(low, 8), round(high, 8)
    (0.03601217, 0.30597282)
    """
    if df <= 0:
        return not_available("no_degrees_of_freedom")
    deff = n * se**2 / (proportion * (1 - proportion))
    return exact_interval(proportion, 1.0, effective_size(n, deff, df, level), level)
