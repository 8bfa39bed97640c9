"""What a page shows: its questions, rows and choices as plain data in one language."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from survey.questionnaire.canonical import storable
from survey.questionnaire.document import (
    STATED,
    Choice,
    Item,
    Missing,
    Question,
    Variable,
    in_language,
    place_of,
)
from survey.questionnaire.fields import field_name
from survey.questionnaire.interview import Interview, Page, Part, Posed
from survey.questionnaire.kinds.base import Asked
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.pipes import filled, names

UNSEEN = {"hidden", "calculated"}


@dataclass(frozen=True)
class Option:
    """A choice as the partials take it."""

    value: str
    label: str
    stands_alone: bool = False


@dataclass(frozen=True)
class Row:
    """One answer to give; `parts` holds what its fields contain, by the part of their name."""

    name: str
    label: str
    options: tuple[Option, ...]  # that say something
    apart: tuple[Option, ...]  # that say why not, or stand alone
    parts: Mapping[str, tuple[str, ...]]
    stated: str = ""  # what was stated instead of a value
    error: str | None = None
    is_shown: bool = True  # False: a script shows it when another answer asks for it

    @property
    def value(self) -> str | None:
        """Return what a field without parts contains."""
        return next(iter(self.parts.get("", ())), None) or None

    @property
    def values(self) -> tuple[str, ...]:
        """Return everything that a field without parts contains."""
        return self.parts.get("", ())


@dataclass(frozen=True)
class Block:
    """Rows that belong together: the units of one statement, or the statements of a battery."""

    id: str
    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class ShownQuestion:
    """A question with its rows."""

    id: str
    code: str
    kind: str
    number: int | None
    text: str
    help: str | None
    question: Question
    measure: str
    blocks: tuple[Block, ...]
    ways_out: tuple[str, ...]  # reasons that may be stated instead of a value
    condition: str | None  # JSON for the browser, where another answer of the page decides
    operand: str  # the type of its value in expressions
    is_asked: bool = True  # now; False where a script may show it when another answer asks for it

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return every row."""
        return tuple(row for block in self.blocks for row in block.rows)

    @property
    def is_shown(self) -> bool:
        """Tell whether anything of it is to be seen now."""
        return any(row.is_shown for row in self.rows) if self.rows else self.is_asked

    @property
    def is_required(self) -> bool:
        """Tell whether it has to be answered."""
        return self.question.is_required


@dataclass(frozen=True)
class ShownPart:
    """A section of a page."""

    id: str
    title: str
    intro: str | None
    label: str | None  # of one repetition
    questions: tuple[ShownQuestion, ...]


@dataclass(frozen=True)
class ShownPage:
    """A page: what a script needs to mirror the server stands beside its parts."""

    id: str
    title: str
    parts: tuple[ShownPart, ...]
    known: str  # JSON: values of other pages that conditions of this page name
    refreshers: tuple[str, ...] = field(default=())  # variables whose change alters other questions

    @property
    def questions(self) -> tuple[ShownQuestion, ...]:
        """Return every question of the page."""
        return tuple(question for part in self.parts for question in part.questions)


def shown(
    interview: Interview,
    page: Page,
    language: str,
    *,
    first: int = 1,
    errors: Mapping[str, str] | None = None,
) -> ShownPage:
    """Return what a page shows; `first` numbers its questions, `errors` stand by place."""
    printer = _Printer(interview, page, language, errors or {})
    parts = []
    number = first
    for part in page.parts:
        found = printer.part(part, number)
        number += sum(1 for question in found.questions if question.number is not None)
        parts.append(found)
    whole = interview.document.layout.value == "single"
    title = interview.document.title if whole else page.parts[0].section.title
    head = page.parts[0]
    return ShownPage(
        id=page.id,
        title=filled(title, language, interview, head.section, head.row),
        parts=tuple(parts),
        known=printer.known(),
        refreshers=tuple(sorted(printer.refreshers())),
    )


def numbered(page: Page) -> int:
    """Return how many numbered questions a page shows."""
    return sum(
        1
        for part in page.parts
        for posed in part.posed
        if posed.rows and KINDS[posed.question.kind].is_answered
    )


