"""Progress that promises only what no answer can change."""

from __future__ import annotations

import pytest

from survey.questionnaire.progress import progress
from tests.support.questions import around, interview, question, section

YES = section(question("yes", "yes_no"), code="p1")
N = section(question("n", "integer"), code="p1")
LAST = section(question("z", "text"), code="p9")
REPEAT = {"count": "${n}", "most": 3, "label": {"vi": "?"}}


def told(raw, page, answers=(), **known):
    found = progress(interview(raw, {(c, ""): v for c, v in dict(answers).items()}, **known), page)
    return found.number, found.least, found.most


def test_a_straight_questionnaire_has_as_many_pages_as_sections():
    raw = around(YES, section(question("a", "text"), code="p2"), LAST)

    assert [told(raw, page) for page in ("p1", "p2", "p9")] == [(1, 3, 3), (2, 3, 3), (3, 3, 3)]


@pytest.mark.parametrize("show", ["section", "questions"])
def test_a_page_that_an_answer_decides_about_may_come_or_not(show):
    condition = {"show": "${yes} = 'yes'"}
    if show == "section":
        second = section(question("a", "text"), code="p2", **condition)
    else:
        second = section(question("a", "text", **condition), question("t", "calculated", value="1"),
                         code="p2")  # fmt: skip
    raw = around(YES, second, LAST)

    assert told(raw, "p1") == (1, 2, 3)
    assert told(raw, "p1", {"yes": "yes"}) == (1, 2, 3)
    assert told(raw, "p2", {"yes": "yes"}) == (2, 3, 3)
    assert told(raw, "p9", {"yes": "no"}) == (2, 2, 2)


def test_repeats_may_be_none_or_all_until_they_are_counted():
    raw = around(N, section(question("x", "text"), code="r", repeat=REPEAT), LAST)

    assert told(raw, "p1", {"n": "2"}) == (1, 2, 5)
    assert told(raw, "r@1", {"n": "2"}) == (2, 4, 4)
    assert told(raw, "r@2", {"n": "2"}) == (3, 4, 4)


def test_pages_about_units_do_not_come_without_units():
    raw = around(YES, section(question("a", "integer", about="units"), code="p2"), LAST)

    assert told(raw, "p1") == (1, 2, 2)
    assert told(raw, "p1", units=("A",)) == (1, 3, 3)


def test_a_section_with_nothing_to_see_is_never_promised():
    silent = section(question("t", "calculated", value="1"), code="p2", show="${yes} = 'yes'")

    assert told(around(YES, silent, LAST), "p1") == (1, 2, 2)


def test_one_page_is_one_page():
    raw = around(N, section(question("x", "text"), code="r", repeat=REPEAT), layout="single")

    assert told(raw, "all") == (1, 1, 1)
