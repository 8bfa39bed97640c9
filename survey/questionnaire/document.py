"""The questionnaire as frozen records: document → section (a page) → question → choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

REFERENCE_LANGUAGE = "vi"

Text = Mapping[str, str]  # language tag → text; the reference language is always there


class Missing(StrEnum):
    """What an answer without a coefficient means; a blank has no answer at all."""

    DONT_KNOW = "dont_know"


@dataclass(frozen=True)
class Choice:
    """One answer that may be chosen, with its coefficient in [0, 1] where it counts."""

    code: str
    label: Text
    coefficient: Decimal | None = None
    missing: Missing | None = None


@dataclass(frozen=True)
class Question:
    """One question; `about_units` asks it about every rated unit, a row each."""

    code: str
    uid: str
    kind: str
    text: Text
    help: Text | None = None
    choices: tuple[Choice, ...] = ()
    about_units: bool = False
    is_required: bool = False
    max_length: int = 1000

    def choice(self, code: str) -> Choice | None:
        """Return the choice with this code."""
        return next((choice for choice in self.choices if choice.code == code), None)


@dataclass(frozen=True)
class Section:
    """A page of the questionnaire."""

    code: str
    title: Text
    intro: Text | None
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Document:
    """A whole questionnaire."""

    code: str
    title: Text
    intro: Text
    notice: Text  # what is collected, why, by whom; its text is part of the version
    languages: tuple[str, ...]
    sections: tuple[Section, ...]

    def questions(self) -> Iterator[Question]:
        """Yield every question in the order of the pages."""
        for section in self.sections:
            yield from section.questions

    def question(self, code: str) -> Question | None:
        """Return the question with this code."""
        return next((q for q in self.questions() if q.code == code), None)


def in_language(text: Text | None, language: str) -> str:
    """Return a text in a language, or in the reference language where it is not translated."""
    if text is None:
        return ""
    return text.get(language) or text[REFERENCE_LANGUAGE]
