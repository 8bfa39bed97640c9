"""What overall satisfaction is associated with: a weighted regression and the drivers' shares.

The question "what should be improved first" is not answered by correlations. The results say which
items go together with the outcome, beside the others; they do not say that changing an item would
change the outcome, and no text made from them may.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.estimation.regression import Regression, regression
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.quality.importance import MOST, inflation, relative_weights, shapley
from analysis.quality.items import (
    Coefficients,
    CompleteCases,
    Remark,
    complete_cases,
    rows_left_out,
    weighted_covariance,
)
from analysis.quality.spread import Spread, share_limits, spread_of
from analysis.sample import Bools, Floats

SHAPLEY = "shapley"
RELATIVE = "relative_weights"
WORDING = {"en": "is associated with", "vi": "có liên quan với"}
CONVENTION = {
    "en": (
        "Shares divide the variance of the outcome that the items account for together. An item "
        "with a large share is associated with the outcome; it need not be its cause."
    ),
    "vi": (
        "Tỷ lệ đóng góp chia phần biến thiên của kết quả chung mà các câu hỏi cùng giải thích. Câu "
        "hỏi có tỷ lệ lớn có liên quan với kết quả chung, không nhất thiết là nguyên nhân."
    ),
}
_HIGH = 10.0  # variance inflation
_RANK = 1e-10  # smallest eigenvalue of correlations that counts as above 0
_TAKES_PART = 1e-4  # of a direction without variance


@dataclass(frozen=True, eq=False)
class Drivers:
    """J drivers of an outcome.

    Parameters
    ----------
    outcome, items : names
    cases : the complete rows, and how many were left out; the outcome is their last item
    model : weighted regression with its covariance by the design, the intercept first
    method : "shapley" or "relative_weights"
    importance : (J,) parts of R squared, which add up to it
    share : (J,) the same as shares of R squared; nan where that is 0
    inflation : (J,) variance inflation factors
    spread : error of R squared and the shares, where the design has replicates
    remarks : what a reader must know
    """

    outcome: str
    items: tuple[str, ...]
    cases: CompleteCases
    model: Regression
    method: str
    importance: Floats
    share: Floats
    inflation: Floats
    spread: Spread
    remarks: tuple[Remark, ...]

    @property
    def r_squared(self) -> float:
        """Weighted share of the outcome's variance that the drivers account for together."""
        return float(self.model.r_squared)

    def intervals(self, level: float = 0.95) -> pd.DataFrame:
        """Intervals of R squared and of the shares; see `analysis.quality.spread.Spread`."""
        return self.spread.intervals(level)

    def table(self, level: float = 0.95) -> pd.DataFrame:
        """One row a driver, not rounded.

        Columns: item, coefficient, se, t, df, p, ci_low, ci_high, reason, inflation, importance,
        share, share_se, share_low, share_high, share_reason
        """
        coefficients = self.model.table(level).iloc[1:].reset_index(drop=True)
        coefficients = coefficients.rename(columns={"name": "item", "estimate": "coefficient"})
        shares = self.intervals(level).iloc[1:].reset_index(drop=True)
        return coefficients.assign(
            inflation=self.inflation,
            importance=self.importance,
            share=self.share,
            share_se=shares.se,
            share_low=shares.ci_low,
            share_high=shares.ci_high,
            share_reason=shares.reason,
        )


def drivers(
    data: pd.DataFrame,
    design: SurveyDesign,
    outcome: str,
    items: Sequence[str],
    *,
    coefficients: Coefficients | None = None,
    where: Bools | None = None,
    method: str | None = None,
    replicates: ReplicateWeights | None = None,
) -> Drivers:
    """Relate an outcome, such as overall satisfaction, to items.

    Parameters
    ----------
    data : R rows, one per respondent (or per respondent and unit)
    design : declared design
    outcome : column of numbers or answer codes
    items : J columns of the same kind
    coefficients : per item, and the outcome, codes with coefficients; see `complete_cases`
    where : (R,) rows of a domain; rows without an answer to one of the columns lie outside it
    method : "shapley" (at most 10 drivers) or "relative_weights"; None chooses by their number
    replicates : of PSUs, for intervals of the shares, such as
        `ReplicateWeights(kind="bootstrap", seed=7)`; None takes those of the design

    Returns
    -------
    Drivers

    Raises
    ------
    DataError
        naming the items that are constant or determine each other; if fewer rows are complete
        than the model has columns, plus 1; if the method is unknown or has too many drivers
    DesignError
        see `analysis.sample.bind`

    Notes
    -----
    Coefficients with sandwich covariance by PSU on the full design; complete rows are a domain.
    Shares: `shapley` or `relative_weights` of the weighted covariances. Shares of correlated
    drivers are wide apart from sample to sample: read them with their intervals (logit scale, t,
    error over the replicates).

    References
    ----------
    Lumley (2010), Complex Surveys, sec. 5.2; Lindeman, Merenda and Gold (1980), Introduction to
    Bivariate and Multivariate Analysis, 119; Johnson (2000), Multivariate Behavioral Research 35,
    1-19.

    Examples
    --------
    >>> rows = pd.DataFrame({"a": [0, 0, 1, 1.0], "b": [0, 1, 0, 1.0], "all": [0, 1, 2, 3.1]})
    >>> found = drivers(rows, SurveyDesign(), "all", ["a", "b"])
    >>> found.method, found.share.round(3).tolist()
    ('shapley', [0.792, 0.208])
    """
    names = (*items, outcome)
    cases = complete_cases(data, design, names, coefficients, where, replicates)
    chosen = _method(method, len(items))
    covariance = _checked(cases)
    figures = shapley if chosen == SHAPLEY else relative_weights
    importance = figures(covariance[None])[0]
    total = float(importance.sum())
    factors = inflation(covariance[:-1, :-1])
    model = _regression(data, design, cases)
    return Drivers(
        outcome=outcome,
        items=tuple(items),
        cases=cases,
        model=model,
        method=chosen,
        importance=importance,
        share=importance / total if total > 0 else np.full(len(items), np.nan),
        inflation=factors,
        spread=spread_of(cases, ("r_squared", *items), lambda c: _shares(figures(c)), share_limits),
        remarks=tuple(_remarks(cases, model, covariance, factors)),
    )


