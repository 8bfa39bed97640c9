"""Any number of choices, one of which may stand alone."""

from __future__ import annotations

import time

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

KIND = KINDS["multiple"]
OFFERED = [
    *choices("a", "b", "c"),
    *choices("none", exclusive=True),
    *choices("kb", missing="dont_know"),
]
ONE = question("q", "multiple", choices=OFFERED)
BOUNDED = question("q", "multiple", choices=OFFERED, least=2, most=2)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (("c", "a"), ("a", "c")),
        (("b",), ("b",)),
        ("b", ("b",)),
        ((" b ", ""), ("b",)),
        ((), None),
        (("", " "), None),
        (("none",), ("none",)),
        (("kb",), ("kb",)),
    ],
)
def test_codes_are_kept_in_the_order_of_the_question(raw, value):
    assert read(ONE, raw) == value


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (("a", "z"), "choice"),
        (("a", "a"), "repeated"),
        (("a", "none"), "exclusive"),
        (("a", "kb"), "exclusive"),
        (("none", "kb"), "exclusive"),
        (("a", "b\x00"), "character"),
    ],
)
def test_what_cannot_stand_together_is_refused(raw, problem):
    assert read(ONE, raw) == f"! {problem}"


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (("a",), "! too-few"),
        (("a", "b"), ("a", "b")),
        (("a", "b", "c"), "! too-many"),
        (("none",), ("none",)),
        ((), None),
    ],
)
def test_bounds_hold_for_everything_but_what_stands_alone(raw, found):
    assert read(BOUNDED, raw) == found


def test_words_are_the_labels():
    assert KIND.words(asked(ONE), ("a", "c"), "en") == "a (en); c (en)"


@pytest.mark.parametrize("value", [("a", "c"), ("none",)])
def test_what_the_form_shows_is_read_back(value):
    assert shown_again(asked(ONE), value, "vi") == value


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"least": 3, "most": 2}, ("most", "limits")),
        ({"most": 9}, ("most", "limits")),
        ({"least": 6}, ("least", "limits")),
        ({"least": 0}, ("least", "integer")),
        ({"about": "units"}, ("about", "about")),
    ],
)
def test_bounds_that_cannot_be_met_are_refused(more, fault):
    assert fault in faults_of(ONE | more)


def test_a_way_out_among_the_choices_is_the_reason():
    found = interview(around(ONE), {("q", ""): ("kb",)})

    assert str(found.reason(("q", ""))) == "dont_know"


def test_twenty_thousand_codes_at_once_take_no_time():
    codes = [f"c{n}" for n in range(20_000)]
    many = question("q", "multiple", list="l")
    one = asked(many, lists={"l": [{"code": c, "label": {"vi": c}} for c in codes]})
    start = time.perf_counter()

    value = KIND.read(one, tuple(reversed(codes)))

    assert value == tuple(codes)
    assert time.perf_counter() - start < 2
