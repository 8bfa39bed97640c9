"""Kinds whose answer is a number: integer, decimal, and parts of a constant sum."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random

from survey.errors import N_, Problem
from survey.questionnaire.document import Missing, Question, Value, in_language
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.expressions.values import Value as Operand
from survey.questionnaire.kinds.base import Asked, Fault, Fields, Kind, Raw, as_number
from survey.questionnaire.stored import plain

MOST_DIGITS = 15
CANONICAL = re.compile(rf"[+-]?[0-9]{{1,{MOST_DIGITS}}}(\.[0-9]{{1,9}})?")
MARKS = {"en": (",", ".")}  # thousands, decimals
OWN_MARKS = (".", ",")
SPACES = str.maketrans("", "", " \t\u00a0\u202f")


class Number(Kind):
    """A number that is kept exactly, written with a point whatever the language."""

    operand = Type.NUMBER

    def raw_of(self, asked: Asked, fields: Fields, language: str) -> Raw:
        """Return what was typed, with the marks of the language taken for a number's."""
        typed = super().raw_of(asked, fields, language)
        return _without_marks(str(typed), language)

    def fields_of(self, asked: Asked, raw: Raw, language: str) -> Mapping[str, tuple[str, ...]]:  # noqa: ARG002
        """Return the number with the decimal sign of the language."""
        text = str(raw)
        return {"": (with_marks(text, language) if CANONICAL.fullmatch(text) else text,)}

    def value_of(self, asked: Asked, text: str) -> Value | Problem | None:
        """Return the number without needless zeros, within its bounds."""
        typed = text.strip()
        if not CANONICAL.fullmatch(typed):
            return asked.wrong("number", N_("Hãy nhập một số, ví dụ %(example)s."), example="12")
        number = Decimal(typed)
        limits = asked.question.limits
        places = max(0, -int(number.normalize().as_tuple().exponent))
        if places > limits.decimals:
            return _decimals(asked, limits.decimals)
        if limits.minimum is not None and number < limits.minimum:
            message = N_("Số phải từ %(limit)s trở lên.")
            return asked.wrong("minimum", message, limit=plain(limits.minimum))
        if limits.maximum is not None and number > limits.maximum:
            message = N_("Số không được quá %(limit)s.")
            return asked.wrong("maximum", message, limit=plain(limits.maximum))
        return plain(number)

    def operand_of(self, asked: Asked, value: Value) -> Operand:  # noqa: ARG002
        """Return the exact number."""
        return as_number(str(value))

    def words(self, asked: Asked, value: Value, language: str) -> str:
        """Return the number with its unit of measure."""
        measure = in_language(asked.question.measure, language)
        return f"{with_marks(str(value), language)} {measure}".strip()

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield bounds that exclude every number."""
        limits = question.limits
        if None not in (limits.minimum, limits.maximum) and limits.minimum > limits.maximum:  # type: ignore[operator]
            yield "minimum", "limits", N_("Cận dưới lớn hơn cận trên.")

    def sample(self, asked: Asked, random: Random) -> Raw:
        """Return a number within the bounds."""
        limits = asked.question.limits
        scale = 10**limits.decimals
        low = Decimal(0) if limits.minimum is None else limits.minimum
        high = low + 100 if limits.maximum is None else limits.maximum
        drawn = random.randint(-int(-low * scale // 1), int(high * scale // 1))
        return plain(Decimal(drawn) / scale)


def _decimals(asked: Asked, limit: int) -> Problem:
    if limit == 0:
        return asked.wrong("decimals", N_("Hãy nhập một số nguyên, không có phần thập phân."))
    return asked.wrong("decimals", N_("Chỉ nhập tối đa %(limit)s chữ số thập phân."), limit=limit)


class Integer(Number):
    """A whole number."""

    name = "integer"
    keys = frozenset({"minimum", "maximum", "measure"})


class Decimals(Number):
    """A number with decimals."""

    name = "decimal"
    keys = frozenset({"minimum", "maximum", "decimals", "measure"})


class ConstantSum(Number):
    """Numbers that share a fixed total, a variable each."""

    name = "constant_sum"
    keys = frozenset({"items", "total", "decimals", "measure"})
    takes_items = True
    may_ask_about_units = False

    def value_of(self, asked: Asked, text: str) -> Value | Problem | None:
        """Return the part; none is below 0."""
        value = super().value_of(asked, text)
        if isinstance(value, str) and value.startswith("-"):
            return asked.wrong("minimum", N_("Số phải từ %(limit)s trở lên."), limit="0")
        return value

    def across(self, asked: Sequence[Asked], values: Sequence[Value | None]) -> Problem | None:
        """Return that the parts do not add up to the total; blanks count as 0."""
        given = [Decimal(v) for v in values if isinstance(v, str) and not isinstance(v, Missing)]
        total = asked[0].question.limits.total if asked else None
        if not given or total is None or sum(given) == total:
            return None
        message = N_("Các phần cộng lại phải bằng %(total)s; hiện là %(sum)s.")
        return asked[0].wrong(
            "total", message, total=plain(total), sum=plain(sum(given, Decimal()))
        )

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield a total that is missing."""
        if question.limits.total is None or question.limits.total <= 0:
            yield "total", "limits", N_("Cần tổng cố định “total” lớn hơn 0.")
        if len(question.items) < 2:
            yield "items", "items", N_("Cần ít nhất hai phần để chia tổng.")

    def sample(self, asked: Asked, random: Random) -> Raw:  # noqa: ARG002
        """Return everything for the first part, and nothing for the others."""
        total, items = asked.question.limits.total, asked.question.items
        if asked.variable.item == items[0]:
            return plain(total or Decimal())
        return "0" if asked.question.is_required else ""


def with_marks(text: str, language: str) -> str:
    """Return a canonical number with the decimal sign of a language."""
    return text.replace(".", _marks(language)[1])


def _marks(language: str) -> tuple[str, str]:
    return MARKS.get(language.partition("-")[0], OWN_MARKS)


def _without_marks(typed: str, language: str) -> str:
    """Return the canonical form of a typed number; anything else comes back as it was typed.

    >>> _without_marks("1.234,50", "vi"), _without_marks("1.5", "vi"), _without_marks("1,234", "en")
    ('1234.50', '1.5', '1234')
    """
    thousands, sign = _marks(language)
    text = typed.translate(SPACES).replace("\N{MINUS SIGN}", "-")
    grouped = re.fullmatch(rf"[+-]?[0-9]{{1,3}}(\{thousands}[0-9]{{3}})+(\{sign}[0-9]+)?", text)
    if grouped:
        return text.replace(thousands, "").replace(sign, ".")
    if re.fullmatch(r"[+-]?[0-9]+([.,][0-9]+)?", text):
        return text.replace(",", ".")
    return typed
