"""Ratios of two totals, in domains, with their whole covariance matrix."""

from collections.abc import Sequence

import pandas as pd

from analysis.design import SurveyDesign
from analysis.estimation.domains import cells_of, domains_of, numbers
from analysis.estimation.estimates import Estimates
from analysis.estimation.linear import estimate
from analysis.sample import Bools, bind


def ratios(
    data: pd.DataFrame,
    design: SurveyDesign,
    pairs: Sequence[tuple[str, str]],
    *,
    by: Sequence[str] = (),
    where: Bools | None = None,
) -> Estimates:
    """Estimate ratios sum(w y)/sum(w x).

    Parameters
    ----------
    data : R rows, one per respondent
    design : declared design
    pairs : numeric columns y and x of each ratio; a row without one of both does not speak
    by, where : domains, as in `analysis.estimation.means.means`

    Returns
    -------
    Estimates named "y/x" or "domain:y/x", pairs slowest and domains fastest; nan where the
    denominator is 0

    Raises
    ------
    DataError, DesignError
        see `analysis.sample.bind`, and if a variable is not numeric

    Notes
    -----
    Variances by linearisation with residual (y - R x)/sum(w x); biased by a share of about the
    squared coefficient of variation of the denominator, so doubtful where that is above 0.1.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sec. 5.6.

    Examples
    --------
    >>> answers = pd.DataFrame({"spent": [1.0, 2.0, 6.0], "income": [4.0, 4.0, 10.0]})
    >>> result = ratios(answers, SurveyDesign(), [("spent", "income")])
    >>> result.names, float(result.estimate[0])
    (('spent/income',), 0.5)
    """
    columns = [(f"{y}/{x}", numbers(data, y), numbers(data, x)) for y, x in pairs]
    domains = domains_of(data, by, where)
    sample = bind(design, data, signed=True)
    return estimate(sample, cells_of(domains, sample.weight, columns))
