"""Many people behind one address, and somebody who guesses codes behind the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.cli import main
from survey.collection import dial, views
from survey.config import Settings
from survey.model.ballot import Ballot, Draft
from survey.model.campaign import Anonymity
from tests.conftest import FIXED_TIME
from tests.factories import make_world
from tests.support.client import CheckedClient
from tests.support.respondent import Respondent, hidden_of

PEOPLE = 60  # more than may type a wrong code in a minute


def test_nobody_behind_a_shared_address_is_refused_while_somebody_guesses(
    app: Flask,
    session: Session,
    settings: Settings,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = make_world(session, settings, codes_each=PEOPLE // 3 + 1)
    waits: list[float] = []
    monkeypatch.setattr(views.time, "sleep", waits.append)
    statuses = set()

    for code in world.codes[:PEOPLE]:
        guess = app.test_client(use_cookies=False).post(world.url, data={"code": "0000-0000-0000"})
        guess = app.test_client(use_cookies=False).post(world.url, data={"code": "1111-0000-0000"})
        page = app.test_client(use_cookies=False).post(world.url, data={"code": code})
        form = page.headers["Content-Location"].rpartition("/")[0]
        for path, answers in (("page/self", {"q_post": "1"}), ("page/end", {}), ("check", {})):
            page = app.test_client(use_cookies=False).post(
                f"{form}/{path}", data=hidden_of(page.text) | answers
            )
            statuses.add(page.status_code)

    assert statuses == {200}
    assert guess.status_code == 422
    assert len(waits) == 2 * PEOPLE - settings.wrong_codes_per_minute
    assert 1 < waits[0] <= waits[-1] <= views.LONGEST_WAIT_S
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Ballot)) == PEOPLE


def test_ballots_beyond_the_soft_limit_of_an_open_door_are_taken_and_marked(
    make_client: object, client: CheckedClient, session: Session, settings: Settings, at: object
) -> None:
    world = make_world(session, settings, anonymity=Anonymity.OPEN)
    for _ in range(dial.SOFT_LIMIT):
        dial.is_turned("127.0.0.1", FIXED_TIME + timedelta(minutes=9))
    me = Respondent(client, world, "-")
    response = client.submit(world.url, {"door": str(world.strata[0].id)})
    me.url = response.location.rpartition("/")[0]
    me.answer("self", {"q_post": "1"})

    with time_machine.travel(FIXED_TIME + timedelta(minutes=9), tick=False):
        me.hand_in()

    session.rollback()
    (ballot,) = session.scalars(select(Ballot))
    assert ballot.risk == 1


def test_unfinished_answers_expire_by_a_command_too(
    client: CheckedClient,
    session: Session,
    settings: Settings,
    at: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Respondent(client, make_world(session, settings)).open()
    monkeypatch.setenv("XHH_INSTANCE", str(settings.instance))
    monkeypatch.setenv("XHH_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("XHH_UNSAFE_DATABASE", "true")

    with time_machine.travel(FIXED_TIME + timedelta(days=settings.draft_days + 1), tick=False):
        done = CliRunner().invoke(main, ["drafts", "expire"])

    assert "Đã xóa 1 phiếu" in done.output
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Draft)) == 0
