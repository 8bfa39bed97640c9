"""A what-if is the scoring of a scheme that was changed by hand, whatever the scheme."""

import copy
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.design import SurveyDesign
from analysis.index.result import IndexResult
from analysis.index.scheme import IndexScheme
from analysis.totals import GroupStatistics, aggregate
from tests.analysis.making import FOUR_CODES
from tests.analysis.test_cells import BOOK, CLUSTERS, make_rows

Plain = dict[str, Any]
GROUPS = {"staff": ("q1", "q2"), "citizen": ("q2", "q1")}
LEAVES = ("1.1", "1.2", "2.1")
CHOICES = [code for code, meaning in FOUR_CODES.items() if meaning == "choice"]
quick = settings(
    max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


@cache
def statistics(level: str) -> dict[str, GroupStatistics]:
    """Clusters of citizens, and staff drawn one by one, who may rate their own unit."""
    staff = make_rows(150, seed=2)
    return {
        "citizen": aggregate(make_rows(), CLUSTERS, BOOK, level=level),
        "staff": aggregate(staff, SurveyDesign(weight="w"), BOOK, rater_unit="home", level=level),
    }


def shares(count: int) -> st.SearchStrategy[list[str]]:
    """Weights above 0 that add up to 1."""
    parts = st.lists(st.integers(1, 9), min_size=count, max_size=count)
    return parts.map(lambda found: [str(Fraction(part, sum(found))) for part in found])


def tables() -> st.SearchStrategy[dict[str, str]]:
    """A coefficient for each choice."""
    one = st.integers(0, 20).map(lambda found: str(Fraction(found, 20)))
    return st.fixed_dictionaries({str(code): one for code in CHOICES})


def maxima() -> st.SearchStrategy[str]:
    return st.integers(1, 40).map(lambda found: str(Fraction(found, 4)))


def rules(ballots: bool = False) -> st.SearchStrategy[Plain]:
    """Some of the options; those that look at whole ballots need persons."""
    blank = {"blank": st.just("invalidate_ballot"), "blank_percent": st.sampled_from([0, 50])}
    return st.fixed_dictionaries(
        {},
        optional=(blank if ballots else {})
        | {
            "dont_know": st.sampled_from(["exclude", "zero", "middle"]),
            "min_valid": st.sampled_from([1, 20, 60]),
            "below_min": st.sampled_from(["drop_group", "leaf_not_scored"]),
            "no_usable_group": st.sampled_from(["not_scored", "zero"]),
            "exclude_self": st.booleans(),
        },
    )


@st.composite
def schemes(draw: st.DrawFn) -> Plain:
    """Three leaves that ask one group or both for one item or both."""
    books = {item: draw(tables()) for item in ("q1", "q2")}
    leaves = []
    for code in LEAVES:
        asked = draw(st.sampled_from([("staff",), ("citizen",), ("staff", "citizen")]))
        groups = []
        for group, weight in zip(asked, draw(shares(len(asked))), strict=True):
            items = GROUPS[group][: draw(st.integers(1, 2))]
            questions = [
                {"item": item, "weight": share, "coefficients": books[item]}
                for item, share in zip(items, draw(shares(len(items))), strict=True)
            ]
            groups.append({"group": group, "weight": weight, "questions": questions})
        leaves.append({"code": code, "points": draw(maxima()), "groups": groups})
    return {"leaves": leaves, "options": draw(rules())}


@st.composite
def choices(draw: st.DrawFn, plain: Plain, ballots: bool = False) -> Plain:
    """What differs: some points, tables, weights and rules, and at most two leaves fewer."""
    dropped = draw(st.lists(st.sampled_from(LEAVES), max_size=2, unique=True))
    found: Plain = {"drop": dropped, "options": draw(rules(ballots))}
    found["points"] = draw(st.dictionaries(st.sampled_from(LEAVES), maxima(), max_size=3))
    asked = {q["item"] for leaf in plain["leaves"] for g in leaf["groups"] for q in g["questions"]}
    found["coefficients"] = {
        item: {int(code): value for code, value in draw(tables()).items()}
        for item in draw(st.lists(st.sampled_from(sorted(asked)), max_size=2, unique=True))
    }
    found["group_weights"], found["question_weights"] = {}, {}
    for leaf in plain["leaves"]:
        names = [group["group"] for group in leaf["groups"]]
        if draw(st.booleans()):
            weights = draw(shares(len(names)))
            found["group_weights"][leaf["code"]] = dict(zip(names, weights, strict=True))
        if draw(st.booleans()):
            found["question_weights"][leaf["code"]] = {
                group["group"]: dict(
                    zip(
                        [q["item"] for q in group["questions"]],
                        draw(shares(len(group["questions"]))),
                        strict=True,
                    )
                )
                for group in leaf["groups"]
            }
    return found


def changed(plain: Plain, choice: Plain) -> Plain:
    """The scheme with the choices written into it, by other means than the engine's."""
    found = copy.deepcopy(plain)
    found["options"].update(choice["options"])
    found["leaves"] = [leaf for leaf in found["leaves"] if leaf["code"] not in choice["drop"]]
    for leaf in found["leaves"]:
        leaf["points"] = choice["points"].get(leaf["code"], leaf["points"])
        weights = choice["group_weights"].get(leaf["code"], {})
        items = choice["question_weights"].get(leaf["code"], {})
        for group in leaf["groups"]:
            group["weight"] = weights.get(group["group"], group["weight"])
            for question in group["questions"]:
                own = items.get(group["group"], {})
                question["weight"] = own.get(question["item"], question["weight"])
                table = choice["coefficients"].get(question["item"])
                if table is not None:
                    question["coefficients"] = {str(code): value for code, value in table.items()}
    return found


def score(plain: Plain, level: str = "person", **more: Any) -> IndexResult:
    asked = {group["group"] for leaf in plain["leaves"] for group in leaf["groups"]}
    known = {name: found for name, found in statistics(level).items() if name in asked}
    return IndexScheme.from_dict(plain).score(known, units=["A", "B", "C"], **more)


def assert_same(found: IndexResult, wanted: IndexResult) -> None:
    """To the last bit, points and errors alike."""
    for name in ("units", "criteria", "groups", "counts", "excluded", "group_parts", "cov"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(wanted, name), check_exact=True)
    pd.testing.assert_frame_equal(found.neighbours(), wanted.neighbours(), check_exact=True)
    assert (found.maximum, found.leaf_codes) == (wanted.maximum, wanted.leaf_codes)
    assert found.options == wanted.options


@quick
@given(st.data(), st.sampled_from(["person", "psu"]))
def test_any_choice_scores_as_the_scheme_with_it(data: st.DataObject, level: str) -> None:
    plain = data.draw(schemes())
    choice = data.draw(choices(plain, ballots=level == "person"))

    found = score(plain, level).what_if(**choice)

    assert_same(found, score(changed(plain, choice), level))


@quick
@given(st.data())
def test_choices_one_after_the_other_are_one_choice(data: st.DataObject) -> None:
    plain = data.draw(schemes())
    choice = data.draw(choices(plain)) | {"drop": []}
    result = score(plain)

    steps = result
    for name, value in choice.items():
        steps = steps.what_if(**{name: value})

    assert_same(steps, result.what_if(**choice))


@quick
@given(st.data())
def test_a_what_if_leaves_the_result_as_it_was(data: st.DataObject) -> None:
    plain = data.draw(schemes())
    result = score(plain)

    result.what_if(**data.draw(choices(plain)))

    assert_same(result, score(plain))
    assert_same(result.what_if(), result)


@quick
@given(st.data())
def test_points_in_proportion_change_the_unit_and_nothing_else(data: st.DataObject) -> None:
    plain = data.draw(schemes())
    result = score(plain)
    factor = data.draw(st.sampled_from([Fraction(1, 3), Fraction(2), Fraction(7, 2)]))

    found = result.what_if(points={leaf.code: factor * leaf.points for leaf in result.leaves})

    for unit in result.unit_codes:
        before, after = result.points_of(unit), found.points_of(unit)
        assert after == (None if before is None else factor * before)
    np.testing.assert_allclose(found.cov, float(factor) ** 2 * result.cov, rtol=1e-9, atol=1e-15)
    assert found.by_points() == result.by_points()


@quick
@given(st.data())
def test_leaves_scored_one_by_one_add_up(data: st.DataObject) -> None:
    result = score(data.draw(schemes()))

    alone = [result.what_if(drop=[c for c in LEAVES if c != code]) for code in LEAVES]

    for unit in result.unit_codes:
        parts = [points for one in alone if (points := one.points_of(unit)) is not None]
        assert result.points_of(unit) == (sum(parts, Fraction(0)) if parts else None)
    assert sum(one.maximum for one in alone) == result.maximum


@pytest.mark.parametrize("level", ["person", "psu"])
def test_points_by_decision_and_leaves_that_do_not_apply_stay(level: str) -> None:
    table = dict.fromkeys(map(str, CHOICES), "0.5")
    questions = [{"item": "q1", "weight": "1", "coefficients": table}]
    leaves = [
        {
            "code": code,
            "points": "4",
            "groups": [{"group": group, "weight": "1", "questions": questions}],
        }
        for code, group in zip(LEAVES, ("staff", "citizen", "staff"), strict=True)
    ]
    plain = {"leaves": leaves, "options": {"below_min": "manual", "min_valid": 10**6}}
    more = {"manual": {("A", "1.1"): "3", ("B", "1.2"): "1"}, "not_applicable": [("C", "2.1")]}
    result = score(plain, level, **more)

    found = result.what_if(points={"1.2": "8"}, options={"no_usable_group": "zero"})

    leaves[1]["points"] = "8"
    plain["options"]["no_usable_group"] = "zero"
    assert_same(found, score(plain, level, **more))
    assert found.points_of("A") == 3
