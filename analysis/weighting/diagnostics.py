"""What weights look like, and what each step did to them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from analysis.weighting.steps import Adjustment, Event, Margin, Totals
from analysis.weights import Floats, Ints

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


@dataclass(frozen=True, slots=True)
class Summary:
    """How weights are spread; those of 0 are left out.

    Parameters
    ----------
    n : weights above 0
    sum : units of the population
    min, p05, p25, p50, p75, p95, max : quantiles of type 7
    cv2 : squared coefficient of variation
    deff : Kish's design effect of unequal weights, 1 + cv2
    n_eff : n / deff
    """

    n: int
    sum: float
    min: float
    p05: float
    p25: float
    p50: float
    p75: float
    p95: float
    max: float
    cv2: float
    deff: float
    n_eff: float


def summarise(weights: Floats) -> Summary:
    """Summarise weights.

    Parameters
    ----------
    weights : (R,) units of the population per row

    Returns
    -------
    Summary, nan throughout when all weights are 0

    Notes
    -----
    1 + cv² = n Σw² / (Σw)². It tells what unequal weights cost when they have nothing to do with
    the answers; it is wrong for weights that follow them (strata drawn more densely on purpose).

    References
    ----------
    Kish (1992), Journal of Official Statistics 8, 183-200.

    Examples
    --------
    >>> found = summarise(np.array([1.0, 1.0, 4.0, 0.0]))
    >>> found.n, found.sum, found.deff, found.n_eff
    (3, 6.0, 1.5, 2.0)
    """
    used = weights[weights != 0]
    if not len(used):
        return Summary(0, 0.0, *[float("nan")] * 10)
    deff = float(len(used) * (used @ used) / used.sum() ** 2)
    middle = np.quantile(used, list(QUANTILES.values()))
    return Summary(
        n=len(used),
        sum=float(used.sum()),
        min=float(used.min()),
        **dict(zip(QUANTILES, middle.tolist(), strict=True)),
        max=float(used.max()),
        cv2=deff - 1,
        deff=deff,
        n_eff=len(used) / deff,
    )


@dataclass(frozen=True, eq=False)
class Applied:
    """One step that was applied.

    Parameters
    ----------
    name : of the step
    before, after : columns of the weights; before is "" where there were none
    weights_before, weights_after : (R,) the weights
    adjustment : what was decided
    """

    name: str
    before: str
    after: str
    weights_before: Floats
    weights_after: Floats
    adjustment: Adjustment


@dataclass(frozen=True, eq=False)
class Report:
    """What a plan of weighting did, in tidy frames; nothing is rounded.

    Parameters
    ----------
    weights : a row for the weights at the start and after each step: step, column, the fields of
        `Summary`, the smallest and largest factor of the step, and the share of the rows that a
        trim cut
    margins : a row per step, margin and cell (or total): population, before, after, and the
        relative differences from the population
    events : a row per `analysis.weighting.steps.Event`
    factors : the rows with the largest and smallest factors of each step
    """

    weights: pd.DataFrame
    margins: pd.DataFrame
    events: pd.DataFrame
    factors: pd.DataFrame


def report_on(steps: Sequence[Applied], extremes: int = 10) -> Report:
    """Report on applied steps.

    Parameters
    ----------
    steps : in their order, one at least
    extremes : factors listed per step, from each end

    Returns
    -------
    Report
    """
    start = summarise(steps[0].weights_before)
    first = {"step": "start", "column": steps[0].before, **asdict(start)}
    margins = [row for step in steps for row in _margin_rows(step)]
    events = [
        {"step": step.name, **asdict(event)} for step in steps for event in step.adjustment.events
    ]
    return Report(
        weights=pd.DataFrame([first, *(_summary_row(step) for step in steps)]),
        margins=_frame(margins, MARGIN_COLUMNS, MARGIN_COLUMNS[3:]),
        events=_frame(events, ["step", *Event.__slots__], ["amount"]),
        factors=pd.concat([_extreme_factors(step, extremes) for step in steps], ignore_index=True),
    )


MARGIN_COLUMNS = [
    "step",
    "margin",
    "cell",
    "population",
    "before",
    "after",
    "difference_before",
    "difference_after",
]


def _frame(rows: list[dict[str, object]], columns: list[str], numbers: list[str]) -> pd.DataFrame:
    """Rows as a frame whose numbers are floats even when there are none."""
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(numbers, np.float64))


def _summary_row(step: Applied) -> dict[str, object]:
    rows, factor = _factors(step)
    cut = sum(event.n for event in step.adjustment.events if event.kind == "trim")
    return {
        "step": step.name,
        "column": step.after,
        **asdict(summarise(step.weights_after)),
        "factor_min": float(factor.min()) if len(rows) else float("nan"),
        "factor_max": float(factor.max()) if len(rows) else float("nan"),
        "trimmed": cut / len(rows) if len(rows) else float("nan"),
    }


def _factors(step: Applied) -> tuple[Ints, Floats]:
    """Rows with a weight before and after, and what theirs was multiplied by."""
    rows = np.flatnonzero((step.weights_before > 0) & (step.weights_after > 0))
    return rows, step.weights_after[rows] / step.weights_before[rows]


def _extreme_factors(step: Applied, listed: int) -> pd.DataFrame:
    rows, factor = _factors(step)
    order = np.argsort(factor, kind="stable")
    if len(order) > 2 * listed:
        order = np.concatenate([order[:listed], order[len(order) - listed :]])
    order = order[::-1]
    return pd.DataFrame(
        {
            "step": step.name,
            "row": rows[order] + 1,
            "before": step.weights_before[rows][order],
            "after": step.weights_after[rows][order],
            "factor": factor[order],
        }
    )


def _margin_rows(step: Applied) -> list[dict[str, object]]:
    found = []
    for constraint in step.adjustment.constraints:
        name, labels, target = _named(constraint)
        before = _reached(constraint, step.weights_before)
        after = _reached(constraint, step.weights_after)
        size = np.where(target == 0, 1.0, np.abs(target))
        away = [(before - target) / size, (after - target) / size]
        columns = [target, before, after, *away]
        values = np.column_stack(columns).tolist()
        found += [
            dict(zip(MARGIN_COLUMNS, [step.name, name, label, *row], strict=True))
            for label, row in zip(labels, values, strict=True)
        ]
    return found


def _named(constraint: Margin | Totals) -> tuple[str, tuple[str, ...], Floats]:
    if isinstance(constraint, Margin):
        return constraint.cells.name, constraint.cells.labels, constraint.target
    return "total", constraint.names, constraint.target


def _reached(constraint: Margin | Totals, weights: Floats) -> Floats:
    if isinstance(constraint, Margin):
        return constraint.cells.sums(weights)
    return np.asarray(weights @ constraint.x)
