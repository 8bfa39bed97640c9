"""Who goes back and forth, resumes and changes the language ends where the straight way does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.clock import local_date
from survey.config import Settings
from survey.errors import AnswerError
from survey.model.ballot import Ballot
from survey.questionnaire.content import content
from survey.questionnaire.document import Key, Missing
from survey.questionnaire.fields import field_name
from survey.questionnaire.interview import Context
from survey.questionnaire.kinds.base import WAY_OUT, Asked, Raw
from survey.questionnaire.kinds.registry import KINDS
from tests.conftest import FIXED_TIME
from tests.factories import World, make_world
from tests.support.client import CheckedClient
from tests.support.documents import Json, Made, answers, made
from tests.support.pages import elements, parse
from tests.support.respondent import Respondent

UNITS = ("U2", "U3")
MOVES = 10


def case(seed: int) -> tuple[Made, dict[Key, Raw], dict[Key, Raw], Json]:
    """Return a random document, its answers, others, and the ballot of the straight way."""
    random = Random(seed)
    while True:
        one = made(random)
        raw, other = (answers(random, one.raw, UNITS, junk=0) for _ in range(2))
        known = Context(
            today=local_date(FIXED_TIME),
            units=UNITS,
            sources={"channel": "code", "group": "NB"},
        )
        try:
            ballot = content(one.document, known, raw)
        except AnswerError:
            continue
        if len(one.document.sections) > 2 and "confirmed" not in ballot:
            return one, raw, other, {key: ballot[key] for key in ballot if key != "seed"}


class Wanderer:
    """Somebody at the client who fills in one page after the other, from any browser."""

    def __init__(self, make_client: Callable[[], CheckedClient], world: World, one: Made) -> None:
        self.make_client, self.world, self.document = make_client, world, one.document
        self.resume()

    def resume(self) -> None:
        """Come again with the same code, from a browser that knows nothing."""
        self.me = Respondent(self.make_client(), self.world)
        self.me.open()
        self.language = "vi"
        self.begin()

    def begin(self) -> None:
        """Go to the first page."""
        self.follow(self.me.client.submit(self.me.at("intro"), forged={"go": "open"}))

    def follow(self, sent: TestResponse) -> None:
        assert sent.status_code in {303, 422}, sent.text
        if sent.status_code == 303:
            self.at = sent.location.removeprefix(f"{self.me.url}/")
        if self.at == "intro":
            self.begin()

    def fill(self, raw: Mapping[Key, Raw], go: str, **more: str) -> None:
        """Fill in every field of the page that is open, and press a button."""
        page = parse(self.me.get(self.at).text)[0]
        names = [str(e.get("name")) for e in elements(page, "input", "select", "textarea")]
        fields: dict[str, Any] = {name: "" for name in names if name.startswith("q_")}
        shown = (pair for key, given in raw.items() for pair in self.shown(key, given))
        fields |= {name: texts for name, texts in shown if name in fields}
        sent = self.me.client.submit(self.me.at(self.at), fields, forged={"go": go, **more})
        self.language = more.get("lang", self.language)
        self.follow(sent)

    def shown(self, key: Key, given: Raw) -> Iterator[tuple[str, list[str]]]:
        if isinstance(given, Missing):
            yield field_name(key, WAY_OUT), [given.value]
            return
        variable = self.document.variables[key[0]]
        asked = Asked(variable, key[1], variable.choices)
        parts = KINDS[variable.question.kind].fields_of(asked, given, self.language)
        yield from ((field_name(key, part), list(texts) or [""]) for part, texts in parts.items())


@pytest.mark.parametrize("seed", range(8))
def test_a_detour_ends_in_the_same_ballot_as_the_straight_way(
    seed: int,
    make_client: Callable[[], CheckedClient],
    session: Session,
    settings: Settings,
    at: object,
) -> None:
    one, raw, other, straight = case(seed)
    random = Random(seed)
    someone = Wanderer(make_client, make_world(session, settings, document=one.raw), one)

    for _ in range(MOVES):
        move = random.choice(["on", "on", "back", "stay", "lang", "resume"])
        answers_now = random.choice([raw, other])
        if move == "resume":
            someone.resume()
        elif someone.at == "check":
            someone.begin()
        elif move == "lang":
            someone.fill(answers_now, "stay", lang=random.choice(["vi", "en"]))
        else:
            someone.fill(answers_now, move)
    someone.begin()
    for _ in range(60):
        if someone.at != "check":
            someone.fill(raw, "on")
    someone.me.hand_in()

    session.rollback()
    (ballot,) = session.scalars(select(Ballot))
    kept = json.loads(ballot.answers)
    kept.pop("seed", None)
    assert kept == straight
