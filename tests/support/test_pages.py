"""The page checks find what they are there to find."""

from __future__ import annotations

import pytest

from tests.support.pages import problems

GOOD = """<!doctype html>
<html lang="vi"><head><title>Trang</title><link rel="stylesheet" href="/static/base.css"></head>
<body><main><h1>Trang</h1>
<form method="post" action="/gui"><input type="hidden" name="csrf_token" value="x">
<label for="ten">Tên</label><input id="ten" name="ten" aria-describedby="goi-y">
<p id="goi-y">Gợi ý</p>
<fieldset><legend>Chọn</legend><label><input type="radio" name="q"> Có</label></fieldset>
<button>Gửi</button></form></main></body></html>"""


def test_a_good_page_has_no_problems():
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("part", "instead", "found"),
    [
        ("<!doctype html>\n", "", "expected-doctype"),
        (' lang="vi"', "", "lang"),
        ("<title>Trang</title>", "<title> </title>", "no title"),
        ("<h1>Trang</h1>", "<h2>Trang</h2>", "exactly one h1"),
        ("<h1>Trang</h1>", "<h1>Trang</h1><h1>Hai</h1>", "exactly one h1"),
        ("<main>", "<div>", "exactly one main"),
        ('<p id="goi-y">', '<p id="ten">', "is there 2 times"),
        ('id="goi-y"', "", "not on the page"),
        ('<label for="ten">Tên</label>', '<p id="x">Tên</p>', "has no label"),
        ("<legend>Chọn</legend>", "", "without a legend"),
        ("<button>Gửi</button>", "<button></button>", "button without a name"),
        ("<button>", '<button style="color:red">', "inline style"),
        ("<button>", '<button onclick="x()">', "inline onclick"),
        ("<h1>", "<script>1</script><h1>", "inline script"),
        ("<h1>", "<style>a{}</style><h1>", "inline style element"),
        ("<h1>", '<a href="javascript:x()">x</a><h1>', "javascript:"),
        ("<h1>", '<img src="/a.png"><h1>', "has no alt"),
        ("/static/base.css", "//cdn.example/base.css", "leads to"),
        ('action="/gui"', 'action="https://elsewhere.example/"', "leads to"),
        ('name="csrf_token"', 'name="other"', "no csrf_token"),
        ("</form>", "</span></form>", "unexpected-end-tag"),
    ],
)
def test_a_fault_in_a_page_is_found(part, instead, found):
    assert part in GOOD

    assert found in "\n".join(problems(GOOD.replace(part, instead, 1)))
