"""What every kind of question can do: say what it knows, read a raw answer, put it into words.

A kind turns a raw answer into a value, or says what is wrong with it; the web, imports and every
other door ask the same class. None is a blank.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import ClassVar

from survey.errors import N_, Problem
from survey.questionnaire.canonical import is_storable, storable
from survey.questionnaire.document import (
    STATED,
    Choice,
    Key,
    Missing,
    Question,
    Value,
    Variable,
    in_language,
    place_of,
)
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.expressions.values import Value as Operand

Raw = str | tuple[str, ...] | Missing  # as it came in; `Missing` where that was stated instead
Fields = Mapping[str, Sequence[str]]  # part of an answer's field name → what was posted
Fault = tuple[str, str, str]  # key of the question, stable code, message

WAY_OUT = "missing"  # the part of a field name that states why there is no value
ONE_ANSWER = N_("Câu này chỉ nhận một câu trả lời.")
NOT_STORABLE = N_("Nội dung chứa ký tự không lưu được. Vui lòng gõ lại.")


@dataclass(frozen=True)
class Asked:
    """One answer to be given: to which variable, about whom, and what may be chosen."""

    variable: Variable
    row: str
    choices: tuple[Choice, ...]  # in the order in which they are shown

    @property
    def question(self) -> Question:
        """Return the question that is asked."""
        return self.variable.question

    @property
    def key(self) -> Key:
        """Return what the answer is stored under."""
        return self.variable.code, self.row

    @property
    def place(self) -> str:
        """Return how a message names the answer."""
        return place_of(self.key)

    def choice(self, code: str) -> Choice | None:
        """Return the choice with this code among those that are offered."""
        found = self.variable.by_code.get(code)
        is_offered = self.choices is self.variable.choices or found in self.choices
        return found if is_offered else None

    def reason(self, value: Value) -> Missing | None:
        """Return what a value states instead of an answer, None where it is an answer."""
        if isinstance(value, Missing):
            return value
        codes = value if isinstance(value, tuple) else (value,)
        choice = self.choice(codes[0]) if len(codes) == 1 else None
        return None if choice is None else choice.missing

    def wrong(self, code: str, message: str, **values: object) -> Problem:
        """Return a problem with this answer."""
        return Problem(self.place, code, message, values)


class Kind(ABC):
    """How the answers of one kind of question are read."""

    name: ClassVar[str]
    operand: ClassVar[Type | None] = None  # its type in expressions; None: it cannot be named
    keys: ClassVar[frozenset[str]] = frozenset()  # what a question may say beyond the common keys
    takes_choices: ClassVar[bool] = False
    takes_items: ClassVar[bool] = False
    may_ask_about_units: ClassVar[bool] = True
    is_answered: ClassVar[bool] = True  # by the respondent
    is_several: ClassVar[bool] = False  # a raw answer is a list

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield what is wrong with a question of this kind."""
        if self.takes_choices and len(question.choices) < 2:
            yield "choices", "choices", N_("Cần ít nhất hai phương án trả lời.")

    def operand_type(self, question: Question) -> Type | None:  # noqa: ARG002
        """Return the type of a value in expressions."""
        return self.operand

    def parts(self, asked: Asked) -> tuple[str, ...]:  # noqa: ARG002
        """Return the parts of the answer's field name; one without a name is usual."""
        return ("",)

    def raw_of(self, asked: Asked, fields: Fields, language: str) -> Raw:  # noqa: ARG002
        """Return what was posted as a raw answer, numbers and dates without their language."""
        posted = tuple(fields.get("", ()))
        if self.is_several:
            return posted
        return posted[0] if posted else ""

    def fields_of(self, asked: Asked, raw: Raw, language: str) -> Mapping[str, tuple[str, ...]]:  # noqa: ARG002
        """Return what the fields of the form hold for a raw answer."""
        return {"": raw if isinstance(raw, tuple) else (raw,)}

    def read(self, asked: Asked, raw: Raw) -> Value | Problem | None:
        """Return the value of a raw answer, None for a blank, or the problem with it."""
        if not raw and not self.is_several:
            return None
        if isinstance(raw, Missing):
            return _stated(asked, raw)
        given = (raw or ("",)) if isinstance(raw, tuple) else (raw,)
        if not all(is_storable(text) for text in given):
            return asked.wrong("character", NOT_STORABLE)
        if self.is_several:
            return self.value_of_several(asked, tuple(t.strip() for t in given if t.strip()))
        if len(given) != 1:
            return asked.wrong("list", ONE_ANSWER)
        return self.value_of(asked, given[0]) if given[0].strip() else None

    @abstractmethod
    def value_of(self, asked: Asked, text: str) -> Value | Problem | None:
        """Return the value of one text that is not blank."""

    def value_of_several(self, asked: Asked, texts: tuple[str, ...]) -> Value | Problem | None:
        """Return the value of a list of texts; most kinds take only one."""
        return asked.wrong("list", ONE_ANSWER) if len(texts) > 1 else self.value_of(asked, *texts)

    def across(self, asked: Sequence[Asked], values: Sequence[Value | None]) -> Problem | None:  # noqa: ARG002
        """Return what is wrong between the answers to one question."""
        return None

    def operand_of(self, asked: Asked, value: Value) -> Operand:  # noqa: ARG002
        """Return a value as expressions take it."""
        return value

    def words(self, asked: Asked, value: Value, language: str) -> str:  # noqa: ARG002
        """Return a value in words."""
        return " ".join(value) if isinstance(value, tuple) else str(value)

    @abstractmethod
    def sample(self, asked: Asked, random: Random) -> Raw:
        """Return an answer that somebody might give."""


class Unasked(Kind):
    """Something on a page, or behind it, that the respondent does not answer."""

    is_answered = False

    def value_of(self, asked: Asked, text: str) -> Value | Problem | None:  # noqa: ARG002
        """Refuse an answer that nobody asked for."""
        return asked.wrong("not-asked", N_("Câu trả lời này không thuộc phiếu của bạn."))

    def sample(self, asked: Asked, random: Random) -> Raw:  # noqa: ARG002
        """Return no answer."""
        return ""


def _stated(asked: Asked, reason: Missing) -> Value | Problem:
    if reason in asked.question.missing and reason in STATED:
        return reason
    return asked.wrong("missing", N_("Câu này không nhận câu trả lời đó."))


def label_of(asked: Asked, code: str, language: str) -> str:
    """Return the label of a choice, or its code where it is no longer offered."""
    choice = next((c for c in asked.variable.choices if c.code == code), None)
    return code if choice is None else in_language(choice.label, language)


def unknown_choice(asked: Asked, code: str) -> Problem:
    """Return the problem with a code that is not among the choices."""
    known = ", ".join(choice.code for choice in asked.choices[:20])
    return asked.wrong(
        "choice",
        N_("“%(value)s” không có trong các phương án (%(known)s)."),
        value=storable(code[:40]),
        known=known + (", …" if len(asked.choices) > 20 else ""),
    )


def as_number(text: str) -> Fraction | None:
    """Return the number that a code or a canonical text is, None where it is none."""
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
