"""A walk with detours ends in the same ballot as the straight walk with the same last answers."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select as chosen_from

from survey.config import Settings
from survey.db import Database
from survey.model.ballot import Ballot
from tests.conftest import FIXED_TIME
from tests.factories import World, make_world
from tests.support.client import CheckedClient, find_form, form_values
from tests.support.databases import SQLiteCopies, settings_for
from tests.support.pages import elements, parse
from tests.support.respondent import Respondent

Json = dict[str, Any]
WALKS = 25
DETOURS = ("on", "on", "on", "on", "back", "stay", "language", "reload", "resume", "change", "jump")


def text(said: str) -> dict[str, str]:
    return {"vi": said, "en": f"{said} (en)"}


def choices(*codes: str) -> list[Json]:
    return [{"code": code, "label": text(code), "parent": code[:-1] or None} for code in codes]


def listed(*codes: str) -> list[Json]:
    return [{k: v for k, v in choice.items() if v is not None} for choice in choices(*codes)]


def plain(*codes: str) -> list[Json]:
    return [{"code": code, "label": text(code)} for code in codes]


def asked(code: str, kind: str, **more: Any) -> Json:
    return {"code": code, "kind": kind, "text": text(code), **more}


def document() -> Json:
    """Return conditions across and within pages, a repetition, a cascade, random orders."""
    first = [
        asked("visited", "yes_no", required=True),
        asked("wait", "decimal", decimals=1, minimum=0, maximum=9, show="${visited} = 'yes'"),
        asked("people", "integer", minimum=0, maximum=3),
    ]
    place = [
        asked("where", "cascade", items=[
            {"code": "up", "list": "up", "text": text("Tỉnh")},
            {"code": "low", "list": "low", "text": text("Xã")}]),
        asked("doors", "multiple", order="random", choices=plain("a", "b", "c")),
        asked("best", "single", order="random", choices=plain("a", "b", "c"),
              filter="selected(${doors}, .)", show="count_selected(${doors}) > 1"),
    ]  # fmt: skip
    child = [
        asked("age", "integer", minimum=0, maximum=9),
        asked("school", "yes_no", show="${age} >= 6"),
    ]
    end = [
        asked("rate", "rating", about="units", minimum=1, maximum=3),
        asked("story", "text", show="${visited} = 'yes'"),
        asked("total", "calculated", value="sum(${age})"),
    ]
    label = {"vi": "Con ${position}"}
    sections: list[Json] = [
        {"code": "first", "questions": first},
        {"code": "place", "questions": place, "order": "random", "show": "${visited} = 'yes'"},
        {"code": "child", "questions": child,
         "repeat": {"count": "${people}", "most": 3, "label": label}},
        {"code": "end", "questions": end},
    ]  # fmt: skip
    head = {"format": 1, "code": "W1", "languages": ["vi", "en"]}
    lists = {"up": plain("1", "2"), "low": listed("1a", "1b", "2a", "2b")}
    texts = {name: text(name) for name in ("title", "intro", "notice")}
    titled = [one | {"title": text(one["code"])} for one in sections]
    return head | texts | {"lists": lists, "sections": titled}


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "q_visited": st.sampled_from(["yes", "yes", "no"]),
    "q_wait": st.sampled_from(["", "1.5", "2"]),
    "q_people": st.sampled_from(["", "0", "1", "2", "3"]),
    "q_up": st.sampled_from(["", "1", "2"]),
    "q_low": st.sampled_from(["", "1a", "1b", "2a", "2b"]),
    "q_doors": st.lists(st.sampled_from("abc"), unique=True).map(sorted),
    "q_best": st.sampled_from(["a", "b", "c"]),
    "q_rate__U2": st.sampled_from(["", "1", "3"]),
    "q_rate__U3": st.sampled_from(["", "2"]),
    "q_story": st.sampled_from(["", "Một ngày", "<b> & {{1}}"]),
    **{f"q_age__@{n}": st.sampled_from(["", "3", "7"]) for n in (1, 2, 3)},
    **{f"q_school__@{n}": st.sampled_from(["yes", "no"]) for n in (1, 2, 3)},
}
PLANS = st.fixed_dictionaries(VALUES)


@dataclass
class Paper:
    """An application on SQLite with a campaign; every walk takes a new code."""

    app: Flask
    settings: Settings
    world: World
    codes: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self.codes = iter(self.world.codes)

    def client(self) -> CheckedClient:
        found = self.app.test_client()
        assert isinstance(found, CheckedClient)
        return found

    def ballots(self) -> dict[bytes, Json]:
        database = Database(self.settings)
        with database.reading_session() as session:
            stored = session.scalars(chosen_from(Ballot))
            found = {one.id: json.loads(one.answers) for one in stored}
        database.dispose()
        return found


@pytest.fixture(scope="module")
def paper(sqlite_copies: SQLiteCopies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paper]:
    from survey.app import create_app

    folder: Path = tmp_path_factory.mktemp("walks")
    settings_here = settings_for(folder, sqlite_copies.copy(folder))
    database = Database(settings_here)
    with time_machine.travel(FIXED_TIME, tick=False):
        with database.session() as session:
            world = make_world(
                session, settings_here, document=document(), codes_each=4 * WALKS + 50
            )
        database.dispose()
        world.codes = world.codes[: 4 * WALKS + 50]  # all of the raters of one unit
        app = create_app(settings_here)
        app.testing, app.test_client_class = True, CheckedClient
        yield Paper(app, settings_here, world)
        app.extensions["xhh"].dispose()


def offers(form: Element, name: str) -> set[str] | None:
    """Return what may be chosen in a field; None where anything may be typed."""
    buttons = [e for e in elements(form, "input") if e.get("name") == name]
    chosen = [e.get("value") or "" for e in buttons if e.get("type") in {"radio", "checkbox"}]
    for select in elements(form, "select"):
        if select.get("name") == name:
            chosen += [option.get("value") or "" for option in elements(select, "option")]
    return set(chosen) or None


class Walker:
    """Somebody who goes through the form by its own buttons, and may go astray."""

    def __init__(self, paper: Paper) -> None:
        self.paper, self.code = paper, next(paper.codes)
        self.language = "vi"
        self.resume()

    def resume(self) -> None:
        """Open the form with the code, on another device."""
        self.me = Respondent(self.paper.client(), self.paper.world, self.code)
        self.me.open()
        self.here = self.pages()[0]

    def pages(self) -> list[str]:
        """Return the pages on the path, as the page with all answers lists them."""
        document = parse(self.me.get("check").text)[0]
        found = [b.get("formaction") or "" for b in elements(document, "button")]
        ids = [one.partition("/page/")[2].partition("#")[0] for one in found if "/page/" in one]
        first = ["first"]
        return list(dict.fromkeys(first + ids))

    def send(self, plan: Json, go: str = "on", **more: str) -> str:
        """Fill in the page with what a plan says and return the page that follows."""
        path = self.me.at(f"page/{self.here}")
        document = parse(self.me.client.get(path).text)[0]
        form = find_form(document, {"revision"}, None)
        sent = form_values(form)
        fields = {e.get("name") or "" for e in elements(form, "input", "select", "textarea")}
        for name in fields & set(plan):
            value = plan[name]
            value = self.typed(value) if name.startswith("q_wait") else value
            wanted = value if isinstance(value, list) else [value]
            offered = offers(form, name)
            sent.setlist(name, [one for one in wanted if offered is None or one in offered])
        response = self.me.client.post(path, data=sent.to_dict(flat=False) | {"go": go} | more)
        if response.status_code == 422:  # other questions have come up, or an answer is missing
            return self.here
        assert response.status_code == 303, response.text
        return response.location.rpartition("/")[2]

    def typed(self, number: str) -> str:
        return number if self.language == "en" else number.replace(".", ",")

    def straight_on(self, plan: Json) -> None:
        """Go from the first page to the last, each as often as it asks for more."""
        self.here = "first"
        for _ in range(40):
            following = self.send(plan)
            if following == "check":
                return
            self.here = following
        raise AssertionError(f"no end at {self.here}")

    def astray(self, step: str, plan: Json, other: Json) -> None:
        """Take one step that a straight walk would not."""
        if step in {"on", "back", "stay"}:
            self.arrive(self.send(plan, go=step))
        elif step == "change":
            self.arrive(self.send(other))
        elif step == "language":
            self.language = {"vi": "en", "en": "vi"}[self.language]
            self.arrive(self.switch(plan))
        elif step == "reload":
            assert self.me.get(f"page/{self.here}").status_code == 200
        elif step == "jump":
            self.here = self.pages()[-1]
        else:
            self.language = "vi"
            self.resume()

    def switch(self, plan: Json) -> str:
        """Change the language by the button, which keeps what is typed before it shows more."""
        before, self.language = self.language, {"vi": "en", "en": "vi"}[self.language]
        following = self.send(plan, go="on", lang=before)
        self.language = before
        return following

    def arrive(self, page: str) -> None:
        self.here = page if page not in {"check", "intro"} else self.pages()[0]

    def hand_in(self) -> Json | None:
        """Send the ballot and return what it holds; None when it says nothing."""
        before = set(self.paper.ballots())
        if "content" not in self.me.hidden() or not self.me.hidden()["content"]:
            return None
        self.me.hand_in()
        (new,) = set(self.paper.ballots()) - before
        found = self.paper.ballots()[new]
        assert isinstance(found.pop("seed"), int)
        return found


@settings(
    max_examples=WALKS, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    plan=PLANS,
    others=st.lists(PLANS, min_size=1, max_size=3),
    steps=st.lists(st.sampled_from(DETOURS), max_size=9),
)
def test_detours_end_in_the_ballot_of_the_straight_walk(
    paper: Paper, plan: Json, others: list[Json], steps: list[str]
) -> None:
    straight = Walker(paper)
    straight.straight_on(plan)
    wanderer = Walker(paper)
    other = itertools.cycle(others)
    for step in steps:
        wanderer.astray(step, plan, next(other))
    wanderer.straight_on(plan)

    a, b = wanderer.hand_in(), straight.hand_in()
    assert a == b
