"""What a respondent's first pages weigh on the wire, measured in the browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.visitor import TITLES, Visitor

KILOBYTE = 1024


@dataclass
class Wire:
    """The bytes that came over the wire: the fonts apart, since text is there before them."""

    page: int = 0
    fonts: int = 0
    requests: list[str] = field(default_factory=list)


def measured(context: BrowserContext, page: Page) -> Wire:
    """Return a measure that grows with everything the page fetches, with nothing cached."""
    wire = Wire()
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    kinds: dict[str, str] = {}

    def note(event: dict[str, object]) -> None:
        kinds[str(event["requestId"])] = str(event["type"])
        wire.requests.append(str(event["response"]["url"]))  # type: ignore[index]

    def weigh(event: dict[str, object]) -> None:
        size = int(event["encodedDataLength"])  # type: ignore[call-overload]
        if kinds.get(str(event["requestId"])) == "Font":
            wire.fonts += size
        else:
            wire.page += size

    client.on("Network.responseReceived", note)
    client.on("Network.loadingFinished", weigh)
    return wire


def test_the_door_weighs_little(
    visitor: Visitor, context: BrowserContext, record_property: Callable[[str, object], None]
) -> None:
    wire = measured(context, visitor.page)

    visitor.page.goto(visitor.world.url, wait_until="networkidle")

    record_property("bytes", [wire.page, wire.fonts])
    assert wire.page <= 60 * KILOBYTE
    assert wire.fonts <= 100 * KILOBYTE


def test_the_first_page_of_questions_weighs_little_even_where_nothing_was_seen_before(
    visitor: Visitor, browser: Browser, record_property: Callable[[str, object], None]
) -> None:
    visitor.start()
    address = visitor.page.url
    fresh = browser.new_context()
    fresh.add_cookies(visitor.page.context.cookies())  # type: ignore[arg-type]
    page = fresh.new_page()
    wire = measured(fresh, page)

    page.goto(address, wait_until="networkidle")

    record_property("bytes", [wire.page, wire.fonts])
    assert page.locator("h1").inner_text() == TITLES["chon"]
    assert wire.page <= 60 * KILOBYTE
    assert wire.fonts <= 100 * KILOBYTE
    fresh.close()


def test_a_complete_form_takes_few_requests(visitor: Visitor, context: BrowserContext) -> None:
    wire = measured(context, visitor.page)
    visitor.start()
    visitor.answer_what_is_required()
    visitor.hand_in()

    dynamic = [url for url in wire.requests if "/static/" not in url]
    assert len(dynamic) <= 15
