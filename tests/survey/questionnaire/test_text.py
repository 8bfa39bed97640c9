"""An answer in the respondent's own words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.errors import Problem
from survey.questionnaire.document import Question
from survey.questionnaire.kinds import KINDS

KIND = KINDS["text"]
QUESTION = Question("t", "t", "text", {"vi": "Góp ý"}, max_length=10)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("tốt", "tốt"),
        (" một\r\nhai\rba ", "một\nhai\nba"),
        ("to\u0302\u0301t", "tốt"),
        ("a\x07b\x1b", "ab"),
        ("\n\t ", None),
        ("", None),
        ("x" * 10, "x" * 10),
    ],
)
def test_a_text_is_composed_and_cleaned(raw: str, value: str | None) -> None:
    assert KIND.read(QUESTION, raw, "t") == value


@pytest.mark.parametrize(
    ("raw", "code"), [("x" * 11, "length"), ("a\x00", "character"), ("\ud800", "character")]
)
def test_what_cannot_be_kept_is_told(raw: str, code: str) -> None:
    problem = KIND.read(QUESTION, raw, "t")

    assert isinstance(problem, Problem)
    assert problem.code == code


@given(st.text(max_size=30))
def test_what_is_kept_is_composed_short_and_storable(raw: str) -> None:
    value = KIND.read(QUESTION, raw, "t")

    if isinstance(value, str):
        assert unicodedata.is_normalized("NFC", value)
        assert 0 < len(value) <= QUESTION.max_length
        assert KIND.read(QUESTION, value, "t") == value
