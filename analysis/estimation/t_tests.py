"""Design-based t tests: one mean, or the difference between two groups."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign, need_columns
from analysis.errors import DataError
from analysis.estimation.domains import NONE, domains_of, numbers
from analysis.estimation.intervals import t_interval
from analysis.estimation.regression import regression, t_and_p
from analysis.sample import Bools

SECOND = "(second group)"


@dataclass(frozen=True, slots=True)
class TTest:
    """A mean, or a difference between two means, against a value.

    Parameters
    ----------
    groups : labels of the first and the second group; empty for one sample
    estimate : the mean, or the second group's less the first's
    null : the value it is held against
    se : standard error
    t, df, p : statistic, degrees of freedom, two-sided probability; nan where `reason` tells why
    ci_low, ci_high : limits of the estimate
    reason : "" or why there is no test
    """

    groups: tuple[str, ...]
    estimate: float
    null: float
    se: float
    t: float
    df: int
    p: float
    ci_low: float
    ci_high: float
    reason: str


def t_test(
    data: pd.DataFrame,
    design: SurveyDesign,
    variable: str,
    group: str | None = None,
    *,
    where: Bools | None = None,
    null: float = 0.0,
    level: float = 0.95,
) -> TTest:
    """Test a mean, or the difference of the means of two groups.

    Parameters
    ----------
    data : R rows, one per respondent
    design : declared design
    variable : numeric column
    group : column with two values; None tests the mean of all
    where : (R,) rows of a domain
    null : value under the hypothesis
    level : probability of cover of the interval

    Returns
    -------
    TTest

    Raises
    ------
    DataError
        if `group` does not have two values among the rows that speak
    DataError, DesignError
        see `analysis.sample.bind`

    Notes
    -----
    Regression on the group, so that groups that share PSUs are compared with their covariance;
    degrees of freedom of the design less 1, as R's `svyttest`. One mean has those of the design
    (R takes 1 off there as well).

    References
    ----------
    Lumley (2010), Complex Surveys, sec. 5.2; Korn and Graubard (1999), Analysis of Health
    Surveys, sec. 3.2.

    Examples
    --------
    >>> answers = pd.DataFrame({"y": [1.0, 2.0, 3.0, 2.0, 4.0, 6.0], "g": list("aaabbb")})
    >>> found = t_test(answers, SurveyDesign(), "y", "g")
    >>> found.groups, round(found.estimate, 6), found.df
    (('a', 'b'), 2.0, 4)
    """
    labels: tuple[str, ...] = ()
    predictors: list[str] = []
    inside = where
    if group is not None:
        inside, second, labels = _two(data, variable, group, where)
        data = data.assign(**{SECOND: second})
        predictors = [SECOND]
    found = regression(data, design, variable, predictors, where=inside)
    estimate, se, df = float(found.estimate[-1]), float(found.se[-1]), found.df_residual
    t, p = t_and_p(estimate - null, se, df)
    low, high, reason = t_interval(estimate, se, df, level)
    reason = reason or ("" if se > 0 else "zero_variance")
    return TTest(labels, estimate, null, se, t, df, p, low, high, reason)


def _two(
    data: pd.DataFrame, variable: str, group: str, where: Bools | None
) -> tuple[Bools, Bools, tuple[str, ...]]:
    """Rows with a group, rows of the second one, and the labels of both."""
    need_columns(data, (variable, group), "the data")
    speak = (domains_of(data, (), where).code != NONE) & ~np.isnan(numbers(data, variable))
    known = speak & data[group].notna().to_numpy(dtype=np.bool_)
    codes, labels = pd.factorize(data[group].where(known), sort=True)
    if len(labels) != 2:
        raise DataError(
            "not_two_groups",
            f"Column {group!r} has {len(labels)} values among the rows that speak: "
            f"{', '.join(str(label) for label in labels[:5])}.",
            "Choose two of them by `where`, or test more groups by `regression`.",
            column=group,
            groups=len(labels),
        )
    return known, codes == 1, tuple(str(label) for label in labels)
