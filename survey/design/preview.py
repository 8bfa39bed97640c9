"""A questionnaire's pages as respondents see them, from the document alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from survey.questionnaire.document import Document, Text
from survey.questionnaire.interview import Context, Interview
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.shown import ShownPage, shown


def page_of(
    document: Document, number: int, units: Mapping[str, Text], language: str, *, today: date
) -> ShownPage:
    """Return a page counted from 1, every question of it shown, asked about units by code."""
    context = Context(today=today, units=tuple(units), unit_names=units)
    interview = Interview(document, context, {})
    section = document.sections[number - 1]
    return shown(
        interview,
        interview.whole_page(section),
        language,
        first=_asked_before(document, number) + 1,
    )


def _asked_before(document: Document, number: int) -> int:
    return sum(
        KINDS[question.kind].is_answered
        for section in document.sections[: number - 1]
        for question in section.questions
    )
