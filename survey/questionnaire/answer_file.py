"""Answers written down in a file of the form of a ballot, for a walk without the web.

    {"answers": {variable: value}, "units": {unit: {variable: value}},
     "groups": {section: [{variable: value}, …]}, "missing": {reason: [place, …]},
     "confirmed": [warning, …], "seed": number, "today": "2026-01-31", "sources": {source: text}}

A value is a text, a whole number, a list of them, or {"missing": reason}. The content of a stored
ballot is such a file: what follows from other answers is left aside and found again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from survey.errors import N_, AnswerError
from survey.questionnaire.document import NTH, OWN, STATED, Document, Key, Missing
from survey.questionnaire.interview import Context
from survey.questionnaire.kinds.base import Raw
from survey.questionnaire.reader import Reader

DAY = date(2026, 1, 1)  # of a walk that does not say when it takes place
KEYS = ("answers", "units", "groups", "missing", "confirmed", "seed", "today", "sources")
FLOAT = N_('Số thập phân phải ghi thành chuỗi, ví dụ "0.5", để không mất chữ số nào.')
VALUE = N_('Câu trả lời phải là chuỗi, số nguyên, danh sách của chúng, hoặc {"missing": lý do}.')
REASONS = {reason.value for reason in STATED}
UNSAID = {reason.value for reason in Missing} - REASONS  # what the path tells, not the respondent


@dataclass(frozen=True)
class Answers:
    """What a file says: the raw answers, and what is known beside them."""

    raw: Mapping[Key, Raw]
    context: Context


def answers_in(document: Document, file: Any, units: Sequence[str] | None = None) -> Answers:
    """Return the answers of a file; raises `AnswerError` with everything that cannot be one."""
    reader = Reader()
    parts = reader.mapping(file, "", KEYS)
    rated = _mapping(reader, parts, "units")
    found = dict(_placed(reader, parts, rated))
    found |= dict(_stated(reader, _mapping(reader, parts, "missing")))
    known = document.variables
    sources = {str(k): str(v) for k, v in _mapping(reader, parts, "sources").items()}
    for code, row in list(found):
        question = known[code].question if code in known else None
        if question is not None and question.kind in {"hidden", "calculated"}:
            value = found.pop((code, row))
            if question.kind == "hidden" and isinstance(value, str):
                sources.setdefault(question.source, value)
    context = Context(
        today=_day(reader, parts.get("today")),
        units=tuple(rated if units is None else units),
        seed=_seed(reader, parts.get("seed", 0)),
        sources=sources,
        confirmed=frozenset(_texts(reader, parts.get("confirmed", []), "confirmed")),
    )
    if reader.problems:
        raise AnswerError(reader.problems)
    return Answers(found, context)


def _placed(
    reader: Reader, parts: Mapping[str, Any], rated: Mapping[str, Any]
) -> Iterator[tuple[Key, Raw]]:
    """Yield every answer of a file under its variable and row."""
    yield from _of(reader, _mapping(reader, parts, "answers"), "answers", OWN)
    for unit, answers in rated.items():
        yield from _of(reader, answers, f"units.{unit}", unit)
    for code, group in _mapping(reader, parts, "groups").items():
        place = f"groups.{code}"
        if not isinstance(group, list):
            reader.wrong(place, "list", N_("Cần một danh sách ở đây."))
            continue
        for number, answers in enumerate(group, 1):
            yield from _of(reader, answers, f"{place}[{number}]", f"{NTH}{number}")


def _of(reader: Reader, answers: Any, place: str, row: str) -> Iterator[tuple[Key, Raw]]:
    for code, value in reader.mapping(answers, place).items():
        raw = _raw(reader, value, f"{place}.{code}")
        if raw is not None:
            yield (code, row), raw


def _raw(reader: Reader, value: Any, place: str) -> Raw | None:
    if value is None:
        return None
    if isinstance(value, list):
        texts = [_text(reader, item, place) for item in value]
        return tuple(text for text in texts if text is not None)
    if isinstance(value, dict) and set(value) == {"missing"} and value["missing"] in REASONS:
        return Missing(value["missing"])
    return _text(reader, value, place)


def _text(reader: Reader, value: Any, place: str) -> str | None:
    """Return a value as a text: numbers as they are written, and whole ones alone."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    is_float = isinstance(value, float)
    reader.wrong(place, "float" if is_float else "value", FLOAT if is_float else VALUE)
    return None


def _stated(reader: Reader, missing: Mapping[str, Any]) -> Iterator[tuple[Key, Raw]]:
    """Yield the reasons that a respondent stated; the others the path tells again."""
    for reason, places in missing.items():
        if reason not in REASONS | UNSAID:
            known = ", ".join(sorted(REASONS))
            message = N_("Giá trị phải là một trong: %(known)s.")
            reader.wrong(f"missing.{reason}", "value", message, known=known)
        for place in _texts(reader, places, f"missing.{reason}") if reason in REASONS else ():
            code, _, row = place.partition("/")
            yield (code, row), Missing(reason)


def _mapping(reader: Reader, parts: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return reader.mapping(parts.get(key, {}), key)


def _texts(reader: Reader, raw: Any, place: str) -> list[str]:
    if isinstance(raw, list) and all(isinstance(text, str) for text in raw):
        return raw
    reader.wrong(place, "list", N_("Cần một danh sách ở đây."))
    return []


def _seed(reader: Reader, raw: Any) -> int:
    return reader.integer(raw, "seed", 0, 2**63 - 1, 0)


def _day(reader: Reader, raw: Any) -> date:
    try:
        return DAY if raw is None else date.fromisoformat(raw)
    except (TypeError, ValueError):
        reader.wrong("today", "date", N_("Cần ngày dạng 2026-01-31."))
        return DAY
