"""Files for everybody: small groups withheld, and no sum or second run that tells them."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import openpyxl
import pytest

from survey.results import files
from survey.results.public import WITHHELD
from survey.results.services import make_run, release
from tests.support.campaigns import SmallCampaign
from tests.support.ministry import ten_departments

# The rules are the same on every database; one test below asks both.
once = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
ABOUT = {"A": {"c1": "A"}, "B": {"c1": "B"}}
OTHERS = {"A": {"c1": "C"}, "B": {"c1": "D"}}


@pytest.fixture
def small(session):
    """Staff who are many and disagree; three of a second group, of which fifty were asked."""
    small = SmallCampaign(session, ["A", "B"], min_valid=1, min_valid_points=1)
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.group("NGOAI", {"c1": "1.1"}, sampling="stratified")
    small.stratum("CANBO", sampled=60)
    small.stratum("NGOAI", sampled=50)
    small.ballots("CANBO", ABOUT, 12)
    small.ballots("CANBO", OTHERS, 9)
    small.ballots("NGOAI", ABOUT, 2)
    small.ballots("NGOAI", OTHERS, 1)
    return small


def run_of(small, settings, at):
    return make_run(small.session, settings, small.campaign, actor="an", at=at, seed=0)


def released(small, settings, run):
    return release(small.session, settings, run)


def cell(result, unit="A", leaf="1.1"):
    (found,) = (c for c in result["blocks"][0]["cells"] if (c["unit"], c["leaf"]) == (unit, leaf))
    return found


@once
def test_a_small_group_and_the_one_that_would_tell_it_are_withheld(small, settings, at):
    found = cell(released(small, settings, run_of(small, settings, at)))

    assert [(v["score"], v["ballots"], v["reason"]) for v in found["groups"]] == [
        (None, None, WITHHELD),
        (None, None, WITHHELD),
    ]


@once
def test_official_points_and_ranks_stay_as_they_are_printed(small, settings, at):
    run = run_of(small, settings, at)
    whole, told = json.loads(run.result), released(small, settings, run)

    assert cell(told)["points"]["decimal"] == cell(whole)["points"]["decimal"]
    for unit, public in zip(whole["blocks"][0]["units"], told["blocks"][0]["units"], strict=True):
        assert public["rank"] == unit["rank"]
        assert public["value"]["decimal"] == unit["value"]["decimal"]


@once
def test_counts_are_told_in_steps_of_five(small, settings, at):
    told = released(small, settings, run_of(small, settings, at))

    assert cell(told)["n"] == 25
    assert [group["received"] for group in told["groups"]] == [20, 5]
    assert told["dataset"]["ballots"] == 25


@once
def test_nothing_is_left_that_tells_exact_counts(small, settings, at):
    told = released(small, settings, run_of(small, settings, at))
    block = told["blocks"][0]

    assert cell(told)["df"] is cell(told)["deff"] is cell(told)["n_eff"] is None
    assert all(block[key] == [] for key in ("counts", "components", "neighbours", "open_door"))
    assert all(group["strata"] == [] for group in told["groups"])
    assert cell(told)["points"]["fraction"].split("/")[1] in (
        "1",
        "2",
        "4",
        "5",
        "10",
        "20",
        "50",
        "100",
        "25",
    )


@once
def test_large_groups_are_told(session, settings, at):
    small = ten_departments(session)
    run = run_of(small, settings, at)

    told = release(session, settings, run)

    voices = [v for c in told["blocks"][0]["cells"] for v in c["groups"]]
    assert any(voice["score"] is not None for voice in voices)


@once
def test_a_second_run_with_one_more_ballot_tells_nothing_of_it(session, settings, at):
    small = SmallCampaign(session, ["A"])
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO", sampled=60)
    small.ballots("CANBO", {"A": {"c1": "A"}}, 12)
    small.ballots("CANBO", {"A": {"c1": "C"}}, 9)
    first = run_of(small, settings, at)
    small.ballots("CANBO", {"A": {"c1": "D"}}, 1)
    second = run_of(small, settings, at + timedelta(days=1))

    before, after = (cell(release(session, settings, run)) for run in (first, second))

    assert before["points"] is not None
    assert (after["points"], after["n"], after["flags"][0]) == (None, None, WITHHELD)
    (unit,) = release(session, settings, second)["blocks"][0]["units"]
    assert (unit["value"], unit["rank"], unit["survey"]["points"]) == (None, None, None)
    assert unit["composite"]["index"] is None


@once
def test_the_same_result_again_is_told_again(small, settings, at):
    first, second = (run_of(small, settings, at + timedelta(days=n)) for n in (0, 1))

    assert released(small, settings, first) == released(small, settings, second)


@once
def test_files_for_everybody_have_a_row_a_group_and_no_degrees_of_freedom(small, settings, at):
    told = released(small, settings, run_of(small, settings, at))

    content = files.public(told, "public.csv", "vi").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))

    assert "df" not in rows[0]
    groups = [row for row in rows if row["level"] == "group" and row["unit"] == "A"]
    assert [(row["group"], row["share"], row["n"]) for row in groups] == [
        ("CANBO", "", ""),
        ("NGOAI", "", ""),
    ]
    assert all("không công bố" in row["notes"] for row in groups)


@once
def test_the_workbook_for_everybody_says_how_people_are_protected(small, settings, at):
    told = released(small, settings, run_of(small, settings, at))

    book = openpyxl.load_workbook(io.BytesIO(files.public(told, "public.xlsx", "vi")))

    words = [str(c.value) for row in book["Phương pháp"].iter_rows() for c in row]
    assert "Bảo vệ người trả lời" in words
    assert len(list(book["Số phiếu"].iter_rows(min_row=2))) == 2


def test_analysts_take_files_for_everybody_from_the_page(small, settings, at, login):
    run = run_of(small, settings, at)
    analyst = login("analyst")

    for name, kind in files.PUBLIC.items():
        answer = analyst.get(f"/staff/results/runs/{run.id}/files/{name}")
        assert (answer.status_code, answer.mimetype) == (200, kind)


@once
def test_few_people_asked_are_told_only_in_the_points_of_all(session, settings, at):
    small = SmallCampaign(session, ["A"])
    small.leaf("1.1", "10")
    people = {"CANBO": 60, "LANHDAO": 8, "KHAC": 60}
    for group, asked in people.items():
        small.group(group, {"c1": "1.1"})
        small.stratum(group, sampled=asked)
    for group, asked in people.items():
        small.ballots(group, {"A": {"c1": "A"}}, asked // 2 + 1)
        small.ballots(group, {"A": {"c1": "C"}}, asked // 2 - 1)

    found = cell(release(session, settings, run_of(small, settings, at)))

    told = {voice["group"]: voice["score"] is not None for voice in found["groups"]}
    assert not told["LANHDAO"]
    assert sum(told.values()) == 1
    assert found["points"] is not None


@once
def test_that_a_group_was_dropped_is_not_told(session, settings, at):
    small = SmallCampaign(session, ["A"])
    small.leaf("1.1", "10")
    for group in ("CANBO", "KHAC"):
        small.group(group, {"c1": "1.1"})
        small.stratum(group, sampled=60)
    small.ballots("CANBO", {"A": {"c1": "A"}}, 12)
    small.ballots("CANBO", {"A": {"c1": "C"}}, 9)
    small.ballots("KHAC", {"A": {"c1": "B"}}, 3)
    run = run_of(small, settings, at)

    whole, told = cell(json.loads(run.result)), cell(release(session, settings, run))

    assert "group_dropped" in whole["flags"]
    assert "group_dropped" not in told["flags"]
    assert [voice["score"] for voice in told["groups"]] == [None, None]
    assert told["points"]["decimal"] == whole["points"]["decimal"]


@once
def test_where_all_gave_one_answer_nothing_says_so(session, settings, at):
    small = SmallCampaign(session, ["A"])
    small.leaf("1.1", "10")
    small.leaf("1.2", "5")
    small.leaf("1.3", "5")
    small.group("CANBO", {"c1": "1.1", "c2": "1.2", "c3": "1.3"})
    small.stratum("CANBO", sampled=60)
    small.ballots("CANBO", {"A": {"c1": "A", "c2": "A", "c3": "B"}}, 12)
    small.ballots("CANBO", {"A": {"c1": "A", "c2": "C", "c3": "C"}}, 9)
    run = run_of(small, settings, at)

    told = release(session, settings, run)

    same = cell(told)
    assert (same["points"], same["flags"], same["interval_reason"]) == (None, [WITHHELD], "")
    assert sum(c["points"] is None for c in told["blocks"][0]["cells"]) == 2
    assert told["blocks"][0]["units"][0]["survey"]["points"] is not None


@once
def test_a_gap_among_the_ranks_does_not_tell_where_a_withheld_unit_stands(session, settings, at):
    small = SmallCampaign(session, ["A", "B", "C"], min_valid=1, min_valid_points=1)
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO", sampled=60)
    small.ballots("CANBO", {"A": {"c1": "A"}, "C": {"c1": "B"}}, 12)
    small.ballots("CANBO", {"A": {"c1": "C"}, "C": {"c1": "C"}}, 9)
    small.ballots("CANBO", {"B": {"c1": "B"}}, 3)
    run = run_of(small, settings, at)

    units = {u["code"]: u for u in release(session, settings, run)["blocks"][0]["units"]}

    assert units["B"]["value"] is None
    assert units["A"]["value"] is not None
    assert {unit["rank"] for unit in units.values()} == {None}
