"""Many differences at once: each with its interval and test, and all together adjusted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import special

from analysis.errors import DataError
from analysis.estimation.estimates import Estimates
from analysis.estimation.freedom import satterthwaite
from analysis.estimation.multiple import Adjusted, adjust
from analysis.weights import Bools, Floats


@dataclass(frozen=True, eq=False)
class Differences:
    """K differences, each held against 0.

    Parameters
    ----------
    names : K names
    estimate : (K,) differences, nan where there is none
    se : (K,) standard errors, 0 where floating point cannot tell them from 0
    df : (K,) degrees of freedom, inf for the normal distribution
    complete : (K,) nothing was left to chance
    level : probability of cover of the intervals
    """

    names: tuple[str, ...]
    estimate: Floats
    se: Floats
    df: Floats
    complete: Bools
    level: float = 0.95

    def without_noise(self, nothing: float) -> "Differences":
        """The same, standard errors up to `nothing` read as 0."""
        return replace(self, se=np.where(self.se > nothing, self.se, self.se * 0.0))

    @cached_property
    def reason(self) -> tuple[str, ...]:
        """K reasons why there is no test; "" where there is one.

        "not_scored", "census" (a fact that needs no test), "no_degrees_of_freedom" or
        "zero_variance" (all answers equal: the sample tells nothing of the error).
        """
        known = ~np.isnan(self.estimate)
        rules = (
            ("not_scored", ~known),
            ("census", (self.se == 0) & self.complete),
            ("no_degrees_of_freedom", ~(self.df > 0)),
            ("zero_variance", ~(self.se > 0)),
        )
        found = np.full(len(self.names), "", dtype=object)
        for code, holds in reversed(rules):
            found[holds] = code
        return tuple(found.tolist())

    @cached_property
    def tested(self) -> Bools:
        """(K,) differences that have a test."""
        return np.array([reason == "" for reason in self.reason], dtype=np.bool_)

    @cached_property
    def t(self) -> Floats:
        """(K,) differences in standard errors, nan without a test."""
        nowhere = np.full(len(self.names), np.nan)
        return np.asarray(np.divide(self.estimate, self.se, out=nowhere, where=self.tested))

    @cached_property
    def p(self) -> Floats:
        """(K,) two-sided probabilities, nan without a test."""
        away, df = -np.abs(self.t), np.where(self.tested, self.df, 1.0)
        normal = np.isinf(df)
        tail = np.where(normal, special.ndtr(away), special.stdtr(np.where(normal, 1.0, df), away))
        return np.asarray(2 * tail, dtype=np.float64)

    @cached_property
    def adjusted(self) -> Adjusted:
        """Probabilities adjusted for the number of tests."""
        return adjust(self.p)

    @cached_property
    def limits(self) -> tuple[Floats, Floats]:
        """(K,) and (K,) symmetric t limits; the difference itself in a census, else nan."""
        df = np.where(self.tested, self.df, 1.0)
        half = (1 + self.level) / 2
        normal = np.isinf(df)
        t = np.where(normal, special.ndtri(half), special.stdtrit(np.where(normal, 1.0, df), half))
        fact = np.array([reason == "census" for reason in self.reason], dtype=np.bool_)
        margin = np.where(self.tested, t * self.se, np.where(fact, 0.0, np.nan))
        return self.estimate - margin, self.estimate + margin

    @property
    def table(self) -> pd.DataFrame:
        """One row a difference: interval, test, adjusted probabilities, and which to read."""
        low, high = self.limits
        columns = {
            "name": list(self.names),
            "difference": self.estimate,
            "se": self.se,
            "df": self.df,
            "t": self.t,
            "ci_low": low,
            "ci_high": high,
        }
        named = pd.DataFrame(columns)
        tests = self.adjusted.frame
        return pd.concat([named, tests, pd.Series(self.reason, name="reason")], axis=1)


def differences_from_zero(
    found: Estimates, level: float = 0.95, df: float | None = None
) -> Differences:
    """Hold estimates, such as contrasts of one survey's cells, against 0.

    Parameters
    ----------
    found : K estimates
    level : probability of cover of the intervals
    df : degrees of freedom in place of each estimate's own

    Returns
    -------
    Differences

    Examples
    --------
    >>> from analysis import SurveyDesign, means
    >>> years = pd.DataFrame({"year": [1, 1, 1, 2, 2, 2], "y": [1.0, 2.0, 3.0, 3.0, 4.0, 5.5]})
    >>> cells = means(years, SurveyDesign(), ["y"], by=["year"])
    >>> found = differences_from_zero(cells.contrasts({"change": {"2:y": 1, "1:y": -1}}))
    >>> round(float(found.estimate[0]), 4), found.reason
    (2.1667, ('',))
    """
    freedom = found.df.astype(np.float64) if df is None else np.full(len(found.names), float(df))
    return Differences(found.names, found.estimate, found.se, freedom, found.complete, level)


def differences_between(later: Estimates, earlier: Estimates, level: float = 0.95) -> Differences:
    """Change of the cells of two independent surveys.

    Parameters
    ----------
    later, earlier : estimates of two samples that share nobody; cells are matched by name
    level : probability of cover of the intervals

    Returns
    -------
    Differences of the cells that both have, in the order of the later one

    Raises
    ------
    DataError
        if no cell is in both

    Notes
    -----
    V = V1 + V2 with Satterthwaite's degrees of freedom. Samples that share PSUs or persons belong
    in one file, with one code a PSU over both: `means(..., by=["year", ...]).contrasts(...)`.

    References
    ----------
    Kish (1965), Survey Sampling, sec. 12.4; Satterthwaite (1946), Biometrics Bulletin 2, 110-114.

    Examples
    --------
    >>> from analysis import SurveyDesign, means
    >>> first = means(pd.DataFrame({"y": [1.0, 2.0, 3.0]}), SurveyDesign(), ["y"])
    >>> second = means(pd.DataFrame({"y": [3.0, 4.0, 5.5]}), SurveyDesign(), ["y"])
    >>> found = differences_between(second, first)
    >>> round(float(found.se[0]), 4), round(float(found.df[0]), 2)
    (0.928, 3.81)
    """
    names = tuple(name for name in later.names if name in earlier.names)
    if not names:
        raise DataError(
            "nothing_in_common",
            "The two surveys have no cell in common.",
            "Estimate the same variables by the same columns in both.",
        )
    new, old = later.pick(names), earlier.pick(names)
    variance = np.stack([new.se**2, old.se**2])
    df = np.stack([new.df, old.df]).astype(np.float64)
    freedom = [
        math.nan if np.isnan(v).any() else satterthwaite(v, d)
        for v, d in zip(variance.T, df.T, strict=True)
    ]
    se = np.sqrt(variance.sum(axis=0))
    return Differences(
        names,
        new.estimate - old.estimate,
        se,
        np.array(freedom),
        new.complete & old.complete,
        level,
    )


def all_pairs(
    names: Sequence[str],
    estimate: Floats,
    cov: Floats,
    df: Floats | float,
    *,
    complete: Bools | None = None,
    level: float = 0.95,
) -> tuple[pd.DataFrame, Differences]:
    """Differences of all pairs of units, the higher one first.

    Parameters
    ----------
    names : U units
    estimate : (U,) figures, nan where there is none
    cov : (U, U) their covariance
    df : degrees of freedom of every difference, or (U, U) of each
    complete : (U,) figures that left nothing to chance; default none
    level : probability of cover of the intervals

    Returns
    -------
    DataFrame with columns first and second, and the Differences in the same order: pairs of the
    highest unit first. Units without a figure are in no pair

    Notes
    -----
    s_ij^2 = V_ii + V_jj - 2 V_ij; a variance below 1e-12 of V_ii + V_jj is 0.

    Examples
    --------
    >>> pairs, found = all_pairs(["A", "B"], np.array([1.0, 3.0]), np.diag([0.5, 0.5]), 20)
    >>> pairs.values.tolist(), found.estimate.tolist(), round(float(found.p[0]), 4)
    ([['B', 'A']], [2.0], 0.0593)
    """
    known = np.flatnonzero(~np.isnan(estimate))
    order = known[np.argsort(-estimate[known], kind="stable")]
    above, below = np.triu_indices(len(order), 1)
    i, j = order[above], order[below]
    variance = np.diag(cov)
    total = variance[i] + variance[j]
    spread = total - cov[i, j] - cov[j, i]
    se = np.sqrt(np.where(spread > 1e-12 * total, spread, 0.0))
    freedom = np.broadcast_to(np.asarray(df, dtype=np.float64), cov.shape)[i, j]
    whole = np.zeros(len(estimate), dtype=np.bool_) if complete is None else complete
    labels = np.array(names, dtype=object)
    pairs = pd.DataFrame({"first": labels[i], "second": labels[j]})
    joined = tuple(f"{a} - {b}" for a, b in zip(labels[i], labels[j], strict=True))
    gap = estimate[i] - estimate[j]
    return pairs, Differences(joined, gap, se, freedom, whole[i] & whole[j], level)
