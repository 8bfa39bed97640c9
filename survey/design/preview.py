"""A questionnaire's pages as respondents see them, from the document alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey.questionnaire.document import Document, Missing, Question, in_language

PREFIX = "q_"


@dataclass(frozen=True)
class Shown:
    """A question as the macros take it."""

    name: str
    kind: str
    text: str
    help: str | None
    choices: list[dict[str, str]]
    dont_know: dict[str, str] | None
    rows: list[dict[str, str]]
    number: int
    is_optional: bool
    max_length: int


def page_of(
    document: Document, page: int, units: Sequence[tuple[str, str]], language: str
) -> list[Shown]:
    """Return the questions of a page counted from 1, asked about units (code, name)."""
    before = sum(len(section.questions) for section in document.sections[: page - 1])
    questions = document.sections[page - 1].questions
    return [
        _shown(question, number, units, language)
        for number, question in enumerate(questions, before + 1)
    ]


def _shown(
    question: Question, number: int, units: Sequence[tuple[str, str]], language: str
) -> Shown:
    name = f"{PREFIX}{question.code}"
    options = [
        (choice, {"value": choice.code, "label": in_language(choice.label, language)})
        for choice in question.choices
    ]
    apart = [option for choice, option in options if choice.missing == Missing.DONT_KNOW]
    rows = [{"name": f"{name}__{code}", "label": label} for code, label in units]
    return Shown(
        name=name,
        kind="matrix" if question.about_units else question.kind,
        text=in_language(question.text, language),
        help=in_language(question.help, language) or None,
        choices=[option for choice, option in options if choice.missing != Missing.DONT_KNOW],
        dont_know=apart[0] if apart else None,
        rows=rows if question.about_units else [],
        number=number,
        is_optional=not question.is_required,
        max_length=question.max_length,
    )
