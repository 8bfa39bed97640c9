"""Confidence intervals for proportions, by name."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from analysis.errors import DataError
from analysis.estimation.intervals import (
    Interval,
    effective_size,
    exact_interval,
    logit_interval,
    not_available,
    t_interval,
    t_quantile,
)
from analysis.estimation.profiled import interpolated_likelihood_interval, likelihood_interval


def proportion_interval(
    proportion: float,
    se: float,
    n: int,
    df: float,
    *,
    level: float = 0.95,
    method: str = "korn_graubard",
    usual_deff: float = 1.0,
    working: float | None = None,
) -> Interval:
    """Interval for a proportion of a complex sample.

    Parameters
    ----------
    proportion : estimate in [0, 1]; nan where nobody answered
    se : its standard error, 0 or more
    n : rows with a valid answer
    df : degrees of freedom of the variance; infinite is the normal distribution
    level : probability of cover, between 0 and 1
    method : "korn_graubard" (exact with an effective size cut at `n`; the default), "beta" (the
        same, not cut, as R), "clopper_pearson" (exact with n_eff = p(1-p)/se^2 cut at `n`),
        "wilson" (score with t and n_eff), "logit" or "xlogit", "asin", "likelihood" (as R
        interpolates it), "likelihood_exact", "mean" or "t" (symmetric, may leave [0, 1])
    usual_deff : design effect to use where all answers are equal
    working : for "likelihood" alone, see `analysis.estimation.profiled.working_variance`

    Returns
    -------
    Interval; its reason is "no_valid_answer", "no_degrees_of_freedom", "at_boundary" where the
    proportion is 0 or 1, or "zero_variance" where the standard error is 0 for other reasons. In
    the last two the exact interval with min(n, n/usual_deff) persons is given, adjusted for the
    degrees of freedom, whatever the method

    Raises
    ------
    DataError
        if the method is unknown

    Notes
    -----
    n_eff = p(1-p)/se^2. Wilson: (p + t^2/2n ± t/2n sqrt(4 n p(1-p) + t^2))/(1 + t^2/n). asin:
    sin^2(asin(sqrt p) ± t se/(2 sqrt(p(1-p)))), where the angle is kept between 0 and a right one
    only by the sine. R takes its "logit" from a fitted model and agrees to 1e-8.

    References
    ----------
    Korn and Graubard (1998), Survey Methodology 24, 193-201; Parker et al. (2017), Vital and
    Health Statistics 2(175); Dean and Pagano (2015), J. Survey Statistics and Methodology 3,
    484-503, for Wilson, logit and asin.

    Examples
    --------
    >>> known = {"proportion": 0.131180731841572, "se": 0.053570531651358, "n": 77, "df": 8}
    >>> low, high, _ = proportion_interval(**known, method="wilson")
    >>> round(low, 8), round(high, 8)
    (0.0508164, 0.29864992)
    """
    if method not in METHODS:
        raise DataError(
            "unknown_method",
            f"There is no interval {method!r} for proportions.",
            f"Choose one of {', '.join(METHODS)}.",
            method=method,
        )
    if n == 0 or math.isnan(proportion) or math.isnan(se):
        return not_available("no_valid_answer")
    if df <= 0:
        return not_available("no_degrees_of_freedom")
    edge = not 1e-12 < proportion < 1 - 1e-12
    if edge or se <= 1e-10 * proportion:
        size = effective_size(n, usual_deff, df, level)
        low, high, _ = exact_interval(min(max(proportion, 0.0), 1.0), 1.0, size, level)
        return Interval(low, high, "at_boundary" if edge else "zero_variance")
    return METHODS[method](_Share(proportion, se, n, df, level, working))


@dataclass(frozen=True, slots=True)
class _Share:
    """A proportion inside (0, 1) with a standard error above 0."""

    p: float
    se: float
    n: int
    df: float
    level: float
    working: float | None

    @property
    def t(self) -> float:
        return t_quantile(self.level, self.df)

    @property
    def spread(self) -> float:
        return self.p * (1 - self.p)

    @property
    def n_eff(self) -> float:
        return self.spread / self.se**2


def _korn_graubard(share: _Share) -> Interval:
    size = effective_size(share.n, share.n / share.n_eff, share.df, share.level)
    return exact_interval(share.p, 1.0, size, share.level)


def _beta(share: _Share) -> Interval:
    ratio = t_quantile(share.level, share.n - 1) / share.t if share.n > 1 else 1.0
    return exact_interval(share.p, 1.0, share.n_eff * ratio**2, share.level)


def _clopper_pearson(share: _Share) -> Interval:
    return exact_interval(share.p, 1.0, min(float(share.n), share.n_eff), share.level)


def _wilson(share: _Share) -> Interval:
    n, t = share.n_eff, share.t
    reach = t / (2 * n) * math.sqrt(4 * n * share.spread + t**2)
    centre, scale = share.p + t**2 / (2 * n), 1 + t**2 / n
    return Interval((centre - reach) / scale, (centre + reach) / scale)


def _logit(share: _Share) -> Interval:
    return logit_interval(share.p, 1.0, share.se, share.df, share.level)


def _asin(share: _Share) -> Interval:
    centre = math.asin(math.sqrt(share.p))
    reach = share.t * share.se / (2 * math.sqrt(share.spread))
    return Interval(math.sin(centre - reach) ** 2, math.sin(centre + reach) ** 2)


def _mean(share: _Share) -> Interval:
    return t_interval(share.p, share.se, share.df, share.level)


def _likelihood(share: _Share) -> Interval:
    known = (share.p, share.se, share.n, share.df, share.level)
    return interpolated_likelihood_interval(*known, share.working)


def _likelihood_exact(share: _Share) -> Interval:
    return likelihood_interval(share.p, share.se, share.n, share.df, share.level)


METHODS: dict[str, Callable[[_Share], Interval]] = {
    "korn_graubard": _korn_graubard,
    "beta": _beta,
    "clopper_pearson": _clopper_pearson,
    "wilson": _wilson,
    "logit": _logit,
    "xlogit": _logit,
    "asin": _asin,
    "likelihood": _likelihood,
    "likelihood_exact": _likelihood_exact,
    "mean": _mean,
    "t": _mean,
}
