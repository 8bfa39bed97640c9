"""Answers of one group in the two forms that scoring reads: person by person, or summed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.codebook import BLANK, Codebook, Codes, Meaning
from analysis.errors import DataError
from analysis.sample import Bools, Floats, Ints
from analysis.weights import Weights, Wholes

NOBODY = -1
_T = TypeVar("_T", bound=np.generic)


class Answers(Protocol):
    """Answers in E entries: rows of persons, or sums over the rows of a PSU about a unit.

    `unit` is always (E,), the unit that an entry speaks about or `NOBODY`; a `table` is (U, K),
    a value for each unit and code.
    """

    @property
    def rows(self) -> Ints:
        """(E,) rows behind each entry."""

    @property
    def by_person(self) -> bool:
        """Whether an entry is one row."""

    def count(self, unit: Ints, shape: tuple[int, int, int]) -> tuple[Ints, Wholes]:
        """(U, Q, K) rows with each code, and exact sums of their weights."""

    def value(self, column: int, unit: Ints, table: Floats) -> Floats:
        """(E,) sum of weight times the table's value over the rows of each entry."""

    def present(self, column: int, unit: Ints, table: Bools) -> Bools:
        """(E,) whether any row of the entry has a code that the table marks."""


@dataclass(frozen=True, eq=False)
class PersonAnswers:
    """One row an entry.

    Parameters
    ----------
    codes : (R, Q) codes, 0 = blank
    weights : exact weights of the rows
    weight : (R,) the same as floats
    """

    codes: Codes
    weights: Weights
    weight: Floats

    @property
    def rows(self) -> Ints:
        """(R,) ones."""
        return np.ones(len(self.codes), dtype=np.int64)

    @property
    def by_person(self) -> bool:
        """An entry is a row."""
        return True

    def count(self, unit: Ints, shape: tuple[int, int, int]) -> tuple[Ints, Wholes]:
        """See `Answers.count`."""
        units, items, codes = shape
        spoken = unit != NOBODY
        base = unit[spoken] * codes
        addends = self.weights.of(spoken)
        whole = bool(spoken.all())
        n = np.zeros(shape, dtype=np.int64)
        weighted = []
        for item in range(items):
            column = self.codes[:, item] if whole else self.codes[spoken, item]
            cell = base + column
            n[:, item] = np.bincount(cell, minlength=units * codes).reshape(units, codes)
            weighted.append(addends.sums(cell, units * codes).reshape(units, codes))
        return n, np.stack(weighted, axis=1) if weighted else np.zeros(shape, dtype=np.int64)

    def value(self, column: int, unit: Ints, table: Floats) -> Floats:
        """See `Answers.value`."""
        return self.weight * _look_up(table, unit, self.codes[:, column])

    def present(self, column: int, unit: Ints, table: Bools) -> Bools:
        """See `Answers.present`."""
        return _look_up(table, unit, self.codes[:, column])


def _look_up(table: npt.NDArray[_T], unit: Ints, codes: Codes) -> npt.NDArray[_T]:
    """(R,) the table's value of each row; 0 or False for rows about nobody."""
    width = table.shape[1]
    # Rows about nobody have the unit -1 and so read the row of zeros at the end.
    closed = np.concatenate([table.ravel(), np.zeros(width, dtype=table.dtype)])
    return np.asarray(closed[unit * width + codes])


@dataclass(frozen=True, eq=False)
class SummedAnswers:
    """Sums over the rows of an entry, a PSU and unit.

    Parameters
    ----------
    rows : (E,) rows behind each entry, those of weight 0 left out
    n : (E, Q, K) rows with each code
    weighted : (E, Q, K) exact sums of their weights, whole numbers of 1/`scale`
    scale : units of `weighted` in 1
    """

    rows: Ints
    n: npt.NDArray[np.int32]
    weighted: Wholes
    scale: int

    @property
    def by_person(self) -> bool:
        """An entry may hold many rows."""
        return False

    def count(self, unit: Ints, shape: tuple[int, int, int]) -> tuple[Ints, Wholes]:
        """See `Answers.count`."""
        n = sum_by(unit, self.n, shape[0]).astype(np.int64)
        return n, sum_by(unit, self.weighted, shape[0])

    def value(self, column: int, unit: Ints, table: Floats) -> Floats:
        """See `Answers.value`."""
        sums = self.weighted[:, column].astype(np.float64) / self.scale
        return np.asarray(np.einsum("ek,ek->e", sums, _rows_of(table, unit)))

    def present(self, column: int, unit: Ints, table: Bools) -> Bools:
        """See `Answers.present`."""
        return np.asarray(((self.n[:, column] > 0) & _rows_of(table, unit)).any(axis=1))


