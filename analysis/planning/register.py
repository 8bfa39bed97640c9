"""The frame of a draw: units nested in each other, sorted, checked and hashed."""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from analysis.design import need_columns
from analysis.errors import DataError
from analysis.planning.stages import Stage


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of one stage.

    Parameters
    ----------
    label : its name inside the unit that holds it
    stratum : of its stage, "" where there are none
    size : measure of size
    order : what a systematic method sorts by, before the label
    """

    label: str
    stratum: str
    size: Fraction
    order: tuple[Any, ...]


class Register:
    """The units of every stage, by the path that leads to them.

    Parameters
    ----------
    frame : rows
    stages : the columns of each stage
    """

    def __init__(self, frame: pd.DataFrame, stages: Sequence[Stage]) -> None:
        self.columns = _columns(stages)
        need_columns(frame, self.columns, "the frame")
        if frame.empty:
            raise DataError("empty_frame", "The frame has no row.", "List the units to draw from.")
        data = {column: frame[column].tolist() for column in self.columns}
        texts = {column: _texts(column, values) for column, values in data.items()}
        self.digest = _digest(self.columns, texts)
        self._units: dict[tuple[str, ...], dict[str, Unit]] = {}
        for depth, stage in enumerate(stages):
            paths = list(zip(*(texts[s.unit] for s in stages[: depth + 1]), strict=True))
            rows: dict[tuple[str, ...], list[int]] = {}
            for row, path in enumerate(paths):
                rows.setdefault(path, []).append(row)
            if depth == len(stages) - 1:
                _refuse_repeated(rows, stage.unit)
            for path, at in rows.items():
                unit = _unit(path, at, stage, data, texts)
                self._units.setdefault(path[:-1], {})[path[-1]] = unit

    def told(self) -> list[str]:
        """Lines of a log that say how the hash is made and the units are sorted."""
        return [
            "hash: UTF-8 lines of the columns "
            + ", ".join(self.columns)
            + ", tab between, line feed after each, names first, then the rows sorted as text"
        ]

    def strata(self, path: tuple[str, ...]) -> dict[str, list[Unit]]:
        """Units of a stage inside the unit at `path`, by stratum, everything sorted."""
        found: dict[str, list[Unit]] = {}
        for unit in sorted(self._units[path].values(), key=lambda u: (u.stratum, u.order, u.label)):
            found.setdefault(unit.stratum, []).append(unit)
        return found


def _columns(stages: Sequence[Stage]) -> tuple[str, ...]:
    named: list[str | None] = []
    for stage in stages:
        named += [stage.unit, stage.strata, stage.size, *stage.order]
    return tuple(dict.fromkeys(name for name in named if name is not None))


def _texts(column: str, values: Sequence[Any]) -> list[str]:
    texts = [str(value) for value in values]
    for row, (value, text) in enumerate(zip(values, texts, strict=True), 1):
        missing = value is None or value is pd.NA or value != value or not text  # noqa: PLR0124 -- nan
        if missing or any(unicodedata.category(c) == "Cc" for c in text):
            raise DataError(
                "bad_label",
                f"Row {row} of the frame has {text!r} in column {column!r}.",
                "Give every cell a text or number without control characters.",
                column=column,
                row=row,
            )
    return texts


def _digest(columns: Sequence[str], texts: dict[str, list[str]]) -> str:
    rows = sorted("\t".join(cells) for cells in zip(*(texts[c] for c in columns), strict=True))
    lines = ["\t".join(columns), *rows]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _refuse_repeated(rows: dict[tuple[str, ...], list[int]], column: str) -> None:
    for path, at in rows.items():
        if len(at) > 1:
            raise DataError(
                "repeated_unit",
                f"Rows {at[0] + 1} and {at[1] + 1} of the frame both list {'/'.join(path)!r}.",
                "List every unit once, or draw a further stage.",
                column=column,
                unit=path[-1],
            )


def _unit(
    path: tuple[str, ...],
    rows: Sequence[int],
    stage: Stage,
    data: dict[str, list[Any]],
    texts: dict[str, list[str]],
) -> Unit:
    for column in (stage.strata, stage.size, *stage.order):
        if column is not None:
            _refuse_two(path, column, {texts[column][row] for row in rows})
    first = rows[0]
    size = Fraction(len(rows)) if stage.size is None else _size(path, stage.size, data, first)
    return Unit(
        path[-1],
        "" if stage.strata is None else texts[stage.strata][first],
        size,
        tuple(_sortable(data[column][first], texts[column][first]) for column in stage.order),
    )


def _refuse_two(path: tuple[str, ...], column: str, values: set[str]) -> None:
    if len(values) > 1:
        raise DataError(
            "two_values",
            f"Unit {'/'.join(path)!r} has two values of {column!r}: "
            f"{', '.join(sorted(values)[:2])}.",
            "Give all rows of a unit the same, or units of one name their own column.",
            column=column,
            unit=path[-1],
        )


def _size(path: tuple[str, ...], column: str, data: dict[str, list[Any]], row: int) -> Fraction:
    value = data[column][row]
    try:
        size = Fraction(value)
    except (TypeError, ValueError, ZeroDivisionError):
        size = Fraction(0)
    if size <= 0:
        raise DataError(
            "bad_size",
            f"Unit {'/'.join(path)!r} has the size {value!r} in column {column!r}.",
            "Give every unit a number above 0.",
            column=column,
            unit=path[-1],
            value=value,
        )
    return size


def _sortable(value: Any, text: str) -> tuple[int, float, str]:
    """Numbers by size, before text by code points."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (0, float(value), text)
    return (1, 0.0, text)
