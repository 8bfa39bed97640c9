"""Compiled expressions: what they call, what they give, and their value in an environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from survey.errors import N_
from survey.questionnaire.expressions.check import Checker
from survey.questionnaire.expressions.evaluate import Run, build
from survey.questionnaire.expressions.faults import ExpressionError
from survey.questionnaire.expressions.syntax import parse
from survey.questionnaire.expressions.terms import Form, Term
from survey.questionnaire.expressions.types import Type, Variable
from survey.questionnaire.expressions.values import Environment, Value


@dataclass(frozen=True)
class Expression:
    """An expression whose names and types are right."""

    text: str
    type: Type
    references: frozenset[str]
    uses: frozenset[str] = field(repr=False)
    form: Form = field(repr=False, compare=False)

    @property
    def uses_this(self) -> bool:
        """Tell whether it asks for the value that is checked."""
        return "this" in self.uses

    @property
    def uses_today(self) -> bool:
        """Tell whether it depends on the day."""
        return "today" in self.uses

    @property
    def uses_rows(self) -> bool:
        """Tell whether it depends on the unit or the repeat."""
        return bool({"unit", "position"} & self.uses)

    @property
    def is_constant(self) -> bool:
        """Tell whether it has the same value always."""
        return not self.references and not self.uses

    def evaluate(self, environment: Environment) -> Value:
        """Return its value; nothing that an environment holds makes it fail."""
        return self._run(environment)

    def as_json(self) -> list[Any]:
        """Return the nested lists that the browser evaluates."""
        return self.form

    @cached_property
    def _run(self) -> Run:
        return build(self.form)


def compile_expression(
    text: str,
    names: Mapping[str, Variable],
    *,
    this: Variable | None = None,
    wanted: Type | None = Type.BOOLEAN,
    rows: bool = False,
) -> Expression:
    """Return the compiled expression; raises `ExpressionError` with every fault.

    `rows` allows unit() and position(); `wanted` None takes a result of any type.
    """
    checker = Checker(names, this, rows=rows)
    term = checker.value(parse(text))
    _check_result(checker, term, wanted)
    if checker.faults or term.type is None:
        raise ExpressionError(checker.faults)
    return Expression(
        text, term.type, frozenset(checker.references), frozenset(checker.uses), term.form
    )


def _check_result(checker: Checker, term: Term, wanted: Type | None) -> None:
    if wanted is None or term.type in {wanted, None}:
        return
    message = N_("Biểu thức phải cho kết quả kiểu %(wanted)s, ở đây là %(found)s.")
    checker.wrong(term.column, "type", message, wanted=wanted.value, found=term.shown_type)
