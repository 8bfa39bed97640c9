"""Signing in and out: the right people, no hints to the wrong ones, and not too often."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from sqlalchemy import func, select

from survey.administration.services import sign_in
from survey.administration.views import own_path
from survey.clock import now
from survey.model.account import LoginSession
from survey.model.audit import AuditEvent
from survey.web import auth
from tests.conftest import FIXED_TIME
from tests.support.accounts import PASSWORD, make_account

PAGE = "/staff/sign-in"
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."


@pytest.fixture
def an(session):
    return make_account(session, "administrator", login="an")


def send(client, login, password, page=PAGE):
    return client.submit(page, {"login": login, "password": password})


def count_sessions(session):
    found = session.scalar(select(func.count()).select_from(LoginSession))
    session.rollback()
    return found


def anonymous(html, login):
    """Return a page without what differs between any two requests."""
    html = re.sub(r'name="csrf_token" value="[^"]+"', "", html)
    return html.replace(f'value="{login}"', "")


def test_the_right_password_leads_to_the_home_page(client, an):
    response = send(client, " AN ", PASSWORD)

    assert (response.status_code, response.location) == (303, "/staff/")
    assert client.get("/staff/").status_code == 200


def test_a_password_typed_in_another_composition_is_the_same_password(client, an):
    assert send(client, "an", unicodedata.normalize("NFD", PASSWORD)).status_code == 303


@pytest.mark.parametrize(
    ("login", "password"),
    [("an", "một mật khẩu sai"), ("không có ai", "một mật khẩu sai"), ("khoa", PASSWORD)],
)
def test_wrong_password_unknown_login_and_locked_account_look_the_same(
    client, session, an, login, password
):
    make_account(session, "analyst", login="khoa").is_active = False

    response, other = send(client, login, password), send(client, "ai-do", "một mật khẩu sai")

    assert response.status_code == other.status_code == 422
    assert anonymous(response.text, login) == anonymous(other.text, "ai-do")
    assert WRONG in response.text


def test_a_page_in_english_refuses_in_english(client, an):
    client.get(f"{PAGE}?lang=en")

    assert "The login name or the password is not right." in send(client, "an", "wrong").text


def test_an_empty_form_says_what_is_missing(client):
    response = send(client, "", "")

    assert response.status_code == 422
    assert "Nhập tên đăng nhập." in response.text
    assert "Nhập mật khẩu." in response.text


@pytest.mark.parametrize("login", ["a\x00b", "x" * 200, "' OR 1=1 --", "<script>alert(1)</script>"])
def test_hostile_logins_are_only_wrong(client, login):
    response = send(client, login, "một mật khẩu sai")

    assert response.status_code == 422
    assert "<script>alert" not in response.text


def test_after_too_many_tries_even_the_right_password_has_to_wait(client, settings, an):
    with time_machine.travel(FIXED_TIME, tick=False) as clock:
        for _ in range(settings.sign_in_attempts):
            assert send(client, "an", "một mật khẩu sai").status_code == 422

        refused = send(client, "AN", PASSWORD)
        clock.shift(timedelta(minutes=16))
        later = send(client, "an", PASSWORD)

    assert refused.status_code == 429
    assert "đợi 15 phút" in refused.text
    assert later.status_code == 303


def test_tries_are_counted_for_unknown_logins_too(client, settings):
    for _ in range(settings.sign_in_attempts):
        send(client, "khong-co", "một mật khẩu sai")

    assert send(client, "khong-co", "một mật khẩu sai").status_code == 429


def test_a_longer_login_that_means_the_same_account_counts_with_it(client, session, settings):
    make_account(session, "analyst", login="d" * 64)
    for number in range(settings.sign_in_attempts):
        send(client, "d" * (64 + number), "một mật khẩu sai")

    assert send(client, "D" * 64 + "khác", PASSWORD).status_code == 429


def test_tries_from_one_address_do_not_lock_the_owner_out(client, settings, an):
    client.environ_base["REMOTE_ADDR"] = "10.0.0.66"
    for _ in range(settings.sign_in_attempts + 1):
        send(client, "an", "một mật khẩu sai")

    client.environ_base["REMOTE_ADDR"] = "10.0.0.7"

    assert send(client, "an", PASSWORD).status_code == 303


def test_a_success_starts_the_count_anew(client, settings, an):
    for _ in range(settings.sign_in_attempts - 1):
        send(client, "an", "một mật khẩu sai")
    send(client, "an", PASSWORD)
    client.submit("/staff/", button="Đăng xuất")

    assert send(client, "an", "một mật khẩu sai").status_code == 422


def test_no_address_and_no_password_is_stored(client, session, an):
    send(client, "an", "một mật khẩu sai rõ ràng")
    send(client, "an", PASSWORD)

    stored = [
        str(row)
        for table in LoginSession.metadata.sorted_tables
        for row in session.execute(select(table))
    ]
    text = "\n".join(stored)
    assert "127.0.0.1" not in text
    assert "mật khẩu sai rõ ràng" not in text
    assert PASSWORD not in text


def test_signing_in_again_ends_the_session_that_the_browser_had(client, session, an):
    send(client, "an", PASSWORD)
    before = client.get_cookie("xhh_staff").value

    send(client, "an", PASSWORD)

    assert client.get_cookie("xhh_staff").value != before
    assert count_sessions(session) == 1


def test_a_token_fixed_before_signing_in_opens_nothing(client, make_client, an):
    client.set_cookie("xhh_staff", "fixed-by-somebody-else")
    send(client, "an", PASSWORD)
    thief = make_client()
    thief.set_cookie("xhh_staff", "fixed-by-somebody-else")

    assert thief.get("/staff/").status_code == 303


def test_signing_out_ends_the_session_on_the_server_too(client, make_client, session, an):
    send(client, "an", PASSWORD)
    token = client.get_cookie("xhh_staff").value

    response = client.submit("/staff/", button="Đăng xuất")

    assert response.location == PAGE
    thief = make_client()
    thief.set_cookie("xhh_staff", token)
    assert thief.get("/staff/").status_code == 303
    assert count_sessions(session) == 0


def test_signing_out_is_not_possible_by_a_link(client, an):
    send(client, "an", PASSWORD)

    assert client.get("/staff/sign-out").status_code == 405
    assert client.get("/staff/").status_code == 200


def test_a_session_ends_when_nobody_uses_it(client, an):
    with time_machine.travel(FIXED_TIME, tick=False) as clock:
        send(client, "an", PASSWORD)
        clock.shift(auth.IDLE + timedelta(minutes=1))

        assert client.get("/staff/").status_code == 303


def test_old_sessions_are_forgotten_at_the_next_sign_in(session, an):
    with time_machine.travel(FIXED_TIME, tick=False) as clock:
        sign_in(session, "an", PASSWORD, at=now())
        clock.shift(auth.LONGEST + timedelta(minutes=1))
        sign_in(session, "an", PASSWORD, at=now())

    assert count_sessions(session) == 1


def test_signing_in_is_logged(client, session, an):
    send(client, "an", PASSWORD)

    event = session.scalars(select(AuditEvent)).one()
    assert (event.actor, event.action) == ("an", "account.signed_in")


@pytest.mark.parametrize("login", [" AN ", "khong-co", "d" * 200])
def test_a_wrong_sign_in_is_logged_once_a_window_and_without_the_password(
    client, session, an, login
):
    with time_machine.travel(FIXED_TIME, tick=False) as clock:
        for _ in range(3):
            send(client, login, "một mật khẩu sai")
        first = session.scalars(select(AuditEvent)).all()
        clock.shift(timedelta(minutes=16))
        send(client, login, "một mật khẩu sai")

    second = session.scalars(select(AuditEvent)).all()
    assert (len(first), len(second)) == (1, 2)
    for event in second:
        assert (event.actor, event.action) == ("–", "account.refused")
        assert (event.thing, event.details) == (login.strip().lower()[:64], {})


def test_the_log_names_refused_sign_ins_in_words(client, login):
    send(client, "khong-co", "một mật khẩu sai")

    page = login("administrator").get("/staff/administration/log").text

    assert "Đăng nhập không thành công" in page
    assert "khong-co" in page


def test_a_form_without_its_token_is_refused(client, an):
    response = client.post(PAGE, data={"login": "an", "password": PASSWORD})

    assert response.status_code == 400
    assert client.get_cookie("xhh_staff") is None


def test_a_page_that_needs_signing_in_is_where_one_comes_out(client, an):
    asked = client.get("/staff/administration/accounts")

    response = client.submit(asked.location, {"login": "an", "password": PASSWORD})

    assert response.location == "/staff/administration/accounts"


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/staff/..//evil.example",
    "/staff//evil.example",
    "/staff/\\evil.example",
    "/staff/\n//evil.example",
    "\t//evil.example",
    "javascript:alert(1)",
    "/staff@evil.example",
    "https:evil.example",
    "/staff/?next=https://evil.example",
    "/staff/%0d%0aLocation:%20https://evil.example",
    "http://127.0.0.1@evil.example/staff/",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nothing_but_an_own_path_is_gone_to_after_signing_in(target):
    assert own_path(target) is None


@pytest.mark.parametrize(
    "target", ["/staff/", "/staff/scoring/points/2022", "/staff/results/runs/a-b_c.d~e"]
)
def test_own_paths_are_gone_to(target):
    assert own_path(target) == target


def test_nobody_is_sent_to_another_site(client, an):
    for target in ELSEWHERE:
        page = f"{PAGE}?{urlencode({'next': target})}"

        assert send(client, "an", PASSWORD, page).location == "/staff/", target
        client.submit("/staff/", button="Đăng xuất")
