"""How far a respondent has come, without promising what the answers may yet change."""

from __future__ import annotations

from dataclasses import dataclass

from survey.questionnaire.document import Document, Section
from survey.questionnaire.interview import Interview


@dataclass(frozen=True)
class Progress:
    """The number of a page, and how many pages there will be at least and at most."""

    number: int
    least: int
    most: int


def progress(interview: Interview, page: str) -> Progress:
    """Return how far a page is along a respondent's way."""
    ids = [one.id for one in interview.pages]
    number = ids.index(page) + 1
    seen = {part.section.code for one in interview.pages[:number] for part in one.parts}
    passed = _passed(interview, page)
    least = most = number
    for section in interview.document.sections:
        if section.code in seen and section.repeat is None:
            continue
        low, high = _pages(interview, section, passed, ids[:number])
        least, most = least + low, most + high
    return Progress(number, least, most)


def _passed(interview: Interview, page: str) -> set[str]:
    """Return the sections whose answers were given before a page."""
    found: set[str] = set()
    here = next(p for p in interview.pages if p.id == page).parts[0].section
    for section in interview.document.sections:
        if section is here:
            break
        found.add(section.code)
    return found


def _pages(
    interview: Interview, section: Section, passed: set[str], seen: list[str]
) -> tuple[int, int]:
    """Return how many pages of a section are still to come, at least and at most."""
    if section.code in passed:
        return 0, 0
    now = sum(
        1
        for page in interview.pages
        for part in page.parts
        if part.section is section and page.id not in seen
    )
    if _decided(interview.document, section) <= passed:
        return now, now
    most = section.repeat.most if section.repeat else 1
    return (0 if section.show or section.repeat else now), max(now, most)


def _decided(document: Document, section: Section) -> set[str]:
    """Return the sections whose answers decide whether, and how often, a section is asked."""
    names = set(section.show.references) if section.show else set()
    names |= set(section.repeat.count.references) if section.repeat else set()
    asked = [q.show for q in section.questions]
    if asked and all(show is not None for show in asked):
        names |= {name for show in asked if show is not None for name in show.references}
    decided: set[str] = set()
    waiting, known = list(names), set(names)
    while waiting:
        name = waiting.pop()
        home = document.section_of[name]
        if home is not section:
            decided.add(home.code)
        question = document.variables[name].question
        more = question.value.references if question.value else frozenset()
        waiting.extend(more - known)
        known |= more
    return decided