class _Printer:
    def __init__(
        self, interview: Interview, page: Page, language: str, errors: Mapping[str, str]
    ) -> None:
        self.interview = interview
        self.page = page
        self.language = language
        self.errors = errors
        self.scales: dict[int, tuple[tuple[Option, ...], tuple[Option, ...]]] = {}
        self.kept: list[Asked] = []
        self.here = {
            v.code for part in page.parts for q in part.section.questions for v in q.variables()
        }

    def part(self, part: Part, number: int) -> ShownPart:
        questions = []
        for posed in part.posed:
            if posed.question.kind in UNSEEN:
                continue
            found = self.question(part, posed, number)
            if found is not None:
                questions.append(found)
                number += found.number is not None
        section = part.section
        label = self.text(section.repeat.label, part, part.row) if section.repeat else None
        return ShownPart(
            id=part.id,
            title=self.text(section.title, part, part.row),
            intro=self.text(section.intro, part, part.row) or None,
            label=label,
            questions=tuple(questions),
        )

    def question(self, part: Part, posed: Posed, number: int) -> ShownQuestion | None:
        question = posed.question
        is_live = question.show is not None and bool(question.show.references & self.here)
        rows = posed.rows
        if is_live:
            rows = self.interview.context.units if question.about_units else (part.row,)
        if not rows:
            return None
        kind = KINDS[question.kind]
        is_one = len(rows) == 1
        operand = kind.operand_type(question)
        return ShownQuestion(
            id=field_name((question.code, part.row)),
            code=question.code,
            kind=question.kind,
            number=number if kind.is_answered and posed.rows else None,
            text=self.text(question.text, part, rows[0] if is_one else part.row),
            help=self.text(question.help, part, part.row) or None,
            question=question,
            measure=in_language(question.measure, self.language),
            blocks=tuple(self.blocks(part, question, rows, posed.rows)),
            ways_out=tuple(reason.value for reason in STATED if reason in question.missing),
            condition=json.dumps(question.show.as_json()) if is_live and question.show else None,
            operand=operand.value if operand else "",
            is_asked=bool(posed.rows),
        )

    def blocks(
        self, part: Part, question: Question, rows: Sequence[str], shown_rows: Sequence[str]
    ) -> Iterator[Block]:
        if question.kind == "note":
            return
        variables = self.interview.items(question, part.row)
        if question.kind == "matrix":
            for variable in variables:
                found = (
                    self.row(part, variable, row, self.unit(row), is_shown=row in shown_rows)
                    for row in rows
                )
                name = field_name((variable.code, ""))
                yield Block(name, self.text(variable.text, part, part.row), tuple(found))
            return
        made = [
            self.row(
                part, variable, row, self.label(part, variable, row), is_shown=row in shown_rows
            )
            for row in rows
            for variable in variables
            if variable.item is None or self.is_there(variable, row, shown_rows)
        ]
        yield Block(f"{field_name((question.code, part.row))}-rows", "", tuple(made))

    def is_there(self, variable: Variable, row: str, shown_rows: Sequence[str]) -> bool:
        return row not in shown_rows or (variable.code, row) in self.interview.asked

    def row(self, part: Part, variable: Variable, row: str, label: str, *, is_shown: bool) -> Row:
        interview, key = self.interview, (variable.code, row)
        asked = interview.asked.get(key) or interview.would_ask(part.section, variable, row)
        raw = interview.raw.get(key, "")
        stated = raw.value if isinstance(raw, Missing) else ""
        kind = KINDS[variable.question.kind]
        parts = {} if stated else kind.fields_of(asked, raw, self.language)
        return Row(
            name=field_name(key),
            label=label,
            options=self.options(asked)[0],
            apart=self.options(asked)[1],
            parts={name: tuple(map(storable, texts)) for name, texts in parts.items()},
            stated=stated,
            error=self.errors.get(place_of(key)),
            is_shown=is_shown,
        )

    def options(self, asked: Asked) -> tuple[tuple[Option, ...], tuple[Option, ...]]:
        """Return the choices and those that stand apart; questions often share a scale."""
        found = self.scales.get(id(asked.choices))
        if found is None:
            shown = [Option(c.code, self.label_of(c), c.stays) for c in asked.choices]
            apart = tuple(option for option in shown if option.stands_alone)
            found = tuple(option for option in shown if not option.stands_alone), apart
            self.scales[id(asked.choices)] = found
            self.kept.append(asked)  # so that no other choices get the same id
        return found

    def label_of(self, choice: Choice) -> str:
        return in_language(choice.label, self.language)

    def label(self, part: Part, variable: Variable, row: str) -> str:
        if isinstance(variable.item, Item):
            return self.text(variable.text, part, row)
        return self.unit(row) if row in self.interview.context.units else ""

    def unit(self, row: str) -> str:
        return in_language(self.interview.context.unit_names.get(row, {"vi": row}), self.language)

    def text(self, text: Mapping[str, str] | None, part: Part, row: str) -> str:
        return filled(text, self.language, self.interview, part.section, row)

    def known(self) -> str:
        """Return the values of other pages that live conditions of this page name, as JSON."""
        named: dict[str, object] = {}
        for part, question in self.asked():
            references = question.show.references if question.show else frozenset[str]()
            for name in references - self.here if references & self.here else ():
                keys = self.interview.keys_of(name, part.section, part.row)
                value = None if isinstance(keys, list) else self.interview.values.get(keys)
                named[name] = None if isinstance(value, Missing) else value
        return json.dumps(named, ensure_ascii=False, sort_keys=True)

    def asked(self) -> Iterator[tuple[Part, Question]]:
        for part in self.page.parts:
            for posed in part.posed:
                yield part, posed.question

    def refreshers(self) -> Iterator[str]:
        """Yield what other questions of the page take their choices or words from."""
        for _, question in self.asked():
            if question.kind == "cascade":
                yield from (item.code for item in question.items[:-1])
            if question.filter is not None:
                yield from question.filter.references & self.here
            said = (in_language(text, self.language) for text in (question.text, question.help))
            yield from {pipe.name for text in said for pipe in names(text)} & self.here
