"""Headers, languages and error pages: the same everywhere."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.app import create_app
from survey.config import Settings
from survey.errors import (
    AlreadyAnsweredError,
    AnswerError,
    ClosedError,
    ConfigurationError,
    NotFoundError,
    SurveyError,
    UnavailableError,
)
from survey.web import i18n
from survey.web.errors import status_of
from tests.factories import make_world
from tests.support.client import CheckedClient


@pytest.mark.parametrize("path", ["/", "/nothing-here", "/staff/sign-in", "/static/favicon.svg"])
def test_every_answer_carries_the_security_headers(client: CheckedClient, path: str) -> None:
    headers = client.get(path, buffered=True).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_over_https_cookies_are_secure_and_bound_to_the_host(
    settings: Settings, session: Session, at: object
) -> None:
    from dataclasses import replace

    app = create_app(replace(settings, https=True))
    world = make_world(session, settings)
    session.commit()

    browser = app.test_client()
    door = browser.get(world.url, base_url="https://localhost")
    opened = browser.post(world.url, data={"code": world.codes[0]}, base_url="https://localhost")
    signing = browser.get("/staff/sign-in", base_url="https://localhost")
    app.extensions["xhh"].dispose()

    set_cookies = [c for r in (door, opened, signing) for c in r.headers.getlist("Set-Cookie")]
    names = {cookie.partition("=")[0] for cookie in set_cookies}
    assert names == {"__Secure-xhh_cookies", "__Secure-xhh_visit", "__Host-xhh"}
    for cookie in set_cookies:
        for wanted in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert wanted in cookie
    assert "max-age" in door.headers["Strict-Transport-Security"]


def test_pages_are_not_kept_by_browsers_but_fingerprinted_files_are(
    client: CheckedClient,
) -> None:
    page = client.get("/")
    sheet = page.text.split('rel="stylesheet" href="')[1].split('"')[0]

    assert page.headers["Cache-Control"] == "no-store"
    assert "immutable" in client.get(sheet, buffered=True).headers["Cache-Control"]


def test_vietnamese_is_the_default_and_english_is_remembered(client: CheckedClient) -> None:
    assert '<html lang="vi">' in client.get("/", headers={"Accept-Language": "en"}).text
    assert '<html lang="en">' in client.get("/?lang=en").text
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="vi">' in client.get("/?lang=vi").text
    assert '<html lang="vi">' in client.get("/?lang=xx").text


def test_an_unknown_page_is_told_in_the_language_of_the_visitor(client: CheckedClient) -> None:
    assert "Không tìm thấy trang" in client.get("/nothing").text
    english = client.get("/nothing?lang=en")
    assert english.status_code == 404
    assert "Không" not in english.text.replace("Tiếng Việt", "")


def test_a_wrong_method_names_the_right_ones(client: CheckedClient) -> None:
    response = client.put("/")

    assert response.status_code in {400, 405}


def test_an_unexpected_fault_becomes_a_page_without_details(app: Flask) -> None:
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/fault")
    def fault() -> str:
        raise RuntimeError("secret detail")

    fault.xhh_access = frozenset({"public"})  # type: ignore[attr-defined]
    response = app.test_client().get("/fault")

    assert response.status_code == 500
    assert "secret detail" not in response.text
    assert "đã được ghi lại" in response.text


def test_a_view_that_nobody_opened_is_denied(app: Flask) -> None:
    @app.get("/forgotten")
    def forgotten() -> str:
        return "open"

    response = app.test_client().get("/forgotten")

    assert "open" not in response.text
    assert response.status_code == 303
    assert "/staff/sign-in" in response.location


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError(), 404),
        (AnswerError([]), 422),
        (ClosedError(), 410),
        (AlreadyAnsweredError(), 409),
        (UnavailableError(), 503),
        (ConfigurationError(), 400),
        (SurveyError(), 400),
    ],
)
def test_each_error_has_its_status(error: SurveyError, status: int) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize(
    ("value", "vietnamese", "english"),
    [
        (Decimal("1234.50"), "1.234,50", "1,234.50"),
        (Decimal("-0.5"), "−0,5", "−0.5"),
        (7, "7", "7"),
        (Decimal("86.75"), "86,75", "86.75"),
    ],
)
def test_numbers_have_the_marks_of_the_language(
    app: Flask, value: Decimal, vietnamese: str, english: str
) -> None:
    with app.test_request_context("/"):
        app.preprocess_request()
        assert i18n.number(value) == vietnamese
    with app.test_request_context("/?lang=en"):
        app.preprocess_request()
        assert i18n.number(value) == english


def test_dates_are_read_in_vietnam() -> None:
    late = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)

    assert i18n.day(late) == "03/03/2026"
    assert i18n.moment(late) == "03/03/2026 01:30"
    assert i18n.day(date(2026, 1, 9)) == "09/01/2026"


def test_a_database_of_another_version_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="xhh db upgrade"):
        create_app(Settings(instance=tmp_path, secret_key="x"), serving=True)
