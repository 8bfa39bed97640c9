"""What the templates of a form show: questions, rows and answers in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey.collection.forms import field_name
from survey.collection.queries import Form
from survey.errors import Problem
from survey.model.organisation import Unit
from survey.questionnaire.canonical import storable
from survey.questionnaire.checks import OWN, Key, keys_of, place_of
from survey.questionnaire.document import Choice, Question, Section, in_language
from survey.web.i18n import error_text


@dataclass(frozen=True)
class ShownChoice:
    """A choice as the macros take it."""

    value: str
    label: str


@dataclass(frozen=True)
class ShownRow:
    """One answer to give: about a unit, or the only row of a question about oneself."""

    name: str
    label: str
    value: str | None
    error: str | None


@dataclass(frozen=True)
class ShownQuestion:
    """A question with its rows."""

    id: str
    kind: str
    number: int
    text: str
    help: str | None
    choices: tuple[ShownChoice, ...]
    dont_know: ShownChoice | None
    about_units: bool
    is_required: bool
    max_length: int
    rows: tuple[ShownRow, ...]


def unit_name(unit: Unit, language: str) -> str:
    """Return a unit's name in a language."""
    return unit.name_en if language == "en" else unit.name


def content_language(form: Form, language: str) -> str:
    """Return the language in which the questionnaire is shown: Vietnamese if not translated."""
    return language if language in form.document.languages else "vi"


def shown_questions(
    form: Form,
    page: Section,
    language: str,
    raw: Mapping[Key, str] | None = None,
    problems: Sequence[Problem] = (),
) -> list[ShownQuestion]:
    """Return the questions of a page with the answers given so far, or just posted."""
    first = 1
    for earlier in form.pages:
        if earlier.code == page.code:
            break
        first += len(earlier.questions)
    errors = {problem.place: error_text(problem) for problem in problems}
    answers = form.visit.answers | {key: storable(text) for key, text in (raw or {}).items()}
    return [
        _shown(question, number, form, language, answers, errors)
        for number, question in enumerate(page.questions, first)
    ]


def _shown(
    question: Question,
    number: int,
    form: Form,
    language: str,
    answers: Mapping[Key, str],
    errors: Mapping[str, str],
) -> ShownQuestion:
    names = {unit.code: unit_name(unit, language) for unit in form.units} | {OWN: ""}
    apart = [c for c in question.choices if c.missing is not None]
    return ShownQuestion(
        id=f"q_{question.code}",
        kind=question.kind,
        number=number,
        text=in_language(question.text, language),
        help=in_language(question.help, language) or None,
        choices=tuple(_choice(c, language) for c in question.choices if c.missing is None),
        dont_know=_choice(apart[0], language) if apart else None,
        about_units=question.about_units,
        is_required=question.is_required,
        max_length=question.max_length,
        rows=tuple(
            ShownRow(field_name(key), names[key[1]], answers.get(key), errors.get(place_of(key)))
            for key in keys_of(question, form.unit_codes)
        ),
    )


def _choice(choice: Choice, language: str) -> ShownChoice:
    return ShownChoice(choice.code, in_language(choice.label, language))


@dataclass(frozen=True)
class Summary:
    """A page of the form on the check page: each question with what was answered."""

    code: str
    title: str
    rows: tuple[tuple[str, str, list[tuple[str, str]]], ...]  # anchor, question, (unit, answer)
    unanswered: int


def summaries(form: Form, language: str) -> list[Summary]:
    """Return every page with its answers in words."""
    return [_summary(form, page, language) for page in form.pages]


def _summary(form: Form, page: Section, language: str) -> Summary:
    rows = []
    unanswered = 0
    for question in shown_questions(form, page, language):
        labels = {c.value: c.label for c in (*question.choices, question.dont_know) if c}
        given = [(row, row.value) for row in question.rows if row.value]
        unanswered += len(question.rows) - len(given)
        said = [(row.label, labels.get(value, value)) for row, value in given]
        rows.append((question.rows[0].name, f"{question.number}. {question.text}", said))
    return Summary(page.code, in_language(page.title, language), tuple(rows), unanswered)
