"""XLSX: looked at before it is inflated, then values alone, from the first visible sheet."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from defusedxml.common import DefusedXmlException

from survey.dataset.cells import MAX_CELL, problem, refuse
from survey.errors import N_, ImportFileError

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_MEMBERS = 200
MAX_SCANNED = 10_000_000  # cells, empty ones too
MAX_BLANK_ROWS = 100_000
NESTED = (".zip", ".xlsx", ".xlsm", ".docx", ".gz", ".7z", ".rar")

BROKEN = N_("Tệp Excel bị hỏng hoặc không đúng định dạng .xlsx. Hãy mở và lưu lại thành .xlsx.")
TOO_LARGE = N_(
    "Tệp Excel khi giải nén quá lớn (tối đa %(limit)s MB). Hãy lưu thành “CSV UTF-8” hoặc chia nhỏ."
)


def refuse_old(data: bytes) -> None:
    """Refuse the older Excel container, which also wraps workbooks with a password."""
    if not data.startswith(OLE):
        return
    if "EncryptedPackage".encode("utf-16-le") in data:
        refuse("encrypted", N_("Tệp Excel có mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại."))
    refuse("legacy", N_("Tệp Excel kiểu cũ (.xls). Hãy lưu lại thành .xlsx hoặc “CSV UTF-8”."))


def read(data: bytes, *, max_rows: int, max_columns: int) -> list[tuple[int, list[str]]]:
    """Return row number and texts of each row that is not empty."""
    _look_inside(data)
    with _explained():
        return list(_rows(data, max_rows, max_columns))


def _look_inside(data: bytes) -> None:
    # zipfile never inflates more of a member than its declared size, so declarations bind.
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            types = _content_types(archive, members)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _broken() from error
    names = [member.filename for member in members]
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(len(data), 100_000):
        refuse("too-large", TOO_LARGE, limit=MAX_UNPACKED // 1024 // 1024)
    if any(name.lower().endswith("vbaproject.bin") for name in names) or b"macroEnabled" in types:
        refuse("macro", N_("Tệp Excel có macro. Hãy lưu lại thành .xlsx không có macro."))
    nested = any(name.lower().endswith(NESTED) for name in names)
    unsafe = any(name.startswith("/") or ".." in name or "\\" in name for name in names)
    repeated = len(set(names)) < len(names)
    if len(members) > MAX_MEMBERS or nested or unsafe or repeated or not types:
        raise _broken()


def _content_types(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> bytes:
    for member in members:
        if member.flag_bits & 1:
            refuse("encrypted", N_("Tệp Excel có mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại."))
        if member.filename == "[Content_Types].xml" and member.file_size < 1_000_000:
            return archive.read(member)
    return b""


def _broken() -> ImportFileError:
    return ImportFileError([problem("broken", BROKEN)])


@contextmanager
def _explained() -> Iterator[None]:
    """Turn whatever the reader of a hostile or damaged workbook raises into one message."""
    try:
        # Parts of a workbook that are not read, such as its printing, are warned about.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (ImportFileError, MemoryError):
        raise
    except Exception as error:  # the reader promises no particular kinds
        if isinstance(error, DefusedXmlException) or isinstance(
            error.__cause__, DefusedXmlException
        ):
            refuse("xml", N_("Tệp Excel chứa khai báo XML không an toàn nên không được đọc."))
        raise _broken() from error


def _rows(data: bytes, max_rows: int, max_columns: int) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    try:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not visible:
            refuse("sheet", N_("Tệp Excel không có trang tính nào hiển thị."))
        sheet = visible[0]
        sheet.reset_dimensions()  # what the file says about its size is not believed
        scanned = 0
        for number, row in enumerate(sheet.iter_rows(), 1):
            scanned += len(row) + 1
            if scanned > MAX_SCANNED:
                refuse("too-large", TOO_LARGE, limit=MAX_UNPACKED // 1024 // 1024)
            values = _trimmed([_text(cell, number) for cell in row])
            if len(values) > max_columns:
                refuse("columns", N_("Tệp có quá %(limit)s cột."), number, limit=max_columns)
            if number > max_rows + MAX_BLANK_ROWS:
                refuse("rows", N_("Tệp có quá %(limit)s dòng."), number, limit=max_rows)
            if values:
                yield number, values
    finally:
        book.close()


def _trimmed(values: list[str]) -> list[str]:
    while values and not values[-1]:
        values.pop()
    return values


def _text(cell: Any, row: int) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        message = N_("Ô chứa công thức. Hãy dán lại thành giá trị rồi tải lên lại.")
        refuse("formula", message, row, cell.column_letter)
    if cell.data_type == "e":
        message = N_("Ô chứa lỗi của Excel (%(value)s).")
        refuse("error", message, row, cell.column_letter, value=str(value)[:20])
    text = _written(value)
    if len(text) > MAX_CELL:
        message = N_("Một ô dài quá %(limit)s ký tự.")
        refuse("cell", message, row, cell.column_letter, limit=MAX_CELL)
    return text


def _written(value: object) -> str:
    """Return a typed cell as text: whole numbers without a point, days as yyyy-mm-dd."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        number = Decimal(repr(value))
        return format(number.quantize(Decimal(1)) if value.is_integer() else number, "f")
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
