"""Weighted linear regression with the covariance that the design gives."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analysis.design import SurveyDesign, need_columns
from analysis.errors import DataError
from analysis.estimation.domains import NONE, domains_of, numbers
from analysis.estimation.freedom import degrees_of_freedom
from analysis.estimation.intervals import t_interval
from analysis.estimation.variance import covariance
from analysis.sample import Bools, Floats, Ints, bind

INTERCEPT = "(Intercept)"


@dataclass(frozen=True, eq=False)
class Regression:
    """Coefficients of a weighted linear regression; C columns, n complete rows.

    Parameters
    ----------
    names : C names, "(Intercept)" first; a category is "variable=category" against the first
    estimate : (C,) units of the outcome per unit of the predictor
    cov : (C, C) covariance by the design
    df_residual : degrees of freedom of the design, less the predictors without the intercept
    r_squared : weighted share of the variance that the predictors account for
    rows : (n,) rows of the data that are complete and inside the domain
    predictors : (n, C) columns of the model
    outcome : (n,) values
    weight : (n,) sampling weights
    """

    names: tuple[str, ...]
    estimate: Floats
    cov: Floats
    df_residual: int
    r_squared: float
    rows: Ints
    predictors: Floats
    outcome: Floats
    weight: Floats

    @property
    def se(self) -> Floats:
        """(C,) standard errors."""
        return np.sqrt(np.maximum(np.diag(self.cov), 0))

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """One row a coefficient: name, estimate, se, t, df, p, ci_low, ci_high, reason."""
        rows = []
        for name, e, s in zip(self.names, self.estimate.tolist(), self.se.tolist(), strict=True):
            t, p = t_and_p(e, s, self.df_residual)
            limits = t_interval(e, s, self.df_residual, level)
            rows.append((name, e, s, t, self.df_residual, p, *limits))
        columns = ["name", "estimate", "se", "t", "df", "p", "ci_low", "ci_high", "reason"]
        return pd.DataFrame(rows, columns=columns)


def t_and_p(estimate: float, se: float, df: float) -> tuple[float, float]:
    """Student's t and its two-sided probability, nan where the data say nothing of the error.

    Examples
    --------
    >>> t, p = t_and_p(2.0, 1.0, 10)
    >>> t, round(p, 6)
    (2.0, 0.073388)
    """
    if df <= 0 or not se > 0 or math.isnan(estimate):
        return math.nan, math.nan
    t = estimate / se
    return t, 2 * float(special.stdtr(df, -abs(t)))


def regression(
    data: pd.DataFrame,
    design: SurveyDesign,
    outcome: str,
    predictors: Sequence[str],
    *,
    where: Bools | None = None,
) -> Regression:
    """Regress a variable on others, weighted, with an intercept.

    Parameters
    ----------
    data : R rows, one per respondent
    design : declared design
    outcome : numeric column
    predictors : columns; numbers enter as they are, truth values as 0 and 1, text and categories
        as one column for each category but the first. No predictor gives the mean alone
    where : (R,) rows of a domain; rows with a missing value lie outside it

    Returns
    -------
    Regression

    Raises
    ------
    DataError
        if no row is complete, or a predictor is constant or a combination of the others
    DataError, DesignError
        see `analysis.sample.bind`

    Notes
    -----
    b = (X'WX)^-1 X'Wy; covariance of the sums of (X'WX)^-1 x_k w_k e_k by the design, with e the
    residuals. Degrees of freedom as R's `svyglm`: those of the PSUs with complete rows, plus 1,
    less the number of columns. The coefficients describe the population; they say nothing of
    causes.

    References
    ----------
    Fuller (1975), Sankhya C 37, 117-132; Lumley (2010), Complex Surveys, sec. 5.2.

    Examples
    --------
    >>> rows = pd.DataFrame({"y": [1.0, 3.0, 5.0, 7.1], "x": [0.0, 1.0, 2.0, 3.0]})
    >>> model = regression(rows, SurveyDesign(), "y", ["x"])
    >>> model.names, model.estimate.round(3).tolist(), model.df_residual
    (('(Intercept)', 'x'), [0.98, 2.03], 2)
    """
    y = numbers(data, outcome)
    names, columns = _model(data, predictors)
    sample = bind(design, data)
    inside = (domains_of(data, (), where).code != NONE) & (sample.weight > 0)
    rows = np.flatnonzero(inside & ~np.isnan(y) & ~np.isnan(columns).any(axis=1))
    if not len(rows):
        raise DataError(
            "no_complete_row",
            f"No row has a value of {outcome!r} and of all of {', '.join(predictors) or '-'}.",
            "Leave out the predictor that is missing most.",
            outcome=outcome,
        )
    x, y, w = columns[rows], y[rows], sample.weight[rows]
    bread = _inverse(x, w, names)
    b = bread @ (x.T @ (w * y))
    residual = y - x @ b
    value = (x * (w * residual)[:, None]) @ bread
    count = len(names)
    place = np.tile(np.arange(count), len(rows))
    cov = covariance(sample, np.repeat(rows, count), place, value.ravel(), count)
    answered = np.zeros(len(sample.psu_stratum), dtype=np.bool_)
    answered[sample.psu[rows]] = True
    spread = float((w * (y - np.average(y, weights=w)) ** 2).sum())
    return Regression(
        names=names,
        estimate=b,
        cov=cov,
        df_residual=degrees_of_freedom(sample, answered) + 1 - count,
        r_squared=1 - float((w * residual**2).sum()) / spread if spread > 0 else math.nan,
        rows=rows,
        predictors=x,
        outcome=y,
        weight=w,
    )


def _model(data: pd.DataFrame, predictors: Sequence[str]) -> tuple[tuple[str, ...], Floats]:
    """Names and (R, C) values of the columns; a missing value makes its row NaN."""
    need_columns(data, tuple(predictors), "the data")
    names, columns = [INTERCEPT], [np.ones(len(data))]
    for name in predictors:
        if pd.api.types.is_numeric_dtype(data[name].dtype):
            names.append(name)
            columns.append(numbers(data, name))
            continue
        codes, labels = pd.factorize(data[name], sort=True)
        for place, label in enumerate(labels[1:], start=1):
            names.append(f"{name}={label}")
            columns.append(np.where(codes < 0, np.nan, (codes == place).astype(np.float64)))
    return tuple(names), np.column_stack(columns)


def _inverse(x: Floats, weight: Floats, names: tuple[str, ...]) -> Floats:
    """(X'WX)^-1, by columns of length 1, so that their units do not matter."""
    moments = x.T @ (x * weight[:, None])
    length = np.sqrt(np.diag(moments))
    length[length == 0] = 1.0
    scaled = moments / np.outer(length, length)
    for last in range(1, len(names) + 1):
        if np.linalg.matrix_rank(scaled[:last, :last], tol=1e-10, hermitian=True) < last:
            raise DataError(
                "collinear",
                f"The predictor {names[last - 1]!r} is constant, or follows from the others.",
                "Leave it out.",
                predictor=names[last - 1],
            )
    return np.asarray(np.linalg.inv(scaled) / np.outer(length, length), dtype=np.float64)
