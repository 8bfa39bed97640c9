"""The rules for awkward cells: what is said when the ordinary interval cannot be."""

import math
from dataclasses import dataclass

import numpy as np

from analysis.errors import DataError
from analysis.estimation.intervals import Interval, not_available, t_interval
from analysis.estimation.proportion import METHODS, proportion_interval
from analysis.sample import Floats, Ints

NOTHING = 1e-10


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a figure is flagged.

    Parameters
    ----------
    n : fewer answers give "n_below_…"
    df : fewer degrees of freedom give "df_below_…"
    half_width : a half-width of the 95 % interval above so many times the estimate gives
        "wide_interval"
    rse : a standard error above so many times the estimate gives "unreliable"; None never
    suppress : fewer answers give "suppress"; 0 never

    Notes
    -----
    The defaults follow the presentation standards of the National Center for Health Statistics.

    References
    ----------
    Parker et al. (2017), Vital and Health Statistics 2(175).
    """

    n: int = 30
    df: int = 8
    half_width: float = 1.3
    rse: float | None = None
    suppress: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One estimate with what its interval stands on.

    Parameters
    ----------
    estimate, se : in the unit of the variable, nan where nobody answered
    df : its own degrees of freedom
    n : rows with a valid answer
    complete : nothing was left to chance
    bounds : smallest and largest possible value, or None
    working : of proportions, see `analysis.estimation.profiled.working_variance`
    """

    estimate: float
    se: float
    df: float
    n: int
    complete: bool = False
    bounds: tuple[float, float] | None = None
    working: float | None = None

    @property
    def is_missing(self) -> bool:
        """Whether nobody answered."""
        return self.n == 0 or math.isnan(self.estimate)

    @property
    def is_certain(self) -> bool:
        """Whether the standard error is smaller than floating point can tell from 0."""
        return self.se <= NOTHING * abs(self.estimate)


def usual_deff(deff: Floats, df: Ints) -> float:
    """Median design effect over the cells that show one; 1 if none does."""
    seen = deff[(np.nan_to_num(deff) > 0) & (df > 0)]
    return float(np.median(seen)) if len(seen) else 1.0


def interval_of(
    figure: Figure,
    *,
    level: float = 0.95,
    df: float | None = None,
    method: str = "t",
    usual_deff: float = 1.0,
) -> Interval:
    """Interval of a figure by the rules for awkward cells.

    Parameters
    ----------
    figure : what is known
    level : probability of cover, between 0 and 1
    df : degrees of freedom to use instead of its own
    method : "t", "logit" (needs bounds), or a method for proportions (needs the bounds 0 and 1)
    usual_deff : median design effect of the figures beside it

    Returns
    -------
    Interval with a reason: "no_valid_answer"; "no_degrees_of_freedom", where a standard error of
    0 tells nothing, since all answers lie in one PSU; "census"; "zero_variance", where all
    answers are equal, and "at_boundary", with the limits of `exact_interval` where there are
    bounds, else with the estimate itself, which speaks of the sample alone

    Raises
    ------
    DataError
        if the method is unknown, or needs bounds that the figure does not have

    Examples
    --------
    >>> interval_of(Figure(0.6, 0.0, df=0, n=5)).reason
    'no_degrees_of_freedom'
    """
    _check_method(method, figure.bounds)
    if figure.is_missing:
        return not_available("no_valid_answer")
    if figure.is_certain and figure.complete:
        return Interval(figure.estimate, figure.estimate, "census")
    used = figure.df if df is None else df
    if used <= 0 or (figure.is_certain and figure.df <= 0):
        return not_available("no_degrees_of_freedom")
    if figure.bounds is None:
        low, high, _ = t_interval(figure.estimate, figure.se, used, level)
        return Interval(low, high, "zero_variance" if figure.is_certain else "")
    least, width = figure.bounds[0], figure.bounds[1] - figure.bounds[0]
    found = proportion_interval(
        (figure.estimate - least) / width,
        0.0 if figure.is_certain else figure.se / width,
        figure.n,
        used,
        level=level,
        method=method,
        usual_deff=usual_deff,
        working=figure.working,
    )
    return Interval(least + width * found.low, least + width * found.high, found.reason)


def _check_method(method: str, bounds: tuple[float, float] | None) -> None:
    known: tuple[str, ...] = ("t", "logit") if bounds is not None else ("t",)
    if bounds == (0.0, 1.0):
        known = tuple(METHODS)
    if method not in known:
        raise DataError(
            "no_such_interval",
            f"There is no interval {method!r} for this figure.",
            f"Choose one of {', '.join(known)}; others need bounds, or a proportion.",
            method=method,
        )


def flags_of(figure: Figure, half_width: float, thresholds: Thresholds) -> tuple[str, ...]:
    """Warnings about a figure.

    Parameters
    ----------
    figure : what is known
    half_width : of its 95 % interval, nan where there is none
    thresholds : when to flag

    Returns
    -------
    tuple of "no_valid_answer", "suppress", "no_degrees_of_freedom", "zero_variance",
    "very_low_precision" (df < 3), "n_below_…", "df_below_…", "wide_interval", "unreliable"

    Examples
    --------
    >>> flags_of(Figure(0.6, 0.1, df=2, n=40), 0.4, Thresholds())
    ('very_low_precision', 'df_below_8')
    """
    if figure.is_missing:
        return ("no_valid_answer",)
    certain = figure.is_certain
    sampled = not (certain and figure.complete)
    rse = math.inf if thresholds.rse is None else thresholds.rse
    found = {
        "suppress": figure.n < thresholds.suppress,
        "no_degrees_of_freedom": sampled and figure.df <= 0,
        "zero_variance": sampled and certain and figure.df > 0,
        "very_low_precision": sampled and figure.df < 3,
        f"n_below_{thresholds.n}": sampled and figure.n < thresholds.n,
        f"df_below_{thresholds.df}": sampled and figure.df < thresholds.df,
        "wide_interval": half_width > thresholds.half_width * abs(figure.estimate),
        "unreliable": figure.se > rse * abs(figure.estimate),
    }
    return tuple(code for code, holds in found.items() if holds)
