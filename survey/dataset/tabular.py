"""The one reader of uploaded tables: CSV or XLSX in, texts out, or what is wrong and where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from survey.dataset import delimited, workbook
from survey.dataset.cells import MAX_BYTES, MAX_LISTED, Cells, clean, problem, refuse
from survey.errors import N_, ImportFileError, Problem

SHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


@dataclass(frozen=True)
class Row:
    """A row of the file: its number as people count it, and one text for each column."""

    number: int
    values: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The header and the rows below it; every row has as many values as the header."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]

    @cached_property
    def position(self) -> dict[str, int]:
        """Return where each column stands."""
        return {name: index for index, name in enumerate(self.header)}

    def require(self, *columns: str) -> None:
        """Refuse the file when a column is missing, naming the columns that are there."""
        known = ", ".join(self.header)
        message = N_("Thiếu cột “%(name)s”; tệp có các cột: %(known)s.")
        missing = [
            problem("missing-column", message, name=name, known=known[:500])
            for name in dict.fromkeys(columns)
            if name not in self.position
        ]
        if missing:
            raise ImportFileError(missing)


def read_table(
    file_name: str, data: bytes, *, max_rows: int = 200_000, max_columns: int = 500
) -> Table:
    """Return the table in a CSV or XLSX file; the content decides which, not the name.

    Raises `ImportFileError` naming row and column: a wrong encoding, an open quote, ragged rows,
    empty or repeated headers, formulas, macros, passwords, old formats, and files that would
    unpack to more than a table of this size.
    """
    if len(data) > MAX_BYTES:
        refuse("too-large", N_("Tệp lớn quá %(limit)s MB."), limit=MAX_BYTES // 1024 // 1024)
    is_workbook = data.startswith(workbook.ZIP)
    records = _records(file_name, data, max_rows, max_columns)
    first = next(((n, values) for n, values in records if any(map(clean, values))), None)
    if first is None:
        refuse("empty", N_("Tệp không có nội dung."))
    header = _header(*first, max_columns)
    rows = _rows(records, header, max_rows, pad=is_workbook)
    if not rows:
        refuse("empty", N_("Tệp chỉ có dòng tiêu đề, không có số liệu."))
    return Table(header, rows)


def _records(file_name: str, data: bytes, max_rows: int, max_columns: int) -> Cells:
    workbook.refuse_old(data)
    if data.startswith(workbook.ZIP):
        return iter(workbook.read(data, max_rows=max_rows, max_columns=max_columns))
    if file_name.lower().endswith(SHEETS):
        refuse(
            "not-a-workbook",
            N_("Tên tệp là bảng tính nhưng nội dung không phải. Hãy lưu lại thành .xlsx."),
        )
    return delimited.read(data)


def _header(row: int, values: list[str], max_columns: int) -> tuple[str, ...]:
    names = [clean(value) for value in values]
    while not names[-1]:
        names.pop()
    if len(names) > max_columns:
        refuse("columns", N_("Tệp có quá %(limit)s cột."), row, limit=max_columns)
    problems: list[Problem] = []
    for number, name in enumerate(names, 1):
        if not name:
            message = N_("Cột thứ %(number)s không có tên.")
            problems.append(problem("no-name", message, row, str(number), number=number))
        elif name in names[: number - 1]:
            message = N_("Tên cột “%(name)s” lặp lại.")
            problems.append(problem("repeated-name", message, row, name, name=name[:100]))
    if problems:
        raise ImportFileError(problems[:MAX_LISTED])
    return tuple(names)


def _rows(records: Cells, header: tuple[str, ...], max_rows: int, *, pad: bool) -> tuple[Row, ...]:
    rows: list[Row] = []
    problems: list[Problem] = []
    width = len(header)
    for number, raw in records:
        values = [clean(value) for value in raw]
        while len(values) > width and not values[-1]:
            values.pop()
        if not any(values):
            continue
        if pad:  # a workbook does not write the empty cells at the end of a row
            values += [""] * (width - len(values))
        if len(values) != width:
            message = N_("Dòng có %(found)s ô, tiêu đề có %(wanted)s cột.")
            values_of = {"found": len(values), "wanted": width}
            problems.append(problem("ragged", message, number, **values_of))
        rows.append(Row(number, tuple(values)))
        if len(rows) > max_rows:
            refuse("rows", N_("Tệp có quá %(limit)s dòng."), number, limit=max_rows)
        if len(problems) >= MAX_LISTED:
            break
    if problems:
        raise ImportFileError(problems)
    return tuple(rows)
