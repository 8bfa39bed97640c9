"""How sure a figure is: its interval by the rules for awkward cells, and warning flags."""

import math
import statistics
from dataclasses import dataclass

from analysis.estimation.intervals import (
    Interval,
    effective_size,
    exact_interval,
    logit_interval,
    not_available,
    t_interval,
)

NOTHING = 1e-8


@dataclass(frozen=True, slots=True)
class Precision:
    """A figure in points with what is needed for its interval.

    Parameters
    ----------
    points : the sampled part of the points, nan where there is none
    maximum : largest value of that part
    fixed : points from elsewhere, without sampling error
    variance : of the sampled part, points squared
    df : degrees of freedom
    n : ballots with a valid answer
    simple : variance if as many persons had been drawn simply at random
    usual_deff : median design effect over units, for cells whose own variance is 0; nan where
        statistics hold sums over PSUs only and the figure rests on several items
    complete : everybody was asked and counted
    """

    points: float
    maximum: float
    fixed: float
    variance: float
    df: float
    n: int
    simple: float
    usual_deff: float
    complete: bool

    @property
    def se(self) -> float:
        """Standard error; 0 where the variance is smaller than floating point can tell from 0."""
        if math.isnan(self.points):
            return math.nan
        se = math.sqrt(max(self.variance, 0.0))
        return se if se > NOTHING * self.maximum else 0.0

    @property
    def deff(self) -> float:
        """Design effect against simple random sampling with replacement, nan where undefined."""
        return self.variance / self.simple if self.simple > 0 and self.se > 0 else math.nan

    @property
    def n_eff(self) -> float:
        """Persons drawn simply at random that would tell as much, nan where undefined."""
        return self.n / self.deff if self.deff > 0 else math.nan

    def interval(self, level: float = 0.95, method: str = "logit") -> Interval:
        """Limits of the whole points, sampled and fixed.

        Parameters
        ----------
        level : probability of cover, between 0 and 1
        method : "logit" stays inside [0, maximum]; "t" is symmetric and approximate
        """
        low, high, reason = self._sampled(level, method)
        return Interval(low + self.fixed, high + self.fixed, reason)

    def _sampled(self, level: float, method: str) -> Interval:
        reason = self._no_interval()
        if reason:
            return not_available(reason)
        if self.se == 0 and self.complete:
            return Interval(self.points, self.points, "census")
        edge = not 1e-12 < self.points / self.maximum < 1 - 1e-12
        if (self.se == 0 or edge) and math.isnan(self.usual_deff):
            return not_available("design_effect_unknown")
        if self.se == 0 or edge:
            size = effective_size(self.n, self.usual_deff, self.df, level)
            low, high, _ = exact_interval(self.points, self.maximum, size, level)
            return Interval(low, high, "at_boundary" if edge else "zero_variance")
        if method == "t":
            return t_interval(self.points, self.se, self.df, level)
        return logit_interval(self.points, self.maximum, self.se, self.df, level)

    def _no_interval(self) -> str:
        """Why there can be no interval, "" if there can."""
        if math.isnan(self.points):
            return "not_scored"
        if self.n == 0:
            return "points_fixed"
        known = self.df > 0 or (self.se == 0 and self.complete)
        return "" if known else "no_degrees_of_freedom"

    def flags(self) -> tuple[str, ...]:
        """Warnings: few PSUs, few answers, a wide interval.

        Notes
        -----
        n < 30, df < 8 and a half-width above 130 % of the estimate follow the presentation
        standards of the National Center for Health Statistics; df < 3 is "very low precision".

        References
        ----------
        Parker et al. (2017), Vital and Health Statistics 2(175).
        """
        if math.isnan(self.points) or self.n == 0 or (self.complete and self.se == 0):
            return ()
        low, high, _ = self.interval()
        wide = (high - low) / 2 > 1.3 * (self.points + self.fixed)
        found = {
            "very_low_precision": self.df < 3,
            "n_below_30": self.n < 30,
            "df_below_8": self.df < 8,
            "wide_interval": wide,
        }
        return tuple(code for code, holds in found.items() if holds)


def median_deff(variance: list[float], simple: list[float], df: list[float]) -> float:
    """Median design effect over the units that show one.

    Parameters
    ----------
    variance, simple : by the design and under simple random sampling; nan where sums over PSUs
        do not tell the latter
    df : degrees of freedom

    Returns
    -------
    1 if no unit varies, nan if those that do cannot be compared
    """
    varying = [(v, s) for v, s, d in zip(variance, simple, df, strict=True) if v > 0 and d > 0]
    seen = [v / s for v, s in varying if s > 0]
    if seen:
        return float(statistics.median(seen))
    return math.nan if any(math.isnan(s) for _, s in varying) else 1.0
