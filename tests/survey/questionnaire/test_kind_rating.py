"""A point of a scale: numbers, stars or smileys."""

from __future__ import annotations

from fractions import Fraction

import pytest

from survey.questionnaire.kinds.registry import KINDS
from tests.support.questions import (
    around,
    asked,
    choices,
    faults_of,
    interview,
    question,
    read,
    shown_again,
)

KIND = KINDS["rating"]
STARS = question("q", "rating", appearance="stars", minimum=1, maximum=5)
NPS = question("q", "rating", minimum=0, maximum=10)
OWN = question("q", "rating", choices=[*choices("1", "2"), *choices("99", missing="refused")])


@pytest.mark.parametrize(
    ("raw", "found"),
    [("1", "1"), ("5", "5"), ("", None), ("0", "! choice"), ("6", "! choice"), ("2.0", "! choice")],
)
def test_a_point_lies_between_the_ends(raw, found):
    assert read(STARS, raw) == found


def test_a_scale_may_begin_at_zero():
    assert [choice.code for choice in asked(NPS).choices] == [str(n) for n in range(11)]


def test_a_point_counts_as_a_number_and_a_way_out_does_not():
    said = interview(around(OWN), {("q", ""): "2"})
    unsaid = interview(around(OWN), {("q", ""): "99"})

    assert said.operand(("q", "")) == Fraction(2)
    assert unsaid.operand(("q", "")) is None
    assert str(unsaid.reason(("q", ""))) == "refused"


def test_words_and_fields_are_those_of_the_scale():
    assert KIND.words(asked(OWN), "2", "en") == "2 (en)"
    assert shown_again(asked(STARS), "3", "vi") == "3"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({}, ("choices", "choices")),
        ({"maximum": 12}, ("maximum", "integer")),
        ({"maximum": "5"}, ("maximum", "integer")),
        ({"minimum": 2, "maximum": 5}, ("minimum", "integer")),
        ({"choices": choices("a", "b")}, ("choices", "choices")),
        ({"choices": choices("01", "02")}, ("choices", "choices")),
        ({"choices": choices("1", "2"), "maximum": 5}, ("maximum", "scale")),
        ({"maximum": 7, "appearance": "smileys"}, ("appearance", "appearance")),
    ],
)
def test_a_scale_that_makes_no_sense_is_refused(more, fault):
    assert fault in faults_of(question("q", "rating", **more))
