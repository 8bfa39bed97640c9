"""Small documents with their scenarios (tests/questionnaires), and a walk without the web.

    {"about": …, "document": …, "scenarios": [{"given": {"lang": …},
      "when": [{"page": …, "fields": {name: value or values}, "go": …, "lang": …,
                "confirm": [warning, …], "sees": [text, …]}],
      "then": {"path": [page, …], "ballot": …, "problems": [[place, code], …]}}]}

Everybody comes by a code and rates the units U2 and U3. `go` is `on` unless it says `back` or
`stay`; `lang` changes the language with what was typed. A ballot in `then` leaves out rated units
of which nothing was said, and the seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from survey.errors import AnswerError
from survey.questionnaire.checks import verdict
from survey.questionnaire.content import content_of
from survey.questionnaire.document import Document, Key, Missing
from survey.questionnaire.fields import field_name, raw_answers
from survey.questionnaire.interview import Context, Interview, Page
from survey.questionnaire.kinds.base import WAY_OUT, Asked, Raw
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.shown import ShownPage, shown
from tests.support.source import ROOT

Json = dict[str, Any]
UNITS = ("U2", "U3")
FOLDER = ROOT / "tests" / "questionnaires"


def small_documents() -> list[Path]:
    """Return the files of the small documents."""
    return sorted(FOLDER.glob("*.json"))


def read_small(path: Path) -> Json:
    return json.loads(path.read_text("utf-8"))


def small_scenarios() -> list[tuple[Json, Json]]:
    """Return every document with each of its scenarios."""
    return [(small, one) for small in map(read_small, small_documents())
            for one in small["scenarios"]]  # fmt: skip


def names_of_scenarios() -> list[str]:
    return [
        f"{path.stem}-{number}"
        for path in small_documents()
        for number, _ in enumerate(read_small(path)["scenarios"], 1)
    ]


def ballot_of(then: Json) -> Json:
    """Return the ballot that a scenario ends in, every rated unit in it."""
    units = {unit: {} for unit in UNITS} | then["ballot"].get("units", {})
    return {"answers": {}} | then["ballot"] | {"units": units}


def posted_of(step: Json) -> dict[str, list[str]]:
    """Return the fields of a step as a browser sends them."""
    return {name: [value] if isinstance(value, str) else value
            for name, value in step.get("fields", {}).items()}  # fmt: skip


def texts_of(page: ShownPage) -> Iterator[str]:
    """Yield the texts that a page shows."""
    for part in page.parts:
        yield from (part.title, part.intro or "", part.label or "")
        for question in part.questions:
            yield from (question.text, question.help or "")


class PureWalk:
    """Somebody who does what a scenario says, page after page, without the web."""

    def __init__(self, document: Document, given: Json) -> None:
        self.document = document
        self.language = given.get("lang", "vi")
        sources = {"channel": "code", "group": "NB"}
        self.context = Context(today=date(2026, 3, 1), units=UNITS, sources=sources, seed=5)
        self.raw: dict[Key, Raw] = {}
        self.page: str | None = self.interview().pages[0].id
        self.problems: set[tuple[str, str]] = set()

    def interview(self) -> Interview:
        return Interview(self.document, self.context, self.raw)

    def there(self) -> Page:
        return next(page for page in self.interview().pages if page.id == self.page)

    def take(self, step: Json) -> None:
        """Fill in a page, or hand in."""
        if step["page"] == "check":
            assert self.page is None
            return
        assert step["page"] == self.page
        before = self.interview()
        seen = list(texts_of(shown(before, self.there(), self.language)))
        for text in step.get("sees", []):
            assert text in seen
        self.keep(before, step)
        if "lang" in step:
            self.language = step["lang"]
        elif step.get("go") != "stay":
            self.go(step, before)

    def keep(self, before: Interview, step: Json) -> None:
        page = self.there()
        shown_fields = before.fields_of(page)
        posted = {name: texts for one in shown_fields for name, texts in self.filled(one)}
        self.raw |= raw_answers(posted | posted_of(step), shown_fields, self.language)
        confirmed = self.context.confirmed | set(step.get("confirm", []))
        self.context = replace(self.context, confirmed=confirmed)

    def filled(self, asked: Asked) -> Iterator[tuple[str, list[str]]]:
        """Yield what the fields of an answer hold before anybody changes them."""
        raw = self.raw.get(asked.key, "")
        if isinstance(raw, Missing):
            yield field_name(asked.key, WAY_OUT), [raw.value]
            return
        parts = KINDS[asked.question.kind].fields_of(asked, raw, self.language)
        yield from ((field_name(asked.key, part), list(texts)) for part, texts in parts.items())

    def go(self, step: Json, before: Interview) -> None:
        after = self.interview()
        ids = [page.id for page in after.pages]
        here = ids.index(str(self.page))
        if step.get("go") == "back":
            self.page = ids[here - 1]
            return
        found = verdict(after, self.page)
        wrong = (*found.problems, *(warned.problem for warned in found.warnings))
        self.problems = {(problem.place, problem.code) for problem in wrong}
        asked = {one.key for one in after.fields_of(self.there())} & set(after.asked)
        newly = any(key not in before.asked and not self.raw.get(key) for key in asked)
        if not self.problems and not newly:
            self.page = ids[here + 1] if here + 1 < len(ids) else None

    def hand_in(self) -> Json | None:
        """Return the ballot, or None and what is wrong with it."""
        try:
            return content_of(self.interview())
        except AnswerError as error:
            self.problems = {(problem.place, problem.code) for problem in error.problems}
            return None
