"""What stands on a page or behind it without being a question: notes, consent, values."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import ClassVar

from survey.errors import N_, Problem
from survey.questionnaire.document import Question, Value
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.kinds.base import Asked, Fault, Kind, Raw, Unasked

AGREED = {"vi": "Đã đồng ý (bản %s)", "en": "Agreed (version %s)"}


class Note(Unasked):
    """A text to read."""

    name = "note"
    may_ask_about_units = False


class Consent(Kind):
    """A notice that is agreed to; the answer is the version of the notice."""

    name = "consent"
    operand = Type.TEXT
    keys = frozenset({"version"})
    may_ask_about_units = False

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield a version that is missing."""
        if not question.version:
            yield "version", "version", N_("Cần “version” của nội dung được đồng ý.")

    def value_of(self, asked: Asked, text: str) -> Value | Problem | None:
        """Return the version that was agreed to; an older one is not enough."""
        if text.strip() == asked.question.version:
            return asked.question.version
        message = N_("Nội dung này đã được cập nhật. Vui lòng đọc và đồng ý lại.")
        return asked.wrong("version", message)

    def words(self, asked: Asked, value: Value, language: str) -> str:  # noqa: ARG002
        """Return that it was agreed to, and to which version."""
        return AGREED.get(language, AGREED["vi"]) % value

    def sample(self, asked: Asked, random: Random) -> Raw:  # noqa: ARG002
        """Return that it is agreed to."""
        return asked.question.version


class Hidden(Unasked):
    """A value that the form knows of itself: through which door, as which group."""

    name = "hidden"
    operand = Type.TEXT
    keys = frozenset({"source"})
    may_ask_about_units = False
    sources: ClassVar[tuple[str, ...]] = ("channel", "group")

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield a source that is not known."""
        if question.source not in self.sources:
            yield "source", "source", N_("“source” phải là “channel” hoặc “group”.")


class Calculated(Unasked):
    """A value that follows from other answers."""

    name = "calculated"
    keys = frozenset({"value", "decimals"})

    def operand_type(self, question: Question) -> Type | None:
        """Return the type of the formula."""
        return None if question.value is None else question.value.type