def sum_by(group: Ints, values: npt.NDArray[Any], groups: int) -> npt.NDArray[Any]:
    """Sum entries by group, exactly for whole numbers.

    Parameters
    ----------
    group : (E,) group of each entry, 0 … groups-1; `NOBODY` leaves it out
    values : (E, …) what is summed
    groups : number of groups

    Returns
    -------
    (groups, …) sums in the type of `values`, 0 where a group has no entry

    Examples
    --------
    >>> sum_by(np.array([1, 0, 1, -1]), np.array([[1], [2], [3], [9]]), 3).tolist()
    [[2], [4], [0]]
    """
    sums = np.zeros((groups, *values.shape[1:]), dtype=values.dtype)
    order = np.argsort(group, kind="stable")
    order = order[np.searchsorted(group[order], 0) :]
    if len(order):
        sorted_group = group[order]
        start = np.flatnonzero(np.diff(sorted_group, prepend=-1))
        ready = values if np.array_equal(order, np.arange(len(values))) else values[order]
        sums[sorted_group[start]] = np.add.reduceat(ready, start, axis=0, dtype=values.dtype)
    return sums


def _rows_of(table: npt.NDArray[_T], unit: Ints) -> npt.NDArray[_T]:
    """(E, K) the table's row of each entry; zeros where it speaks of nobody."""
    return np.concatenate([table, np.zeros((1, table.shape[1]), dtype=table.dtype)])[unit]


def read_codes(data: pd.DataFrame, codebook: Codebook) -> Codes:
    """Read the codes of every item.

    Parameters
    ----------
    data : R rows
    codebook : Q items

    Returns
    -------
    (R, Q) codes, 0 = blank, column by column in memory

    Raises
    ------
    DataError
        naming item, row and value of a code that the codebook lacks
    """
    answers = np.zeros((len(data), len(codebook.items)), dtype=np.uint8, order="F")
    for column, (item, meanings) in enumerate(codebook.items.items()):
        answers[:, column] = _codes_of(data[item], item, meanings)
    return answers


def _codes_of(raw: pd.Series, item: str, meanings: Mapping[int, Meaning]) -> Codes:
    if isinstance(raw.dtype, np.dtype) and raw.dtype.kind in "iu":
        return _codes_of_wholes(raw, item, meanings)
    codes = pd.to_numeric(raw, errors="coerce")
    blank = raw.isna() if raw.dtype.kind in "iuf" else raw.isna() | (raw == "")
    known = blank | codes.isin([BLANK, *meanings])
    if not known.all():
        _refuse_code(raw, item, int(np.argmin(known.to_numpy())), meanings)
    return codes.fillna(BLANK).to_numpy(dtype=np.uint8)


def _codes_of_wholes(raw: pd.Series, item: str, meanings: Mapping[int, Meaning]) -> Codes:
    """Codes of a column of plain whole numbers, checked by what occurs."""
    values = raw.to_numpy()
    inside = np.asarray((values >= 0) & (values <= 255)) if len(values) else np.ones(0, np.bool_)
    codes = values.astype(np.uint8, copy=False)
    occurring = np.flatnonzero(np.bincount(codes, minlength=256))
    if not inside.all() or set(occurring.tolist()) - {BLANK, *meanings}:
        known = inside & np.isin(values, [BLANK, *meanings])
        _refuse_code(raw, item, int(np.argmin(known)), meanings)
    return codes


def _refuse_code(raw: pd.Series, item: str, row: int, meanings: Mapping[int, Meaning]) -> None:
    raise DataError(
        "unknown_code",
        f"Item {item!r} has the answer {raw.iloc[row]!r} in data row {row + 1}.",
        f"Its codes are {', '.join(map(str, meanings))}; 0 or empty is blank.",
        item=item,
        row=row + 1,
        value=raw.iloc[row],
    )


def read_units(
    data: pd.DataFrame, column: str, units: Sequence[str] | None
) -> tuple[tuple[str, ...], Ints]:
    """Read which unit each row speaks about.

    Parameters
    ----------
    data : R rows
    column : column of unit codes
    units : the units there are; None takes those that occur, sorted

    Returns
    -------
    U unit codes, and (R,) the number of each row's unit

    Raises
    ------
    DataError
        naming the row that has no unit, or one outside the list
    """
    number, labels = pd.factorize(data[column])
    if (number < 0).any():
        row = int(np.argmax(number < 0)) + 1
        raise DataError(
            "missing_unit",
            f"Data row {row} names no unit in column {column!r}.",
            "Every row speaks about one unit.",
            column=column,
            row=row,
        )
    said = [str(label) for label in pd.Index(labels).astype("string")]
    names = tuple(sorted(set(said))) if units is None else tuple(units)
    place = pd.Index(names).get_indexer(pd.Index(said)).astype(np.int64)[number]
    if (place < 0).any():
        row = int(np.argmax(place < 0))
        raise DataError(
            "unknown_unit",
            f"Data row {row + 1} speaks about unit {said[number[row]]!r}, "
            "which is not in the list.",
            "Add it to the units, or leave its rows out.",
            unit=said[number[row]],
            row=row + 1,
        )
    return names, place
