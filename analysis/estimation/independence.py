"""Tests whether two classifications are independent, corrected for the design."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analysis.design import SurveyDesign, need_columns
from analysis.errors import DataError
from analysis.estimation.domains import cells_of, domains_of
from analysis.estimation.estimates import Estimates
from analysis.estimation.freedom import degrees_of_freedom
from analysis.estimation.linear import estimate
from analysis.sample import Bools, Floats, bind


@dataclass(frozen=True, eq=False)
class Independence:
    """Pearson's statistic of a weighted table and its two corrections.

    Parameters
    ----------
    table : weighted proportions, rows by columns
    n : rows of the data with both answers
    pearson : X^2 of the proportions for n persons; not to be read by itself
    f, ndf, ddf, p : second-order correction, the recommended one
    chi2, df, p_first : first-order correction X^2 over the mean generalised design effect
    mean_deff : that mean
    reason : "" or why there is no test
    """

    table: pd.DataFrame
    n: int
    pearson: float
    f: float
    ndf: float
    ddf: float
    p: float
    chi2: float
    df: int
    p_first: float
    mean_deff: float
    reason: str = ""


def independence(
    data: pd.DataFrame,
    design: SurveyDesign,
    rows: str,
    columns: str,
    *,
    where: Bools | None = None,
) -> Independence:
    """Test the independence of two answers by Rao and Scott's corrections.

    Parameters
    ----------
    data : R rows, one per respondent
    design : declared design
    rows, columns : columns of categories; a row without one of both does not speak
    where : (R,) rows of a domain

    Returns
    -------
    Independence; without degrees of freedom its numbers are nan and its reason says so

    Raises
    ------
    DataError
        if a classification has fewer than two values
    DataError, DesignError
        see `analysis.sample.bind`

    Notes
    -----
    X^2 = n sum (p_ij - p_i p_j)^2/(p_i p_j). With the generalised design effects d, the
    eigenvalues of (C'D^-1 C/n)^-1 C'D^-1 V D^-1 C for the interaction contrasts C and D = diag(p):
    F = X^2/sum d on (sum d)^2/sum d^2 and that times the design's degrees of freedom (second
    order); X^2/mean d on (r-1)(c-1) degrees of freedom (first order). Doubtful where expected
    counts are below 1 or the design has fewer degrees of freedom than the table has cells.

    References
    ----------
    Rao and Scott (1984), Annals of Statistics 12, 46-60; Thomas and Rao (1987), J. American
    Statistical Association 82, 630-636.

    Examples
    --------
    >>> answers = pd.DataFrame({"sex": list("ffffmmmm"), "yes": [1, 1, 1, 0, 1, 0, 0, 0]})
    >>> found = independence(answers, SurveyDesign(), "sex", "yes")
    >>> found.pearson, found.df, round(found.p, 4)
    (2.0, 1, 0.2275)
    """
    need_columns(data, (rows, columns), "the data")
    kinds, labels = zip(*(_kinds(data, name, where) for name in (rows, columns)), strict=True)
    shape = (len(labels[0]), len(labels[1]))
    both = np.where((kinds[0] >= 0) & (kinds[1] >= 0), kinds[0] * shape[1] + kinds[1], -1)
    sample = bind(design, data)
    shares = [
        (str(cell), np.where(both < 0, np.nan, (both == cell).astype(np.float64)), None)
        for cell in range(shape[0] * shape[1])
    ]
    cells = estimate(sample, cells_of(domains_of(data, (), where), sample.weight, shares))
    table = cells.estimate.reshape(shape)
    frame = pd.DataFrame(table, index=labels[0], columns=labels[1])
    answered = np.asarray(cells.touched.sum(axis=1)).ravel() > 0
    nu = degrees_of_freedom(sample, answered)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    n = int(cells.n[0])
    pearson = float(n * ((table - expected) ** 2 / expected).sum())
    effects = _effects(cells, table, n)
    if nu <= 0:
        return _nothing(frame, n, pearson, "no_degrees_of_freedom")
    if not effects.sum() > 0:
        return _nothing(frame, n, pearson, "zero_variance")
    return _corrected(frame, n, pearson, effects, nu)


def _kinds(
    data: pd.DataFrame, column: str, where: Bools | None
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], list[str]]:
    inside = domains_of(data, (), where).code >= 0
    codes, labels = pd.factorize(data[column].where(inside), sort=True)
    if len(labels) < 2:
        raise DataError(
            "one_category",
            f"Column {column!r} has {len(labels)} value among the rows that speak.",
            "A test of independence needs two values or more on both sides.",
            column=column,
        )
    return codes.astype(np.int64), [str(label) for label in labels]


def _effects(cells: Estimates, table: Floats, n: int) -> Floats:
    """Generalised design effects of the interaction."""
    contrasts = np.kron(_contrasts(table.shape[0]), _contrasts(table.shape[1]))
    p = table.ravel()
    scaled = contrasts / np.where(p > 0, p, np.inf)[:, None]
    plain = scaled.T @ contrasts / n
    return np.asarray(np.linalg.eigvals(np.linalg.solve(plain, scaled.T @ cells.cov @ scaled)).real)


def _contrasts(kinds: int) -> Floats:
    """(K, K-1) columns that add up to 0."""
    return np.vstack([np.eye(kinds - 1), -np.ones(kinds - 1)])


def _corrected(
    frame: pd.DataFrame, n: int, pearson: float, effects: Floats, nu: int
) -> Independence:
    total, df = float(effects.sum()), len(effects)
    ndf = total**2 / float((effects**2).sum())
    f, chi2 = pearson / total, pearson / (total / df)
    return Independence(
        table=frame,
        n=n,
        pearson=pearson,
        f=f,
        ndf=ndf,
        ddf=ndf * nu,
        p=float(special.fdtrc(ndf, ndf * nu, f)),
        chi2=chi2,
        df=df,
        p_first=float(special.chdtrc(df, chi2)),
        mean_deff=total / df,
    )


def _nothing(frame: pd.DataFrame, n: int, pearson: float, reason: str) -> Independence:
    nan = float("nan")
    df = (frame.shape[0] - 1) * (frame.shape[1] - 1)
    return Independence(frame, n, pearson, nan, nan, nan, nan, nan, df, nan, nan, reason)
