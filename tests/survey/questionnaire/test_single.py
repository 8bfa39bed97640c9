"""One choice out of several."""

from __future__ import annotations

import pytest

from survey.errors import Problem
from survey.questionnaire.document import Question
from survey.questionnaire.kinds import KINDS
from survey.questionnaire.parse import parse
from tests.factories import make_document

KIND = KINDS["single"]


@pytest.fixture(scope="module")
def question() -> Question:
    found = parse(make_document()).question("c1")
    assert found is not None
    return found


@pytest.mark.parametrize(("raw", "value"), [("A", "A"), (" KB\n", "KB"), ("", None), ("   ", None)])
def test_a_code_is_read_and_nothing_is_a_blank(
    question: Question, raw: str, value: str | None
) -> None:
    assert KIND.read(question, raw, "c1") == value


@pytest.mark.parametrize("raw", ["a", "Tốt (vi)", "1", "A,B", "A\x00", "<b>", "ＫＢ"])
def test_labels_positions_and_look_alikes_are_no_codes(question: Question, raw: str) -> None:
    problem = KIND.read(question, raw, "c1/U1")

    assert isinstance(problem, Problem)
    assert (problem.place, problem.code) == ("c1/U1", "choice")
    assert problem.values["known"] == "A, B, C, D, KB"
    assert "\x00" not in str(problem.values["value"])


def test_a_long_wrong_value_is_quoted_in_part(question: Question) -> None:
    problem = KIND.read(question, "x" * 1000, "c1")

    assert isinstance(problem, Problem)
    assert len(str(problem.values["value"])) == 40
