"""The organisation file: taken whole, kept through the years, or refused with every reason."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest
from sqlalchemy import func, select

from survey.administration import queries, services
from survey.clock import now
from survey.errors import InvalidError
from survey.model.audit import AuditEvent
from survey.model.framework import RespondentGroup
from survey.model.organisation import Block, Unit, UnitSuccession
from tests.support.definitions import ORGANISATION, changed, put, remove

PAGE = "/staff/administration/organisation"
LIMIT = 10 * 1024 * 1024


def load(session, raw):
    services.load_organisation(session, raw, actor="an", at=now())


def upload(client, data, name="cơ cấu.json"):
    return client.submit(PAGE, {"file": (io.BytesIO(data), name)})


def test_everything_in_the_file_is_stored(session):
    load(session, ORGANISATION)

    of_block = select(Unit).join(Block).where(Block.code == "CUC").order_by(Unit.position)
    stored = session.scalars(of_block).all()
    assert [(u.code, u.is_ranked, u.valid_to) for u in stored] == [
        ("A", True, date(2025, 3, 1)),
        ("B", True, None),
        ("C", False, None),
        ("D", True, None),
    ]
    assert session.scalars(select(Block.name_en).order_by(Block.position)).all() == [
        "Departments",
        "Offices",
    ]
    assert session.scalars(select(RespondentGroup.code)).all() == ["NB", "NG"]
    succession = session.scalars(select(UnitSuccession)).one()
    assert (succession.predecessor_id, succession.successor_id) == (stored[0].id, stored[1].id)
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.details["units"]) == ("organisation.loaded", 5)


def test_a_second_file_updates_by_code_and_deletes_nothing(session):
    load(session, ORGANISATION)

    third = {**ORGANISATION["blocks"][0]["units"][2], "name": {"vi": "Tên mới", "en": "New name"}}
    del third["is_ranked"]
    only_c = put([third], "blocks", 0, "units")
    load(session, changed(ORGANISATION, only_c, remove("successions"), remove("respondent_groups")))

    stored = {u.code: u for u in session.scalars(select(Unit))}
    assert stored.keys() == {"A", "B", "C", "D", "V1"}
    assert (stored["C"].name, stored["C"].is_ranked) == ("Tên mới", True)
    assert session.scalar(select(func.count()).select_from(RespondentGroup)) == 2


FIRST = ("blocks", 0, "units", 0)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (remove("format"), "format"),
        (put(True, "format"), "format"),
        (put(2, "format"), "format"),
        (put("x", "extra"), "/"),
        (put({}, "blocks"), "blocks"),
        (remove(*FIRST, "code"), "blocks[1].units[1].code"),
        (put("có dấu", *FIRST, "code"), "blocks[1].units[1].code"),
        (put("x" * 33, *FIRST, "code"), "blocks[1].units[1].code"),
        (put("B", *FIRST, "code"), "units"),
        (remove(*FIRST, "name"), "blocks[1].units[1].name"),
        (put("tên", *FIRST, "name"), "blocks[1].units[1].name"),
        (put(" ", *FIRST, "name", "en"), "blocks[1].units[1].name.en"),
        (put("x" * 301, *FIRST, "name", "vi"), "blocks[1].units[1].name.vi"),
        (put("1/1/2018", *FIRST, "valid_from"), "blocks[1].units[1].valid_from"),
        (put(20180101, *FIRST, "valid_from"), "blocks[1].units[1].valid_from"),
        (put("2018-01-01", *FIRST, "valid_to"), "blocks[1].units[1].valid_to"),
        (put("yes", *FIRST, "is_ranked"), "blocks[1].units[1].is_ranked"),
        (put("Z", "successions", 0, "to"), "successions[1]"),
        (put("A", "successions", 0, "to"), "successions[1]"),
        (remove("successions", 0, "decision"), "successions[1].decision"),
        (put("NB", "respondent_groups", 0, "name"), "respondent_groups[1].name"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_nothing_is_stored(session, change, place):
    with pytest.raises(InvalidError) as raised:
        load(session, changed(ORGANISATION, change))

    assert place in {problem.place for problem in raised.value.problems}
    assert session.scalar(select(func.count()).select_from(Block)) == 0


@pytest.mark.parametrize("raw", [None, [], "x", 5, {"format": 1}])
def test_something_that_is_no_such_file_is_refused_with_one_problem(session, raw):
    with pytest.raises(InvalidError) as raised:
        load(session, raw)

    assert [problem.place for problem in raised.value.problems] == ["/"]


def test_a_unit_does_not_move_to_another_block(session):
    load(session, ORGANISATION)

    with pytest.raises(InvalidError) as raised:
        load(session, changed(ORGANISATION, put("KHAC", "blocks", 0, "code")))

    assert {problem.code for problem in raised.value.problems} == {"other-block"}
    assert queries.block_of_units(session)["A"] == "CUC"


def test_the_page_takes_the_file_and_shows_it_in_both_languages(login):
    client = login("survey_manager")
    assert "Chưa có khối và đơn vị nào" in client.get(PAGE).text

    response = upload(client, json.dumps(ORGANISATION).encode())

    assert response.status_code == 303
    page = client.get(PAGE).text
    assert "Đã nạp cơ cấu tổ chức." in page
    assert "01/01/2018 – 01/03/2025" in page
    assert "chuyển sang Đơn vị B, 01/03/2025 (Số 36, ngày 26/02)" in page
    english = client.get(f"{PAGE}?lang=en").text
    assert "passed to Unit B, 01/03/2025" in english
    assert "Listed apart" in english


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "Tệp không có nội dung."),
        (b"\xef\xbb\xbf\r\n", "Tệp không có nội dung."),
        (b'{"format": 1,', "JSON sai cú pháp ở dòng 1, cột"),
        ("Tệp cũ".encode("utf-16"), "không phải văn bản UTF-8"),
        (
            json.dumps(ORGANISATION, ensure_ascii=False).encode("utf-8").replace(b"\xc4", b"\xff"),
            "UTF-8",
        ),
        (b"[" * 100_000, "lồng nhau"),
        (b'{"format": 1, "format": 1}', "lặp lại"),
        (b'{"format": NaN}', "NaN"),
        (b'{"format": 1, "<script>alert(1)</script>": 2}', "Không hiểu khóa"),
        (b'{"format": "\\u0000"}', "không lưu được"),
        (b"PK\x03\x04 not json", "JSON sai cú pháp"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(login, session, data, message):
    response = upload(login("administrator"), data)

    assert response.status_code == 422
    assert message in response.text
    assert "<script>alert" not in response.text
    assert session.scalar(select(func.count()).select_from(Block)) == 0


def test_every_problem_is_on_the_page_with_its_place(login):
    raw = changed(ORGANISATION, put("1/1/2018", *FIRST, "valid_from"))
    raw["successions"][0]["to"] = "A"

    page = upload(login("administrator"), json.dumps(raw).encode()).text

    assert "2 chỗ cần sửa" in page
    assert "blocks[1].units[1].valid_from" in page
    assert "successions[1]" in page


def test_a_form_without_a_file_asks_for_one(login):
    response = login("administrator").submit(PAGE, button="Nạp tệp")

    assert response.status_code == 422
    assert "Chọn một tệp để tải lên." in response.text


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(login):
    boundary = {"Content-Type": "multipart/form-data; boundary=x"}

    response = login("administrator").post(PAGE, data=b" " * (LIMIT + 1), headers=boundary)

    assert response.status_code == 413
    assert "quá lớn" in response.text


def test_analysts_do_not_change_the_organisation(login):
    assert login("analyst").get(PAGE).status_code == 403
