"""A document walked without the web: the path in words, and the ballot or what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from survey.errors import AnswerError, Problem
from survey.questionnaire.answer_file import Answers
from survey.questionnaire.checks import verdict
from survey.questionnaire.content import Content, content_of
from survey.questionnaire.document import Document, Missing, in_language
from survey.questionnaire.interview import Interview, Page, Part, Posed
from survey.questionnaire.kinds.base import Asked
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.pipes import filled


@dataclass(frozen=True)
class Row:
    """One answer: about whom or what, and in words; `missing` says why there is none."""

    place: str
    label: str
    words: str
    missing: Missing | None


@dataclass(frozen=True)
class Step:
    """A question of the path with its answers; a note has none."""

    code: str
    text: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Stop:
    """A page of the path."""

    id: str
    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Walk:
    """The path, and the ballot that it ends in, or everything that is wrong."""

    path: tuple[Stop, ...]
    ballot: Content | None
    problems: tuple[Problem, ...]
    to_confirm: tuple[str, ...]  # the warnings among the problems


def walked(document: Document, answers: Answers, language: str = "vi") -> Walk:
    """Return the way of somebody who gives these answers."""
    interview = Interview(document, answers.context, answers.raw)
    path = tuple(_stop(interview, page, language) for page in interview.pages)
    try:
        return Walk(path, content_of(interview), (), ())
    except AnswerError as error:
        names = tuple(warned.id for warned in verdict(interview).warnings)
        return Walk(path, None, error.problems, names)


def _stop(interview: Interview, page: Page, language: str) -> Stop:
    head = page.parts[0]
    title = filled(head.section.title, language, interview, head.section, head.row)
    steps = (
        _step(interview, part, posed, language)
        for part in page.parts
        for posed in part.posed
        if posed.rows and posed.question.kind not in {"hidden", "calculated"}
    )
    return Stop(page.id, title, tuple(steps))


def _step(interview: Interview, part: Part, posed: Posed, language: str) -> Step:
    question = posed.question
    row = posed.rows[0] if len(posed.rows) == 1 else part.row
    text = filled(question.text, language, interview, part.section, row)
    rows = [
        _row(interview, part, asked, language)
        for one in posed.rows
        for asked in interview.asked_of(question, one)
    ]
    return Step(question.code, text, tuple(rows))


def _row(interview: Interview, part: Part, asked: Asked, language: str) -> Row:
    value = interview.values.get(asked.key)
    labels = []
    if asked.variable.item is not None:
        item = asked.variable.item
        labels.append(filled(item.text, language, interview, part.section, part.row))
    if asked.row in interview.context.units:
        names = interview.context.unit_names
        labels.append(in_language(names.get(asked.row, {"vi": asked.row}), language))
    words = ""
    if value is not None and not isinstance(value, Missing):
        words = KINDS[asked.question.kind].words(asked, value, language)
    return Row(asked.place, " · ".join(labels), words, interview.reason(asked.key))


def lines_of(path: tuple[Stop, ...]) -> Iterator[str]:
    """Yield a path in lines: pages, questions, answers, each a step further in."""
    for number, stop in enumerate(path, 1):
        yield f"{number}. [{stop.id}] {_line(stop.title)}"
        for step in stop.steps:
            yield f"   {step.code}: {_line(step.text)}"
            for row in step.rows:
                label = f"{_line(row.label)}: " if row.label else ""
                said = row.words or f"({row.missing})"
                yield f"      {label}{_line(said)}"


def _line(text: str) -> str:
    return " ".join(text.split())
