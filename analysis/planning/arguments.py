"""What a plan may be given: each number checked where it comes in."""

import math

from analysis.errors import DesignError


def above_zero(name: str, value: float) -> float:
    """Return a number above 0, which may be infinite."""
    if not value > 0:
        raise _refusal(name, value, "Give a number above 0.")
    return value


def not_negative(name: str, value: float) -> float:
    """Return a finite number of 0 or more."""
    if not 0 <= value < math.inf:
        raise _refusal(name, value, "Give a number of 0 or more.")
    return value


def share(name: str, value: float) -> float:
    """Return a number above 0 and at most 1."""
    if not 0 < value <= 1:
        raise _refusal(name, value, "Give a share above 0 and at most 1, such as 0.7 for 70 %.")
    return value


def open_share(name: str, value: float) -> float:
    """Return a number above 0 and below 1."""
    if not 0 < value < 1:
        raise _refusal(name, value, "Give a number between 0 and 1, both left out.")
    return value


def correlation(name: str, value: float) -> float:
    """Return a number from -1 to 1."""
    if not -1 <= value <= 1:
        raise _refusal(name, value, "Give a correlation from -1 to 1.")
    return value


def is_whole(value: object) -> bool:
    """Tell whether a value is a whole number; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _refusal(name: str, value: float, hint: str) -> DesignError:
    return DesignError("bad_plan", f"{name} is {value!r}.", hint, argument=name, value=value)
