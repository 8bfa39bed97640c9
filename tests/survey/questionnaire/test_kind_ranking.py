"""Choices in order of preference, each with a rank."""

from __future__ import annotations

import pytest

from survey.questionnaire.fields import fields_of, raw_answers
from survey.questionnaire.kinds.registry import KINDS
from tests.support.questions import asked, choices, faults_of, question, read, shown_again

KIND = KINDS["ranking"]
ONE = question("q", "ranking", choices=choices("a", "b", "c"))


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (("b", "a"), ("b", "a")),
        (("a=2", "b=1"), ("b", "a")),
        (("a=3", "b=1", "c=2"), ("b", "c", "a")),
        (("c",), ("c",)),
        ((), None),
        (("",), None),
    ],
)
def test_codes_stand_from_the_first_rank_on(raw, value):
    assert read(ONE, raw) == value


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (("a=1", "b=1"), "rank"),
        (("a=1", "b=3"), "rank"),
        (("a=2",), "rank"),
        (("a=0",), "rank"),
        (("a=-1",), "rank"),
        (("a=1.5",), "rank"),
        (("a=một",), "rank"),
        (("a=¹",), "rank"),
        (("a=9999999999",), "rank"),
        (("a=1", "a=2"), "repeated"),
        (("z=1",), "choice"),
        (("=1",), "choice"),
    ],
)
def test_ranks_are_whole_each_once_and_without_gaps(raw, problem):
    assert read(ONE, raw) == f"! {problem}"


def test_only_so_many_are_ranked():
    few = ONE | {"least": 2, "most": 2}

    assert read(few, ("a",)) == "! too-few"
    assert read(few, ("a", "b")) == ("a", "b")
    assert read(few, ("a", "b", "c")) == "! too-many"


def test_words_tell_the_ranks():
    assert KIND.words(asked(ONE), ("b", "a"), "en") == "1. b (en); 2. a (en)"


def test_each_choice_has_a_field_for_its_rank():
    one = asked(ONE)

    assert list(fields_of(one)) == ["q_q--a", "q_q--b", "q_q--c"]
    assert raw_answers({"q_q--a": ["2"], "q_q--c": [" 1 "]}, [one], "vi") == {
        ("q", ""): ("a=2", "c=1")
    }


@pytest.mark.parametrize("value", [("b", "a"), ("c", "a", "b")])
def test_what_the_form_shows_is_read_back(value):
    assert shown_again(asked(ONE), value, "vi") == value


@pytest.mark.parametrize("more", [{"missing": "dont_know"}, {"exclusive": True}])
def test_a_way_out_cannot_be_ranked(more):
    offered = [*choices("a", "b"), *choices("x", **more)]

    assert ("choices", "choices") in faults_of(ONE | {"choices": offered})
