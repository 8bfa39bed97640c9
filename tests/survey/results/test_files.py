"""Files of a run: typed cells, no formulas, and the mark of generated data on every one."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest

from survey.results import files
from survey.results.columns import COLUMNS
from survey.results.services import make_run
from tests.support.campaigns import SmallCampaign
from tests.support.ministry import ten_departments
from tests.support.pages import text

LABEL = "Số liệu mô phỏng"


@pytest.fixture
def generated(session, settings, at):
    small = ten_departments(session, per_unit=2)
    return make_run(session, settings, small.campaign, actor="an", at=at, seed=0)


@pytest.fixture
def hostile(session, settings, at):
    """Two units whose names a spreadsheet would compute or open."""
    small = SmallCampaign(session, {"A": "=1+1", "B": "http://example.com/"})
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "A"}, "B": {"c1": "B"}}, 6)
    small.ballots("CANBO", {"A": {"c1": "C"}, "B": {"c1": "D"}}, 3)
    return make_run(session, settings, small.campaign, actor="an", at=at, seed=0)


def workbook(run):
    content = files.content(run.result, "results.xlsx", "vi")
    return openpyxl.load_workbook(io.BytesIO(content))


def test_a_workbook_holds_numbers_as_numbers_and_text_as_text(hostile):
    sheet = workbook(hostile)["Kết quả"]
    keys = [column.key for column in COLUMNS]
    rows = [dict(zip(keys, row, strict=True)) for row in sheet.iter_rows(min_row=2)]

    for row in rows:
        assert row["unit_name"].data_type == "s"
        assert row["points"].data_type == row["max_points"].data_type == "n"
        assert isinstance(row["points"].value, int | float)
        assert row["generated"].data_type == "b"
    assert {row["unit_name"].value for row in rows} == {"=1+1", "http://example.com/"}


def test_a_workbook_has_no_formula_and_no_link(hostile):
    for sheet in workbook(hostile):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.coordinate
                assert cell.hyperlink is None, cell.coordinate


def test_a_csv_guards_texts_that_look_like_formulas(hostile):
    content = files.content(hostile.result, "results.csv", "vi")

    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert {row["unit_name"] for row in rows} == {"'=1+1", "http://example.com/"}
    assert all(float(row["points"]) >= 0 for row in rows)


def test_every_file_of_generated_data_says_so(generated):
    assert LABEL in files.content(generated.result, "results.csv", "vi").decode().splitlines()[0]
    assert LABEL in files.content(generated.result, "method.md", "vi").decode()
    result = json.loads(files.content(generated.result, "run.json", "vi"))
    assert result["is_generated"] is True
    assert result["generated_label"]["vi"] == LABEL
    for sheet in workbook(generated):
        assert any(LABEL in str(cell.value) for row in sheet["A1:A2"] for cell in row), sheet.title


def test_every_page_of_generated_data_says_so(generated, login):
    analyst = login("analyst")
    start = f"/staff/results/runs/{generated.id}"

    for path in ("/staff/results/campaigns/XHH-2025", start, f"{start}/blocks/CUC/units/CVT"):
        assert LABEL in text(analyst.document(path)), path
    assert LABEL in text(analyst.document("/staff/results/"))


def test_the_chart_of_generated_data_differs_from_that_of_real_data(generated):
    result = json.loads(generated.result)
    block = result["blocks"][0]

    marked = files.chart(result, block, "vi")
    unmarked = files.chart(result | {"is_generated": False}, block, "vi")

    assert marked == files.chart(result, block, "vi")
    assert len(marked) > len(unmarked)


def test_real_data_carry_no_such_mark(hostile):
    for name in files.NAMES:
        if name != "results.xlsx":
            assert LABEL not in files.content(hostile.result, name, "vi").decode("utf-8-sig")
    cells = [str(c.value) for sheet in workbook(hostile) for row in sheet.iter_rows() for c in row]
    assert not [value for value in cells if LABEL in value]


def test_files_speak_english_as_well(generated):
    assert "Generated data" in files.content(generated.result, "method.md", "en").decode()
    sheets = openpyxl.load_workbook(
        io.BytesIO(files.content(generated.result, "results.xlsx", "en"))
    ).sheetnames
    assert sheets[0] == "Read first"


def test_downloads_arrive_under_the_name_of_the_campaign(generated, login):
    analyst = login("analyst")

    for name, kind in files.NAMES.items():
        answer = analyst.get(f"/staff/results/runs/{generated.id}/files/{name}")
        assert answer.status_code == 200
        assert answer.mimetype == kind
        assert f"XHH-2025-{name}" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("sort", ["unit", "-unit", "total", "-total", "1.1", "-1.1", "nonsense"])
def test_the_wide_table_sorts_by_any_column(generated, login, sort):
    page = login("analyst").document(f"/staff/results/runs/{generated.id}?sort={sort}")

    rows = page.findall(".//{*}table[@id='matrix']/{*}tbody/{*}tr")
    assert len(rows) == 10
    totals = [float(row.find("{*}td").text.replace(",", ".")) for row in rows]
    if sort == "total":
        assert totals == sorted(totals)
    if sort == "-total":
        assert totals == sorted(totals, reverse=True)


def test_a_workbook_counts_groups_and_only_strata_of_thirty_people(session, settings, at):
    small = SmallCampaign(session, ["A"])
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    for code, sampled in (("LON", 200), ("NHO", 18), ("BE", 12)):
        small.stratum("CANBO", code, sampled=sampled)
    for code in ("LON", "NHO", "BE"):
        small.ballots(code, {"A": {"c1": "A"}}, 7)
    run = make_run(session, settings, small.campaign, actor="an", at=at, seed=0)

    lines = list(workbook(run)["Số phiếu"].iter_rows(min_row=2, min_col=2, values_only=True))

    assert lines == [
        ("Cả nhóm", 230, 21, 0),
        ("Tầng BE", 12, "không nêu", "không nêu"),
        ("Tầng LON", 200, 7, 0),
        ("Tầng NHO", 18, "không nêu", "không nêu"),
    ]


@pytest.fixture
def whole(session, settings, at):
    """Units of 62.5 appraised and 37.5 surveyed points, one of them without survey answers."""
    small = SmallCampaign(session, ["A", "B", "C"])
    small.leaf("0.1", "62.5", mode="appraised")
    small.leaf("1.1", "37.5")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "B"}, "B": {"c1": "A"}, "C": {}}, 8)
    small.ballots("CANBO", {"A": {"c1": "A"}, "B": {"c1": "C"}, "C": {}}, 8)
    for unit, points in {"A": "50", "B": "40", "C": "60"}.items():
        small.points(unit, "0.1", points)
    return make_run(session, settings, small.campaign, actor="an", at=at, seed=0)


def csv_rows(run):
    content = files.content(run.result, "results.csv", "vi").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_every_row_says_what_its_error_and_interval_are_measured_in(whole):
    rows = csv_rows(whole)

    for row in rows:
        assert row["scale"] == ("index" if row["level"] == "index" else "points")
        assert row["estimate"] == (row["index"] if row["level"] == "index" else row["points"])
        assert row["level"] == "index" or row["index"] == ""
        assert row["generated"] == "false"
        if row["estimate"]:
            share = float(row["points"]) / float(row["max_points"])
            assert float(row["share"]) == pytest.approx(share)
        if row["ci_low"]:
            assert float(row["ci_low"]) <= float(row["estimate"]) <= float(row["ci_high"])
    of_a = {row["level"]: row for row in rows if row["unit"] == "A"}
    assert float(of_a["index"]["index"]) == pytest.approx(80)
    assert float(of_a["index"]["se"]) == pytest.approx(float(of_a["survey"]["se"]))


def test_the_files_give_no_rank_to_a_unit_without_survey_answers(whole):
    index = {row["unit"]: row for row in csv_rows(whole) if row["level"] == "index"}

    assert {unit: row["rank"] for unit, row in index.items()} == {"A": "1", "B": "2", "C": ""}
    assert "chưa đủ điều tra xã hội học" in index["C"]["notes"]


def test_ranks_stand_on_the_rows_of_the_survey_where_points_are_missing(session, settings, at):
    small = SmallCampaign(session, ["A", "B"])
    small.leaf("0.1", "62.5", mode="appraised")
    small.leaf("1.1", "37.5")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "B"}, "B": {"c1": "A"}}, 8)
    run = make_run(session, settings, small.campaign, actor="an", at=at, seed=0)

    ranks = {(row["unit"], row["level"]): row["rank"] for row in csv_rows(run)}

    assert [ranks[unit, "survey"] for unit in "AB"] == ["2", "1"]
    assert [ranks[unit, "index"] for unit in "AB"] == ["", ""]


@pytest.mark.parametrize(
    ("language", "sheet", "heading", "level"),
    [("vi", "Kết quả", "Sai số chuẩn", "chỉ số"), ("en", "Results", "Standard error", "index")],
)
def test_the_workbook_speaks_one_language_and_explains_its_columns(
    whole, language, sheet, heading, level
):
    content = files.content(whole.result, "results.xlsx", language)
    book = openpyxl.load_workbook(io.BytesIO(content))

    header, first, *_ = book[sheet].iter_rows(values_only=True)
    explained = dict(book.worksheets[0].iter_rows(min_row=2, max_col=2, values_only=True))

    assert heading in header
    assert first[1] == level
    assert set(header) <= set(explained)
    assert all(
        column.key in explained[title] for title, column in zip(header, COLUMNS, strict=True)
    )
