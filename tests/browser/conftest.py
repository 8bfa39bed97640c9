"""A real Chromium. The pages are the same on every database, so SQLite alone serves them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright
from sqlalchemy.orm import Session

from survey.clock import now
from survey.config import Settings
from tests.factories import World, make_world
from tests.support.chromium import launch
from tests.support.visitor import Visitor, every_kind


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker("browser")


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, live_server: str) -> Iterator[BrowserContext]:
    """A fresh profile that reaches the live server and nothing else."""
    context = browser.new_context(base_url=live_server, locale="vi-VN", timezone_id="Asia/Bangkok")
    foreign: list[str] = []

    def is_ours(request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(live_server).netloc:
            foreign.append(request.url)

    context.on("request", is_ours)
    yield context
    context.close()
    assert not foreign, f"the pages asked other hosts: {foreign}"


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page; an error of a script or a breach of the content policy fails the test."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: errors.append(message.text) if message.type == "error" else None,
    )
    yield page
    # A page that answers with an error on purpose is written to the console as well.
    errors = [e for e in errors if not e.startswith("Failed to load resource")]
    assert not errors, f"errors in the browser: {errors}"


@pytest.fixture
def world(session: Session, settings: Settings) -> World:
    """A campaign whose questionnaire has every kind of question."""
    closes_at = now() + timedelta(days=30)
    return make_world(session, settings, document=every_kind(), closes_at=closes_at)


@pytest.fixture
def visitor(world: World, page: Page) -> Visitor:
    """Somebody with a code, before the door."""
    return Visitor(page, world)
