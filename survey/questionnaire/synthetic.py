"""Respondents made by a machine: they answer what a page asks, with codes that its kind knows.

How they think comes from outside; here it becomes a ballot, by the checks that every ballot meets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from survey.questionnaire import checks, routing
from survey.questionnaire.checks import Key
from survey.questionnaire.document import Document, Missing, Question

SILENT = 0.1  # share of questions about oneself that nobody has to answer and that stay blank
WORDS = "…"


@dataclass(frozen=True)
class Item:
    """A question about a unit, as its raters see it: choices that count, and the way out."""

    key: Key
    scale: tuple[tuple[str, float], ...]  # choice and coefficient, in the order of the form
    dont_know: str | None
    is_required: bool

    def nearest(self, value: float) -> str:
        """Return the choice whose coefficient is nearest to an opinion."""
        return min(self.scale, key=lambda step: abs(step[1] - value))[0]

    def unknown(self, value: float) -> str:
        """Return “don't know”, or the nearest choice where the form does not offer it."""
        return self.nearest(value) if self.dont_know is None else self.dont_know


def on_path(document: Document, units: Sequence[str]) -> list[Question]:
    """Return the questions that somebody who rates these units is asked."""
    return [q for section in routing.pages(document, units) for q in section.questions]


def scored(document: Document, units: Sequence[str]) -> list[Question]:
    """Return the questions on the path that rate units with coefficients."""
    return [q for q in on_path(document, units) if q.about_units and scale_of(q)]


def scale_of(question: Question) -> tuple[tuple[str, float], ...]:
    """Return the choices of a question that count, with their coefficients."""
    return tuple(
        (c.code, float(c.coefficient)) for c in question.choices if c.coefficient is not None
    )


def items(document: Document, units: Sequence[str]) -> list[Item]:
    """Return what is asked about units, question by question."""
    return [_item(question, unit) for question in scored(document, units) for unit in units]


def _item(question: Question, unit: str) -> Item:
    known = (c.code for c in question.choices if c.missing == Missing.DONT_KNOW)
    return Item((question.code, unit), scale_of(question), next(known, None), question.is_required)


def background(document: Document, units: Sequence[str], random: Random) -> dict[Key, str]:
    """Return answers to everything that no opinion about a unit decides."""
    rated = {question.code for question in scored(document, units)}
    asked = [q for q in on_path(document, units) if q.code not in rated]
    keys = [(question, key) for question in asked for key in checks.keys_of(question, units)]
    return {
        key: random.choice(question.choices).code if question.choices else WORDS
        for question, key in keys
        if question.is_required or (question.choices and random.random() >= SILENT)
    }


def ballot(
    document: Document, units: Sequence[str], raw: Mapping[Key, str]
) -> dict[str, dict[str, object]]:
    """Return the content of a ballot, checked as every ballot is."""
    return checks.content(document, units, raw)
