"""Results of formulas as a ballot keeps them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from survey.questionnaire.document import Value
from survey.questionnaire.expressions.values import Value as Operand
from survey.questionnaire.expressions.values import rounded


def stored(result: Operand, decimals: int) -> Value | None:
    """Return a result in canonical form; numbers with so many decimals, halves away from zero.

    >>> stored(Fraction(2, 3), 2), stored(Fraction(5), 2), stored(True, 0)
    ('0.67', '5', 'true')
    >>> stored(Fraction(-1, 20), 3), stored(Fraction(-1, 20), 0)
    ('-0.05', '0')
    """
    if isinstance(result, bool):
        return "true" if result else "false"
    if isinstance(result, Fraction):
        return _plain(rounded(result, decimals), decimals)
    if isinstance(result, date):
        return result.isoformat()
    if isinstance(result, tuple):
        return tuple(str(code) for code in result) or None
    return result or None


def _plain(number: Fraction, decimals: int) -> str:
    # Digit by digit: a number of 60 digits is more than a decimal context keeps.
    digits = str(abs(int(number * 10**decimals))).zfill(decimals + 1)
    whole, rest = digits[: len(digits) - decimals], digits[len(digits) - decimals :].rstrip("0")
    size = f"{whole}.{rest}" if rest else whole
    return f"-{size}" if number < 0 else size


def plain(number: Decimal) -> str:
    """Return a number in canonical form: no exponent, no needless zeros, no minus zero.

    >>> plain(Decimal("-0.50")), plain(Decimal("1E+3")), plain(Decimal("-0"))
    ('-0.5', '1000', '0')
    """
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
