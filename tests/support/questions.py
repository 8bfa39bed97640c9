"""Single questions in tests: a document around them, and one of them asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from survey.errors import DocumentError
from survey.questionnaire.document import Document, Key
from survey.questionnaire.fields import field_name, fields_of, raw_answers
from survey.questionnaire.interview import Context, Interview
from survey.questionnaire.kinds.base import Asked, Raw
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.parse import parse

Json = dict[str, Any]
UNITS = ("A", "B")
DAY = date(2026, 3, 1)


def section(*questions: Json, code: str = "s", **more: Any) -> Json:
    return {"code": code, "title": {"vi": code}, "questions": list(questions)} | more


def choices(*codes: str, **more: Any) -> list[Json]:
    return [{"code": code, "label": {"vi": f"{code} (vi)", "en": f"{code} (en)"}} | more
            for code in codes]  # fmt: skip


def question(code: str, kind: str, **more: Any) -> Json:
    return {"code": code, "kind": kind, "text": {"vi": f"{code}?"}} | more


def around(*parts: Json, **more: Any) -> Json:
    """Return a document of sections, or of questions in one section."""
    sections = list(parts) if "questions" in parts[0] else [section(*parts)]
    texts = {key: {"vi": key} for key in ("title", "intro", "notice")}
    head = {"format": 1, "code": "T1", "languages": ["vi", "en"], "sections": sections}
    return head | texts | more


def interview(raw: Json, answers: Mapping[Key, Raw] | None = None, **known: Any) -> Interview:
    """Return an interview with a document, on a certain day."""
    context = Context(**({"today": DAY} | known))
    return Interview(parse(raw), context, answers or {})


def asked(raw: Json, row: str = "", **known: Any) -> Asked:
    """Return the one answer that a question asks for."""
    units = ("A",) if raw.get("about") == "units" else ()
    items = raw.get("items")
    code = items[0]["code"] if items else raw["code"]
    found = interview(around(raw, **known), units=units).asked
    return found[code, row or "".join(units)]


def read(raw: Json, answer: Raw, **known: Any) -> Any:
    """Return what a question makes of a raw answer: a value, None, or the code of a problem."""
    one = asked(raw, **known)
    found = KINDS[one.question.kind].read(one, answer)
    return f"! {found.code}" if hasattr(found, "place") else found


def shown_again(one: Asked, value: Any, language: str) -> Any:
    """Return what is read of the fields that show a value."""
    kind = KINDS[one.question.kind]
    parts = kind.fields_of(one, value, language)
    posted = {field_name(one.key, part): list(texts) for part, texts in parts.items()}
    assert set(posted) <= set(fields_of(one))
    return kind.read(one, raw_answers(posted, [one], language)[one.key])


def faults(raw: Json) -> set[tuple[str, str]]:
    """Return what is wrong with a document: places and codes."""
    try:
        parse(raw)
    except DocumentError as error:
        return {(problem.place, problem.code) for problem in error.problems}
    return set()


def faults_of(raw: Json, **known: Any) -> set[tuple[str, str]]:
    """Return what is wrong with a single question: its keys and codes."""
    start = "sections[1].questions[1]."
    found = faults(around(raw, **known))
    return {(place.removeprefix(start), code) for place, code in found}


def parsed(*parts: Json, **more: Any) -> Document:
    return parse(around(*parts, **more))
