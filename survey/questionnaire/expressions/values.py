"""The values of expressions: their types, exact numbers and composed texts.

Numbers are fractions; one whose numerator or denominator outgrows `LIMIT` is empty, and so is a
text that outgrows `LONGEST`. The browser's mirror keeps the same rules.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Final, TypeAlias

from survey.questionnaire.expressions.types import Type

LIMIT = 10**60
LONGEST = 100_000  # characters: calculations of calculations may double a text again and again
SHOWN_DECIMALS = 6
NUMERIC = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
DIGITS = 15

Value: TypeAlias = "bool | Fraction | str | date | tuple[Value, ...] | None"

EMPTY: Final = None


@dataclass(frozen=True)
class Environment:
    """What is known when an expression is evaluated; a name without a value is empty."""

    values: Mapping[str, Value]
    missing: Mapping[str, str] = field(default_factory=dict)
    this: Value = EMPTY
    today: date = date.min
    unit: str = ""
    position: int = 0


def bounded(number: Fraction) -> Fraction | None:
    """Return a number, or empty when it has outgrown what is kept exactly."""
    if abs(number.numerator) > LIMIT or number.denominator > LIMIT:
        return EMPTY
    return number


def rounded(number: Fraction, decimals: int) -> Fraction:
    """Return a number with so many decimals, halves away from zero."""
    scale = 10**decimals
    size = Fraction(int(abs(number) * scale + Fraction(1, 2)), scale)
    return -size if number < 0 else size


def numeric(text: str) -> Fraction | None:
    """Return the number that a text or a code is, or empty."""
    if not NUMERIC.fullmatch(text) or sum(c.isdigit() for c in text) > DIGITS:
        return EMPTY
    return Fraction(text)


def composed(text: str) -> str | None:
    """Return a text in its composed form (NFC), or empty when it is too long to keep."""
    found = unicodedata.normalize("NFC", text)
    return found if len(found) <= LONGEST else EMPTY


def text_of(value: Value) -> str:
    """Return a value as a text shows it; nothing for an empty one.

    Numbers have a decimal point, at most six decimals and no trailing zeros.
    """
    if value is EMPTY:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return _decimal(rounded(value, SHOWN_DECIMALS))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ", ".join(text_of(part) for part in value)
    return value


def _decimal(number: Fraction) -> str:
    whole, rest = divmod(int(abs(number) * 10**SHOWN_DECIMALS), 10**SHOWN_DECIMALS)
    digits = f"{whole}.{rest:0{SHOWN_DECIMALS}d}".rstrip("0").rstrip(".")
    return f"-{digits}" if number < 0 else digits


def _number(value: object) -> Value:
    if isinstance(value, Fraction):
        return bounded(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return EMPTY
    return bounded(Fraction(value))


def _text(value: object) -> Value:
    return composed(value) if isinstance(value, str) else EMPTY


def _date(value: object) -> Value:
    return value if isinstance(value, date) and not isinstance(value, datetime) else EMPTY


def _choice(value: object) -> Value:
    return value if isinstance(value, str) and value else EMPTY


def _choices(value: object) -> Value:
    return (tuple(value) or EMPTY) if isinstance(value, tuple | list) else EMPTY


def _boolean(value: object) -> Value:
    return value if isinstance(value, bool) else EMPTY


# What an environment gives, as a value of its type; what is of another type is empty.
READ: Mapping[Type, Callable[[object], Value]] = {
    Type.BOOLEAN: _boolean,
    Type.NUMBER: _number,
    Type.TEXT: _text,
    Type.DATE: _date,
    Type.CHOICE: _choice,
    Type.CHOICES: _choices,
}
