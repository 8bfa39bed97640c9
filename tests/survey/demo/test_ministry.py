"""The files of the demonstration ministry say what their README promises."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from fractions import Fraction

import pytest

from analysis.report.rounding import round_exact
from survey.demo.files import MINISTRY
from survey.questionnaire.document import Missing
from survey.questionnaire.parse import parse

FRAMEWORKS = ("framework-cuc.json", "framework-kcqb.json")
QUESTIONNAIRES = ("questionnaire-noibo.json", "questionnaire-ngoai.json")
CAMPAIGNS = ("campaign-2022.json", "campaign-2022-trial.json")
MAXIMA = ["9", "16.5", "17", "12.5", "16", "12.5", "16.5"]  # decision 1149/QĐ-BNV


def document(name):
    return json.loads((MINISTRY / name).read_text("utf-8"))


def table(name):
    with (MINISTRY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def leaves(field):
    return [leaf for c in field["criteria"] for leaf in c.get("leaves", [c])]


def all_leaves(name):
    return [leaf for field in document(name)["fields"] for leaf in leaves(field)]


def points(found, mode=None):
    return sum(Decimal(leaf["max_points"]) for leaf in found if mode in {None, leaf["mode"]})


def units():
    return {
        unit["code"]: block["code"]
        for block in document("organisation.json")["blocks"]
        for unit in block["units"]
    }


def texts(value, place=""):
    """Yield every object that names a language, with its place."""
    if isinstance(value, dict):
        if "vi" in value or "en" in value:
            yield place, value
        for key, part in value.items():
            yield from texts(part, f"{place}/{key}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from texts(part, f"{place}/{number}")


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework_has_62_5_appraised_points_and_37_5_by_survey(name):
    found = all_leaves(name)

    assert points(found, "appraised") == Decimal("62.5")
    assert points(found, "survey") == Decimal("37.5")
    assert points(found) == 100


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_seven_fields_have_the_official_maxima_and_a_survey_leaf_each(name):
    fields = document(name)["fields"]

    assert [points(leaves(field)) for field in fields] == [Decimal(most) for most in MAXIMA]
    assert all(points(leaves(field), "survey") > 0 for field in fields)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_leaves_sit_at_both_levels_under_codes_of_their_own(name):
    found = all_leaves(name)
    codes = [leaf["code"] for leaf in found]

    assert {leaf["code"].count(".") for leaf in found} == {1, 2}
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_group_weights_add_up_to_one(name):
    found = [leaf for leaf in all_leaves(name) if leaf["mode"] == "survey"]

    assert {sum(map(Decimal, leaf["group_weights"].values())) for leaf in found} == {Decimal(1)}


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_an_exemption_names_a_leaf_a_unit_a_reason_and_who_approved(name):
    framework = document(name)
    codes = {leaf["code"] for leaf in all_leaves(name)}
    (applies,) = framework["applies_to"]

    assert framework["exemptions"]
    for exemption in framework["exemptions"]:
        assert exemption["leaf"] in codes
        assert units()[exemption["unit"]] == applies["block"]
        assert exemption["reason"]
        assert exemption["approved_by"]


def test_citizens_rate_the_authorities_alone():
    weights = [leaf.get("group_weights", {}) for leaf in all_leaves("framework-kcqb.json")]

    assert {group for weight in weights for group in weight} == {"NOIBO-KCQB"}


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_a_question_set_parses_and_each_scale_tells_dont_know_from_poor(name):
    parsed = parse(document(name))
    about_units = [q for q in parsed.questions() if q.about_units]

    assert 8 <= len(about_units) <= 12
    for question in about_units:
        counted = [c.coefficient for c in question.choices if c.coefficient is not None]
        assert counted == sorted(counted, reverse=True)
        assert (counted[0], counted[-1]) == (1, 0)
        assert [c.missing for c in question.choices if c.coefficient is None] == [Missing.DONT_KNOW]


@pytest.mark.parametrize("name", ["organisation.json", *FRAMEWORKS, *QUESTIONNAIRES, *CAMPAIGNS])
def test_every_text_has_its_english(name):
    found = list(texts(document(name)))

    assert found
    assert not [place for place, text in found if not {"vi", "en"} <= set(text)]
    assert not [place for place, text in found if text["vi"] == text["en"]]


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_every_question_feeds_one_survey_leaf_of_its_block_and_every_leaf_is_fed(name):
    frameworks = {document(n)["code"]: n for n in FRAMEWORKS}
    sets = {document(n)["code"]: parse(document(n)) for n in QUESTIONNAIRES}
    fed = {}
    for group in document(name)["groups"]:
        asked = {q.code for q in sets[group["questionnaire"]["code"]].questions() if q.about_units}
        assert sorted(feed["question"] for feed in group["feeds"]) == sorted(asked)
        for feed in group["feeds"]:
            key = (feed["framework"]["code"], feed["leaf"], group["group"])
            fed[key] = fed.get(key, 0) + Decimal(feed["weight"])
    wanted = {
        (code, leaf["code"], group)
        for code, file in frameworks.items()
        for leaf in all_leaves(file)
        if leaf["mode"] == "survey"
        for group in leaf["group_weights"]
    }

    assert set(fed) == wanted
    assert set(fed.values()) == {Decimal(1)}


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_a_campaign_is_generated_and_samples_no_more_people_than_there_are(name):
    campaign = document(name)
    strata = [stratum for group in campaign["groups"] for stratum in group["strata"]]

    assert campaign["is_generated"] is True
    assert {stratum["unit"] for stratum in strata} == set(units())
    assert all(stratum["sampled"] <= stratum["population_size"] for stratum in strata)


def test_every_unit_has_appraised_points_for_every_leaf_that_applies():
    rows = table("appraised-2022.csv")
    given = {(row["unit"], row["leaf"]): Decimal(row["points"]) for row in rows}
    wanted = {}
    for name in FRAMEWORKS:
        framework = document(name)
        exempt = {(e["unit"], e["leaf"]) for e in framework["exemptions"]}
        for unit, block in units().items():
            if block == framework["applies_to"][0]["block"]:
                wanted |= {
                    (unit, leaf["code"]): Decimal(leaf["max_points"])
                    for leaf in all_leaves(name)
                    if leaf["mode"] == "appraised" and (unit, leaf["code"]) not in exempt
                }

    assert len(rows) == len(given)
    assert set(given) == set(wanted)
    assert all(0 <= given[key] <= most for key, most in wanted.items())


def test_the_published_mean_of_ten_is_exactly_81_945_and_prints_by_the_rule():
    values = [Fraction(row["index"]) for row in table("history-2021.csv")]
    mean = sum(values) / len(values)

    assert len(values) == 10
    assert mean == Fraction("81.945")
    assert str(round_exact(mean, 2, "half_up")) == "81.95"
    assert str(round_exact(mean, 2, "down")) == "81.94"


def test_published_ranks_follow_the_published_index():
    rows = table("history-2021.csv")

    assert [int(row["rank"]) for row in rows] == list(range(1, 11))
    assert [row["index"] for row in rows] == sorted((r["index"] for r in rows), reverse=True)
    assert {units()[row["unit"]] for row in rows} == {"CUC"}
