"""The kinds of question: one class each, one line in the registry, one partial, one test file.

A kind turns a raw text into a value, or says what is wrong; the web, imports and every other door
ask the same class. None is a blank.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod

from survey.errors import N_, Problem
from survey.questionnaire.canonical import is_storable, storable
from survey.questionnaire.document import Question


class Kind(ABC):
    """How the answers of one kind of question are read."""

    name: str
    has_choices: bool
    may_ask_about_units: bool

    @abstractmethod
    def read(self, question: Question, raw: str, place: str) -> str | Problem | None:
        """Return the value of a raw answer, None for a blank, or the problem with it."""


class Single(Kind):
    """One choice out of several."""

    name = "single"
    has_choices = True
    may_ask_about_units = True

    def read(self, question: Question, raw: str, place: str) -> str | Problem | None:
        """Return the code of the choice; labels and positions are not accepted."""
        code = raw.strip()
        if not code:
            return None
        if question.choice(code) is None:
            known = ", ".join(choice.code for choice in question.choices)
            return Problem(
                place,
                "choice",
                N_("“%(value)s” không có trong các phương án (%(known)s)."),
                {"value": storable(code[:40]), "known": known},
            )
        return code


class FreeText(Kind):
    """An answer in the respondent's own words."""

    name = "text"
    has_choices = False
    may_ask_about_units = False

    def read(self, question: Question, raw: str, place: str) -> str | Problem | None:
        """Return the text composed (NFC), with plain line ends and no invisible controls."""
        if not is_storable(raw):
            message = N_("Nội dung chứa ký tự không lưu được. Vui lòng gõ lại.")
            return Problem(place, "character", message)
        lines = unicodedata.normalize("NFC", raw).replace("\r\n", "\n").replace("\r", "\n")
        text = "".join(c for c in lines if c == "\n" or unicodedata.category(c) != "Cc").strip()
        if len(text) > question.max_length:
            return Problem(
                place,
                "length",
                N_("Nội dung dài %(length)s ký tự; tối đa %(limit)s ký tự."),
                {"length": len(text), "limit": question.max_length},
            )
        return text or None


KINDS: dict[str, Kind] = {kind.name: kind for kind in (Single(), FreeText())}
