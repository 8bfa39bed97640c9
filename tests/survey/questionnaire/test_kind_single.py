"""One choice out of several."""

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

KIND = KINDS["single"]
SCALE = [*choices("A", "B"), *choices("KB", missing="dont_know")]
ONE = question("q", "single", choices=SCALE)


@pytest.mark.parametrize(
    ("raw", "value"), [("A", "A"), (" KB\n", "KB"), ("", None), ("   ", None), ((), None)]
)
def test_a_code_is_read_and_nothing_is_a_blank(raw, value):
    assert read(ONE, raw) == value


@pytest.mark.parametrize("raw", ["a", "A (vi)", "1", "A,B", "<b>", "ＫＢ", "A" * 9999])
def test_labels_positions_and_look_alikes_are_no_codes(raw):
    assert read(ONE, raw) == "! choice"


def test_a_problem_names_what_is_known_and_quotes_a_part():
    problem = KIND.read(asked(ONE), "x" * 1000)

    assert problem.place == "q"
    assert problem.values["known"] == "A, B, KB"
    assert len(str(problem.values["value"])) == 40


def test_several_answers_to_one_question_are_refused():
    assert read(ONE, ("A", "B")) == "! list"


def test_a_choice_in_words_is_its_label_in_the_language():
    assert [KIND.words(asked(ONE), "A", tag) for tag in ("vi", "en", "fr")] == [
        "A (vi)", "A (en)", "A (vi)",
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["A", "KB"])
def test_what_the_form_shows_is_read_back(value):
    assert shown_again(asked(ONE), value, "vi") == value


def test_choices_come_from_a_scale_or_a_list():
    by_scale = question("q", "single", scale="s")
    by_list = question("q", "single", list="l", appearance="search")

    assert read(by_scale, "B", scales={"s": SCALE}) == "B"
    assert read(by_list, "B", lists={"l": SCALE}) == "B"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({}, ("choices", "choices")),
        ({"choices": choices("A")}, ("choices", "choices")),
        ({"choices": choices("A", "A")}, ("choices", "repeated")),
        ({"choices": choices("A", "B"), "scale": "s"}, ("scale", "scale")),
        ({"scale": "none"}, ("scale", "scale")),
        ({"choices": choices("A", "B!")}, ("choices[2].code", "code")),
        ({"choices": SCALE, "appearance": "stars"}, ("appearance", "value")),
        ({"choices": SCALE, "minimum": 1}, ("", "unknown")),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(more, fault):
    found = {(place.removeprefix("sections[1].questions[1]"), code)
             for place, code in faults_of(question("q", "single", **more))}  # fmt: skip

    assert fault in found


def test_a_filter_keeps_the_choices_that_it_holds_for_and_every_way_out():
    many = question("m", "multiple", choices=choices("A", "B", "C"))
    best = question("q", "single", choices=[*choices("A", "B", "C"), SCALE[2]],
                    filter="selected(${m}, .)")  # fmt: skip
    raw = around(many, best)

    offered = interview(raw, {("m", ""): ("C", "A")}).asked["q", ""].choices

    assert [choice.code for choice in offered] == ["A", "C", "KB"]
    assert [p.code for p in interview(raw, {("m", ""): ("A",), ("q", ""): "B"}).misread] == [
        "choice"
    ]


def test_a_question_about_units_has_a_row_for_each():
    about = question("q", "single", choices=SCALE, about="units")

    found = interview(around(about), {("q", "A"): "B"}, units=("A", "B"))

    assert set(found.asked) == {("q", "A"), ("q", "B")}
    assert found.values == {("q", "A"): "B"}
