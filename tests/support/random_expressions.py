"""Expressions and environments drawn at random, every one of them of right types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from survey.questionnaire.expressions.types import Type, Variable
from survey.questionnaire.expressions.values import Environment, Value

CODES = ("a", "b", "c", "1", "25")
REASONS = ("refused", "dont_know", "not_applicable", "blank", "not_asked", "not_reached")
NAMES = {
    f"{kind.value[:2]}{number}{'s' if is_list else ''}": Variable(
        f"{kind.value[:2]}{number}{'s' if is_list else ''}",
        kind,
        CODES if kind in {Type.CHOICE, Type.CHOICES} else None,
        is_list,
    )
    for kind in Type
    if kind is not Type.CHOICES
    for number in (1, 2, 3)
    for is_list in (False, True)
} | {f"m{number}": Variable(f"m{number}", Type.CHOICES, CODES) for number in (1, 2)}
NUMBERS = ("0", "1", "2", "3", "0.1", "0.2", "0.3", "2.5", "100", "7", "0.125", "999999999999999")
TEXTS = (
    "", "a", "b", "12.5", " 7", "-3", "Việt", "Vie\u0323\u0302t", "HUẾ", "huê\u0301", "Đường", "ß",
    "İ", "👨\u200d👩\u200d👧", "🇻🇳🇱", "\u0301a", "e", "\u0323", "\u0302", "\u00a0x\u3000", "\r\n",
    "한\u1112\u1161\u11ab",
    "ΑΣ", "ﬁ", "\ufeff", "\u0085", "''", "\u200d",
)  # fmt: skip
DAYS = (
    "0001-01-01", "1900-02-28", "1969-12-31", "1970-01-01", "2000-02-29", "2024-02-29",
    "2025-02-28", "2026-03-02", "9999-12-31",
)  # fmt: skip
THIS = Variable("self", Type.NUMBER)


class Maker:
    """Draws expressions of a type, not deeper than asked for."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.ways: dict[Type, Callable[[int], str]] = {
            Type.BOOLEAN: self.boolean,
            Type.NUMBER: self.number,
            Type.TEXT: self.text,
            Type.DATE: self.date,
            Type.CHOICE: self.choice,
            Type.CHOICES: self.choices,
        }

    def expression(self, kind: Type, depth: int) -> str:
        """Return an expression of a type."""
        if depth <= 0 or self.random.random() < 0.15:
            return self.leaf(kind)
        if self.random.random() < 0.12:
            first, second = self.expression(kind, depth - 1), self.expression(kind, depth - 1)
            chosen = f"if({self.boolean(depth - 1)}, {first}, {second})"
            return self.one(chosen, f"coalesce({first}, {second})")
        return self.ways[kind](depth - 1)

    def one(self, *ways: str) -> str:
        return self.random.choice(ways)

    def name(self, kind: Type, *, is_list: bool = False) -> str:
        names = [v.name for v in NAMES.values() if v.type is kind and v.is_list == is_list]
        return f"${{{self.random.choice(names)}}}"

    def leaf(self, kind: Type) -> str:
        if self.random.random() < 0.5 or kind in {Type.CHOICE, Type.CHOICES}:
            return self.name(kind)
        if kind is Type.NUMBER:
            return self.one(*NUMBERS, ".", "position()")
        if kind is Type.TEXT:
            return self.one(self.quoted(self.random.choice(TEXTS)), "unit()")
        if kind is Type.DATE:
            return self.one(f"date('{self.random.choice(DAYS)}')", "today()")
        return self.one("true", "false")

    def quoted(self, text: str) -> str:
        quote = self.one("'", '"')
        return quote + text.replace(quote, quote * 2) + quote

    def boolean(self, depth: int) -> str:
        kind = self.random.choice([k for k in Type if k is not Type.CHOICES])
        left, right = self.expression(kind, depth), self.expression(kind, depth)
        signs = ["=", "!="] + ["<", "<=", ">", ">="] * (kind in {Type.NUMBER, Type.DATE})
        any_kind = self.random.choice(list(Type))
        some_text, code = self.expression(Type.TEXT, depth), self.code()
        return self.one(
            f"(({left}) {self.random.choice(signs)} ({right}))",
            f"({left} in [{right}, {self.leaf(kind)}])" if kind is not Type.BOOLEAN else left,
            f"({self.expression(Type.BOOLEAN, depth)} and {self.expression(Type.BOOLEAN, depth)})",
            f"({self.expression(Type.BOOLEAN, depth)} or {self.expression(Type.BOOLEAN, depth)})",
            f"(not {self.expression(Type.BOOLEAN, depth)})",
            f"answered({self.expression(any_kind, depth)})",
            f"missing({self.name(any_kind)}, '{self.random.choice(REASONS)}')",
            f"selected({self.choices(depth)}, {code})",
            f"{self.one('any_is', 'all_are')}({self.codes()}, {code})",
            f"{self.one('contains', 'starts_with', 'ends_with')}"
            f"({some_text}, {self.expression(Type.TEXT, depth)})",
        )

    def code(self) -> str:
        return self.one(*(f"'{code}'" for code in CODES), self.name(Type.CHOICE))

    def codes(self) -> str:
        written = f"[{self.name(Type.CHOICE)}, {self.name(Type.CHOICE)}]"
        return self.one(self.name(Type.CHOICE, is_list=True), written)

    def several(self, kind: Type, depth: int) -> str:
        parts = [
            self.name(kind, is_list=True)
            if self.random.random() < 0.4
            else self.expression(kind, depth)
            for _ in range(self.random.randint(1, 3))
        ]
        return ", ".join(parts)

    def number(self, depth: int) -> str:
        one, other = self.expression(Type.NUMBER, depth), self.expression(Type.NUMBER, depth)
        a_text, leaf = self.expression(Type.TEXT, depth), self.leaf(Type.NUMBER)
        day, other_day = self.expression(Type.DATE, depth), self.expression(Type.DATE, depth)
        return self.one(
            f"({one} {self.one('+', '-', '*', '/', 'mod')} {other})",
            f"({one} {self.one('+', '-')} {other} {self.one('*', '/', 'mod')} {leaf})",
            f"(-{one})",
            f"{self.one('abs', 'floor', 'ceil', 'int')}({one})",
            f"round({one}, {self.random.randint(0, 9)})",
            f"{self.one('sum', 'mean', 'min', 'max', 'count')}({self.several(Type.NUMBER, depth)})",
            f"count({self.several(self.random.choice(list(Type)[:5]), depth)})",
            f"count_is({self.codes()}, {self.code()})",
            f"count_selected({self.choices(depth)})",
            f"number({self.one(a_text, self.name(Type.CHOICE))})",
            f"length({a_text})",
            f"{self.one('year', 'month', 'day', 'weekday')}({day})",
            f"{self.one('days_between', 'years_between')}({day}, {other_day})",
        )

    def text(self, depth: int) -> str:
        kind = self.random.choice([Type.TEXT, Type.NUMBER, Type.DATE, Type.CHOICE])
        inner = self.expression(Type.TEXT, depth)
        return self.one(
            f"concat({inner}, {self.expression(kind, depth)})",
            f"text({self.expression(kind, depth)})",
            f"{self.one('lower', 'upper', 'trim')}({inner})",
        )

    def date(self, depth: int) -> str:
        day = self.expression(Type.DATE, depth)
        return self.one(
            f"add_days({day}, {self.expression(Type.NUMBER, depth)})",
            f"{self.one('min', 'max')}({self.several(Type.DATE, depth)})",
        )

    def choice(self, depth: int) -> str:
        return self.name(Type.CHOICE)

    def choices(self, depth: int) -> str:
        return self.name(Type.CHOICES)


