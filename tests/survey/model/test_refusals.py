"""What must never be, the database refuses: ballots, runs and versions stay as they were."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from survey.ballotbox.ballots import Sheet, is_intact, put, receipt
from survey.ballotbox.codes import tag_of
from survey.ballotbox.keys import read_key
from survey.config import Settings
from survey.db import Database, transaction
from survey.model.ballot import Ballot, Channel, Spent
from survey.model.campaign import Anonymity, Campaign, Stratum
from tests.factories import OPENS, World, make_world
from tests.support.databases import Copies, PostgreSQLCopies, settings_for
from tests.support.postgresql import OWNER


@pytest.fixture
def world(session: Session, settings: Settings) -> World:
    return make_world(session, settings)


def drop_in(session: Session, world: World, *, tag: bytes | None = None) -> Ballot:
    sheet = Sheet(
        id=uuid.uuid4().bytes,
        campaign_id=world.campaign.id,
        stratum_id=world.strata[0].id,
        cluster_id=None,
        version_id=world.version.id,
        channel=Channel.CODE,
        content={"answers": {"post": "1"}, "units": {}},
    )
    with transaction(session):
        ballot = put(session, sheet, day=OPENS.date(), tag=tag)
    assert ballot is not None
    return ballot


@pytest.mark.parametrize(
    "statement",
    ["UPDATE ballot SET answers = '{}'", "DELETE FROM ballot", "DELETE FROM spent"],
)
def test_the_application_cannot_change_or_delete_ballots(
    session: Session, settings: Settings, world: World, statement: str, backend: str
) -> None:
    tag = tag_of(read_key(settings, world.campaign.code), world.codes[0])
    drop_in(session, world, tag=tag)

    with pytest.raises(DBAPIError) as refused, transaction(session):
        session.execute(text(statement))

    wanted = "permission denied" if backend == "postgresql" else "never changed or deleted"
    assert wanted in str(refused.value)


def test_even_the_owner_of_the_database_meets_the_trigger(
    session: Session, settings: Settings, world: World, copies: Copies, tmp_path: Path
) -> None:
    drop_in(session, world)
    if not isinstance(copies, PostgreSQLCopies):
        return  # SQLite has no roles: the test above met the trigger already
    owner = Database(settings_for(tmp_path, copies.server.url(copies.made[-1], OWNER)))

    for statement in ("UPDATE ballot SET answers = ''", "DELETE FROM ballot", "TRUNCATE ballot"):
        with pytest.raises(DBAPIError, match="never changed or deleted"), owner.session() as other:
            other.execute(text(statement))
    owner.dispose()


def test_a_second_ballot_for_a_code_is_refused_by_the_key(
    session: Session, settings: Settings, world: World
) -> None:
    tag = tag_of(read_key(settings, world.campaign.code), world.codes[0])
    first = drop_in(session, world, tag=tag)
    stored = {column.key: getattr(first, column.key) for column in Ballot.__table__.columns}

    session.add(Spent(tag=tag))
    with pytest.raises(IntegrityError, match=r"(?i)pk_spent|UNIQUE"):
        session.flush()
    session.rollback()
    session.add(Ballot(**stored))
    with pytest.raises(IntegrityError, match=r"(?i)pk_ballot|UNIQUE"):
        session.flush()


def test_a_code_that_was_never_issued_buys_nothing(session: Session, world: World) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)fk_spent_tag|FOREIGN KEY"):
        drop_in(session, world, tag=b"x" * 32)


def test_a_stored_ballot_proves_itself_and_shows_no_content_in_its_receipt(
    session: Session, world: World
) -> None:
    first, second = drop_in(session, world), drop_in(session, world)

    assert is_intact(first)
    assert first.answers == second.answers
    assert receipt(first) != receipt(second)


@pytest.mark.parametrize(
    "values", [{"anonymity": Anonymity.OPEN}, {"launched_at": None}, {"is_generated": True}]
)
def test_what_a_launched_campaign_promised_is_fixed(
    session: Session, world: World, values: dict[str, object]
) -> None:
    campaign = session.get_one(Campaign, world.campaign.id)

    for name, value in values.items():
        setattr(campaign, name, value)

    with pytest.raises(DBAPIError, match="fixed"):
        session.flush()


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"sampled": 51, "population_size": 50}, "sample_fits"),
        ({"sampled": -1}, "sampled"),
        ({"sampled": 0, "population_size": 0}, "population"),
    ],
)
def test_an_impossible_stratum_is_refused(
    session: Session, settings: Settings, values: dict[str, int], constraint: str
) -> None:
    world = make_world(session, settings, launched=False)
    stratum = session.get_one(Stratum, world.strata[0].id)

    for name, value in values.items():
        setattr(stratum, name, value)

    with pytest.raises(IntegrityError, match=f"ck_stratum_{constraint}"):
        session.flush()


def test_a_published_version_cannot_be_changed(session: Session, world: World) -> None:
    with pytest.raises(DBAPIError), transaction(session):
        session.execute(text("UPDATE questionnaire_version SET number = 2"))
