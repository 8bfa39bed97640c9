"""The texts of a document whose pipes name something that is not there yet."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from survey.errors import N_, Problem
from survey.questionnaire.document import Document, Question, Section, Text
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.pipes import POSITION, UNIT, Pipe, PipeError, split

UNKNOWN = N_("“${%(name)s}” không phải câu hỏi đứng trước chỗ này.")
UNCOUNTED = N_("“${%(name)s}” ở đây không phải một con số nên không có dạng số nhiều.")


@dataclass(frozen=True)
class _Placed:
    """A text, what it may name, and the section that it stands in."""

    place: str
    text: Text | None
    known: AbstractSet[str]
    rows: AbstractSet[str] = frozenset()  # words about the row: unit, position
    section: Section | None = None


def misfits(document: Document) -> Iterator[Problem]:
    """Yield what is wrong with the pipes of a document, each with its place."""
    for placed in _texts(document):
        for language, said in (placed.text or {}).items():
            yield from _in_text(document, placed, f"{placed.place}.{language}", said)


def _in_text(document: Document, placed: _Placed, place: str, text: str) -> Iterator[Problem]:
    try:
        parts = split(text)
    except PipeError as error:
        yield Problem(place, "pipe", str(error))
        return
    for part in parts:
        if not isinstance(part, Pipe):
            continue
        if part.name not in placed.known and part.name not in placed.rows:
            yield Problem(place, "unknown-name", UNKNOWN, {"name": part.name})
        elif part.forms and not _is_number(document, part.name, placed.section):
            yield Problem(place, "type", UNCOUNTED, {"name": part.name})


def _is_number(document: Document, name: str, section: Section | None) -> bool:
    """Tell whether a name is one number, as it is seen from a section."""
    if name in {UNIT, POSITION}:
        return name == POSITION
    question, home = document.variables[name].question, document.section_of[name]
    is_one = not question.about_units and (home.repeat is None or home is section)
    return is_one and KINDS[question.kind].operand_type(question) is Type.NUMBER


def _texts(document: Document) -> Iterator[_Placed]:
    for key in ("title", "intro", "notice"):
        yield _Placed(key, getattr(document, key), frozenset())
    known: set[str] = set()  # grows while the texts are looked at, one after the other
    everything = {v.code for q in document.questions() if _is_named(q) for v in q.variables()}
    for number, section in enumerate(document.sections, 1):
        place = f"sections[{number}]"
        rows = frozenset({POSITION}) if section.repeat else frozenset[str]()
        yield _Placed(f"{place}.title", section.title, known, rows, section)
        yield _Placed(f"{place}.intro", section.intro, known, rows, section)
        if section.repeat:
            yield _Placed(f"{place}.repeat.label", section.repeat.label, known, rows, section)
        for n, check in enumerate(section.checks, 1):
            here = f"{place}.checks[{n}].message"
            yield _Placed(here, check.message, everything, rows, section)
        for n, question in enumerate(section.questions, 1):
            here = f"{place}.questions[{n}]"
            yield from _of_question(here, question, section, known, everything)
            if _is_named(question):
                known.update(v.code for v in question.variables())


def _of_question(
    place: str, question: Question, section: Section, known: set[str], everything: set[str]
) -> Iterator[_Placed]:
    named = {POSITION: section.repeat is not None, UNIT: question.about_units}
    rows = frozenset(name for name, is_there in named.items() if is_there)
    yield _Placed(f"{place}.text", question.text, known, rows, section)
    yield _Placed(f"{place}.help", question.help, known, rows, section)
    for n, item in enumerate(question.items, 1):
        yield _Placed(f"{place}.items[{n}].text", item.text, known, rows, section)
    for n, check in enumerate(question.checks, 1):
        here = f"{place}.checks[{n}].message"
        yield _Placed(here, check.message, everything, rows, section)


def _is_named(question: Question) -> bool:
    return KINDS[question.kind].operand_type(question) is not None
