"""Answers of one group in the two forms that scoring reads: person by person, or summed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.codebook import BLANK, Codebook, Codes, Meaning
from analysis.errors import DataError
from analysis.sample import Bools, Floats, Ints
from analysis.weights import Weights, Wholes

NOBODY = -1
BLOCK = 10_000  # rows whose columns of numbers stay in a processor's own cache
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

    def values(self, asked: "Asked", unit: Ints, columns: int) -> tuple[Floats, Bools]:
        """(E, columns) sums of weight times what the tables say, and whether any row counts."""


@dataclass(frozen=True, eq=False)
class Asked:
    """S questions with what their codes are worth to each unit.

    Parameters
    ----------
    item : (S,) place of the question's item
    column : (S,) column that the question adds to
    table : (S, U, K) value of each code; 0 where it does not count
    counts : (S, U, K) whether it counts
    """

    item: Ints
    column: Ints
    table: Floats
    counts: Bools

    @cached_property
    def closed(self) -> list[tuple[int, int, Floats, Bools]]:
        """Item, column and tables of each question, the tables for `_closed` reading."""
        where = zip(self.item.tolist(), self.column.tolist(), strict=True)
        tables = zip(map(_closed, self.table), map(_closed, self.counts), strict=True)
        return [(*place, *pair) for place, pair in zip(where, tables, strict=True)]

    def of(self, column: int) -> "Asked":
        """The questions of one column, as the only one."""
        at = np.flatnonzero(self.column == column)
        return Asked(self.item[at], np.zeros_like(at), self.table[at], self.counts[at])


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
        all_codes = self.codes if spoken.all() else self.codes[spoken]
        base, addends = unit[spoken] * codes, self.weights.of(spoken)
        n = np.zeros((items, units * codes), dtype=np.int64)
        limbs = np.zeros((len(addends.limbs), *n.shape))
        for rows in blocks(len(base)):
            for item in range(items):
                cell = base[rows] + all_codes[rows, item]
                n[item] += np.bincount(cell, minlength=units * codes)
                for sums, limb in zip(limbs, addends.limbs, strict=True):
                    sums[item] += np.bincount(cell, limb[rows], minlength=units * codes)
        found = (by_item.reshape(items, units, codes) for by_item in (n, addends.joined(limbs)))
        counted, weighted = (np.ascontiguousarray(by_item.swapaxes(0, 1)) for by_item in found)
        return counted, weighted

    def values(self, asked: Asked, unit: Ints, columns: int) -> tuple[Floats, Bools]:
        """See `Answers.values`."""
        value = np.zeros((len(unit), columns), order="F")
        present = np.zeros((len(unit), columns), dtype=np.bool_, order="F")
        for rows in blocks(len(unit)):
            for column, worth, seen in self.each(asked, unit, rows):
                value[rows, column] += worth
                present[rows, column] |= seen
        return value, present

    def each(self, asked: Asked, unit: Ints, rows: slice) -> Iterator[tuple[int, Floats, Bools]]:
        """Yield a column, (n,) weight times what a question's table says, and what counts."""
        base, weight = unit[rows] * asked.table.shape[2], self.weight[rows]
        for item, column, table, counts in asked.closed:
            at = base + self.codes[rows, item]
            yield column, table[at] * weight, counts[at]

    def present(self, item: int, unit: Ints, counts: Bools) -> Bools:
        """(R,) whether the row has a code that counts, by (U, K) `counts`."""
        return np.asarray(_closed(counts)[unit * counts.shape[1] + self.codes[:, item]])


def _closed(table: npt.NDArray[_T]) -> npt.NDArray[_T]:
    """A table row after row, with a row of zeros at the end, where the unit -1 reads."""
    return np.concatenate([table.ravel(), np.zeros(table.shape[1], dtype=table.dtype)])


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
        n = np.zeros(shape, dtype=np.int64)
        weighted: Wholes = np.zeros(shape, dtype=self.weighted.dtype)
        for of, entries in _runs(unit):
            n[of] += self.n[entries].sum(axis=0)
            weighted[of] += self.weighted[entries].sum(axis=0)
        return n, weighted

    def values(self, asked: Asked, unit: Ints, columns: int) -> tuple[Floats, Bools]:
        """See `Answers.values`."""
        shape = (len(unit), columns)
        value, present = np.zeros(shape, order="F"), np.zeros(shape, dtype=np.int64, order="F")
        for of, entries in _runs(unit):
            sums = self.weighted[entries][:, asked.item].astype(np.float64)
            worth = np.einsum("esk,sk->es", sums, asked.table[:, of] / self.scale)
            seen = np.einsum("esk,sk->es", self.n[entries][:, asked.item], asked.counts[:, of])
            for question, column in enumerate(asked.column):
                value[entries, column] += worth[:, question]
                present[entries, column] += seen[:, question]
        return value, present > 0


