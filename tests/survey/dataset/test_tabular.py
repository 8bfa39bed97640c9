"""The shared reader of uploaded tables: what it reads, and what it refuses with a place."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest

from survey.dataset import delimited, tabular
from survey.dataset.tabular import read_table
from survey.errors import ImportFileError

SMALL = "Đơn vị,Điểm\nCục A,1\n"


def csv(text, encoding="utf-8"):
    return read_table("điểm.csv", text.encode(encoding))


def values(table):
    return [row.values for row in table.rows]


def book(*rows, change=lambda _book: None):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    change(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def xlsx(*rows, **options):
    return read_table("điểm.xlsx", book(*rows, **options))


def repacked(data, *, change=None, add=None, flag=0):
    """Return a workbook with members replaced or added, and perhaps marked as encrypted."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", 8) as new:
        for member in old.infolist():
            content = old.read(member)
            new.writestr(member.filename, (change or {}).get(member.filename, content))
        for name, content in (add or {}).items():
            new.writestr(name, content)
    packed = bytearray(file.getvalue())
    if flag:
        start = packed.find(b"PK\x01\x02")
        packed[start + 8] |= flag
    return bytes(packed)


def refusal(read, *arguments, **options):
    with pytest.raises(ImportFileError) as caught:
        read(*arguments, **options)
    return [(p.code, p.place) for p in caught.value.problems]


# --- CSV ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_reads_csv_with_every_delimiter_line_end_and_mark(mark, delimiter, end):
    text = mark + SMALL.replace(",", delimiter).replace("\n", end)

    table = csv(text)

    assert table.header == ("Đơn vị", "Điểm")
    assert values(table) == [("Cục A", "1")]
    assert table.position == {"Đơn vị": 0, "Điểm": 1}


def test_the_delimiter_is_found_outside_quotes():
    assert csv('"a,b,c";d\n1;2\n').header == ("a,b,c", "d")


def test_a_row_is_named_by_its_first_line_and_blank_lines_count():
    table = csv('a,b\n\n"one\ntwo",2\n,\n3,4\n')

    assert [(row.number, row.values) for row in table.rows] == [
        (3, ("one\ntwo", "2")),
        (6, ("3", "4")),
    ]


def test_cells_are_composed_and_trimmed_and_keep_leading_zeros():
    table = csv("Cu\u0323c \u00a0,M\u00e3\n A\u0306 ,007\n")

    assert table.header == ("Cục", "Mã")
    assert values(table) == [("Ă", "007")]


