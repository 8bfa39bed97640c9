"""A respondent's way through the form, without JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.model.ballot import Ballot, Draft, Spent
from survey.model.campaign import Anonymity
from tests.conftest import FIXED_TIME
from tests.factories import World, make_document, make_world
from tests.support.client import CheckedClient


@pytest.fixture
def world(session: Session, settings: Settings, at: object) -> World:
    return make_world(session, settings)


def open_form(client: CheckedClient, world: World, code: str | None = None) -> None:
    response = client.submit(world.url, {"code": code or world.codes[0]})
    assert response.location == f"{world.url}/intro"


def answer_all(client: CheckedClient, world: World) -> None:
    open_form(client, world)
    answers = {"q_c1__U2": "A", "q_c1__U3": "KB", "q_c2__U2": "B"}
    assert client.submit(f"{world.url}/page/units", answers).status_code == 303
    assert client.submit(f"{world.url}/page/self", {"q_post": "2"}).status_code == 303
    client.submit(f"{world.url}/page/end", {"q_comment": "Rất tốt\r\nCảm ơn"})


def hand_in(client: CheckedClient, world: World) -> str:
    response = client.submit(f"{world.url}/check", follow_redirects=True)
    assert response.status_code == 200
    found = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", response.text)
    assert found is not None
    return found.group()


def ballots(session: Session) -> list[Ballot]:
    session.rollback()
    return list(session.scalars(select(Ballot)))


def test_answers_reach_the_box_as_one_canonical_ballot(
    client: CheckedClient, session: Session, world: World
) -> None:
    answer_all(client, world)
    hand_in(client, world)

    (ballot,) = ballots(session)
    assert json.loads(ballot.answers) == {
        "answers": {"post": "2", "comment": "Rất tốt\nCảm ơn"},
        "units": {"U2": {"c1": "A", "c2": "B"}, "U3": {"c1": "KB"}},
    }
    assert ballot.stratum_id == world.strata[0].id
    assert session.scalar(select(func.count()).select_from(Spent)) == 1
    assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_the_raters_own_unit_is_not_asked_about(client: CheckedClient, world: World) -> None:
    open_form(client, world)

    page = client.get(f"{world.url}/page/units").text

    assert "Đơn vị 2" in page
    assert "Đơn vị 1" not in page


def test_an_answer_about_the_own_unit_is_refused(
    client: CheckedClient, session: Session, world: World
) -> None:
    open_form(client, world)

    forged = client.submit(f"{world.url}/page/units", forged={"q_c1__U1": "A"})

    assert forged.status_code == 400
    assert ballots(session) == []


def test_opening_a_form_spends_no_code(
    client: CheckedClient, session: Session, world: World
) -> None:
    open_form(client, world)
    client.get(f"{world.url}/intro")

    assert session.scalar(select(func.count()).select_from(Spent)) == 0


def test_the_code_never_stands_in_an_address(client: CheckedClient, world: World) -> None:
    response = client.submit(world.url, {"code": world.codes[0]}, follow_redirects=True)

    assert world.codes[0] not in response.request.url
    assert world.codes[0] not in response.text


@pytest.mark.parametrize("spell", [str.lower, lambda c: f" {c[:4]}-{c[4:8]} {c[8:]} "])
def test_codes_may_be_typed_forgivingly(
    client: CheckedClient, world: World, spell: Callable[[str], str]
) -> None:
    open_form(client, world, spell(world.codes[0]))


def test_an_unknown_code_is_told_kindly(client: CheckedClient, world: World) -> None:
    response = client.submit(world.url, {"code": "0000-0000-0000"})

    assert response.status_code == 422
    assert "Không nhận ra mã này" in response.text


def test_a_spent_code_opens_no_second_form(client: CheckedClient, world: World) -> None:
    answer_all(client, world)
    hand_in(client, world)

    response = client.submit(world.url, {"code": world.codes[0]})

    assert response.status_code == 409
    assert "Mỗi mã chỉ gửi được một lần" in response.text


def test_the_same_submission_again_gives_the_same_receipt(
    client: CheckedClient, session: Session, world: World
) -> None:
    answer_all(client, world)
    page = client.get(f"{world.url}/check").text
    posted = dict(re.findall(r'name="(csrf_token|form|ballot|content)" value="([^"]*)"', page))

    first = client.post(f"{world.url}/check", data=posted, follow_redirects=True)
    second = client.post(f"{world.url}/check", data=posted, follow_redirects=True)

    assert first.status_code == second.status_code == 200
    receipts = [re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", r.text) for r in (first, second)]
    assert None not in receipts
    assert len({r.group() for r in receipts if r}) == 1
    assert len(ballots(session)) == 1


def test_back_after_handing_in_shows_the_receipt_and_no_form(
    client: CheckedClient, world: World
) -> None:
    answer_all(client, world)
    reference = hand_in(client, world)

    for path in ("check", "page/self", "intro"):
        page = client.get(f"{world.url}/{path}")
        assert page.status_code == 409
        assert reference in page.text
    assert reference in client.get(f"{world.url}/receipt").text


def test_other_content_under_the_same_ballot_id_is_refused(
    client: CheckedClient, session: Session, world: World
) -> None:
    answer_all(client, world)
    page = client.get(f"{world.url}/check").text
    posted = dict(re.findall(r'name="(csrf_token|form|ballot|content)" value="([^"]*)"', page))
    client.post(f"{world.url}/check", data=posted)

    response = client.post(f"{world.url}/check", data=posted | {"content": "0" * 64})

    assert response.status_code == 409
    assert "nội dung khác" in response.text
    assert len(ballots(session)) == 1


def test_answers_changed_in_another_tab_are_shown_before_handing_in(
    client: CheckedClient, session: Session, world: World
) -> None:
    answer_all(client, world)
    page = client.get(f"{world.url}/check").text
    posted = dict(re.findall(r'name="(csrf_token|form|ballot|content)" value="([^"]*)"', page))
    client.submit(f"{world.url}/page/self", {"q_post": "1"})

    response = client.post(f"{world.url}/check", data=posted)

    assert response.status_code == 409
    assert "xem lại trước khi gửi" in response.text
    assert ballots(session) == []


def test_two_forms_of_one_code_bring_one_ballot(
    make_client: Callable[[], CheckedClient], session: Session, world: World
) -> None:
    first, second = make_client(), make_client()
    answer_all(first, world)
    answer_all(second, world)
    hand_in(first, world)

    response = second.submit(f"{world.url}/check")

    assert response.status_code == 409
    assert len(ballots(session)) == 1


def test_a_second_form_in_the_same_browser_is_not_mixed_up(
    client: CheckedClient, world: World
) -> None:
    open_form(client, world, world.codes[0])
    page = client.get(f"{world.url}/page/self").text
    posted = dict(re.findall(r'name="(csrf_token|form)" value="([^"]*)"', page))
    open_form(client, world, world.codes[2])

    response = client.post(f"{world.url}/page/self", data=posted | {"q_post": "1"})

    assert response.status_code == 409
    assert "vừa mở một phiếu khác" in response.text


def test_a_missing_required_answer_is_named_and_linked(client: CheckedClient, world: World) -> None:
    open_form(client, world)

    response = client.submit(f"{world.url}/page/self")

    assert response.status_code == 422
    assert "Vui lòng trả lời câu hỏi này" in response.text
    assert 'href="#q_post"' in response.text


def test_going_back_keeps_what_was_typed(client: CheckedClient, world: World) -> None:
    open_form(client, world)
    client.submit(f"{world.url}/page/units", {"q_c1__U2": "A"})

    back = client.submit(f"{world.url}/page/end", {"q_comment": "dở dang"}, button="Quay lại")

    assert back.location == f"{world.url}/page/self"
    assert "dở dang" in client.get(f"{world.url}/page/end").text


def test_a_changed_language_keeps_what_was_typed(client: CheckedClient, world: World) -> None:
    open_form(client, world)
    path = f"{world.url}/page/end"
    button = re.search(r'form="answers" name="(\w+)" value="en"', client.get(path).text)
    assert button is not None

    response = client.submit(path, {"q_comment": "giữ lại"}, forged={button[1]: "en"})
    assert response.location.startswith(path)
    page = client.get(response.location).text

    assert "giữ lại" in page
    assert "Góp ý khác (en)" in page
    assert '<html lang="en">' in page


def test_the_same_code_again_in_the_same_browser_keeps_the_answers(
    client: CheckedClient, world: World
) -> None:
    open_form(client, world)
    client.submit(f"{world.url}/page/self", {"q_post": "1"})

    open_form(client, world)

    assert "Lãnh đạo (vi)" in client.get(f"{world.url}/check").text


def test_an_expired_draft_is_not_opened_any_more(
    client: CheckedClient, world: World, settings: Settings
) -> None:
    open_form(client, world)

    with time_machine.travel(FIXED_TIME + timedelta(days=settings.draft_days + 1), tick=False):
        page = client.get(f"{world.url}/check")

    assert page.status_code == 409
    assert "Nhập mã trên thư mời" in page.text


def test_an_empty_form_cannot_be_handed_in(client: CheckedClient, world: World) -> None:
    open_form(client, world)

    page = client.get(f"{world.url}/check").text

    assert "Gửi phiếu" not in page
    assert "Vui lòng trả lời câu hỏi này" in page


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("q_post", "9", 422),
        ("q_post", ["1", "2"], 400),
        ("q_nothing", "1", 400),
        ("q_post", "\x00", 422),
    ],
)
def test_forged_answers_are_refused(
    client: CheckedClient,
    session: Session,
    world: World,
    name: str,
    value: str | list[str],
    status: int,
) -> None:
    open_form(client, world)

    response = client.submit(f"{world.url}/page/self", forged={name: value})

    assert response.status_code == status
    assert ballots(session) == []


@pytest.mark.parametrize("text", ["x" * 51, "a\x00b"])
def test_texts_that_cannot_be_kept_are_told(client: CheckedClient, world: World, text: str) -> None:
    open_form(client, world)

    response = client.submit(f"{world.url}/page/end", {"q_comment": text})

    assert response.status_code == 422
    assert 'href="#q_comment"' in response.text


def test_hostile_text_is_shown_as_text(client: CheckedClient, world: World) -> None:
    open_form(client, world)
    client.submit(f"{world.url}/page/end", {"q_comment": "<script>alert(1)</script>{{7*7}}"})

    page = client.get(f"{world.url}/check").text

    assert "<script>alert(1)" not in page
    assert "{{7*7}}" in page


def test_a_ten_megabyte_post_is_told_kindly(client: CheckedClient, world: World) -> None:
    open_form(client, world)

    response = client.post(f"{world.url}/page/end", data={"q_comment": "x" * 10_000_000})

    assert response.status_code == 413
    assert "quá lớn" in response.text


def test_a_post_without_its_token_is_told_kindly(client: CheckedClient, world: World) -> None:
    response = client.post(world.url, data={"code": world.codes[0]})

    assert response.status_code == 400
    assert "tải lại trang" in response.text


def test_pages_without_a_form_say_how_to_go_on(client: CheckedClient, world: World) -> None:
    for path in ("intro", "page/units", "check"):
        response = client.get(f"{world.url}/{path}")
        assert response.status_code == 409
        assert "mở lại bằng mã" in response.text
        assert "Nhập mã trên thư mời" in response.text
    assert client.get(f"{world.url}/receipt").status_code == 404
    assert client.get(f"{world.url}/page/none").status_code == 409
    assert client.get("/q/NONE").status_code == 404


def test_a_page_off_the_path_is_not_there(client: CheckedClient, world: World) -> None:
    open_form(client, world)

    assert client.get(f"{world.url}/page/none").status_code == 404


def test_an_open_door_asks_for_the_group_and_stores_the_channel(
    client: CheckedClient, session: Session, settings: Settings, at: object
) -> None:
    world = make_world(session, settings, anonymity=Anonymity.OPEN)

    wrong = client.submit(world.url, {"door": "99999"})
    client.submit(world.url, {"door": str(world.strata[1].id)})
    client.submit(f"{world.url}/page/self", {"q_post": "1"})
    hand_in(client, world)

    assert wrong.status_code == 422
    (ballot,) = ballots(session)
    assert ballot.channel.value == "open"
    assert json.loads(ballot.answers)["units"].keys() == {"U1", "U3"}


def test_a_form_without_units_leaves_out_the_pages_about_them(
    client: CheckedClient, session: Session, settings: Settings, at: object
) -> None:
    world = make_world(session, settings, units=1)
    open_form(client, world)

    assert client.get(f"{world.url}/page/units").status_code == 404
    assert client.get(f"{world.url}/page/self").status_code == 200


def test_generated_data_are_labelled_on_every_page(
    client: CheckedClient, session: Session, settings: Settings, at: object
) -> None:
    world = make_world(session, settings, is_generated=True)
    open_form(client, world)

    for path in ("/", world.url, f"{world.url}/intro", f"{world.url}/page/self"):
        assert "Số liệu mô phỏng" in client.get(path).text


def test_a_comment_is_optional_and_limited_in_the_page(
    client: CheckedClient, session: Session, settings: Settings, at: object
) -> None:
    world = make_world(session, settings, document=make_document())
    open_form(client, world)

    assert 'maxlength="50"' in client.get(f"{world.url}/page/end").text
