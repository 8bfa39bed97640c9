"""Pages that need nothing stored: no barrier for anybody, on a phone and on a desk."""

from __future__ import annotations

import pytest

from tests.support.accessibility import barriers

PAGES = ["/", "/staff/sign-in", "/khong-co-trang-nay"]
# 320 is the width at which WCAG asks that nothing has to be scrolled sideways.
LOOKS = [(320, "light"), (1280, "dark")]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_barriers(page, path, width, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})

    page.goto(path)

    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PAGES)
def test_a_page_speaks_english_when_asked(page, path):
    page.goto(path)

    page.get_by_role("link", name="English").click()

    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("path", ["/", "/staff/sign-in"])
def test_the_keyboard_reaches_the_content_first(page, path):
    page.goto(path)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"
