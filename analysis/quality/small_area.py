"""Area-level shrinkage after Fay and Herriot: a diagnostic of precision, never the official score.

A unit with few ballots has an uncertain score. The model draws it towards what units of its kind
have on average, and so shows how much of a ranking is noise. Its estimates depend on the model and
on the other units; an index that is published by rule is not computed from them.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analysis.errors import DataError
from analysis.index.result import IndexResult
from analysis.quality.area_model import AreaData, Method, between_variance, likelihood, prasad_rao
from analysis.quality.items import Remark
from analysis.sample import Bools, Floats

LABEL = "diagnostic, not the official score"
FEW_UNITS = 10
FAR_OUT = 3.0  # standard deviations
CORRELATED = 0.1


@dataclass(frozen=True, eq=False)
class FayHerriot:
    """Shrunken estimates of m units and what they rest on.

    Parameters
    ----------
    units : m codes
    direct, variance : (m,) direct estimates and their sampling variances, taken as known
    method : how the variance between units was estimated
    tau2 : variance between units that the covariates do not explain
    names, beta, beta_cov : p terms, their coefficients and covariance given tau2
    synthetic : (m,) what the covariates say of each unit
    shrink : (m,) share of the direct estimate, tau2/(tau2 + variance)
    eblup : (m,) shrink · direct + (1 - shrink) · synthetic
    mse : (m,) Prasad and Rao's estimate of its mean squared error
    standardised : (m,) (direct - synthetic)/sqrt(tau2 + variance)
    loglik : logarithm of the likelihood, restricted for "reml"
    q, q_df, q_p : test that the covariates explain everything (tau2 = 0)
    normality_p : Shapiro and Wilk's test of the standardised residuals, of 3 to 5,000 units
    remarks : what a reader must know
    """

    units: tuple[str, ...]
    direct: Floats
    variance: Floats
    method: Method
    tau2: float
    names: tuple[str, ...]
    beta: Floats
    beta_cov: Floats
    synthetic: Floats
    shrink: Floats
    eblup: Floats
    mse: Floats
    standardised: Floats
    loglik: float
    q: float
    q_df: int
    q_p: float
    normality_p: float
    remarks: tuple[Remark, ...]

    @property
    def label(self) -> str:
        """What every table and figure of these numbers must carry."""
        return LABEL

    @property
    def beta_se(self) -> Floats:
        """(p,) standard errors of the coefficients, tau2 taken as known."""
        return np.sqrt(np.diag(self.beta_cov))

    @property
    def table(self) -> pd.DataFrame:
        """One row a unit, not rounded; the column `label` travels with the numbers."""
        return pd.DataFrame(
            {
                "unit": self.units,
                "direct": self.direct,
                "direct_se": np.sqrt(self.variance),
                "synthetic": self.synthetic,
                "shrink": self.shrink,
                "eblup": self.eblup,
                "rmse": np.sqrt(self.mse),
                "standardised": self.standardised,
                "label": LABEL,
            }
        )


def fay_herriot(
    direct: npt.ArrayLike,
    variance: npt.ArrayLike,
    covariates: pd.DataFrame | npt.ArrayLike | None = None,
    *,
    units: Sequence[str] | None = None,
    method: str = Method.REML,
) -> FayHerriot:
    """Shrink direct estimates of units towards a regression on covariates.

    Parameters
    ----------
    direct : (m,) direct estimates, such as points
    variance : (m,) their sampling variances, squared unit, above 0
    covariates : (m, k) known of every unit; a constant is added. None is the constant alone
    units : m codes; default "1", "2", …
    method : "reml", "ml", "fay_herriot" or "prasad_rao"; see `area_model.between_variance`

    Returns
    -------
    FayHerriot

    Raises
    ------
    DataError
        naming the unit whose direct estimate, variance or covariate cannot be used, or the
        covariate that the others determine

    Notes
    -----
    direct = x'beta + u + e, u ~ (0, tau2), e ~ (0, variance) independent between units. It is
    wrong where units share raters (their errors are correlated), where variances are themselves
    estimated from few PSUs, and where covariates are consequences of the score.

    References
    ----------
    Fay and Herriot (1979), Journal of the American Statistical Association 74, 269-277; Rao and
    Molina (2015), Small Area Estimation, sec. 6.1 and 6.2.

    Examples
    --------
    >>> found = fay_herriot([2.0, 4.0, 9.0], [1.0, 1.0, 1.0])
    >>> round(found.tau2, 6), found.shrink.round(6).tolist()
    (12.0, [0.923077, 0.923077, 0.923077])
    >>> found.label
    'diagnostic, not the official score'
    """
    rule = Method(method)
    y = np.asarray(direct, dtype=np.float64)
    v = np.asarray(variance, dtype=np.float64)
    names = tuple(units) if units is not None else tuple(str(i + 1) for i in range(len(y)))
    _check(y, v, names)
    terms, X = _terms(covariates, names)
    data = AreaData(y, v, X)
    tau2 = between_variance(data, rule)
    fit, flat = data.fit(tau2), data.fit(0.0)
    synthetic, shrink = X @ fit.beta, tau2 * fit.weight
    standardised = fit.residual * np.sqrt(fit.weight)
    q, df = float((flat.weight * flat.residual**2).sum()), len(y) - len(terms)
    testable = 3 <= len(y) <= 5000 and np.ptp(standardised) > 0
    normal = stats.shapiro(standardised).pvalue if testable else np.nan
    return FayHerriot(
        units=names,
        direct=y,
        variance=v,
        method=rule,
        tau2=tau2,
        names=terms,
        beta=fit.beta,
        beta_cov=fit.cov,
        synthetic=synthetic,
        shrink=shrink,
        eblup=synthetic + shrink * fit.residual,
        mse=prasad_rao(data, tau2, rule),
        standardised=standardised,
        loglik=likelihood(data, tau2, rule),
        q=q,
        q_df=df,
        q_p=float(stats.chi2.sf(q, df)),
        normality_p=float(normal),
        remarks=tuple(_remarks(names, tau2, standardised)),
    )


def fay_herriot_of(
    result: IndexResult,
    covariates: pd.DataFrame | None = None,
    *,
    leave_out: Collection[str] = (),
    method: str = Method.REML,
) -> FayHerriot:
    """Shrink the survey components of a scored index.

    Parameters
    ----------
    result : scored units with their covariance; units without points are left out and told
    covariates : columns known of every unit, the unit codes as index
    leave_out : units to leave out, such as a census whose variance is 0
    method : as in `fay_herriot`

    Raises
    ------
    DataError
        as in `fay_herriot`, and if a unit has no row in `covariates`
    """
    scored = {unit: result.points_of(unit) for unit in result.unit_codes}
    missing = tuple(unit for unit, points in scored.items() if points is None)
    kept = [unit for unit in scored if unit not in {*missing, *leave_out}]
    cov = result.cov.loc[kept, kept].to_numpy()
    if covariates is not None:
        _need_rows(covariates, kept)
        covariates = covariates.loc[kept]
    points = [float(scored[unit] or 0) for unit in kept]
    found = fay_herriot(points, np.diag(cov), covariates, units=kept, method=method)
    more = tuple(_of_result(kept, missing, cov))
    return FayHerriot(**{**vars(found), "remarks": (*found.remarks, *more)})


def _check(y: Floats, v: Floats, units: tuple[str, ...]) -> None:
    if not len(y) == len(v) == len(units):
        raise DataError(
            "different_lengths",
            f"There are {len(y)} estimates, {len(v)} variances and {len(units)} units.",
            "Give one of each per unit.",
        )
    if not np.isfinite(y).all():
        hint = "Leave the unit out: nothing was observed that could be shrunk."
        raise _of_unit("no_direct_estimate", "has no direct estimate", hint, units, ~np.isfinite(y))
    wrong = ~(np.isfinite(v) & (v > 0))
    if wrong.any():
        said = f"has the sampling variance {v[int(np.argmax(wrong))]:g}"
        hint = "Give a known variance above 0, or leave the unit out: a census needs no model."
        raise _of_unit("bad_direct_variance", said, hint, units, wrong)


def _of_unit(code: str, said: str, hint: str, units: tuple[str, ...], wrong: Bools) -> DataError:
    unit = units[int(np.argmax(wrong))]
    return DataError(code, f"Unit {unit!r} {said}.", hint, unit=unit)


def _terms(
    covariates: pd.DataFrame | npt.ArrayLike | None, units: tuple[str, ...]
) -> tuple[tuple[str, ...], Floats]:
    """Names of the terms, and (m, p) their values, the constant first."""
    frame = pd.DataFrame(index=range(len(units))) if covariates is None else covariates
    if not isinstance(frame, pd.DataFrame):
        values = np.asarray(frame, dtype=np.float64).reshape(len(units), -1)
        frame = pd.DataFrame(values, columns=[f"x{i + 1}" for i in range(values.shape[1])])
    names = ("(constant)", *map(str, frame.columns))
    X = np.column_stack([np.ones(len(units)), frame.to_numpy(dtype=np.float64, na_value=np.nan)])
    if not np.isfinite(X).all():
        wrong = ~np.isfinite(X).all(axis=1)
        hint = "Every unit needs a number in every covariate."
        raise _of_unit("missing_covariate", "lacks a covariate", hint, units, wrong)
    if len(units) <= len(names):
        raise DataError(
            "too_few_units",
            f"{len(units)} units cannot carry {len(names)} terms and a variance.",
            "Take fewer covariates.",
        )
    for place in range(len(names)):
        if np.linalg.matrix_rank(X[:, : place + 1]) <= place:
            raise DataError(
                "collinear_covariate",
                f"Covariate {names[place]!r} is determined by those before it.",
                "Leave it out.",
                covariate=names[place],
            )
    return names, X


def _need_rows(covariates: pd.DataFrame, units: Sequence[str]) -> None:
    absent = [unit for unit in units if unit not in covariates.index]
    if absent:
        raise DataError(
            "missing_covariate",
            f"Unit {absent[0]!r} has no row in the covariates.",
            "Add it, or leave the unit out.",
            unit=absent[0],
        )


def _remarks(units: tuple[str, ...], tau2: float, standardised: Floats) -> Iterator[Remark]:
    if tau2 == 0:
        message = "The variance between units is estimated as 0: all are drawn onto the regression."
        yield Remark("tau2_zero", (), message, "Their mean squared errors are understated.")
    if len(units) < FEW_UNITS:
        message = f"{len(units)} units tell little of the variance between them."
        yield Remark("few_units", (), message, "Read tau2 and the shrinkage as a sketch.")
    far = tuple(units[i] for i in np.flatnonzero(np.abs(standardised) > FAR_OUT))
    if far:
        message = "The unit lies far from what the model expects."
        yield Remark("outlying_unit", far, message, "Look for a cause before shrinking it.")


def _of_result(units: Sequence[str], missing: tuple[str, ...], cov: Floats) -> Iterator[Remark]:
    if missing:
        message = "The unit has no points and is left out."
        yield Remark("not_scored", missing, message, "Nothing was observed that could be shrunk.")
    spread = np.sqrt(np.diag(cov))
    away = np.abs(cov / np.outer(spread, spread) - np.eye(len(units))).max(axis=1)
    together = tuple(unit for unit, size in zip(units, away, strict=True) if size > CORRELATED)
    if together:
        message = "The unit shares raters or PSUs with others: its error is not its own."
        yield Remark("correlated_units", together, message, "Trust the direct covariance instead.")
