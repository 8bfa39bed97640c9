"""Expressions in tests: vectors read, values written as JSON, the browser's side asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from survey.questionnaire.expressions.expression import Expression, compile_expression
from survey.questionnaire.expressions.types import Type, Variable
from survey.questionnaire.expressions.values import Environment, Value
from tests.support.node import run_script
from tests.support.source import ROOT

VECTORS = ROOT / "tests" / "survey" / "questionnaire" / "expressions" / "vectors.json"


@cache
def vectors() -> Mapping[str, list[dict[str, Any]]]:
    """Return the shared vectors and faults."""
    return json.loads(VECTORS.read_text("utf-8"))


def variable(name: str, declared: Mapping[str, Any]) -> Variable:
    """Return a variable as a vector declares it."""
    codes = tuple(declared["codes"]) if "codes" in declared else None
    return Variable(name, Type(declared["type"]), codes, declared.get("list", False))


def variables(vector: Mapping[str, Any]) -> dict[str, Variable]:
    return {name: variable(name, d) for name, d in vector.get("names", {}).items()}


def this_of(vector: Mapping[str, Any]) -> Variable | None:
    return variable("self", vector["this"]) if "this" in vector else None


def compiled(vector: Mapping[str, Any]) -> Expression:
    return compile_expression(
        vector["expression"],
        variables(vector),
        this=this_of(vector),
        wanted=Type(vector["type"]),
        rows=vector.get("rows", False),
    )


def value(kind: Type, plain: Any) -> Value:
    """Return a value that is written as JSON."""
    if plain is None:
        return None
    if kind is Type.NUMBER:
        return Fraction(plain)
    if kind is Type.DATE:
        try:
            return date.fromisoformat(plain)
        except ValueError:
            return None  # Python has no such day to give
    return tuple(plain) if kind is Type.CHOICES else plain


def plain(value: Value) -> Any:
    """Return a value as JSON writes it."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return str(value)  # numbers as 3 or 1/3, days as 2026-01-31


def environment(vector: Mapping[str, Any]) -> Environment:
    """Return the environment of a vector for Python."""
    names = variables(vector)
    values: dict[str, Value] = {}
    for name, given in vector["values"].items():
        kind = names[name].type
        values[name] = (
            tuple(value(kind, part) for part in given)
            if names[name].is_list
            else value(kind, given)
        )
    this = vector.get("this")
    return Environment(
        values,
        vector.get("missing", {}),
        value(Type(this["type"]), this["value"]) if this else None,
        date.fromisoformat(vector["today"]),
        vector.get("unit", ""),
        vector.get("position", 0),
    )


def plain_environment(vector: Mapping[str, Any]) -> dict[str, Any]:
    """Return the environment of a vector for the browser."""
    kept = {key: vector[key] for key in ("today", "unit", "position") if key in vector}
    this = vector["this"]["value"] if "this" in vector else None
    return {**kept, "values": vector["values"], "missing": vector.get("missing", {}), "this": this}


def in_node(cases: Sequence[tuple[Any, Any]]) -> list[Any]:
    """Return what the browser's mirror makes of forms in environments, in one process."""
    return run_script("evaluate-expressions.mjs", cases)["values"]


def names_in_node() -> set[str]:
    """Return the names of the functions that the browser's mirror knows."""
    return set(run_script("evaluate-expressions.mjs", [])["functions"])
