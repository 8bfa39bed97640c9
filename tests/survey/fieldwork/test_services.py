"""A campaign is launched, gets its codes once, and closes; its design is fixed from the launch."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from survey.ballotbox.codes import ALPHABET, tag_of
from survey.ballotbox.keys import read_key
from survey.config import Settings
from survey.db import Database, transaction
from survey.errors import ClosedError, ConflictError, FrozenError, InvalidError
from survey.fieldwork import queries
from survey.fieldwork.queries import State
from survey.fieldwork.services import close, create_campaign, issue_codes, launch
from survey.model.audit import AuditEvent
from survey.model.ballot import BallotImport, Credential, Spent
from survey.model.campaign import Campaign, Cluster, Sampling, Stratum
from tests.support.fieldwork import AT, BY, definition, lay_foundation


@pytest.fixture
def campaign(session: Session) -> Campaign:
    lay_foundation(session)
    return create_campaign(session, definition(), **BY)


@pytest.fixture
def launched(session: Session, settings: Settings, campaign: Campaign) -> Campaign:
    launch(session, settings, campaign, **BY)
    return campaign


def at(moment: datetime) -> dict[str, object]:
    return BY | {"at": moment}


def test_a_campaign_goes_from_prepared_to_closed(
    session: Session, settings: Settings, campaign: Campaign
) -> None:
    early, late = campaign.opens_at - timedelta(hours=1), campaign.closes_at
    states = [queries.state_of(campaign, AT)]
    launch(session, settings, campaign, **BY)
    states += [queries.state_of(campaign, moment) for moment in (early, AT, late)]

    assert states == [State.PREPARED, State.WAITING, State.OPEN, State.CLOSED]


def test_a_campaign_is_launched_once_and_gets_its_key(
    session: Session, settings: Settings, launched: Campaign
) -> None:
    assert len(read_key(settings, launched.code)) == 32
    with pytest.raises(FrozenError):
        launch(session, settings, launched, **BY)


def test_an_open_link_needs_no_key_and_gets_no_codes(session: Session, settings: Settings) -> None:
    lay_foundation(session)
    campaign = create_campaign(session, definition(anonymity="open"), **BY)
    launch(session, settings, campaign, **BY)

    assert not (settings.instance / "keys").exists()
    with pytest.raises(ConflictError, match="không dùng mã"):
        issue_codes(session, settings, campaign, **BY)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE campaign SET anonymity = 'open'",
        "UPDATE campaign SET launched_at = NULL",
        "UPDATE campaign_group SET sampling = 'census'",
        "UPDATE rating SET scope = 'all'",
        "UPDATE stratum SET sampled = 1",
        "UPDATE cluster SET population_size = 3",
        "DELETE FROM rating",
        "DELETE FROM cluster",
        "DELETE FROM stratum",
    ],
)
def test_the_database_keeps_the_design_of_a_launched_campaign(
    session: Session, launched: Campaign, statement: str
) -> None:
    session.commit()

    with pytest.raises(DBAPIError, match="fixed"), transaction(session):
        session.execute(text(statement))


def test_the_design_may_change_before_the_launch(session: Session, campaign: Campaign) -> None:
    with transaction(session):
        session.execute(text("UPDATE stratum SET sampled = 1"))
        session.execute(text("UPDATE cluster SET population_size = 3"))
        session.execute(text("DELETE FROM rating"))
        session.execute(text("UPDATE campaign_group SET sampling = 'stratified'"))


# --- Codes --------------------------------------------------------------------------------------


def test_every_sampled_person_gets_a_code_that_the_box_knows_only_as_a_hash(
    session: Session, settings: Settings, launched: Campaign
) -> None:
    issued = issue_codes(session, settings, launched, per_cluster=10, **BY)

    by_place = Counter((one.group, one.stratum, one.cluster) for one in issued)
    assert by_place == {
        ("NB", "A", ""): 40,
        ("NB", "B", ""): 30,
        ("NB", "C", ""): 4,
        ("DAN", "T", "X1"): 8,  # no more than people
        ("DAN", "T", "X2"): 10,
    }
    assert all(len(one.code) == 12 and set(one.code) <= set(ALPHABET) for one in issued)
    key = read_key(settings, launched.code)
    strata = dict(session.execute(select(Stratum.id, Stratum.code)).all())
    clusters = dict(session.execute(select(Cluster.id, Cluster.code)).all())
    stored = {
        c.tag: (strata[c.stratum_id], clusters.get(c.cluster_id or 0, ""))
        for c in session.scalars(select(Credential))
    }
    assert stored == {tag_of(key, one.code): (one.stratum, one.cluster) for one in issued}


def test_codes_are_nowhere_in_the_database(
    session: Session, settings: Settings, database: Database, launched: Campaign
) -> None:
    issued = issue_codes(session, settings, launched, per_cluster=1, **BY)
    session.commit()

    with database.engine.connect() as connection:
        tables = ("audit_event", "credential", "campaign", "stratum")
        dump = "".join(
            str(row) for t in tables for row in connection.execute(text(f"SELECT * FROM {t}"))
        )
    assert not [one for one in issued if one.code in dump]
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "codes.issued")).one()
    assert event.details == {"count": len(issued)}


def test_the_rows_are_written_in_the_order_of_their_hashes(
    session: Session, settings: Settings, launched: Campaign, backend: str
) -> None:
    issue_codes(session, settings, launched, per_cluster=10, **BY)

    order = "ctid" if backend == "postgresql" else "tag"
    tags = session.execute(text(f"SELECT tag FROM credential ORDER BY {order}")).scalars().all()
    assert [bytes(tag) for tag in tags] == sorted(bytes(tag) for tag in tags)


def test_codes_for_links_are_longer(
    session: Session, settings: Settings, launched: Campaign
) -> None:
    issued = issue_codes(session, settings, launched, per_cluster=1, length=26, **BY)

    assert {len(one.code) for one in issued} == {26}


def test_codes_are_issued_once(session: Session, settings: Settings, launched: Campaign) -> None:
    issue_codes(session, settings, launched, per_cluster=1, **BY)

    with pytest.raises(FrozenError, match="một lần"):
        issue_codes(session, settings, launched, per_cluster=1, **BY)
    assert queries.codes_issued(session, launched) == 76


def test_two_who_issue_at_the_same_time_get_one_list(
    session: Session, settings: Settings, database: Database, launched: Campaign
) -> None:
    key = launched.id
    session.commit()
    outcomes: list[int | str] = []
    start = threading.Barrier(2)

    def issue() -> None:
        with database.session() as own:
            start.wait()
            try:
                campaign = own.get_one(Campaign, key)
                outcomes.append(len(issue_codes(own, settings, campaign, per_cluster=2, **BY)))
            except FrozenError:
                outcomes.append("refused")

    threads = [threading.Thread(target=issue) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, outcomes)) == ["78", "refused"]


def test_codes_wait_for_the_launch_and_end_with_the_campaign(
    session: Session, settings: Settings, campaign: Campaign
) -> None:
    with pytest.raises(ConflictError, match="phát động"):
        issue_codes(session, settings, campaign, per_cluster=1, **BY)
    launch(session, settings, campaign, **BY)
    with pytest.raises(ClosedError):
        issue_codes(session, settings, campaign, per_cluster=1, **at(campaign.closes_at))


@pytest.mark.parametrize("wrong", [{}, {"per_cluster": 0}, {"per_cluster": 3, "length": 4}])
def test_wrong_wishes_for_codes_are_refused_and_issue_none(
    session: Session, settings: Settings, launched: Campaign, wrong: dict[str, int]
) -> None:
    with pytest.raises(InvalidError):
        issue_codes(session, settings, launched, **wrong, **BY)

    assert queries.codes_issued(session, launched) == 0


# --- Closing ------------------------------------------------------------------------------------


def test_closing_early_moves_the_closing_time_to_now(session: Session, launched: Campaign) -> None:
    close(session, launched, **BY)

    assert launched.closes_at == AT
    with pytest.raises(ConflictError, match="đã đóng"):
        close(session, launched, **at(AT + timedelta(seconds=1)))


def test_only_an_open_campaign_can_be_closed(
    session: Session, settings: Settings, campaign: Campaign
) -> None:
    with pytest.raises(ConflictError, match="chưa mở"):
        close(session, campaign, **BY)
    launch(session, settings, campaign, **BY)
    for moment in (campaign.opens_at - timedelta(days=1), campaign.opens_at):
        with pytest.raises(ConflictError, match="chưa mở"):
            close(session, campaign, **at(moment))


def test_every_step_is_in_the_log(session: Session, settings: Settings, launched: Campaign) -> None:
    issue_codes(session, settings, launched, per_cluster=1, **BY)
    close(session, launched, **BY)

    actions = session.scalars(
        select(AuditEvent.action).where(AuditEvent.thing == launched.code).order_by(AuditEvent.id)
    ).all()
    assert actions == ["campaign.created", "campaign.launched", "codes.issued", "campaign.closed"]


# --- What is told -------------------------------------------------------------------------------


def test_strata_with_too_few_people_are_named(session: Session, campaign: Campaign) -> None:
    assert [(s.code, least) for s, least in queries.small_strata(session, campaign)] == [("C", 5)]


def test_progress_is_told_in_fives_and_not_for_few(
    session: Session, settings: Settings, launched: Campaign
) -> None:
    from survey.ballotbox.ballots import Sheet
    from survey.ballotbox.bulk import put_many
    from survey.model.ballot import Channel

    groups = {g.group.code: g for g in queries.groups(session, launched)}
    for stratum, _ in queries.sample_of(session, groups["NB"]):
        sheets = [
            Sheet(
                id=bytes([stratum.id, n]) * 8,
                campaign_id=launched.id,
                stratum_id=stratum.id,
                cluster_id=None,
                version_id=groups["NB"].version_id,
                channel=Channel.IMPORT,
                content={"answers": {}, "units": {}},
            )
            for n in range({"A": 14, "B": 4, "C": 4}[stratum.code])
        ]
        put_many(session, sheets, day=AT.date())

    staff, citizens = queries.progress(session, launched)

    assert [line.received for line in staff.strata] == [10, 0, None]
    assert (staff.received, staff.sampled) == (20, 74)
    assert [line.received for line in citizens.strata] == [None]
    assert queries.received(session, launched) == 20


# --- What the database refuses ------------------------------------------------------------------


def broken(session: Session, thing: object, name: str) -> None:
    session.add(thing)
    with pytest.raises(IntegrityError) as caught:
        session.flush()
    session.rollback()
    # SQLite names CHECK constraints, and tells of the others by their columns.
    assert name in str(caught.value) or "sqlite3" in str(caught.value)


def test_impossible_rows_are_refused(session: Session, settings: Settings) -> None:
    lay_foundation(session)
    campaign = create_campaign(session, definition(), **BY)
    key = campaign.id
    ids = {"campaign_id": key, "group_id": queries.groups(session, campaign)[0].group_id}
    session.commit()
    stratum = session.scalars(select(Stratum.id)).first()
    row = {"label": "x", "unit_id": None}
    times = {
        "period_id": campaign.period_id,
        "title": "x",
        "title_en": "x",
        "opens_at": AT,
        "anonymity": campaign.anonymity,
        "launched_at": None,
        "is_generated": False,
    }
    later = AT + timedelta(days=1)
    session.commit()

    broken(session, Campaign(code="X", closes_at=AT, **times), "ck_campaign_time")
    broken(session, Campaign(code="XHH-2026", closes_at=later, **times), "uq_campaign_code")
    for values, name in (
        ({"code": "N", "population_size": 0, "sampled": 0}, "ck_stratum_population"),
        ({"code": "N", "population_size": 3, "sampled": -1}, "ck_stratum_sampled"),
        ({"code": "N", "population_size": 3, "sampled": 4}, "ck_stratum_sample_fits"),
        ({"code": "A", "population_size": 3, "sampled": 3}, "uq_stratum"),
    ):
        broken(session, Stratum(**ids, **row, **values), name)
    for code, size, name in (("X1", 0, "ck_cluster_population"),):
        broken(
            session,
            Cluster(stratum_id=stratum, code=code, label="x", population_size=size),
            name,
        )
    tag = {"campaign_id": key, "stratum_id": stratum, "cluster_id": None}
    broken(session, Credential(tag=b"short", **tag), "ck_credential_tag")
    broken(session, Credential(tag=bytes(32), **(tag | {"stratum_id": 9999})), "fk_credential")
    broken(session, Spent(tag=bytes(32)), "fk_spent_tag")
    nothing = BallotImport(campaign_id=key, file_hash="0" * 64, ballots=0)
    broken(session, nothing, "ck_ballot_import_ballots")
    session.add(BallotImport(campaign_id=key, file_hash="0" * 64, ballots=1))
    session.commit()
    session.expunge_all()
    again = BallotImport(campaign_id=key, file_hash="0" * 64, ballots=2)
    broken(session, again, "pk_ballot_import")


def test_a_repeated_cluster_is_refused(session: Session) -> None:
    lay_foundation(session)
    campaign = create_campaign(session, definition(), **BY)
    group = next(g for g in queries.groups(session, campaign) if g.sampling == Sampling.CLUSTER)
    ((stratum, clusters),) = queries.sample_of(session, group)
    twice = Cluster(stratum_id=stratum.id, code=clusters[0].code, label="x", population_size=None)

    broken(session, twice, "uq_cluster")
    assert session.scalar(select(func.count()).select_from(Cluster)) == 2
