"""What a document may name and where: told when it is parsed, at once, each with its place."""

from __future__ import annotations

import pytest

from survey.errors import DocumentError
from survey.questionnaire.parse import parse
from tests.support.questions import around, choices, faults, question, section

A = question("a", "integer")
B = question("b", "integer")
YES = question("yes", "yes_no")
ONE = question("one", "single", choices=choices("x", "y"))
MANY = question("many", "multiple", choices=choices("x", "y"))
EACH = question("each", "integer", about="units")
REPEAT = {"count": "${a}", "most": 3, "label": {"vi": "Lần ${position}"}}


def shown(that, **more):
    return question("q", "text", show=that, **more)


@pytest.mark.parametrize(
    ("that", "column", "code"),
    [
        ("${none} = 1", 1, "unknown-name"),
        ("${a} = 1 and ${none} = 1", 14, "unknown-name"),
        ("${later} = 1", 1, "later"),
        ("${a} = 'x'", 6, "type"),
        ("${one} = 'z'", 10, "choice"),
        ("${one} > 1", 8, "type"),
        ("selected(${one}, 'x')", 10, "type"),
        ("${each} > 1", 1, "list"),
        ("nope(${a})", 1, "unknown-function"),
        ("${a} +", 7, "syntax"),
        ("${a}", 1, "type"),
        ("unit() = 'A'", 1, "unknown-function"),
        (". = 1", 1, "unknown-name"),
        ("(" * 40 + "true" + ")" * 40, 33, "too-deep"),
        ("${a} = 1 or " * 1000 + "true", 2001, "too-long"),
    ],
)
def test_a_condition_that_cannot_be_judged_is_told_with_its_column(that, column, code):
    raw = around(A, ONE, MANY, EACH, shown(that), question("later", "integer"))

    assert faults(raw) == {(f"sections[1].questions[5].show:{column}", code)}


def test_everything_wrong_is_told_at_once():
    raw = around(
        section(A, shown("${none} = 1 or ${a} = 'x'"), code="p1", show="${a} ="),
        section(B | {"checks": [{"that": "${b} >", "message": {"vi": "${none}"}}]}, code="p2"),
        section(question("c", "calculated", value="length(1)"), code="p3"),
    )

    assert {(place, code) for place, code in faults(raw)} >= {
        ("sections[1].questions[2].show:1", "unknown-name"),
        ("sections[2].questions[1].checks[1].that:7", "syntax"),
        ("sections[3].questions[1].value:8", "type"),
    }
    assert len(faults(raw)) >= 5


@pytest.mark.parametrize(
    ("parts", "circle"),
    [
        ([shown("answered(${q})")], "q → q"),
        (
            [
                question("a", "text", show="answered(${b})"),
                question("b", "text", show="answered(${a})"),
            ],
            "a → b → a",
        ),
        (
            [
                question("a", "calculated", value="${c} + 1"),
                question("b", "integer", show="${a} > 1"),
                question("c", "calculated", value="${b} * 2"),
            ],
            "a → c → b → a",
        ),
        (
            [
                question("m", "multiple", choices=choices("x", "y"), filter="selected(${n}, .)"),
                question("n", "multiple", choices=choices("x", "y"), filter="selected(${m}, .)"),
            ],
            "m → n → m",
        ),
    ],
)
def test_questions_that_wait_for_each_other_are_told_as_a_circle(parts, circle):
    with pytest.raises(DocumentError) as refused:
        parse(around(*parts))

    told = [p for p in refused.value.problems if p.code == "cycle"]
    assert len(told) == 1
    assert told[0].place == "sections[1].questions[1]"
    names = str(told[0].values["circle"]).split(" → ")
    assert names[0] == names[-1]
    assert set(names) == set(circle.split(" → "))


def test_a_repeat_that_counts_its_own_answers_is_a_circle():
    raw = around(section(A, code="p", repeat=REPEAT))

    assert {code for _, code in faults(raw)} == {"later", "cycle"}


@pytest.mark.parametrize(
    "parts",
    [
        [YES, shown("${yes} = 'yes' and ${yes} = 'no'")],
        [ONE, shown("${one} = 'x'"), question("r", "text", show="${one} = 'x' and ${one} = 'y'")],
        [question("a", "integer", minimum=0, maximum=9), shown("${a} > 9")],
        [MANY, shown("count_selected(${many}) > 2")],
        [YES, shown("false")],
        [YES, question("one", "single", choices=choices("x", "y"), show="${yes} = 'yes'"),
         shown("${one} = 'x' and ${yes} = 'no'")],
        [question("s", "rating", minimum=1, maximum=5, choices=None), shown("${s} = 6")],
    ],
)  # fmt: skip
def test_a_question_that_nobody_can_be_asked_is_refused(parts):
    parts = [{key: value for key, value in part.items() if value is not None} for part in parts]

    place = f"sections[1].questions[{len(parts)}].show"
    assert (place, "unreachable") in faults(around(*parts))


@pytest.mark.parametrize(
    "parts",
    [
        [YES, shown("not answered(${yes})")],
        [A, shown("${a} > 1000000 and ${a} < 5")],
        [A | {"missing": ["refused"]}, shown("missing(${a}, 'refused')")],
        [ONE, MANY, shown("${one} = 'x' and selected(${many}, 'y')")],
        [YES, shown("today() > date('2030-01-01')")],
        [EACH, shown("count(${each}) = 3")],
    ],
)
def test_what_may_be_possible_is_not_refused(parts):
    assert not faults(around(*parts))


def test_a_section_that_nobody_can_be_asked_is_refused():
    raw = around(section(YES, code="p1"), section(A, code="p2", show="${yes} = 'yes' and false"))

    assert faults(raw) == {("sections[2].show", "unreachable")}


@pytest.mark.parametrize(
    ("repeat", "fault"),
    [
        ({"count": "${a}", "most": 3}, ("repeat.label", "object")),
        ({"count": "${a}", "most": 51, "label": {"vi": "x"}}, ("repeat.most", "integer")),
        ({"count": "'x'", "most": 3, "label": {"vi": "x"}}, ("repeat.count:1", "type")),
        ({"most": 3, "label": {"vi": "x"}}, ("repeat.count:1", "syntax")),
        ("twice", ("repeat", "object")),
    ],
)
def test_a_repeat_says_how_often_how_many_and_what(repeat, fault):
    found = faults(around(section(A, code="p"), section(B, code="r", repeat=repeat)))

    assert ("sections[2]." + fault[0], fault[1]) in found


def test_a_repeated_section_does_not_ask_about_units():
    raw = around(section(A, code="p"), section(EACH, code="r", repeat=REPEAT))

    assert ("sections[2].questions[1].about", "about") in faults(raw)


def test_answers_of_a_repeat_are_lists_outside_and_values_inside():
    inside = section(B, shown("${b} > 1"), code="r", repeat=REPEAT)
    outside = section(question("z", "text", show="${b} > 1"), code="e")
    summed = section(question("z", "text", show="sum(${b}) > 1"), code="e")

    assert not faults(around(section(A, code="p"), inside, summed))
    assert {code for _, code in faults(around(section(A, code="p"), inside, outside))} == {"list"}


@pytest.mark.parametrize("name", ["unit", "position"])
def test_words_of_pipes_are_no_codes(name):
    assert ("questions", "reserved") in faults(around(question(name, "integer")))


@pytest.mark.parametrize("name", ["and", "or", "not", "in", "mod", "true", "false", "if", "sum"])
def test_keywords_of_expressions_may_be_codes(name):
    assert not faults(around(question(name, "integer"), shown(f"${{{name}}} > 1 and true")))
