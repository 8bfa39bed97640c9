"""Large files: taken from those who may send them, refused from everybody else."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.config import Settings
from tests.support.accounts import PASSWORD, make_account
from tests.support.client import CheckedClient, form_values
from tests.support.fieldwork import (
    LONG,
    LONG_HEAD,
    ORGANISATION,
    launched_campaign,
    lay_foundation,
    stored,
)
from tests.support.pages import elements, parse

MIB = 2**20
ORGANISATION_PAGE = "/staff/administration/organisation"
RESPONSES_PAGE = "/staff/fieldwork/campaigns/XHH-2026/responses"
POINTS_PAGE = "/staff/scoring/points/2026"
LARGE = "Nội dung gửi lên quá lớn"
Login = Callable[..., CheckedClient]


def send(client: CheckedClient, page: str, files: dict[str, str], token: str) -> TestResponse:
    """Post files as a browser does."""
    lines = ["--x", 'Content-Disposition: form-data; name="csrf_token"', "", token]
    for name, text in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{name}.csv"'
        lines += ["--x", head, "Content-Type: application/octet-stream", "", text]
    body = "\r\n".join([*lines, "--x--", ""]).encode()
    return client.post(page, data=body, content_type="multipart/form-data; boundary=x")


def submit(client: CheckedClient, page: str, **files: str) -> TestResponse:
    """Post files with the token of the page."""
    forms = elements(parse(client.get(page).text)[0], "form")
    tokens = [form_values(form).get("csrf_token") for form in forms]
    return send(client, page, files, next(token for token in tokens if token))


def organisation(size: int) -> str:
    """A file of this size: blanks follow what it means."""
    return json.dumps(ORGANISATION).ljust(size)


@pytest.mark.parametrize("role", ["administrator", "survey_manager"])
def test_an_organisation_of_nearly_two_megabytes_is_stored(login: Login, role: str) -> None:
    sent = submit(login(role), ORGANISATION_PAGE, file=organisation(1_900_000))

    assert sent.status_code == 303


def test_an_organisation_of_five_megabytes_is_read_and_told_to_be_too_long(login: Login) -> None:
    sent = submit(login("administrator"), ORGANISATION_PAGE, file=organisation(5 * MIB))

    assert sent.status_code == 422
    assert "Nội dung JSON dài quá 2000000 ký tự." in sent.text


def test_points_of_five_megabytes_are_read_and_their_problems_told(
    login: Login, session: Session
) -> None:
    lay_foundation(session)
    rows = f"KHONG-CO,1.1,1,{'x' * 30_000}\n" * 170

    sent = submit(login("analyst"), POINTS_PAGE, file=f"unit,leaf,points,note\n{rows}")

    assert sent.status_code == 422
    assert "KHONG-CO" in sent.text


def test_answers_of_five_megabytes_are_stored(
    login: Login, session: Session, settings: Settings, at: object
) -> None:
    launched_campaign(session, settings)
    notes = ";Ghi chú 1;Ghi chú 2;Ghi chú 3;Ghi chú 4;Ghi chú 5"
    rows = [f"{n};Cục A;B;Tốt;A;1" + f";{'x' * 30_000}" * 5 for n in range(35)]
    text = "\n".join([LONG_HEAD + notes, *rows])

    sent = submit(login("survey_manager"), RESPONSES_PAGE, file=text, mapping=json.dumps(LONG))

    assert sent.status_code in {200, 303}, sent.text
    assert len(text) > 5 * MIB - 10_000
    assert len(stored(session)) == 35


def test_eleven_megabytes_are_too_much_for_everybody(login: Login) -> None:
    sent = submit(login("administrator"), ORGANISATION_PAGE, file=organisation(11 * MIB))

    assert sent.status_code == 413
    assert LARGE in sent.text


def test_five_megabytes_of_a_visitor_are_refused_unread(client: CheckedClient) -> None:
    sent = send(client, ORGANISATION_PAGE, {"file": organisation(5 * MIB)}, "")

    assert sent.status_code == 413


@pytest.mark.parametrize(("role", "status"), [("analyst", 413), ("survey_manager", 400)])
def test_more_is_read_only_where_the_role_may_send_files(
    login: Login, role: str, status: int
) -> None:
    sent = send(login(role), ORGANISATION_PAGE, {"file": organisation(5 * MIB)}, "wrong token")

    assert sent.status_code == status


def test_a_page_without_files_takes_no_more_from_staff(login: Login) -> None:
    sent = send(login("administrator"), "/staff/sign-in", {"file": organisation(5 * MIB)}, "")

    assert sent.status_code == 413


def test_who_has_to_change_the_password_first_sends_nothing_large(
    make_client: Callable[[], CheckedClient], session: Session
) -> None:
    make_account(session, "survey_manager", login="moi").must_change_password = True
    client = make_client()
    client.submit("/staff/sign-in", {"login": "moi", "password": PASSWORD})

    sent = send(client, ORGANISATION_PAGE, {"file": organisation(5 * MIB)}, "")

    assert sent.status_code == 413
