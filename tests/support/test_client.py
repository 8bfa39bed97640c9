"""Forms are filled in and sent as a browser does it."""

from __future__ import annotations

import pytest

from tests.support.client import find_form, form_values
from tests.support.pages import parse

PAGE = """<!doctype html><html lang="vi"><title>x</title><main><h1>x</h1>
<form method="get"><input name="tim"></form>
<form method="post"><input type="hidden" name="token" value="t">
<input name="ten" value="An"><textarea name="y">Ý kiến</textarea>
<input type="checkbox" name="chon" value="1" checked><input type="checkbox" name="chon" value="2">
<input type="radio" name="muc" value="5"><input name="khoa" value="k" disabled>
<select name="khoi"><option value="a">A</option><option value="b" selected>B</option></select>
<select name="moi"><option value="">–</option><option>C</option></select>
<button name="luu" value="1">Lưu</button><button name="gui" value="1">Gửi</button></form></main>"""


@pytest.fixture
def document():
    return parse(PAGE)[0]


def test_a_form_sends_what_it_shows(document):
    values = form_values(find_form(document, {"ten"}, None))

    assert values.to_dict(flat=False) == {
        "token": ["t"],
        "ten": ["An"],
        "y": ["Ý kiến"],
        "chon": ["1"],
        "khoi": ["b"],
        "moi": [""],
        "luu": ["1"],
    }


def test_the_pressed_button_is_sent(document):
    values = form_values(find_form(document, set(), "Gửi"), "Gửi")

    assert "luu" not in values
    assert values["gui"] == "1"


def test_a_field_that_the_page_does_not_offer_is_an_error_of_the_test(document):
    with pytest.raises(AssertionError, match="no form with"):
        find_form(document, {"khong_co"}, None)
