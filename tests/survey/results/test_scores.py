"""From ballots in the box to points: the worked examples, through the whole chain."""

from __future__ import annotations

import pytest

from survey.model.framework import DontKnow, Pooling, Rounding, TieRule
from tests.support.campaigns import SmallCampaign, run_result


def worked_example(session, **options):
    """Leaders: 6 A, 3 B, 1 C; staff: 10 A, 6 B, 2 C, 2 D, 5 don't know; weights 0.4 and 0.6."""
    small = SmallCampaign(session, ["A"], **options)
    small.leaf("1.1", "2")
    small.group("LANHDAO", {"c1": "1.1"}, weights={"1.1": "0.4"})
    small.group("CANBO", {"c1": "1.1"}, weights={"1.1": "0.6"})
    small.stratum("LANHDAO")
    small.stratum("CANBO")
    for stratum, said in (
        ("LANHDAO", {"A": 6, "B": 3, "C": 1}),
        ("CANBO", {"A": 10, "B": 6, "C": 2, "D": 2, "DK": 5}),
    ):
        for choice, times in said.items():
            small.ballots(stratum, {"A": {"c1": choice}}, times)
    return small


@pytest.mark.parametrize(
    ("options", "fraction", "printed"),
    [
        ({}, "37/25", "1.48"),
        ({"pooling": Pooling.POOLED}, "22/15", "1.47"),
        ({"dont_know": DontKnow.ZERO}, "164/125", "1.31"),
    ],
    ids=["by group", "pooled", "don't know is zero"],
)
def test_the_worked_example_gives_its_points(session, settings, at, options, fraction, printed):
    small = worked_example(session, **options)

    cell = run_result(small, settings, at)["blocks"][0]["cells"][0]

    assert cell["points"] == {"fraction": fraction, "decimal": printed}


def one_group(session, units=("A", "B"), **options):
    """One group about these units, one leaf of ten points."""
    small = SmallCampaign(session, list(units), **options)
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    return small


def units_of(result):
    return {unit["code"]: unit for unit in result["blocks"][0]["units"]}


def cells_of(result):
    return {(c["unit"], c["leaf"]): c for c in result["blocks"][0]["cells"]}


def test_ratings_of_the_own_unit_do_not_count(session, settings, at):
    small = one_group(session)
    small.stratum("CANBO", "NHA-A", unit="A")
    small.ballots("CANBO", {"A": {"c1": "B"}, "B": {"c1": "B"}}, 10)
    small.ballots("NHA-A", {"A": {"c1": "A"}, "B": {"c1": "A"}}, 10)

    result = run_result(small, settings, at)

    points = {unit: cell["points"]["decimal"] for (unit, _), cell in cells_of(result).items()}
    assert points == {"A": "6.00", "B": "8.00"}
    counts = {line["unit"]: line for line in result["blocks"][0]["counts"]}
    assert counts["A"]["self_ratings"] == 10
    assert counts["A"]["used"] == 10
    assert counts["B"]["self_ratings"] == 0


def test_dont_know_is_not_blank_and_neither_costs_points(session, settings, at):
    small = one_group(session, ["A"])
    small.ballots("CANBO", {"A": {"c1": "A"}}, 6)
    small.ballots("CANBO", {"A": {"c1": "DK"}}, 3)
    small.ballots("CANBO", {"A": {}}, 2)

    result = run_result(small, settings, at)

    said = result["blocks"][0]["counts"][0]["questions"][0]
    assert {key: said[key] for key in ("ballots", "valid", "dont_know", "blank")} == {
        "ballots": 11,
        "valid": 6,
        "dont_know": 3,
        "blank": 2,
    }
    assert cells_of(result)["A", "1.1"]["points"]["decimal"] == "10.00"


def test_a_group_below_the_minimum_is_dropped_and_not_shown(session, settings, at):
    small = SmallCampaign(session, ["A"])
    small.leaf("1.1", "10")
    small.group("NHIEU", {"c1": "1.1"}, weights={"1.1": "0.5"})
    small.group("IT", {"c1": "1.1"}, weights={"1.1": "0.5"})
    small.stratum("NHIEU")
    small.stratum("IT")
    small.ballots("NHIEU", {"A": {"c1": "B"}}, 8)
    small.ballots("IT", {"A": {"c1": "D"}}, 4)

    result = run_result(small, settings, at)

    cell = cells_of(result)["A", "1.1"]
    few = next(voice for voice in cell["groups"] if voice["group"] == "IT")
    assert cell["points"]["decimal"] == "6.00"
    assert few["score"] is None
    assert few["dropped"]
    assert few["reason"] == "below_privacy_minimum"
    hidden = next(line for line in result["blocks"][0]["counts"] if line["group"] == "IT")
    assert hidden["questions"][0]["valid"] is None
    assert hidden["questions"][0]["reason"] == "below_privacy_minimum"


