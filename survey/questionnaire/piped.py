"""The texts of a document whose pipes name something that is not there yet."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from survey.errors import N_, Problem
from survey.questionnaire.document import Document, Question, Section, Text
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.pipes import POSITION, UNIT, Pipe, PipeError, split

UNKNOWN = N_("“${%(name)s}” không phải câu hỏi đứng trước chỗ này.")
Placed = Iterator[tuple[str, Text | None, Collection[str]]]  # place, text, what it may name


def misfits(document: Document) -> Iterator[Problem]:
    """Yield what is wrong with the pipes of a document, each with its place."""
    for place, text, known in _texts(document):
        for language, said in (text or {}).items():
            yield from _in_text(f"{place}.{language}", said, known)


def _in_text(place: str, text: str, known: Collection[str]) -> Iterator[Problem]:
    try:
        parts = split(text)
    except PipeError as error:
        yield Problem(place, "pipe", str(error))
        return
    for part in parts:
        if isinstance(part, Pipe) and part.name not in known:
            yield Problem(place, "unknown-name", UNKNOWN, {"name": part.name})


def _texts(document: Document) -> Placed:
    for key in ("title", "intro", "notice"):
        yield key, getattr(document, key), ()
    known: list[str] = []
    everything = [v.code for q in document.questions() if _is_named(q) for v in q.variables()]
    for number, section in enumerate(document.sections, 1):
        place = f"sections[{number}]"
        rows = [POSITION] if section.repeat else []
        yield f"{place}.title", section.title, [*known, *rows]
        yield f"{place}.intro", section.intro, [*known, *rows]
        if section.repeat:
            yield f"{place}.repeat.label", section.repeat.label, [*known, *rows]
        for n, check in enumerate(section.checks, 1):
            yield f"{place}.checks[{n}].message", check.message, [*everything, *rows]
        for n, question in enumerate(section.questions, 1):
            yield from _of_question(f"{place}.questions[{n}]", question, section, known, everything)
            if _is_named(question):
                known.extend(v.code for v in question.variables())


def _of_question(
    place: str, question: Question, section: Section, known: list[str], everything: list[str]
) -> Placed:
    rows = [POSITION] if section.repeat else []
    rows += [UNIT] if question.about_units else []
    yield f"{place}.text", question.text, [*known, *rows]
    yield f"{place}.help", question.help, [*known, *rows]
    for n, item in enumerate(question.items, 1):
        yield f"{place}.items[{n}].text", item.text, [*known, *rows]
    for n, check in enumerate(question.checks, 1):
        yield f"{place}.checks[{n}].message", check.message, [*everything, *rows]


def _is_named(question: Question) -> bool:
    return KINDS[question.kind].operand_type(question) is not None
