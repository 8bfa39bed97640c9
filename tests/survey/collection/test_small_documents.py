"""Each small document at the test client: door, pages, check, submit, and what is kept."""

from __future__ import annotations

import html
import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.model.ballot import Ballot
from tests.factories import make_world
from tests.support.client import CheckedClient
from tests.support.respondent import Respondent
from tests.support.scenarios import (
    Json,
    ballot_of,
    names_of_scenarios,
    posted_of,
    small_scenarios,
)


class Walker:
    """Somebody at the client who does what a scenario says."""

    def __init__(self, me: Respondent, given: Json) -> None:
        self.me = me
        me.open()
        if "lang" in given:
            me.client.submit(me.at("intro"), forged={"lang": given["lang"]})
        self.at = self.shown = ""

    def take(self, step: Json) -> None:
        """Fill in a page as it stands, and press one of its buttons."""
        path = "check" if step["page"] == "check" else f"page/{step['page']}"
        assert self.at in {"", path}
        page = html.unescape(self.me.get(path).text)
        for text in step.get("sees", []):
            assert text in page
        fields = {
            name: texts if len(texts) != 1 else texts[0] for name, texts in posted_of(step).items()
        }
        pressed = {"go": step.get("go", "on")}
        pressed |= {"confirm": step["confirm"]} if "confirm" in step else {}
        pressed |= {"lang": step["lang"]} if "lang" in step else {}
        if path == "check":
            pressed = {}
        response = self.me.client.submit(self.me.at(path), fields, forged=pressed)
        assert response.status_code in {303, 422}, response.text
        self.shown = response.text
        is_there = response.status_code == 422
        self.at = path if is_there else response.location.removeprefix(f"{self.me.url}/")


@pytest.fixture
def ballots(session: Session):
    def read() -> list[Json]:
        session.rollback()
        return [json.loads(ballot.answers) for ballot in session.scalars(select(Ballot))]

    return read


@pytest.mark.parametrize(("small", "scenario"), small_scenarios(), ids=names_of_scenarios())
def test_a_scenario_ends_in_the_box_as_it_says(
    small: Json,
    scenario: Json,
    client: CheckedClient,
    session: Session,
    settings: Settings,
    at: object,
    ballots,
) -> None:
    world = make_world(session, settings, document=small["document"])
    walker = Walker(Respondent(client, world), scenario["given"])
    then = scenario["then"]

    for step in scenario["when"]:
        walker.take(step)

    if "problems" in then:
        assert walker.at != "check" or scenario["when"][-1]["page"] == "check"
        links = {f'href="#q_{place.replace("/", "__")}' for place, _ in then["problems"] if place}
        assert [link for link in links if link not in walker.shown] == []
        assert ballots() == []
        return
    assert walker.at == "check"
    walker.me.hand_in()
    (ballot,) = ballots()
    ballot.pop("seed", None)
    assert ballot == ballot_of(then)
