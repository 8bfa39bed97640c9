"""Points and earlier indices from files: whole or not at all, with row and column."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from survey.administration.services import load_organisation
from survey.clock import now
from survey.errors import ImportFileError, NotFoundError
from survey.model.audit import AuditEvent
from survey.model.organisation import Unit
from survey.model.scoring import PublishedIndex, UnitPoints
from survey.scoring import queries
from survey.scoring.services import import_history, import_points, load_framework
from tests.support.definitions import FRAMEWORK, ORGANISATION

PAGE = "/staff/scoring/points/2026"
HISTORY = "/staff/scoring/history"
GOOD = "don_vi,tieu_chi,diem\nB,1.1,1.5\nC,1.1,2\n"


@pytest.fixture(autouse=True)
def framework(session):
    load_organisation(session, ORGANISATION, actor="an", at=now())
    load_framework(session, FRAMEWORK, actor="an", at=now())


def import_(session, text, year=2026, **options):
    data = text if isinstance(text, bytes) else text.encode()
    return import_points(session, year, "diem.csv", data, actor="an", at=now(), **options)


def stored(session):
    rows = session.execute(
        select(Unit.code, UnitPoints.points).join(Unit, UnitPoints.unit_id == Unit.id)
    )
    return {code: str(points) for code, points in rows}


def workbook(rows):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD,
        "unit,leaf,points\nB,1.1,1.5\nC,1.1,2\n",
        "Đơn vị;Tiêu chí;Điểm\nB;1.1;1,5\nC;1.1;2\n",
        "Điểm\tGhi chú\tĐơn vị\tTiêu chí\n1,5\t\tB\t1.1\n2\tx\tC\t1.1\n",
        "don_vi,tieu_chi,diem\nĐơn vị B,1.1,1.5\nđơn vị c,1.1,2\n",
    ],
)
def test_headings_and_decimals_come_in_both_manners(session, text):
    assert import_(session, text).rows == 2
    assert stored(session) == {"B": "1.5", "C": "2"}


def test_a_workbook_gives_the_same(session):
    data = workbook([["Đơn vị", "Tiêu chí", "Điểm"], ["B", "1.1", 1.234], ["C", 1.1, 2]])

    import_points(session, 2026, "diem.xlsx", data, actor="an", at=now())

    assert stored(session) == {"B": "1.234", "C": "2"}


def test_source_and_hash_are_kept_and_the_import_is_logged(session):
    import_(session, GOOD, is_generated=True)

    row = session.scalars(select(UnitPoints)).first()
    assert (row.source, len(row.source_hash), row.is_generated) == ("diem.csv", 64, True)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "points.imported")).one()
    assert event.details["rows"] == 2


def test_a_second_file_replaces_only_what_it_lists_and_the_log_tells_what(session):
    import_(session, GOOD)

    done = import_(session, "don_vi,tieu_chi,diem\nB,1.1,0.75\nB,1.2.2,0.5\nC,1.1,2.0")

    assert (done.rows, done.replaced) == (3, 1)
    values = {(r.unit.code, r.leaf.code): r.points for r in session.scalars(select(UnitPoints))}
    assert values == {
        ("B", "1.1"): Decimal("0.75"),
        ("B", "1.2.2"): Decimal("0.5"),
        ("C", "1.1"): Decimal("2.0"),
    }
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "points.imported"))
    assert [event.details["replaced"] for event in events] == [[], ["B/1.1: 1.5 → 0.75"]]


@pytest.mark.parametrize(
    ("line", "place", "code"),
    [
        ("Z,1.1,1", "3/don_vi", "unknown-unit"),
        (",1.1,1", "3/don_vi", "empty"),
        ("V1,1.1,1", "3/don_vi", "no-framework"),
        ("A,1.1,1", "3/don_vi", "no-framework"),
        ("B,9.9,1", "3/tieu_chi", "leaf"),
        ("B,1.2.1,1", "3/tieu_chi", "leaf"),
        ("D,1.2.2,0.5", "3/tieu_chi", "exempt"),
        ("C,1.1,2.01", "3/diem", "maximum"),
        ("C,1.1,-1", "3/diem", "number"),
        ("C,1.1,", "3/diem", "empty"),
        ("C,1.1,một", "3/diem", "number"),
        ("C,1.1,1.000", "3/diem", "number"),
        ("B,1.1,2", "3/don_vi", "repeated"),
        ("Đơn vị B,1.1,2", "3/don_vi", "repeated"),
        (f"{'x' * 400},1.1,1", "3/don_vi", "long"),
    ],
)
def test_a_wrong_row_is_named_and_no_row_is_stored(session, line, place, code):
    with pytest.raises(ImportFileError) as raised:
        import_(session, f"don_vi,tieu_chi,diem\nB,1.1,1.5\n{line}\n")

    assert [(p.place, p.code) for p in raised.value.problems] == [(place, code)]
    assert stored(session) == {}


def test_every_wrong_row_is_named_at_once(session):
    with pytest.raises(ImportFileError) as raised:
        import_(session, "don_vi,tieu_chi,diem\nZ,1.1,x\nB,9.9,1\nC,1.1,99")

    assert [p.place for p in raised.value.problems] == ["2/diem", "3/tieu_chi", "4/diem"]


@pytest.mark.parametrize(
    "text",
    [
        "don_vi,tieu_chi\nB,1.1",
        "don_vi,tieu_chi,diem,diem\nB,1.1,1,1",
        "don_vi,unit,tieu_chi,diem\nB,B,1.1,1",
        "don_vi,tieu_chi,diem\n",
        "",
        "don_vi,tieu_chi,diem\nB,1.1,1,2",
        'don_vi,tieu_chi,diem\n"B,1.1,1',
        "don_vi,tieu_chi,điểm".encode("utf-16"),
        "đơn vị,tieu_chi,diem\nĐ,1.1,1".encode("cp1258", errors="replace"),
        b"PK\x03\x04 broken",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old workbook",
        b"\x00\x01\x02",
    ],
)
def test_a_broken_file_is_refused_as_a_whole(session, text):
    with pytest.raises(ImportFileError):
        import_(session, text)

    assert stored(session) == {}


def test_a_missing_column_is_named_with_those_that_are_there(session):
    with pytest.raises(ImportFileError) as raised:
        import_(session, "ten,diem\nB,1")

    assert [problem.code for problem in raised.value.problems] == ["missing-column"] * 2
    assert raised.value.problems[0].values["known"] == "ten, diem"


def test_a_year_without_a_framework_takes_no_points(session):
    with pytest.raises(NotFoundError):
        import_(session, GOOD, year=2019)


def test_the_page_tells_what_is_missing_until_nothing_is(login, session):
    client = login("survey_manager")
    page = client.get(PAGE).text
    assert "Tiêu chí chưa có điểm" in page
    rows = "B,1.1,1\nC,1.1,1\nD,1.1,1\nB,1.2.2,0\nC,1.2.2,0.5"
    data = f"don_vi,tieu_chi,diem\n{rows}".encode()

    response = client.submit(PAGE, {"file": (io.BytesIO(data), "diem.csv")})

    assert response.status_code == 303
    page = client.get(f"{PAGE}?lang=en").text
    assert "Đã nhập 5 dòng, trong đó thay 0 giá trị đã có." in page
    assert "The points of every unit are there." in page


def test_the_template_lists_what_is_missing_and_goes_back_in(login, session):
    client = login("analyst")
    import_(session, "don_vi,tieu_chi,diem\nB,1.1,1.5")

    response = client.get(f"{PAGE}/template.csv")

    lines = response.data.decode("utf-8-sig").splitlines()
    assert lines == ["don_vi,tieu_chi,diem", "B,1.2.2,", "C,1.1,", "C,1.2.2,", "D,1.1,"]
    assert response.headers["Content-Disposition"] == "attachment; filename=diem-2026.csv"
    filled = "\n".join([lines[0], *(f"{line}0.5" for line in lines[1:])])
    assert import_(session, filled).rows == 4


def test_generated_points_are_labelled_on_the_page(login, session):
    import_(session, GOOD, is_generated=True)

    assert "Số liệu mô phỏng" in login("analyst").get(PAGE).text


def test_problems_of_a_file_stand_on_the_page_with_row_and_column(login, session):
    data = b"don_vi,tieu_chi,diem\nB,1.1,99\n<b>Z</b>,1.1,1"

    response = login("survey_manager").submit(PAGE, {"file": (io.BytesIO(data), "diem.csv")})

    assert response.status_code == 422
    assert "99 lớn hơn điểm tối đa 2" in response.text
    assert "Dòng 2, cột “diem”" in response.text
    assert "<b>Z</b>" not in response.text


def test_a_year_nobody_knows_is_not_found(login):
    assert login("analyst").get("/staff/scoring/points/1999").status_code == 404


# --- Earlier indices --------------------------------------------------------------------------

HISTORY_GOOD = (
    "unit,year,index,rank,source,comparable\n"
    'B,2024,91.70,1,"Quyết định 5, ngày 3/2",yes\n'
    "C,2024,88.12,,Báo cáo,không\n"
)


def import_h(session, text):
    return import_history(session, "ls.csv", text.encode(), actor="an", at=now())


def test_history_is_stored_with_rank_source_and_whether_it_compares(session):
    assert import_h(session, HISTORY_GOOD).rows == 2

    rows = session.scalars(select(PublishedIndex).order_by(PublishedIndex.unit_id)).all()
    assert [(r.year, str(r.index_value), r.rank, r.is_comparable) for r in rows] == [
        (2024, "91.70", 1, True),
        (2024, "88.12", None, False),
    ]
    assert rows[0].source == "Quyết định 5, ngày 3/2"
    assert rows[0].block.code == "CUC"


def test_history_given_again_is_replaced(session):
    import_h(session, HISTORY_GOOD)

    done = import_h(session, "don_vi;nam;chi_so;nguon\nB;2024;90,5;Đính chính")

    assert done.replaced == 1
    assert session.scalar(select(func.count()).select_from(PublishedIndex)) == 2
    assert {str(r.index_value) for r in queries.history(session)} == {"90.5", "88.12"}


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("Z,2024,90,1,x,yes", "2/unit"),
        ("B,24,90,1,x,yes", "2/year"),
        ("B,2024.0,90,1,x,yes", "2/year"),
        ("B,2024,ninety,1,x,yes", "2/index"),
        ("B,2024,90,0,x,yes", "2/rank"),
        ("B,2024,90,1.5,x,yes", "2/rank"),
        ("B,2024,90,1,,yes", "2/source"),
        ("B,2024,90,1,x,maybe", "2/comparable"),
        ("B,2024,90,1,x,yes\nB,2024,91,1,x,yes", "3/unit"),
    ],
)
def test_a_wrong_row_of_history_is_named(session, line, place):
    with pytest.raises(ImportFileError) as raised:
        import_h(session, f"unit,year,index,rank,source,comparable\n{line}")

    assert [problem.place for problem in raised.value.problems] == [place]
    assert session.scalar(select(func.count()).select_from(PublishedIndex)) == 0


def test_mistakes_come_in_the_order_of_the_file(session):
    rows = ["B,2024,90,1,x,yes", "B,2024,91,1,x,yes", "C,24,90,1,,yes"]

    with pytest.raises(ImportFileError) as raised:
        import_h(session, "\n".join(("unit,year,index,rank,source,comparable", *rows)))

    assert [p.place for p in raised.value.problems] == ["3/unit", "4/year", "4/source"]


def test_the_page_of_history_takes_a_file_in_both_languages(login, session):
    client = login("survey_manager")
    assert "Chưa có chỉ số nào" in client.get(HISTORY).text

    data = HISTORY_GOOD.encode()
    response = client.submit(HISTORY, {"file": (io.BytesIO(data), "ls.csv")})

    assert response.status_code == 303
    assert "91,70" in client.get(HISTORY).text
    assert "91.70" in client.get(f"{HISTORY}?lang=en").text


def test_a_file_of_history_with_mistakes_is_shown_with_them(login):
    data = b"unit,year\nB,2024"

    response = login("analyst").submit(HISTORY, {"file": (io.BytesIO(data), "ls.csv")})

    assert response.status_code == 422
    assert "Thiếu cột “chi_so”" in response.text
    assert "Dòng 1" not in response.text


@pytest.mark.parametrize("path", [PAGE, HISTORY, "/staff/scoring/frameworks"])
def test_a_file_beyond_the_limit_is_refused_before_it_is_read(login, path):
    boundary = {"Content-Type": "multipart/form-data; boundary=x"}
    data = b" " * (10 * 1024 * 1024 + 1)

    assert login("survey_manager").post(path, data=data, headers=boundary).status_code == 413


def test_the_database_refuses_negative_points_and_rank_zero(session):
    import_(session, GOOD)
    session.scalars(select(UnitPoints)).first().points = Decimal("-0.5")
    with pytest.raises(IntegrityError, match="points_positive"):
        session.flush()
    session.rollback()

    import_h(session, HISTORY_GOOD)
    session.scalars(select(PublishedIndex)).first().rank = 0
    with pytest.raises(IntegrityError, match="rank"):
        session.flush()
    session.rollback()
