"""Days of expressions, in the Gregorian calendar from year 1 to year 9999."""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction

from survey.questionnaire.expressions.values import EMPTY, Value

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST = 4_000_000  # days: more than there are from year 1 to year 9999


def day_of(text: str) -> date | None:
    """Return the day that a text `YYYY-MM-DD` names, or empty when there is none."""
    if not DAY.fullmatch(text):
        return EMPTY
    try:
        return date.fromisoformat(text)
    except ValueError:
        return EMPTY


def year(value: date) -> Value:
    """Return the year of a day."""
    return Fraction(value.year)


def month(value: date) -> Value:
    """Return the month of a day."""
    return Fraction(value.month)


def day(value: date) -> Value:
    """Return the day of the month."""
    return Fraction(value.day)


def weekday(value: date) -> Value:
    """Return the day of the week, Monday as 1."""
    return Fraction(value.isoweekday())


def days_between(start: date, end: date) -> Value:
    """Return how many days later the second day is."""
    return Fraction((end - start).days)


def years_between(start: date, end: date) -> Value:
    """Return how many full years later the second day is; below zero when it is earlier."""
    if end < start:
        return Fraction(-_full_years(end, start))
    return Fraction(_full_years(start, end))


def _full_years(start: date, end: date) -> int:
    is_short = (end.month, end.day) < (start.month, start.day)
    return end.year - start.year - is_short


def add_days(value: date, days: Fraction) -> Value:
    """Return a day so many days later; empty for parts of days and outside of the calendar."""
    if days.denominator != 1 or abs(days) > LONGEST:
        return EMPTY
    try:
        return value + timedelta(days=int(days))
    except OverflowError:
        return EMPTY
