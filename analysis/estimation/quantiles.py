"""Quantiles, with intervals from those of the distribution function."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.estimation.distribution import EQUAL, RULES, Curve, check_rule
from analysis.estimation.domains import NONE, Cells, Domains, domains_of, numbers
from analysis.estimation.estimates import Estimates
from analysis.estimation.intervals import t_quantile
from analysis.estimation.linear import estimate
from analysis.estimation.proportion import METHODS, proportion_interval
from analysis.sample import Bools, Floats, Ints, Sample, bind


@dataclass(frozen=True, eq=False)
class Quantiles:
    """Quantiles of C cells.

    Parameters
    ----------
    names : C names, "variable" or "domain:variable"
    probability : (C,) share of the population that lies at or below
    quantile : (C,) in the unit of the variable, nan where nobody answered
    lower, upper : (C,) limits, nan where there are none
    se : (C,) (upper - lower)/(2 t), a description of the interval
    df, n : (C,) degrees of freedom and rows with a value
    reason : C codes, "" for an ordinary interval
    rule, interval, level : as asked for
    """

    names: tuple[str, ...]
    probability: Floats
    quantile: Floats
    lower: Floats
    upper: Floats
    se: Floats
    df: Ints
    n: Ints
    reason: tuple[str, ...]
    rule: str
    interval: str
    level: float

    def table(self) -> pd.DataFrame:
        """One row a quantile: name, probability, estimate, se, df, ci_low, ci_high, reason, n."""
        return pd.DataFrame(
            {
                "name": list(self.names),
                "probability": self.probability,
                "estimate": self.quantile,
                "se": self.se,
                "df": self.df,
                "ci_low": self.lower,
                "ci_high": self.upper,
                "reason": list(self.reason),
                "n": self.n,
            }
        )


def quantiles(
    data: pd.DataFrame,
    design: SurveyDesign,
    variables: Sequence[str],
    probabilities: Sequence[float] = (0.25, 0.5, 0.75),
    *,
    by: Sequence[str] = (),
    where: Bools | None = None,
    rule: str = "math",
    interval: str = "mean",
    level: float = 0.95,
) -> Quantiles:
    """Estimate quantiles of variables.

    Parameters
    ----------
    data : R rows, one per respondent
    design : declared design
    variables : numeric columns; a missing value does not speak
    probabilities : each above 0 and below 1
    by, where : domains, as in `analysis.estimation.means.means`
    rule : how a quantile is read from the weighted distribution, see
        `analysis.estimation.distribution.weighted_quantile`
    interval : method of the interval for the distribution function, a name that
        `analysis.estimation.proportion.proportion_interval` knows
    level : probability of cover, between 0 and 1

    Returns
    -------
    Quantiles, variables slowest, then domains, probabilities fastest. Reasons: "no_valid_answer",
    "no_degrees_of_freedom", "beyond_the_sample" where a limit is not among the answers, and
    "at_boundary" where nobody lies above the quantile, so that both limits are the quantile

    Raises
    ------
    DataError
        if a rule, a method or a probability is unknown
    DataError, DesignError
        see `analysis.sample.bind`

    Notes
    -----
    Woodruff: an interval for F(q), the proportion at or below the quantile, is turned back into
    limits of the quantile by the same rule. Coarse for answers with few values, where many
    quantiles coincide: prefer shares there.

    References
    ----------
    Woodruff (1952), J. American Statistical Association 47, 635-646; Francisco and Fuller (1991),
    Annals of Statistics 19, 454-469.

    Examples
    --------
    >>> answers = pd.DataFrame({"y": [float(v) for v in range(1, 41)]})
    >>> found = quantiles(answers, SurveyDesign(), ["y"], [0.5])
    >>> found.quantile.tolist(), found.lower.tolist(), found.upper.tolist()
    ([20.0], [14.0], [27.0])
    """
    _check(probabilities, rule, interval)
    values = {name: numbers(data, name) for name in variables}
    domains = domains_of(data, by, where)
    sample = bind(design, data)
    read = RULES[rule]
    found: list[tuple[str, float, Curve]] = []
    for name, value in values.items():
        for place, label in enumerate(domains.labels):
            rows = np.flatnonzero((domains.code == place) & (sample.weight > 0) & ~np.isnan(value))
            curve = Curve.of(rows, value[rows], sample.weight[rows])
            full = f"{label}:{name}" if label else name
            found += [(full, float(p), curve) for p in probabilities]
    points = np.array([read(curve, p) for _, p, curve in found])
    below = _below(sample, domains, [curve for *_, curve in found], points)
    limits = [
        _limits(read, curve, float(q), below, c, (interval, level))
        for c, ((_, _, curve), q) in enumerate(zip(found, points, strict=True))
    ]
    lower, upper = (np.array([limit[side] for limit in limits]) for side in (0, 1))
    t = np.array([t_quantile(level, d) if d > 0 else math.nan for d in below.df.tolist()])
    return Quantiles(
        names=tuple(name for name, *_ in found),
        probability=np.array([p for _, p, _ in found]),
        quantile=points,
        lower=lower,
        upper=upper,
        se=(upper - lower) / (2 * t),
        df=below.df,
        n=below.n,
        reason=tuple(reason for *_, reason in limits),
        rule=rule,
        interval=interval,
        level=level,
    )


def _below(sample: Sample, domains: Domains, curves: list[Curve], points: Floats) -> Estimates:
    """Proportions at or below the quantiles, one cell each."""
    count = np.array([len(curve.rows) for curve in curves], dtype=np.int64)
    column = np.repeat(np.arange(len(curves)), count)
    value = np.concatenate([curve.value for curve in curves] or [np.zeros(0)])
    rows = np.concatenate([curve.rows for curve in curves] or [np.zeros(0, dtype=np.int64)])
    first = domains.code[rows]
    domain = np.zeros(len(curves), dtype=np.int64)
    domain[column] = np.maximum(first, NONE + 1)
    cells = Cells(
        names=tuple(str(number) for number in range(len(curves))),
        domain=domain,
        domains=domains,
        rows=rows,
        column=column,
        numerator=(value <= points[column]).astype(np.float64),
        denominator=np.ones(len(rows)),
    )
    return estimate(sample, cells)


def _limits(
    read: Callable[[Curve, float], float],
    curve: Curve,
    point: float,
    below: Estimates,
    cell: int,
    asked: tuple[str, float],
) -> tuple[float, float, str]:
    """Limits of one quantile by Woodruff's way, and the reason for what is unusual."""
    interval, level = asked
    share, se, df = float(below.estimate[cell]), float(below.se[cell]), float(below.df[cell])
    if math.isnan(share):
        return math.nan, math.nan, "no_valid_answer"
    if df <= 0:
        return math.nan, math.nan, "no_degrees_of_freedom"
    if share > 1 - EQUAL:
        return point, point, "at_boundary"
    low, high, reason = proportion_interval(
        share, se, int(below.n[cell]), df, level=level, method=interval
    )
    lower = read(curve, low) if low >= 0 else math.nan
    upper = read(curve, high) if high <= 1 else math.nan
    return lower, upper, "beyond_the_sample" if low < 0 or high > 1 else reason


def _check(probabilities: Sequence[float], rule: str, interval: str) -> None:
    check_rule(rule)
    if interval not in METHODS:
        raise DataError(
            "unknown_method",
            f"interval = {interval!r} is not known for quantiles.",
            f"Choose one of {', '.join(METHODS)}.",
            method=interval,
        )
    for p in probabilities:
        if not 0 < p < 1:
            raise DataError(
                "bad_probability",
                f"A quantile was asked for at the probability {p!r}.",
                "Give numbers above 0 and below 1.",
                probability=p,
            )
