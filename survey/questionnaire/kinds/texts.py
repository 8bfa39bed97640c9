"""Kinds whose answer is written: text and dates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from random import Random
from typing import ClassVar

import regex

from survey.errors import N_, Problem
from survey.questionnaire import patterns
from survey.questionnaire.canonical import UNREADABLE
from survey.questionnaire.document import Question, Value
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.expressions.values import Value as Operand
from survey.questionnaire.graphemes import graphemes
from survey.questionnaire.kinds.base import Asked, Fault, Fields, Kind, Raw

BIDI = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # they turn what is read around
INVISIBLE = {"\u200b", "\u2060", "\ufeff", *map(chr, BIDI)}
MOST_MARKS = 8  # combining marks on one letter; more are no language's writing
TOO_MANY_MARKS = N_("Có chữ mang quá nhiều dấu. Vui lòng gõ lại.")
CROWDED = regex.compile(rf"\p{{M}}{{{MOST_MARKS + 1}}}")
WORDS = "…"


class FreeText(Kind):
    """An answer in the respondent's own words, its length counted in graphemes."""

    name = "text"
    operand = Type.TEXT
    keys = frozenset({"max_length", "min_length", "pattern", "appearance"})
    appearances: ClassVar[tuple[str, ...]] = ("area", "line")
    may_ask_about_units = False

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield patterns that no safe engine takes, and lengths that contradict each other."""
        limits = question.limits
        if limits.pattern is not None and not patterns.is_valid(limits.pattern):
            yield "pattern", "pattern", N_("Mẫu không đúng cú pháp RE2.")
        if limits.min_length > limits.max_length:
            yield "min_length", "limits", N_("Cận dưới lớn hơn cận trên.")

    def value_of(self, asked: Asked, text: str) -> Value | Problem | None:
        """Return the text composed (NFC), with plain line ends and no invisible controls."""
        lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        seen = "".join(c for c in lines if not _is_control(c))
        if CROWDED.search(seen):  # before composing, whose time grows with the square of a crowd
            return asked.wrong("marks", TOO_MANY_MARKS)
        kept = unicodedata.normalize("NFC", seen).strip()
        if asked.question.appearance == "line":
            kept = " ".join(kept.split())
        limits = asked.question.limits
        length = graphemes(kept)
        if length > limits.max_length or len(kept) > limits.max_length * MOST_MARKS:
            message = N_("Nội dung dài %(length)s ký tự; tối đa %(limit)s ký tự.")
            return asked.wrong("length", message, length=length, limit=limits.max_length)
        if not kept:
            return None
        if length < limits.min_length:
            message = N_("Nội dung cần ít nhất %(limit)s ký tự.")
            return asked.wrong("length", message, limit=limits.min_length)
        if limits.pattern is not None and not patterns.matches(limits.pattern, kept):
            return asked.wrong("pattern", N_("Nội dung chưa đúng mẫu yêu cầu."))
        return kept

    def sample(self, asked: Asked, random: Random) -> Raw:  # noqa: ARG002
        """Return a few characters where any will do."""
        limits = asked.question.limits
        return "" if limits.pattern else WORDS * max(1, limits.min_length)


def _is_control(letter: str) -> bool:
    return letter in INVISIBLE or UNREADABLE.match(letter) is not None


DATE = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
APART = "\x1f"  # between parts of which one holds the usual sign itself; never a date
PARTS = ("day", "month", "year")
DEPTH = {"year": 1, "month": 2, "day": 3}
INCOMPLETE = {
    "day": N_("Hãy nhập đủ ngày, tháng, năm, ví dụ 27 / 3 / 2026."),
    "month": N_("Hãy nhập đủ tháng và năm, ví dụ 3 / 2026."),
    "year": N_("Hãy nhập năm có bốn chữ số, ví dụ 2026."),
    "any": N_("Hãy nhập năm, có thể thêm tháng và ngày, ví dụ 27 / 3 / 2026."),
}


class Date(Kind):
    """A date, or as much of one as is asked for or known."""

    name = "date"
    keys = frozenset({"precision", "earliest", "latest"})
    may_ask_about_units = False

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield bounds that exclude every day."""
        limits = question.limits
        if limits.earliest and limits.latest and limits.earliest > limits.latest:
            yield "earliest", "limits", N_("Cận dưới lớn hơn cận trên.")

    def operand_type(self, question: Question) -> Type | None:
        """Return that only a whole date can be compared as one."""
        return Type.DATE if question.limits.precision == "day" else Type.TEXT

    def operand_of(self, asked: Asked, value: Value) -> Operand:
        """Return a date as one where it has to be whole."""
        is_whole = self.operand_type(asked.question) is Type.DATE
        return date.fromisoformat(str(value)) if is_whole else value

    def parts(self, asked: Asked) -> tuple[str, ...]:
        """Return the fields of a date, the day first."""
        depth = DEPTH.get(asked.question.limits.precision, 3)
        return PARTS[3 - depth :]

    def raw_of(self, asked: Asked, fields: Fields, language: str) -> Raw:  # noqa: ARG002
        """Return the parts joined from the year on; an empty one before a filled one stays."""
        given = [(fields.get(part) or ("",))[0].strip() for part in reversed(self.parts(asked))]
        while given and not given[-1]:
            given.pop()
        return (APART if any("-" in part for part in given) else "-").join(given)

    def fields_of(self, asked: Asked, raw: Raw, language: str) -> Mapping[str, tuple[str, ...]]:  # noqa: ARG002
        """Return what each part of the date holds."""
        given = str(raw).split(APART if APART in str(raw) else "-", 2)
        return dict(zip(("year", "month", "day"), ((part,) for part in given), strict=False))

    def value_of(self, asked: Asked, text: str) -> Value | Problem | None:
        """Return the date as yyyy-mm-dd, yyyy-mm or yyyy."""
        limits = asked.question.limits
        found = DATE.fullmatch(text.strip())
        given = [int(part) for part in found.groups() if part is not None] if found else []
        if not given or limits.precision not in {"any", _precision(len(given))}:
            return asked.wrong("date", INCOMPLETE[limits.precision])
        value = _calendar(given)
        if value is None:
            return asked.wrong("date", N_("Ngày này không có trong lịch."))
        if limits.earliest and value < limits.earliest[: len(value)]:
            message = N_("Ngày không được trước %(limit)s.")
            return asked.wrong("earliest", message, limit=_shown(limits.earliest))
        if limits.latest and value > limits.latest[: len(value)]:
            message = N_("Ngày không được sau %(limit)s.")
            return asked.wrong("latest", message, limit=_shown(limits.latest))
        return value

    def words(self, asked: Asked, value: Value, language: str) -> str:  # noqa: ARG002
        """Return the date with the day first."""
        return _shown(str(value))

    def sample(self, asked: Asked, random: Random) -> Raw:
        """Return a day between the bounds."""
        limits = asked.question.limits
        low = date.fromisoformat(limits.earliest or "1960-01-01").toordinal()
        high = date.fromisoformat(limits.latest or "2025-12-31").toordinal()
        drawn = date.fromordinal(random.randint(min(low, high), high)).isoformat()
        return drawn[: {"year": 4, "month": 7}.get(limits.precision, 10)]


def _precision(parts: int) -> str:
    return ("year", "month", "day")[parts - 1]


def _calendar(given: list[int]) -> str | None:
    year, month, day = (*given, 1, 1)[:3]
    if not 1000 <= year <= 9999:
        return None
    try:
        return date(year, month, day).isoformat()[: (4, 7, 10)[len(given) - 1]]
    except ValueError:
        return None


def _shown(value: str) -> str:
    return "/".join(reversed(value.split("-")))
