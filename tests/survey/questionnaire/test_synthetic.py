"""Respondents made by a machine say only what the questionnaire asks, in its own codes."""

from __future__ import annotations

from random import Random

from survey.errors import AnswerError
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.parse import parse
from survey.questionnaire.synthetic import Form
from tests.factories import make_document
from tests.support.scenarios import read_small, small_documents

LEFT = {
    "empty",
    "choice",
    "check",
}  # nobody answered at all; a choice that a later answer took away


def form(units=("A", "B"), **changes):
    return Form(parse(make_document(**changes)), units)


def test_items_stand_question_by_question():
    keys = [item.key for item in form().items]

    assert keys == [("c1", "A"), ("c1", "B"), ("c2", "A"), ("c2", "B")]


def test_an_opinion_becomes_the_choice_with_the_nearest_coefficient():
    item = form().items[0]

    said = [item.nearest(value) for value in (-3, 0.05, 0.15, 0.39, 0.41, 0.79, 0.81, 9)]

    assert said == ["D", "D", "C", "C", "B", "B", "A", "A"]
    assert item.unknown(0.9) == "KB"


def test_a_form_without_dont_know_gets_an_answer():
    document = make_document()
    del document["scales"]["muc4"][-1]

    item = Form(parse(document), ["A"]).items[0]

    assert item.unknown(0.9) == "A"


def test_who_rates_nobody_is_not_asked_about_units():
    alone = form(units=())

    assert alone.items == []
    assert set(alone.background(Random(1))) == {("post", "")}


def test_what_must_be_answered_is_always_answered():
    both = form()

    for seed in range(30):
        assert ("post", "") in both.background(Random(seed))
    assert ("comment", "") not in both.background(Random(1))


def test_a_ballot_is_checked_as_every_ballot_is():
    both = form()
    raw = {item.key: item.nearest(0.6) for item in both.items} | both.background(Random(4))

    content = both.ballot(raw)

    assert content["units"] == {unit: {"c1": "B", "c2": "B"} for unit in "AB"}
    assert content["answers"]["post"] in {"1", "2"}


def wrong_in(one, given):
    """Return what is wrong but for the document's own checks, which no machine understands."""
    try:
        one.ballot(given)
    except AnswerError as error:
        return {problem.code for problem in error.problems if not problem.texts} or {"check"}
    return set()


def test_every_kind_that_is_asked_gets_an_answer_that_passes():
    small = [read_small(path)["document"] for path in small_documents()]
    passed = set()

    for raw in small:
        for seed in range(3):
            one = Form(parse(raw), ["U2", "U3"])
            wrong = wrong_in(one, one.background(Random(seed)))
            assert wrong <= LEFT
            passed |= {q.kind for q in one.document.questions()} - (set(KINDS) if wrong else set())

    assert passed >= set(KINDS) - {"hidden"}
