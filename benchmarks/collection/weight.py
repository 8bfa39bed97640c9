"""What a page weighs in a real browser that has never been here: bytes over the wire, by kind."""

from __future__ import annotations

from collections import Counter
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support import chromium

KINDS = {"Document": "html", "Stylesheet": "css", "Script": "js", "Font": "fonts"}


def measure(port: int, door: str, code: str) -> dict[str, dict[str, int]]:
    """Return the weight of the door and of the first page of questions, each met cold."""
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        address = f"http://127.0.0.1:{port}{door}"
        door_weight = _cold(browser, address, None)
        first, state = _first_questions(browser, address, code)
        questions = _cold(browser, first, state)
        browser.close()
    return {"door": door_weight, "first questions": questions}


def _first_questions(browser: Browser, address: str, code: str) -> tuple[str, Any]:
    """Go through the door and return the address of the first questions, and the cookies."""
    context = browser.new_context(locale="vi-VN")
    page = context.new_page()
    page.goto(address)
    page.fill('input[name="code"]', code)
    page.click("main form button.button-primary")
    for _ in range(3):
        page.wait_for_load_state("networkidle")
        if page.locator('main input[type="radio"]').count():
            break
        page.locator("main .button-primary").first.click()
    return page.url, context.storage_state()


def _cold(browser: Browser, address: str, state: Any) -> dict[str, int]:
    context = browser.new_context(locale="vi-VN", storage_state=state)
    page = context.new_page()
    kinds, weight = _listen(page)
    page.goto(address, wait_until="networkidle")
    context.close()
    found: Counter[str] = Counter()
    for request, size in weight.items():
        found[kinds.get(request, "other")] += size
    total = sum(found.values())
    return {**found, "requests": len(weight), "without fonts": total - found["fonts"],
            "total": total}  # fmt: skip


def _listen(page: Page) -> tuple[dict[str, str], dict[str, int]]:
    kinds: dict[str, str] = {}
    weight: dict[str, int] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on(
        "Network.responseReceived",
        lambda event: kinds.update({event["requestId"]: KINDS.get(event["type"], "other")}),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: weight.update({event["requestId"]: int(event["encodedDataLength"])}),
    )
    return kinds, weight
