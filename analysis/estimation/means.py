"""Means and totals of plain variables, in domains, with their whole covariance matrix."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign, need_columns
from analysis.estimation.freedom import degrees_of_freedom
from analysis.estimation.intervals import t_interval
from analysis.estimation.variance import covariance
from analysis.sample import Bools, Floats, Ints, Sample, bind


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates of C cells and what is known of their error.

    Parameters
    ----------
    names : C names, "variable" or "cell:variable"
    estimate : (C,) in the unit of the variable, nan where nobody answered
    cov : (C, C) covariance
    df : (C,) degrees of freedom of the cell itself
    design_df : degrees of freedom of the whole design
    n : (C,) rows with a value
    n_psu : (C,) PSUs with a value
    """

    names: tuple[str, ...]
    estimate: Floats
    cov: Floats
    df: Ints
    design_df: int
    n: Ints
    n_psu: Ints

    @property
    def se(self) -> Floats:
        """(C,) standard errors, nan where there is no estimate."""
        se = np.sqrt(np.maximum(np.diag(self.cov), 0))
        return np.where(np.isnan(self.estimate), np.nan, se)

    def intervals(self, level: float = 0.95, df: float | None = None) -> pd.DataFrame:
        """Symmetric t intervals; `df` replaces the cells' own degrees of freedom."""
        rows = [
            t_interval(float(e), float(s), float(d) if df is None else df, level)
            for e, s, d in zip(self.estimate, self.se, self.df, strict=True)
        ]
        columns = ["ci_low", "ci_high", "reason"]
        return pd.DataFrame(rows, columns=columns, index=list(self.names))

    def contrast(self, coefficients: Mapping[str, float]) -> tuple[float, float]:
        """Estimate and standard error of a linear combination of cells."""
        a = np.array([coefficients.get(name, 0.0) for name in self.names])
        used = a != 0
        a, cov = a[used], self.cov[np.ix_(used, used)]
        return float(a @ self.estimate[used]), float(np.sqrt(max(a @ cov @ a, 0.0)))


def means(
    data: pd.DataFrame,
    design: SurveyDesign,
    variables: Sequence[str],
    *,
    by: Sequence[str] = (),
    where: Bools | None = None,
) -> Estimates:
    """Estimate means of variables, in the whole sample or in domains.

    Parameters
    ----------
    data : R rows, one per respondent
    design : declared design
    variables : numeric columns; NaN marks a missing value
    by : columns whose combinations are the domains, values joined by "."
    where : (R,) rows of one further domain

    Returns
    -------
    Estimates, variables slowest and domains fastest, domains in the order of first `by` fastest

    Raises
    ------
    DataError, DesignError
        see `analysis.sample.bind`

    Notes
    -----
    Hájek means sum(w y)/sum(w) over the rows with a value; variances by linearisation with
    residual (y - mean)/sum(w). A domain keeps all PSUs. Missing values are read as a domain.

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
    return _estimates(data, design, variables, by, where, _mean_residual)


def totals(
    data: pd.DataFrame,
    design: SurveyDesign,
    variables: Sequence[str],
    *,
    by: Sequence[str] = (),
    where: Bools | None = None,
) -> Estimates:
    """Estimate totals sum(w y) of variables; arguments and result as in `means`.

    Examples
    --------
    >>> answers = pd.DataFrame({"y": [1.0, 2.0], "w": [10, 20]})
    >>> float(totals(answers, SurveyDesign(weight="w"), ["y"]).estimate[0])
    50.0
    """
    return _estimates(data, design, variables, by, where, _total_residual)


_Residual = Callable[[Floats, Floats], tuple[float, Floats]]


def _mean_residual(w: Floats, y: Floats) -> tuple[float, Floats]:
    size = w.sum()
    if size == 0:
        return float("nan"), np.zeros_like(y)
    mean = float((w * y).sum() / size)
    return mean, w * (y - mean) / size


def _total_residual(w: Floats, y: Floats) -> tuple[float, Floats]:
    return float((w * y).sum()), w * y


def _estimates(
    data: pd.DataFrame,
    design: SurveyDesign,
    variables: Sequence[str],
    by: Sequence[str],
    where: Bools | None,
    residual: _Residual,
) -> Estimates:
    need_columns(data, (*variables, *by), "the data")
    sample = bind(design, data)
    weight = sample.weight
    domains = _domains(data, by, where)
    cells = [(label, rows, name) for name in variables for label, rows in domains]
    names, estimate, picked, columns, values = [], [], [], [], []
    for column, (label, domain, name) in enumerate(cells):
        y = data[name].to_numpy(dtype=np.float64, na_value=np.nan)
        rows = np.flatnonzero(domain & ~np.isnan(y) & (weight > 0))
        value, z = residual(weight[rows], y[rows])
        names.append(f"{label}:{name}" if label else name)
        estimate.append(value)
        picked.append(rows)
        columns.append(np.full(len(rows), column))
        values.append(z)
    cells_of = (np.concatenate(picked), np.concatenate(columns), np.concatenate(values))
    touched = [np.unique(sample.psu[rows]) for rows in picked]
    return Estimates(
        names=tuple(names),
        estimate=np.array(estimate),
        cov=covariance(sample, *cells_of, len(cells)),
        df=np.array([_df(sample, psus) for psus in touched]),
        design_df=int(sample.n_psu.sum()) - len(sample.strata),
        n=np.array([len(rows) for rows in picked]),
        n_psu=np.array([len(psus) for psus in touched]),
    )


def _df(sample: Sample, psus: Ints) -> int:
    answered = np.zeros(len(sample.psu_stratum), dtype=np.bool_)
    answered[psus] = True
    return degrees_of_freedom(sample, answered)


def _domains(data: pd.DataFrame, by: Sequence[str], where: Bools | None) -> list[tuple[str, Bools]]:
    """Labels of the domains and the rows in each; the first `by` column varies fastest."""
    inside = np.ones(len(data), dtype=np.bool_) if where is None else np.asarray(where, np.bool_)
    if not by:
        return [("", inside)]
    keys = list(zip(*(data[column].astype(str) for column in by), strict=True))
    labels = sorted(set(keys), key=lambda key: key[::-1])
    numbers = {key: i for i, key in enumerate(labels)}
    code = np.array([numbers[key] for key in keys])
    return [(".".join(key), inside & (code == i)) for i, key in enumerate(labels)]
