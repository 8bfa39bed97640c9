"""The pages of the results room, as an analyst sees them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from defusedxml.ElementTree import fromstring

from tests.support.campaigns import SmallCampaign
from tests.support.ministry import ten_departments
from tests.support.pages import text

HOME = "/staff/results/"


def test_an_analyst_goes_from_the_list_to_a_run_and_one_unit(session, login, at):
    ten_departments(session)
    analyst = login("analyst")

    listed = analyst.document(HOME)
    assert "Điều tra thử" in text(listed)
    answer = analyst.submit("/staff/results/campaigns/XHH-2025", button="Tính kết quả")
    assert answer.status_code == 303
    shown = text(analyst.document(answer.location))

    assert "Khối CUC" in shown
    assert "Cục Bưu điện Trung ương" in shown
    assert analyst.get(f"{answer.location}/blocks/CUC/units/CVT").status_code == 200
    picture = analyst.get(f"{answer.location}/blocks/CUC/chart.svg")
    assert picture.mimetype == "image/svg+xml"


def test_the_pages_speak_english_as_well(session, login, at):
    ten_departments(session, per_unit=2)
    analyst = login("analyst")
    run = analyst.submit("/staff/results/campaigns/XHH-2025", button="Tính kết quả").location

    page = text(analyst.document(f"{run}?lang=en"))

    for words in ("Ranking", "Generated data", "standard error", "Units by criterion"):
        assert words in page
    assert "Xếp hạng" not in page


def test_neighbours_that_cannot_be_told_apart_are_flagged(session, login, at):
    small = SmallCampaign(session, ["A", "B", "C"])
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "A"}, "B": {"c1": "B"}, "C": {"c1": "D"}}, 10)
    small.ballots("CANBO", {"A": {"c1": "B"}, "B": {"c1": "A"}, "C": {"c1": "C"}}, 8)
    analyst = login("analyst")
    run = analyst.submit("/staff/results/campaigns/XHH-2025", button="Tính kết quả").location

    rows = analyst.document(run).findall(".//{*}table[@id='ranking']/{*}tbody/{*}tr")

    assert ["Chưa phân biệt được" in text(row) for row in rows] == [True, False, False]
    assert ["Khác biệt rõ" in text(row) for row in rows] == [False, True, False]


def test_what_hinders_a_run_is_said_on_a_page(session, login, at):
    small = SmallCampaign(session, ["A"])
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO", population=3, sampled=3)
    small.ballots("CANBO", {"A": {"c1": "A"}}, 5)

    answer = login("analyst").submit("/staff/results/campaigns/XHH-2025", button="Tính kết quả")

    assert answer.status_code == 422
    assert "Có 5 phiếu nhưng quy mô chỉ là 3" in answer.text


def test_only_analysts_see_results(session, login, at):
    ten_departments(session, per_unit=1)

    for role in ("survey_manager", "administrator"):
        assert login(role).get(HOME).status_code == 403


def test_a_unit_without_survey_answers_stands_apart_with_its_reason(session, login, at):
    small = SmallCampaign(session, ["A", "B"])
    small.leaf("0.1", "62.5", mode="appraised")
    small.leaf("1.1", "37.5")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "B"}, "B": {}}, 8)
    small.points("A", "0.1", "50")
    small.points("B", "0.1", "60")
    analyst = login("analyst")
    run = analyst.submit("/staff/results/campaigns/XHH-2025", button="Tính kết quả").location

    page = analyst.document(run)
    (ranked,) = page.findall(".//{*}table[@id='ranking']/{*}tbody/{*}tr")
    (apart,) = page.findall(".//{*}table[@id='unranked']/{*}tbody/{*}tr")

    assert "Cục A" in text(ranked)
    for words in ("Cục B", "chưa đủ điều tra xã hội học", "96,00", "không gồm XHH"):
        assert words in text(apart), words
    unit = text(analyst.document(f"{run}/blocks/CUC/units/B"))
    assert "không xếp hạng" in unit
    assert "chưa đủ điều tra xã hội học" in unit


@pytest.mark.parametrize(
    ("received", "told"), [(12, "≥ 10"), (4, "dưới 5")], ids=["in steps", "too few to say"]
)
def test_ballots_of_an_open_campaign_are_told_from_below(session, login, at, received, told):
    small = SmallCampaign(session, ["A"], closes_at=at + timedelta(days=1))
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "A"}}, received)
    analyst = login("analyst")

    for page in (HOME, "/staff/results/campaigns/XHH-2025"):
        shown = text(analyst.document(page))
        assert told in shown, page
        assert ("làm tròn xuống bội số của 5" in shown) == (received >= 5), page


def test_ballots_of_a_closed_campaign_are_told_exactly(session, login, at):
    ten_departments(session, per_unit=1)
    analyst = login("analyst")

    for page in (HOME, "/staff/results/campaigns/XHH-2025"):
        assert "≥" not in text(analyst.document(page)), page


def test_a_phone_gets_a_drawing_of_its_own(session, login, at):
    ten_departments(session, per_unit=2)
    analyst = login("analyst")
    run = analyst.submit("/staff/results/campaigns/XHH-2025", button="Tính kết quả").location

    (narrow,) = analyst.document(run).findall(".//{*}picture/{*}source")
    drawings = [analyst.get(url) for url in (narrow.get("srcset"), f"{run}/blocks/CUC/chart.svg")]

    assert [drawing.mimetype for drawing in drawings] == ["image/svg+xml"] * 2
    small, wide = (float(fromstring(d.data).get("width").removesuffix("pt")) for d in drawings)
    assert small < wide / 2