def test_spare_empty_columns_at_the_end_are_left_out():
    table = csv("a;b;;\n1;2;;\n")

    assert table.header == ("a", "b")
    assert values(table) == [("1", "2")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused(encoding):
    assert refusal(csv, SMALL.replace("Đ", "D"), encoding) == [("encoding", "")]


@pytest.mark.parametrize(
    "tail",
    [
        b"C\xf4c \xa7\xb5o t\xb9o",  # TCVN3 (ABC)
        b"C\xf9c \xd1a\xf8o ta\xef\xefo",  # VNI
        "Cu\u0323c".encode("cp1258", "ignore") + b"\xf2",  # Windows-1258
    ],
)
def test_other_vietnamese_encodings_are_refused_with_the_line(tail):
    data = b"unit,points\nA,1\n" + tail + b",2\n"

    assert refusal(read_table, "x.csv", data) == [("encoding", "3")]


def test_text_decoded_wrongly_before_is_refused_with_the_line():
    broken = "Sở Nội vụ".encode().decode("cp1252", "replace")

    assert refusal(csv, f"a,b\n1,2\n{broken},3\n") == [("mojibake", "3")]


def test_good_vietnamese_is_never_taken_for_broken_text():
    text = "ÂN ÃI, á à ả ã ạ Ă Â Đ Ê Ô Ơ Ư “Á”, ‘Ä’ sá «»".replace(",", " ")

    assert values(csv(f"a,b\n{text},1\n"))[0][0] == text


def test_nul_is_refused_with_the_line():
    assert refusal(csv, "a,b\n1,\x002\n") == [("nul", "2")]


def test_an_open_quote_is_refused_where_it_opens():
    assert refusal(csv, 'a,b\n1,2\n3,"4\n5,6\n') == [("quote", "3")]
    assert refusal(csv, 'a,b\n1,"' + "x" * 200_000) == [("quote", "2")]


def test_a_quote_inside_a_quoted_cell_must_be_doubled():
    assert refusal(csv, 'a,b\n"say "hi"",2\n') == [("quote", "2")]
    assert values(csv('a,b\n"say ""hi""",2\n')) == [('say "hi"', "2")]


def test_every_ragged_row_is_named():
    assert refusal(csv, "a,b\n1\n1,2\n1,2,3\n") == [("ragged", "2"), ("ragged", "4")]


def test_repeated_and_missing_names_of_columns_are_refused_together():
    assert refusal(csv, "a,,a\n1,2,3\n") == [("no-name", "1/2"), ("repeated-name", "1/a")]


def test_names_that_differ_only_by_invisible_characters_are_repeated():
    assert refusal(csv, "Cục,Cu\u0323c \n1,2\n") == [("repeated-name", "1/Cục")]


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", ",,\n", "a,b\n", "a,b\n,\n"])
def test_a_file_without_rows_is_refused(text):
    assert refusal(csv, text) == [("empty", "")]


def test_caps_hold(monkeypatch):
    wide = ",".join(f"c{n}" for n in range(6))

    assert refusal(read_table, "x.csv", b"a\n1\n2\n3\n", max_rows=2) == [("rows", "4")]
    assert refusal(read_table, "x.csv", wide.encode(), max_columns=5) == [("columns", "1")]
    assert refusal(csv, f"a,b\n{'x' * 40_000},1\n") == [("cell", "2")]
    monkeypatch.setattr(delimited, "MAX_LINE", 1000)
    assert refusal(csv, "a,b\n" + "1," * 600) == [("line", "2")]
    monkeypatch.setattr(tabular, "MAX_BYTES", 10)
    assert refusal(csv, "a,b\n1,2\n3,4\n") == [("too-large", "")]


def test_a_missing_column_is_refused_with_what_is_there():
    with pytest.raises(ImportFileError) as caught:
        csv(SMALL).require("Điểm", "Năm")

    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("missing-column", "")
    assert "Thiếu cột “Năm”; tệp có các cột: Đơn vị, Điểm" in str(caught.value)


# --- XLSX --------------------------------------------------------------------------------------


def test_reads_typed_cells_of_a_workbook_as_text():
    moment = datetime(2026, 3, 2, 9, 5)  # noqa: DTZ001 -- spreadsheets know no zones
    row = [" 007 ", 12, 0.1, 1e15, 12.50, 1e-7, date(2026, 3, 2), moment, time(8), True, None, "x"]

    table = xlsx([f"column {number}" for number in range(len(row))], row)

    assert values(table) == [
        (
            *("007", "12", "0.1", "1000000000000000", "12.5", "0.0000001"),
            *("2026-03-02", "2026-03-02 09:05:00", "08:00:00", "TRUE", "", "x"),
        )
    ]


def test_rows_of_a_workbook_keep_their_numbers_and_may_end_early():
    table = xlsx(["a", "b"], [], [None, None], ["1"], ["2", "3"])

    assert [(row.number, row.values) for row in table.rows] == [(4, ("1", "")), (5, ("2", "3"))]


def test_a_value_beyond_the_header_is_refused():
    assert refusal(xlsx, ["a", "b"], ["1", "2", None, "note"]) == [("ragged", "2")]


def test_reads_the_first_visible_sheet():
    def hide(made):
        made.active.sheet_state = "hidden"
        made.create_sheet("Hai").append(["c"])
        made["Hai"].append(["5"])

    assert xlsx(["a"], ["1"], change=hide).header == ("c",)


def test_a_workbook_is_known_by_its_content():
    assert read_table("điểm.csv", book(["a"], ["1"])).header == ("a",)


def test_a_formula_is_refused_with_its_cell():
    assert refusal(xlsx, ["a", "b"], ["1", "=1+1"]) == [("formula", "2/B")]


def test_text_that_looks_like_a_formula_is_text():
    def as_text(made):
        made.active["A2"].data_type = "s"

    assert values(xlsx(["a"], ["=1+1"], change=as_text)) == [("=1+1",)]


def test_an_error_of_the_spreadsheet_is_refused_with_its_cell():
    assert refusal(xlsx, ["a"], ["#N/A"]) == [("error", "2/A")]


def test_macros_are_refused_by_content():
    data = repacked(book(["a"], ["1"]), add={"xl/vbaProject.bin": b"x"})

    assert refusal(read_table, "x.xlsx", data) == [("macro", "")]


def test_encrypted_and_old_workbooks_are_refused_whatever_their_name():
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
    encrypted = old + "EncryptedPackage".encode("utf-16-le")

    assert refusal(read_table, "x.xlsx", old) == [("legacy", "")]
    assert refusal(read_table, "x.csv", old) == [("legacy", "")]
    assert refusal(read_table, "x.xlsx", encrypted) == [("encrypted", "")]
    locked = repacked(book(["a"], ["1"]), flag=1)
    assert refusal(read_table, "x.xlsx", locked) == [("encrypted", "")]


@pytest.mark.parametrize("name", ["x.xls", "X.XLSX", "x.ods"])
def test_another_format_under_a_name_of_a_workbook_is_refused(name):
    assert refusal(read_table, name, b"<html><table></table>") == [("not-a-workbook", "")]


def test_a_bomb_is_refused_before_it_is_inflated():
    bomb = repacked(book(["a"], ["1"]), add={"xl/big.xml": bytes(60_000_000)})
    dense = repacked(book(["a"], ["1"]), add={"xl/big.xml": bytes(20_000_000)})

    assert refusal(read_table, "x.xlsx", bomb) == [("too-large", "")]
    assert refusal(read_table, "x.xlsx", dense) == [("too-large", "")]


def test_members_that_lie_about_their_size_are_refused():
    data = bytearray(repacked(book(["a"], ["1"]), add={"xl/sharedStrings.xml": b"<sst/>" * 9}))
    name = data.rfind(b"xl/worksheets/sheet1.xml")
    data[name - 46 + 24 : name - 46 + 28] = (10).to_bytes(4, "little")

    assert refusal(read_table, "x.xlsx", bytes(data)) == [("broken", "")]


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil.xml", "a\\b.xml", "inner.zip"])
def test_strange_members_are_refused(name):
    data = repacked(book(["a"], ["1"]), add={name: b"x"})

    assert refusal(read_table, "x.xlsx", data) == [("broken", "")]


def test_entities_in_the_xml_are_refused():
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>'
    )
    data = repacked(book(["a"], ["1"]), change={"xl/worksheets/sheet1.xml": laughs})

    assert refusal(read_table, "x.xlsx", data) == [("xml", "")]


def test_a_claimed_size_of_the_sheet_is_not_believed():
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<dimension ref="A1:XFD1048576"/><sheetData>'
        b'<row r="1"><c r="A1" t="str"><v>a</v></c></row>'
        b'<row r="2"><c r="A2"><v>5</v></c></row></sheetData></worksheet>'
    )
    data = repacked(book(["x"]), change={"xl/worksheets/sheet1.xml": sheet})

    assert values(read_table("x.xlsx", data)) == [("5",)]


@pytest.mark.parametrize("cell", ["XFD1", "A1048576"])
def test_a_cell_far_away_is_refused(cell):
    def put(made):
        made.active[cell] = "far"

    assert refusal(xlsx, ["a"], ["1"], change=put)[0][0] in {"columns", "rows"}


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PK\x03\x04" + bytes(300), book(["a"])[:-200]])
def test_a_damaged_workbook_is_refused(data):
    assert refusal(read_table, "x.xlsx", data) == [("broken", "")]


def test_a_zip_of_something_else_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")

    assert refusal(read_table, "x.ods", file.getvalue()) == [("broken", "")]
