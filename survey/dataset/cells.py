"""What every reader of files shares: limits, and how a message names a place in a file."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NoReturn

from survey.errors import ImportFileError, Problem

MAX_BYTES = 64 * 1024 * 1024
MAX_CELL = 32_767  # characters, as in a spreadsheet
MAX_LISTED = 200  # problems that are listed one by one

Cells = Iterator[tuple[int, list[str]]]  # row number as people count it, texts of the cells


def place_of(row: int | None = None, column: str | None = None) -> str:
    """Return how a problem names a place: `row`, `row/column`, or the header's row.

    >>> place_of(3, "Sat")
    '3/Sat'
    """
    return "/".join(str(part) for part in (row, column) if part is not None)


def problem(
    code: str,
    message: str,
    row: int | None = None,
    column: str | None = None,
    /,
    **values: object,
) -> Problem:
    """Return a problem with its row and column, in the place and for pages in the values."""
    named = {"row": row, "column": column}
    known = {name: value for name, value in named.items() if value is not None}
    return Problem(place_of(row, column), code, message, {**known, **values})


def in_order(problems: Iterable[Problem], columns: Sequence[str]) -> list[Problem]:
    """Return problems from the top of a file to its end; those of no row come last."""
    position = {name: index for index, name in enumerate(columns)}

    def place(found: Problem) -> tuple[float, int]:
        row, column = found.values.get("row"), found.values.get("column")
        return (row if isinstance(row, int) else math.inf, position.get(str(column), -1))

    return sorted(problems, key=place)


def refuse(
    code: str,
    message: str,
    row: int | None = None,
    column: str | None = None,
    /,
    **values: object,
) -> NoReturn:
    """Refuse a file for one reason."""
    raise ImportFileError([problem(code, message, row, column, **values)])


def clean(text: str) -> str:
    """Return the text of a cell composed (NFC), without the white space around it."""
    return unicodedata.normalize("NFC", text).replace("\u00a0", " ").strip(" \t\r\n\ufeff\u200b")
