"""From frozen results to tables as they are printed: every exact number rounded once, here."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from analysis.index.composite import CompositeResult
from analysis.index.options import Options
from analysis.index.ranking import Ranking, YearChange
from analysis.index.result import IndexResult
from analysis.report.rounding import round_exact

_KEPT_FLOATS = {"se", "ci_low", "ci_high", "survey_se", "index_se", "percent_se"}
_KEPT_FLOATS |= {"index_ci_low", "index_ci_high", "n_eff", "deff", "df"}
_SHARES = {"share", "score", "weight"}


def printed(frame: pd.DataFrame, decimals: int, rule: str) -> pd.DataFrame:
    """Round every exact number and every error of a table.

    Parameters
    ----------
    frame : a table of an `IndexResult` or `CompositeResult`
    decimals : decimals of points; shares in [0, 1] get two more
    rule : "half_up", "down" or "half_even"; errors and limits are always rounded half up

    Returns
    -------
    DataFrame of the same shape with Decimals; missing numbers are None

    Examples
    --------
    >>> frame = pd.DataFrame({"points": [Fraction(22, 15)]}, dtype=object)
    >>> printed(frame, 2, "half_up").points[0]
    Decimal('1.47')
    """
    columns = {
        name: pd.Series([_printed(name, v, decimals, rule) for v in frame[name]], dtype=object)
        for name in frame.columns
    }
    return pd.DataFrame(columns, columns=list(frame.columns))


def _printed(name: str, value: object, decimals: int, rule: str) -> object:
    if isinstance(value, Fraction):
        return round_exact(value, decimals + 2 * (name in _SHARES), rule)
    if name not in _KEPT_FLOATS:
        return value
    number = float(value) if isinstance(value, (int, float)) else float("nan")
    return _rounded_float(number, 1 if name in {"df", "n_eff"} else decimals)


def _rounded_float(value: float, places: int) -> Decimal | None:
    """A float rounded half up by its shortest decimal form; None if it is not finite."""
    text = repr(float(value))
    return None if text in ("nan", "inf", "-inf") else round_exact(Decimal(text), places)


def unit_table(
    result: IndexResult, decimals: int | None = None, rounding: str | None = None
) -> pd.DataFrame:
    """Survey component of each unit as printed; rule and decimals default to the scheme's."""
    return printed(result.units, *_rule(result.options, decimals, rounding))


def criteria_table(
    result: IndexResult, decimals: int | None = None, rounding: str | None = None
) -> pd.DataFrame:
    """Points of each unit and leaf as printed; rule and decimals default to the scheme's."""
    return printed(result.criteria, *_rule(result.options, decimals, rounding))


def neighbour_table(
    result: IndexResult,
    order: Sequence[str] | None = None,
    level: float = 0.95,
    decimals: int | None = None,
    rounding: str | None = None,
) -> pd.DataFrame:
    """Differences of neighbours as printed, from unrounded points."""
    return printed(result.neighbours(order, level), *_rule(result.options, decimals, rounding))


def composite_table(
    result: CompositeResult, decimals: int = 2, rounding: str = "half_up"
) -> pd.DataFrame:
    """Composite of each unit as printed."""
    return printed(result.units, decimals, rounding)


def component_table(
    result: CompositeResult, decimals: int = 2, rounding: str = "half_up"
) -> pd.DataFrame:
    """Component index of each unit and field as printed."""
    return printed(result.components, decimals, rounding)


def ranking_table(
    ranking: Ranking,
    changes: Sequence[YearChange] = (),
    decimals: int = 2,
    rounding: str = "half_up",
) -> pd.DataFrame:
    """Ranked units as printed, with last year beside them where it is comparable.

    Returns
    -------
    DataFrame with unit, value, rank, tied, previous_value, previous_rank, points, places and
    comparable (None where last year was not asked for)
    """
    before = {change.unit: change for change in changes}
    rows = []
    for entry in ranking.ranked:
        change = before.get(entry.unit)
        old = (None,) * 5 if change is None else _change_row(change, decimals, rounding)
        value = round_exact(entry.value, decimals, rounding)
        rows.append((entry.unit, value, entry.rank, entry.tied, *old))
    columns = ["unit", "value", "rank", "tied", "previous_value", "previous_rank"]
    columns += ["points", "places", "comparable"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _change_row(change: YearChange, decimals: int, rounding: str) -> tuple[object, ...]:
    return (
        round_exact(change.previous_value, decimals, rounding),
        change.previous_rank,
        round_exact(change.points, decimals, rounding),
        change.places,
        change.comparable,
    )


def _rule(options: Options, decimals: int | None, rounding: str | None) -> tuple[int, str]:
    return (options.decimals if decimals is None else decimals, rounding or options.rounding)
