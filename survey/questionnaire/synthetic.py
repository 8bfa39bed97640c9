"""Respondents made by a machine: they answer what a page asks, with codes that its kind knows.

How they think comes from outside; here it becomes a ballot, by the checks that every ballot meets.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
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
    cuts: tuple[float, ...]  # halfway between neighbouring coefficients, ascending
    choices: tuple[str, ...]  # by coefficient, ascending: one more than cuts
    dont_know: str | None
    is_required: bool

    def nearest(self, value: float) -> str:
        """Return the choice whose coefficient is nearest to an opinion."""
        return self.choices[bisect_left(self.cuts, value)]

    def unknown(self, value: float) -> str:
        """Return “don't know”, or the nearest choice where the form does not offer it."""
        return self.nearest(value) if self.dont_know is None else self.dont_know


class Form:
    """A questionnaire as somebody sees it who rates certain units."""

    def __init__(self, document: Document, units: Sequence[str]) -> None:
        self.document = document
        self.units = tuple(units)
        asked = [q for section in routing.pages(document, units) for q in section.questions]
        self.scored = [q for q in asked if q.about_units and coefficients(q)]
        self.items = [_item(question, unit) for question in self.scored for unit in units]
        rated = {question.code for question in self.scored}
        others = [question for question in asked if question.code not in rated]
        self._others = [(q, key) for q in others for key in checks.keys_of(q, units)]

    def background(self, random: Random) -> dict[Key, str]:
        """Return answers to everything that no opinion about a unit decides."""
        return {
            key: random.choice(question.choices).code if question.choices else WORDS
            for question, key in self._others
            if question.is_required or (question.choices and random.random() >= SILENT)
        }

    def ballot(self, raw: Mapping[Key, str]) -> dict[str, dict[str, object]]:
        """Return the content of a ballot, checked as every ballot is."""
        return checks.content(self.document, self.units, raw)


def coefficients(question: Question) -> dict[float, str]:
    """Return the coefficients of a question, ascending, each with its first choice."""
    worth = [(float(c.coefficient), c.code) for c in question.choices if c.coefficient is not None]
    return dict(sorted(dict(reversed(worth)).items()))


def _item(question: Question, unit: str) -> Item:
    worth = coefficients(question)
    known = (c.code for c in question.choices if c.missing == Missing.DONT_KNOW)
    return Item(
        key=(question.code, unit),
        cuts=tuple((low + high) / 2 for low, high in pairwise(worth)),
        choices=tuple(worth.values()),
        dont_know=next(known, None),
        is_required=question.is_required,
    )
