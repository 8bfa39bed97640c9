"""An answer in the respondent's own words."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.questionnaire.graphemes import graphemes
from survey.questionnaire.kinds.registry import KINDS
from tests.support.questions import asked, faults_of, question, read, shown_again

KIND = KINDS["text"]
AREA = question("q", "text", max_length=10)
LINE = question("q", "text", max_length=10, appearance="line")
ASKED = asked(AREA)
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("tốt", "tốt"),
        (" một\r\nhai\rba ", "một\nhai\nba"),
        ("to\u0302\u0301t", "tốt"),
        ("a\x07b\x1b", "ab"),
        ("a\tb", "a b"),
        ("e\u200b\u0301", "é"),
        ("\u202eevil\u2066", "evil"),
        ("\n\t ", None),
        ("\u200b", None),
        ("", None),
        ("x" * 10, "x" * 10),
    ],
)
def test_a_text_is_composed_and_cleaned(raw, value):
    assert read(AREA, raw) == value


def test_a_line_has_no_line_ends():
    assert read(LINE, " một\n hai\t ba ") == "một hai ba"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("x" * 11, "length"),
        ("ế" * 11, "length"),
        ("a\x00", "character"),
        ("\ud800", "character"),
        ("a" + "\u0300" * 100, "marks"),
    ],
)
def test_what_cannot_be_kept_is_told(raw, problem):
    assert read(AREA, raw) == f"! {problem}"


def test_length_is_counted_as_people_count_letters():
    assert graphemes(FAMILY) == 1
    assert read(AREA, FAMILY * 10) == FAMILY * 10
    assert read(AREA, "Tiếng Việt") == "Tiếng Việt"


@given(st.text(max_size=30))
def test_what_is_kept_is_composed_short_and_read_again_as_it_is(raw):
    value = KIND.read(ASKED, raw)

    if isinstance(value, str):
        assert unicodedata.is_normalized("NFC", value)
        assert 0 < graphemes(value) <= 10
        assert KIND.read(ASKED, value) == value
        assert shown_again(ASKED, value, "vi") == value


@pytest.mark.parametrize(
    ("raw", "found"),
    [("0912345678", "0912345678"), ("091", "! pattern"), ("x0912345678", "! pattern")],
)
def test_a_pattern_matches_the_whole_text(raw, found):
    phone = question("q", "text", pattern="0[0-9]{9}")

    assert read(phone, raw) == found


def test_a_text_can_be_too_short():
    assert read(question("q", "text", min_length=3), "ab") == "! length"


@pytest.mark.parametrize(
    "pattern", ["(a)\\1", "a{1000}{1000}", "(?=a)", "(", "[", "a" * 201, "\\p{Nope}", "\ud800", 5]
)
def test_patterns_that_no_safe_engine_takes_are_refused(pattern):
    assert ("pattern", "pattern") in faults_of(question("q", "text", pattern=pattern))


def test_a_pattern_that_explodes_elsewhere_takes_no_time():
    bomb = asked(question("q", "text", pattern="(a+)+$|(a|aa)*b|(x+x+)+y", max_length=4000))
    start = time.perf_counter()

    for raw in ("a" * 3999 + "!", "x" * 4000):
        assert KIND.read(bomb, raw).code == "pattern"

    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"max_length": 4001}, ("max_length", "integer")),
        ({"max_length": True}, ("max_length", "integer")),
        ({"min_length": 5, "max_length": 4}, ("min_length", "limits")),
        ({"about": "units"}, ("about", "about")),
    ],
)
def test_lengths_that_make_no_sense_are_refused(more, fault):
    assert fault in faults_of(question("q", "text", **more))
