"""Texts with earlier answers in them, and words that follow a number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.questionnaire.document import Missing
from survey.questionnaire.pipes import PipeError, filled, split
from tests.support.questions import around, choices, faults, interview, question, section

CHILD = {
    "vi": "${n, plural, other {# con}}",
    "en": "${n, plural, one {# child} other {# children}}",
    "cs": "${n, plural, one {# dítě} few {# děti} many {# dítěte} other {# dětí}}",
}


def said(text, language, answers=(), *, kind="decimal", **known):
    raw = around(question("n", kind, **known), languages=["vi", "en", "cs"])
    found = interview(raw, dict.fromkeys([("n", "")], answers[0]) if answers else {})
    part = found.parts[0]
    return filled(text, language, found, part.section, part.row)


@pytest.mark.parametrize(
    ("number", "vi", "en", "cs"),
    [
        ("0", "0 con", "0 children", "0 dětí"),
        ("1", "1 con", "1 child", "1 dítě"),
        ("2", "2 con", "2 children", "2 děti"),
        ("5", "5 con", "5 children", "5 dětí"),
        ("1.5", "1,5 con", "1.5 children", "1,5 dítěte"),
    ],
)
def test_words_follow_a_number_by_the_rules_of_the_language(number, vi, en, cs):
    assert [said(CHILD, tag, [number]) for tag in ("vi", "en", "cs")] == [vi, en, cs]


@pytest.mark.parametrize("answers", [[], [""], ["x"], [Missing.REFUSED]])
def test_an_answer_that_is_not_there_is_three_points(answers):
    assert said(CHILD, "vi", answers, missing=["refused"]) == "…"
    assert said({"vi": "Bạn ${n}!"}, "en", answers, missing=["refused"]) == "Bạn …!"


def test_a_choice_is_its_label_and_a_number_has_its_measure():
    labels = {"kind": "single", "choices": choices("a", "b")}

    assert said({"vi": "${n}?"}, "en", ["a"], **labels) == "a (en)?"
    assert said({"vi": "${n}?"}, "vi", ["1.5"], measure={"vi": "ngày"}) == "1,5 ngày?"


def test_a_unit_and_a_repeat_are_named_in_their_own_rows():
    names = {"A": {"vi": "Sở Y", "en": "Dept Y"}}
    raw = around(question("q", "single", about="units", choices=choices("a", "b")))
    found = interview(raw, units=("A", "B"), unit_names=names)
    part = found.parts[0]
    text = {"vi": "Về ${unit}"}

    assert filled(text, "en", found, part.section, "A") == "Về Dept Y"
    assert filled(text, "vi", found, part.section, "B") == "Về B"
    assert filled(text, "vi", found, part.section, "") == "Về …"


def test_answers_of_all_rows_stand_side_by_side():
    raw = around(
        section(question("q", "integer", about="units"), code="p"),
        section(question("z", "text", text={"vi": "Các số: ${q}"}), code="e"),
    )
    found = interview(raw, {("q", "A"): "1", ("q", "C"): "3"}, units=("A", "B", "C"))

    assert filled({"vi": "${q}"}, "vi", found, found.parts[1].section, "") == "1; 3"


def test_an_answer_cannot_bring_pipes_of_its_own():
    assert said({"vi": "${n}"}, "vi", ["${n} {{7*7}} %(x)s"], kind="text") == "${n} {{7*7}} %(x)s"


@pytest.mark.parametrize(
    "text",
    ["${", "${}", "${A}", "${a", "${a, plural}", "${a, plural, one {x}}", "${a, plural, x {y}}",
     "${a, plural, other {x} one {y}}", "${a, plural, other {x}", "${a.b}", "${a!r}", "${1}"],
)  # fmt: skip
def test_pipes_that_cannot_be_read_are_refused(text):
    with pytest.raises(PipeError):
        split(text)
    assert any(
        code == "pipe" for _, code in faults(around(question("q", "text", text={"vi": text})))
    )


@given(st.text(alphabet="${}ab, pluraoneth#\n", max_size=40))
def test_any_text_is_split_or_refused(text):
    try:
        parts = split(text)
    except PipeError:
        return
    assert "".join(part for part in parts if isinstance(part, str)).count("${") == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${later}", "unknown-name"),
        ("${none}", "unknown-name"),
        ("${q}", "unknown-name"),
        ("${unit}", "unknown-name"),
        ("${position}", "unknown-name"),
        ("${c, plural, other {#}}", "type"),
        ("${u, plural, other {#}}", "type"),
        ("${c} ${n} ${u}", None),
        ("${n, plural, other {#}}", None),
    ],
)
def test_a_text_names_what_stands_before_it(text, code):
    raw = around(
        question("c", "single", choices=choices("a", "b")),
        question("n", "integer"),
        question("u", "integer", about="units"),
        question("q", "text", text={"vi": text}),
        question("later", "integer"),
    )
    place = "sections[1].questions[4].text.vi"

    assert faults(raw) == ({(place, code)} if code else set())


def test_texts_of_the_whole_document_name_nothing():
    assert ("notice.vi", "unknown-name") in faults(
        around(question("a", "text"), notice={"vi": "${a}"})
    )
