"""The bridge from ballots to tables: no ids, no order of arrival, nothing damaged, weights."""

from __future__ import annotations

from fractions import Fraction

import pyarrow.parquet as pq
import pytest
from sqlalchemy import update

from survey.ballotbox.ballots import is_intact
from survey.dataset import store
from survey.dataset.build import build
from survey.dataset.coding import coded
from survey.dataset.record import BALLOT, CHANNEL, UNIT, WEIGHT
from survey.errors import InvalidError
from survey.model.ballot import Ballot
from survey.model.campaign import Cluster
from survey.questionnaire.parse import parse
from tests.support.campaigns import SmallCampaign, questionnaire


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
    assert weights["NHO", "code"].tolist() == ["5/2"]
    assert weights["LON", "code"].tolist() == ["45"]
    assert weights["LON", "open"].tolist() == ["1"]


def test_weights_are_equal_while_any_size_is_unknown(session):
    small = campaign(session)
    small.stratum("CANBO", "NHO", population=10)
    small.stratum("CANBO", "LON")
    small.ballots("NHO", {"A": {"c1": "A"}}, 4)
    small.ballots("LON", {"A": {"c1": "B"}}, 2)

    rows = build(session, small.campaign).groups[0].rows

    assert set(rows[WEIGHT]) == {"1"}


def test_a_commune_speaks_for_communes_and_its_answers_for_its_people(session):
    small = campaign(session, sampling="cluster")
    communes = communes_of(
        small, 20, 4, {"X1": 300, "X2": 100, "X3": 50, "X4": 50}, {"X1": 7, "X2": 5}
    )

    assert communes.rows.groupby("_cluster")[WEIGHT].unique().to_dict() == {
        "X1": [str(Fraction(20 * 300, 4 * 7))],
        "X2": ["100"],
    }


def communes_of(small, population, sampled, sizes, received):
    stratum = small.stratum("CANBO", population=population, sampled=sampled, clusters=sizes)
    drawn = small.session.query(Cluster).filter_by(stratum_id=stratum.id)
    for commune in drawn.filter(Cluster.code.in_(received)):
        small.ballots("CANBO", {"A": {"c1": "A"}}, received[commune.code], cluster=commune)
    return build(small.session, small.campaign).groups[0]


@pytest.mark.parametrize(
    ("population", "sizes", "received", "frame", "two_stages"),
    [
        # Silent communes count as drawn; the people inside those that answered are a second stage.
        (20, {"X1": 9, "X2": 8, "X3": 5}, {"X1": 3, "X2": 2}, (3, 20, False), True),
        # No size of a silent commune is needed.
        (20, {"X1": 9, "X2": 8, "X3": None}, {"X1": 3, "X2": 2}, (3, 20, False), True),
        # Without the size of every commune that answered: ultimate clusters.
        (20, {"X1": 9, "X2": None, "X3": 5}, {"X1": 3, "X2": 2}, (3, None, False), False),
        (None, {"X1": 9, "X2": 8, "X3": 5}, {"X1": 3, "X2": 2}, (3, None, False), True),
        # Every commune was drawn and answered: its people are the sample.
        (3, {"X1": 9, "X2": 8, "X3": 5}, {"X1": 3, "X2": 2, "X3": 5}, (3, 3, True), True),
        # Every commune was drawn but one is silent: the others count as drawn.
        (3, {"X1": 9, "X2": 8, "X3": 5}, {"X1": 3, "X2": 2}, (2, 3, False), True),
    ],
)
def test_how_communes_were_drawn(session, population, sizes, received, frame, two_stages):
    small = campaign(session, sampling="cluster")

    group = communes_of(small, population, 3, sizes, received)

    drawn = group.design().frame["CANBO"]
    assert (drawn.n_psu, drawn.population, drawn.certainty) == frame
    assert (group.design().psu_size is not None) == two_stages
    if two_stages:
        people = group.ranked_rows.groupby("_cluster")["_cluster_size"].unique()
        assert {code: values.tolist() for code, values in people.items()} == {
            code: [sizes[code]] for code in received
        }


def test_the_box_keeps_refusing_to_be_changed(session):
    small = campaign(session)
    small.stratum("CANBO")
    fill(small, "x")
    session.commit()

    with pytest.raises(Exception, match=r"never changed|permission denied|denied"):
        session.execute(update(Ballot).values(answers="{}"))
    session.rollback()


# --- Why there is no answer ---------------------------------------------------------------------


def put(small, content):
    """Put one ballot with this content into the box."""
    small.launch()
    small.session.add(small.ballot("CANBO", content))


def test_six_reasons_are_six_codes_and_a_blank_stays_zero(session):
    small = campaign(session)
    small.stratum("CANBO")
    reasons = ("refused", "dont_know", "not_applicable", "not_asked", "not_reached", "blank")
    for reason in reasons:
        put(small, {"answers": {}, "units": {"A": {"c2": "A"}}, "missing": {reason: ["c1/A"]}})

    group = build(session, small.campaign).groups[0]

    codes = group.codebook.to_dict()["c1"]
    choices = {"1": "choice", "2": "choice", "3": "choice", "4": "choice", "5": "dont_know"}
    assert codes == choices | {
        "6": "not_reached",
        "7": "not_asked",
        "8": "not_applicable",
        "9": "dont_know",
        "10": "refused",
    }
    assert sorted(group.rows["c1"]) == [0, 6, 7, 8, 9, 10]
    assert set(group.rows["c2"]) == {1}
    assert group.about["items"][0]["codes"]["10"]["label"]["en"] == "Refused"
    assert group.codebook.to_dict()["c2"] == choices


def test_ballots_that_tell_blanks_alone_give_the_dataset_of_ballots_that_tell_nothing(session):
    about = {"answers": {}, "units": {"A": {"c1": "A"}, "B": {}}}
    hashes = []
    for more in ({}, {"missing": {"blank": ["c2/A", "c1/B", "c2/B"]}}):
        small = campaign(session)
        small.stratum("CANBO")
        put(small, about | more)
        hashes.append(build(session, small.campaign).hash)
        session.rollback()

    assert hashes[0] == hashes[1]


def test_a_reason_that_nobody_knows_stops_everything(session):
    small = campaign(session)
    small.stratum("CANBO")
    put(small, {"answers": {}, "units": {"A": {}}, "missing": {"lost": ["c1/A"]}})

    with pytest.raises(InvalidError) as caught:
        build(session, small.campaign)

    assert caught.value.problems[0].code == "foreign"


def test_a_list_too_long_for_a_byte_is_left_to_the_file_of_answers():
    choices = [{"code": f"x{n}", "label": {"vi": f"{n}"}} for n in range(300)]
    document = questionnaire("P", ["c1", "c2"], {"A": "1", "B": "0"}) | {"lists": {"long": choices}}
    question = {"code": "c3", "kind": "single", "text": {"vi": "?"}, "about": "units"}
    document["sections"][0]["questions"].append(question | {"list": "long"})

    assert [v.code for v in coded(parse(document))] == ["c1", "c2"]
