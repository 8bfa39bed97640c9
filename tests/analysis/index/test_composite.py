import math
from fractions import Fraction

import pytest

from analysis.errors import SchemeError
from analysis.index.composite import compose
from analysis.index.framework import CompositeLeaf
from analysis.index.result import IndexResult
from tests.analysis.making import make_answers, make_scheme, make_statistics

LEAVES = [
    CompositeLeaf("a", "1", "appraised", "5"),
    CompositeLeaf("b", "2", "appraised", "2.5"),
    CompositeLeaf("c", "2", "survey", "2"),
    CompositeLeaf("e", "3", "external", "0.5"),
]
POINTS = {("U", "a"): "4", ("U", "b"): "1.25", ("U", "e"): "0.4"}


def survey(counts: dict[int, int] | None = None) -> IndexResult:
    statistics = make_statistics(make_answers(counts or {1: 6, 4: 2}))
    return make_scheme().score({"all": statistics})


def test_index_is_points_over_applicable_maximum() -> None:
    row = compose(LEAVES, ["U"], POINTS, survey()).units.iloc[0]

    assert row.survey == Fraction("1.5")
    assert row.points == Fraction("7.15")
    assert row["index"] == Fraction("71.5")


def test_survey_error_and_interval_are_carried_to_the_index() -> None:
    scored = survey()

    row = compose(LEAVES, ["U"], POINTS, scored).units.iloc[0]

    part = scored.units.iloc[0]
    assert row.index_se == pytest.approx(part.se * 10)
    assert row.index_ci_low == pytest.approx((5.65 + part.ci_low) * 10)
    assert row.index_ci_high == pytest.approx((5.65 + part.ci_high) * 10)
    assert row.interval_reason == ""


def test_component_index_by_field() -> None:
    scored = survey()

    table = compose(LEAVES, ["U"], POINTS, scored).components.set_index("field")

    assert table.percent.tolist() == [80, Fraction("2.75") / Fraction("4.5") * 100, 80]
    assert table.percent_se["1"] == 0
    assert table.percent_se["2"] == pytest.approx(scored.units.se[0] / 4.5 * 100)


def test_leaf_that_does_not_apply_leaves_the_maximum() -> None:
    found = compose(LEAVES, ["U"], POINTS, survey(), not_applicable=[("U", "a")]).results[0]

    assert found.maximum == 5
    assert found.index == Fraction("3.15") / 5 * 100


def test_leaf_that_the_survey_could_not_score_leaves_the_maximum() -> None:
    result = compose(LEAVES, ["U"], POINTS, survey({1: 3}))

    assert result.results[0].maximum == 8
    assert "leaf_not_scored" in result.units["flags"][0]


def test_missing_appraised_points_leave_the_index_open() -> None:
    points = {place: value for place, value in POINTS.items() if place[1] != "b"}

    row = compose(LEAVES, ["U"], points, survey()).units.iloc[0]

    assert (row["index"], row.missing) == (None, ("b",))
    assert (row.appraised, row.survey) == (None, Fraction("1.5"))
    assert row.interval_reason == "index_incomplete"
    assert "points_missing" in row["flags"]


def test_survey_that_was_not_held_is_an_error_unless_declared() -> None:
    with pytest.raises(SchemeError, match="No survey speaks about unit 'U'"):
        compose(LEAVES, ["U"], POINTS)


def test_index_without_survey_is_over_the_rest_and_marked() -> None:
    row = compose(LEAVES, ["U"], POINTS, survey_not_held="leave_out").units.iloc[0]

    assert row["index"] == Fraction("5.65") / 8 * 100
    assert row.without_survey
    assert math.isnan(row.index_se)
    assert "without_survey" in row["flags"]


def test_unit_that_the_survey_does_not_know() -> None:
    points = POINTS | {("V", code): value for (_, code), value in POINTS.items()}

    result = compose(LEAVES, ["U", "V"], points, survey(), survey_not_held="leave_out")

    assert [found.without_survey for found in result.results] == [False, True]
    assert result.mean_index == (Fraction("71.5") + Fraction("5.65") / 8 * 100) / 2


def test_unit_without_survey_leaves_needs_no_survey() -> None:
    found = compose(LEAVES, ["U"], POINTS, not_applicable=[("U", "c")]).results[0]

    assert not found.without_survey
    assert found.index == Fraction("5.65") / 8 * 100


def test_bonus_and_penalty_are_capped() -> None:
    found = compose(
        LEAVES, ["U"], POINTS, survey(), bonus={"U": "3"}, penalty={"U": "0.15"}, bonus_cap="1"
    ).results[0]

    assert found.points == Fraction("7.15") + 1 - Fraction("0.15")


@pytest.mark.parametrize("value", ["5.01", "-0.1"])
def test_points_outside_the_leaf_are_refused_by_name(value: str) -> None:
    with pytest.raises(
        SchemeError, match=f"Unit 'U' has {value} points on leaf 'a', whose maximum is 5"
    ):
        compose(LEAVES, ["U"], POINTS | {("U", "a"): value}, survey())


@pytest.mark.parametrize("place", [("U", "z"), ("V", "a")])
def test_unknown_unit_or_leaf_is_refused(place: tuple[str, str]) -> None:
    with pytest.raises(SchemeError, match="not both known"):
        compose(LEAVES, ["U"], POINTS | {place: "1"}, survey())


def test_negative_bonus_is_refused() -> None:
    with pytest.raises(SchemeError, match="bonus of unit 'U' is -1"):
        compose(LEAVES, ["U"], POINTS, survey(), bonus={"U": -1})


def test_survey_scored_with_other_leaves_is_refused() -> None:
    with pytest.raises(SchemeError, match="Survey leaf 'c' is not the same"):
        compose([*LEAVES[:2], CompositeLeaf("c", "2", "survey", "3")], ["U"], {}, survey())
    with pytest.raises(SchemeError, match="Survey leaf 'c' is not the same"):
        compose(LEAVES[:2], ["U"], {}, survey())


def test_leaf_and_unit_occur_once_and_modes_are_known() -> None:
    with pytest.raises(SchemeError, match="leaf 'a' occurs twice"):
        compose([LEAVES[0], LEAVES[0]], ["U"], {})
    with pytest.raises(SchemeError, match="unit 'U' occurs twice"):
        compose(LEAVES, ["U", "U"], {})
    with pytest.raises(SchemeError, match="has the mode 'self'"):
        CompositeLeaf("a", "1", "self", "5")


def test_leaf_table_says_why_a_leaf_is_out() -> None:
    table = compose(LEAVES, ["U"], POINTS, survey({1: 3}), not_applicable=[("U", "a")]).leaves

    assert table.applicable.tolist() == [False, True, False, True]
    assert table.reason.tolist() == ["not_applicable", "", "leaf_not_scored", ""]


def test_nothing_applicable_gives_no_index() -> None:
    found = compose(LEAVES[:1], ["U"], {}, not_applicable=[("U", "a")])

    assert found.results[0].index is None
    assert found.mean_index is None


def test_unit_of_which_no_survey_leaf_was_scored_is_marked_as_without_survey() -> None:
    row = compose(LEAVES, ["U"], POINTS, survey({1: 3})).units.iloc[0]

    assert row["index"] == Fraction("5.65") / 8 * 100
    assert row.without_survey
    assert row.interval_reason == "no_sampling_error_known"
    assert {"without_survey", "leaf_not_scored"} <= set(row["flags"])
