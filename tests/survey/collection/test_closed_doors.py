"""When a campaign takes no ballots, and when the database does not answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from survey.ballotbox.codes import tag_of
from survey.ballotbox.keys import read_key
from survey.collection import drafts, queries, services
from survey.config import Settings
from survey.db import Database, transaction
from survey.errors import ClosedError
from survey.model.ballot import Ballot
from survey.model.campaign import Campaign
from survey.questionnaire import canonical
from tests.factories import CLOSES, OPENS, make_world
from tests.support.client import CheckedClient
from tests.support.databases import Copies, PostgreSQLCopies, settings_for
from tests.support.postgresql import OWNER
from tests.support.respondent import Respondent, hidden_of


@pytest.fixture
def owner(copies: Copies, settings: Settings, tmp_path: Path) -> Iterator[Database]:
    """The same database with the rights of its owner, to take something away from it."""
    url = settings.database_url
    if isinstance(copies, PostgreSQLCopies):
        url = copies.server.url(copies.made[-1], OWNER)
    database = Database(settings_for(tmp_path, url))
    yield database
    database.dispose()


@pytest.mark.parametrize(
    ("opens", "closes", "says"),
    [
        (datetime(2026, 6, 1, tzinfo=UTC), CLOSES, "chưa mở"),
        (OPENS, datetime(2026, 2, 1, tzinfo=UTC), "đã kết thúc"),
    ],
)
def test_out_of_time_the_door_says_when(
    client: CheckedClient,
    session: Session,
    settings: Settings,
    at: object,
    opens: datetime,
    closes: datetime,
    says: str,
) -> None:
    world = make_world(session, settings, opens_at=opens, closes_at=closes)

    response = client.get(world.url)

    assert response.status_code == 410
    assert says in response.text
    assert world.campaign.title not in client.get("/").text


def test_a_prepared_campaign_is_not_there_for_the_public(
    client: CheckedClient, session: Session, settings: Settings, at: object
) -> None:
    world = make_world(session, settings, launched=False)

    assert client.get(world.url).status_code == 404


def test_a_campaign_that_closes_meanwhile_takes_no_ballot(
    client: CheckedClient, session: Session, settings: Settings, at: datetime
) -> None:
    world = make_world(session, settings)
    me = Respondent(client, world)
    me.open()
    me.answer("self", {"q_post": "1"})
    hidden = me.hidden()
    with transaction(session):
        session.get_one(Campaign, world.campaign.id).closes_at = at - timedelta(minutes=1)

    response = client.post(me.at("check"), data=hidden)

    assert response.status_code == 410
    session.rollback()
    assert session.scalars(select(Ballot)).all() == []


def test_a_ballot_that_waited_for_an_early_closing_is_not_taken(
    database: Database, session: Session, settings: Settings, at: datetime
) -> None:
    world = make_world(session, settings)
    tag = tag_of(read_key(settings, world.campaign.code), world.codes[0])
    found = queries.entry_of_code(session, world.campaign, tag)
    assert found is not None
    token = drafts.token_of(settings, world.campaign.code, world.codes[0])
    visit = drafts.begin(session, settings, found[0], token, at=at)
    answers = {("post", ""): "1"}
    visit = drafts.change(session, settings, visit, lambda now: replace(now, answers=answers))
    form = queries.form_of(session, visit, queries.round_of(world.campaign), at=at)
    content = canonical.digest(services.content_of(form))
    session.commit()
    with database.session() as manager, transaction(manager):
        manager.get_one(Campaign, world.campaign.id).closes_at = at + timedelta(seconds=1)

    with pytest.raises(ClosedError):
        services.submit(
            session, settings, form, ballot_id=visit.ballot_id, content_hash=content, at=at
        )

    assert session.scalars(select(Ballot)).all() == []


def test_nobody_can_prove_an_answer_once_the_campaign_is_over(
    client: CheckedClient, session: Session, settings: Settings, at: datetime
) -> None:
    world = make_world(session, settings)
    me = Respondent(client, world)
    me.open()
    me.answer("self", {"q_post": "1"})
    hidden = me.hidden()
    client.post(me.at("check"), data=hidden)
    with transaction(session):
        session.get_one(Campaign, world.campaign.id).closes_at = at - timedelta(minutes=5)

    soon = client.post(me.at("check"), data=hidden)
    with transaction(session):
        session.get_one(Campaign, world.campaign.id).closes_at = at - timedelta(minutes=16)
    late = client.post(me.at("check"), data=hidden)

    assert soon.status_code == 303
    assert late.status_code == 410


def test_when_the_database_does_not_confirm_the_form_can_be_sent_again(
    client: CheckedClient, session: Session, settings: Settings, owner: Database, at: object
) -> None:
    world = make_world(session, settings)
    me = Respondent(client, world)
    me.open()
    me.answer("self", {"q_post": "1"})
    hidden = me.hidden()
    rename(owner, "ballot", "ballot_away")

    away = client.post(me.at("check"), data=hidden)
    rename(owner, "ballot_away", "ballot")
    again = client.post(me.at("check"), data=hidden_of(away.text), follow_redirects=True)

    assert away.status_code == 503
    assert "không bị tính hai lần" in away.text
    assert away.headers["Retry-After"] == "5"
    assert "Đã nhận phiếu" in again.text
    session.rollback()
    assert len(session.scalars(select(Ballot)).all()) == 1


def test_a_page_is_given_back_when_the_database_does_not_confirm(
    client: CheckedClient, session: Session, settings: Settings, owner: Database, at: object
) -> None:
    me = Respondent(client, make_world(session, settings))
    me.open()
    hidden = me.hidden("page/end")
    rename(owner, "campaign_group", "campaign_group_away")
    rename(owner, "draft", "draft_away")

    away = client.post(me.at("page/end"), data=hidden | {"q_comment": "không mất"})
    rename(owner, "draft_away", "draft")
    rename(owner, "campaign_group_away", "campaign_group")
    again = client.post(me.at("page/end"), data=hidden_of(away.text))

    assert away.status_code == 503
    assert "không mất" in away.text
    assert again.status_code == 303
    assert "không mất" in me.get("page/end").text


def test_wrong_codes_are_slowed_but_never_stop_a_right_one(
    client: CheckedClient, session: Session, settings: Settings, at: object
) -> None:
    world = make_world(session, settings)
    few = replace(settings, wrong_codes_per_minute=2)
    client.application.extensions["xhh"].settings = few
    started = time.monotonic()

    for _ in range(few.wrong_codes_per_minute + 1):
        response = client.submit(world.url, {"code": "0000-0000-0000"})
    slowed = time.monotonic() - started

    assert response.status_code == 422
    assert slowed >= 1
    assert client.submit(world.url, {"code": world.codes[0]}).status_code == 303


def rename(database: Database, old: str, new: str) -> None:
    with database.engine.connect() as connection:
        connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
        connection.commit()
