"""The pages of respondents: no barrier in any state, in both languages, however they are seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.accessibility import barriers
from tests.support.visitor import Visitor

LOOKS = {
    "phone": (320, {"color_scheme": "light"}),
    "desk, dark": (1280, {"color_scheme": "dark"}),
    "forced colours": (360, {"forced_colors": "active"}),
}


def assert_no_barrier(page: Page) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture(params=LOOKS)
def seen(request: pytest.FixtureRequest, visitor: Visitor) -> Visitor:
    """A visitor whose window has a certain look."""
    width, media = LOOKS[request.param]
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.page.emulate_media(reduced_motion="reduce", **media)
    return visitor


@pytest.mark.timeout(300)
def test_no_empty_page_is_a_barrier(seen: Visitor) -> None:
    seen.open()
    assert_no_barrier(seen.page)

    for code in ("chon", "thang", "so", "chu"):
        seen.page.goto(seen.at(code))
        seen.is_at(code)
        assert_no_barrier(seen.page)


@pytest.mark.timeout(300)
def test_no_page_with_errors_is_a_barrier(seen: Visitor) -> None:
    seen.start()
    seen.go_on()
    expect(seen.page.locator(".error-summary")).to_be_focused()
    assert_no_barrier(seen.page)

    seen.page.goto(seen.at("so"))
    for name in ("q_tuoi", "q_ngay_cho", "q_chia1", "q_ngay--month"):
        seen.page.fill(f'[name="{name}"]', "một")
    seen.go_on()
    expect(seen.page.locator(".error-summary li")).to_have_count(4)
    assert_no_barrier(seen.page)


@pytest.mark.timeout(300)
def test_no_warning_check_or_receipt_is_a_barrier(seen: Visitor) -> None:
    seen.start()
    seen.fill_required()
    seen.go_on()
    seen.is_at("thang")
    seen.page.goto(seen.at("so"))
    seen.page.fill("#q_tuoi", "105")
    seen.go_on()
    expect(seen.page.locator("#warnings-title")).to_be_visible()
    assert_no_barrier(seen.page)

    seen.page.get_by_label("Câu trả lời này đúng").check(force=True)
    seen.go_on()
    seen.is_at("chu")
    seen.go_on()
    seen.is_at("check")
    assert_no_barrier(seen.page)

    seen.hand_in()
    expect(seen.page.get_by_role("button", name="In biên nhận")).to_be_visible()
    assert_no_barrier(seen.page)


def test_the_other_language_keeps_what_was_typed_and_is_marked(visitor: Visitor) -> None:
    visitor.start()
    visitor.page.goto(visitor.at("chu"))
    visitor.page.fill("#q_gop_y", "Chưa gửi đi đâu")

    visitor.button("English").click()

    expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
    expect(visitor.page.get_by_label("What should be improved first?")).to_have_value(
        "Chưa gửi đi đâu"
    )
    assert_no_barrier(visitor.page)


def test_a_line_of_the_error_summary_leads_into_its_field(visitor: Visitor) -> None:
    visitor.start()
    visitor.go_on()

    visitor.page.locator(".error-summary a").last.click()

    expect(visitor.page.locator("#q_truc_tuyen")).to_be_focused()


def test_what_a_respondent_touches_is_large_enough(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 320, "height": 800})
    visitor.start()

    for code in ("chon", "thang", "so", "chu"):
        visitor.page.goto(visitor.at(code))
        sizes = visitor.page.locator(
            "main :is(.choice-label, .control, button):visible"
        ).evaluate_all("all => all.map(e => [e.offsetWidth, e.offsetHeight])")
        assert min(min(size) for size in sizes) >= 24
