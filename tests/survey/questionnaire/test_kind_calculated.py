"""A value that follows from other answers."""

from __future__ import annotations

from fractions import Fraction

import pytest

from survey.questionnaire.checks import verdict
from survey.questionnaire.stored import stored
from tests.support.questions import around, choices, faults, interview, question, section

A = question("a", "integer")
B = question("b", "integer")


def value(formula, answers=(), **more):
    given = {(code, ""): raw for code, raw in dict(answers).items()}
    total = question("t", "calculated", value=formula, **more)
    return interview(around(A, B, question("d", "date"), total), given).values.get(("t", ""))


@pytest.mark.parametrize(
    ("formula", "answers", "found"),
    [
        ("${a} + ${b}", {"a": "1", "b": "2"}, "3"),
        ("${a} + ${b}", {"a": "1"}, None),
        ("${a} / ${b}", {"a": "1", "b": "3"}, "0.333333"),
        ("${a} / ${b}", {"a": "1", "b": "0"}, None),
        ("${a} > ${b}", {"a": "1", "b": "3"}, "false"),
        ("concat('n=', ${a})", {"a": "1"}, "n=1"),
        ("trim('  ')", {}, None),
        ("add_days(${d}, 1)", {"d": "2026-02-28"}, "2026-03-01"),
    ],
)
def test_the_result_is_kept_as_a_ballot_writes_it(formula, answers, found):
    assert value(formula, answers) == found


def test_a_number_is_rounded_when_stored_and_exact_while_it_is_used():
    third = question("t", "calculated", value="${a} / 3", decimals=2)
    whole = question("w", "calculated", value="${t} * 3")

    found = interview(around(A, third, whole), {("a", ""): "1"})

    assert found.values["t", ""] == "0.33"
    assert found.values["w", ""] == "1"


def test_a_long_number_loses_no_digit():
    assert stored(Fraction(10**40 + 1), 6) == "1" + "0" * 39 + "1"
    assert stored(Fraction(-(10**40) - 1, 10**9), 9) == "-1" + "0" * 31 + ".000000001"


def test_nobody_can_send_it():
    total = question("t", "calculated", value="${a} + 1")

    found = interview(around(A, total), {("a", ""): "1", ("t", ""): "99"})

    assert found.values["t", ""] == "2"
    assert [(p.place, p.code) for p in verdict(found).problems] == [("t", "not-asked")]


def test_it_sums_over_units_and_repeats():
    about = question("x", "integer", about="units")
    inner = question("y", "integer")
    total = question("t", "calculated", value="sum(${x}) + sum(${y})")
    raw = around(
        section(about, A, code="s1"),
        section(inner, code="s2", repeat={"count": "${a}", "most": 3, "label": {"vi": "?"}}),
        section(total, code="s3"),
    )
    answers = {
        ("x", "A"): "1",
        ("x", "B"): "2",
        ("a", ""): "2",
        ("y", "@1"): "10",
        ("y", "@3"): "5",
    }

    assert interview(raw, answers, units=("A", "B")).values["t", ""] == "13"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "value"),
        ({"value": "${t}"}, "cycle"),
        ({"value": "1 +"}, "syntax"),
        ({"value": 5}, "expression"),
        ({"value": "${later}"}, "later"),
        ({"value": "${m}"}, None),
    ],
)
def test_formulas_that_make_no_sense_are_refused(more, code):
    many = question("m", "multiple", choices=choices("a", "b"))
    later = question("later", "integer")
    found = {c for _, c in faults(around(many, question("t", "calculated", **more), later))}

    assert code in found if code else not found
