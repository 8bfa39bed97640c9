"""Statements on one scale."""

from __future__ import annotations

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

KIND = KINDS["battery"]
ITEMS = [{"code": code, "text": {"vi": f"Ý {code}"}} for code in ("i1", "i2", "i3")]
ONE = question("q", "battery", choices=choices("1", "2", "3"), items=ITEMS)


def test_every_statement_is_a_variable():
    found = interview(around(ONE), {("i1", ""): "1", ("i3", ""): "3"})

    assert list(found.asked) == [("i1", ""), ("i2", ""), ("i3", "")]
    assert found.values == {("i1", ""): "1", ("i3", ""): "3"}


def test_a_required_battery_needs_every_statement():
    found = interview(around(ONE | {"required": True}), {("i1", ""): "1"})

    assert [(p.place, p.code) for p in found.misread] == [("i2", "required"), ("i3", "required")]


@pytest.mark.parametrize("raw", ["0", "4", "1.0", "một", ("1", "2")])
def test_only_codes_of_the_scale_are_answers(raw):
    assert str(read(ONE, raw)).startswith("! ")


def test_words_and_fields_are_those_of_the_scale():
    one = asked(ONE)

    assert KIND.words(one, "2", "en") == "2 (en)"
    assert shown_again(one, "2", "en") == "2"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"items": []}, ("items", "list")),
        ({"items": ITEMS * 2}, ("questions", "repeated")),
        ({"items": [{"code": "q", "text": {"vi": "x"}}]}, ("questions", "repeated")),
        ({"items": [ITEMS[0] | {"list": "x"}]}, ("items[1].list", "list")),
        ({"missing": ["refused"]}, ("missing", "missing")),
        ({"about": "units"}, ("about", "about")),
    ],
)
def test_a_battery_that_makes_no_sense_is_refused(more, fault):
    assert fault in faults_of(ONE | more)


def test_the_statements_stand_in_a_drawn_order_that_changes_nothing_else():
    drawn = around(ONE | {"order": "random"})
    orders = set()
    for seed in range(20):
        found = interview(drawn, {("i2", ""): "1"}, seed=seed)
        orders.add(tuple(v.code for v in found.items(found.document.sections[0].questions[0], "")))
        assert found.values == {("i2", ""): "1"}

    assert len(orders) > 2
