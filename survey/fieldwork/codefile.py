"""The list of codes as a file to hand over: once, as CSV or XLSX, with links and typed codes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from survey.ballotbox.codes import grouped
from survey.errors import N_
from survey.fieldwork.services import IssuedCode

HEADER = (
    N_("Nhóm"),
    N_("Tầng"),
    N_("Tên tầng"),
    N_("Cụm"),
    N_("Mã để gõ"),
    N_("Liên kết"),
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Say = Callable[[str], str]


def link(base: str, campaign: str, code: str) -> str:
    """Return the address that opens a form; the code is in the fragment, which no server sees."""
    return f"{base.rstrip('/')}/q/{campaign}#{code}"


def rows(
    issued: Sequence[IssuedCode], *, base: str, campaign: str, say: Say
) -> Iterator[tuple[str, ...]]:
    """Yield the header and a row for each code."""
    yield tuple(say(name) for name in HEADER)
    for one in issued:
        address = link(base, campaign, one.code)
        yield one.group, one.stratum, one.label, one.cluster, grouped(one.code), address


def as_csv(lines: Iterator[tuple[str, ...]]) -> bytes:
    """Return the list as CSV, UTF-8 with BOM; no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for line in lines:
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in line])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Iterator[tuple[str, ...]]) -> bytes:
    """Return the list as a workbook of plain texts."""
    import xlsxwriter

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                sheet.write_string(number, column, cell, None if number else bold)
        sheet.freeze_panes(1, 0)
        for column, width in enumerate((14, 14, 36, 14, 18, 60)):
            sheet.set_column(column, column, width)
    return file.getvalue()


WRITERS = {"csv": as_csv, "xlsx": as_xlsx}
