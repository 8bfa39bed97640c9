"""A number with decimals, kept exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.questionnaire.kinds.registry import KINDS
from tests.support.questions import around, asked, interview, question, read, shown_again

KIND = KINDS["decimal"]
ONE = question("q", "decimal", decimals=3, minimum="-0.5", measure={"vi": "ha"})
ASKED = asked(ONE)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("1.5", "1.5"),
        ("1.500", "1.5"),
        ("1.5000000", "1.5"),
        ("-0.0", "0"),
        ("007.10", "7.1"),
        ("1.2345", "! decimals"),
        ("-0.501", "! minimum"),
        ("1,5", "! number"),
        (".5", "! number"),
        ("1.", "! number"),
        ("inf", "! number"),
    ],
)
def test_a_number_is_kept_without_needless_zeros(raw, found):
    assert read(ONE, raw) == found


@pytest.mark.parametrize(
    ("typed", "language", "raw"),
    [
        ("1,5", "vi", "1.5"),
        ("1.5", "vi", "1.5"),
        ("1.234,5", "vi", "1234.5"),
        ("1,234.5", "en", "1234.5"),
        ("0,125", "vi", "0.125"),
    ],
)
def test_either_decimal_sign_may_be_typed(typed, language, raw):
    assert KIND.raw_of(ASKED, {"": [typed]}, language) == raw


@given(st.decimals("-0.5", "99999999999", places=3), st.sampled_from(["vi", "en"]))
def test_what_the_form_shows_is_read_back_in_every_language(number, language):
    value = KIND.read(ASKED, format(number, "f"))

    assert shown_again(ASKED, value, language) == value


def test_words_have_the_sign_of_the_language():
    assert [KIND.words(ASKED, "1.5", tag) for tag in ("vi", "en")] == ["1,5 ha", "1.5 ha"]


def test_tenths_add_up_exactly():
    total = question("t", "calculated", value="${q} * 3", decimals=9)
    check = {"that": "${q} * 3 = 0.3", "message": {"vi": "?"}}
    raw = around(ONE | {"checks": [check]}, total)

    found = interview(raw, {("q", ""): "0.1"})

    assert found.values["t", ""] == "0.3"
    assert found.operand(("t", "")) == Fraction(3, 10)
