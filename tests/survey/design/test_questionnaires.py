"""Publishing: a document becomes a version that never changes, shown as respondents see it."""

from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import func, select
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError, IntegrityError

from survey.clock import now
from survey.design import queries
from survey.design.services import publish
from survey.errors import DocumentError
from survey.model.audit import AuditEvent
from survey.model.questionnaire import Questionnaire, QuestionnaireVersion
from survey.questionnaire import canonical
from tests.factories import make_document, make_world
from tests.support.definitions import changed, put, remove
from tests.support.pages import elements, parse, text

PAGE = "/staff/design/"
VERSION = "/staff/design/questionnaires/P1/versions/1"
FIRST = ("sections", 0, "questions", 0)


def store(session, *changes):
    return publish(session, changed(make_document(), *changes), actor="an", at=now())


def upload(client, raw):
    data = raw if isinstance(raw, bytes) else json.dumps(raw, ensure_ascii=False).encode()
    return client.submit(PAGE, {"file": (io.BytesIO(data), "phiếu.json")})


def test_the_first_version_has_number_one_and_its_checksum(session):
    version = store(session)

    assert (version.number, version.questionnaire.code) == (1, "P1")
    assert version.checksum == canonical.digest(make_document())
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.thing) == ("questionnaire.published", "P1 v1")


def test_other_content_is_the_next_version(session):
    store(session)

    assert store(session, put({"vi": "Tên khác"}, "title")).number == 2


def test_the_same_content_stays_the_same_version_whatever_the_order_of_its_keys(session):
    first = store(session)
    store(session, put({"vi": "Tên khác"}, "title"))
    turned = dict(reversed(make_document().items()))

    again = publish(session, turned, actor="an", at=now())

    assert (again.id, again.number) == (first.id, 1)
    assert session.scalar(select(func.count()).select_from(QuestionnaireVersion)) == 2


def test_a_question_keeps_its_kind_for_ever(session):
    store(session)
    store(session, remove("sections", 2))

    with pytest.raises(DocumentError) as raised:
        store(
            session,
            put("single", "sections", 2, "questions", 0, "kind"),
            put("muc4", "sections", 2, "questions", 0, "scale"),
            remove("sections", 2, "questions", 0, "max_length"),
        )

    problem = raised.value.problems[0]
    assert (problem.place, problem.code) == ("sections[3].questions[1].kind", "changed-kind")
    assert session.scalar(select(func.count()).select_from(QuestionnaireVersion)) == 2


def test_a_question_about_units_does_not_turn_to_the_respondent(session):
    store(session)

    with pytest.raises(DocumentError):
        store(session, put("self", *FIRST, "about"))


def test_a_new_uid_is_a_new_question_which_may_be_of_any_kind(session):
    store(session)

    version = store(session, put("self", *FIRST, "about"), put("c1-own", *FIRST, "uid"))

    assert version.number == 2


def test_a_document_that_does_not_parse_is_not_stored(session):
    with pytest.raises(DocumentError):
        store(session, remove(*FIRST, "text"))

    assert session.scalar(select(func.count()).select_from(Questionnaire)) == 0


def test_the_page_publishes_and_says_which_version_it_is(login):
    client = login("survey_manager")
    assert "Chưa có bộ câu hỏi nào" in client.get(PAGE).text

    first, again = upload(client, make_document()), upload(client, make_document())

    assert first.location == again.location == VERSION
    assert "Nội dung tệp là phiên bản 1." in client.get(VERSION).text


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "Tệp không có nội dung."),
        (b"{]", "JSON sai cú pháp"),
        (b"\xff\xfe{}", "không phải văn bản UTF-8"),
        (b"[]", "Cần một đối tượng JSON"),
        (b'{"format": 1, "format": 1}', "lặp lại"),
        (changed(make_document(), remove(*FIRST, "text")), "sections[1].questions[1].text"),
        (changed(make_document(), put("hát", *FIRST, "kind")), "Không có loại câu hỏi “hát”"),
        (changed(make_document(), put("<script>alert(1)</script>", "code")), "không hợp lệ"),
        (
            changed(make_document(), put("1.5", "scales", "muc4", 0, "coefficient")),
            "scales.muc4[1].coefficient",
        ),
    ],
)
def test_a_refused_document_says_what_and_where(login, session, raw, message):
    response = upload(login("survey_manager"), raw)

    assert response.status_code == 422
    assert message in response.text
    assert "<script>alert" not in response.text
    assert session.scalar(select(func.count()).select_from(Questionnaire)) == 0


