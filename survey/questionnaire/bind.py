"""The expressions and pipes of a document, bound to the questions that they name.

What decides whether something is asked may name only what stands before it, so that one walk from
front to back is enough. Checks may name everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from survey.errors import N_, Problem
from survey.questionnaire.cycles import cycles
from survey.questionnaire.document import Check, Choice, Document, Question, Repeat, Section
from survey.questionnaire.expressions.expression import Expression, compile_expression
from survey.questionnaire.expressions.faults import ExpressionError
from survey.questionnaire.expressions.types import Type, Variable
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.parse_question import CODE
from survey.questionnaire.piped import misfits
from survey.questionnaire.reader import Reader

MAX_REPEATS = 50
MAX_CHECKS = 50
MOST_COMPILED = 200_000  # characters of all expressions together
LEAST_COST = 50  # in characters, of a short one
LATER = N_("“%(name)s” đứng sau chỗ này; chỉ dùng được câu hỏi đứng trước.")
CIRCLE = N_("Các câu phụ thuộc vòng tròn vào nhau: %(circle)s.")


def bound(reader: Reader, document: Document, raw: Mapping[str, Any]) -> Document:
    """Return a document with its expressions; what is wrong with them is noted."""
    for place, circle in cycles(document, raw):
        reader.wrong(place, "cycle", CIRCLE, circle=circle)
    binder = _Binder(reader, document)
    sections = raw.get("sections")
    items = sections if isinstance(sections, list) else []
    first = [
        binder.section(section, item, f"sections[{number}]")
        for number, (section, item) in enumerate(zip(document.sections, items, strict=False), 1)
    ]
    whole = [
        binder.checked(section, item, f"sections[{number}]")
        for number, (section, item) in enumerate(zip(first, items, strict=False), 1)
    ]
    found = replace(document, sections=tuple(whole))
    reader.take(misfits(found))
    return found


class _Binder:
    """Compiles part after part, knowing ever more names."""

    def __init__(self, reader: Reader, document: Document) -> None:
        self.reader = reader
        self.document = document
        self.known: dict[str, Type] = {}
        self.nameless: set[str] = set()  # notes, and calculations whose formula is wrong
        self.repeated: set[str] = set()  # sections
        self.left = MOST_COMPILED
        self.seen: dict[tuple[str, bool], Variable] = {}
        self.codes: dict[int, tuple[str, ...]] = {}  # by the identity of choices: lists are long

    def section(self, section: Section, raw: Any, place: str) -> Section:
        """Return a section with what decides about it and about its questions."""
        parts = raw if isinstance(raw, Mapping) else {}
        show = self.expression(parts.get("show"), f"{place}.show", section, None)
        repeat = self.repeat(parts.get("repeat"), f"{place}.repeat", section)
        section = replace(section, show=show, repeat=repeat)
        items = parts.get("questions")
        questions = [
            self.question(question, item, f"{place}.questions[{number}]", section)
            for number, (question, item) in enumerate(
                zip(section.questions, items if isinstance(items, list) else [], strict=False), 1
            )
        ]
        return replace(section, questions=tuple(questions))

    def repeat(self, raw: Any, place: str, section: Section) -> Repeat | None:
        """Return how often a section is asked."""
        if raw is None:
            return None
        self.repeated.add(section.code)
        parts = self.reader.mapping(raw, place, ("count", "most", "label"))
        count = self.expression(
            parts.get("count", ""), f"{place}.count", section, None, wanted=Type.NUMBER
        )
        most = self.reader.integer(parts.get("most"), f"{place}.most", 1, MAX_REPEATS, 1)
        label = self.reader.text(parts.get("label"), f"{place}.label")
        return None if count is None else Repeat(count, most, label)

    def question(self, question: Question, raw: Any, place: str, section: Section) -> Question:
        """Return a question with what decides about it and its choices, and make its name known."""
        parts = raw if isinstance(raw, Mapping) else {}
        show = self.expression(parts.get("show"), f"{place}.show", section, question)
        kept = self.expression(
            parts.get("filter"),
            f"{place}.filter",
            section,
            question,
            this=Variable(question.code, Type.CHOICE, self.codes_of(question.choices)),
        )
        formula = parts.get("value") if question.kind == "calculated" else None
        value = self.expression(formula, f"{place}.value", section, question, wanted=None)
        found = replace(question, show=show, filter=kept, value=value)
        if found.kind == "calculated" and value is None and formula is None:
            self.reader.wrong(f"{place}.value", "value", N_("Cần công thức “value”."))
        operand = KINDS[found.kind].operand_type(found)
        if operand is None:
            self.nameless |= {variable.code for variable in found.variables()}
        else:
            self.known |= dict.fromkeys((v.code for v in found.variables()), operand)
        return found

    def checked(self, section: Section, raw: Any, place: str) -> Section:
        """Return a section with its checks and those of its questions."""
        parts = raw if isinstance(raw, Mapping) else {}
        items = parts.get("questions")
        questions = [
            replace(
                question,
                checks=self.checks(item, f"{place}.questions[{number}]", section, question),
            )
            for number, (question, item) in enumerate(
                zip(section.questions, items if isinstance(items, list) else [], strict=False), 1
            )
        ]
        return replace(
            section,
            questions=tuple(questions),
            checks=self.checks(parts, place, section, None),
        )

    def checks(
        self, raw: Any, place: str, section: Section, question: Question | None
    ) -> tuple[Check, ...]:
        """Return the checks of a question or of a section."""
        if not isinstance(raw, Mapping) or raw.get("checks") is None:
            return ()
        items = self.reader.sequence(raw["checks"], f"{place}.checks", most=MAX_CHECKS)
        found = [
            self.check(item, f"{place}.checks[{number}]", number, section, question)
            for number, item in enumerate(items, 1)
        ]
        self.reader.unique((c.code for c in found if c), f"{place}.checks")
        return tuple(check for check in found if check is not None)

    def check(
        self, raw: Any, place: str, number: int, section: Section, question: Question | None
    ) -> Check | None:
        """Return one check."""
        parts = self.reader.mapping(raw, place, ("code", "that", "message", "severity", "at"))
        operand = None if question is None else self.known.get(question.code)
        this = None
        if question is not None and operand is not None and not question.items:
            this = self.variable(question.code, section, question)
        that = self.expression(parts.get("that", ""), f"{place}.that", section, question, this=this)
        at = parts.get("at")
        homes = section.questions if question is None else (question,)
        if at is not None and not any(at == v.code for q in homes for v in q.variables()):
            message = N_("Không có câu hỏi “%(value)s” ở đây.")
            self.reader.wrong(f"{place}.at", "unknown-name", message, value=str(at)[:40])
        severity = self.reader.one_of(
            parts.get("severity", "error"), f"{place}.severity", ("error", "warning")
        )
        said = self.reader.text(parts.get("message"), f"{place}.message")
        code = self.reader.name(parts.get("code", f"check{number}"), f"{place}.code", CODE)
        if that is None:
            return None
        return Check(code, that, said, severity == "warning", at if isinstance(at, str) else None)

    def expression(
        self,
        raw: Any,
        place: str,
        section: Section,
        question: Question | None,
        *,
        this: Variable | None = None,
        wanted: Type | None = Type.BOOLEAN,
    ) -> Expression | None:
        """Return a compiled expression; None where there is none or something is wrong with it."""
        if raw is None:
            return None
        if not isinstance(raw, str):
            self.reader.wrong(place, "expression", N_("Cần một biểu thức dạng chuỗi chữ."))
            return None
        if not self.affords(raw, place):
            return None
        rows = section.repeat is not None or (question is not None and question.about_units)
        names = _Names(self, section, question)
        try:
            return compile_expression(raw, names, this=this, wanted=wanted, rows=rows)
        except ExpressionError as error:
            self.reader.take(self.told(error, place))
            return None

    def affords(self, text: str, place: str) -> bool:
        """Tell whether there is time for one more expression; said once when there is not."""
        was_left, self.left = self.left, self.left - max(LEAST_COST, len(text))
        if was_left > 0 >= self.left:
            message = N_("Các biểu thức dài tổng cộng quá %(limit)s ký tự.")
            self.reader.wrong(place, "too-many", message, limit=MOST_COMPILED)
        return self.left > 0

    def told(self, error: ExpressionError, place: str) -> Iterator[Problem]:
        """Yield the faults of an expression; a name that stands further on is told as such."""
        for fault in error.faults:
            values = {**fault.values, "column": fault.column}
            name = str(fault.values.get("name", ""))
            if fault.code != "unknown-name" or name not in self.document.variables:
                yield Problem(f"{place}:{fault.column}", fault.code, fault.message, values)
            elif name in self.nameless:
                if self.document.variables[name].question.kind != "calculated":
                    yield Problem(f"{place}:{fault.column}", fault.code, fault.message, values)
            else:
                yield Problem(f"{place}:{fault.column}", "later", LATER, values)

    def variable(self, name: str, section: Section, question: Question | None) -> Variable:
        """Return how a name is seen from a question: one value, or one for each row."""
        variable = self.document.variables[name]
        home = self.document.section_of[name]
        if variable.question.about_units:
            is_list = question is None or not question.about_units
        else:
            is_list = home.code in self.repeated and home.code != section.code
        if (name, is_list) not in self.seen:
            operand = self.known[name]
            coded = operand in {Type.CHOICE, Type.CHOICES} and variable.choices
            codes = self.codes_of(variable.choices) if coded else None
            self.seen[name, is_list] = Variable(name, operand, codes, is_list)
        return self.seen[name, is_list]

    def codes_of(self, choices: tuple[Choice, ...]) -> tuple[str, ...]:
        """Return the codes of choices, the same tuple for the same choices."""
        if id(choices) not in self.codes:
            self.codes[id(choices)] = tuple(choice.code for choice in choices)
        return self.codes[id(choices)]


class _Names(Mapping[str, Variable]):
    """What may be named at one place."""

    def __init__(self, binder: _Binder, section: Section, question: Question | None) -> None:
        self.binder = binder
        self.section = section
        self.question = question

    def __getitem__(self, name: str) -> Variable:
        if name not in self.binder.known:
            raise KeyError(name)
        return self.binder.variable(name, self.section, self.question)

    def __iter__(self) -> Iterator[str]:
        return iter(self.binder.known)

    def __len__(self) -> int:
        return len(self.binder.known)
