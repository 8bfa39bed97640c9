"""From a JSON document to a `Document`, or to everything wrong with it, each with its place.

Structure first, question by question; then the expressions, which may name only what stands
before them; last what the document as a whole must keep.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from survey.errors import N_, DocumentError, Problem
from survey.questionnaire.bind import bound
from survey.questionnaire.document import Choice, Document, Layout, Section
from survey.questionnaire.parse_choices import choices
from survey.questionnaire.parse_question import CODE, question
from survey.questionnaire.pipes import POSITION, UNIT
from survey.questionnaire.reach import unreachable
from survey.questionnaire.reader import NOT_AN_OBJECT, Reader

MAX_SECTIONS = 200
MAX_QUESTIONS = 500
MAX_VARIABLES = 1000
MAX_LISTED = 20_000
DOCUMENT_CODE = re.compile(r"[A-Za-z0-9][\w./-]{0,31}")

RESERVED = {UNIT, POSITION}  # what pipes call by these names

DOCUMENT_KEYS = (
    "format", "code", "title", "intro", "notice", "languages", "layout", "scales", "lists",
    "sections",
)  # fmt: skip
SECTION_KEYS = ("code", "title", "intro", "questions", "show", "repeat", "checks", "order")


def parse(raw: Any) -> Document:
    """Return the document of a JSON value; raises `DocumentError` with every problem at once."""
    if not isinstance(raw, Mapping):
        raise DocumentError([Problem("/", "object", NOT_AN_OBJECT)])
    reader = Reader()
    document = _document(reader, raw)
    if any(problem.code == "too-many" for problem in reader.problems):
        raise DocumentError(reader.problems)  # before more time is spent on it
    document = bound(reader, document, raw)
    if not reader.problems:
        reader.take(unreachable(document))
    if reader.problems:
        raise DocumentError(reader.problems)
    return document


def _document(reader: Reader, raw: Mapping[str, Any]) -> Document:
    """Return the document without its expressions."""
    parts = reader.mapping(raw, "", DOCUMENT_KEYS)
    if parts.get("format") != 1:
        reader.wrong("format", "format", N_("Cần “format”: 1."))
    reader.languages = reader.language_list(parts.get("languages"))
    named = {
        f"{kind}.{name}": choices(reader, value, f"{kind}.{name}", most=most)
        for kind, most in (("scales", 200), ("lists", MAX_LISTED))
        for name, value in reader.mapping(parts.get(kind, {}), kind).items()
    }
    sections = tuple(
        _section(reader, item, f"sections[{number}]", named)
        for number, item in enumerate(
            reader.sequence(parts.get("sections"), "sections", most=MAX_SECTIONS), 1
        )
    )
    _whole(reader, sections)
    return Document(
        code=reader.name(parts.get("code"), "code", DOCUMENT_CODE),
        title=reader.text(parts.get("title"), "title"),
        intro=reader.text(parts.get("intro"), "intro"),
        notice=reader.text(parts.get("notice"), "notice"),
        languages=reader.languages,
        sections=sections,
        layout=Layout(
            reader.one_of(parts.get("layout", "pages"), "layout", tuple(m.value for m in Layout))
        ),
    )


def _section(
    reader: Reader, raw: Any, place: str, named: Mapping[str, tuple[Choice, ...]]
) -> Section:
    parts = reader.mapping(raw, place, SECTION_KEYS)
    questions = reader.sequence(parts.get("questions"), f"{place}.questions", most=MAX_QUESTIONS)
    found = tuple(
        question(reader, item, f"{place}.questions[{number}]", named)
        for number, item in enumerate(questions, 1)
    )
    if parts.get("repeat") is not None:
        for number, one in enumerate(found, 1):
            if one.about_units:
                message = N_("Phần lặp lại không hỏi theo đơn vị được.")
                reader.wrong(f"{place}.questions[{number}].about", "about", message)
    return Section(
        code=reader.name(parts.get("code"), f"{place}.code", CODE),
        title=reader.text(parts.get("title"), f"{place}.title"),
        intro=reader.optional_text(parts.get("intro"), f"{place}.intro"),
        questions=found,
        is_random=reader.one_of(parts.get("order", "fixed"), f"{place}.order", ("fixed", "random"))
        == "random",
    )


def _whole(reader: Reader, sections: tuple[Section, ...]) -> None:
    """Note what does not fit together: codes that repeat, and too much of everything."""
    reader.unique((s.code for s in sections), "sections")
    questions = [q for s in sections for q in s.questions]
    variables = [v for q in questions for v in q.variables()]
    codes = [*(v.code for v in variables), *(q.code for q in questions if q.items)]
    reader.unique(codes, "questions")
    reader.unique((v.uid for v in variables), "uid")
    for code in RESERVED & set(codes):
        reader.wrong("questions", "reserved", N_("Mã “%(value)s” được dành riêng."), value=code)
    if len(questions) > MAX_QUESTIONS or len(variables) > MAX_VARIABLES:
        message = N_("Quá %(limit)s câu hỏi.")
        reader.wrong("sections", "too-many", message, limit=MAX_QUESTIONS)
