"""Respondents made by a machine: they answer what a page asks, with codes that its kind knows.

How they think comes from outside; here it becomes a ballot, by the checks that every ballot meets.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from random import Random

from survey.questionnaire.content import Content, content
from survey.questionnaire.document import Document, Key, Missing, Variable
from survey.questionnaire.interview import Context, Interview
from survey.questionnaire.kinds.base import Raw
from survey.questionnaire.kinds.registry import KINDS

SILENT = 0.1  # share of questions about oneself that nobody has to answer and that stay blank
DAY = date(2026, 1, 1)  # on which they all answer, so that the same seed gives the same answers


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
        self.context = Context(today=DAY, units=self.units)
        self.scored = [v for v in document.rated if units and coefficients(v)]
        self.items = [_item(variable, unit) for variable in self.scored for unit in units]
        self._rated = {variable.code for variable in self.scored}

    def background(self, random: Random) -> dict[Key, Raw]:
        """Return answers to everything that no opinion about a unit decides.

        What an answer brings up is answered as well, until nothing new is asked.
        """
        raw: dict[Key, Raw] = {}
        seen: set[Key] = set()
        while new := [
            asked
            for key, asked in Interview(self.document, self.context, raw).asked.items()
            if key not in seen and key[0] not in self._rated
        ]:
            for asked in new:
                seen.add(asked.key)
                question, kind = asked.question, KINDS[asked.question.kind]
                if question.is_required or (kind.name != "text" and random.random() >= SILENT):
                    raw[asked.key] = kind.sample(asked, random)
        return {key: answer for key, answer in raw.items() if answer}

    def ballot(self, raw: Mapping[Key, Raw]) -> Content:
        """Return the content of a ballot, checked as every ballot is."""
        return content(self.document, self.context, raw)


def coefficients(variable: Variable) -> dict[float, str]:
    """Return the coefficients of a variable, ascending, each with its first choice."""
    worth = [(float(c.coefficient), c.code) for c in variable.choices if c.coefficient is not None]
    return dict(sorted(dict(reversed(worth)).items()))


def _item(variable: Variable, unit: str) -> Item:
    worth = coefficients(variable)
    known = (c.code for c in variable.choices if c.missing == Missing.DONT_KNOW)
    return Item(
        key=(variable.code, unit),
        cuts=tuple((low + high) / 2 for low, high in pairwise(worth)),
        choices=tuple(worth.values()),
        dont_know=next(known, None),
        is_required=variable.question.is_required,
    )
