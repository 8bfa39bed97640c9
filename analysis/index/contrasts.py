"""Linear combinations of units' points."""

from dataclasses import dataclass
from fractions import Fraction

from analysis.estimation.intervals import Interval, not_available, t_interval


@dataclass(frozen=True, slots=True)
class Contrast:
    """A linear combination of units' points.

    Parameters
    ----------
    estimate : exact, None where a unit has no points
    se, df : of the combination, with the units' covariance
    ci_low, ci_high : symmetric t interval
    distinguishable : whether the interval leaves out 0; None where there is no interval
    reason : why there is no ordinary interval, "" if there is
    """

    estimate: Fraction | None
    se: float
    df: float
    ci_low: float
    ci_high: float
    distinguishable: bool | None
    reason: str


def contrast_interval(
    estimate: float, se: float, df: float, level: float, *, complete: bool
) -> Interval:
    """Symmetric interval of a combination, or the reason why there is none.

    Parameters
    ----------
    estimate, se, df : of the combination
    level : probability of cover, between 0 and 1
    complete : everybody behind every unit was asked and counted
    """
    if se == 0 and complete:
        return Interval(estimate, estimate, "census")
    if df <= 0:
        return not_available("no_degrees_of_freedom")
    if se == 0:
        return not_available("zero_variance")
    return t_interval(estimate, se, df, level)
