"""How far a respondent has come, without promising what the answers may yet change."""

from __future__ import annotations

from dataclasses import dataclass

from survey.questionnaire.document import Layout, Question, Section
from survey.questionnaire.interview import Interview
from survey.questionnaire.kinds.registry import KINDS


@dataclass(frozen=True)
class Progress:
    """The number of a page, and how many pages there will be at least and at most."""

    number: int
    least: int
    most: int


def progress(interview: Interview, page: str) -> Progress:
    """Return how far a page is along a respondent's way."""
    if interview.document.layout is Layout.SINGLE:
        return Progress(1, 1, 1)
    ids = [one.id for one in interview.pages]
    number = ids.index(page) + 1
    here = interview.pages[number - 1].parts[0].section
    sections = interview.document.sections
    passed = {section.code for section in sections[: sections.index(here)]}
    least = most = number
    for section in sections[len(passed) :]:
        low, high = _to_come(interview, section, passed, ids[:number])
        least, most = least + low, most + high
    return Progress(number, least, most)


def _to_come(
    interview: Interview, section: Section, passed: set[str], seen: list[str]
) -> tuple[int, int]:
    """Return how many pages of a section are still to come, at least and at most."""
    now = sum(
        1 for page in interview.pages if page.parts[0].section is section and page.id not in seen
    )
    questions = _visible(interview, section)
    is_begun = any(page.parts[0].section is section and page.id in seen for page in interview.pages)
    if not questions or is_begun or _deciding(interview, section, questions) <= passed:
        return now, now
    return 0, max(now, section.repeat.most if section.repeat else 1)


def _visible(interview: Interview, section: Section) -> list[Question]:
    """Return the questions of a section that somebody with these units may ever see."""
    return [
        question
        for question in section.questions
        if KINDS[question.kind].is_answered or question.kind == "note"
        if interview.context.units or not question.about_units
    ]


def _deciding(interview: Interview, section: Section, questions: list[Question]) -> set[str]:
    """Return the sections whose answers decide whether, and how often, a section is asked."""
    deciding = [section.show, section.repeat.count if section.repeat else None]
    shows = [question.show for question in questions]
    if None not in shows:
        deciding += shows
    names = {name for expression in deciding if expression for name in expression.references}
    homes = (interview.document.section_of[name] for name in names)
    return {home.code for home in homes if home is not section}
