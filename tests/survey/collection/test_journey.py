"""A respondent's way through the form, without JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.model.ballot import Ballot, Draft, Spent
from survey.model.campaign import Anonymity
from tests.conftest import FIXED_TIME
from tests.factories import World, make_document, make_world
from tests.support.client import CheckedClient
from tests.support.respondent import RECEIPT, Respondent, hidden_of


@pytest.fixture
def world(session: Session, settings: Settings, at: object) -> World:
    return make_world(session, settings)


@pytest.fixture
def me(client: CheckedClient, world: World) -> Respondent:
    return Respondent(client, world)


def ballots(session: Session) -> list[Ballot]:
    session.rollback()
    return list(session.scalars(select(Ballot)))


def test_answers_reach_the_box_as_one_canonical_ballot(
    me: Respondent, session: Session, world: World
) -> None:
    me.answer_all()
    me.hand_in()

    (ballot,) = ballots(session)
    assert json.loads(ballot.answers) == {
        "answers": {"post": "2", "comment": "Rất tốt\nCảm ơn"},
        "units": {"U2": {"c1": "A", "c2": "B"}, "U3": {"c1": "KB"}},
        "missing": {"blank": ["c2/U3"]},
    }
    assert ballot.stratum_id == world.strata[0].id
    assert session.scalar(select(func.count()).select_from(Spent)) == 1
    assert session.scalar(select(func.count()).select_from(Draft)) == 0


def test_the_raters_own_unit_is_not_asked_about(me: Respondent) -> None:
    me.open()

    page = me.get("page/units").text

    assert "Đơn vị 2" in page
    assert "Đơn vị 1" not in page


def test_an_answer_about_the_own_unit_is_refused(me: Respondent, session: Session) -> None:
    me.open()

    forged = me.answer("units", forged={"q_c1__U1": "A"})

    assert forged.status_code == 400
    assert ballots(session) == []


def test_opening_a_form_spends_no_code(me: Respondent, session: Session) -> None:
    me.open()
    me.get("intro")

    assert session.scalar(select(func.count()).select_from(Spent)) == 0


def test_the_code_never_stands_in_an_address(client: CheckedClient, world: World) -> None:
    response = client.submit(world.url, {"code": world.codes[0]}, follow_redirects=True)

    assert world.codes[0] not in response.request.url
    assert world.codes[0] not in response.text


@pytest.mark.parametrize("spell", [str.lower, lambda c: f" {c[:4]}-{c[4:8]} {c[8:]} "])
def test_codes_may_be_typed_forgivingly(
    client: CheckedClient, world: World, spell: Callable[[str], str]
) -> None:
    Respondent(client, world, spell(world.codes[0])).open()


def test_an_unknown_code_is_told_kindly(client: CheckedClient, world: World) -> None:
    response = client.submit(world.url, {"code": "0000-0000-0000"})

    assert response.status_code == 422
    assert "Không nhận ra mã này" in response.text


def test_a_spent_code_opens_no_second_form(
    me: Respondent, client: CheckedClient, world: World
) -> None:
    me.answer_all()
    me.hand_in()

    response = client.submit(world.url, {"code": world.codes[0]})

    assert response.status_code == 409
    assert "Mỗi mã chỉ gửi được một lần" in response.text


def test_the_same_submission_again_gives_the_same_receipt(
    me: Respondent, client: CheckedClient, session: Session
) -> None:
    me.answer_all()
    posted = me.hidden()

    first = client.post(me.at("check"), data=posted, follow_redirects=True)
    second = client.post(me.at("check"), data=posted, follow_redirects=True)

    assert first.status_code == second.status_code == 200
    assert len({match for r in (first, second) for match in RECEIPT.findall(r.text)}) == 1
    assert len(ballots(session)) == 1


def test_back_after_handing_in_shows_the_receipt_and_no_form(
    me: Respondent, client: CheckedClient, world: World
) -> None:
    me.answer_all()
    reference = me.hand_in()

    for path in ("check", "page/self", "intro"):
        page = me.get(path)
        assert page.status_code == 409
        assert reference in page.text
    assert reference in client.get(f"{world.url}/receipt").text


def test_other_content_under_the_same_ballot_id_is_refused(
    me: Respondent, client: CheckedClient, session: Session
) -> None:
    me.answer_all()
    posted = me.hidden()
    client.post(me.at("check"), data=posted)

    response = client.post(me.at("check"), data=posted | {"content": "0" * 64})

    assert response.status_code == 409
    assert "nội dung khác" in response.text
    assert len(ballots(session)) == 1


def test_answers_changed_in_another_tab_are_shown_before_handing_in(
    me: Respondent, client: CheckedClient, session: Session
) -> None:
    me.answer_all()
    posted = me.hidden()
    me.answer("self", {"q_post": "1"})

    response = client.post(me.at("check"), data=posted)

    assert response.status_code == 409
    assert "xem lại trước khi gửi" in response.text
    assert ballots(session) == []


def test_two_devices_with_one_code_fill_in_one_form(
    make_client: Callable[[], CheckedClient], session: Session, world: World
) -> None:
    phone, desk = Respondent(make_client(), world), Respondent(make_client(), world)
    phone.open()
    phone.answer("self", {"q_post": "1"})
    desk.open()
    desk.answer("end", {"q_comment": "tiếp trên máy khác"})
    stale = phone.hidden()

    desk.hand_in()
    response = phone.client.post(phone.at("check"), data=stale)

    assert response.status_code == 303
    (ballot,) = ballots(session)
    assert json.loads(ballot.answers)["answers"] == {"post": "1", "comment": "tiếp trên máy khác"}


def test_a_second_form_in_the_same_browser_keeps_apart(client: CheckedClient, world: World) -> None:
    first, second = Respondent(client, world), Respondent(client, world, world.codes[2])
    first.open()
    second.open()

    first.answer("self", {"q_post": "1"})
    second.answer("self", {"q_post": "2"})

    assert "Lãnh đạo (vi)" in first.get("check").text
    assert "Công chức (vi)" in second.get("check").text


def test_a_form_under_the_address_of_another_is_refused(
    client: CheckedClient, world: World
) -> None:
    first, second = Respondent(client, world), Respondent(client, world, world.codes[2])
    first.open()
    second.open()

    response = client.post(second.at("page/self"), data=first.hidden("page/self"))

    assert response.status_code == 409
    assert "vừa mở một phiếu khác" in response.text


def test_a_stale_tab_sees_both_answers_and_loses_none(me: Respondent) -> None:
    me.open()
    stale = me.hidden("page/self")
    me.answer("self", {"q_post": "1"})

    told = me.client.post(me.at("page/self"), data=stale | {"q_post": "2"})
    kept = me.get("page/self").text
    mine = me.client.post(me.at("page/self"), data=hidden_of(told.text) | {"q_post": "2"})

    assert told.status_code == 409
    assert "Lãnh đạo (vi)" in told.text
    assert "Công chức (vi)" in told.text
    assert re.search(r'value="1" checked', kept)
    assert mine.status_code == 303
    assert "Công chức (vi)" in me.get("check").text


def test_a_missing_required_answer_is_named_and_linked(me: Respondent) -> None:
    me.open()

    response = me.answer("self")

    assert response.status_code == 422
    assert "Vui lòng trả lời câu hỏi này" in response.text
    assert 'href="#q_post"' in response.text


def test_going_back_keeps_what_was_typed(me: Respondent, world: World) -> None:
    me.open()
    me.answer("units", {"q_c1__U2": "A"})

    back = me.answer("end", {"q_comment": "dở dang"}, button="Quay lại")

    assert back.location == me.at("page/self")
    assert "dở dang" in me.get("page/end").text


def test_a_changed_language_keeps_what_was_typed(
    me: Respondent, client: CheckedClient, world: World
) -> None:
    me.open()
    path = me.at("page/end")
    button = re.search(r'form="answers" name="(\w+)" value="en"', client.get(path).text)
    assert button is not None

    response = client.submit(path, {"q_comment": "giữ lại"}, forged={button[1]: "en"})
    assert response.location.startswith(path)
    page = client.get(response.location).text

    assert "giữ lại" in page
    assert "Góp ý khác (en)" in page
    assert '<html lang="en">' in page


def test_the_same_code_again_in_the_same_browser_keeps_the_answers(me: Respondent) -> None:
    me.open()
    me.answer("self", {"q_post": "1"})

    me.open()

    assert "Lãnh đạo (vi)" in me.get("check").text


def test_an_expired_draft_is_not_opened_any_more(me: Respondent, settings: Settings) -> None:
    me.open()

    with time_machine.travel(FIXED_TIME + timedelta(days=settings.draft_days + 1), tick=False):
        page = me.get("check")

    assert page.status_code == 409
    assert "Nhập mã trên thư mời" in page.text


def test_an_empty_form_cannot_be_handed_in(me: Respondent) -> None:
    me.open()

    page = me.get("check").text

    assert 'name="content" value=""' in page or 'name="content"' not in page
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
    me: Respondent, session: Session, name: str, value: str | list[str], status: int
) -> None:
    me.open()

    response = me.answer("self", forged={name: value})

    assert response.status_code == status
    assert ballots(session) == []


@pytest.mark.parametrize("text", ["x" * 51, "a\x00b"])
def test_texts_that_cannot_be_kept_are_told(me: Respondent, text: str) -> None:
    me.open()

    response = me.answer("end", {"q_comment": text})

    assert response.status_code == 422
    assert 'href="#q_comment"' in response.text


def test_hostile_text_is_shown_as_text(me: Respondent) -> None:
    me.open()
    me.answer("end", {"q_comment": "<script>alert(1)</script>{{7*7}}"})

    page = me.get("check").text

    assert "<script>alert(1)" not in page
    assert "{{7*7}}" in page


def test_a_ten_megabyte_post_is_told_kindly(me: Respondent, client: CheckedClient) -> None:
    me.open()

    response = client.post(me.at("page/end"), data={"q_comment": "x" * 10_000_000})

    assert response.status_code == 413
    assert "quá lớn" in response.text


def test_what_another_site_sends_is_refused(client: CheckedClient, world: World) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}

    response = client.post(world.url, data={"code": world.codes[0]}, headers=headers)

    assert response.status_code == 403


def test_a_page_without_the_token_of_its_form_is_not_kept(me: Respondent) -> None:
    me.open()

    response = me.client.post(me.at("page/self"), data={"q_post": "1"})

    assert response.status_code == 409
    assert "Nhập mã trên thư mời" in response.text


def test_pages_without_a_form_say_how_to_go_on(client: CheckedClient, world: World) -> None:
    nobody = f"{world.url}/{'0' * 32}"
    for path in ("intro", "page/units", "check", "page/none"):
        response = client.get(f"{nobody}/{path}")
        assert response.status_code == 409
        assert "mở lại bằng mã" in response.text
        assert "Nhập mã trên thư mời" in response.text
    assert client.get(f"{world.url}/receipt").status_code == 404
    assert client.get("/q/NONE").status_code == 404


def test_a_page_off_the_path_is_not_there(me: Respondent) -> None:
    me.open()

    assert me.get("page/none").status_code == 404


def test_an_open_door_asks_for_the_group_and_stores_the_channel(
    client: CheckedClient, session: Session, settings: Settings, at: object
) -> None:
    world = make_world(session, settings, anonymity=Anonymity.OPEN)

    wrong = client.submit(world.url, {"door": "99999"})
    me = through_the_door(client, world)
    me.answer("self", {"q_post": "1"})
    me.hand_in()

    assert wrong.status_code == 422
    (ballot,) = ballots(session)
    assert ballot.channel.value == "open"
    assert json.loads(ballot.answers)["units"].keys() == {"U1", "U3"}


def through_the_door(client: CheckedClient, world: World) -> Respondent:
    me = Respondent(client, world, "-")
    response = client.submit(world.url, {"door": str(world.strata[1].id)})
    me.url = response.location.rpartition("/")[0]
    return me


def test_an_open_form_goes_on_elsewhere_with_the_code_it_shows(
    make_client: Callable[[], CheckedClient], session: Session, settings: Settings, at: object
) -> None:
    world = make_world(session, settings, anonymity=Anonymity.OPEN)
    me = through_the_door(make_client(), world)
    me.answer("self", {"q_post": "1"})
    shown = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", me.get("intro").text)
    assert shown is not None

    elsewhere = Respondent(make_client(), world, shown.group())
    elsewhere.open()

    assert "Lãnh đạo (vi)" in elsewhere.get("check").text


def test_a_form_without_units_leaves_out_the_pages_about_them(
    client: CheckedClient, session: Session, settings: Settings, at: object
) -> None:
    me = Respondent(client, make_world(session, settings, units=1))
    me.open()

    assert me.get("page/units").status_code == 404
    assert me.get("page/self").status_code == 200


def test_generated_data_are_labelled_on_every_page(
    client: CheckedClient, session: Session, settings: Settings, at: object
) -> None:
    world = make_world(session, settings, is_generated=True)
    me = Respondent(client, world)
    me.open()

    for path in ("/", world.url, me.at("intro"), me.at("page/self")):
        assert "Số liệu mô phỏng" in client.get(path).text


def test_a_comment_says_how_long_it_may_be(
    client: CheckedClient, session: Session, settings: Settings, at: object
) -> None:
    me = Respondent(client, make_world(session, settings, document=make_document()))
    me.open()

    assert "Tối đa 50 ký tự" in me.get("page/end").text


def test_a_form_left_alone_asks_for_its_code_and_keeps_what_was_typed(
    me: Respondent, settings: Settings
) -> None:
    me.open()
    hidden = me.hidden("page/self")
    later = FIXED_TIME + timedelta(minutes=settings.idle_minutes)

    with time_machine.travel(later, tick=False):
        locked = me.get("page/self")
        posted = me.client.post(me.at("page/self"), data=hidden | {"q_post": "2"})
        me.open()
        page = me.get("page/self").text

    assert locked.status_code == posted.status_code == 409
    assert "tự khóa" in posted.text
    assert re.search(r'value="2" checked', page)


def test_a_sign_of_life_keeps_a_form_open(me: Respondent, settings: Settings) -> None:
    me.open()
    hidden = me.hidden("page/self")
    almost = FIXED_TIME + timedelta(minutes=settings.idle_minutes - 1)

    with time_machine.travel(almost, tick=False):
        sign = me.client.post(me.at("alive"), data=hidden)
    with time_machine.travel(almost + timedelta(minutes=2), tick=False):
        page = me.get("page/self")

    assert sign.status_code == 204
    assert page.status_code == 200


def test_a_client_that_asks_for_it_gets_the_next_page_at_once(me: Respondent) -> None:
    me.open()
    hidden = me.hidden("page/units")

    response = me.client.post(me.at("page/units"), data=hidden, headers={"X-Inline": "1"})

    assert response.status_code == 200
    assert response.headers["Content-Location"] == me.at("page/self")
    assert 'name="q_post"' in response.text


def test_a_browser_without_cookies_reaches_the_receipt(
    app: Flask, session: Session, world: World
) -> None:
    browser = app.test_client(use_cookies=False)
    page = browser.post(world.url, data={"code": world.codes[0]})
    form = page.headers["Content-Location"].rpartition("/")[0]
    hidden = hidden_of(page.text)

    page = browser.post(f"{form}/page/self", data=hidden | {"q_post": "1"})
    page = browser.post(f"{form}/page/end", data=hidden_of(page.text))
    page = browser.post(f"{form}/check", data=hidden_of(page.text))

    assert page.status_code == 200
    assert RECEIPT.search(page.text)
    assert len(ballots(session)) == 1


def test_a_filled_trap_and_haste_are_flags_and_no_refusal(me: Respondent, session: Session) -> None:
    me.answer_all()
    me.hand_in()

    (ballot,) = ballots(session)
    assert ballot.risk == 1


def test_who_reads_before_answering_is_not_flagged(me: Respondent, session: Session) -> None:
    me.answer_all()

    with time_machine.travel(FIXED_TIME + timedelta(minutes=5), tick=False):
        me.hand_in()

    (ballot,) = ballots(session)
    assert ballot.risk == 0
