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
from survey.questionnaire.document import Document, Question, Section
from survey.questionnaire.expressions.expression import Expression
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.expressions.values import Environment
from survey.questionnaire.expressions.values import Value as Operand
from survey.questionnaire.kinds.base import as_number
from survey.questionnaire.kinds.registry import KINDS

MOST_TRIED = 5_000
MOST_WHOLE = 200
NEVER = N_("Điều kiện hiện không bao giờ đúng, nên phần này không bao giờ được hỏi.")


def unreachable(document: Document) -> Iterator[Problem]:
    """Yield the sections and questions whose conditions no answers can meet."""
    for number, section in enumerate(document.sections, 1):
        place = f"sections[{number}]"
        if section.show is not None and not _possible(document, [section.show]):
            yield Problem(f"{place}.show", "unreachable", NEVER)
            continue
        for n, question in enumerate(section.questions, 1):
            needed = _conditions(section, question)
            if question.show is not None and not _possible(document, needed):
                yield Problem(f"{place}.questions[{n}].show", "unreachable", NEVER)


def _conditions(section: Section, question: Question) -> list[Expression]:
    return [show for show in (section.show, question.show) if show is not None]


def _possible(document: Document, conditions: Sequence[Expression]) -> bool:
    names = sorted({name for condition in conditions for name in condition.references})
    if any(condition.uses for condition in conditions):
        return True
    domains = [_domain(document, name) for name in names]
    if any(domain is None for domain in domains):
        return True
    known = [domain for domain in domains if domain is not None]
    if prod(map(len, known)) > MOST_TRIED:
        return True
    return any(
        _holds(document, conditions, dict(zip(names, values, strict=True)))
        for values in product(*known)
    )


def _holds(
    document: Document, conditions: Sequence[Expression], values: dict[str, Operand]
) -> bool:
    """Tell whether all conditions hold, and so do those of the answers that are given."""
    environment = Environment(values=values, today=date.min)
    if not all(condition.evaluate(environment) is True for condition in conditions):
        return False
    for name, value in values.items():
        if value is None:
            continue
        asked = _conditions(document.section_of[name], document.variables[name].question)
        for condition in asked:
            if condition.references <= values.keys() and not condition.uses:
                if condition.evaluate(environment) is not True:
                    return False
    return True


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
    low, high = question.limits.minimum, question.limits.maximum
    if question.kind == "integer" and low is not None and high is not None:
        if high - low <= MOST_WHOLE:
            return [None, *(Fraction(n) for n in range(int(low), int(high) + 1))]
    return None


def _subsets(codes: list[str]) -> list[Operand]:
    sizes = range(1, len(codes) + 1)
    return [None, *chain.from_iterable(combinations(codes, size) for size in sizes)]
