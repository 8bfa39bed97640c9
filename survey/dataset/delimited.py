"""CSV: strictly UTF-8, with a comma, semicolon or tab, and every quote closed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from survey.dataset.cells import MAX_CELL, Cells, refuse
from survey.errors import N_

DELIMITERS = ",;\t"
MAX_LINE = 1_000_000  # characters
UTF16 = (b"\xff\xfe", b"\xfe\xff")
# UTF-8 that was once read as Latin-1 and saved again: “Sá»Ÿ” for “Sở”.
TWICE = re.compile("á[»º][\u0080-\u00bf\u2010-\u203a]|Æ°|Ã[\u00a1-\u00bf]|Ä[‘\u0091]")

SAVE_AS = N_(
    "Tệp không phải UTF-8 (thường là bảng mã TCVN3/ABC, VNI hoặc Windows-1258)."
    " Trong Excel hãy chọn Lưu thành → “CSV UTF-8”, rồi tải lên lại."
)
SAVE_AS_NOT_UTF16 = N_(
    "Tệp ở bảng mã UTF-16 (“Unicode Text”)."
    " Trong Excel hãy chọn Lưu thành → “CSV UTF-8”, rồi tải lên lại."
)


def read(data: bytes) -> Cells:
    """Yield row number and texts of each record; the number is that of its first line."""
    text = _decoded(data)
    delimiter = _delimiter(text)
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    start = 1
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            _explain(str(error), start)
        if any(len(value) > MAX_CELL for value in record):
            refuse("cell", N_("Một ô dài quá %(limit)s ký tự."), start, limit=MAX_CELL)
        yield start, record
        start = reader.line_num + 1


def _decoded(data: bytes) -> str:
    if data.startswith(UTF16) or b"\x00" in data[:4]:
        refuse("encoding", SAVE_AS_NOT_UTF16)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse("encoding", SAVE_AS, data.count(b"\n", 0, error.start) + 1)
    if "\x00" in text:
        refuse("nul", N_("Tệp chứa ký tự NUL, không phải CSV."), _line_of(text, text.find("\x00")))
    twice = TWICE.search(text)
    if twice:
        refuse(
            "mojibake",
            N_("Chữ bị vỡ dấu (“%(value)s”): tệp UTF-8 đã từng bị mở bằng bảng mã khác."),
            _line_of(text, twice.start()),
            value=text[twice.start() : twice.start() + 12].split("\n")[0],
        )
    return text


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _lines(text: str) -> Iterator[str]:
    # Universal newlines: a file with CR alone has lines too.
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        if len(line) > MAX_LINE:
            refuse("line", N_("Dòng dài quá %(limit)s ký tự."), number, limit=MAX_LINE)
        yield line


def _delimiter(text: str) -> str:
    first = next(_lines(text), "")
    unquoted = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=unquoted.count)


def _explain(error: str, row: int) -> None:
    if "unexpected end of data" in error or "field larger" in error:
        refuse("quote", N_("Dấu ngoặc kép mở ở dòng này không được đóng."), row)
    refuse("quote", N_('Dấu ngoặc kép trong ô phải được viết đôi ("").'), row)
