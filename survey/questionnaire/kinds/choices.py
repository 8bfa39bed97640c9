"""Kinds whose answer is one of the choices: single, rating, yes or no, batteries, cascades."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import ClassVar

from survey.errors import N_, Problem
from survey.questionnaire.document import Choice, Question, Value
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.expressions.values import Value as Operand
from survey.questionnaire.kinds.base import (
    Asked,
    Fault,
    Kind,
    Raw,
    as_number,
    label_of,
    unknown_choice,
)


class OneChoice(Kind):
    """One choice by its code; labels and positions are not accepted."""

    operand = Type.CHOICE
    takes_choices = True

    def value_of(self, asked: Asked, text: str) -> Value | Problem | None:
        """Return the code of the choice."""
        code = text.strip()
        return code if asked.choice(code) else unknown_choice(asked, code)

    def words(self, asked: Asked, value: Value, language: str) -> str:
        """Return the label of the choice."""
        return label_of(asked, str(value), language)

    def sample(self, asked: Asked, random: Random) -> Raw:
        """Return one of the codes."""
        return random.choice(asked.choices).code if asked.choices else ""


class Single(OneChoice):
    """One choice out of several, as radio buttons, a select or a list that can be searched."""

    name = "single"
    keys = frozenset({"choices", "scale", "list", "order", "filter", "appearance"})
    appearances: ClassVar[tuple[str, ...]] = ("radios", "select", "search")


class YesNo(OneChoice):
    """Yes or no."""

    name = "yes_no"
    keys = frozenset({"choices", "scale"})
    codes: ClassVar[tuple[str, str]] = ("yes", "no")
    defaults: ClassVar[tuple[Choice, Choice]] = (
        Choice("yes", {"vi": "Có", "en": "Yes"}),
        Choice("no", {"vi": "Không", "en": "No"}),
    )

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield choices that are neither yes nor no nor a way out."""
        codes = tuple(choice.code for choice in question.choices if choice.missing is None)
        if codes != self.codes:
            yield "choices", "choices", N_("Câu có/không cần đúng hai phương án “yes” và “no”.")


class Rating(OneChoice):
    """A point of a scale: stars, smileys or numbers, each with a text."""

    name = "rating"
    operand = Type.NUMBER
    keys = frozenset({"choices", "scale", "appearance", "minimum", "maximum"})
    appearances: ClassVar[tuple[str, ...]] = ("numbers", "stars", "smileys")

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield codes that are no numbers."""
        yield from super().faults(question)
        points = [c.code for c in question.choices if c.missing is None]
        if not all(code.isascii() and code.isdigit() and code == str(int(code)) for code in points):
            yield "choices", "choices", N_("Mã của thang điểm phải là số nguyên từ 0.")
        if question.appearance == "smileys" and len(points) > 5:
            yield "appearance", "appearance", N_("Thang mặt cười có tối đa 5 mức.")

    def operand_of(self, asked: Asked, value: Value) -> Operand:
        """Return the number of the point; a way out is none, whatever its code."""
        return None if asked.reason(value) else as_number(str(value))


class Battery(OneChoice):
    """Statements on one scale, a variable each."""

    name = "battery"
    keys = frozenset({"choices", "scale", "items", "order"})
    takes_items = True
    may_ask_about_units = False


class Matrix(OneChoice):
    """Statements on one scale about every rated unit."""

    name = "matrix"
    keys = frozenset({"choices", "scale", "items", "order"})
    takes_items = True

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield that a matrix is not about units."""
        yield from super().faults(question)
        if not question.about_units:
            yield "about", "about", N_('Bảng chấm theo đơn vị cần "about": "units".')


class Cascade(OneChoice):
    """Choices of official lists, level by level, each inside the one above."""

    name = "cascade"
    keys = frozenset({"items"})
    takes_choices = False
    takes_items = True
    may_ask_about_units = False

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield levels whose choices belong to nothing above, and a cascade of one level."""
        levels = [item.choices for item in question.items]
        if len(levels) < 2:
            yield "items", "items", N_("Danh mục nhiều cấp cần ít nhất hai cấp.")
        if levels and any(choice.parent is not None for choice in levels[0]):
            yield "items", "parent", N_("Cấp đầu tiên không được có “parent”.")
        for above, below in pairwise(levels):
            known = {choice.code for choice in above}
            orphans = [c.code for c in below if c.parent not in known and c.missing is None]
            if orphans:
                yield "items", "parent", N_("Có mục không thuộc mục nào của cấp trên.")
