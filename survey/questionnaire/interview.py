"""One respondent's way through a document: what is asked, what was answered, what is wrong.

The way is walked from the first section to the last. What stands before decides what is asked
after it, so one walk is enough. Raw answers to what is off the way are left aside: they count
nowhere, and come back when the way does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from survey.errors import N_, Problem
from survey.questionnaire import order
from survey.questionnaire.document import (
    NTH,
    OWN,
    Choice,
    Document,
    Key,
    Layout,
    Missing,
    Question,
    Section,
    Text,
    Value,
    Variable,
)
from survey.questionnaire.expressions.expression import Expression
from survey.questionnaire.expressions.values import Environment
from survey.questionnaire.expressions.values import Value as Operand
from survey.questionnaire.kinds.base import Asked, Raw
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.stored import stored

REQUIRED = N_("Vui lòng trả lời câu hỏi này.")
ALL = "all"  # the page of a document that is shown on one page


@dataclass(frozen=True)
class Context:
    """What is known of the respondent's form beside the answers."""

    today: date
    units: tuple[str, ...] = ()
    unit_names: Mapping[str, Text] = field(default_factory=dict)
    seed: int = 0
    sources: Mapping[str, str] = field(default_factory=dict)  # of hidden questions
    reached: frozenset[str] | None = None  # pages that were seen; None: every one
    confirmed: frozenset[str] = frozenset()  # warnings that the respondent has confirmed


