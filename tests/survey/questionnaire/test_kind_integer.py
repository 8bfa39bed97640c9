"""A whole number."""

from __future__ import annotations

from fractions import Fraction

import pytest

from survey.questionnaire.kinds.registry import KINDS
from tests.support.questions import around, asked, faults_of, interview, question, read, shown_again

KIND = KINDS["integer"]
ONE = question("q", "integer", minimum=-5, maximum=120, measure={"vi": "tuổi", "en": "years"})


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("12", "12"),
        (" 012 ", "12"),
        ("+7", "7"),
        ("-5", "-5"),
        ("-0", "0"),
        ("3.0", "3"),
        ("", None),
        ("-6", "! minimum"),
        ("121", "! maximum"),
        ("1.5", "! decimals"),
        ("1e2", "! number"),
        ("0x1F", "! number"),
        ("١٢", "! number"),
        ("１２", "! number"),
        ("mười", "! number"),
        ("NaN", "! number"),
        ("1_000", "! number"),
        ("9" * 16, "! number"),
        ("1\x002", "! character"),
    ],
)
def test_a_whole_number_is_read_without_needless_signs(raw, found):
    assert read(ONE, raw) == found


@pytest.mark.parametrize(
    ("typed", "language", "raw"),
    [
        ("1.234", "vi", "1234"),
        ("1,234", "en", "1234"),
        ("1,234", "en-GB", "1234"),
        ("1 234", "vi", "1234"),
        ("\u22125", "vi", "-5"),
        ("1.234.567", "vi", "1234567"),
        ("12a", "vi", "12a"),
    ],
)
def test_marks_of_the_language_are_taken_for_what_they_mean(typed, language, raw):
    assert KIND.raw_of(asked(ONE), {"": [typed]}, language) == raw


def test_words_have_the_measure():
    assert [KIND.words(asked(ONE), "12", tag) for tag in ("vi", "en")] == ["12 tuổi", "12 years"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_the_form_shows_is_read_back(language):
    assert shown_again(asked(ONE), "-5", language) == "-5"


def test_a_number_is_exact_in_expressions():
    found = interview(around(ONE), {("q", ""): "12"})

    assert found.operand(("q", "")) == Fraction(12)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"minimum": 5, "maximum": 4}, ("minimum", "limits")),
        ({"minimum": 0.5}, ("minimum", "number")),
        ({"minimum": True}, ("minimum", "number")),
        ({"minimum": "NaN"}, ("minimum", "number")),
        ({"minimum": "1e999999999"}, ("minimum", "number")),
    ],
)
def test_bounds_that_make_no_sense_are_refused(more, fault):
    assert fault in faults_of(ONE | more)