def test_a_unit_that_only_few_rated_gets_no_points(session, settings, at):
    small = one_group(session)
    small.ballots("CANBO", {"A": {"c1": "B"}, "B": {}}, 8)
    small.ballots("CANBO", {"B": {"c1": "A"}}, 4)

    result = run_result(small, settings, at)

    assert cells_of(result)["B", "1.1"]["points"] is None
    assert cells_of(result)["B", "1.1"]["status"] == "not_scored"
    assert result["blocks"][0]["ranking"]["order"] == ["A"]


def test_the_open_door_is_shown_apart_and_changes_no_rank(session, settings, at):
    small = one_group(session)
    small.ballots("CANBO", {"A": {"c1": "A"}, "B": {"c1": "B"}}, 6)
    small.ballots("CANBO", {"B": {"c1": "A"}}, 50, channel="open")

    result = run_result(small, settings, at)

    block = result["blocks"][0]
    assert block["ranking"]["order"] == ["A", "B"]
    assert cells_of(result)["B", "1.1"]["points"]["decimal"] == "6.00"
    assert [(line["unit"], line["ballots"]) for line in block["open_door"]] == [("B", 50)]
    assert result["groups"][0]["received"] == 6
    assert result["groups"][0]["received_open"] == 50


@pytest.mark.parametrize(
    ("rule", "ranks"), [(TieRule.COMPETITION, [1, 2, 2, 4]), (TieRule.DENSE, [1, 2, 2, 3])]
)
def test_equal_units_share_a_rank(session, settings, at, rule, ranks):
    small = one_group(session, ["A", "B", "C", "D"], tie_rule=rule)
    said = {"A": "A", "B": "B", "C": "B", "D": "C"}
    small.ballots("CANBO", {unit: {"c1": choice} for unit, choice in said.items()}, 6)

    units = units_of(run_result(small, settings, at))

    assert [units[code]["rank"] for code in "ABCD"] == ranks
    assert [units[code]["tied"] for code in "ABCD"] == [False, True, True, False]


@pytest.mark.parametrize(("rule", "printed"), [(Rounding.HALF_UP, "6.67"), (Rounding.DOWN, "6.66")])
def test_the_frameworks_rule_rounds(session, settings, at, rule, printed):
    small = one_group(session, ["A"], rounding=rule)
    small.ballots("CANBO", {"A": {"c1": "A"}}, 4)
    small.ballots("CANBO", {"A": {"c1": "D"}}, 2)

    points = cells_of(run_result(small, settings, at))["A", "1.1"]["points"]

    assert points == {"fraction": "20/3", "decimal": printed}


def test_appraised_and_survey_points_make_the_published_index(session, settings, at):
    """58.76 appraised and 27.99 by survey make 86.75, a rise of 0.72 over 86.03."""
    small = SmallCampaign(session, ["BO"])
    small.leaf("0.1", "62.5", mode="appraised")
    small.leaf("1.1", "37.5")
    # 27.99 / 37.5 = 0.7464: the coefficient that everybody chose.
    small.group("CANBO", {"c1": "1.1"}, coefficients={"A": "0.7464", "B": "0"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"BO": {"c1": "A"}}, 20)
    small.points("BO", "0.1", "58.76")
    small.history("BO", "86.03", 10)

    unit = units_of(run_result(small, settings, at))["BO"]

    assert unit["composite"]["appraised"]["decimal"] == "58.76"
    assert unit["composite"]["survey"]["decimal"] == "27.99"
    assert unit["value"]["fraction"] == "347/4"
    assert unit["change"]["points"]["decimal"] == "0.72"
    assert unit["change"]["places"] == 9


def test_without_appraised_points_the_survey_component_is_ranked(session, settings, at):
    small = one_group(session)
    small.leaf("0.1", "62.5", mode="appraised")
    small.ballots("CANBO", {"A": {"c1": "B"}, "B": {"c1": "A"}}, 6)
    small.points("A", "0.1", "60")
    small.history("A", "86.03", 1)

    result = run_result(small, settings, at)

    assert result["blocks"][0]["ranking"]["basis"] == "survey"
    assert units_of(result)["B"]["rank"] == 1
    assert units_of(result)["B"]["composite"]["missing"] == ["0.1"]
    assert units_of(result)["A"]["change"]["comparable"] is False


