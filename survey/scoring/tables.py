"""Files of points and of published indices: headings in two languages, cells with their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from survey.dataset.cells import in_order, problem
from survey.dataset.tabular import Table, read_table
from survey.dataset.workbook import ZIP
from survey.errors import N_, ImportFileError, Problem
from survey.scoring import numbers
from survey.scoring.framework import FIRST_YEAR, LAST_YEAR

# What a heading may be called, without accents and capitals; the first is what templates write.
POINTS_COLUMNS = {
    "unit": ("don_vi", "unit", "ma_don_vi"),
    "leaf": ("tieu_chi", "leaf", "ma_tieu_chi", "criterion"),
    "points": ("diem", "points"),
}
HISTORY_COLUMNS = {
    "unit": ("don_vi", "unit", "ma_don_vi"),
    "year": ("nam", "year"),
    "index": ("chi_so", "index"),
    "rank": ("hang", "rank", "xep_hang"),
    "source": ("nguon", "source"),
    "comparable": ("so_sanh_duoc", "comparable"),
}
OPTIONAL = {"rank", "comparable"}


@dataclass(frozen=True)
class Line:
    """A row of a file: its number, its cells by our own names of columns, and their headings."""

    number: int
    cells: Mapping[str, str]
    headings: Mapping[str, str]


@dataclass(frozen=True)
class PointsLine:
    """Points as a file gives them."""

    line: Line
    unit: str
    leaf: str
    points: Decimal


@dataclass(frozen=True)
class HistoryLine:
    """A published index as a file gives it."""

    line: Line
    unit: str
    year: int
    index: Decimal
    rank: int | None
    source: str
    is_comparable: bool


class FileReader:
    """Takes a table apart row by row and collects what is wrong."""

    def __init__(self, file_name: str, data: bytes, columns: Mapping[str, tuple[str, ...]]) -> None:
        self.problems: list[Problem] = []
        self.is_typed = data.startswith(ZIP)
        table = read_table(file_name, data)
        self.columns = table.header
        self.lines = list(_lines(table, _headings(table, columns)))

    def wrong(self, line: Line, column: str, code: str, message: str, **values: object) -> None:
        """Note a problem in a cell."""
        self.problems.append(problem(code, message, line.number, line.headings[column], **values))

    def finish(self) -> None:
        """Raise everything that was noted."""
        if self.problems:
            raise ImportFileError(in_order(self.problems, self.columns))

    def points(self) -> Iterator[PointsLine]:
        """Yield the rows of a file of points; rows that cannot be read are noted instead."""
        for line in self.lines:
            unit, leaf = self._text(line, "unit"), self._text(line, "leaf")
            points = self._number(line, "points")
            if unit and leaf and points is not None:
                yield PointsLine(line, unit, leaf, points)

    def history(self) -> Iterator[HistoryLine]:
        """Yield the rows of a file of published indices."""
        for line in self.lines:
            unit, source = self._text(line, "unit"), self._text(line, "source")
            year = self._whole(line, "year", FIRST_YEAR, LAST_YEAR)
            index, rank = self._number(line, "index"), self._rank(line)
            comparable = numbers.flag(line.cells.get("comparable", "") or "1")
            if comparable is None:
                message = N_("Ghi “có” hoặc “không”.")
                self.wrong(line, "comparable", "flag", message)
            if unit and source and year and index is not None:
                yield HistoryLine(line, unit, year, index, rank, source, bool(comparable))

    def _text(self, line: Line, column: str) -> str:
        text = line.cells[column]
        if not text:
            self.wrong(line, column, "empty", N_("Ô này không được để trống."))
        elif len(text) > 300:
            self.wrong(line, column, "long", N_("Nội dung dài quá 300 ký tự."))
            return ""
        return text

    def _number(self, line: Line, column: str) -> Decimal | None:
        text = self._text(line, column)
        if not text:
            return None
        try:
            return numbers.number(text, is_typed=self.is_typed)
        except numbers.UnreadableError as error:
            self.wrong(line, column, "number", str(error), value=text[:40])
            return None

    def _whole(self, line: Line, column: str, least: int, most: int) -> int | None:
        text = line.cells[column]
        if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
            return int(text)
        message = N_("“%(value)s” phải là số nguyên từ %(least)s đến %(most)s.")
        self.wrong(line, column, "integer", message, value=text[:40], least=least, most=most)
        return None

    def _rank(self, line: Line) -> int | None:
        return self._whole(line, "rank", 1, 10_000) if line.cells.get("rank") else None


def _headings(table: Table, columns: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the heading of each column that was found; all that are missing are named at once."""
    found: dict[str, str] = {}
    problems = []
    for heading in table.header:
        column = next((c for c, names in columns.items() if numbers.plain(heading) in names), None)
        if column in found:
            message = N_("Hai cột “%(first)s” và “%(second)s” cùng một ý nghĩa.")
            values: dict[str, Any] = {"first": found[column], "second": heading}
            problems.append(problem("two-columns", message, 1, heading, **values))
        elif column is not None:
            found[column] = heading
    known = ", ".join(table.header)[:500]
    for column, names in columns.items():
        if column not in found and column not in OPTIONAL:
            message = N_("Thiếu cột “%(name)s”; tệp có các cột: %(known)s.")
            problems.append(problem("missing-column", message, name=names[0], known=known))
    if problems:
        raise ImportFileError(problems)
    return found


def _lines(table: Table, headings: Mapping[str, str]) -> Iterator[Line]:
    at = {column: table.position[heading] for column, heading in headings.items()}
    for row in table.rows:
        yield Line(row.number, {c: row.values[i] for c, i in at.items()}, headings)


def template_of_points(missing: list[tuple[str, str]]) -> bytes:
    """Return a CSV file (UTF-8 with its mark, for spreadsheets) with a row for each value."""
    heading = ",".join(names[0] for names in POINTS_COLUMNS.values())
    rows = [heading, *(f"{unit},{leaf}," for unit, leaf in missing)]
    return ("\r\n".join(rows) + "\r\n").encode("utf-8-sig")
