"""Texts with earlier answers in them: `${code}`, and words that follow a number.

`${code}` is the answer in words. `${code, plural, one {# person} other {# people}}` chooses a form
by the plural rules of the language, `#` being the number. `${unit}` names the unit that is rated,
`${position}` tells which repetition this is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.plural import PluralRule

from survey.errors import N_
from survey.questionnaire.document import Missing, Section, Text, in_language
from survey.questionnaire.interview import Interview
from survey.questionnaire.kinds.numbers import with_marks
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.stored import stored

UNIT, POSITION = "unit", "position"
NOTHING = "…"  # where an answer is not given
FORMS = ("zero", "one", "two", "few", "many", "other")
OPENING = "${"
NAME = re.compile(r"\$\{\s*([a-z][a-z0-9_]{0,63})\s*")
PLURAL = re.compile(r",\s*plural\s*,\s*")
FORM = re.compile(r"([a-z]+)\s*\{([^{}]*)\}\s*")
SHOWN_DECIMALS = 6


@dataclass(frozen=True)
class Pipe:
    """A place in a text where an answer stands, with its plural forms if it has any."""

    name: str
    forms: tuple[tuple[str, str], ...] = ()


class PipeError(ValueError):
    """A text whose pipes cannot be read; the message says what is wrong."""


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[str | Pipe, ...]:
    """Return the plain stretches of a text and its pipes, in order; raises `PipeError`."""
    parts: list[str | Pipe] = []
    start = 0
    while (here := text.find(OPENING, start)) >= 0:
        parts.append(text[start:here])
        pipe, start = _pipe(text, here)
        parts.append(pipe)
    parts.append(text[start:])
    return tuple(part for part in parts if part)


def _pipe(text: str, here: int) -> tuple[Pipe, int]:
    named = NAME.match(text, here)
    if named is None:
        raise PipeError(N_("Sau “${” cần mã câu hỏi."))
    end, forms = named.end(), []
    if plural := PLURAL.match(text, end):
        end = plural.end()
        while form := FORM.match(text, end):
            forms.append((form[1], form[2]))
            end = form.end()
        if not forms or {name for name, _ in forms} - set(FORMS) or forms[-1][0] != "other":
            raise PipeError(N_("Các dạng số nhiều phải là one, few, … và cuối cùng là other."))
    if text[end : end + 1] != "}":
        raise PipeError(N_("Thiếu dấu “}” sau mã câu hỏi."))
    return Pipe(named[1], tuple(forms)), end + 1


def names(text: str) -> Iterator[Pipe]:
    """Yield the pipes of a text."""
    yield from (part for part in split(text) if isinstance(part, Pipe))


def filled(
    text: Text | None, language: str, interview: Interview, section: Section, row: str
) -> str:
    """Return a text in a language with the answers that it names."""
    plain = in_language(text, language)
    if OPENING not in plain:
        return plain
    return "".join(
        part if isinstance(part, str) else _said(part, language, interview, section, row)
        for part in split(plain)
    )


def _said(pipe: Pipe, language: str, interview: Interview, section: Section, row: str) -> str:
    if pipe.name == UNIT:
        return in_language(interview.context.unit_names.get(row, {"vi": row}), language) or NOTHING
    if pipe.name == POSITION:
        number: object = Fraction(int(row[1:] or 0)) if row else Fraction(0)
        return _number(pipe, number, language)
    keys = interview.keys_of(pipe.name, section, row)
    if isinstance(keys, list):
        words = [_words(interview, key, language) for key in keys]
        return "; ".join(filter(None, words)) or NOTHING
    if pipe.forms:
        return _number(pipe, interview.operand(keys), language)
    return _words(interview, keys, language) or NOTHING


def _number(pipe: Pipe, value: object, language: str) -> str:
    if not isinstance(value, Fraction):
        return NOTHING
    shown = with_marks(str(stored(value, SHOWN_DECIMALS)), language)
    if not pipe.forms:
        return shown
    forms = dict(pipe.forms)
    return forms.get(_category(value, language), forms["other"]).replace("#", shown)


def _category(number: Fraction, language: str) -> str:
    """Return which plural form a number takes; “other” in a language without known rules."""
    rule = _plural_rule(language)
    return rule(float(number) if number % 1 else int(number)) if rule else "other"


@lru_cache(maxsize=64)
def _plural_rule(language: str) -> PluralRule | None:
    try:
        return Locale.parse(language, sep="-").plural_form
    except (UnknownLocaleError, ValueError):
        return None


def _words(interview: Interview, key: tuple[str, str], language: str) -> str:
    value, asked = interview.values.get(key), interview.asked.get(key)
    if value is None or asked is None or isinstance(value, Missing):
        return ""
    return KINDS[asked.question.kind].words(asked, value, language)
