"""What the templates of a form show beside its questions: words, problems, the way so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from survey.collection.queries import Form
from survey.collection.services import Posted, differences
from survey.errors import Problem
from survey.questionnaire.canonical import storable
from survey.questionnaire.checks import Warned
from survey.questionnaire.document import (
    OWN,
    Key,
    Missing,
    Question,
    Variable,
    in_language,
)
from survey.questionnaire.fields import field_name
from survey.questionnaire.interview import Interview, Page, Part
from survey.questionnaire.kinds.base import Raw
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.pipes import filled
from survey.questionnaire.shown import ShownPage, numbered, shown
from survey.web.i18n import error_text, gettext
from survey.web.wording import STATED_WORDS

Linked = tuple[str | None, str]  # the id to jump to, and what is said


def content_language(form: Form, language: str) -> str:
    """Return the language in which the questionnaire is shown: Vietnamese if not translated."""
    return language if language in form.document.languages else "vi"


def shown_page(
    form: Form, page: Page, language: str, problems: Iterable[Problem] = ()
) -> ShownPage:
    """Return the questions of a page with the answers given so far, or just posted."""
    first = 1
    for earlier in form.interview.pages:
        if earlier.id == page.id:
            break
        first += numbered(earlier)
    errors: dict[str, str] = {}
    for problem in problems:
        errors.setdefault(problem.place, error_text(problem))
    return shown(form.interview, page, language, first=first, errors=errors)


def linked(form: Form, page: ShownPage, problems: Iterable[Problem]) -> list[Linked]:
    """Return problems in the order of the page, each with the field that it is about."""
    names = {
        row.name: f"{question.number} – {row.label}" if row.label else str(question.number)
        for question in page.questions
        for row in question.rows
    }
    order = {name: position for position, name in enumerate(names)}
    found = [(field_of(form, problem.place), error_text(problem)) for problem in problems]
    found.sort(key=lambda one: order.get(one[0], len(order)))
    return [(name, f"{names[name]}: {text}" if name in names else text) for name, text in found]


def field_of(form: Form, place: str) -> str:
    """Return the field of the answer at a place."""
    code, _, row = place.partition("/")
    if code not in form.document.variables:
        return place
    return field_name((code, row))


def warned(form: Form, warnings: Iterable[Warned]) -> list[tuple[str, str, str]]:
    """Return warnings: name, the field that each is about, and what it says."""
    return [(w.id, field_of(form, w.problem.place), error_text(w.problem)) for w in warnings]


def stale(form: Form, posted: Posted, language: str) -> list[tuple[str, str, str]]:
    """Return what was kept elsewhere meanwhile beside what was typed here: question, and both."""
    there = form.interview
    here = form.interview_with({**form.visit.answers, **posted.raw})
    return [
        (
            _asked_as(form, key, language),
            _words(there, key, language),
            _words(here, key, language),
        )
        for key in differences(form.visit, posted)
    ]


def _asked_as(form: Form, key: Key, language: str) -> str:
    code, row = key
    text = in_language(form.document.variables[code].text, language)
    name = form.standing.unit_names.get(row)
    return f"{text} – {in_language(name, language)}" if name else text


def _words(interview: Interview, key: Key, language: str) -> str:
    asked, value = interview.asked.get(key), interview.values.get(key)
    if isinstance(value, Missing):
        return gettext(STATED_WORDS[value.value])
    if value is None or asked is None:
        return _typed(interview.raw.get(key, ""))
    return KINDS[asked.question.kind].words(asked, value, language)


def _typed(raw: Raw) -> str:
    return storable("; ".join(raw) if isinstance(raw, tuple) else str(raw))


@dataclass(frozen=True)
class Line:
    """A question on the check page with what was answered: (row, answer)."""

    anchor: str
    question: str
    said: list[tuple[str, str]]


@dataclass(frozen=True)
class Summary:
    """A page of the form on the check page."""

    code: str
    title: str
    lines: tuple[Line, ...]
    unanswered: int
    is_reached: bool


def summaries(form: Form, language: str) -> list[Summary]:
    """Return every page with its answers in words."""
    found, number = [], 1
    for page in form.interview.pages:
        asked = [
            _line(form.interview, part, posed.question, posed.rows, language)
            for part in page.parts
            for posed in part.posed
            if posed.rows and KINDS[posed.question.kind].is_answered
        ]
        lines = tuple(
            Line(line.anchor, f"{n}. {line.question}", line.said)
            for n, (line, _) in enumerate(asked, number)
        )
        number += len(lines)
        unanswered = sum(blanks for _, blanks in asked)
        is_reached = page.id in form.visit.revisions
        title = _title(form, page, language)
        found.append(Summary(page.id, title, lines, unanswered, is_reached))
    return found


def _title(form: Form, page: Page, language: str) -> str:
    part = page.parts[0]
    text = part.section.title if len(page.parts) == 1 else form.document.title
    return filled(text, language, form.interview, part.section, part.row)


def _line(
    interview: Interview, part: Part, question: Question, rows: Iterable[str], language: str
) -> tuple[Line, int]:
    said: list[tuple[str, str]] = []
    blanks = 0
    anchor = ""
    for row in rows:
        for variable in interview.items(question, part.row):
            key = (variable.code, row)
            anchor = anchor or field_name(key)
            if key not in interview.asked:
                continue
            if words := _words(interview, key, language):
                said.append((_label(interview, variable, row, language), words))
            else:
                blanks += 1
    text = filled(question.text, language, interview, part.section, part.row)
    return Line(anchor, text, said), blanks


def _label(interview: Interview, variable: Variable, row: str, language: str) -> str:
    names: Mapping[str, Mapping[str, str]] = interview.context.unit_names
    unit = in_language(names.get(row), language) if row != OWN and row in names else ""
    item = in_language(variable.text, language) if variable.item else ""
    return " – ".join(filter(None, (item, unit)))


def page_of(form: Form, problem: Problem) -> str | None:
    """Return the page on which a problem can be mended."""
    return form.interview.page_of.get(problem.place)