def drawn_value(random: Random, kind: Type) -> Value:
    """Return a value of a type, empty now and then."""
    return None if random.random() < 0.2 else DRAWN[kind](random)


def _drawn_number(random: Random) -> Fraction:
    whole = random.choice([random.randint(-9, 9), random.randint(-(10**9), 10**9)])
    return random.choice(
        [
            Fraction(whole),
            Fraction(whole, 10 ** random.randint(1, 6)),
            Fraction(whole, random.randint(1, 9)),
            Fraction(random.randint(-(10**60), 10**60)),
            Fraction(whole, 10**60 + random.randint(-1, 1)),
            Fraction(2 * whole + 1, 2 * 10 ** random.randint(0, 8)),
        ]
    )


def _day(random: Random) -> date:
    return date.min + timedelta(days=random.randint(0, (date.max - date.min).days))


def _drawn_text(random: Random) -> str:
    return "".join(random.choice(TEXTS) for _ in range(random.randint(0, 3)))


def _drawn_day(random: Random) -> date:
    return date.fromisoformat(random.choice(DAYS)) if random.random() < 0.5 else _day(random)


DRAWN: dict[Type, Callable[[Random], Value]] = {
    Type.BOOLEAN: lambda random: random.random() < 0.5,
    Type.NUMBER: _drawn_number,
    Type.TEXT: _drawn_text,
    Type.DATE: _drawn_day,
    Type.CHOICE: lambda random: random.choice(CODES),
    Type.CHOICES: lambda random: tuple(code for code in CODES if random.random() < 0.4),
}


def drawn_environment(random: Random) -> Environment:
    """Return an environment in which most names have a value."""
    values: dict[str, Value] = {}
    for name, variable in NAMES.items():
        if random.random() < 0.1:
            continue
        values[name] = (
            tuple(drawn_value(random, variable.type) for _ in range(random.randint(0, 4)))
            if variable.is_list
            else drawn_value(random, variable.type)
        )
    missing = {name: random.choice(REASONS) for name in NAMES if values.get(name) is None}
    unit, position = random.choice(["", "so-xd"]), random.randint(0, 3)
    return Environment(
        values, missing, drawn_value(random, Type.NUMBER), _day(random), unit, position
    )
