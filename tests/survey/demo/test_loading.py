"""The files of the demonstration are taken by the rooms' own services, on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from survey.ballotbox import codes, keys
from survey.demo import build, queries, services
from survey.demo.files import MINISTRY, document
from survey.demo.generate import Recipe
from survey.errors import NotAllowedError
from survey.fieldwork.services import create_campaign, issue_codes, launch
from survey.model.account import Account
from survey.model.ballot import Ballot, Spent
from survey.model.scoring import PublishedIndex, UnitPoints

FEW = {"response": [0.05, 0.06]}  # enough to see that it works


@pytest.fixture
def foundation(session, at):
    build._foundation(session, actor="test", at=at)


@pytest.fixture
def campaign(foundation, session, at):
    return create_campaign(session, build._trial(at), actor="test", at=at)


@pytest.fixture
def tags(campaign, session, settings, at):
    launch(session, settings, campaign, actor="test", at=at)
    key = keys.make_key(settings, campaign.code)
    issued = issue_codes(session, settings, campaign, actor="test", at=at)
    return {codes.tag_of(key, one.code): one.code for one in issued}


def test_points_and_history_are_stored_and_points_flagged_as_generated(foundation, session, at):
    build._figures(session, actor="test", at=at)

    rows = len((MINISTRY / "appraised-2022.csv").read_text("utf-8").splitlines()) - 1
    generated = session.execute(
        select(UnitPoints.is_generated, func.count()).group_by(UnitPoints.is_generated)
    ).all()

    assert generated == [(True, rows)]
    assert session.scalar(select(func.count()).select_from(PublishedIndex)) == 10


def test_each_group_rates_the_units_that_the_readme_says(campaign, session):
    sizes = Counter(
        (target.place.group, len(target.place.units), target.place.own in target.place.units)
        for target in queries.targets(session, campaign)
    )

    assert sizes == {
        ("NOIBO-CUC", 9, False): 10,
        ("NOIBO-KCQB", 10, False): 11,
        ("NGOAI", 1, True): 10,
    }


def test_generated_ballots_spend_a_code_each_and_leave_some(campaign, tags, session, at):
    recipe = Recipe(document(MINISTRY / "answers.json") | FEW, 1)

    count = services.fill(session, campaign, tags, recipe, actor="test", at=at)

    assert count > 20
    assert session.scalar(select(func.count()).select_from(Ballot)) == count
    assert session.scalar(select(func.count()).select_from(Spent)) == count
    left = queries.unspent(session, campaign)
    assert len(left) == len(tags) - count
    shown = queries.samples(left, tags, 3)
    assert [len(few) for few in shown.values()] == [3, 3, 3]
    spent = set(session.scalars(select(Spent.tag)))
    key_of = {code: tag for tag, code in tags.items()}
    assert not {key_of[code] for few in shown.values() for code in few} & spent


def test_ballots_are_dated_between_opening_and_now(campaign, tags, session, at):
    recipe = Recipe(document(MINISTRY / "answers.json") | FEW, 1)

    services.fill(session, campaign, tags, recipe, actor="test", at=at + timedelta(days=3))

    days = set(session.scalars(select(Ballot.day)))
    assert min(days) >= at.date()
    assert max(days) <= at.date() + timedelta(days=3)


def test_a_real_campaign_takes_no_generated_ballots(foundation, session, settings, at):
    raw = build._trial(at) | {"is_generated": False}
    real = create_campaign(session, raw, actor="test", at=at)

    with pytest.raises(NotAllowedError):
        services.fill(session, real, (), Recipe({}, 1), actor="test", at=at)


def test_a_database_is_empty_until_somebody_puts_something_in(session, at):
    assert queries.is_empty(session)

    session.add(
        Account(
            login="a",
            display_name="A",
            password_hash="x",
            must_change_password=False,
            is_active=True,
            created_at=at,
        )
    )
    session.flush()

    assert not queries.is_empty(session)