def _runs(unit: Ints) -> Iterator[tuple[int, slice]]:
    """Units with the entries that follow each other about them; entries are sorted by unit."""
    edges = [0, *(np.flatnonzero(np.diff(unit)) + 1).tolist(), len(unit)]
    for start, stop in pairwise(edges):
        if stop > start and unit[start] != NOBODY:
            yield int(unit[start]), slice(start, stop)


def blocks(rows: int) -> Iterator[slice]:
    """Cut rows into blocks, whose columns need no new memory from the system each time."""
    return (slice(start, start + BLOCK) for start in range(0, rows, BLOCK))


def first_of(key: Ints, size: int) -> tuple[Ints, Ints]:
    """Number the keys that occur, in their order.

    Parameters
    ----------
    key : (R,) keys, 0 … size-1
    size : number of keys there can be

    Returns
    -------
    (R,) number of each key, 0 … E-1, and (E,) the first place of each

    Examples
    --------
    >>> [found.tolist() for found in first_of(np.array([7, 3, 7]), 8)]
    [[1, 0, 1], [1, 0]]
    """
    if size > 8 * len(key) + 1_000:
        _, first, entry = np.unique(key, return_index=True, return_inverse=True)
        return entry.astype(np.int64), first.astype(np.int64)
    first = np.full(size, len(key), dtype=np.int64)
    first[key[::-1]] = np.arange(len(key))[::-1]
    present = first < len(key)
    return (np.cumsum(present) - 1)[key], first[present]


def sum_by(group: Ints, values: npt.NDArray[Any], groups: int) -> npt.NDArray[Any]:
    """Sum entries by group, exactly for whole numbers.

    Parameters
    ----------
    group : (E,) group of each entry, 0 … groups-1; `NOBODY` leaves it out
    values : (E, …) what is summed
    groups : number of groups

    Returns
    -------
    (groups, …) sums in the type of `values`, 0 where a group has no entry. Floats are added in
    the order of the entries

    Examples
    --------
    >>> sum_by(np.array([1, 0, 1, -1]), np.array([[1], [2], [3], [9]]), 3).tolist()
    [[2], [4], [0]]
    """
    if values.dtype == np.float64:
        return _float_sums(group, values, groups)
    sums = np.zeros((groups, *values.shape[1:]), dtype=values.dtype)
    order = np.argsort(group, kind="stable")
    order = order[np.searchsorted(group[order], 0) :]
    if len(order):
        sorted_group = group[order]
        start = np.flatnonzero(np.diff(sorted_group, prepend=-1))
        ready = values if np.array_equal(order, np.arange(len(values))) else values[order]
        sums[sorted_group[start]] = np.add.reduceat(ready, start, axis=0, dtype=values.dtype)
    return sums


def _float_sums(group: Ints, values: Floats, groups: int) -> Floats:
    inside = group != NOBODY
    if not inside.all():
        group, values = group[inside], values[inside]
    if values.ndim == 1:
        return np.bincount(group, values, minlength=groups).astype(np.float64)
    sums = np.zeros((groups, *values.shape[1:]), order="F")
    for column, one in enumerate(np.asfortranarray(values).T):
        sums[:, column] = np.bincount(group, one, minlength=groups)
    return sums


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
    """Codes of a column of plain whole numbers, checked one by one where their range has gaps."""
    values = raw.to_numpy()
    usual = {BLANK, *meanings}
    low, high = (int(edge(values, initial=0)) for edge in (np.min, np.max))
    gaps = low < 0 or high > max(usual) or not usual.issuperset(range(high + 1))
    if gaps and not (known := np.isin(values, [*usual])).all():
        _refuse_code(raw, item, int(np.argmin(known)), meanings)
    return values.astype(np.uint8, copy=False)


def _refuse_code(raw: pd.Series, item: str, row: int, meanings: Mapping[int, Meaning]) -> None:
    answer = raw.iloc[row]
    answer = answer.item() if isinstance(answer, np.generic) else answer
    raise DataError(
        "unknown_code",
        f"Item {item!r} has the answer {answer!r} in data row {row + 1}.",
        f"Its codes are {', '.join(map(str, meanings))}; 0 or empty is blank.",
        item=item,
        row=row + 1,
        value=answer,
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
