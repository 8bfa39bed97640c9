"""Signing in and out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from survey.model.account import LoginSession
from tests.support.accounts import PASSWORD, make_account

PAGE = "/staff/sign-in"


def send(client, login, password, page=PAGE):
    return client.submit(page, {"login": login, "password": password})


def count_sessions(session):
    found = session.scalar(select(func.count()).select_from(LoginSession))
    session.rollback()
    return found


def test_the_right_password_leads_to_the_home_page(client, session):
    make_account(session, "administrator", login="an")

    response = send(client, " AN ", PASSWORD)

    assert response.status_code == 303
    assert response.location == "/staff/"
    assert client.get("/staff/").status_code == 200


def test_a_password_typed_in_another_composition_is_the_same_password(client, session):
    import unicodedata

    make_account(session, "administrator", login="an")

    assert send(client, "an", unicodedata.normalize("NFD", PASSWORD)).status_code == 303


@pytest.mark.parametrize("login", ["an", "khong-co-ai", "khoa"])
def test_wrong_password_unknown_login_and_locked_account_look_the_same(client, session, login):
    make_account(session, "administrator", login="an")
    make_account(session, "analyst", login="khoa").is_active = False

    password = PASSWORD if login == "khoa" else "một mật khẩu sai"
    response = send(client, login, password)

    expected = send(client, "x-" + login, "một mật khẩu sai")
    assert response.status_code == expected.status_code == 422
    assert without_token(response.text, login) == without_token(expected.text, "x-" + login)
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in response.text


def without_token(html, login):
    html = re.sub(r'name="csrf_token" value="[^"]+"', "", html)
    return html.replace(f'value="{login}"', "")
