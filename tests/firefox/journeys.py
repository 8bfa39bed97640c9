"""Whole forms in a real Firefox: `make firefox`.

The file's name keeps it out of the ordinary run of the tests, which needs no Firefox. With
SCREENSHOTS=folder the pictures of the pages as a phone shows them are kept there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.clock import now
from survey.config import Settings
from survey.model.ballot import Ballot
from survey.web.sample_questions import SAMPLE
from tests.factories import World, make_world
from tests.firefox.marionette import firefox
from tests.firefox.respondent import (
    ABOUT_A_UNIT,
    BALLOT,
    FOLLOWS,
    HAND_IN,
    ON,
    PAGES,
    REFRESH,
    REQUIRED,
    START,
    UNITS,
    Keyboard,
    Respondent,
)


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def world(session: Session, settings: Settings) -> World:
    """A campaign whose questionnaire has every kind of question."""
    document = json.loads(SAMPLE.read_text("utf-8"))
    world = make_world(session, settings, document=document, closes_at=now() + timedelta(days=30))
    session.commit()
    return world


@pytest.fixture
def scripted(live_server: str, world: World, tmp_path: Path) -> Iterator[Respondent]:
    """A respondent whose browser runs scripts; an error of one fails the test."""
    folder = tmp_path / "profile"
    folder.mkdir()
    with firefox(folder) as browser:
        respondent = Respondent(browser, live_server, world)
        browser.goto(respondent.door)
        yield respondent
        assert browser.errors() == []


@pytest.fixture
def plain(live_server: str, world: World, tmp_path: Path) -> Iterator[Respondent]:
    """A respondent at a phone whose browser runs no script."""
    folder = tmp_path / "profile"
    folder.mkdir()
    with firefox(folder, javascript=False) as browser:
        respondent = Respondent(browser, live_server, world)
        browser.narrow(respondent.door, 360, 640)
        yield respondent


def assert_only_ballot_is_complete(session: Session) -> None:
    session.rollback()
    (ballot,) = session.scalars(select(Ballot)).all()
    content = json.loads(ballot.answers)
    assert content["answers"] == BALLOT
    assert content["units"] == dict.fromkeys(UNITS, ABOUT_A_UNIT)


def next_page(page: str) -> str:
    following = dict(zip(PAGES, list(PAGES)[1:], strict=False))
    return f"/page/{following[page]}" if page in following else "/check"


def test_with_scripts_a_whole_form_is_one_document_and_back_shows_the_answers(
    scripted: Respondent, session: Session
) -> None:
    browser = scripted.browser
    scripted.start()
    browser.run("document.documentElement.dataset.kept = 'yes'")

    for page, answers in PAGES.items():
        for name, value in answers:
            scripted.answer(name, value)
        scripted.go_on(next_page(page))
        if page == "thang":
            browser.back()
            scripted.is_at("/page/thang")
            browser.until("return document.querySelector('[name=q_sao]:checked')?.value === '4'")
            assert scripted.values("uu_tien--a") == ["2"]
            scripted.go_on("/page/so")

    assert browser.run("return document.documentElement.dataset.kept") == "yes"
    assert scripted.hand_in()
    assert_only_ballot_is_complete(session)


def test_without_scripts_a_whole_form_is_answered_and_back_shows_the_answers(
    plain: Respondent, session: Session
) -> None:
    assert not plain.browser.run("return document.documentElement.matches('.scripted')")
    plain.start()

    for page, answers in PAGES.items():
        for name, value in answers:
            if name not in FOLLOWS:
                plain.answer(name, value)
        if page == "chon":
            plain.browser.click(REFRESH)
            for name, value in answers:
                if name in FOLLOWS:
                    plain.answer(name, value)
        plain.go_on(next_page(page))
        if page == "chon":
            plain.browser.back()
            plain.is_at("/page/chon")
            assert plain.values("dong_y") == ["2026-1"]
            assert plain.values("ten_dn") == ["Dệt may"]
            plain.go_on("/page/thang")

    assert plain.hand_in()
    assert_only_ballot_is_complete(session)


def test_the_keyboard_alone_answers_a_whole_form(scripted: Respondent, session: Session) -> None:
    browser, keys = scripted.browser, Keyboard(scripted)
    keys.reach("#code")
    browser.press(*scripted.world.codes[0], "Enter")
    scripted.is_at("/intro")
    keys.press(START)
    scripted.is_at("/page/chon")

    for page, answers in PAGES.items():
        for name, value in answers:
            keys.answer(name, value)
        keys.press(ON)
        scripted.is_at(next_page(page))
    keys.press(HAND_IN)

    assert scripted.receipt()
    assert_only_ballot_is_complete(session)


@pytest.mark.parametrize("who", ["scripted", "plain"])
def test_the_language_changes_midway_and_what_was_typed_stays(
    who: str, request: pytest.FixtureRequest, session: Session
) -> None:
    respondent: Respondent = request.getfixturevalue(who)
    browser = respondent.browser
    respondent.start()
    for page in PAGES:
        for name, value in REQUIRED.get(page, []):
            respondent.answer(name, value)
        if page == "so":
            respondent.answer("ngay_cho", "2,5")
            browser.click("button[name=lang][value=en]")
            browser.until("return document.documentElement.lang === 'en'")
            browser.until("return document.body.innerText.includes('How old are you?')")
            assert respondent.values("tuoi") == ["40"]
            assert respondent.values("ngay_cho") in (["2.5"], ["2,5"])
        respondent.go_on(next_page(page))

    assert respondent.hand_in()
    assert browser.run("return document.querySelector('h1').innerText") == "Ballot received"
    session.rollback()
    (ballot,) = session.scalars(select(Ballot)).all()
    assert json.loads(ballot.answers)["answers"]["ngay_cho"] == "2.5"


def test_no_page_is_wider_than_a_phone(scripted: Respondent, tmp_path: Path) -> None:
    browser = scripted.browser
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    browser.narrow(scripted.door, 360, 640)
    scripted.start()

    for page in PAGES:
        for name, value in REQUIRED.get(page, []):
            scripted.answer(name, value)
        browser.screenshot(folder / f"firefox-{page}-360.png")
        assert browser.run("return document.documentElement.scrollWidth") <= 360
        scripted.go_on(next_page(page))
    browser.screenshot(folder / "firefox-check-360.png")
    assert browser.run("return document.documentElement.scrollWidth") <= 360
