"""Strata and clusters through the whole chain: exact weights, who is missing, and errors."""

from __future__ import annotations

import pytest

from survey.model.campaign import Cluster
from tests.support.campaigns import SmallCampaign, run_result


def one_group(session, units=("A", "B"), **group):
    small = SmallCampaign(session, list(units))
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"}, **group)
    return small


def test_a_true_tie_of_weights_that_do_not_end_is_a_tie(session, settings, at):
    """N/r is 5/3 and 10/3: two of the first stratum like A, one of the second likes B."""
    small = one_group(session)
    small.stratum("CANBO", "X", population=10)
    small.stratum("CANBO", "Y", population=20)
    small.ballots("X", {"A": {"c1": "A"}, "B": {"c1": "D"}}, 2)
    small.ballots("X", {"A": {"c1": "D"}, "B": {"c1": "D"}}, 4)
    small.ballots("Y", {"A": {"c1": "D"}, "B": {"c1": "A"}}, 1)
    small.ballots("Y", {"A": {"c1": "D"}, "B": {"c1": "D"}}, 5)

    block = run_result(small, settings, at)["blocks"][0]

    assert [cell["points"]["fraction"] for cell in block["cells"]] == ["10/9", "10/9"]
    assert [(unit["rank"], unit["tied"]) for unit in block["units"]] == [(1, True), (1, True)]


@pytest.fixture
def silent(session):
    small = one_group(session)
    small.stratum("CANBO", "CO", population=200, sampled=100)
    small.stratum("CANBO", "KHONG", population=300, sampled=100)
    small.stratum("CANBO", "CHUARO", sampled=50)
    small.stratum("CANBO", "BE", population=4, sampled=4)
    small.stratum("CANBO", "NHO", population=6, sampled=6)
    small.ballots("CO", {"A": {"c1": "A"}, "B": {"c1": "B"}}, 8)
    small.ballots("KHONG", {"A": {"c1": "A"}, "B": {"c1": "B"}}, 3, channel="open")
    return small


def test_strata_of_whom_nobody_speaks_are_named_with_their_people(silent, settings, at):
    group = run_result(silent, settings, at)["groups"][0]

    assert group["strata_without_ballots"] == [
        {"code": "CHUARO", "label": "Tầng CHUARO", "population": None},
        {"code": "KHONG", "label": "Tầng KHONG", "population": 300},
    ]


def test_a_group_heard_in_every_stratum_names_none(session, settings, at):
    small = one_group(session)
    small.stratum("CANBO", sampled=100)
    small.ballots("CANBO", {"A": {"c1": "A"}, "B": {"c1": "B"}}, 8)

    assert run_result(small, settings, at)["groups"][0]["strata_without_ballots"] == []


def test_the_page_and_the_note_name_strata_without_ballots(silent, login, at):
    analyst = login("analyst")
    run = analyst.submit("/staff/results/campaigns/XHH-2025", button="Tính kết quả").location

    page, note = analyst.get(run).text, analyst.get(f"{run}/files/method.md").text

    for shown in (page, note):
        assert "Tầng không có phiếu" in shown
        assert "Tầng KHONG (KHONG, 300 người)" in shown
        assert "Tầng CHUARO (CHUARO, không rõ quy mô)" in shown
        assert "Tầng BE" not in shown


SAID = ("AAAAABBC", "BBBBBBCC", "CCCBDDDD")  # in three communes, eight people each


def test_people_inside_communes_add_to_the_error(session, settings, at):
    """Three of four communes; eight of a hundred people each, all eight of eight, or of unknown."""
    small = SmallCampaign(session, ["A"])
    sizes = {"MOT": 100, "HAI": 8, "BA": None}
    for number, (code, people) in enumerate(sizes.items(), 1):
        small.leaf(f"1.{number}", "10")
        small.group(code, {"c1": f"1.{number}"}, sampling="cluster")
        small.stratum(
            code, population=4, sampled=3, clusters=dict.fromkeys(("X1", "X2", "X3"), people)
        )
    for code in sizes:
        drawn = session.query(Cluster).filter_by(stratum_id=small.strata[code].id)
        for commune, said in zip(drawn.order_by(Cluster.code), SAID, strict=True):
            for choice in said:
                small.ballots(code, {"A": {"c1": choice}}, cluster=commune)

    cells = run_result(small, settings, at)["blocks"][0]["cells"]

    sampled, whole, uncorrected = (cell["se"] for cell in cells)
    assert whole < sampled < uncorrected
    assert whole == pytest.approx(uncorrected / 2, rel=1e-9)  # 1 - 3/4 of the variance
