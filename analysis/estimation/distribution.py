"""Weighted distributions, and the rules by which quantiles are read from them."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.errors import DataError
from analysis.sample import Floats, Ints

EQUAL = 1e-12  # two shares of the weight that differ by less are one


@dataclass(frozen=True, eq=False)
class Curve:
    """The answers of one cell in ascending order.

    Parameters
    ----------
    rows : (n,) rows of the data
    value : (n,) answers, ascending
    weight : (n,) their weights
    cumulated : (n,) sums of the weights
    """

    rows: Ints
    value: Floats
    weight: Floats
    cumulated: Floats

    @classmethod
    def of(cls, rows: Ints, value: Floats, weight: Floats) -> "Curve":
        """Sort the answers."""
        order = np.argsort(value, kind="stable")
        return cls(rows[order], value[order], weight[order], np.cumsum(weight[order]))

    def share(self) -> Floats:
        """(n,) share of the weight at or below each answer."""
        return np.asarray(self.cumulated / self.cumulated[-1])

    def before(self) -> Floats:
        """(n,) weight before each answer."""
        return np.concatenate([[0.0], self.cumulated[:-1]])


def weighted_quantile(
    value: Floats, weight: Floats, probability: float, rule: str = "math"
) -> float:
    """Read one quantile from weighted values.

    Parameters
    ----------
    value : (n,) finite numbers
    weight : (n,) above 0
    probability : between 0 and 1
    rule : "math" (or "hf1") is the smallest value with F(value) >= p; "school" (or "hf2") takes
        the middle of two values where F is exactly p; "hf4" to "hf9" interpolate, numbered as by
        Hyndman and Fan, with weights in the place of counts

    Returns
    -------
    float, nan if there is no value

    References
    ----------
    Hyndman and Fan (1996), American Statistician 50, 361-365; the weighted forms as in R's survey
    package.

    Examples
    --------
    >>> values, weights = np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4)
    >>> [weighted_quantile(values, weights, 0.5, rule) for rule in ("math", "school", "hf7")]
    [2.0, 2.5, 2.5]
    """
    check_rule(rule)
    return RULES[rule](Curve.of(np.arange(len(value)), value, weight), probability)


def _math(curve: Curve, p: float) -> float:
    low, high = _around(curve, p)
    return low if not math.isnan(low) else high


def _school(curve: Curve, p: float) -> float:
    low, high = _around(curve, p)
    return (low + high) / 2 if not math.isnan(low) else high


def _around(curve: Curve, p: float) -> tuple[float, float]:
    """The value whose share is exactly p, else nan, and the next one."""
    n = len(curve.value)
    if n == 0:
        return math.nan, math.nan
    share = curve.share()
    place = int(np.searchsorted(share, p + EQUAL, side="right")) - 1
    following = float(curve.value[min(place + 1, n - 1)])
    if place >= 0 and share[place] >= p - EQUAL:
        return float(curve.value[place]), following
    return math.nan, following


def _interpolated(plotted: Callable[[Curve], Floats]) -> Callable[[Curve, float], float]:
    """Rule that reads a line through (plotted position, value), level beyond its ends."""

    def read(curve: Curve, p: float) -> float:
        if len(curve.value) < 2:
            return float(curve.value[0]) if len(curve.value) else math.nan
        return float(np.interp(p, plotted(curve), curve.value))

    return read


def _mixed(part: float) -> Callable[[Curve], Floats]:
    """Positions between the weight below a value and the weight up to it."""

    def positions(curve: Curve) -> Floats:
        inside = curve.cumulated - part * curve.weight
        return np.asarray(inside / (curve.cumulated[-1] + (1 - 2 * part) * curve.weight[-1]))

    return positions


RULES: dict[str, Callable[[Curve, float], float]] = {
    "math": _math,
    "hf1": _math,
    "school": _school,
    "hf2": _school,
    "hf4": _interpolated(lambda curve: curve.share()),
    "hf5": _interpolated(_mixed(1 / 2)),
    "hf6": _interpolated(_mixed(0.0)),
    "hf7": _interpolated(lambda curve: curve.before() / curve.cumulated[-2]),
    "hf8": _interpolated(_mixed(1 / 3)),
    "hf9": _interpolated(_mixed(3 / 8)),
}


def check_rule(rule: str) -> None:
    """Raise a DataError for a rule that does not exist."""
    if rule not in RULES:
        raise DataError(
            "unknown_method",
            f"rule = {rule!r} is not known for quantiles.",
            f"Choose one of {', '.join(RULES)}.",
            method=rule,
        )
