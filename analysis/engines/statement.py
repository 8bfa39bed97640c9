"""The one SQL text by which every database sums answers, and how its result is read."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analysis.cells import SELF, Cells, gathered, key_columns
from analysis.codebook import Codebook
from analysis.design import SurveyDesign
from analysis.errors import DataError, DesignError
from analysis.weights import Ints


class Engine(Protocol):
    """A database that answers SELECT statements in ANSI SQL."""

    def select(self, text: str) -> pa.Table:
        """The answer to a statement."""

    def kept(self, statements: Mapping[str, str]) -> AbstractContextManager[None]:
        """Keep answers under names, each one for those after it, until the context ends."""


ANSWERS, ENTRIES, NUMBERED = "xhh_answers", "xhh_entries", "xhh_numbered"


@dataclass(frozen=True, slots=True)
class Statement:
    """Sums of answers by PSU, unit, item and code over one table.

    Parameters
    ----------
    table : name of the table or view; a dot separates its schema
    design : how the respondents were drawn
    codebook : items and codes
    unit : column of the rated unit
    rater_unit : column of the unit that the rater belongs to

    Raises
    ------
    DesignError
        if the design looks inside PSUs, or no column names them

    Examples
    --------
    >>> book = Codebook({"q1": {1: "choice"}})
    >>> one = Statement("t", SurveyDesign(psu="psu", weight="w"), book, "unit")
    >>> print(one.answers)
    SELECT "unit" AS key_0, "psu" AS key_1, 0 AS key_2,
      CAST(FLOOR("w" * 1e+09 + 0.5) AS BIGINT) AS weight,
      COALESCE("q1", 0) AS item_0
    FROM "t"
    >>> print(one.entries)
    SELECT key_0, key_1, key_2, ROW_NUMBER() OVER (ORDER BY key_0, key_1, key_2) - 1 AS entry,
      SUM(CASE WHEN weight > 0 THEN 1 ELSE 0 END) AS counted
    FROM xhh_answers GROUP BY key_0, key_1, key_2
    >>> print(one.sums)
    SELECT (entry * 1 + 0) * 3 + CASE WHEN item_0 BETWEEN 0 AND 1 THEN item_0 ELSE 2 END AS cell,
      COUNT(*) AS n, CAST(SUM(weight) AS BIGINT) AS weight
    FROM xhh_numbered GROUP BY 1
    """

    table: str
    design: SurveyDesign
    codebook: Codebook
    unit: str
    rater_unit: str | None = None

    def __post_init__(self) -> None:
        if self.design.psu is None and self.design.ballot is None:
            raise DesignError(
                "needs_ballot",
                "In a sample of persons each ballot is a PSU, and no column names the ballots.",
                "Name theirs in ballot, or PSUs in psu.",
            )

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns of the unit, stratum, PSU and sizes."""
        return tuple(dict.fromkeys((self.unit, *key_columns(self.design))))

    @property
    def answers(self) -> str:
        """Keys, weight as a whole number, and answers of each row."""
        own = "0"
        if self.rater_unit is not None:
            same = f"{quoted(self.rater_unit)} = {quoted(self.unit)}"
            own = f"CASE WHEN {same} THEN 1 ELSE 0 END"
        selected = [*(quoted(key) for key in self.keys), own]
        keys = ", ".join(f"{key} AS {name}" for key, name in zip(selected, self.names, strict=True))
        items = [f"COALESCE({quoted(q)}, 0) AS item_{p}" for p, q in enumerate(self.codebook.items)]
        columns = ",\n  ".join([f"{self._weight} AS weight", *items])
        return f"SELECT {keys},\n  {columns}\nFROM {self._from}"

    @property
    def entries(self) -> str:
        """Keys, number and counted rows of each entry."""
        names = ", ".join(self.names)
        return (
            f"SELECT {names}, ROW_NUMBER() OVER (ORDER BY {names}) - 1 AS entry,\n"
            "  SUM(CASE WHEN weight > 0 THEN 1 ELSE 0 END) AS counted\n"
            f"FROM {ANSWERS} GROUP BY {names}"
        )

    @property
    def numbered(self) -> str:
        """Entry, weight and answers of each row that counts."""
        same = [f"{ANSWERS}.{name} = {ENTRIES}.{name}" for name in self.names]
        items = [f"{ANSWERS}.item_{place}" for place in range(len(self.codebook.items))]
        return (
            f"SELECT {', '.join([f'{ENTRIES}.entry', f'{ANSWERS}.weight', *items])}\n"
            f"FROM {ANSWERS} JOIN {ENTRIES} ON {' AND '.join(same)}\n"
            f"WHERE {ANSWERS}.weight > 0"
        )

    @property
    def sums(self) -> str:
        """Rows and weights of each cell (entry, item, code) that has any, under its number."""
        items, width = len(self.codebook.items), self.codebook.width
        one = (
            "SELECT (entry * {items} + {place}) * {slots} + CASE WHEN item_{place} BETWEEN 0 AND "
            "{last} THEN item_{place} ELSE {width} END AS cell,\n"
            "  COUNT(*) AS n, CAST(SUM(weight) AS BIGINT) AS weight\n"
            "FROM {numbered} GROUP BY 1"
        )
        sizes = {"items": items, "slots": width + 1, "last": width - 1, "width": width}
        each = [one.format(place=p, numbered=NUMBERED, **sizes) for p in range(items)]
        return "\nUNION ALL\n".join(each)

    @property
    def faults(self) -> str:
        """Number of rows whose weight is no weight."""
        weight = quoted(self.design.weight or "")
        usable = f"{weight} >= 0 AND {weight} * 1e0 < 1e300"
        return f"SELECT SUM(CASE WHEN {usable} THEN 0 ELSE 1 END) AS faults FROM {self._from}"

    @property
    def names(self) -> list[str]:
        """Plain names of the keys inside the statement, the rater's own unit last."""
        return [f"key_{place}" for place in range(len(self.keys) + 1)]

    @property
    def _from(self) -> str:
        return ".".join(quoted(part) for part in self.table.split("."))

    @property
    def _weight(self) -> str:
        """A whole number of 10**-digits; half a unit goes up, as `read_weights` has it."""
        scale = 10**self.design.weight_digits
        if self.design.weight is None:
            return str(scale)
        return f"CAST(FLOOR({quoted(self.design.weight)} * {scale:.0e} + 0.5) AS BIGINT)"