@dataclass(frozen=True)
class Posed:
    """A question on a page, with the rows it is asked about; without rows it is not shown now."""

    question: Question
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A section as it is asked, or one of its repetitions."""

    section: Section
    row: str  # OWN, or which repetition
    posed: tuple[Posed, ...]

    @property
    def id(self) -> str:
        """Return the name of the part in addresses and drafts."""
        return f"{self.section.code}{self.row}"

    @property
    def is_asked(self) -> bool:
        """Tell whether there is anything to see."""
        seen = (p for p in self.posed if p.rows)
        return any(KINDS[p.question.kind].is_answered or p.question.kind == "note" for p in seen)


@dataclass(frozen=True)
class Page:
    """What is seen at once."""

    id: str
    parts: tuple[Part, ...]


class Interview:
    """What a document asks somebody who has given certain raw answers."""

    def __init__(self, document: Document, context: Context, raw: Mapping[Key, Raw]) -> None:
        self.document = document
        self.context = context
        self.raw = raw
        self.asked: dict[Key, Asked] = {}
        self.values: dict[Key, Value] = {}
        self.misread: list[Problem] = []  # what could not be read, and what must not be blank
        self._calculated: dict[Key, Operand] = {}
        self.parts = [part for section in document.sections for part in self._walk(section)]
        self.pages = self._pages()

    # --- The walk --------------------------------------------------------------------------

    def _walk(self, section: Section) -> Iterator[Part]:
        for row in self._repetitions(section):
            # Asked as the document has it, whatever order they are shown in: conditions look back.
            posed = tuple(self._pose(section, question, row) for question in section.questions)
            if section.is_random:
                seed, at = self.context.seed, f"{section.code}{row}"
                posed = order.drawn(posed, lambda p: p.question.code, seed=seed, at=at)
            yield Part(section, row, posed)

    def _repetitions(self, section: Section) -> tuple[str, ...]:
        if section.show is not None and self.evaluate(section.show, section, OWN) is not True:
            return ()
        if section.repeat is None:
            return (OWN,)
        count = self.evaluate(section.repeat.count, section, OWN)
        often = 0 if count is None else min(int(count), section.repeat.most)  # type: ignore[arg-type]
        return tuple(f"{NTH}{number}" for number in range(1, often + 1))

    def _pose(self, section: Section, question: Question, row: str) -> Posed:
        rows = self.context.units if question.about_units else (row,)
        shown = tuple(one for one in rows if self._is_shown(section, question, one))
        for one in shown:
            for variable in question.variables():
                self._ask(section, variable, one)
        return Posed(question, shown)

    def _is_shown(self, section: Section, question: Question, row: str) -> bool:
        return question.show is None or self.evaluate(question.show, section, row) is True

    def _ask(self, section: Section, variable: Variable, row: str) -> None:
        question = variable.question
        if question.kind == "note":
            return
        if question.kind == "cascade" and self._is_below_nothing(variable, row):
            return
        asked = self.would_ask(section, variable, row)
        self.asked[asked.key] = asked
        if question.kind == "calculated":
            self._calculate(section, question, row)
        elif question.kind == "hidden":
            found = self.context.sources.get(question.source, "")
            self._keep(asked, found or None)
        else:
            self._read(asked)

    def would_ask(self, section: Section, variable: Variable, row: str) -> Asked:
        """Return an answer to be given, whether it is on the way or not."""
        return Asked(variable, row, self._choices(section, variable, row))

    def _read(self, asked: Asked) -> None:
        question = asked.question
        found = KINDS[question.kind].read(asked, self.raw.get(asked.key, ""))
        if isinstance(found, Problem):
            self.misread.append(found)
            return
        self._keep(asked, found)
        if found is None and question.is_required:
            self.misread.append(asked.wrong("required", REQUIRED))

    def _keep(self, asked: Asked, value: Value | None) -> None:
        if value is not None:
            self.values[asked.key] = value

    def _calculate(self, section: Section, question: Question, row: str) -> None:
        result = self.evaluate(question.value, section, row) if question.value else None
        value = stored(result, question.limits.decimals)
        if value is not None:
            self._calculated[question.code, row] = result
            self.values[question.code, row] = value

    # --- Choices ---------------------------------------------------------------------------

    def _choices(self, section: Section, variable: Variable, row: str) -> tuple[Choice, ...]:
        question = variable.question
        choices = variable.choices
        if question.kind == "cascade":
            above = self._above(variable, row)
            if above is not None:
                choices = tuple(c for c in choices if c.parent == above or c.missing is not None)
        if question.filter is not None:
            choices = self._filtered(question.filter, choices, section, row)
        if question.is_random and not question.items:
            at = f"{question.code}/{row}"
            free = [c for c in choices if not c.stays]
            mixed = order.drawn(free, lambda c: c.code, seed=self.context.seed, at=at)
            choices = (*mixed, *(c for c in choices if c.stays))
        return choices

    def _filtered(
        self, kept: Expression, choices: tuple[Choice, ...], section: Section, row: str
    ) -> tuple[Choice, ...]:
        known = self._environment(kept, section, row)
        return tuple(
            choice
            for choice in choices
            if choice.stays or kept.evaluate(replace(known, this=choice.code)) is True
        )

    def _above(self, variable: Variable, row: str) -> Value | None:
        """Return the value of the level above in a cascade; None at the top."""
        codes = [item.code for item in variable.question.items]
        level = codes.index(variable.code)
        return self.values.get((codes[level - 1], row)) if level else None

    def _is_below_nothing(self, variable: Variable, row: str) -> bool:
        """Tell whether the level above of a cascade has no choice that leads on."""
        if variable.item is variable.question.items[0]:
            return False
        above = self._above(variable, row)
        return above is None or not any(choice.parent == above for choice in variable.choices)

    def items(self, question: Question, row: str) -> tuple[Variable, ...]:
        """Return the variables of a question in the order in which they are shown."""
        found = tuple(question.variables())
        if question.is_random and question.items:
            at = f"{question.code}/{row}"
            return order.drawn(found, lambda v: v.code, seed=self.context.seed, at=at)
        return found

    # --- Expressions -----------------------------------------------------------------------

    def evaluate(
        self, expression: Expression, section: Section, row: str, *, this: Operand = None
    ) -> Operand:
        """Return what an expression says at a place of the way."""
        known = self._environment(expression, section, row)
        return expression.evaluate(known if this is None else replace(known, this=this))

    def _environment(self, expression: Expression, section: Section, row: str) -> Environment:
        values: dict[str, Operand | tuple[Operand, ...]] = {}
        missing: dict[str, str] = {}
        for name in expression.references:
            keys = self.keys_of(name, section, row)
            if isinstance(keys, list):
                values[name] = tuple(self.operand(key) for key in keys)
            else:
                values[name] = self.operand(keys)
                reason = self.reason(keys)
                if reason is not None:
                    missing[name] = reason.value
        return Environment(
            values=values,
            missing=missing,
            today=self.context.today,
            unit=row if row in self.context.units else "",
            position=int(row[1:]) if row.startswith(NTH) else 0,
        )

    def keys_of(self, name: str, section: Section, row: str) -> Key | list[Key]:
        """Return the answer that a name means at a place; outside of its rows it means all."""
        variable, home = self.document.variables[name], self.document.section_of[name]
        if variable.question.about_units:
            return (name, row) if row in self.context.units else self._all(name)
        if home.repeat is not None:
            return (name, row) if home is section and row.startswith(NTH) else self._all(name)
        return name, OWN

    def _all(self, name: str) -> list[Key]:
        return [key for key in self.asked if key[0] == name]

    def operand(self, key: Key) -> Operand:
        """Return an answer as expressions take it; None without a value."""
        if key in self._calculated:
            return self._calculated[key]
        value = self.values.get(key)
        if value is None or isinstance(value, Missing):
            return None
        asked = self.asked[key]
        return KINDS[asked.question.kind].operand_of(asked, value)

    def reason(self, key: Key) -> Missing | None:
        """Return why there is no value, None where there is one."""
        value = self.values.get(key)
        asked = self.asked.get(key)
        if asked is None:
            return Missing.NOT_ASKED
        if value is None:
            return Missing.BLANK if self._is_reached(asked) else Missing.NOT_REACHED
        return asked.reason(value)

    def _is_reached(self, asked: Asked) -> bool:
        if self.context.reached is None or not KINDS[asked.question.kind].is_answered:
            return True
        if self.document.layout is Layout.SINGLE:
            return ALL in self.context.reached
        section, row = self.document.section_of[asked.variable.code], asked.row
        return f"{section.code}{row if row.startswith(NTH) else OWN}" in self.context.reached

    # --- Pages -----------------------------------------------------------------------------

    def _pages(self) -> tuple[Page, ...]:
        if self.document.layout is Layout.SINGLE:
            pages = [Page(ALL, tuple(self.parts))] if any(p.is_asked for p in self.parts) else []
        else:
            pages = [Page(part.id, (part,)) for part in self.parts if part.is_asked]
        return tuple(pages)

    @cached_property
    def page_of(self) -> Mapping[str, str]:
        """Return the page on which the answer at each place is given."""
        return {
            asked.place: page.id
            for page in self.pages
            for part in page.parts
            for asked in self.asked_in(part)
        }

    def whole_page(self, section: Section, row: str = OWN) -> Page:
        """Return a page with every question of a section, whatever its condition."""
        units = self.context.units
        posed = tuple(Posed(q, units if q.about_units else (row,)) for q in section.questions)
        part = Part(section, row, posed)
        return Page(part.id, (part,))

    def fields_of(self, page: Page) -> list[Asked]:
        """Return every answer for which a page has fields, those not shown now included."""
        here = {
            v.code for part in page.parts for q in part.section.questions for v in q.variables()
        }
        return [
            self.asked.get((variable.code, row)) or self.would_ask(part.section, variable, row)
            for part in page.parts
            for posed in part.posed
            if KINDS[posed.question.kind].is_answered
            for row in self._rows_on(part, posed, here)
            for variable in posed.question.variables()
        ]

    def _rows_on(self, part: Part, posed: Posed, here: set[str]) -> tuple[str, ...]:
        show = posed.question.show
        if show is None or not show.references & here:
            return posed.rows
        return self.context.units if posed.question.about_units else (part.row,)

    def asked_in(self, part: Part) -> Iterator[Asked]:
        """Yield the answers that a part asks for, in the order of the document."""
        for posed in part.posed:
            for row in posed.rows:
                yield from self.asked_of(posed.question, row)

    def asked_of(self, question: Question, row: str) -> list[Asked]:
        """Return the answers that a question asks for about a row."""
        keys = ((variable.code, row) for variable in question.variables())
        return [self.asked[key] for key in keys if key in self.asked]