def _method(method: str | None, drivers: int) -> str:
    if not drivers:
        raise DataError("no_drivers", "No item is named as a driver.", "Name one or more.")
    if method is None:
        return SHAPLEY if drivers <= MOST else RELATIVE
    if method not in (SHAPLEY, RELATIVE):
        raise DataError(
            "unknown_method",
            f"There is no method {method!r} of importance.",
            f"Choose {SHAPLEY} or {RELATIVE}.",
            method=method,
        )
    if method == SHAPLEY and drivers > MOST:
        raise DataError(
            "too_many_drivers",
            f"Shapley shares of {drivers} drivers need {2**drivers} regressions.",
            f"Take at most {MOST}, or {RELATIVE}.",
            drivers=drivers,
        )
    return method


def _checked(cases: CompleteCases) -> Floats:
    """(J+1, J+1) weighted covariance of drivers that do not determine each other."""
    if cases.n <= len(cases.items):
        raise DataError(
            "too_few_rows",
            f"{cases.n} rows are complete, for {len(cases.items)} coefficients.",
            "Leave out the item that is missing most.",
            n=cases.n,
        )
    constant = [cases.items[i] for i in np.flatnonzero(np.ptp(cases.values, axis=0) == 0)]
    if constant:
        raise DataError(
            "constant_item",
            f"Everybody gave the same answer to {_list(constant)}.",
            "Leave it out.",
            items=tuple(constant),
        )
    covariance = weighted_covariance(cases.values, cases.weight)
    spread = np.sqrt(np.diag(covariance))[:-1]
    values, vectors = np.linalg.eigh(covariance[:-1, :-1] / np.outer(spread, spread))
    if values[0] <= _RANK:
        without = np.abs(vectors[:, values <= _RANK]).max(axis=1)
        together = [cases.items[i] for i in np.flatnonzero(without > _TAKES_PART)]
        raise DataError(
            "collinear_items",
            f"The items {_list(together)} determine each other.",
            "Leave one of them out.",
            items=tuple(together),
        )
    return covariance


def _list(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _regression(data: pd.DataFrame, design: SurveyDesign, cases: CompleteCases) -> Regression:
    """The regression on the design's own columns, with the answers as coefficients."""
    values = np.full((len(data), len(cases.items)), np.nan)
    values[cases.rows] = cases.values
    answers = pd.DataFrame(values, columns=list(cases.items), index=data.index)
    frame = pd.concat([data[[c for c in design.columns if c not in cases.items]], answers], axis=1)
    return regression(frame, design, cases.items[-1], cases.items[:-1])


def _shares(importance: Floats) -> Floats:
    """(B, J+1) R squared and the shares of it."""
    total = importance.sum(axis=1, keepdims=True)
    return np.hstack([total, importance / np.where(total > 0, total, np.nan)])


def _remarks(
    cases: CompleteCases, model: Regression, covariance: Floats, factors: Floats
) -> Iterator[Remark]:
    yield from rows_left_out(cases)
    high = tuple(cases.items[i] for i in np.flatnonzero(factors > _HIGH))
    if high:
        message = "The other items almost determine the item; its coefficient is uncertain."
        yield Remark("high_inflation", high, message, "Read the shares, or join such items.")
    turned = model.estimate[1:] * covariance[:-1, -1] < 0
    against = tuple(cases.items[i] for i in np.flatnonzero(turned))
    if against:
        message = "Its coefficient has another sign than its correlation with the outcome."
        hint = "Do not read the coefficient by itself: other items take its place."
        yield Remark("sign_turned", against, message, hint)