def test_a_leaf_that_does_not_apply_leaves_the_maximum(session, settings, at):
    small = one_group(session)
    small.leaf("0.1", "10", mode="appraised")
    small.ballots("CANBO", {"A": {"c1": "B"}, "B": {"c1": "B"}}, 6)
    small.points("A", "0.1", "10")
    small.exempt("B", "0.1")

    units = units_of(run_result(small, settings, at))

    assert units["A"]["value"]["decimal"] == "80.00"
    assert units["B"]["value"]["decimal"] == "60.00"
    assert units["B"]["composite"]["max_points"]["decimal"] == "10.00"


def test_weights_of_groups_that_take_no_part_are_shared_out(session, settings, at):
    small = SmallCampaign(session, ["A"])
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"}, weights={"1.1": "0.6"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "B"}}, 6)

    result = run_result(small, settings, at)

    assert result["blocks"][0]["rescaled"] == ["1.1"]
    assert cells_of(result)["A", "1.1"]["points"]["decimal"] == "6.00"


def test_strata_speak_for_their_people(session, settings, at):
    """100 people of one stratum say 1, 300 of another 0; the same number of each answered."""
    small = one_group(session, ["A"])
    small.stratum("CANBO", "NHO", population=100)
    small.stratum("CANBO", "LON", population=300)
    small.ballots("NHO", {"A": {"c1": "A"}}, 10)
    small.ballots("LON", {"A": {"c1": "D"}}, 10)

    cell = cells_of(run_result(small, settings, at))["A", "1.1"]

    assert cell["points"]["decimal"] == "2.50"


def whole_index(session, asked=("10",)):
    """Three units with appraised points; survey leaves of these maxima, a question for each."""
    small = SmallCampaign(session, ["A", "B", "C"])
    small.leaf("0.1", "62.5", mode="appraised")
    feeds = {}
    for number, points in enumerate(asked, 1):
        small.leaf(f"1.{number}", points)
        feeds[f"c{number}"] = f"1.{number}"
    small.group("CANBO", feeds)
    small.stratum("CANBO")
    for place, (unit, points) in enumerate({"A": "60", "B": "50", "C": "62"}.items(), 1):
        small.points(unit, "0.1", points)
        small.history(unit, "80", place)
    return small


def test_a_unit_without_survey_answers_is_neither_ranked_nor_compared(session, settings, at):
    small = whole_index(session)
    small.ballots("CANBO", {"A": {"c1": "B"}, "B": {"c1": "A"}, "C": {}}, 8)

    result = run_result(small, settings, at)

    units, ranking = units_of(result), result["blocks"][0]["ranking"]
    assert ranking["basis"] == "index"
    assert ranking["order"] == ["A", "B"]
    assert [units[code]["rank"] for code in "ABC"] == [1, 2, None]
    assert units["C"]["no_rank_reason"] == "too_little_survey"
    assert units["C"]["change"] is None
    assert units["C"]["value"]["decimal"] == "99.20"
    assert {"without_survey", "too_little_survey"} <= set(units["C"]["composite"]["flags"])
    assert [units[code]["no_rank_reason"] for code in "AB"] == ["", ""]
    assert units["A"]["change"]["comparable"]
    assert ranking["mean"]["fraction"] == "2520/29"
    assert [p["unit"] for p in result["blocks"][0]["neighbours"]] == ["A"]


@pytest.mark.parametrize(("other", "ranks"), [("10", [1, 3, 2]), ("10.5", [1, 2, None])])
def test_a_rank_takes_half_of_the_survey_maximum(session, settings, at, other, ranks):
    small = whole_index(session, ["10", other])
    said = {"A": {"c1": "A", "c2": "A"}, "B": {"c1": "A", "c2": "A"}, "C": {"c1": "D"}}
    small.ballots("CANBO", said, 8)

    units = units_of(run_result(small, settings, at))

    assert [units[code]["rank"] for code in "ABC"] == ranks


def test_survey_leaves_that_do_not_apply_are_not_asked_of_a_unit(session, settings, at):
    small = whole_index(session)
    small.exempt("C", "1.1")
    small.ballots("CANBO", {"A": {"c1": "B"}, "B": {"c1": "A"}}, 8)

    units = units_of(run_result(small, settings, at))

    assert [units[code]["rank"] for code in "ABC"] == [2, 3, 1]
