"""What a ballot may contain: the same checks for the web, imports and every other door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from survey.errors import N_, AnswerError, Problem
from survey.questionnaire.document import Document, Question
from survey.questionnaire.kinds import KINDS

OWN = ""  # the row of answers that are about no unit

Key = tuple[str, str]  # question code, unit code or OWN


@dataclass
class Answers:
    """Values by question and unit, and what is wrong with the raw answers they came from."""

    values: dict[Key, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def place_of(key: Key) -> str:
    """Return how a message names an answer: the question, and the unit where there is one."""
    question, unit = key
    return f"{question}/{unit}" if unit else question


def keys_of(question: Question, units: Sequence[str]) -> list[Key]:
    """Return the answers that a question asks for, in the order of the page."""
    rows = units if question.about_units else (OWN,)
    return [(question.code, row) for row in rows]


def read(questions: Sequence[Question], units: Sequence[str], raw: Mapping[Key, str]) -> Answers:
    """Return the answers to some questions; raw answers to anything else are refused."""
    answers = Answers()
    asked: dict[Key, Question] = {key: q for q in questions for key in keys_of(q, units)}
    for key in raw.keys() - asked.keys():
        message = N_("Câu trả lời này không thuộc phiếu của bạn.")
        answers.problems.append(Problem(place_of(key), "not-asked", message))
    for key, question in asked.items():
        value = KINDS[question.kind].read(question, raw.get(key, ""), place_of(key))
        if isinstance(value, Problem):
            answers.problems.append(value)
        elif value is not None:
            answers.values[key] = value
        elif question.is_required:
            message = N_("Vui lòng trả lời câu hỏi này.")
            answers.problems.append(Problem(place_of(key), "required", message))
    return answers


def content(
    document: Document, units: Sequence[str], raw: Mapping[Key, str]
) -> dict[str, dict[str, object]]:
    """Return the content of a ballot: `{"answers": {...}, "units": {"<unit>": {...}}}`.

    Blanks are left out; every rated unit has its object, empty when nothing was said about it.
    Raises `AnswerError` with every problem, and when there is no answer at all.
    """
    answers = read(list(document.questions()), units, raw)
    if not answers.values and not answers.problems:
        message = N_("Phiếu chưa có câu trả lời nào.")
        answers.problems.append(Problem("", "empty", message))
    if answers.problems:
        raise AnswerError(answers.problems)
    own: dict[str, object] = {}
    about: dict[str, dict[str, str]] = {unit: {} for unit in units}
    for (question, unit), value in answers.values.items():
        if unit == OWN:
            own[question] = value
        else:
            about[unit][question] = value
    return {"answers": own, "units": dict(about)}
