"""Points, group means and counts of an index, by hand."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import SchemeError
from analysis.index.result import IndexResult
from analysis.index.scheme import IndexScheme
from analysis.quality.disclosure.attack import attack
from analysis.quality.disclosure.points import PointsRelease, publish_points
from analysis.quality.disclosure.policy import DisclosurePolicy
from tests.analysis.making import FOUR, make_statistics

POLICY = DisclosurePolicy()
MIXED = {1: 8, 2: 6, 3: 6}
Said = Mapping[str, Mapping[str, Mapping[int, int]]]  # group -> item -> code -> persons of unit U


def scheme(groups: tuple[str, ...], items: tuple[str, ...], **options: Any) -> IndexScheme:
    """One leaf an item, each worth 2 points, groups with the same weight; leaves are `L-item`."""
    return IndexScheme.from_dict(
        {
            "leaves": [
                {
                    "code": f"L-{item}",
                    "points": "2",
                    "groups": [
                        {"group": g, "questions": [{"item": item, "coefficients": FOUR}]}
                        for g in groups
                    ],
                }
                for item in items
            ],
            "options": {"min_valid": 1} | options,
        }
    )


def scored(said: Said, design: SurveyDesign | None = None, **options: Any) -> IndexResult:
    items = tuple(dict.fromkeys(item for group in said.values() for item in group))
    statistics = {}
    for group, by_item in said.items():
        codes = {
            i: [c for c, n in counts.items() for _ in range(n)] for i, counts in by_item.items()
        }
        rows = pd.DataFrame({item: pd.Series(codes.get(item, []), dtype=float) for item in items})
        rows = rows.fillna(0).astype(int).assign(unit="U", psu=0)
        statistics[group] = make_statistics(rows, design, items)
    return scheme(tuple(said), items, **options).score(statistics)


def published(said: Said, policy: DisclosurePolicy = POLICY, **more: Any) -> PointsRelease:
    return publish_points(scored(said), policy, {}, snapshot="s", **more)


def test_large_groups_that_disagree_are_told() -> None:
    made = published({"a": {"q": MIXED}, "b": {"q": MIXED}})

    assert (made.withheld, made.uncounted) == (frozenset(), frozenset())


def test_a_small_group_takes_the_other_of_two_with_it_and_the_points_stay() -> None:
    made = published({"a": {"q": {1: 2, 3: 1}}, "b": {"q": MIXED}})

    assert made.withheld == {"U/L-q/a", "U/L-q/b"}
    assert made.uncounted == {"U/L-q/a", "U/L-q/b"}


def test_without_the_other_the_points_would_tell_the_mean_of_the_small_group() -> None:
    said = {"a": {"q": {1: 2, 3: 1}}, "b": {"q": MIXED}}
    result = scored(said)
    weak = publish_points(result, replace(POLICY, complementary=False), {}, snapshot="s")
    whole = publish_points(result, POLICY, {}, snapshot="s")
    small = {"mean": {"s/U/L-q/a": 1.0}}

    (told,), (untold,) = (attack(made.figures["U"], small) for made in (weak, whole))

    assert (told.low, told.high) == pytest.approx((2.2 / 3, 2.2 / 3))
    assert untold.high - untold.low >= 0.05


def test_with_three_groups_the_smallest_other_goes() -> None:
    made = published({"a": {"q": {1: 2, 3: 1}}, "b": {"q": MIXED}, "c": {"q": {1: 20, 2: 9, 4: 9}}})

    assert made.withheld == {"U/L-q/a", "U/L-q/b"}


def test_a_leaf_on_which_all_agree_goes_with_another_and_the_sum_stays() -> None:
    made = published({"a": {"q1": {1: 20}, "q2": MIXED, "q3": {1: 5, 2: 5, 4: 10}}})

    assert {name for name in made.withheld if name.count("/") == 1} in (
        {"U/L-q1", "U/L-q2"},
        {"U/L-q1", "U/L-q3"},
    )
    assert "U" not in made.withheld
    assert "U/L-q1" not in made.uncounted


def test_a_unit_with_one_leaf_that_is_withheld_has_no_total() -> None:
    made = published({"a": {"q": {1: 2, 3: 1}}})

    assert made.withheld == {"U", "U/L-q", "U/L-q/a"}


def test_the_kind_of_people_decides_on_the_minimum() -> None:
    result = scored({"a": {"q": {1: 4, 3: 3}}})

    assert not publish_points(result, POLICY, {"a": "staff"}, snapshot="s").withheld
    assert publish_points(result, POLICY, {"a": "citizens"}, snapshot="s").withheld


def test_a_single_psu_is_withheld() -> None:
    design = SurveyDesign(psu="psu", lonely="center")  # type: ignore[arg-type]
    result = scored({"a": {"q": MIXED}}, design)

    assert "U/L-q/a" in publish_points(result, POLICY, {}, snapshot="s").withheld


def test_groups_that_are_pooled_have_no_figures_of_their_own() -> None:
    said = {"a": {"q": {1: 2, 3: 1}}, "b": {"q": MIXED}}

    made = publish_points(scored(said, pooling="pooled"), POLICY, {}, snapshot="s")

    assert made.withheld == frozenset()


def test_one_more_ballot_is_not_the_difference_of_two_runs() -> None:
    first = publish_points(scored({"a": {"q": MIXED}}), POLICY, {}, snapshot="1")
    more = scored({"a": {"q": MIXED | {1: 9}}})

    second = publish_points(more, POLICY, {}, first, snapshot="2")

    assert not first.withheld
    assert second.withheld == {"U", "U/L-q", "U/L-q/a"}


def test_enough_more_ballots_are_told() -> None:
    first = publish_points(scored({"a": {"q": MIXED}}), POLICY, {}, snapshot="1")
    more = scored({"a": {"q": {1: 12, 2: 9, 3: 9}}})

    assert not publish_points(more, POLICY, {}, first, snapshot="2").withheld


def test_a_box_that_lost_answers_is_withheld() -> None:
    first = publish_points(scored({"a": {"q": MIXED}}), POLICY, {}, snapshot="1")
    fewer = scored({"a": {"q": {1: 8, 2: 6}}})

    assert "U/L-q" in publish_points(fewer, POLICY, {}, first, snapshot="2").withheld


def test_other_weights_for_the_same_ballots_tell_no_group() -> None:
    """Two equations in two means would be solved."""
    said = {"a": {"q": {1: 2, 3: 1}}, "b": {"q": MIXED}}
    result = scored(said)
    leaves = [
        replace(
            leaf,
            groups=tuple(
                replace(g, weight=w)
                for g, w in zip(leaf.groups, (Fraction(1, 4), Fraction(3, 4)), strict=True)
            ),
        )
        for leaf in result.leaves
    ]
    reweighted = result.rescore(leaves, result.options)

    first = publish_points(result, POLICY, {}, snapshot="s")
    second = publish_points(reweighted, POLICY, {}, first, snapshot="s", name="again")

    (found,) = attack(second.figures["U"], {"mean": {"s/U/L-q/a": 1.0}})
    assert found.high - found.low >= 0.05
    assert {"U", "U/L-q"} <= second.withheld


def test_sums_over_psus_are_refused() -> None:
    statistics = {
        "a": make_statistics(
            pd.DataFrame({"unit": ["U"] * 9, "q": [1, 2, 3] * 3}), None, ("q",), level="psu"
        )
    }
    result = scheme(("a",), ("q",)).score(statistics)

    with pytest.raises(SchemeError) as caught:
        publish_points(result, POLICY, {}, snapshot="s")

    assert caught.value.code == "needs_persons"


def test_that_a_group_was_dropped_for_being_small_is_not_told_either() -> None:
    said = {"a": {"q": {1: 2, 3: 1}}, "b": {"q": MIXED}}

    made = publish_points(scored(said, min_valid=5), POLICY, {}, snapshot="s")

    assert made.withheld == {"U/L-q/a", "U/L-q/b"}
