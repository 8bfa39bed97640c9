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
    """
    if isinstance(result, bool):
        return "true" if result else "false"
    if isinstance(result, Fraction):
        return plain(_decimal(rounded(result, decimals), decimals))
    if isinstance(result, date):
        return result.isoformat()
    if isinstance(result, tuple):
        return tuple(str(code) for code in result) or None
    return result or None


def _decimal(number: Fraction, decimals: int) -> Decimal:
    scaled = number * 10**decimals
    return Decimal(scaled.numerator).scaleb(-decimals)


def plain(number: Decimal) -> str:
    """Return a number in canonical form: no exponent, no needless zeros, no minus zero.

    >>> plain(Decimal("-0.50")), plain(Decimal("1E+3")), plain(Decimal("-0"))
    ('-0.5', '1000', '0')
    """
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
