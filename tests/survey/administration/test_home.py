"""The home page: what waits for each role, and how a fresh installation begins."""

from __future__ import annotations

from datetime import timedelta

import pytest

from survey.administration import home
from survey.administration.home import CampaignState, Situation
from survey.ballotbox import codes, keys
from survey.clock import now
from survey.model.ballot import Spent
from survey.model.campaign import Anonymity
from survey.scoring.services import import_points, load_framework
from tests.factories import make_world
from tests.support.accounts import make_account
from tests.support.definitions import FRAMEWORK, changed, put
from tests.support.pages import elements, parse, text


def framework(*changes):
    """The framework of the definitions, for the block and the group of a test world."""
    of_world = (
        put({"NB": "1"}, "fields", 0, "criteria", 1, "leaves", 0, "group_weights"),
        put("U3", "exemptions", 0, "unit"),
        put([{"year": 2026, "block": "K"}], "applies_to"),
    )
    return changed(FRAMEWORK, *of_world, *changes)


STEPS = [
    "Nạp cơ cấu tổ chức",
    "Nạp bộ tiêu chí",
    "Ban hành bộ câu hỏi",
    "Tạo đợt điều tra",
]


def cards(client, query=""):
    """Return the text of each card on the home page."""
    page = parse(client.get(f"/staff/{query}").text)[0]
    found = [e for e in elements(page, "li") if e.get("class") == "card"]
    return [" ".join(text(part) for part in elements(card, "h3", "p")) for card in found]


def links(client):
    page = parse(client.get("/staff/").text)[0]
    return {text(e): e.get("href") for e in elements(page, "a")}


def test_a_fresh_installation_shows_the_steps_to_take(login):
    page = login("survey_manager").get("/staff/").text

    assert [page.index(step) for step in STEPS] == sorted(page.index(step) for step in STEPS)


def test_a_step_is_a_link_only_for_who_may_take_it(login):
    found = links(login("administrator"))

    assert found[STEPS[0]] == "/staff/administration/organisation"
    assert STEPS[1] not in found


def test_an_open_campaign_shows_how_many_ballots_are_in_in_coarse_steps(
    login, session, settings, at
):
    world = make_world(session, settings, units=4, codes_each=10)
    key = keys.read_key(settings, world.campaign.code)
    session.add_all(Spent(tag=codes.tag_of(key, code)) for code in world.codes[:15])

    found = cards(login("survey_manager"))

    assert "Đợt thử Đang nhận phiếu. khoảng 30% số phiếu đã về" in found


@pytest.mark.parametrize(
    ("received", "sent", "expected"),
    [
        (5, 19, "đang thu phiếu"),
        (0, 100, "dưới 10% số phiếu đã về"),
        (9, 100, "dưới 10% số phiếu đã về"),
        (10, 100, "khoảng 10% số phiếu đã về"),
        (39, 100, "khoảng 30% số phiếu đã về"),
        (100, 100, "khoảng 100% số phiếu đã về"),
    ],
)
def test_the_share_of_ballots_is_told_in_steps(received, sent, expected):
    assert home.coarse_share(received, sent) == expected


def state(**changes):
    values = {
        "code": "X",
        "title": "Đợt X",
        "title_en": "Campaign X",
        "opens_at": now() - timedelta(days=2),
        "closes_at": now() + timedelta(days=2),
        "is_launched": True,
        "takes_codes": True,
        "sent": 50,
        "received": 20,
        "runs": 0,
    }
    return CampaignState(**{**values, **changes})


def tasks_of(role, **changes):
    situation = Situation(1, 1, 1, (state(**changes),), (), 0, 2)
    return [task.text for task in home.tasks(situation, frozenset({role}), now(), english=False)]


PAST = {"opens_at": now() - timedelta(days=9), "closes_at": now() - timedelta(days=1)}


@pytest.mark.parametrize(
    ("role", "changes", "expected"),
    [
        ("survey_manager", {}, ["Đang nhận phiếu."]),
        ("analyst", {}, ["Đang nhận phiếu."]),
        ("administrator", {}, []),
        ("survey_manager", {"is_launched": False}, ["Đã tạo nhưng chưa mở cho người trả lời."]),
        ("analyst", {"is_launched": False}, []),
        (
            "survey_manager",
            {"sent": 0},
            ["Chưa cấp mã phiếu nào; chưa ai trả lời được.", "Đang nhận phiếu."],
        ),
        ("survey_manager", {"sent": 0, "takes_codes": False}, ["Đang nhận phiếu."]),
        ("analyst", PAST, ["Đã đóng, chưa tính kết quả."]),
        ("analyst", {**PAST, "runs": 1}, []),
        ("survey_manager", PAST, []),
    ],
)
def test_each_role_finds_what_is_its_to_do(role, changes, expected):
    assert tasks_of(role, **changes) == expected


def test_a_closed_campaign_waits_for_the_analyst(login, session, settings, at):
    make_world(session, settings, closes_at=at - timedelta(days=1))

    assert any("Đã đóng, chưa tính kết quả." in card for card in cards(login("analyst")))
    english = cards(login("analyst", "administrator"), "?lang=en")
    assert any("Closed; results not yet computed." in card for card in english)


def test_missing_points_are_counted_without_what_does_not_apply(login, session, settings, at):
    make_world(session, settings)
    load_framework(session, framework(), actor="an", at=at)
    client = login("survey_manager")
    assert any("Còn thiếu 5 giá trị" in card for card in cards(client))

    data = b"unit,leaf,points\nU1,1.1,1\nU2,1.1,1.5"
    import_points(session, 2026, "diem.csv", data, actor="an", at=at)

    assert any("Còn thiếu 3 giá trị" in card for card in cards(client))


def test_an_open_link_campaign_has_no_share(login, session, settings, at):
    make_world(session, settings, anonymity=Anonymity.OPEN)

    assert "Đợt thử Đang nhận phiếu." in cards(login("survey_manager"))


def test_the_administrator_is_told_of_unused_accounts_and_of_standing_alone(login, session):
    client = login("administrator")
    make_account(session, "analyst", login="moi").must_change_password = True

    found = cards(client)

    assert any("1 tài khoản chưa đổi mật khẩu dùng một lần." in card for card in found)
    assert any("Chỉ có một quản trị viên" in card for card in found)


def test_when_nothing_waits_the_page_says_so(login, session, settings, at):
    make_world(session, settings, closes_at=at - timedelta(days=1))
    load_framework(session, framework(put([], "applies_to")), actor="an", at=at)

    assert "Không có việc nào đang chờ" in login("survey_manager").get("/staff/").text
