"""A form that nobody touches closes, after a warning, with what was typed."""

from __future__ import annotations

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from survey.clock import now
from tests.support.visitor import Visitor


@pytest.fixture
def idle(visitor: Visitor) -> Visitor:
    """A visitor on a page whose clock can be turned."""
    visitor.page.clock.install()
    visitor.start()
    visitor.page.goto(visitor.at("chu"))
    visitor.page.fill("#q_gop_y", "Chưa kịp gửi")
    return visitor


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Bạn vẫn đang trả lời chứ?")


def test_two_minutes_before_the_end_one_is_asked_and_goes_on(idle: Visitor) -> None:
    page = idle.page
    page.clock.run_for("42:00")
    expect(dialog(page)).to_be_hidden()
    page.clock.run_for("01:30")
    expect(dialog(page)).to_be_visible()
    expect(page.get_by_role("button", name="Làm tiếp")).to_be_focused()

    with page.expect_response("**/alive") as answered:
        page.keyboard.press("Enter")

    assert answered.value.status == 204
    expect(dialog(page)).to_be_hidden()
    page.clock.run_for("42:00")
    expect(dialog(page)).to_be_hidden()
    expect(page.locator("#q_gop_y")).to_have_value("Chưa kịp gửi")


def test_escape_goes_on_as_well(idle: Visitor) -> None:
    page = idle.page
    page.clock.run_for("43:30")
    expect(dialog(page)).to_be_visible()

    with page.expect_response("**/alive") as answered:
        page.keyboard.press("Escape")

    assert answered.value.status == 204


def test_at_the_end_what_was_typed_is_kept_and_the_door_is_shown(idle: Visitor) -> None:
    page = idle.page
    with time_machine.travel(now().timestamp() + 46 * 60):
        page.clock.run_for("45:01")
        expect(page.locator("#code")).to_be_visible()
        expect(page.locator(".error-summary")).to_contain_text("Phiếu đã tự khóa")

        page.fill("#code", idle.code)
        idle.button("Mở phiếu").click()
        idle.button("Làm tiếp").click()
        idle.is_at("chon")
        page.goto(idle.at("chu"))
        expect(page.locator("#q_gop_y")).to_have_value("Chưa kịp gửi")
