"""Pages that are sent without being left: the history, live questions, helpers of single kinds."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.visitor import Visitor


def loads(page: Page) -> list[str]:
    """Return a list that grows with every page that is loaded as a whole."""
    found: list[str] = []
    page.on("load", lambda loaded: found.append(loaded.url))
    return found


def test_going_on_loads_no_page_anew_and_reading_starts_at_the_heading(visitor: Visitor) -> None:
    visitor.start()
    visitor.fill_required()
    loaded = loads(visitor.page)

    visitor.go_on()

    visitor.is_at("thang")
    assert visitor.page.url.endswith("/page/thang")
    expect(visitor.page.locator("h1")).to_be_focused()
    assert loaded == []


def test_back_and_forward_show_the_answers_of_each_page(visitor: Visitor) -> None:
    visitor.start()
    visitor.fill_required()
    visitor.go_on()
    visitor.is_at("thang")
    visitor.tick("q_sao", "4")
    visitor.go_on()
    visitor.is_at("so")

    visitor.page.go_back()
    visitor.is_at("thang")
    assert visitor.chosen("q_sao") == ["4"]
    visitor.page.go_back()
    visitor.is_at("chon")
    assert visitor.chosen("q_dong_y") == ["2026-1"]
    visitor.page.go_forward()

    visitor.is_at("thang")
    assert visitor.page.url.endswith("/page/thang")


def test_back_never_asks_to_send_again_after_errors(visitor: Visitor) -> None:
    visitor.start()
    visitor.go_on()
    expect(visitor.page.locator(".error-summary")).to_be_focused()
    visitor.fill_required()
    visitor.go_on()
    visitor.is_at("thang")

    visitor.page.go_back()

    visitor.is_at("chon")
    assert visitor.chosen("q_truc_tuyen") == ["yes"]


def test_a_reload_shows_what_was_kept(visitor: Visitor) -> None:
    visitor.start()
    visitor.fill_required()
    visitor.go_on()
    visitor.is_at("thang")

    visitor.page.reload()

    visitor.is_at("thang")


def test_correcting_an_answer_leads_into_its_field(visitor: Visitor) -> None:
    visitor.start()
    visitor.page.goto(visitor.at("so"))
    visitor.page.fill("#q_tuoi", "40")
    visitor.go_on()
    visitor.is_at("chu")
    visitor.go_on()
    visitor.is_at("check")

    visitor.page.locator('[id="at:q_tuoi"]').click()

    visitor.is_at("so")
    expect(visitor.page.locator("#q_tuoi")).to_be_focused()
    expect(visitor.page.locator("#q_tuoi")).to_have_value("40")


def test_two_windows_are_shown_both_answers(visitor: Visitor) -> None:
    visitor.start()
    here = visitor.page
    here.goto(visitor.at("chu"))
    there = here.context.new_page()
    there.goto(here.url)
    there.fill("#q_gop_y", "Từ cửa sổ kia")
    Visitor(there, visitor.world).go_on()
    expect(there.locator("h1")).not_to_have_text("Lời của bạn")

    here.fill("#q_gop_y", "Từ cửa sổ này")
    visitor.go_on()

    stale = here.locator(".callout")
    expect(stale).to_contain_text("Từ cửa sổ kia")
    expect(stale).to_contain_text("Từ cửa sổ này")
    visitor.button("Dùng câu trả lời đã lưu").click()
    expect(here.locator("#q_gop_y")).to_have_value("Từ cửa sổ kia")


# --- Live questions ------------------------------------------------------------------------------


def test_a_question_comes_and_goes_with_the_answer_it_depends_on(visitor: Visitor) -> None:
    visitor.start()
    industry = visitor.page.locator("#q_ten_dn")
    note = visitor.page.get_by_text("chỉ trả lời cho trụ sở chính")
    expect(industry).to_be_hidden()
    expect(note).to_be_hidden()

    visitor.tick("q_doi_tuong", "dn")
    expect(industry).to_be_visible()
    expect(note).to_be_visible()
    visitor.tick("q_doi_tuong", "dan")

    expect(industry).to_be_hidden()
    expect(note).to_be_hidden()


def test_what_is_typed_during_a_refresh_is_kept(visitor: Visitor) -> None:
    visitor.start()
    page = visitor.page
    held: list[Route] = []
    page.route("**/page/chon", lambda route: held.append(route))  # noqa: PLW0108
    visitor.tick("q_doi_tuong", "dn")
    visitor.tick("q_kenh", "web")
    page.wait_for_timeout(200)
    page.locator("#q_ten_dn").press_sequentially("Dệt may")

    held[0].continue_()
    page.unroute("**/page/chon")
    expect(page.locator("#q_ten_dn")).to_be_focused()

    expect(page.locator("#q_ten_dn")).to_have_value("Dệt may")
    assert visitor.chosen("q_kenh") == ["web"]


def test_choices_follow_another_answer_of_the_page(visitor: Visitor) -> None:
    visitor.start()

    visitor.tick("q_kenh", "web")
    visitor.tick("q_kenh", "bp")

    expect(visitor.page.locator("#q_kenh_tot")).to_be_visible()
    expect(visitor.page.locator("[name=q_kenh_tot]")).to_have_count(2)


def test_what_stands_alone_unticks_the_rest(visitor: Visitor) -> None:
    visitor.start()
    visitor.tick("q_kenh", "web")
    visitor.tick("q_kenh", "ko")
    assert visitor.chosen("q_kenh") == ["ko"]

    visitor.tick("q_kenh", "dt")

    assert visitor.chosen("q_kenh") == ["dt"]


def test_a_way_out_empties_the_answer_and_gives_it_back(visitor: Visitor) -> None:
    visitor.start()
    visitor.page.goto(visitor.at("so"))
    age = visitor.page.locator("#q_tuoi")
    age.fill("40")

    visitor.tick("q_tuoi--missing", "refused")
    expect(age).to_have_value("")
    visitor.page.locator('[name="q_tuoi--missing"]').uncheck()
    expect(age).to_have_value("40")
    visitor.tick("q_tuoi--missing", "refused")
    age.press_sequentially("5")

    assert visitor.chosen("q_tuoi--missing") == []


def test_a_sum_says_what_is_left(visitor: Visitor) -> None:
    visitor.start()
    visitor.page.goto(visitor.at("so"))
    told = visitor.page.locator(".sum-told")
    expect(told).to_have_text("Đã chia 0 trên 100, còn 100.")

    visitor.page.fill("#q_chia1", "60")
    visitor.page.fill("#q_chia2", "20,5")
    expect(told).to_have_text("Đã chia 80,5 trên 100, còn 19,5.")
    visitor.page.fill("#q_chia3", "19,5")

    expect(told).to_have_text("Đã chia đủ 100.")


def test_a_long_list_is_searched_without_diacritics(visitor: Visitor) -> None:
    visitor.start()
    box = visitor.page.locator("input#q_que")
    expect(box).to_have_accessible_name("6. Bạn sinh ở tỉnh, thành phố nào?")
    box.fill("dong")
    options = visitor.page.get_by_role("option").locator("visible=true")
    expect(options).to_have_text(["Lâm Đồng", "Đồng Nai", "Đồng Tháp"])
    expect(box).to_have_attribute("aria-expanded", "true")

    options.nth(2).click()

    expect(box).to_have_value("Đồng Tháp")
    assert visitor.page.locator("[name=q_que]").input_value() == "32"
    box.fill("không có")
    box.press("Escape")
    expect(box).to_have_value("Đồng Tháp")


@pytest.mark.parametrize("scripted", [True, False])
def test_a_button_to_refresh_is_there_for_who_has_no_script(
    visitor: Visitor, scripted: bool
) -> None:
    if not scripted:
        visitor.page.route(
            "**/js/main.js*", lambda route: route.fulfill(content_type="text/javascript")
        )
    visitor.start()

    button = visitor.page.get_by_role("button", name="Cập nhật các câu bên dưới").first

    expect(button).to_be_visible(visible=not scripted)
