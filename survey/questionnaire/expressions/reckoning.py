"""Numbers of expressions: exact, and empty where there is no number to give."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from survey.questionnaire.expressions.values import EMPTY, Value, bounded, numeric, rounded


def whole(number: int) -> Fraction:
    """Return a whole number as expressions keep it."""
    return Fraction(number)


def quotient(left: Fraction, right: Fraction) -> Fraction | None:
    """Return a quotient; nothing is divided by zero."""
    return left / right if right else EMPTY


def remainder(left: Fraction, right: Fraction) -> Fraction | None:
    """Return what is left over, with the sign of the divisor."""
    return left % right if right else EMPTY


STEPS: dict[str, Callable[[Fraction, Fraction], Fraction | None]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": quotient,
    "mod": remainder,
}


def step(sign: str, left: Value, right: Value) -> Value:
    """Return the result of one sign between two numbers; empty when one of them is."""
    if not isinstance(left, Fraction) or not isinstance(right, Fraction):
        return EMPTY
    found = STEPS[sign](left, right)
    return EMPTY if found is None else bounded(found)


def number(text: str) -> Value:
    """Return the number that a code or a text is, or empty."""
    return numeric(text)


def absolute(value: Fraction) -> Value:
    """Return a number without its sign."""
    return abs(value)


def floor(value: Fraction) -> Value:
    """Return the next lower whole number."""
    return whole(math.floor(value))


def ceil(value: Fraction) -> Value:
    """Return the next higher whole number."""
    return whole(math.ceil(value))


def integer(value: Fraction) -> Value:
    """Return a number without what stands behind its point."""
    return whole(math.trunc(value))


def round_to(value: Fraction, decimals: Fraction = Fraction(0)) -> Value:
    """Return a number with so many decimals, halves away from zero."""
    return bounded(rounded(value, int(decimals)))


def count(values: tuple[Value, ...]) -> Value:
    """Return how many values are not empty."""
    return whole(sum(1 for value in values if value is not EMPTY))


def sum_of(values: tuple[Value, ...]) -> Value:
    """Return the sum of what is not empty; 0 of nothing."""
    total: Value = whole(0)
    for value in _numbers(values):
        total = step("+", total, value)
    return total


def mean(values: tuple[Value, ...]) -> Value:
    """Return the mean of what is not empty."""
    return step("/", sum_of(values), whole(sum(1 for _ in _numbers(values))))


def least(values: tuple[Value, ...]) -> Value:
    """Return the smallest number or the earliest day."""
    return min(_ordered(values), default=EMPTY)


def greatest(values: tuple[Value, ...]) -> Value:
    """Return the greatest number or the latest day."""
    return max(_ordered(values), default=EMPTY)


def _numbers(values: tuple[Value, ...]) -> Iterator[Fraction]:
    return (value for value in values if isinstance(value, Fraction))


def _ordered(values: tuple[Value, ...]) -> Iterator[Any]:
    return (value for value in values if isinstance(value, Fraction | date))
