"""One respondent's way: sections, repeats, rows, and what each expression sees."""

from __future__ import annotations

from fractions import Fraction

import pytest

from survey.questionnaire.document import Missing
from tests.factories import make_document
from tests.support.questions import around, choices, interview, question, section

REPEAT = {"count": "${n}", "most": 3, "label": {"vi": "Lần ${position}"}}
N = section(question("n", "integer"), code="p")


def pages(raw, answers=(), **known):
    given = {(code, ""): value for code, value in dict(answers).items()}
    return [page.id for page in interview(raw, given, **known).pages]


def test_pages_about_units_are_off_the_path_without_units():
    assert pages(make_document(), units=("U1",)) == ["units", "self", "end"]
    assert pages(make_document()) == ["self", "end"]


def test_a_section_without_anything_to_see_is_no_page():
    silent = section(question("t", "calculated", value="1"), code="s1")
    conditional = section(question("x", "text", show="${n} > 5"), code="s2")

    assert pages(around(N, silent, conditional)) == ["p"]
    assert pages(around(N, silent, conditional), {"n": "6"}) == ["p", "s2"]


def test_repeats_are_pages_named_by_their_number():
    raw = around(N, section(question("x", "text"), code="r", repeat=REPEAT))

    assert pages(raw, {"n": "2"}) == ["p", "r@1", "r@2"]
    assert pages(raw, {"n": "9"}) == ["p", "r@1", "r@2", "r@3"]


def test_all_sections_are_one_page_where_the_designer_chose_so():
    raw = around(N, section(question("x", "text"), code="r", repeat=REPEAT), layout="single")

    found = interview(raw, {("n", ""): "2"})

    assert [page.id for page in found.pages] == ["all"]
    assert [part.id for part in found.pages[0].parts] == ["p", "r@1", "r@2"]
    assert set(found.page_of.values()) == {"all"}


def test_conditions_see_the_row_that_they_stand_in():
    inner = section(question("x", "integer"), question("y", "text", show="${x} > position()"),
                    code="r", repeat=REPEAT)  # fmt: skip
    raw = {("n", ""): "3", ("x", "@1"): "2", ("x", "@2"): "2", ("x", "@3"): "9"}

    asked = interview(around(N, inner), raw).asked

    assert [row for code, row in asked if code == "y"] == ["@1", "@3"]


def test_outside_of_its_rows_an_answer_is_a_list_of_those_on_the_path():
    inner = section(question("x", "integer"), code="r", repeat=REPEAT)
    total = section(question("t", "calculated", value="sum(${x})"), code="e")
    raw = {("n", ""): "2", ("x", "@1"): "1", ("x", "@2"): "2", ("x", "@3"): "100"}

    found = interview(around(N, inner, total), raw)

    assert found.operand(("t", "")) == Fraction(3)
    assert found.operand(("x", "@3")) is None


def test_a_question_of_a_unit_sees_that_unit():
    raw = around(
        question("m", "single", about="units", choices=choices("a", "b")),
        question("w", "text", show="count_is(${m}, 'b') > 1"),
        question("d", "integer", about="units", show="${m} = 'b' and unit() != 'C'"),
    )
    answers = {("m", unit): "b" for unit in "ABC"}

    asked = interview(raw, answers, units=("A", "B", "C")).asked

    assert [key for key in asked if key[0] in {"w", "d"}] == [("w", ""), ("d", "A"), ("d", "B")]


def test_a_drawn_order_of_questions_changes_no_condition():
    drawn = section(
        question("a", "integer"), question("b", "text", show="${a} = 1"),
        question("c", "integer"), code="s", order="random",
    )  # fmt: skip
    orders = set()
    for seed in range(30):
        found = interview(around(drawn), {("a", ""): "1"}, seed=seed)
        orders.add(tuple(posed.question.code for posed in found.parts[0].posed))
        assert ("b", "") in found.asked

    assert len(orders) == 6


def test_what_cannot_be_read_counts_as_nothing_and_is_told():
    raw = around(question("a", "integer"), question("b", "text", show="answered(${a})"))

    found = interview(raw, {("a", ""): "x", ("b", ""): "y"})

    assert [(p.place, p.code) for p in found.misread] == [("a", "number")]
    assert ("b", "") not in found.asked


@pytest.mark.parametrize(
    ("raw", "reason"),
    [("1", None), ("", "blank"), ("x", "blank"), (Missing.REFUSED, "refused"),
     (Missing.DONT_KNOW, "blank")],
)  # fmt: skip
def test_an_answer_has_a_value_or_a_reason(raw, reason):
    found = interview(around(question("a", "integer", missing=["refused"])), {("a", ""): raw})

    assert (found.reason(("a", "")) or None) == reason


def test_a_page_that_left_the_path_can_be_seen_whole():
    raw = around(N, section(question("x", "text", show="${n} > 5"), code="s2", show="${n} > 5"))
    found = interview(raw)

    page = found.whole_page(found.document.sections[1])

    assert page.id == "s2"
    assert [posed.rows for posed in page.parts[0].posed] == [("",)]
