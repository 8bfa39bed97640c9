"""Questions as HTML, kept where the same question in the same state is drawn again and again.

Most of what respondents see are scales that nobody has answered yet, or with one of a few choices
ticked. Nothing that somebody wrote is ever kept: only choices and blanks.
"""

from __future__ import annotations

from collections.abc import Hashable

from flask import current_app
from markupsafe import Markup

from survey.questionnaire.document import Question
from survey.questionnaire.shown import Row, ShownQuestion
from survey.web.i18n import locale

MOST_KEPT = 20_000
_kept: dict[Hashable, tuple[Question, Markup]] = {}  # the question, so that its id stays its own


def drawn(question: ShownQuestion, language: str) -> Markup:
    """Return a question of a stored questionnaire as HTML."""
    if question.question.repeats_answers or not all(map(_is_common, question.rows)):
        return _draw(question, language)
    key = _key(question, language)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = question.question, _draw(question, language)
        _kept[key] = found
    return found[1]


def _draw(question: ShownQuestion, language: str) -> Markup:
    template = current_app.jinja_env.get_template(f"collection/questions/{question.kind}.html")
    return Markup(template.render(question=question, language=language, locale=locale()))  # noqa: S704 -- a template's own output


def _is_common(row: Row) -> bool:
    """Tell whether an answer is a blank or one of the choices, and no words of anybody's."""
    known = {option.value for option in (*row.options, *row.apart)}
    said = (text for texts in row.parts.values() for text in texts if text)
    return row.error is None and all(text in known for text in said)


def _key(question: ShownQuestion, language: str) -> Hashable:
    rows = tuple(
        (
            row.name,
            row.label,
            row.options,
            row.apart,
            tuple(row.parts.items()),
            row.stated,
            row.is_shown,
        )
        for row in question.rows
    )
    seen = (
        question.number,
        question.text,
        question.help,
        question.condition,
        question.is_shown,
    )
    return id(question.question), locale(), language, seen, rows
