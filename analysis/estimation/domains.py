"""Domains and cells: which rows speak in which number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import need_columns
from analysis.errors import DataError
from analysis.sample import Bools, Floats, Ints

NONE = -1


@dataclass(frozen=True, eq=False)
class Domains:
    """D domains of R rows; each row lies in one of them, or in none.

    Parameters
    ----------
    labels : D labels, "" for the whole sample
    code : (R,) domain of the row, -1 outside
    """

    labels: tuple[str, ...]
    code: Ints


@dataclass(frozen=True, eq=False)
class Cells:
    """C numbers to be estimated, each a sum or a ratio of two sums over its rows.

    Parameters
    ----------
    names : C names
    domain : (C,) domain of the cell
    domains : where the rows lie
    rows : (n,) rows that speak; a row may speak in several cells
    column : (n,) cell of each
    numerator : (n,) what is summed
    denominator : (n,) what is summed below the line; None where cells are plain totals
    """

    names: tuple[str, ...]
    domain: Ints
    domains: Domains
    rows: Ints
    column: Ints
    numerator: Floats
    denominator: Floats | None


def domains_of(data: pd.DataFrame, by: Sequence[str] = (), where: Bools | None = None) -> Domains:
    """Number the combinations of some columns that occur.

    Parameters
    ----------
    data : R rows
    by : columns; the first varies fastest, labels are joined by ".". A row without a value in one
        of them lies in no domain
    where : (R,) rows of one further domain

    Raises
    ------
    DataError
        if a column is missing, or `where` does not have a truth value for each row
    """
    need_columns(data, tuple(by), "the data")
    inside = _inside(data, where)
    if not by:
        return Domains(("",), np.where(inside, 0, NONE))
    code = np.zeros(len(data), dtype=np.int64)
    texts: list[list[str]] = []
    for column in reversed(by):
        number, labels = pd.factorize(data[column])
        text = [str(label) for label in labels]
        rank = np.argsort(np.argsort(np.array(text, dtype=object), kind="stable"))
        ordered = np.append(rank, NONE).astype(np.int64)[number]
        code = np.where((code >= 0) & (ordered >= 0), code * len(text) + ordered, NONE)
        texts.insert(0, sorted(text))
    present, place = np.unique(code, return_inverse=True)
    first = int(len(present) > 0 and present[0] == NONE)
    labels_of = tuple(_label(int(key), texts) for key in present[first:])
    return Domains(labels_of, np.where(inside, place.astype(np.int64) - first, NONE))


def _label(key: int, texts: list[list[str]]) -> str:
    parts = []
    for text in texts:
        key, place = divmod(key, len(text))
        parts.append(text[place])
    return ".".join(parts)


def _inside(data: pd.DataFrame, where: Bools | None) -> Bools:
    if where is None:
        return np.ones(len(data), dtype=np.bool_)
    inside = np.asarray(where)
    if inside.shape != (len(data),) or inside.dtype != np.bool_:
        raise DataError(
            "bad_domain",
            f"where holds {inside.dtype} of shape {inside.shape} for {len(data)} rows.",
            "Give one truth value per row; compare missing values away first.",
            rows=len(data),
        )
    return inside


def numbers(data: pd.DataFrame, column: str, bounds: tuple[float, float] | None = None) -> Floats:
    """(R,) a column as floats, NaN where it has no value.

    Raises
    ------
    DataError
        if a value is neither a number nor missing, is infinite, or lies outside the bounds
    """
    need_columns(data, (column,), "the data")
    if data[column].dtype == np.float64:
        found = data[column].to_numpy()
    else:
        found = pd.to_numeric(data[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    wrong = np.isinf(found) | (np.isnan(found) & data[column].notna().to_numpy())
    _refuse(
        data[column],
        wrong,
        "not_a_number",
        "Variables are finite numbers or missing. For shares of categories use `shares`.",
    )
    if bounds is not None:
        hint = f"Give bounds that hold all values, not {bounds[0]:g} to {bounds[1]:g}."
        _refuse(data[column], (found < bounds[0]) | (found > bounds[1]), "out_of_bounds", hint)
    return np.asarray(found, dtype=np.float64)


def condition(data: pd.DataFrame, column: str) -> Floats:
    """(R,) a column of truth values as 0 and 1, NaN where it has no value.

    Raises
    ------
    DataError
        if a value is anything but 0, 1 and missing
    """
    values = numbers(data, column)
    wrong = ~(np.isnan(values) | (values == 0) | (values == 1))
    hint = "A condition is true, false or missing; for shares of categories use `shares`."
    _refuse(data[column], wrong, "not_a_condition", hint)
    return values


def _refuse(values: pd.Series, wrong: Bools, code: str, hint: str) -> None:
    """Raise a DataError for the first wrong value, if there is one."""
    if not wrong.any():
        return
    row = int(np.argmax(wrong))
    value = values.iloc[row]
    shown = repr(value) if isinstance(value, str) else str(value)
    raise DataError(
        code,
        f"Column {values.name!r} holds {shown} in data row {row + 1}.",
        hint,
        column=values.name,
        row=row + 1,
    )


def cells_of(
    domains: Domains,
    weight: Floats,
    variables: Sequence[tuple[str, Floats, Floats | None]],
) -> Cells:
    """Cross variables with domains, variables slowest.

    Parameters
    ----------
    domains : of R rows
    weight : (R,) sampling weights; rows of weight 0 do not speak
    variables : name, (R,) numerator and (R,) denominator of each; NaN does not speak. None is 1;
        None in all makes the cells totals when the caller says so

    Returns
    -------
    Cells, names "variable" or "domain:variable"
    """
    counted = (domains.code != NONE) & (weight != 0)
    size = len(domains.labels)
    names, rows, columns, above, below = [], [], [], [], []
    for number, (name, numerator, denominator) in enumerate(variables):
        known = counted & ~np.isnan(numerator)
        if denominator is not None:
            known &= ~np.isnan(denominator)
        speak = np.flatnonzero(known)
        names += [f"{label}:{name}" if label else name for label in domains.labels]
        rows.append(speak)
        columns.append(domains.code[speak] + number * size)
        above.append(numerator[speak])
        below.append(np.ones(len(speak)) if denominator is None else denominator[speak])
    return Cells(
        names=tuple(names),
        domain=np.tile(np.arange(size), len(variables)),
        domains=domains,
        rows=np.concatenate([*rows, np.zeros(0, dtype=np.int64)]),
        column=np.concatenate([*columns, np.zeros(0, dtype=np.int64)]),
        numerator=np.concatenate([*above, np.zeros(0)]),
        denominator=np.concatenate([*below, np.zeros(0)]),
    )
