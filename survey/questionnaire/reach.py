"""Questions that can never be asked, found by trying every answer that could matter.

Told only where it is certain: conditions over choices, ratings and small whole numbers. A condition
over free text, dates, lists or large numbers is taken for possible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import chain, combinations, product
from math import prod

from survey.errors import N_, Problem
from survey.questionnaire.document import Document, Limits, Question, Section
from survey.questionnaire.expressions.expression import Expression
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.expressions.values import Environment
from survey.questionnaire.expressions.values import Value as Operand
from survey.questionnaire.kinds.base import as_number
from survey.questionnaire.kinds.registry import KINDS

MOST_TRIED = 5_000  # combinations of one condition
MOST_WORK = 5_000_000  # of all conditions together: combinations times characters
MOST_WHOLE = 200
NEVER = N_("Điều kiện hiện không bao giờ đúng, nên phần này không bao giờ được hỏi.")


def unreachable(document: Document) -> Iterator[Problem]:
    """Yield the sections and questions whose conditions no answers can meet."""
    search = _Search(document)
    for number, section in enumerate(document.sections, 1):
        place = f"sections[{number}]"
        if section.show is not None and not search.is_possible([section.show]):
            yield Problem(f"{place}.show", "unreachable", NEVER)
            continue
        for n, question in enumerate(section.questions, 1):
            needed = _conditions(section, question)
            if question.show is not None and not search.is_possible(needed):
                yield Problem(f"{place}.questions[{n}].show", "unreachable", NEVER)


def _conditions(section: Section, question: Question) -> list[Expression]:
    return [show for show in (section.show, question.show) if show is not None]


class _Search:
    """Tries answers until conditions hold; gives up, taking them for possible, on long ones."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.work = MOST_WORK

    def is_possible(self, conditions: Sequence[Expression]) -> bool:
        """Tell whether some answers meet all conditions, as far as is known."""
        names = sorted({name for condition in conditions for name in condition.references})
        if any(condition.uses for condition in conditions):
            return True
        domains = [_domain(self.document, name) for name in names]
        known = [domain for domain in domains if domain is not None]
        if len(known) < len(domains):
            return True
        tries = prod(map(len, known))
        self.work -= tries * sum(len(condition.text) for condition in conditions)
        if tries > MOST_TRIED or self.work < 0:
            return True
        return any(
            _holds(self.document, conditions, dict(zip(names, values, strict=True)))
            for values in product(*known)
        )


def _holds(
    document: Document, conditions: Sequence[Expression], values: dict[str, Operand]
) -> bool:
    """Tell whether all conditions hold, and so do those of the answers that are given."""
    environment = Environment(values=values, today=date.min)
    if not all(condition.evaluate(environment) is True for condition in conditions):
        return False
    earlier = (
        condition
        for name, value in values.items()
        if value is not None
        for condition in _conditions(document.section_of[name], document.variables[name].question)
        if condition.references <= values.keys() and not condition.uses
    )
    return all(condition.evaluate(environment) is True for condition in earlier)


def _domain(document: Document, name: str) -> list[Operand] | None:
    """Return every value that an answer can have, the empty one first; None: too many."""
    variable = document.variables[name]
    question = variable.question
    if question.about_units or document.section_of[name].repeat or question.kind == "calculated":
        return None
    operand = KINDS[question.kind].operand_type(question)
    codes = [choice.code for choice in variable.choices]
    if operand is Type.CHOICE:
        return [None, *codes]
    if operand is Type.CHOICES:
        return _subsets(codes) if len(codes) <= 8 else None
    if question.kind == "rating":
        return [None, *(as_number(code) for code in codes)]
    return _whole_numbers(question.limits) if question.kind == "integer" else None


def _whole_numbers(limits: Limits) -> list[Operand] | None:
    if limits.minimum is None or limits.maximum is None:
        return None
    if limits.maximum - limits.minimum > MOST_WHOLE:
        return None
    return [None, *(Fraction(n) for n in range(int(limits.minimum), int(limits.maximum) + 1))]


def _subsets(codes: list[str]) -> list[Operand]:
    sizes = range(1, len(codes) + 1)
    return [None, *chain.from_iterable(combinations(codes, size) for size in sizes)]
