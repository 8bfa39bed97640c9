"""The parts that pages are made of, all on one page: as they look, and as they are used."""

from __future__ import annotations

import pytest

from tests.support.accessibility import barriers
from tests.support.accounts import PASSWORD, make_account

COUNT_SUBMITS = """
    window.sent = 0;
    addEventListener("submit", (event) => {
      if (!event.defaultPrevented) window.sent += 1;
      event.preventDefault();
    });
"""


@pytest.fixture
def patterns(page, session):
    """The page of patterns, opened by a member of staff."""
    make_account(session, "administrator", login="designer")
    page.goto("/staff/sign-in")
    page.fill("[name=login]", "designer")
    page.fill("[name=password]", PASSWORD)
    page.locator("main button[type=submit]").click()
    page.goto("/staff/patterns")
    return page


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_component_is_a_barrier_in_any_state(patterns, scheme, width):
    patterns.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    patterns.set_viewport_size({"width": width, "height": 900})

    assert barriers(patterns) == []
    assert patterns.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_is_wider_than_the_page_at_four_times_the_size(patterns):
    patterns.set_viewport_size({"width": 320, "height": 256})

    assert patterns.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_error_summary_takes_the_focus_and_leads_into_the_field(patterns):
    summary = patterns.locator(".error-summary")
    assert summary.evaluate("element => element === document.activeElement")

    summary.get_by_role("link", name="Hãy chọn một khối.").click()

    focused = patterns.locator(":focus")
    assert focused.get_attribute("type") == "radio"
    assert focused.bounding_box()["y"] > 0


def test_a_row_of_a_matrix_is_answered_by_keyboard(patterns):
    patterns.locator("#p1_q_bang1__u1").focus()

    patterns.keyboard.press("Space")
    patterns.keyboard.press("ArrowDown")

    assert patterns.locator("[name=p1_q_bang1__u1]:checked").get_attribute("value") == "4"


@pytest.mark.parametrize("width", [360, 1280])
def test_what_a_respondent_touches_is_large_enough(patterns, width):
    patterns.set_viewport_size({"width": width, "height": 900})

    sizes = patterns.locator(".question .choice-label:visible").evaluate_all(
        "labels => labels.map(l => [l.offsetWidth, l.offsetHeight])"
    )

    assert min(min(size) for size in sizes) >= 44


def test_one_markup_is_a_table_on_a_desk_and_cards_on_a_phone(patterns):
    first, second = (
        patterns.locator(f"[name=p1_q_bang1__u0][value='{code}'] + label") for code in "54"
    )
    patterns.set_viewport_size({"width": 1280, "height": 900})
    desk = first.bounding_box(), second.bounding_box()
    patterns.set_viewport_size({"width": 360, "height": 900})
    phone = first.bounding_box(), second.bounding_box()

    assert desk[0]["y"] == desk[1]["y"]
    assert desk[0]["x"] < desk[1]["x"]
    assert phone[0]["x"] == phone[1]["x"]
    assert phone[0]["y"] < phone[1]["y"]


def test_a_double_click_submits_once(patterns):
    patterns.evaluate(COUNT_SUBMITS)
    form = patterns.locator("form[data-behaviour=submit-once]").filter(
        has=patterns.get_by_text("Đóng đợt điều tra")
    )

    form.get_by_role("button").dblclick()

    assert patterns.evaluate("window.sent") == 1


def test_a_menu_closes_on_escape_and_gives_the_focus_back(patterns):
    patterns.set_viewport_size({"width": 1280, "height": 900})
    menu = patterns.locator(".account-menu")
    menu.locator("summary").click()
    menu.get_by_role("button", name="Đăng xuất").focus()

    patterns.keyboard.press("Escape")

    assert menu.get_attribute("open") is None
    assert menu.locator("summary").evaluate("element => element === document.activeElement")


def test_paper_shows_the_figures_and_nothing_to_press(patterns):
    patterns.emulate_media(media="print")

    assert patterns.locator("#pattern-units").is_visible()
    assert not patterns.locator(".site-navigation").is_visible()
    assert not patterns.locator(".filter-bar").first.is_visible()
