"""The only place where numbers are rounded."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import overload


class Rounding(StrEnum):
    """How a number is cut to its printed decimals."""

    HALF_UP = "half_up"
    DOWN = "down"
    HALF_EVEN = "half_even"


@overload
def round_exact(
    value: Fraction | Decimal | int, places: int, rule: str = Rounding.HALF_UP
) -> Decimal: ...
@overload
def round_exact(value: None, places: int, rule: str = Rounding.HALF_UP) -> None: ...
def round_exact(
    value: Fraction | Decimal | int | None, places: int, rule: str = Rounding.HALF_UP
) -> Decimal | None:
    """Round an exact number to a number of decimals, without passing through binary floats.

    Parameters
    ----------
    value : exact number; None stays None
    places : decimals, 0 or more
    rule : "half_up" (half away from zero, as spreadsheets do), "down" (cut towards zero), or
        "half_even"

    Returns
    -------
    Decimal with exactly `places` decimals

    Raises
    ------
    ValueError
        if the rule is unknown

    Examples
    --------
    >>> [str(round_exact(Fraction(81945, 1000), 2, rule)) for rule in Rounding]
    ['81.95', '81.94', '81.94']
    """
    rule = Rounding(rule)
    if value is None:
        return None
    scaled = Fraction(value) * 10**places
    whole, rest = divmod(abs(scaled), 1)
    up = _rounds_up(int(whole), rest, rule)
    digits = int(whole) + int(up)
    sign = int(scaled < 0 and digits != 0)
    return Decimal((sign, tuple(map(int, str(digits))), -places))


def _rounds_up(whole: int, rest: Fraction, rule: Rounding) -> bool:
    half = Fraction(1, 2)
    if rule is Rounding.DOWN or rest < half:
        return False
    return rest > half or rule is Rounding.HALF_UP or whole % 2 == 1
