"""The survey manager's pages, from the campaign file to the closing; analysts may look."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.ballotbox.codes import normalise, tag_of
from survey.ballotbox.keys import read_key
from survey.config import Settings
from survey.fieldwork.services import close, create_campaign, issue_codes, launch
from survey.model.ballot import Ballot, Credential
from survey.model.campaign import Anonymity, Campaign
from tests.support.client import CheckedClient
from tests.support.fieldwork import (
    BY,
    LONG,
    LONG_FILE,
    LONG_HEAD,
    WIDE,
    definition,
    launched_campaign,
    lay_foundation,
)
from tests.support.pages import elements, text

HOME = "/staff/fieldwork/"
PAGE = "/staff/fieldwork/campaigns/XHH-2026"
Login = Callable[..., CheckedClient]


def file_of(content: object, name: str = "đợt.json") -> tuple[io.BytesIO, str]:
    text = content if isinstance(content, str) else json.dumps(content)
    return io.BytesIO(text.encode()), name


@pytest.fixture
def manager(login: Login, at: object) -> CheckedClient:
    return login("survey_manager")


@pytest.fixture
def campaign(session: Session, settings: Settings) -> Campaign:
    return launched_campaign(session, settings)


def test_without_campaigns_the_list_says_what_to_do(login: Login, manager: CheckedClient) -> None:
    assert "Thêm đợt điều tra" in manager.get(HOME).text
    analyst = login("analyst").get(HOME).text
    assert "Chưa có đợt điều tra nào" in analyst
    assert "Thêm đợt điều tra" not in analyst


def test_a_campaign_goes_from_file_to_closing(manager: CheckedClient, session: Session) -> None:
    lay_foundation(session)

    made = manager.submit(f"{HOME}campaigns/new", {"file": file_of(definition())})
    assert made.location == PAGE
    assert "Đang chuẩn bị" in manager.get(PAGE).text
    assert manager.submit(f"{PAGE}/launch", button="Phát động").location == PAGE
    assert "Đang nhận phiếu" in manager.get(PAGE).text
    assert manager.submit(f"{PAGE}/close", button="Đóng ngay").location == PAGE
    assert "Đã đóng" in manager.get(PAGE).text


def test_a_step_that_is_no_longer_possible_leads_back_with_the_reason(
    manager: CheckedClient, session: Session, campaign: Campaign
) -> None:
    sent = {"csrf_token": token_of(manager.get(f"{PAGE}/close").text)}
    close(session, campaign, **BY)
    session.commit()

    for step, told in (("launch", "đã được phát động"), ("close", "đã đóng trước đó")):
        assert manager.get(f"{PAGE}/{step}").location == PAGE
        assert told in manager.get(PAGE).text
        assert told not in manager.get(PAGE).text  # it is said once
        assert manager.post(f"{PAGE}/{step}", data=sent).status_code == 409
    codes = manager.get(f"{PAGE}/codes").text
    assert "không cấp mã được nữa" in codes
    assert "Tạo mã và tải về" not in codes


def test_a_campaign_is_not_closed_before_it_opens(manager: CheckedClient, session: Session) -> None:
    lay_foundation(session)
    create_campaign(session, definition(), **BY)

    assert manager.get(f"{PAGE}/close").location == PAGE
    assert "chưa mở nên chưa thể đóng" in manager.get(PAGE).text


def token_of(page: str) -> str:
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    return token[1]


def test_the_page_shows_the_whole_design(
    manager: CheckedClient, session: Session, campaign: Campaign
) -> None:
    page = manager.get(PAGE).text

    for wanted in (
        "Các đơn vị trong khối, trừ đơn vị mình",
        "Chọn cụm theo tầng",
        "P1, phiên bản 1",
        "Cán bộ A",
        "1.2 Tiêu chí 1.2 (vi)",
        "0,7",
        "Ẩn danh, mã dùng một lần",
        "hệ thống không ghi lại ai đã trả lời",
        "/q/XHH-2026",
        "từ 01/03/2026 08:00 đến 31/03/2026 17:00",
        "Tầng có quá ít người",
        "Chưa cấp mã",
    ):
        assert wanted in page, wanted
    english = manager.get(f"{PAGE}?lang=en").text
    assert "The units of the block except one" in english
    assert "Anonymous, single-use codes" in english


def test_an_open_campaign_says_what_it_means(
    manager: CheckedClient, session: Session, settings: Settings
) -> None:
    launched_campaign(session, settings, anonymity=Anonymity.OPEN.value)

    assert "không dùng để xếp hạng" in manager.get(PAGE).text
    assert "không dùng mã" in manager.get(f"{PAGE}/codes").text


def test_generated_campaigns_are_marked(
    manager: CheckedClient, session: Session, settings: Settings
) -> None:
    lay_foundation(session)
    campaign = create_campaign(session, definition(is_generated=True), **BY)
    assert "Số liệu mô phỏng" in manager.get(f"{PAGE}/launch").text
    launch(session, settings, campaign, **BY)
    session.commit()

    for path in (HOME, PAGE, f"{PAGE}/close", f"{PAGE}/codes", f"{PAGE}/responses"):
        assert "Số liệu mô phỏng" in manager.get(path).text, path


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "JSON sai cú pháp"),
        ("[]", "Cần một đối tượng JSON"),
        ('{"a": 1, "a": 2}', "lặp lại"),
        ("", "Tệp không có nội dung."),
        ("\ufeff \n", "Tệp không có nội dung."),
    ],
)
def test_a_bad_campaign_file_is_explained_on_the_page(
    manager: CheckedClient, session: Session, content: str, told: str
) -> None:
    response = manager.submit(f"{HOME}campaigns/new", {"file": file_of(content)})

    assert response.status_code == 422
    assert told in response.text


def test_problems_of_a_campaign_file_are_listed_with_their_places(
    manager: CheckedClient, session: Session
) -> None:
    lay_foundation(session)
    raw = definition()
    raw["groups"][0]["strata"][0]["unit"] = "<b>Y"
    raw["groups"][1]["group"] = "KHONG"

    response = manager.submit(f"{HOME}campaigns/new", {"file": file_of(raw)})

    assert response.status_code == 422
    assert "groups[1].strata[1].unit" in response.text
    assert "&lt;b&gt;Y" in response.text
    assert "groups[2].group" not in response.text  # what is malformed is told first
    nothing = manager.submit(f"{HOME}campaigns/new", button="Kiểm tra và tạo")
    assert nothing.status_code == 422


# --- Codes --------------------------------------------------------------------------------------


def test_the_list_of_codes_comes_once(
    manager: CheckedClient, session: Session, settings: Settings, campaign: Campaign
) -> None:
    response = manager.submit(f"{PAGE}/codes", {"per_cluster": "2", "kind": "csv"})

    assert response.headers["Content-Disposition"] == 'attachment; filename="codes-XHH-2026.csv"'
    assert response.headers["Cache-Control"] == "no-store"
    head, *rows = csv.reader(io.StringIO(response.data.decode("utf-8-sig")))
    assert head[-2:] == ["Mã để gõ", "Liên kết"]
    assert len(rows) == 78
    key = read_key(settings, campaign.code)
    tags = set(session.scalars(select(Credential.tag)))
    for row in rows:
        typed, link = row[-2:]
        code = normalise(typed)
        assert code is not None
        assert link == f"http://localhost/q/XHH-2026#{code}"
        assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", typed)
        assert tag_of(key, code) in tags
    page = manager.get(f"{PAGE}/codes").text
    assert "không tải lại được" in page
    assert "Giao danh sách mã rồi xóa" in page
    assert not [row for row in rows if row[-2] in page]


def test_codes_are_not_issued_a_second_time(
    manager: CheckedClient, session: Session, settings: Settings, campaign: Campaign
) -> None:
    token = token_of(manager.get(f"{PAGE}/codes").text)
    issue_codes(session, settings, campaign, per_cluster=1, **BY)
    session.commit()

    sent = {"csrf_token": token, "length": "12", "kind": "xlsx", "per_cluster": "1"}
    response = manager.post(f"{PAGE}/codes", data=sent)

    assert response.status_code == 409
    assert "một lần" in response.text


def test_the_workbook_of_codes_holds_plain_texts(
    manager: CheckedClient, session: Session, campaign: Campaign
) -> None:
    response = manager.submit(f"{PAGE}/codes", {"length": "26", "per_cluster": "1", "kind": "xlsx"})

    sheet = openpyxl.load_workbook(io.BytesIO(response.data)).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(rows) == 76
    assert {len(str(row[4]).replace("-", "")) for row in rows} == {26}
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"per_cluster": ""},
        {"per_cluster": "0"},
        {"per_cluster": "hai"},
        {"per_cluster": "1", "length": "4"},
        {"per_cluster": "1", "kind": "exe"},
    ],
)
def test_wrong_wishes_for_codes_are_explained(
    manager: CheckedClient, session: Session, campaign: Campaign, wrong: dict[str, str]
) -> None:
    response = manager.submit(f"{PAGE}/codes", wrong)

    assert response.status_code == 422
    assert "error-summary" in response.text
    assert session.scalar(select(func.count()).select_from(Credential)) == 0


# --- Answers from files -------------------------------------------------------------------------


def upload(client: CheckedClient, rows: str, mapping: object = LONG) -> object:
    files = {"file": file_of(rows, "phiếu.csv"), "mapping": file_of(mapping, "ghép.json")}
    return client.submit(f"{PAGE}/responses", files)


def test_a_file_of_answers_comes_in_and_is_counted(
    manager: CheckedClient, session: Session, campaign: Campaign
) -> None:
    response = upload(manager, LONG_FILE)

    assert response.location == PAGE
    assert "Đã nhập 2 phiếu từ 3 dòng." in manager.get(PAGE).text
    assert session.scalar(select(func.count()).select_from(Ballot)) == 2
    again = upload(manager, LONG_FILE)
    assert again.status_code == 422
    assert "một lần" in again.text


def test_the_number_of_ballots_is_told_as_rounded_already(
    manager: CheckedClient, session: Session, campaign: Campaign
) -> None:
    before = elements(manager.document(PAGE), "dd")[0]
    upload(manager, "B1,C1,Góp ý,Số phiếu\nA,KB,,12\n", WIDE)
    after = elements(manager.document(PAGE), "dd")[0]
    english = elements(manager.document(f"{PAGE}?lang=en"), "dd")[0]

    assert text(before) == "dưới 5"
    assert text(after) == "≥ 10 (làm tròn xuống bội số của 5)"
    assert text(english) == "≥ 10 (rounded down to a multiple of 5)"


def test_what_is_wrong_with_answers_is_listed(
    manager: CheckedClient, session: Session, campaign: Campaign
) -> None:
    bad = upload(manager, f"{LONG_HEAD}\n7;Cục A;B;<script>;E;1\n")

    assert bad.status_code == 422
    assert "Dòng 2, cột “Câu 1”" in bad.text
    assert "&lt;script&gt;" in bad.text
    assert "Dòng 2, cột “Câu 2”" in bad.text
    assert "missing" not in upload(manager, LONG_FILE, "{").text
    assert upload(manager, "", LONG).status_code == 422
    assert upload(manager, "\ufeffa\xff", [1]).status_code == 422
    nothing = manager.submit(f"{PAGE}/responses", button="Kiểm tra và nhập")
    assert nothing.status_code == 422
    assert session.scalar(select(func.count()).select_from(Ballot)) == 0


# --- Who may ------------------------------------------------------------------------------------


def test_analysts_look_and_change_nothing(
    login: Login, session: Session, at: object, campaign: Campaign
) -> None:
    analyst = login("analyst")

    page = analyst.get(PAGE)

    assert page.status_code == 200
    for step in ("launch", "codes", "close", "responses"):
        assert f"{PAGE}/{step}" not in page.text
        assert analyst.get(f"{PAGE}/{step}").status_code == 403
    assert analyst.get(f"{HOME}campaigns/new").status_code == 403


def test_a_campaign_that_is_not_there_is_not_found(manager: CheckedClient) -> None:
    for step in ("", "/launch", "/codes", "/close", "/responses"):
        assert manager.get(f"{HOME}campaigns/KHONG{step}").status_code == 404


def test_launching_after_the_end_is_warned_of(manager: CheckedClient, session: Session) -> None:
    lay_foundation(session)
    past = {"opens_at": "2026-01-01T08:00+07:00", "closes_at": "2026-02-01T08:00+07:00"}
    create_campaign(session, definition(**past), **BY)

    assert "chỉ nhận phiếu nhập từ tệp" in manager.get(f"{PAGE}/launch").text


def test_codes_wait_for_the_launch(manager: CheckedClient, session: Session) -> None:
    lay_foundation(session)
    create_campaign(session, definition(), **BY)

    assert "Mã được cấp sau khi phát động" in manager.get(f"{PAGE}/codes").text
