"""What ballots and points stand on stays as it was: for the application, and for the owner too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey.clock import now
from survey.config import Settings
from survey.db import Database, transaction
from survey.migrations.rights import ADD_ONLY
from survey.model.ballot import BallotImport
from survey.model.campaign import Campaign
from tests.factories import World, make_world
from tests.support.campaigns import SmallCampaign
from tests.support.databases import Copies, PostgreSQLCopies, settings_for
from tests.support.postgresql import OWNER

CHANGES = [
    "UPDATE credential SET stratum_id = stratum_id + 1",
    "DELETE FROM credential",
    "UPDATE ballot_import SET ballots = 0",
    "DELETE FROM ballot_import",
    "UPDATE leaf SET max_points = '9'",
    "UPDATE framework SET min_valid = 6, min_valid_points = 6",
    "UPDATE framework SET exclude_self = false",
    "UPDATE field SET code = 'x'",
    "UPDATE criterion SET code = 'x'",
    "UPDATE group_weight SET weight = '1'",
    "DELETE FROM group_weight",
    "UPDATE question_leaf SET weight = '0.5'",
    "DELETE FROM question_leaf",
    "UPDATE leaf_exemption SET leaf_id = 1",
    "DELETE FROM leaf_exemption",
    "UPDATE period SET year = 1999",
    "UPDATE questionnaire SET code = 'x'",
]
LATER = {
    "campaign_group": (
        "INSERT INTO campaign_group (campaign_id, group_id, version_id, sampling)"
        " SELECT campaign_id, group_id + 1, version_id, sampling FROM campaign_group"
    ),
    "rating": (
        "INSERT INTO rating (campaign_id, group_id, block_id, scope)"
        " SELECT campaign_id, group_id, block_id + 1, scope FROM rating"
    ),
    "stratum": (
        "INSERT INTO stratum (campaign_id, group_id, code, label, sampled)"
        " SELECT campaign_id, group_id, 'them', label, 1 FROM stratum LIMIT 1"
    ),
    "cluster": (
        "INSERT INTO cluster (stratum_id, code, label)"
        " SELECT id, 'them', label FROM stratum LIMIT 1"
    ),
}
Run = Callable[[str], None]


@pytest.fixture
def filled(session: Session, settings: Settings) -> SmallCampaign:
    """A campaign with a row in every table whose rows are never changed."""
    make_world(session, settings)
    small = SmallCampaign(session)
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"}, weights={"1.1": "0.6"})
    small.stratum("CANBO")
    small.exempt("A", "1.1")
    small.launch()
    session.add(BallotImport(campaign_id=small.campaign.id, file_hash="0" * 64, ballots=1))
    session.commit()
    return small


@pytest.fixture
def as_owner(copies: Copies, session: Session, tmp_path: Path) -> Iterator[Run]:
    """Run a statement with the rights of the schema's owner; SQLite has but one role."""
    if not isinstance(copies, PostgreSQLCopies):
        yield lambda statement: run(session, statement)
        return
    owner = Database(settings_for(tmp_path, copies.server.url(copies.made[-1], OWNER)))
    with owner.session() as own:
        yield lambda statement: run(own, statement)
    owner.dispose()


def run(session: Session, statement: str) -> None:
    with transaction(session):
        session.execute(text(statement))


@pytest.mark.parametrize("statement", CHANGES)
def test_the_application_changes_nothing_that_results_stand_on(
    session: Session, filled: SmallCampaign, statement: str, backend: str
) -> None:
    wanted = "permission denied" if backend == "postgresql" else "never changed or deleted"

    with pytest.raises(DBAPIError, match=wanted):
        run(session, statement)


def test_the_owner_of_the_database_meets_the_triggers(filled: SmallCampaign, as_owner: Run) -> None:
    for statement in CHANGES:
        with pytest.raises(DBAPIError, match="never changed or deleted"):
            as_owner(statement)


def test_rights_and_triggers_guard_the_same_tables(session: Session, backend: str) -> None:
    source = (
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE t.tgname = c.relname || '_refuse_change'"
        if backend == "postgresql"
        else "SELECT tbl_name FROM sqlite_master WHERE name = tbl_name || '_refuse_update'"
    )

    assert set(session.scalars(text(source))) == set(ADD_ONLY)


@pytest.mark.parametrize("table", LATER)
def test_nothing_is_added_to_the_design_of_a_launched_campaign(
    session: Session, filled: SmallCampaign, table: str
) -> None:
    with pytest.raises(DBAPIError, match=f"launched: its rows of {table} are fixed"):
        run(session, LATER[table])


def test_nothing_is_moved_from_a_plan_into_a_launched_campaign(
    session: Session, settings: Settings, filled: SmallCampaign
) -> None:
    plan = Campaign(
        code="XHH-SAU",
        title="Đợt sau",
        title_en="Next",
        period_id=filled.period.id,
        opens_at=filled.campaign.opens_at,
        closes_at=filled.campaign.closes_at,
        anonymity=filled.campaign.anonymity,
        launched_at=None,
        is_generated=False,
    )
    session.add(plan)
    session.commit()
    values = f"{plan.id}, group_id, version_id, sampling"
    run(
        session,
        "INSERT INTO campaign_group (campaign_id, group_id, version_id, sampling)"
        f" SELECT {values} FROM campaign_group WHERE campaign_id <> {filled.campaign.id}",
    )

    with pytest.raises(DBAPIError, match="campaign_group are fixed"):
        run(
            session,
            f"UPDATE campaign_group SET campaign_id = {filled.campaign.id}"
            f" WHERE campaign_id = {plan.id}",
        )


# --- The closing time, by the clock of the database ----------------------------------------------


def world_closing(session: Session, settings: Settings, after: timedelta) -> World:
    at = now()
    times = {"opens_at": at - timedelta(days=9), "closes_at": at + after}
    return make_world(session, settings, **times)  # type: ignore[arg-type]


def move(session: Session, world: World, by: timedelta) -> None:
    with transaction(session):
        session.get_one(Campaign, world.campaign.id).closes_at += by


@pytest.mark.parametrize("since", [timedelta(milliseconds=50), timedelta(days=2)])
def test_a_closed_campaign_is_not_opened_again(
    session: Session, settings: Settings, since: timedelta
) -> None:
    world = world_closing(session, settings, -since)

    with pytest.raises(DBAPIError, match="the campaign is closed"):
        move(session, world, timedelta(days=7))


@pytest.mark.parametrize("by", [timedelta(days=1), timedelta(minutes=-50)])
def test_the_closing_time_of_an_open_campaign_may_move(
    session: Session, settings: Settings, by: timedelta
) -> None:
    world = world_closing(session, settings, timedelta(hours=1))

    move(session, world, by)

    assert session.get_one(Campaign, world.campaign.id).closes_at > now()


def test_the_times_of_a_plan_may_move_even_when_they_have_passed(
    session: Session, settings: Settings
) -> None:
    at = now()
    times = {"opens_at": at - timedelta(days=9), "closes_at": at - timedelta(days=1)}
    world = make_world(session, settings, launched=False, **times)  # type: ignore[arg-type]

    move(session, world, timedelta(days=30))

    assert session.get_one(Campaign, world.campaign.id).closes_at > at
