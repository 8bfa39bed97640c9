"""A respondent in a real browser: opens a form, fills in every kind of question, hands it in."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

from survey.web.sample_questions import SAMPLE
from tests.factories import World

TITLES = {"chon": "Chọn một hoặc nhiều", "thang": "Thang điểm và thứ tự", "so": "Số và ngày",
          "chu": "Lời của bạn", "check": "Xem lại trước khi gửi"}  # fmt: skip


def every_kind(**changes: Any) -> dict[str, Any]:
    """Return the sample questionnaire with every kind of question."""
    document: dict[str, Any] = json.loads(SAMPLE.read_text("utf-8"))
    return document | changes


class Visitor:
    """Somebody who answers on a page of the browser."""

    def __init__(self, page: Page, world: World, number: int = 0) -> None:
        self.page = page
        self.world = world
        self.code = world.codes[number]

    def open(self) -> None:
        """Type the code at the door."""
        self.page.goto(self.world.url)
        self.page.fill("#code", self.code)
        self.button("Mở phiếu").click()
        self.page.wait_for_url("**/intro")

    def start(self) -> None:
        """Open the form and go to its first page."""
        self.open()
        self.button("Bắt đầu trả lời").click()
        self.is_at("chon")

    def button(self, name: str) -> Locator:
        """Return the button in sight with a name; the last, where there are several."""
        return self.page.get_by_role("button", name=name, exact=True).locator("visible=true").last

    def go_on(self) -> None:
        """Press the button that leads on."""
        self.button("Tiếp tục").click()

    def is_at(self, page: str) -> None:
        """Wait until a page is shown."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(TITLES[page])

    def at(self, page: str) -> str:
        """Return the address of a page of the form that is open."""
        return f"{self.page.url.split('/intro')[0].split('/page/')[0]}/page/{page}"

    def tick(self, name: str, value: str) -> None:
        """Choose a radio button or a checkbox by what it sends."""
        self.page.locator(f'[name="{name}"][value="{value}"]').check()

    def chosen(self, name: str) -> list[str]:
        """Return what is ticked under a name."""
        found: list[str] = self.page.locator(f'[name="{name}"]:checked').evaluate_all(
            "fields => fields.map(field => field.value)"
        )
        return found

    def fill_required(self) -> None:
        """Answer what has to be answered on the first page."""
        self.tick("q_dong_y", "2026-1")
        self.tick("q_truc_tuyen", "yes")

    def answer_what_is_required(self) -> None:
        """Go from the first page to the check with the fewest answers."""
        self.fill_required()
        for code in ("thang", "so"):
            self.go_on()
            self.is_at(code)
        self.page.fill("#q_tuoi", "40")
        for code in ("chu", "check"):
            self.go_on()
            self.is_at(code)

    def hand_in(self) -> str:
        """Press the last button and return the receipt."""
        self.button("Gửi phiếu").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Đã nhận phiếu")
        return self.page.locator(".receipt-reference").inner_text()
