"""What is wrong with answers: unreadable ones, hard checks, warnings that may be confirmed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.questionnaire.checks import verdict
from survey.questionnaire.content import content_of
from survey.questionnaire.document import Missing
from survey.questionnaire.kinds.registry import KINDS
from survey.web.paths import templates
from tests.factories import make_document
from tests.support.questions import around, choices, faults_of, interview, question, section

UNITS = ("U1", "U2")


def check(that, **more):
    return {"that": that, "message": {"vi": "Sai: ${a}", "en": "Wrong: ${a}"}} | more


A = question("a", "integer")
B = question("b", "integer")


def wrong(raw, answers=(), page=None, **known):
    given = {(code, ""): value for code, value in dict(answers).items()}
    found = verdict(interview(raw, given, **known), page)
    return [(p.place, p.code) for p in found.problems], [w.id for w in found.warnings]


@pytest.mark.parametrize(
    ("raw", "place", "code"),
    [
        ({("c1", "U9"): "A"}, "c1/U9", "not-asked"),
        ({("c1", ""): "A"}, "c1", "not-asked"),
        ({("c1", "@1"): "A"}, "c1/@1", "not-asked"),
        ({("post", "U1"): "1"}, "post/U1", "not-asked"),
        ({("none", ""): "A"}, "none", "not-asked"),
        ({("c1", "U1"): "Tốt (vi)"}, "c1/U1", "choice"),
        ({("c1", "U1"): "A", ("post", ""): ""}, "post", "required"),
        ({("post", ""): "1", ("comment", ""): "x" * 51}, "comment", "length"),
    ],
)
def test_a_wrong_answer_is_named_with_its_place(raw, place, code):
    found = verdict(interview(make_document(), raw, units=UNITS))

    assert (place, code) in {(p.place, p.code) for p in found.problems}


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(["c1", "c2", "post", "comment", "x", "\x00"]),
            st.sampled_from(["", "@1", "@99", "\ud800", *UNITS]),
        ),
        st.text(max_size=60)
        | st.sampled_from(["A", "KB", "1"])
        | st.lists(st.text(max_size=3), max_size=3).map(tuple),
        max_size=6,
    )
)
def test_any_answers_have_a_verdict(raw):
    found = interview(make_document(), raw, units=UNITS)

    if not verdict(found).problems and any(found.values):
        assert set(content_of(found)["units"]) == set(UNITS)


@pytest.mark.parametrize(
    ("row", "is_known"),
    [("@1", True), ("@3", True), ("@4", False), ("@0", False), ("", False), ("@01", False),
     ("A", False), ("@x", False)],
)  # fmt: skip
def test_a_repetition_may_be_off_the_path_but_must_be_possible(row, is_known):
    repeat = {"count": "${a}", "most": 3, "label": {"vi": "?"}}
    raw = around(section(A, code="s1"), section(question("c", "text"), code="s2", repeat=repeat))

    found = verdict(interview(raw, {("a", ""): "0", ("c", row): "x"}, units=("A",)))

    assert (not found.problems) is is_known


def test_a_hard_check_is_a_problem_and_a_warning_waits_to_be_confirmed():
    raw = around(
        A | {"checks": [check(". < 100"), check(". < 50", severity="warning", code="much")]}
    )

    assert wrong(raw, {"a": "10"}) == ([], [])
    assert wrong(raw, {"a": "60"}) == ([], ["a:much"])
    assert wrong(raw, {"a": "60"}, confirmed=frozenset({"a:much"})) == ([], [])
    assert wrong(raw, {"a": "100"}) == ([("a", "check1")], ["a:much"])


def test_messages_are_in_every_language_with_their_answers():
    raw = around(A | {"checks": [check(". < 5")]})

    (problem,) = verdict(interview(raw, {("a", ""): "7"})).problems

    assert problem.texts == {"vi": "Sai: 7", "en": "Wrong: 7"}
    assert str(problem) == "Sai: 7"


def test_only_warnings_that_were_given_can_be_confirmed():
    raw = around(A | {"checks": [check(". < 50", severity="warning")]})
    claimed = frozenset({"a:check1", "b:check1", "x" * 50})

    kept = content_of(interview(raw, {("a", ""): "60"}, confirmed=claimed))
    needless = content_of(interview(raw, {("a", ""): "6"}, confirmed=claimed))

    assert kept["confirmed"] == ["a:check1"]
    assert "confirmed" not in needless


@pytest.mark.parametrize(
    ("that", "answers", "problems"),
    [
        ("${a} < ${b}", {"a": "2", "b": "1"}, 1),
        ("${a} < ${b}", {"a": "2"}, 0),
        ("not answered(${a}) or answered(${b})", {"a": "2"}, 1),
        ("coalesce(${a}, 0) + coalesce(${b}, 0) > 5", {"a": "2"}, 1),
        ("missing(${a}, 'blank')", {"b": "1"}, 0),
    ],
)
def test_a_check_waits_for_what_it_compares(that, answers, problems):
    raw = around(section(A, B, checks=[check(that)]))

    assert len(wrong(raw, answers)[0]) == problems


def test_a_check_of_a_question_is_not_judged_on_a_blank_or_a_refusal():
    raw = around(A | {"missing": ["refused"], "checks": [check("false")]})

    assert wrong(raw, {}) == ([], [])
    assert wrong(raw, {"a": "1"})[0] == [("a", "check1")]


def test_a_check_of_a_section_stands_at_the_answer_that_it_names():
    named = around(section(A, B, checks=[check("${a} < ${b}", at="b")]))
    first = around(section(question("n", "note"), A, B, checks=[check("${a} < ${b}")]))

    assert wrong(named, {"a": "2", "b": "1"})[0] == [("b", "check1")]
    assert wrong(first, {"a": "2", "b": "1"})[0] == [("a", "check1")]


def test_a_check_whose_answer_is_off_the_path_stands_where_it_is_seen():
    hidden = B | {"show": "${a} > 5"}
    raw = around(section(A, hidden, checks=[check("${a} < 1", at="b")]))

    assert wrong(raw, {"a": "2"}, page="s")[0] == [("a", "check1")]


def test_a_check_of_a_page_about_units_stands_at_the_first_unit():
    about = question("u", "integer", about="units")
    raw = around(section(about, checks=[check("sum(${u}) < 10", message={"vi": "?"})]))

    found = verdict(interview(raw, {("u", "A"): "6", ("u", "B"): "7"}, units=("A", "B")), "s")

    assert [p.place for p in found.problems] == ["u/A"]


def test_checks_of_a_question_and_of_its_section_are_confirmed_apart():
    one = check("${a} < 5", severity="warning")
    raw = around(section(A | {"checks": [one]}, checks=[one]))

    assert wrong(raw, {"a": "7"})[1] == ["a:check1", "a:s.check1"]
    assert wrong(raw, {"a": "7"}, confirmed=frozenset({"a:check1"}))[1] == ["a:s.check1"]


def test_checks_are_judged_in_every_row():
    raw = around(
        question("u", "integer", about="units", checks=[check(". < 5", message={"vi": "?"})])
    )

    found = verdict(interview(raw, {("u", "A"): "1", ("u", "B"): "7"}, units=("A", "B")))

    assert [p.place for p in found.problems] == ["u/B"]


def test_what_is_off_the_path_is_not_checked():
    hidden = B | {"show": "${a} > 5", "required": True, "checks": [check(". < 5")]}

    assert wrong(around(A, hidden), {"a": "1", "b": "x"}) == ([], [])


def test_a_page_has_its_own_problems_alone():
    raw = around(
        section(A | {"required": True}, code="p1"), section(B | {"required": True}, code="p2")
    )

    assert wrong(raw, page="p1")[0] == [("a", "required")]
    assert len(wrong(raw)[0]) == 2


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"that": "${a} +"}, ("checks[1].that:7", "syntax")),
        ({"that": "1"}, ("checks[1].that:1", "type")),
        ({"at": "z"}, ("checks[1].at", "unknown-name")),
        ({"severity": "soft"}, ("checks[1].severity", "value")),
        ({"message": {}}, ("checks[1].message", "text")),
        ({"surprise": 1}, ("checks[1]", "unknown")),
    ],
)
def test_checks_that_make_no_sense_are_refused(more, fault):
    assert fault in faults_of(A | {"checks": [check("true") | more]})


def test_codes_of_checks_are_unique_at_a_place():
    twice = [check("true", code="k"), check("true", code="k")]

    assert ("checks", "repeated") in faults_of(A | {"checks": twice})


def test_every_kind_that_is_seen_has_its_partial():
    partials = {p.stem for p in (templates() / "collection" / "questions").glob("*.html")}

    assert partials >= set(KINDS) - {"hidden", "calculated"}


def test_stated_reasons_answer_a_required_question():
    raw = around(question("q", "single", choices=choices("a", "b"), required=True,
                          missing=["refused"]))  # fmt: skip
    assert not verdict(interview(raw, {("q", ""): Missing.REFUSED})).problems
    assert verdict(interview(raw, {("q", ""): Missing.DONT_KNOW})).problems
    assert verdict(interview(raw, {("q", ""): Missing.NOT_ASKED})).problems
