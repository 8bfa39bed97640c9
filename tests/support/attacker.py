"""A respondent with a valid code who sends what no page sends, and looks into the own draft."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from survey.collection import drafts
from survey.collection.drafts import Visit
from survey.config import Settings
from survey.model.ballot import Ballot
from tests.conftest import FIXED_TIME
from tests.factories import make_world
from tests.support import catalogue
from tests.support.client import CheckedClient, find_form, form_values
from tests.support.pages import elements, parse, text
from tests.support.respondent import Respondent

ALLOWED = {200, 303, 400, 403, 404, 409, 410, 413, 415, 422}
LONGEST_S = 2.0  # of the processor's time, which a busy machine does not stretch
PAGES = ("chon", "thang", "so", "con@1", "chu")


class Attacker(Respondent):
    """A respondent with a valid code, who can look into the own draft."""

    def __init__(
        self, client: CheckedClient, session: Session, settings: Settings, **more: Any
    ) -> None:
        world = make_world(session, settings, document=catalogue.every_question())
        super().__init__(client, world, **more)
        self.session, self.settings = session, settings
        self.open()
        self.token = self.hidden("intro")["visit"]

    def kept(self) -> Visit:
        """Return the draft as it is stored, the time of the last sign left out."""
        self.session.rollback()
        found = drafts.find(self.session, self.settings, self.token, at=FIXED_TIME)
        assert found is not None
        return found[0]

    def ballots(self) -> list[Ballot]:
        self.session.rollback()
        return list(self.session.scalars(select(Ballot)))

    def fill_in(self) -> None:
        """Give good answers to everything that has to be answered."""
        for page in PAGES:
            response = self.answer(page, catalogue.GOOD.get(page))
            assert response.status_code == 303, text(parse(response.text)[0])

    def form(self, page: str) -> MultiDict[str, Any]:
        """Return what a page sends when nothing is changed."""
        document = parse(self.get(f"page/{page}").text)[0]
        return form_values(find_form(document, {"revision"}, None), "Tiếp tục")

    def offered(self, page: str) -> set[str]:
        document = parse(self.get(f"page/{page}").text)[0]
        names = {e.get("name") or "" for e in elements(document, "input", "select", "textarea")}
        return {n for n in names if n.startswith("q_") and not n.endswith("--missing")}

    def send(self, path: str, **request: Any) -> TestResponse:
        with in_time():
            response = self.client.post(self.at(path), **request)
        assert response.status_code in ALLOWED
        return response


@contextmanager
def in_time() -> Iterator[None]:
    started = time.thread_time()
    yield
    assert time.thread_time() - started < LONGEST_S
