"""Statements on one scale about every rated unit."""

from __future__ import annotations

import pytest

from survey.questionnaire.content import content_of
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

KIND = KINDS["matrix"]
ITEMS = [{"code": code, "text": {"vi": f"Ý {code}"}} for code in ("i1", "i2")]
SCALE = [*choices("1", "2"), *choices("kb", missing="dont_know")]
ONE = question("q", "matrix", about="units", choices=SCALE, items=ITEMS)


def test_there_is_an_answer_for_each_statement_and_unit():
    raw = {("i1", "A"): "1", ("i2", "B"): "kb"}
    found = interview(around(ONE), raw, units=("A", "B"))

    assert len(found.asked) == 4
    assert content_of(found) == {
        "answers": {},
        "units": {"A": {"i1": "1"}, "B": {"i2": "kb"}},
        "missing": {"blank": ["i1/B", "i2/A"]},
    }


def test_a_matrix_can_leave_out_units():
    shown = ONE | {"show": "unit() != 'A'"}
    found = interview(around(shown), {}, units=("A", "B"))

    assert {row for _, row in found.asked} == {"B"}


@pytest.mark.parametrize("raw", ["3", "kb2", ("1",) * 2])
def test_only_codes_of_the_scale_are_answers(raw):
    assert str(read(ONE, raw)).startswith("! ")


def test_words_and_fields_are_those_of_the_scale():
    one = asked(ONE)

    assert KIND.words(one, "kb", "vi") == "kb (vi)"
    assert shown_again(one, "kb", "vi") == "kb"


@pytest.mark.parametrize(
    ("more", "fault"), [({"about": "self"}, ("about", "about")), ({"items": []}, ("items", "list"))]
)
def test_a_matrix_is_about_units_and_has_statements(more, fault):
    assert fault in faults_of(ONE | more)
