"""Checked parts of an expression: their form for evaluators, and what is known of their value.

A form is nested lists of texts, so that it travels as JSON: `["<", ["var", "age", "number"],
["number", "18"]]`. Python and the browser's mirror evaluate the same form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from survey.questionnaire.expressions.types import Type, Variable

Form: TypeAlias = "list[Form | str | bool]"


@dataclass(frozen=True)
class Term:
    """One part; without a type when a fault was found in it, which is told already."""

    column: int
    form: Form
    type: Type | None
    codes: tuple[str, ...] | None = None
    literal: str | None = None  # how it is written out, of numbers and texts
    variable: Variable | None = None
    is_list: bool = False
    items: tuple[Term, ...] = field(default=())  # of a list that is written out

    @property
    def shown_type(self) -> str:
        """Return its type as a message names it."""
        return "list" if self.is_list else str(self.type)

    def members(self) -> tuple[Term, ...]:
        """Return its items, or itself where the items are known only when it is evaluated."""
        return self.items or (self,)


def common_codes(terms: tuple[Term, ...]) -> tuple[str, ...] | None:
    """Return the codes that several terms may have; None as soon as those of one are unknown."""
    found: dict[str, None] = {}
    for term in terms:
        if term.codes is None:
            return None
        found |= dict.fromkeys(term.codes)
    return tuple(found)
