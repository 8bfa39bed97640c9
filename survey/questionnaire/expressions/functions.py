"""The functions of expressions: what each takes, what it gives, how it is reckoned.

The documentation and the browser's mirror are tested against this table. Arguments come evaluated;
a function that does not say `takes_empty` is empty (false, where it tells whether something is so)
as soon as one of its arguments is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from survey.questionnaire.expressions import dates, reckoning, texts
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.expressions.values import EMPTY, Environment, Value

REASONS = ("refused", "dont_know", "not_applicable", "blank", "not_asked", "not_reached")


class Takes(StrEnum):
    """What an argument may be."""

    BOOLEAN = Type.BOOLEAN.value
    NUMBER = Type.NUMBER.value
    TEXT = Type.TEXT.value
    DATE = Type.DATE.value
    CHOICES = Type.CHOICES.value
    ANY = "any"
    SAME = "same"  # of the same type as every other such argument
    WRITABLE = "writable"  # what a text can be made of
    CODED = "coded"  # what a number can be read from
    NAME = "name"  # `${name}` itself, or `.`
    REASON = "reason"  # one of REASONS, written out
    DECIMALS = "decimals"  # 0 … 9, written out
    DAY = "day"  # 'YYYY-MM-DD', written out
    CODE = "code"  # a code of the first argument, written out or another choice
    CHOICE_LIST = "choice list"
    NUMBERS = "numbers"  # numbers and lists of numbers
    ORDERED = "ordered"  # numbers or dates, and lists of them
    ALL = "all"  # anything, and lists of anything


LISTS = {Takes.CHOICE_LIST, Takes.NUMBERS, Takes.ORDERED, Takes.ALL}


@dataclass(frozen=True)
class Function:
    """One function; the last argument of a variadic one may be repeated."""

    name: str
    takes: tuple[Takes, ...]
    gives: Type | None  # None: the common type of its arguments
    run: Callable[..., Value]
    optional: int = 0
    is_variadic: bool = False
    takes_empty: bool = False
    takes_environment: bool = False
    needs_rows: bool = False

    @property
    def least(self) -> int:
        """Return how many arguments it must have."""
        return len(self.takes) - self.optional

    @property
    def most(self) -> int | None:
        """Return how many arguments it may have; None without a limit."""
        return None if self.is_variadic else len(self.takes)

    @property
    def when_empty(self) -> Value:
        """Return its value when an argument is empty."""
        return False if self.gives is Type.BOOLEAN else EMPTY

    def taken(self, position: int) -> Takes:
        """Return what the argument at a position, counted from 0, may be."""
        return self.takes[min(position, len(self.takes) - 1)]


def choose(condition: Value, then: Value, otherwise: Value) -> Value:
    """Return one of two values."""
    return then if condition is True else otherwise


def answered(value: Value) -> Value:
    """Tell whether there is a value."""
    return value is not EMPTY


def coalesce(*values: Value) -> Value:
    """Return the first value that is not empty."""
    return next((value for value in values if value is not EMPTY), EMPTY)


def missing(environment: Environment, name: str, reason: str) -> Value:
    """Tell whether an answer is missing for a reason."""
    return environment.missing.get(name) == reason


def selected(codes: tuple[Value, ...], code: Value) -> Value:
    """Tell whether a code is among those that were chosen."""
    return code in codes


def any_is(codes: tuple[Value, ...], code: Value) -> Value:
    """Tell whether a code was answered anywhere."""
    return code is not EMPTY and code in codes


def all_are(codes: tuple[Value, ...], code: Value) -> Value:
    """Tell whether every answer is a code; not so when there is none."""
    given = {value for value in codes if value is not EMPTY}
    return given == {code} and code is not EMPTY


def count_is(codes: tuple[Value, ...], code: Value) -> Value:
    """Return how often a code was answered."""
    return reckoning.whole(sum(1 for value in codes if code is not EMPTY and value == code))


def count_selected(codes: tuple[Value, ...]) -> Value:
    """Return how many codes were chosen."""
    return reckoning.whole(len(codes))


def today(environment: Environment) -> Value:
    """Return the day on which the questionnaire is answered."""
    return environment.today


def unit(environment: Environment) -> Value:
    """Return the code of the unit that is asked about."""
    return environment.unit or EMPTY


def position(environment: Environment) -> Value:
    """Return the number of the repeat that is asked about."""
    return reckoning.whole(environment.position) if environment.position else EMPTY


_N, _T, _D = (Takes.NUMBER,), (Takes.TEXT,), (Takes.DATE,)
_CODES = (Takes.CHOICE_LIST, Takes.CODE)

_TABLE = (
    Function("if", (Takes.BOOLEAN, Takes.SAME, Takes.SAME), None, choose, takes_empty=True),
    Function(
        "coalesce", (Takes.SAME, Takes.SAME), None, coalesce, is_variadic=True, takes_empty=True
    ),
    Function("answered", (Takes.ANY,), Type.BOOLEAN, answered, takes_empty=True),
    Function("missing", (Takes.NAME, Takes.REASON), Type.BOOLEAN, missing, takes_environment=True),
    Function("number", (Takes.CODED,), Type.NUMBER, reckoning.number),
    Function("abs", _N, Type.NUMBER, reckoning.absolute),
    Function("floor", _N, Type.NUMBER, reckoning.floor),
    Function("ceil", _N, Type.NUMBER, reckoning.ceil),
    Function("int", _N, Type.NUMBER, reckoning.integer),
    Function("round", (Takes.NUMBER, Takes.DECIMALS), Type.NUMBER, reckoning.round_to, optional=1),
    Function(
        "count", (Takes.ALL,), Type.NUMBER, reckoning.count, is_variadic=True, takes_empty=True
    ),
    Function("sum", (Takes.NUMBERS,), Type.NUMBER, reckoning.sum_of, is_variadic=True),
    Function("mean", (Takes.NUMBERS,), Type.NUMBER, reckoning.mean, is_variadic=True),
    Function("min", (Takes.ORDERED,), None, reckoning.least, is_variadic=True),
    Function("max", (Takes.ORDERED,), None, reckoning.greatest, is_variadic=True),
    Function("any_is", _CODES, Type.BOOLEAN, any_is, takes_empty=True),
    Function("all_are", _CODES, Type.BOOLEAN, all_are, takes_empty=True),
    Function("count_is", _CODES, Type.NUMBER, count_is, takes_empty=True),
    Function("selected", (Takes.CHOICES, Takes.CODE), Type.BOOLEAN, selected),
    Function("count_selected", (Takes.CHOICES,), Type.NUMBER, count_selected),
    Function("concat", (Takes.WRITABLE,), Type.TEXT, texts.concat, is_variadic=True),
    Function("text", (Takes.WRITABLE,), Type.TEXT, texts.concat),
    Function("length", _T, Type.NUMBER, texts.length),
    Function("lower", _T, Type.TEXT, texts.lower),
    Function("upper", _T, Type.TEXT, texts.upper),
    Function("trim", _T, Type.TEXT, texts.trim),
    Function("contains", _T * 2, Type.BOOLEAN, texts.contains),
    Function("starts_with", _T * 2, Type.BOOLEAN, texts.starts_with),
    Function("ends_with", _T * 2, Type.BOOLEAN, texts.ends_with),
    Function("date", (Takes.DAY,), Type.DATE, dates.day_of),
    Function("today", (), Type.DATE, today, takes_environment=True),
    Function("year", _D, Type.NUMBER, dates.year),
    Function("month", _D, Type.NUMBER, dates.month),
    Function("day", _D, Type.NUMBER, dates.day),
    Function("weekday", _D, Type.NUMBER, dates.weekday),
    Function("days_between", _D * 2, Type.NUMBER, dates.days_between),
    Function("years_between", _D * 2, Type.NUMBER, dates.years_between),
    Function("add_days", (Takes.DATE, Takes.NUMBER), Type.DATE, dates.add_days),
    Function("unit", (), Type.TEXT, unit, takes_environment=True, needs_rows=True),
    Function("position", (), Type.NUMBER, position, takes_environment=True, needs_rows=True),
)

FUNCTIONS = {function.name: function for function in _TABLE}
