"""Exact numbers: how points and weights are read, and written as JSON."""

from decimal import Decimal, InvalidOperation
from fractions import Fraction

from analysis.errors import SchemeError

Number = Fraction | Decimal | int | str


def exact(value: Number, place: str = "") -> Fraction:
    """Read a number without loss.

    Parameters
    ----------
    value : Fraction, Decimal, int, or a string such as "0.4", "1/3"; a float is refused, since
        the decimal that was meant can no longer be known
    place : what the number is, for the message

    Returns
    -------
    Fraction

    Raises
    ------
    SchemeError
        if the value is no finite number, or a float

    Examples
    --------
    >>> exact("0.4") + exact("1/3")
    Fraction(11, 15)
    """
    if isinstance(value, bool) or not isinstance(value, Number):
        raise SchemeError(
            "not_exact",
            f"{place or 'A number'} is given as {type(value).__name__} {value!r}.",
            'Write it as a string, "0.4" or "1/3".',
            place=place,
        )
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError, OverflowError, InvalidOperation):
        raise SchemeError(
            "not_a_number",
            f"{place or 'A number'} cannot be read: {value!r}.",
            'Use a dot as decimal sign, as in "0.4", or a fraction, "1/3".',
            place=place,
        ) from None


def written(value: Fraction) -> str:
    """Write a fraction as a plain decimal if it ends, else as numerator/denominator.

    Examples
    --------
    >>> written(Fraction(37, 25)), written(Fraction(1, 3)), written(Fraction(200))
    ('1.48', '1/3', '200')
    """
    denominator = value.denominator
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    if denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
