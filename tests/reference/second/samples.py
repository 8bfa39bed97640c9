"""Rows and designs of the cases as svy wants them, and its estimates in the shape of R's."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import svy

from tests.reference.expressions import variable
from tests.reference.setting import Case, Setting, listed

INSIDE = "inside_"
ROW = "row_"
LONELY = {"remove": "skip", "center": "center", "average": "scale"}


def table(frame: pd.DataFrame) -> pl.DataFrame:
    """Rows for svy, with the number of each person."""
    numbered = frame if ROW in frame else frame.assign(**{ROW: range(len(frame))})
    return pl.from_pandas(numbered)


def sample(setting: Setting, **choices: Any) -> svy.Sample:
    """The rows under the same design; persons are PSUs where nothing else is."""
    mine, frame = setting.design, setting.frame
    second = mine.fpc and mine.psu_size
    design = {
        "stratum": mine.strata,
        "psu": mine.psu or ROW,
        "ssu": mine.ssu or (ROW if second else None),
        "wgt": mine.weight or "one_",
        "pop_size": svy.PopSize(psu=mine.fpc, ssu=mine.psu_size) if second else mine.fpc,
    }
    return svy.Sample(table(frame.assign(one_=1.0)), svy.Design(**(design | choices)))


def asked(
    setting: Setting, texts: Any, coefficients: Mapping[str, float] | None = None
) -> tuple[Setting, list[str]]:
    """The variables that the texts describe, with a column that says who is asked for them."""
    names, inside = [], np.ones(len(setting.frame), dtype=np.bool_)
    for text in listed(texts):
        read = variable(setting.frame, text, coefficients)
        names.append(read.name)
        setting = setting.of(read.frame)
        if read.where is not None:
            inside &= read.where
    answered = setting.frame[names].notna().all(axis=1)
    return setting.of(setting.frame.assign(**{INSIDE: inside & answered})), names


def coefficients(case: Case) -> Mapping[str, float] | None:
    """Coefficients of answer codes that the case states."""
    return case.request.get("coefficients")


def estimates(
    drawn: svy.Sample,
    statistic: str,
    names: Sequence[Any],
    by: Sequence[str] = (),
    **choices: Any,
) -> list[Any]:
    """svy's estimates of each variable; a pair is numerator and denominator."""
    ask = getattr(drawn.estimation, statistic)
    inside = {"where": svy.col(INSIDE)} if INSIDE in drawn.data.columns else {}
    more = {**inside, **({"by": list(by)} if by else {}), **choices}
    return [ask(*listed(name), **more) for name in names]


def record(found: Sequence[Any], wanted: Sequence[str] = ()) -> dict[str, Any]:
    """Figures of the cells of all variables, in the order of the wanted names."""
    rows = [cell for one in found for cell in one.estimates]
    named = [name(cell) for cell in rows]
    chosen = [rows[named.index(each)] for each in wanted] if set(wanted) == set(named) else rows
    answer = {
        mine: [getattr(cell, theirs) for cell in chosen]
        for mine, theirs in (
            ("estimate", "est"), ("se", "se"), ("df", "df"), ("n", "n"),
            ("ci_lower", "lci"), ("ci_upper", "uci"),
        )
    }  # fmt: skip
    if len(found) == 1 and found[0].covariance is not None:
        at = [rows.index(cell) for cell in chosen]
        answer["vcov"] = np.asarray(found[0].covariance)[np.ix_(at, at)]
    return answer


def name(cell: Any) -> str:
    """Levels and variable of a cell as R names them."""
    levels = ".".join(map(str, cell.by_level or ()))
    return f"{levels}:{cell.y}" if levels else str(cell.y)


def only_expected(found: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any]:
    """The figures that R gave too, without single ones where R has one for all."""
    kept = {}
    for key, value in found.items():
        if key not in expected:
            continue
        alike = len(set(np.ravel(value).tolist())) == 1
        kept[key] = np.ravel(value)[0] if np.ndim(expected[key]) == 0 and alike else value
    return kept
