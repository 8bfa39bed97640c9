"""From the form of a checked expression to a function of an environment.

Whatever an environment holds, these functions return a value: they never raise.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from survey.questionnaire.expressions.functions import FUNCTIONS
from survey.questionnaire.expressions.reckoning import step
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.expressions.values import EMPTY, READ, Environment, Value

Run: TypeAlias = Callable[[Environment], Value]

COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def build(form: list[Any]) -> Run:
    """Return what evaluates a form."""
    kind, *parts = form
    if kind in COMPARED:
        return _comparison(COMPARED[kind], *map(build, parts))
    return BUILDERS[kind](*parts)


def _number(text: str) -> Run:
    value = Fraction(text)
    return lambda _: value


def _constant(value: Value) -> Run:
    return lambda _: value


def _variable(name: str, kind: str) -> Run:
    read = READ[Type(kind)]
    return lambda environment: read(environment.values.get(name))


def _this(kind: str) -> Run:
    read = READ[Type(kind)]
    return lambda environment: read(environment.this)


def _all(name: str, kind: str) -> Run:
    read = READ[Type(kind)]

    def run(environment: Environment) -> Value:
        found = environment.values.get(name)
        return tuple(map(read, found)) if isinstance(found, tuple | list) else ()

    return run


def _list(*forms: list[Any]) -> Run:
    parts = [(form[0] == "all", build(form)) for form in forms]

    def run(environment: Environment) -> Value:
        found: list[Value] = []
        for is_list, part in parts:
            value = part(environment)
            found.extend(value if is_list and isinstance(value, tuple) else (value,))
        return tuple(found)

    return run


def _comparison(compare: Callable[[Any, Any], bool], left: Run, right: Run) -> Run:
    def run(environment: Environment) -> Value:
        first, second = left(environment), right(environment)
        return first is not EMPTY and second is not EMPTY and compare(first, second)

    return run


def _in(form: list[Any], *forms: list[Any]) -> Run:
    value, items = build(form), [build(item) for item in forms]

    def run(environment: Environment) -> Value:
        found = value(environment)
        return found is not EMPTY and any(item(environment) == found for item in items)

    return run


def _and(*forms: list[Any]) -> Run:
    parts = [build(form) for form in forms]
    return lambda environment: all(part(environment) is True for part in parts)


def _or(*forms: list[Any]) -> Run:
    parts = [build(form) for form in forms]
    return lambda environment: any(part(environment) is True for part in parts)


def _not(form: list[Any]) -> Run:
    part = build(form)
    return lambda environment: part(environment) is not True


def _negative(form: list[Any]) -> Run:
    part = build(form)
    zero = Fraction(0)
    return lambda environment: step("-", zero, part(environment))


def _chain(first: list[Any], *rest: Any) -> Run:
    start = build(first)
    steps = [(sign, build(form)) for sign, form in zip(rest[::2], rest[1::2], strict=True)]

    def run(environment: Environment) -> Value:
        value = start(environment)
        for sign, part in steps:
            value = step(sign, value, part(environment))
        return value

    return run


def _call(name: str, *forms: list[Any]) -> Run:
    function, parts = FUNCTIONS[name], [build(form) for form in forms]
    reckon, when_empty, takes_empty = function.run, function.when_empty, function.takes_empty
    if function.takes_environment:
        return lambda environment: reckon(environment, *(part(environment) for part in parts))

    def run(environment: Environment) -> Value:
        arguments = [part(environment) for part in parts]
        if not takes_empty and any(argument is EMPTY for argument in arguments):
            return when_empty
        return reckon(*arguments)

    return run


BUILDERS: Mapping[str, Callable[..., Run]] = {
    "number": _number,
    "text": _constant,
    "boolean": _constant,
    "var": _variable,
    "this": _this,
    "all": _all,
    "list": _list,
    "in": _in,
    "and": _and,
    "or": _or,
    "not": _not,
    "negative": _negative,
    "chain": _chain,
    "call": _call,
}
