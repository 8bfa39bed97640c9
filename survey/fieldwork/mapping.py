"""How the columns of a file become ballots: the mapping file as frozen records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.dataset.cells import clean
from survey.errors import N_, ImportFileError, Problem
from survey.fieldwork.reading import Reader
from survey.questionnaire.document import (
    NTH,
    OWN,
    STATED,
    Document,
    Key,
    Missing,
    Section,
    Variable,
)
from survey.questionnaire.kinds.registry import KINDS

KEYS = (
    "group", "stratum", "cluster", "count", "unit", "answers", "unit_answers", "repeat_answers",
    "ballot_id",
)  # fmt: skip
INVALID = N_("Tệp ghép cột chưa hợp lệ, không có dòng nào được lưu.")
SAME = ""  # as the unit of an answer: the unit that the row is about


@dataclass(frozen=True)
class Source:
    """Where a value comes from: the same for every row, or a column with an optional table."""

    column: str | None
    value: str | None = None
    table: Mapping[str, str | Missing] | None = None

    def read(self, raw: str) -> str | None:
        """Return the value of a cell, None when the table does not know it; blanks stay blank."""
        return self.value if self.value is not None else self.translated(raw)

    def translated(self, text: str) -> str | Missing | None:
        """Return what the table says of a text; without a table the text itself."""
        if self.table is None:
            return text
        return self.table.get(text, "" if not text else None)


@dataclass(frozen=True)
class Plan:
    """A whole mapping; answers are by question and row: a unit, or `@1` of a repetition.

    `SAME` is the unit that the row of the file is about, or the respondent.
    """

    group: str
    stratum: Source
    cluster: Source | None
    count: str | None
    unit: Source | None
    ballot_id: str | None
    answers: Mapping[Key, Source]

    def columns(self) -> list[str]:
        """Return the columns that the file has to have."""
        sources = [self.stratum, self.cluster, self.unit, *self.answers.values()]
        named = [source.column for source in sources if source is not None]
        return [name for name in (*named, self.count, self.ballot_id) if name is not None]


def parse(raw: Any) -> Plan:
    """Return the mapping in a JSON value; raises `ImportFileError` with every problem."""
    reader = Reader(_refusal)
    parts = reader.mapping(raw, "", KEYS)
    reader.needs(parts, "", "stratum")
    answers = dict(_answers(reader, parts.get("answers", {}), "answers", SAME))
    for place, unit, inner in reader.entries(parts.get("unit_answers", {}), "unit_answers"):
        answers |= dict(_answers(reader, inner, place, unit))
    for place, number, inner in reader.entries(parts.get("repeat_answers", {}), "repeat_answers"):
        answers |= dict(_answers(reader, inner, place, f"{NTH}{number}"))
    plan = Plan(
        group=reader.code(parts.get("group"), "group"),
        stratum=_optional(reader, parts, "stratum") or Source(None, ""),
        cluster=_optional(reader, parts, "cluster"),
        count=_column(reader, parts, "count"),
        unit=_optional(reader, parts, "unit"),
        ballot_id=_column(reader, parts, "ballot_id"),
        answers=answers,
    )
    if not answers:
        reader.wrong("answers", "empty", N_("Chưa ghép cột nào với câu hỏi."))
    if plan.count and plan.ballot_id:
        message = N_("Dùng “count” hoặc “ballot_id”, không cả hai.")
        reader.wrong("ballot_id", "count", message)
    reader.finish()
    return plan


def _answers(reader: Reader, raw: Any, place: str, unit: str) -> Iterator[tuple[Key, Source]]:
    for here, question, source in reader.entries(raw, place):
        yield (question, unit), _source(reader, source, here, states=True)


def _optional(reader: Reader, parts: Mapping[str, Any], name: str) -> Source | None:
    return None if parts.get(name) is None else _source(reader, parts[name], name)


def _source(reader: Reader, raw: Any, place: str, *, states: bool = False) -> Source:
    parts = reader.mapping(raw, place, ("column", "value", "map"))
    if ("column" in parts) == ("value" in parts):
        message = N_("Cần “column” (tên cột) hoặc “value” (giá trị chung).")
        reader.wrong(place, "source", message)
        return Source(None, "")
    if "value" in parts:
        return Source(None, reader.text(parts["value"], f"{place}.value"))
    table: dict[str, str | Missing] | None = None
    if parts.get("map") is not None:
        entries = reader.entries(parts["map"], f"{place}.map")
        table = {clean(key): _said(reader, value, here, states) for here, key, value in entries}
    return Source(clean(reader.text(parts["column"], f"{place}.column")), None, table)


def _said(reader: Reader, raw: Any, place: str, states: bool) -> str | Missing:
    """Return a text, or the reason that is stated where one may be."""
    if states and isinstance(raw, Mapping):
        parts = reader.mapping(raw, place, ("missing",))
        known = {reason.value: reason for reason in STATED}
        found = known.get(str(parts.get("missing")))
        if found is None:
            message = N_("“missing” phải là một trong: %(known)s.")
            reader.wrong(place, "missing", message, known=", ".join(known))
        return found or ""
    if not isinstance(raw, str):
        reader.wrong(place, "text", N_("Giá trị phải là chuỗi chữ."))
    return str(raw)


def _column(reader: Reader, parts: Mapping[str, Any], name: str) -> str | None:
    return None if parts.get(name) is None else clean(reader.text(parts[name], name))


def check(plan: Plan, document: Document, units: Sequence[str]) -> None:
    """Refuse a mapping that does not fit the questionnaire of its group."""
    problems = [*_misfits(plan, document, units), *_unmapped(plan, document)]
    if problems:
        raise _refusal(problems)


def _misfits(plan: Plan, document: Document, units: Sequence[str]) -> Iterator[Problem]:
    for (code, row), source in plan.answers.items():
        place = _place(code, row)
        variable = document.variables.get(code)
        if variable is None:
            message = N_("Bộ câu hỏi không có câu “%(value)s”.")
            yield Problem(place, "question", message, {"value": code[:40]})
        elif not KINDS[variable.question.kind].is_answered:
            message = N_("Câu “%(value)s” không nhận câu trả lời từ tệp.")
            yield Problem(place, "not-answered", message, {"value": code})
        else:
            section = document.section_of[code]
            yield from _misplaced(plan, place, variable, section, row, units)
            yield from _unstated(source, place, variable)
    if plan.unit is not None and any(row and not row.startswith(NTH) for _, row in plan.answers):
        message = N_("Dùng “unit” hoặc “unit_answers”, không cả hai.")
        yield Problem("unit", "unit", message)
    if plan.ballot_id and plan.unit is None:
        message = N_("“ballot_id” chỉ dùng khi mỗi dòng nói về một đơn vị (“unit”).")
        yield Problem("ballot_id", "unit", message)


def _place(code: str, row: str) -> str:
    if row.startswith(NTH):
        return f"repeat_answers.{row[1:]}.{code}"
    return f"unit_answers.{row}.{code}" if row else f"answers.{code}"


def _misplaced(
    plan: Plan, place: str, variable: Variable, section: Section, row: str, units: Sequence[str]
) -> Iterator[Problem]:
    """Yield an answer that is about what its question does not ask about."""
    is_about, values = variable.question.about_units, {"value": variable.code}
    if section.repeat is not None and not is_about:
        known = [f"{NTH}{number}" for number in range(1, section.repeat.most + 1)]
        if row not in known:
            message = N_(
                "Câu “%(value)s” lặp lại: ghép trong “repeat_answers” theo số thứ tự 1 … %(most)s."
            )
            yield Problem(place, "repeat", message, {**values, "most": section.repeat.most})
    elif row.startswith(NTH):
        yield Problem(place, "repeat", N_("Câu “%(value)s” không nằm trong phần lặp lại."), values)
    elif row and row not in units:
        message = N_("Không có đơn vị “%(value)s” để đánh giá.")
        yield Problem(place, "unit", message, {"value": row[:40]})
    elif row and not is_about:
        yield Problem(place, "about", N_("Câu “%(value)s” không hỏi về từng đơn vị."), values)
    elif not row and is_about and plan.unit is None:
        message = N_("Câu “%(value)s” hỏi về từng đơn vị: cần “unit” hoặc “unit_answers”.")
        yield Problem(place, "about", message, values)


def _unstated(source: Source, place: str, variable: Variable) -> Iterator[Problem]:
    """Yield the reasons of a map that the question does not take."""
    by_choice = {choice.missing for choice in variable.choices}
    for text, said in (source.table or {}).items():
        known = said in variable.question.missing or said in by_choice
        if isinstance(said, Missing) and not known:
            message = N_("Câu “%(value)s” không nhận “%(reason)s”.")
            values = {"value": variable.code, "reason": said.value}
            yield Problem(f"{place}.map.{text}", "missing", message, values)


def _unmapped(plan: Plan, document: Document) -> Iterator[Problem]:
    """Yield what everybody has to answer and no column brings."""
    mapped = {code for code, _ in plan.answers}
    for variable in document.variables.values():
        question, section = variable.question, document.section_of[variable.code]
        is_always_asked = not (question.show or section.show or section.repeat)
        if question.is_required and is_always_asked and variable.code not in mapped:
            message = N_("Câu “%(value)s” bắt buộc nhưng chưa ghép với cột nào.")
            yield Problem("answers", "required", message, {"value": variable.code})


def own_or(unit: str, question_is_about_units: bool, row_unit: str) -> str:
    """Return the unit that an answer is about in one row, or `OWN`."""
    if unit != SAME:
        return unit
    return row_unit if question_is_about_units else OWN


def _refusal(problems: Sequence[Problem]) -> ImportFileError:
    return ImportFileError(problems, INVALID)
