"""Proportions who meet a condition, and shares of the categories of an answer."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign, need_columns
from analysis.estimation.domains import Cells, cells_of, condition, domains_of
from analysis.estimation.estimates import Estimates
from analysis.estimation.linear import estimate
from analysis.estimation.profiled import working_variance
from analysis.sample import Bools, Floats, Sample, bind


def proportions(
    data: pd.DataFrame,
    design: SurveyDesign,
    conditions: Sequence[str],
    *,
    by: Sequence[str] = (),
    where: Bools | None = None,
) -> Estimates:
    """Estimate proportions of those who meet a condition.

    Parameters
    ----------
    data : R rows, one per respondent
    design : declared design
    conditions : columns of truth values, or of 0 and 1; a missing value does not speak
    by, where : domains, as in `analysis.estimation.means.means`

    Returns
    -------
    Estimates between the bounds 0 and 1, so that `intervals` has all methods for proportions

    Raises
    ------
    DataError
        if a condition holds anything but 0, 1 and missing values
    DataError, DesignError
        see `analysis.sample.bind`

    Notes
    -----
    A proportion is the mean of a variable of 0 and 1.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sec. 5.7.

    Examples
    --------
    >>> answers = pd.DataFrame({"satisfied": [True, True, False, True, False]})
    >>> result = proportions(answers, SurveyDesign(), ["satisfied"])
    >>> result.intervals(method="wilson").round(4).values.tolist()
    [[0.1312, 0.9371, '']]
    """
    columns = [(name, condition(data, name), None) for name in conditions]
    domains = domains_of(data, by, where)
    sample = bind(design, data)
    return _estimated(sample, cells_of(domains, sample.weight, columns))


def shares(
    data: pd.DataFrame,
    design: SurveyDesign,
    variables: Sequence[str],
    *,
    by: Sequence[str] = (),
    where: Bools | None = None,
) -> Estimates:
    """Estimate the share of each category of an answer.

    Parameters
    ----------
    data : R rows, one per respondent
    design : declared design
    variables : columns of categories: text, codes or truth values; a missing value does not speak
    by, where : domains, as in `analysis.estimation.means.means`

    Returns
    -------
    Estimates named "variable=category" or "domain:variable=category", variables slowest, then
    categories in their order, domains fastest. The shares of one variable and domain add up to 1,
    and their covariances to 0

    Raises
    ------
    DataError, DesignError
        see `analysis.sample.bind`

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sec. 5.7.

    Examples
    --------
    >>> answers = pd.DataFrame({"q": ["no", "yes", "yes", "yes", None]})
    >>> result = shares(answers, SurveyDesign(), ["q"])
    >>> result.names, result.estimate.tolist()
    (('q=no', 'q=yes'), [0.25, 0.75])
    """
    need_columns(data, tuple(variables), "the data")
    columns: list[tuple[str, Floats, Floats | None]] = []
    for name in variables:
        codes, labels = pd.factorize(data[name], sort=True)
        for place, label in enumerate(labels):
            is_it = np.where(codes < 0, np.nan, (codes == place).astype(np.float64))
            columns.append((f"{name}={label}", is_it, None))
    domains = domains_of(data, by, where)
    sample = bind(design, data)
    return _estimated(sample, cells_of(domains, sample.weight, columns))


def _estimated(sample: Sample, cells: Cells) -> Estimates:
    weight = sample.weight[cells.rows]
    working = working_variance(weight, cells.numerator, cells.column, len(cells.names))
    return replace(estimate(sample, cells, bounds=(0.0, 1.0)), working=working)
