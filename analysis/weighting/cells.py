"""Cells of one classification, or of several that are crossed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.design import need_columns
from analysis.errors import DataError, DesignError
from analysis.weights import Bools, Floats, Ints

Population = Mapping[str | tuple[str, ...], float]


@dataclass(frozen=True, eq=False)
class Cells:
    """Which cell each of R rows lies in.

    Parameters
    ----------
    name : the columns, joined by ":"
    code : (R,) cell of the row, 0 … C-1, or -1 in a row without a label
    parts : for each of C cells its label in each column, ascending
    """

    name: str
    code: Ints
    parts: tuple[tuple[str, ...], ...]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """C labels, those of crossed columns joined by "."."""
        return tuple(".".join(part) for part in self.parts)

    @property
    def indicator(self) -> sparse.csr_array:
        """(C, R) 1 where the row lies in the cell."""
        rows = np.flatnonzero(self.code >= 0)
        shape = (len(self.parts), len(self.code))
        return sparse.csr_array((np.ones(len(rows)), (self.code[rows], rows)), shape=shape)

    def sums(self, weights: Floats) -> Floats:
        """(C,) or (C, K) sums of (R,) or (R, K) weights."""
        if weights.ndim == 1:
            found = np.bincount(self.code + 1, weights, minlength=len(self.parts) + 1)[1:]
            return np.asarray(found, dtype=np.float64)
        return np.asarray(self.indicator @ weights, dtype=np.float64)


def cells_of(data: pd.DataFrame, columns: Sequence[str], used: Bools) -> Cells:
    """Number the cells of crossed columns.

    Parameters
    ----------
    data : R rows
    columns : the classifications that are crossed
    used : (R,) rows that must have a label; the others get -1

    Returns
    -------
    Cells, those alone that hold a row in use

    Raises
    ------
    DataError
        if a column is missing, or a row in use has no label

    Examples
    --------
    >>> rows = pd.DataFrame({"sex": ["F", "M", "F"], "age": [1, 1, 2]})
    >>> cells = cells_of(rows, ["sex", "age"], np.array([True, True, True]))
    >>> cells.labels, cells.code.tolist()
    (('F.1', 'F.2', 'M.1'), [0, 2, 1])
    """
    need_columns(data, tuple(columns), "the cells")
    key = np.zeros(len(data), dtype=np.int64)
    named: list[list[str]] = []
    for column in columns:
        codes, values = pd.factorize(data[column], sort=True)
        if (used & (codes < 0)).any():
            raise _unlabelled(column, used & (codes < 0))
        key = key * max(len(values), 1) + codes
        named.append([label_of(value) for value in values])
    code, present = pd.factorize(key[used], sort=True)
    whole = np.full(len(data), -1, dtype=np.int64)
    whole[used] = code
    places = np.unravel_index(present, [max(len(names), 1) for names in named])
    parts = [[names[i] for i in place] for names, place in zip(named, places, strict=True)]
    return Cells(":".join(columns), whole, tuple(zip(*parts, strict=True)))


def label_of(value: object) -> str:
    """The text of a label; 2.0, which a column of whole numbers with a gap holds, is "2".

    Examples
    --------
    >>> label_of(2.0), label_of("N.1")
    ('2', 'N.1')
    """
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def targets_of(cells: Cells, population: Population) -> Floats:
    """(C,) population of each cell.

    Parameters
    ----------
    cells : C cells of the sample
    population : size by label; the label of crossed columns is joined by ".", or a tuple

    Raises
    ------
    DesignError
        if a cell of the sample is not in the population or the reverse, or a size is not positive
    """
    sizes = {_key(label): float(size) for label, size in population.items()}
    for label in cells.labels:
        if label not in sizes:
            raise _cell_error(
                "cell_not_in_population",
                cells,
                label,
                f"Cell {label!r} of {cells.name} has respondents but no population size.",
                "Give its size, or join the cell with another.",
            )
    for label, size in sizes.items():
        _check_size(cells, label, size)
    return np.array([sizes[label] for label in cells.labels], dtype=np.float64)


def _check_size(cells: Cells, label: str, size: float) -> None:
    known = label in cells.labels
    if not np.isfinite(size) or size < 0 or (known and size == 0):
        raise _cell_error(
            "bad_population",
            cells,
            label,
            f"Cell {label!r} of {cells.name} has the population size {size:g}.",
            "Sizes are finite numbers above 0.",
        )
    if not known and size > 0:
        raise _cell_error(
            "cell_without_respondents",
            cells,
            label,
            f"Cell {label!r} of {cells.name} has {size:g} people in the population but nobody "
            "in the sample.",
            "Join the cell with another, in the data and in the population.",
        )


def _key(label: object) -> str:
    return ".".join(map(label_of, label)) if isinstance(label, tuple) else label_of(label)


def _cell_error(code: str, cells: Cells, label: str, message: str, hint: str) -> DesignError:
    return DesignError(code, message, hint, margin=cells.name, cell=label)


def _unlabelled(column: str, wrong: Bools) -> DataError:
    row = int(np.argmax(wrong)) + 1
    return DataError(
        "missing_label",
        f"Column {column!r} has no value in data row {row} ({int(wrong.sum())} such rows).",
        "Fill it in: a row that counts must lie in a cell.",
        column=column,
        row=row,
        count=int(wrong.sum()),
    )
