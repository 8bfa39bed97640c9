"""The bridge from ballots to tables: no ids, no order of arrival, nothing damaged, weights."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from sqlalchemy import update

from survey.ballotbox.ballots import is_intact
from survey.dataset import store
from survey.dataset.build import build
from survey.dataset.record import BALLOT, CHANNEL, UNIT, WEIGHT
from survey.errors import InvalidError
from survey.model.ballot import Ballot
from survey.model.campaign import Cluster
from tests.support.campaigns import SmallCampaign


def campaign(session, units=("A", "B"), **group):
    small = SmallCampaign(session, list(units))
    small.leaf("1.1", "10")
    small.leaf("1.2", "10")
    small.group("CANBO", {"c1": "1.1", "c2": "1.2"}, **group)
    return small


def fill(small, order):
    ballots = {
        "x": {"A": {"c1": "A"}, "B": {"c1": "B", "c2": "D"}},
        "y": {"B": {"c1": "DK"}},
        "z": {"A": {}, "B": {"c2": "C"}},
    }
    for name in order:
        small.ballots("CANBO", ballots[name], 2)
        small.session.flush()


def test_answers_become_small_integers_and_blanks_zero(session):
    small = campaign(session)
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "A"}, "B": {"c1": "DK", "c2": "C"}})

    group = build(session, small.campaign).groups[0]

    rows = group.rows.set_index(UNIT)
    assert rows.loc["A", ["c1", "c2"]].tolist() == [1, 0]
    assert rows.loc["B", ["c1", "c2"]].tolist() == [5, 3]
    assert group.codebook.to_dict()["c1"]["5"] == "dont_know"
    assert rows[BALLOT].nunique() == 1


def test_the_order_of_arrival_leaves_no_trace(session):
    small = campaign(session)
    small.stratum("CANBO")
    fill(small, "xyz")
    first = build(session, small.campaign)
    session.rollback()
    again = campaign(session)
    again.stratum("CANBO")
    fill(again, "zxy")

    second = build(session, again.campaign)

    assert first.hash == second.hash
    assert first.groups[0].rows.equals(second.groups[0].rows)


def test_another_answer_is_another_hash(session):
    small = campaign(session)
    small.stratum("CANBO")
    fill(small, "xy")
    before = build(session, small.campaign).hash

    fill(small, "z")

    assert build(session, small.campaign).hash != before


def test_the_file_holds_the_dataset_and_no_ballot_id(session, settings):
    small = campaign(session)
    small.stratum("CANBO", population=50)
    fill(small, "xyz")
    ids = [ballot.id for ballot in session.query(Ballot)]
    dataset = build(session, small.campaign)

    path = store.save(settings, dataset)

    assert path.name == f"{dataset.hash}.parquet"
    content = path.read_bytes()
    assert not [i for i in ids if i in content or i.hex().encode() in content]
    read = store.load(settings, dataset.hash)
    assert read.hash == dataset.hash
    assert read.groups[0].rows.equals(dataset.groups[0].rows)
    assert read.about == dataset.about
    assert b"xhh" in pq.read_schema(path).metadata
    assert store.save(settings, dataset) == path


def test_a_ballot_that_was_altered_stops_everything(session, backend):
    small = campaign(session)
    small.stratum("CANBO")
    fill(small, "xyz")
    session.flush()
    broken = session.query(Ballot).limit(2).all()
    for ballot in broken:
        # The database refuses to store this; so it happens to the rows in memory.
        ballot.answers = ballot.answers.replace("}", " }", 1)
        assert not is_intact(ballot)

    with session.no_autoflush, pytest.raises(InvalidError) as caught:
        build(session, small.campaign)

    problem = caught.value.problems[0]
    assert (problem.code, problem.values["count"]) == ("broken", 2)


def test_a_ballot_of_another_questionnaire_stops_everything(session):
    small = campaign(session)
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "nonsense"}})

    with pytest.raises(InvalidError) as caught:
        build(session, small.campaign)

    assert caught.value.problems[0].code == "foreign"


def test_more_ballots_than_people_are_named(session):
    small = campaign(session)
    small.stratum("CANBO", population=3, sampled=3)
    fill(small, "xy")

    with pytest.raises(InvalidError) as caught:
        build(session, small.campaign)

    assert caught.value.problems[0].place == "CANBO"
    assert caught.value.problems[0].values == {"received": 4, "size": 3}


def test_every_ballot_speaks_for_its_share_of_the_stratum(session):
    small = campaign(session)
    small.stratum("CANBO", "NHO", population=10)
    small.stratum("CANBO", "LON", population=90)
    small.ballots("NHO", {"A": {"c1": "A"}}, 4)
    small.ballots("LON", {"A": {"c1": "B"}}, 2)
    small.ballots("LON", {"A": {"c1": "B"}}, 5, channel="open")

    rows = build(session, small.campaign).groups[0].rows

    weights = rows.groupby(["_stratum", CHANNEL])[WEIGHT].unique()
    assert weights["NHO", "code"].tolist() == [2.5]
    assert weights["LON", "code"].tolist() == [45.0]
    assert weights["LON", "open"].tolist() == [1.0]


def test_weights_are_equal_while_any_size_is_unknown(session):
    small = campaign(session)
    small.stratum("CANBO", "NHO", population=10)
    small.stratum("CANBO", "LON")
    small.ballots("NHO", {"A": {"c1": "A"}}, 4)
    small.ballots("LON", {"A": {"c1": "B"}}, 2)

    rows = build(session, small.campaign).groups[0].rows

    assert set(rows[WEIGHT]) == {1.0}


def test_a_commune_speaks_for_communes_and_its_answers_for_its_people(session):
    small = campaign(session, sampling="cluster")
    stratum = small.stratum(
        "CANBO", population=20, sampled=4, clusters={"X1": 300, "X2": 100, "X3": 50, "X4": 50}
    )
    communes = {c.code: c for c in session.query(Cluster).filter_by(stratum_id=stratum.id)}
    small.ballots("CANBO", {"A": {"c1": "A"}}, 10, cluster=communes["X1"])
    small.ballots("CANBO", {"A": {"c1": "B"}}, 5, cluster=communes["X2"])

    group = build(session, small.campaign).groups[0]

    assert group.rows.groupby("_cluster")[WEIGHT].unique()["X1"].tolist() == [20 / 4 * 300 / 10]
    assert group.rows.groupby("_cluster")[WEIGHT].unique()["X2"].tolist() == [20 / 4 * 100 / 5]
    frame = group.design().frame["CANBO"]
    assert (frame.n_psu, frame.population) == (4, 20)


def test_the_box_keeps_refusing_to_be_changed(session):
    small = campaign(session)
    small.stratum("CANBO")
    fill(small, "x")
    session.commit()

    with pytest.raises(Exception, match=r"never changed|permission denied|denied"):
        session.execute(update(Ballot).values(answers="{}"))
    session.rollback()
