"""The content of a ballot: what is on the path, and why each other answer is missing."""

from __future__ import annotations

import pytest

from survey.errors import AnswerError
from survey.questionnaire.content import content_of
from survey.questionnaire.document import Missing
from tests.factories import make_document
from tests.support.questions import around, choices, interview, question, section

UNITS = ("U1", "U2")


def ballot(raw, answers, **known):
    return content_of(interview(raw, answers, **known))


def test_a_ballot_names_every_rated_unit():
    found = ballot(make_document(), {("c1", "U1"): " A ", ("post", ""): "1"}, units=UNITS)

    assert found == {
        "answers": {"post": "1"},
        "units": {"U1": {"c1": "A"}, "U2": {}},
        "missing": {"blank": ["c1/U2", "c2/U1", "c2/U2", "comment"]},
    }


def test_dont_know_out_of_a_scale_is_kept_as_its_code():
    found = ballot(make_document(), {("c1", "U1"): "KB", ("post", ""): "1"}, units=UNITS)

    assert found["units"] == {"U1": {"c1": "KB"}, "U2": {}}


def test_a_text_is_composed_before_it_is_measured():
    decomposed = "So\u031b\u0309 " * 12

    found = ballot(make_document(), {("post", ""): "1", ("comment", ""): decomposed})

    assert found["answers"]["comment"] == ("Sở " * 12).strip()


def test_the_six_reasons_are_six():
    ways = ["refused", "dont_know", "not_applicable"]
    raw = around(
        section(*(question(f"q{n}", "integer", missing=ways) for n in range(1, 5)), code="p1"),
        section(question("off", "text", show="${q4} > 5"), question("on", "text"), code="p2"),
        section(question("far", "text"), code="p3"),
    )
    answers = {
        ("q1", ""): Missing.REFUSED,
        ("q2", ""): Missing.DONT_KNOW,
        ("q3", ""): Missing.NOT_APPLICABLE,
        ("q4", ""): "1",
        ("off", ""): "kept in the draft",
    }

    found = ballot(raw, answers, reached=frozenset({"p1", "p2"}))

    assert found["answers"] == {"q4": "1"}
    assert found["missing"] == {
        "refused": ["q1"],
        "dont_know": ["q2"],
        "not_applicable": ["q3"],
        "not_asked": ["off"],
        "blank": ["on"],
        "not_reached": ["far"],
    }


def test_whether_a_page_was_reached_is_known_to_conditions_as_well():
    raw = around(
        section(question("a", "text"), code="p1"),
        section(question("b", "text"), code="p2"),
        section(question("c", "text", show="missing(${b}, 'not_reached')"), code="p3"),
    )

    assert ("c", "") in interview(raw, reached=frozenset({"p1"})).asked
    assert ("c", "") not in interview(raw, reached=frozenset({"p1", "p2"})).asked


def test_answers_off_the_path_come_back_with_the_path():
    raw = around(question("a", "integer"), question("b", "text", show="${a} > 5"))
    kept = {("b", ""): "x"}

    assert ballot(raw, kept | {("a", ""): "1"})["answers"] == {"a": "1"}
    assert ballot(raw, kept | {("a", ""): "6"})["answers"] == {"a": "6", "b": "x"}


def test_repeated_sections_are_lists():
    inner = section(
        question("name", "text"),
        question("age", "integer", show="answered(${name})"),
        code="child",
        repeat={"count": "${n}", "most": 3, "label": {"vi": "?"}},
    )
    raw = around(section(question("n", "integer"), code="p"), inner)

    two = ballot(
        raw, {("n", ""): "2", ("name", "@1"): "An", ("age", "@1"): "7", ("age", "@2"): "5"}
    )
    none = ballot(raw, {("n", ""): "0"})

    assert two["groups"] == {"child": [{"name": "An", "age": "7"}, {}]}
    assert two["missing"] == {"blank": ["name/@2"], "not_asked": ["age/@2"]}
    assert "groups" not in none
    assert none["missing"] == {"not_asked": ["name", "age"]}


@pytest.mark.parametrize(("count", "often"), [("-1", 0), ("2.9", 2), ("9", 3), ("", 0)])
def test_a_section_is_repeated_whole_times_within_its_limit(count, often):
    inner = section(question("x", "text"), code="r",
                    repeat={"count": "${n}", "most": 3, "label": {"vi": "?"}})  # fmt: skip
    raw = around(section(question("n", "decimal"), code="p"), inner)

    assert len(interview(raw, {("n", ""): count}).parts) == 1 + often


@pytest.mark.parametrize("answers", [{}, {("b", ""): "  "}, {("a", ""): Missing.REFUSED}])
def test_a_ballot_without_any_answer_is_refused(answers):
    raw = around(question("a", "integer", missing=["refused"]), question("b", "text"),
                 question("t", "calculated", value="1"))  # fmt: skip

    with pytest.raises(AnswerError) as refused:
        ballot(raw, answers)

    assert [p.code for p in refused.value.problems] == ["empty"]


def test_the_seed_is_kept_where_anything_is_drawn():
    drawn = question("q", "single", choices=choices("a", "b"), order="random")

    assert ballot(around(drawn), {("q", ""): "a"}, seed=7)["seed"] == 7
    assert "seed" not in ballot(around(drawn | {"order": "fixed"}), {("q", ""): "a"}, seed=7)
