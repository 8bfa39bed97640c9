"""Means and totals of plain variables, in domains, with their whole covariance matrix."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis.design import SurveyDesign
from analysis.estimation.domains import cells_of, domains_of, numbers
from analysis.estimation.estimates import Estimates
from analysis.estimation.linear import estimate
from analysis.sample import Bools, bind

__all__ = ["Estimates", "means", "totals"]


def means(
    data: pd.DataFrame,
    design: SurveyDesign,
    variables: Sequence[str],
    *,
    by: Sequence[str] = (),
    where: Bools | None = None,
    bounds: tuple[float, float] | None = None,
) -> Estimates:
    """Estimate means of variables, in the whole sample or in domains.

    Parameters
    ----------
    data : R rows, one per respondent
    design : declared design
    variables : numeric columns; NaN marks a missing value
    by : columns whose combinations are the domains, values joined by "."; a row without a value in
        one of them lies in no domain
    where : (R,) rows of one further domain
    bounds : smallest and largest possible value of the variables, such as 0 and 1 of scores; then
        `intervals` knows the method "logit", and has limits where all answers are equal

    Returns
    -------
    Estimates, variables slowest and domains fastest, domains in the order of first `by` fastest

    Raises
    ------
    DataError, DesignError
        see `analysis.sample.bind`, and if a variable is not numeric or leaves its bounds

    Notes
    -----
    Hájek means sum(w y)/sum(w) over the rows with a value; variances by linearisation with
    residual (y - mean)/sum(w). A domain keeps all PSUs. Missing values are read as a domain, but
    in a complete census as `census_blanks` of the design says.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sec. 5.7 and 5.8.

    Examples
    --------
    >>> answers = pd.DataFrame({"y": [1.0, 2.0, 3.0, 6.0]})
    >>> result = means(answers, SurveyDesign(), ["y"])
    >>> float(result.estimate[0]), round(float(result.se[0]), 6)
    (3.0, 1.080123)
    """
    columns = [(name, numbers(data, name, bounds), None) for name in variables]
    domains = domains_of(data, by, where)
    sample = bind(design, data, signed=True)
    return estimate(sample, cells_of(domains, sample.weight, columns), bounds)


def totals(
    data: pd.DataFrame,
    design: SurveyDesign,
    variables: Sequence[str],
    *,
    by: Sequence[str] = (),
    where: Bools | None = None,
) -> Estimates:
    """Estimate totals sum(w y) of variables; arguments and result as in `means`.

    Notes
    -----
    A missing value adds nothing: the total is that of those who answered.

    Examples
    --------
    >>> answers = pd.DataFrame({"y": [1.0, 2.0], "w": [10, 20]})
    >>> float(totals(answers, SurveyDesign(weight="w"), ["y"]).estimate[0])
    50.0
    """
    columns = [(name, numbers(data, name), None) for name in variables]
    domains = domains_of(data, by, where)
    sample = bind(design, data, signed=True)
    cells = cells_of(domains, sample.weight, columns)
    return estimate(sample, replace(cells, denominator=None))
