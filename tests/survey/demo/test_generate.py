"""Generated answers: the same seed gives the same, and every ballot passes the checks."""

from __future__ import annotations

import json
from statistics import mean

import pytest

from survey.demo.files import MINISTRY
from survey.demo.generate import Place, Recipe, answered, ballots
from survey.questionnaire import canonical
from survey.questionnaire.parse import parse

MODEL = json.loads((MINISTRY / "answers.json").read_text("utf-8"))
AUTHORITIES = tuple(MODEL["levels"]["NOIBO-CUC"])


@pytest.fixture(scope="module")
def staff_questions():
    return parse(json.loads((MINISTRY / "questionnaire-noibo.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def public_questions():
    return parse(json.loads((MINISTRY / "questionnaire-ngoai.json").read_text("utf-8")))


def staff_of(unit, sampled=60):
    others = tuple(u for u in AUTHORITIES if u != unit)
    return Place("NOIBO-CUC", unit, unit, others, sampled)


def public_of(unit, sampled=60):
    return Place("NGOAI", unit, unit, (unit,), sampled)


def written(recipe, document, place):
    return [canonical.dumps(content) for content in ballots(recipe, document, place)]


def scores(document, contents):
    """Return unit → mean coefficient of its answers."""
    worth = {q.code: {c.code: c.coefficient for c in q.choices} for q in document.questions()}
    found = {}
    for content in contents:
        for unit, answers in content["units"].items():
            values = [worth[q][value] for q, value in answers.items()]
            found.setdefault(unit, []).extend(float(v) for v in values if v is not None)
    return {unit: mean(values) for unit, values in found.items()}


def test_the_same_seed_gives_the_same_ballots(staff_questions):
    place = staff_of("CVT")

    first = written(Recipe(MODEL, 1), staff_questions, place)

    assert first == written(Recipe(MODEL, 1), staff_questions, place)
    assert first != written(Recipe(MODEL, 2), staff_questions, place)


def test_ballots_of_one_stratum_do_not_depend_on_the_others(staff_questions):
    alone = written(Recipe(MODEL, 1), staff_questions, staff_of("CVT"))

    recipe = Recipe(MODEL, 1)
    written(recipe, staff_questions, staff_of("CBC"))

    assert written(recipe, staff_questions, staff_of("CVT")) == alone


def test_sixty_to_seventy_five_of_a_hundred_answer():
    recipe = Recipe(MODEL, 1)

    shares = [answered(recipe, staff_of(unit, 1000)) / 1000 for unit in AUTHORITIES]

    assert min(shares) >= 0.6
    assert max(shares) <= 0.75
    assert len(set(shares)) > 5


def test_nobody_rates_the_own_unit(staff_questions):
    contents = ballots(Recipe(MODEL, 1), staff_questions, staff_of("CVT"))

    assert {tuple(sorted(c["units"])) for c in contents} == {
        tuple(sorted(set(AUTHORITIES) - {"CVT"}))
    }


def test_some_answers_are_blank_and_some_dont_know(staff_questions):
    contents = list(ballots(Recipe(MODEL, 1), staff_questions, staff_of("CVT", 300)))
    answers = [value for c in contents for about in c["units"].values() for value in about.values()]

    unknown = answers.count("kb") / len(answers)
    blank = 1 - len(answers) / (len(contents) * 9 * 11)

    assert 0.03 < unknown < 0.2
    assert 0.005 < blank < 0.03
    assert any("y_kien" in c["answers"] for c in contents)


def test_better_units_get_better_answers(staff_questions, public_questions):
    recipe = Recipe(MODEL, 1)
    inside = scores(staff_questions, ballots(recipe, staff_questions, staff_of("CVT", 400)))
    outside = {
        unit: scores(public_questions, ballots(recipe, public_questions, public_of(unit, 400)))[
            unit
        ]
        for unit in ("CBDTW", "CBC")
    }

    assert inside["CBDTW"] > inside["CBC"] + 0.05
    assert outside["CBDTW"] > outside["CBC"] + 0.05
    assert inside["CBC"] == pytest.approx(MODEL["levels"]["NOIBO-CUC"]["CBC"], abs=0.08)
