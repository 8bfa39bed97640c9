"""Whether the items of a criterion measure one thing: alpha, alpha if dropped, omega total."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.quality.items import (
    Coefficients,
    CompleteCases,
    Remark,
    complete_cases,
    rows_left_out,
    weighted_covariance,
)
from analysis.quality.one_factor import OneFactor, omega_total
from analysis.quality.scale import Scale, alpha_of, correlations_of, no_scale, scale_of
from analysis.quality.spread import Spread, reliability_limits, spread_of
from analysis.sample import Bools, Floats, Ints

_REVERSE = "Give it a reversed table of coefficients, or leave it out of the criterion."


@dataclass(frozen=True, eq=False)
class Reliability:
    """Reliability of the sum of J items.

    Parameters
    ----------
    cases : the complete rows, and how many were left out
    plain : each complete row counted once
    weighted : each complete row counted with its sampling weight
    reason : "" or why there is no number: "formative", "single_item", "too_few_rows",
        "constant_item"
    remarks : what a reader must know, such as a factor that fits badly or a reversed item
    spread : error of the weighted alpha and omega, where the design has replicates
    """

    cases: CompleteCases
    plain: Scale
    weighted: Scale
    reason: str
    remarks: tuple[Remark, ...]
    spread: Spread

    def intervals(self, level: float = 0.95) -> pd.DataFrame:
        """Intervals of the weighted alpha and omega; see `analysis.quality.spread.Spread`."""
        return self.spread.intervals(level)

    @property
    def summary(self) -> pd.DataFrame:
        """One row a statistic and basis: `statistic`, `basis`, `value`, not rounded."""
        rows = [
            (name, basis, value)
            for basis, scale in (("plain", self.plain), ("weighted", self.weighted))
            for name, value in _values(scale)
        ]
        return pd.DataFrame(rows, columns=["statistic", "basis", "value"])

    @property
    def table(self) -> pd.DataFrame:
        """One row an item and basis, not rounded.

        Columns: `item`, `basis`, `missing` rows, `mean` and `sd` of complete rows, `if_dropped`,
        `item_rest`, and `loading` and `uniqueness` of the maximum likelihood factor.
        """
        frames = [
            pd.DataFrame(
                {
                    "item": self.cases.items,
                    "basis": basis,
                    "missing": self.cases.missing,
                    "mean": _means(self.cases.values, weight),
                    "sd": np.sqrt(np.diag(scale.covariance)),
                    "if_dropped": scale.if_dropped,
                    "item_rest": scale.item_rest,
                    "loading": scale.ml.loadings,
                    "uniqueness": scale.ml.uniquenesses,
                }
            )
            for basis, scale, weight in (
                ("plain", self.plain, np.ones(self.cases.n)),
                ("weighted", self.weighted, self.cases.weight),
            )
        ]
        return pd.concat(frames, ignore_index=True)


def reliability(
    data: pd.DataFrame,
    design: SurveyDesign,
    items: Sequence[str],
    *,
    coefficients: Coefficients | None = None,
    where: Bools | None = None,
    formative: bool = False,
    replicates: ReplicateWeights | None = None,
) -> Reliability:
    """Measure how consistently the items of a criterion were answered.

    Parameters
    ----------
    data : R rows, one per respondent (or per respondent and unit)
    design : declared design
    items : J columns of numbers or answer codes
    coefficients : per item its codes with their coefficients; see `complete_cases`
    where : (R,) rows of a domain
    formative : the items cause the score, as in a checklist; no number is given then
    replicates : of PSUs, for intervals, such as `ReplicateWeights(kind="bootstrap", seed=7)`;
        None takes those of the design, if it has any

    Returns
    -------
    Reliability; where a number cannot be had, `reason` says why and the numbers are nan

    Raises
    ------
    DataError, DesignError
        see `analysis.quality.items.complete_cases`

    Notes
    -----
    On the rows that answered all items; how many did not is in `cases` and in the remarks. Omega
    total comes from one common factor of the correlations, by maximum likelihood and by minimum
    residuals. Weighted covariances are sum w (y - m)(y - m)'/sum w · n/(n - 1). Chi-square of the
    weighted factor takes Kish's effective size (sum w)^2/sum w^2 and ignores clusters. Intervals
    are symmetric in ln(1 - alpha), with t and the error over the replicates.

    References
    ----------
    Cronbach (1951), Psychometrika 16, 297-334; McDonald (1999), Test Theory, ch. 6; Lumley
    (2010), Complex Surveys, sec. 5.3, on covariances of a survey. Limits of fit: Hu and Bentler
    (1999), Structural Equation Modeling 6, 1-55; Browne and Cudeck (1992), Sociological Methods
    and Research 21, 230-258.

    Examples
    --------
    >>> rows = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 3, 2, 4], "c": [2, 1, 4, None]})
    >>> found = reliability(rows, SurveyDesign(), ["a", "b"])
    >>> round(found.plain.alpha, 6), found.cases.left_out
    (0.888889, 0)
    """
    cases = complete_cases(data, design, items, coefficients, where, replicates)
    constant = np.flatnonzero(np.ptp(cases.values, axis=0) == 0) if cases.n else np.arange(0)
    reason = "formative" if formative else _hindrance(cases, constant)
    n_eff = cases.weight.sum() ** 2 / (cases.weight**2).sum() if cases.n else 0.0
    if reason:
        size = len(cases.items)
        plain, weighted = no_scale(size, cases.n, reason), no_scale(size, n_eff, reason)
    else:
        plain = scale_of(weighted_covariance(cases.values, np.ones(cases.n)), cases.n)
        weighted = scale_of(weighted_covariance(cases.values, cases.weight), float(n_eff))
    remarks = (*_of_cases(cases, constant), *_of_scale(cases.items, plain, reason))
    figures = _no_figures if reason else _figures
    spread = spread_of(cases, ("alpha", "omega"), figures, reliability_limits)
    return Reliability(cases, plain, weighted, reason, remarks, spread)


def _figures(covariances: Floats) -> Floats:
    """(B, 2) alpha and omega total of (B, J, J) covariance matrices."""
    return np.column_stack([alpha_of(covariances), omega_total(correlations_of(covariances))])


def _no_figures(covariances: Floats) -> Floats:
    return np.full((len(covariances), 2), np.nan)


def _hindrance(cases: CompleteCases, constant: Ints) -> str:
    if len(cases.items) < 2:
        return "single_item"
    if cases.n < 2:
        return "too_few_rows"
    return "constant_item" if len(constant) else ""


def _of_cases(cases: CompleteCases, constant: Ints) -> Iterator[Remark]:
    yield from rows_left_out(cases)
    if cases.n > 1 and len(constant):
        named = tuple(cases.items[i] for i in constant)
        message = "Everybody gave the same answer; a correlation is not defined."
        yield Remark("constant_item", named, message, "Leave the item out of the criterion.")


def _of_scale(items: tuple[str, ...], scale: Scale, reason: str) -> Iterator[Remark]:
    """What the unweighted scale tells; the weighted one rarely differs."""
    if reason:
        return
    against = tuple(items[i] for i in np.flatnonzero(scale.item_rest < 0))
    if against:
        message = "The item runs against the sum of the others."
        yield Remark("negative_item_rest", against, message, _REVERSE)
    fit = scale.ml
    if fit.reason == "too_few_items":
        yield Remark(fit.reason, (), "One factor needs three items.", "Read alpha alone.")
    elif fit.reason:
        hint = "Leave out an item that repeats others, or collect more rows."
        yield Remark(fit.reason, (), "The correlations are singular: no factor was fitted.", hint)
    else:
        yield from _of_factor(items, fit)


def _of_factor(items: tuple[str, ...], fit: OneFactor) -> Iterator[Remark]:
    negative = tuple(items[i] for i in np.flatnonzero(fit.loadings < 0))
    if negative:
        message = "The item has a negative loading: it is worded, or scored, the other way round."
        yield Remark("negative_loading", negative, message, _REVERSE)
    heywood = tuple(items[i] for i in fit.heywood)
    if heywood:
        message = "The factor takes all of the item (a Heywood case): omega is too high."
        yield Remark("heywood_case", heywood, message, "Trust alpha more, and collect more rows.")
    if not fit.converged:
        yield Remark("not_converged", (), "The factor was not found.", "Use alpha, not omega.")
    elif fit.fits is None:
        message = "With three items the fit of one factor cannot be tested."
        yield Remark("fit_not_testable", (), message, "Read omega with care.")
    elif not fit.fits:
        message = (
            f"One factor fits badly: srmr {fit.srmr:.3f}, tli {fit.tli:.3f}, rmsea {fit.rmsea:.3f}."
        )
        hint = "The items measure more than one thing: split the criterion, or do not use omega."
        yield Remark("one_factor_fits_badly", (), message, hint)


def _means(values: Floats, weight: Floats) -> Floats:
    size = weight.sum()
    return np.asarray(weight @ values / size) if size > 0 else np.full(values.shape[1], np.nan)


def _values(scale: Scale) -> Iterator[tuple[str, float]]:
    yield from (("n", float(scale.n)), ("alpha", scale.alpha))
    yield from (("alpha_standardised", scale.alpha_standardised), ("mean_r", scale.mean_r))
    yield from (("omega", scale.ml.omega), ("omega_minres", scale.minres.omega))
    for name in ("chi2", "df", "p", "rmsea", "tli", "srmr"):
        yield name, float(getattr(scale.ml, name))
