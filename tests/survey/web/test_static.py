"""What the browser is given besides pages: fonts, icons, style sheets, scripts."""

from __future__ import annotations

import gzip
import re
from itertools import product

import pytest
from fontTools.ttLib import TTFont

from survey.tools.vendor import differing_files, read_list
from survey.web.assets import STATIC
from tests.support.source import templates

SHEETS = sorted((STATIC / "css").glob("*.css"))
TOKENS = (STATIC / "css/tokens.css").read_text("utf-8")
VOWELS = "aáàảãạăắằẳẵặâấầẩẫậeéèẻẽẹêếềểễệiíìỉĩịoóòỏõọôốồổỗộơớờởỡợuúùủũụưứừửữựyýỳỷỹỵ"
LETTERS = set(f"{VOWELS}{VOWELS.upper()}bcdđghklmnpqrstvxBCDĐGHKLMNPQRSTVX₫–−")


def colours(scheme):
    """Return the colour tokens of the light or the dark scheme."""
    light, dark = TOKENS.split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", light))
    return (
        found
        if scheme == "light"
        else found | dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", dark))
    )


def luminance(colour):
    """Return the relative luminance of WCAG 2.2."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Return the contrast ratio of two colours."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ranges_of_the_page_font():
    """Return the code points that the style sheet sends to some file of the font."""
    covered = set()
    for line in re.findall(
        r'"Be Vietnam Pro"; font-weight: 400;.*?unicode-range: ([^;]+);', TOKENS
    ):
        for part in line.replace("U+", "").split(", "):
            first, _, last = part.partition("-")
            covered |= set(range(int(first, 16), int(last or first, 16) + 1))
    return covered


def test_fonts_and_icons_are_those_of_the_list():
    assert not differing_files()


def test_every_foreign_package_keeps_its_licence_beside_it():
    packages, sums = read_list()

    for package in packages:
        assert package.licence
        assert package.copies["LICENSE"] in sums


@pytest.mark.parametrize("weight", ["Regular", "SemiBold"])
def test_the_font_for_figures_has_every_vietnamese_letter(weight):
    path = STATIC / f"fonts/BeVietnamPro-{weight}.ttf"
    with TTFont(path) as font:
        there = set(font.getBestCmap())

    assert not {letter for letter in LETTERS if ord(letter) not in there}
    assert path.stat().st_size < 120_000


def test_the_style_sheet_sends_every_vietnamese_letter_to_the_font():
    covered = ranges_of_the_page_font()

    assert not {letter for letter in LETTERS if ord(letter) not in covered}


@pytest.mark.parametrize("weight", ["400", "600"])
def test_digits_of_tables_are_equally_wide(weight):
    with TTFont(STATIC / f"fonts/be-vietnam-pro-figures-{weight}.woff") as font:
        names = font.getBestCmap()
        widths = {font["hmtx"][names[ord(digit)]][0] for digit in "0123456789"}

    assert len(widths) == 1


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_uses_tokens_that_exist_and_files_that_exist(sheet):
    text = sheet.read_text("utf-8")
    everywhere = "".join(path.read_text("utf-8") for path in SHEETS)
    defined = set(re.findall(r"(--[\w-]+):", everywhere))

    assert not set(re.findall(r"var\((--[\w-]+)", text)) - defined
    assert all((sheet.parent / url).is_file() for url in re.findall(r'url\("([^"]+)"\)', text))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_colours_have_values_in_the_tokens_and_on_paper_alone(sheet):
    values = re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgb\(", sheet.read_text("utf-8"))

    assert bool(values) == (sheet.name in {"tokens.css", "print.css"})


TEXT_ON = [
    *product(["--ink", "--ink-soft", "--brand", "--error"], ["--paper", "--surface", "--sunken"]),
    *product(["--ink", "--brand"], ["--brand-tint"]),
    ("--accent-text", "--paper"),
    ("--on-brand", "--brand"),
    ("--on-brand", "--brand-hover"),
    ("--on-bar", "--bar"),
    ("--on-accent-bright", "--accent-bright"),
    *[(f"--{tone}", f"--{tone}-tint") for tone in ("error", "success", "caution")],
]
SHAPES_ON = [
    *product(["--line-strong", "--focus"], ["--paper", "--surface"]),
    ("--accent-bright", "--bar"),
    ("--accent", "--paper"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground(scheme, text, ground):
    found = colours(scheme)

    assert contrast(found[text], found[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES_ON)
def test_borders_and_focus_stand_out_from_their_ground(scheme, shape, ground):
    found = colours(scheme)

    assert contrast(found[shape], found[ground]) >= 3


def test_every_icon_that_a_template_names_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text("utf-8")))
    pages = "".join(path.read_text("utf-8") for path in templates())
    named = set(re.findall(r"""(?:\bicon\(|icon_name=)["']([\w-]+)["']""", pages))

    assert named
    assert not named - drawn


def test_every_behaviour_that_a_template_names_is_in_a_script():
    script = (STATIC / "js/main.js").read_text("utf-8")
    pages = "".join(path.read_text("utf-8") for path in templates())
    named = {
        n for found in re.findall(r'data-behaviour="([\w\s-]+)"', pages) for n in found.split()
    }

    assert named
    assert all(re.search(rf'^  "?{name}"?: ', script, re.MULTILINE) for name in named)


def test_text_files_come_compressed_to_whoever_takes_them_so(client):
    plain = client.get("/static/css/forms.css")
    packed = client.get("/static/css/forms.css", headers={"Accept-Encoding": "gzip"})

    plain_data = plain.data
    plain.close()

    assert packed.headers["Content-Encoding"] == "gzip"
    assert all("Accept-Encoding" in r.headers["Vary"] for r in (plain, packed))
    assert gzip.decompress(packed.data) == plain_data


def test_pages_with_the_token_of_a_form_are_not_compressed(client):
    assert "Content-Encoding" not in client.get("/", headers={"Accept-Encoding": "gzip"}).headers
