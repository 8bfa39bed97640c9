"""How the columns of a file become ballots: the mapping file as frozen records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.dataset.cells import clean
from survey.errors import N_, ImportFileError, Problem
from survey.fieldwork.reading import Reader
from survey.questionnaire.document import OWN, Document, Key

KEYS = (
    "group", "stratum", "cluster", "count", "unit", "answers", "unit_answers", "ballot_id",
)  # fmt: skip
INVALID = N_("Tệp ghép cột chưa hợp lệ, không có dòng nào được lưu.")
SAME = ""  # as the unit of an answer: the unit that the row is about


@dataclass(frozen=True)
class Source:
    """Where a value comes from: the same for every row, or a column with an optional table."""

    column: str | None
    value: str | None = None
    table: Mapping[str, str] | None = None

    def read(self, raw: str) -> str | None:
        """Return the value of a cell, None when the table does not know it; blanks stay blank."""
        if self.value is not None:
            return self.value
        if self.table is None:
            return raw
        return self.table.get(raw, "" if not raw else None)


@dataclass(frozen=True)
class Plan:
    """A whole mapping; answers are by question and unit, `SAME` being the row's own unit."""

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
        yield (question, unit), _source(reader, source, here)


def _optional(reader: Reader, parts: Mapping[str, Any], name: str) -> Source | None:
    return None if parts.get(name) is None else _source(reader, parts[name], name)


def _source(reader: Reader, raw: Any, place: str) -> Source:
    parts = reader.mapping(raw, place, ("column", "value", "map"))
    if ("column" in parts) == ("value" in parts):
        message = N_("Cần “column” (tên cột) hoặc “value” (giá trị chung).")
        reader.wrong(place, "source", message)
        return Source(None, "")
    if "value" in parts:
        return Source(None, reader.text(parts["value"], f"{place}.value"))
    table: dict[str, str] | None = None
    if parts.get("map") is not None:
        table = {}
        for here, key, value in reader.entries(parts["map"], f"{place}.map"):
            if not isinstance(value, str):
                reader.wrong(here, "text", N_("Giá trị phải là chuỗi chữ."))
            table[clean(key)] = str(value)
    return Source(clean(reader.text(parts["column"], f"{place}.column")), None, table)


def _column(reader: Reader, parts: Mapping[str, Any], name: str) -> str | None:
    return None if parts.get(name) is None else clean(reader.text(parts[name], name))


def check(plan: Plan, document: Document, units: Sequence[str]) -> None:
    """Refuse a mapping that does not fit the questionnaire of its group."""
    problems = [*_misfits(plan, document, units), *_unmapped(plan, document)]
    if problems:
        raise _refusal(problems)


def _misfits(plan: Plan, document: Document, units: Sequence[str]) -> Iterator[Problem]:
    for code, unit in plan.answers:
        place = f"unit_answers.{unit}.{code}" if unit else f"answers.{code}"
        variable = document.variables.get(code)
        if variable is None:
            message = N_("Bộ câu hỏi không có câu “%(value)s”.")
            yield Problem(place, "question", message, {"value": code[:40]})
        elif unit and unit not in units:
            message = N_("Không có đơn vị “%(value)s” để đánh giá.")
            yield Problem(place, "unit", message, {"value": unit[:40]})
        elif unit and not variable.question.about_units:
            message = N_("Câu “%(value)s” không hỏi về từng đơn vị.")
            yield Problem(place, "about", message, {"value": code})
        elif not unit and variable.question.about_units and plan.unit is None:
            message = N_("Câu “%(value)s” hỏi về từng đơn vị: cần “unit” hoặc “unit_answers”.")
            yield Problem(place, "about", message, {"value": code})
    if plan.unit is not None and any(unit for _, unit in plan.answers):
        message = N_("Dùng “unit” hoặc “unit_answers”, không cả hai.")
        yield Problem("unit", "unit", message)
    if plan.ballot_id and plan.unit is None:
        message = N_("“ballot_id” chỉ dùng khi mỗi dòng nói về một đơn vị (“unit”).")
        yield Problem("ballot_id", "unit", message)


def _unmapped(plan: Plan, document: Document) -> Iterator[Problem]:
    mapped = {code for code, _ in plan.answers}
    for variable in document.variables.values():
        if variable.question.is_required and variable.code not in mapped:
            message = N_("Câu “%(value)s” bắt buộc nhưng chưa ghép với cột nào.")
            yield Problem("answers", "required", message, {"value": variable.code})


def own_or(unit: str, question_is_about_units: bool, row_unit: str) -> str:
    """Return the unit that an answer is about in one row, or `OWN`."""
    if unit != SAME:
        return unit
    return row_unit if question_is_about_units else OWN


def _refusal(problems: Sequence[Problem]) -> ImportFileError:
    return ImportFileError(problems, INVALID)