def refused(error: Exception) -> DataError:
    """What a database says to a statement, as an error of ours."""
    said = str(error).strip().split("\n", maxsplit=1)[0]
    return DataError(
        "refused_by_database",
        f"The database refused the sums: {said}.",
        "Compare the names and types of the columns with the design and the codebook.",
    )


def quoted(name: str) -> str:
    """A name as ANSI SQL writes it."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def cells_by(engine: Engine, statement: Statement) -> Cells:
    """Sum answers in a database.

    Parameters
    ----------
    engine : where the table is
    statement : what is summed

    Returns
    -------
    Cells, equal to those that `analysis.cells.cells_of` gives for the same rows

    Raises
    ------
    DataError
        naming the item with a code that the codebook lacks, the column with a bad weight or a
        missing label, or what the database refused
    """
    _check_weights(engine, statement)
    with engine.kept(
        {
            ANSWERS: statement.answers,
            ENTRIES: statement.entries,
            NUMBERED: statement.numbered,
        }
    ):
        entries = engine.select(f"SELECT * FROM {ENTRIES} ORDER BY entry")
        sums = engine.select(statement.sums)
    keys = entries.select(statement.names).rename_columns([*statement.keys, SELF]).to_pandas()
    _check_keys(keys)
    keys[SELF] = keys[SELF].astype(bool)
    rows = _whole(entries, "counted")
    n, weighted = _sums(sums, statement.codebook, len(keys))
    scale = 10**statement.design.weight_digits
    return gathered(keys, statement.unit, rows, n, weighted, scale)


def _sums(table: pa.Table, codebook: Codebook, entries: int) -> tuple[npt.NDArray[np.int32], Ints]:
    """(E, Q, K) rows and weights out of a long table of cells."""
    shape = (entries, len(codebook.items), codebook.width + 1)
    n, weighted = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int64)
    cell = _whole(table, "cell")
    n.ravel()[cell] = _whole(table, "n")
    weighted.ravel()[cell] = _whole(table, "weight")
    for place, (item, meanings) in enumerate(codebook.items.items()):
        strange = [c for c in range(1, shape[2]) if c not in meanings and n[:, place, c].any()]
        if strange:
            raise DataError(
                "unknown_code",
                f"Item {item!r} has answers that are not in its codebook"
                + (f", such as {strange[0]}." if strange[0] < codebook.width else "."),
                f"Its codes are {', '.join(map(str, meanings))}; 0 or empty is blank.",
                item=item,
            )
    return np.ascontiguousarray(n[:, :, :-1]), np.ascontiguousarray(weighted[:, :, :-1])


def _whole(table: pa.Table, column: str) -> Ints:
    return np.asarray(table.column(column).cast(pa.int64(), safe=True).to_numpy())


def _check_keys(keys: pd.DataFrame) -> None:
    missing = keys.isna().any()
    if missing.any():
        column = str(missing.idxmax())
        raise DataError(
            "missing_label",
            f"Column {column!r} has no value in some rows.",
            "Fill it in, or leave the rows out.",
            column=column,
        )


def _check_weights(engine: Engine, statement: Statement) -> None:
    if statement.design.weight is None:
        return
    faults = engine.select(statement.faults).column("faults").to_pylist()[0]
    if faults:
        raise DataError(
            "bad_weight",
            f"Column {statement.design.weight!r} holds no weight in {faults} rows.",
            "Weights are finite numbers of 0 or more.",
            column=statement.design.weight,
            count=int(faults),
        )