def test_a_document_beyond_the_limit_is_refused(login):
    boundary = {"Content-Type": "multipart/form-data; boundary=x"}
    data = b" " * (10 * 1024 * 1024 + 1)

    response = login("survey_manager").post(f"{PAGE}questionnaires", data=data, headers=boundary)

    assert response.status_code == 413


def test_the_page_of_a_version_shows_everything_in_both_languages(login, session, settings):
    make_world(session, settings)
    client = login("analyst")

    vietnamese = client.get(VERSION).text
    english = client.get(f"{VERSION}?lang=en").text

    for page in (vietnamese, english):
        assert "XHH-T" in page
        assert "Câu 1 (vi)" in page
        assert "Câu 1 (en)" in page
        assert canonical.digest(make_document()) in page
    assert "0,6" in vietnamese
    assert "0.6" in english
    assert "asked about each unit" in english


def test_the_document_goes_out_as_it_came_in_and_back_as_the_same_version(login, session):
    store(session)
    client = login("survey_manager")

    response = client.get(f"{VERSION}/document.json")

    assert json.loads(response.data) == make_document()
    assert response.headers["Content-Disposition"] == "attachment; filename=P1-v1.json"
    assert upload(client, response.data).location == VERSION


def test_the_preview_shows_each_page_as_respondents_see_it(login, session, settings):
    make_world(session, settings)
    client = login("analyst")

    first = client.get(f"{VERSION}/preview/1")
    names = {e.get("name") for e in elements(parse(first.text)[0], "input")}
    assert {"q_c1__U1", "q_c1__U2", "q_c1__U3", "q_c2__U1"} <= names
    assert "Không biết (vi)" in first.text
    second = client.get(f"{VERSION}/preview/2").text
    assert "Chức vụ (vi)" in second
    third = parse(client.get(f"{VERSION}/preview/3?lang=en").text)[0]
    assert [area.get("name") for area in elements(third, "textarea")] == ["q_comment"]
    assert "Góp ý khác (en)" in text(third)
    assert "At most 50 characters." in text(third)


def test_nothing_can_be_sent_from_a_preview(login, session):
    store(session)
    client = login("survey_manager")

    page = parse(client.get(f"{VERSION}/preview/1").text)[0]

    assert not elements(page, "form")
    assert client.post(f"{VERSION}/preview/1").status_code in {400, 405}
    assert "Đơn vị ví dụ" in text(page)


@pytest.mark.parametrize(
    "path",
    [
        f"{VERSION}/preview/0",
        f"{VERSION}/preview/4",
        VERSION.replace("versions/1", "versions/2"),
        VERSION.replace("P1", "P9"),
        VERSION.replace("P1", "P1%00"),
        f"{VERSION}/preview/99999999999999999999",
    ],
)
def test_a_page_or_version_that_is_not_there_is_not_found(login, session, path):
    store(session)

    assert login("analyst").get(path).status_code == 404


def test_a_code_with_a_stroke_has_its_pages(login, session):
    store(session, put("BM-01/XHH", "code"))
    client = login("analyst")

    address = VERSION.replace("P1", "BM-01/XHH")

    assert client.get(address).status_code == 200
    assert client.get(f"{address}/preview/1").status_code == 200
    names = client.get(f"{address}/document.json").headers["Content-Disposition"]
    assert names == "attachment; filename=BM-01-XHH-v1.json"


def test_analysts_read_and_do_not_publish(login, session):
    store(session)
    client = login("analyst")

    assert "Ban hành phiên bản" not in client.get(PAGE).text
    assert queries.questionnaire_lines(session)[0].versions[0].question_count == 4


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE questionnaire_version SET checksum = 'x'",
        "UPDATE questionnaire_version SET document = '{}'",
        "DELETE FROM questionnaire_version",
    ],
)
def test_the_database_refuses_to_change_what_is_published(session, statement):
    store(session)

    with pytest.raises(DBAPIError):
        session.execute(sql(statement))
    session.rollback()


@pytest.mark.parametrize(
    ("number", "constraint"),
    [(1, "questionnaire_version"), (0, "ck_questionnaire_version_number")],
)
def test_the_database_refuses_a_number_twice_or_below_one(session, number, constraint):
    version = store(session)
    session.add(
        QuestionnaireVersion(
            questionnaire_id=version.questionnaire_id,
            number=number,
            document={},
            checksum="0" * 64,
            published_at=now(),
        )
    )

    with pytest.raises(IntegrityError, match=constraint):
        session.flush()
    session.rollback()
