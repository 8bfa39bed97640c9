"""Every kind of question in every state, for the page of patterns: from a sample questionnaire."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

from survey.errors import N_
from survey.questionnaire import canonical
from survey.questionnaire.document import Document, Key, Missing, Question, Text, place_of
from survey.questionnaire.interview import Context, Interview
from survey.questionnaire.kinds.base import Raw
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.parse import parse
from survey.questionnaire.shown import ShownQuestion, shown
from survey.web.i18n import gettext

SAMPLE = Path(__file__).with_name("every-kind.json")
TODAY = date(2026, 3, 2)
NAMES = ("Cục Viễn thông", "Cục Phát thanh, truyền hình và thông tin điện tử", "Vụ Hợp tác quốc tế")
SENTENCE = (
    "Câu này dài để thấy chữ xuống dòng ra sao trên màn hình hẹp, kể cả khi phóng to bốn lần. "
)
LONG = (SENTENCE * 23)[:2000]
LONG_LABEL = SENTENCE.strip()
UNBROKEN = "x" * 120  # a word that no line is wide enough for


@dataclass(frozen=True)
class State:
    """The questions of the sample as they look in one state; their ids begin alike."""

    title: str
    questions: tuple[ShownQuestion, ...]


def states() -> list[State]:
    """Return every kind of question: empty, answered, refused, wrong, wordy, about many units."""
    document = sample()
    answers = _answers(document)
    refusals: dict[Key, Raw] = {
        (q.code, row): q.missing[0]
        for q in document.questions()
        if q.missing
        for row in _rows(q, 3)
    }
    wrong = {
        place_of((v.code, row)): gettext(N_("Vui lòng trả lời câu hỏi này."))
        for v in document.variables.values()
        for row in _rows(v.question, 3)
    }
    wanted: list[tuple[str, Document, int, Mapping[Key, Raw], Mapping[str, str]]] = [
        (N_("Chưa trả lời"), document, 3, {}, {}),
        (N_("Đã trả lời"), document, 3, answers, {}),
        (N_("Đã chọn không trả lời"), _only(document, lambda q: bool(q.missing)), 1, refusals, {}),
        (N_("Có chỗ cần sửa"), document, 3, {}, wrong),
        (N_("Chữ rất dài"), _wordy(document), 3, {}, wrong),
        (N_("Một đơn vị"), _only(document, lambda q: q.about_units), 1, {}, {}),
        (N_("Nhiều đơn vị"), _only(document, lambda q: q.about_units), 12, {}, {}),
    ]
    return [
        State(gettext(title), tuple(_questions(f"p{number}_", paper, count, given, errors)))
        for number, (title, paper, count, given, errors) in enumerate(wanted, 1)
    ]


@cache
def sample() -> Document:
    """Return the sample questionnaire: every kind, every appearance."""
    return parse(canonical.loads(SAMPLE.read_text("utf-8")))


def _questions(
    prefix: str,
    document: Document,
    count: int,
    answers: Mapping[Key, Raw],
    errors: Mapping[str, str],
) -> Iterator[ShownQuestion]:
    names: dict[str, Text] = {f"u{n}": {"vi": NAMES[n % len(NAMES)]} for n in range(count)}
    interview = Interview(document, Context(TODAY, tuple(names), names), answers)
    for section in document.sections:
        page = shown(interview, interview.whole_page(section), "vi", errors=errors)
        yield from (_named(question, prefix) for question in page.questions)


def _named(question: ShownQuestion, prefix: str) -> ShownQuestion:
    """Return a question under another name, so that it may stand on the page several times."""
    blocks = tuple(
        replace(
            block,
            id=prefix + block.id,
            rows=tuple(replace(row, name=prefix + row.name) for row in block.rows),
        )
        for block in question.blocks
    )
    return replace(question, id=prefix + question.id, blocks=blocks, condition=None)


def _rows(question: Question, count: int) -> Iterator[str]:
    yield from (f"u{n}" for n in range(count)) if question.about_units else ("",)


def _answers(document: Document) -> dict[Key, Raw]:
    """Return answers that somebody might give."""
    random = Random(1)  # noqa: S311
    names = tuple(_rows(replace(next(document.questions()), about_units=True), 3))
    found: dict[Key, Raw] = {}
    for _ in range(2):  # what is asked follows from answers, so that a second walk finds more
        interview = Interview(document, Context(TODAY, names), found)
        for key, asked in interview.asked.items():
            found.setdefault(key, KINDS[asked.question.kind].sample(asked, random))
    return {key: raw for key, raw in found.items() if not isinstance(raw, Missing)}


def _only(document: Document, wanted: Callable[[Question], bool]) -> Document:
    """Return a document with some of the questions."""
    sections = tuple(
        replace(section, questions=tuple(filter(wanted, section.questions)))
        for section in document.sections
    )
    return replace(document, sections=sections)


def _wordy(document: Document) -> Document:
    """Return a document in which every text is as long as it may be."""
    sections = tuple(
        replace(section, questions=tuple(map(_wordy_question, section.questions)))
        for section in document.sections
    )
    return replace(document, sections=sections)


def _wordy_question(question: Question) -> Question:
    longer = {"vi": LONG_LABEL}
    return replace(
        question,
        text={"vi": f"{LONG}\n{UNBROKEN}"},
        help={"vi": LONG},
        choices=tuple(replace(choice, label=longer) for choice in question.choices),
        items=tuple(
            replace(
                item,
                text=longer,
                choices=tuple(replace(c, label=longer) for c in item.choices),
            )
            for item in question.items
        ),
    )
