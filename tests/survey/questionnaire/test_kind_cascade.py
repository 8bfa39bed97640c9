"""Choices of official lists, level by level."""

from __future__ import annotations

import pytest

from survey.questionnaire.kinds.registry import KINDS
from tests.support.questions import around, asked, choices, faults_of, interview, question

KIND = KINDS["cascade"]
LISTS = {
    "tinh": [*choices("01", "79"), *choices("kb", missing="dont_know")],
    "xa": [
        *choices("0101", "0102", parent="01"),
        *choices("7901", parent="79"),
        *choices("kr", missing="dont_know"),
    ],
}
ONE = question(
    "noi",
    "cascade",
    items=[
        {"code": "tinh", "text": {"vi": "Tỉnh"}, "list": "tinh"},
        {"code": "xa", "text": {"vi": "Xã"}, "list": "xa"},
    ],
)


def walk(**said):
    return interview(around(ONE, lists=LISTS), {(code, ""): raw for code, raw in said.items()})


def test_a_level_offers_what_belongs_to_the_choice_above():
    found = walk(tinh="01", xa="0102")

    assert [choice.code for choice in found.asked["xa", ""].choices] == ["0101", "0102", "kr"]
    assert found.values == {("tinh", ""): "01", ("xa", ""): "0102"}


def test_a_choice_of_another_branch_is_refused():
    found = walk(tinh="79", xa="0101")

    assert [(p.place, p.code) for p in found.misread] == [("xa", "choice")]


@pytest.mark.parametrize("above", ["", "kb"])
def test_a_level_is_not_asked_while_nothing_leads_to_it(above):
    found = walk(tinh=above, xa="0101")

    assert ("xa", "") not in found.asked
    assert not found.misread
    assert str(found.reason(("xa", ""))) == "not_asked"


def test_a_way_out_of_a_level_is_the_reason():
    found = walk(tinh="01", xa="kr")

    assert str(found.reason(("xa", ""))) == "dont_know"


def test_a_required_cascade_asks_only_for_the_levels_that_are_there():
    required = around(ONE | {"required": True}, lists=LISTS)

    assert [p.place for p in interview(required).misread] == ["tinh"]
    assert [p.place for p in interview(required, {("tinh", ""): "01"}).misread] == ["xa"]
    assert not interview(required, {("tinh", ""): "kb"}).misread


def test_words_are_the_labels():
    assert KIND.words(asked(ONE, lists=LISTS), "79", "en") == "79 (en)"


@pytest.mark.parametrize(
    ("lists", "items", "fault"),
    [
        (LISTS, ONE["items"][:1], ("items", "items")),
        (
            {"tinh": choices("1", "2"), "xa": choices("3", parent="9")},
            ONE["items"],
            ("items", "parent"),
        ),
        (
            {"tinh": choices("1", "2", parent="0"), "xa": choices("3", parent="1")},
            ONE["items"],
            ("items", "parent"),
        ),
        ({"tinh": choices("1", "2")}, ONE["items"], ("items[2].list", "scale")),
        (LISTS, [{"code": "a", "text": {"vi": "A"}}, ONE["items"][1]], ("items[1].list", "list")),
    ],
)
def test_levels_that_do_not_fit_are_refused(lists, items, fault):
    assert fault in faults_of(ONE | {"items": items}, lists=lists)
