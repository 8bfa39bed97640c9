"""The questionnaire as frozen records: document → section (a page) → question → choice.

A *variable* is what one answer is stored under: the question itself, or each item of a battery,
a matrix, a constant sum or a cascade. A *row* says whom or what the answer is about: nobody but
the respondent (`OWN`), a rated unit by its code, or one of a repeated group (`@1`, `@2`, …).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from survey.questionnaire.expressions.expression import Expression

REFERENCE_LANGUAGE = "vi"
OWN = ""  # the row of answers that are about no unit
NTH = "@"  # before the number of a repeated group

Text = Mapping[str, str]  # language tag → text; the reference language is always there
Key = tuple[str, str]  # variable and row


class Missing(StrEnum):
    """Why there is no value. The respondent states the first three; the path tells the others."""

    REFUSED = "refused"
    DONT_KNOW = "dont_know"
    NOT_APPLICABLE = "not_applicable"
    BLANK = "blank"
    NOT_ASKED = "not_asked"
    NOT_REACHED = "not_reached"


STATED = (Missing.DONT_KNOW, Missing.NOT_APPLICABLE, Missing.REFUSED)

Value = str | tuple[str, ...] | Missing  # a value in canonical form, or what was stated instead


class Layout(StrEnum):
    """Whether a respondent sees one section at a time or all of them on one page."""

    PAGES = "pages"
    SINGLE = "single"


@dataclass(frozen=True)
class Choice:
    """One answer that may be chosen, with its coefficient in [0, 1] where it counts."""

    code: str
    label: Text
    coefficient: Decimal | None = None
    missing: Missing | None = None
    is_exclusive: bool = False  # “none of these”: stands alone
    parent: str | None = None  # the choice of the level above that it belongs to

    @property
    def stays(self) -> bool:
        """Tell whether the choice keeps its place at the end when the order is random."""
        return self.is_exclusive or self.missing is not None


@dataclass(frozen=True)
class Item:
    """A statement of a battery, a part of a sum or a level of a cascade; a variable of its own."""

    code: str
    uid: str
    text: Text
    choices: tuple[Choice, ...] = ()  # of a level of a cascade; elsewhere the question's count


@dataclass(frozen=True)
class Check:
    """What has to hold for the answers; a warning may be confirmed by the respondent."""

    code: str
    that: Expression
    message: Text
    is_warning: bool = False
    at: str | None = None  # the variable where the message is shown

    @cached_property
    def needs(self) -> frozenset[str]:
        """Return the answers that must be there before the check can be judged.

        Those about which it asks whether they are there it judges without them.
        """
        compared, asked_for = set[str](), set[str]()
        _named(self.that.as_json(), compared, asked_for)
        return frozenset(compared - asked_for)


@dataclass(frozen=True)
class Limits:
    """What bounds the values of a question; each kind says which of them it knows."""

    max_length: int = 1000
    min_length: int = 0
    pattern: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: int = 0
    total: Decimal | None = None
    least: int | None = None
    most: int | None = None
    earliest: str | None = None
    latest: str | None = None
    precision: str = "day"


@dataclass(frozen=True)
class Question:
    """One question; `about_units` asks it about every rated unit, a row each."""

    code: str
    uid: str
    kind: str
    text: Text
    help: Text | None = None
    choices: tuple[Choice, ...] = ()
    items: tuple[Item, ...] = ()
    about_units: bool = False
    is_required: bool = False
    limits: Limits = field(default_factory=Limits)
    appearance: str = ""
    measure: Text | None = None  # the unit of a number, such as “ngày”
    missing: tuple[Missing, ...] = ()  # what may be stated instead of a value
    is_random: bool = False  # choices, or items where there are some, in random order
    show: Expression | None = None
    filter: Expression | None = None  # of each choice, `.` being its code
    checks: tuple[Check, ...] = ()
    value: Expression | None = None  # of a calculated question
    source: str = ""  # of a hidden one
    version: str = ""  # of a notice

    @property
    def max_length(self) -> int:
        """Return how many graphemes a text may have."""
        return self.limits.max_length

    @cached_property
    def _by_code(self) -> Mapping[str, Choice]:
        return {choice.code: choice for choice in self.choices}

    def choice(self, code: str) -> Choice | None:
        """Return the choice with this code."""
        return self._by_code.get(code)

    @cached_property
    def repeats_answers(self) -> bool:
        """Tell whether its words repeat earlier answers."""
        texts = (self.text, self.help or {}, *(item.text for item in self.items))
        return any("${" in said for text in texts for said in text.values())

    def variables(self) -> tuple[Variable, ...]:
        """Return what the answers to this question are stored under."""
        return self._variables

    @cached_property
    def _variables(self) -> tuple[Variable, ...]:
        if not self.items:
            return (Variable(self.code, self.uid, self, None),)
        return tuple(Variable(item.code, item.uid, self, item) for item in self.items)


@dataclass(frozen=True)
class Variable:
    """What one answer is stored under."""

    code: str
    uid: str
    question: Question
    item: Item | None

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """Return the choices of the answer, before any filter."""
        return (self.item.choices if self.item else ()) or self.question.choices

    @cached_property
    def by_code(self) -> Mapping[str, Choice]:
        """Return the choices by their codes."""
        return {choice.code: choice for choice in self.choices}

    @property
    def text(self) -> Text:
        """Return what is asked."""
        return self.item.text if self.item else self.question.text


@dataclass(frozen=True)
class Repeat:
    """A section that is asked several times: how often, at most, and how one is called."""

    count: Expression
    most: int
    label: Text


@dataclass(frozen=True)
class Section:
    """A page of the questionnaire."""

    code: str
    title: Text
    intro: Text | None
    questions: tuple[Question, ...]
    show: Expression | None = None
    repeat: Repeat | None = None
    checks: tuple[Check, ...] = ()
    is_random: bool = False  # questions in random order


@dataclass(frozen=True)
class Document:
    """A whole questionnaire."""

    code: str
    title: Text
    intro: Text
    notice: Text  # what is collected, why, by whom; its text is part of the version
    languages: tuple[str, ...]
    sections: tuple[Section, ...]
    layout: Layout = Layout.PAGES

    def questions(self) -> Iterator[Question]:
        """Yield every question in the order of the pages."""
        for section in self.sections:
            yield from section.questions

    def question(self, code: str) -> Question | None:
        """Return the question with this code."""
        return next((q for q in self.questions() if q.code == code), None)

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """Return every variable by its code, in the order of the pages."""
        return {v.code: v for question in self.questions() for v in question.variables()}

    @cached_property
    def rated(self) -> tuple[Variable, ...]:
        """Return what is asked about every rated unit and answered by one of some choices."""
        about_units = (v for v in self.variables.values() if v.question.about_units)
        return tuple(variable for variable in about_units if variable.choices)

    @cached_property
    def section_of(self) -> Mapping[str, Section]:
        """Return the section in which each variable is asked."""
        return {v.code: s for s in self.sections for q in s.questions for v in q.variables()}

    @cached_property
    def is_fixed(self) -> bool:
        """Tell whether the same is asked whatever is answered."""
        return not any(
            s.show
            or s.repeat
            or any(q.show or q.filter or q.kind == "cascade" for q in s.questions)
            for s in self.sections
        )

    @cached_property
    def is_random(self) -> bool:
        """Tell whether anything stands in an order that is drawn."""
        return any(s.is_random or any(q.is_random for q in s.questions) for s in self.sections)


def place_of(key: Key) -> str:
    """Return how a message names an answer: the variable, and the row where there is one."""
    code, row = key
    return f"{code}/{row}" if row else code


def _named(form: Any, compared: set[str], asked_for: set[str]) -> None:
    """Sort the names of an expression: compared, or asked whether there is an answer."""
    if not isinstance(form, list) or not form:
        return
    if form[0] == "var":
        compared.add(form[1])
    elif form[0] == "call" and form[1] == "missing":
        asked_for.add(form[2][1])
    else:
        inner = asked_for if form[:2] in (["call", "answered"], ["call", "coalesce"]) else compared
        for part in form[1:]:
            _named(part, inner, asked_for)


def in_language(text: Text | None, language: str) -> str:
    """Return a text in a language, or in the reference language where it is not translated."""
    if text is None:
        return ""
    return text.get(language) or text[REFERENCE_LANGUAGE]
