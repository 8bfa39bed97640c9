"""Points, covariances and intervals of units equal R's survey package."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.estimation.intervals import korn_graubard, logit_interval
from analysis.index.result import IndexResult
from analysis.totals import aggregate
from tests.reference.loading import (
    FIVE,
    assert_equals,
    case,
    codebook,
    data,
    grouped_leaves,
    one_item_leaves,
)


def one_group(number: str, name: str, design: SurveyDesign) -> IndexResult:
    criteria = case(number)["request"]["criteria"]
    statistics = aggregate(data(name), design, codebook(len(criteria)))
    return one_item_leaves(criteria).score({"all": statistics})


def test_zero_variance_lonely_strata_and_empty_units() -> None:
    """Case 25: df of 0 gives no interval, an empty unit no estimate, equal answers an exact one."""
    expected = case("25")["expected"]
    design = SurveyDesign(weight="w", strata="stratum", psu="psu", fpc="N_psu", lonely="remove")
    criteria = [{"item": item, "max_points": 1, "coefficients": FIVE} for item in ("q1", "q2")]
    statistics = aggregate(data("edge"), design, codebook(2))

    result = one_item_leaves(criteria).score({"all": statistics})
    table = result.criteria.set_index(["unit", "leaf"])

    cells = {
        "U01_s1": ("U01", "q1"),
        "U02_s1_zero_variance": ("U02", "q1"),
        "U03_s1_lonely": ("U03", "q1"),
        "U04_s1": ("U04", "q1"),
        "U04_s2_one_psu_of_four": ("U04", "q2"),
    }
    for name, place in cells.items():
        row, wanted = table.loc[place], expected[name]
        found = [float(row.points), row.se, row.df, row.n]
        assert_equals(found, [wanted[k] for k in ("estimate", "se", "df", "n")], "25")
    assert table.loc[("U05", "q1"), "points"] is None
    assert table.loc[("U05", "q1"), "interval_reason"] == "not_scored"
    assert table.loc[("U03", "q1"), "interval_reason"] == "no_degrees_of_freedom"
    assert table.loc[("U04", "q2"), "interval_reason"] == "no_degrees_of_freedom"
    assert np.isnan(table.loc[("U04", "q2"), "ci_low"])
    assert table.loc[("U02", "q1"), "interval_reason"] == "at_boundary"
    assert 0.5 < table.loc[("U02", "q1"), "ci_low"] < table.loc[("U02", "q1"), "ci_high"] == 1


def test_staff_census_gives_zero_in_the_finite_and_not_in_the_superpopulation() -> None:
    criteria = [{"item": "q1", "max_points": 1, "coefficients": FIVE}]
    for inference in ("finite", "superpopulation"):
        expected = case("26")["expected"][inference]
        design = SurveyDesign(
            weight="w", strata="stratum", fpc="N", census_blanks="domain", inference=inference
        )

        statistics = aggregate(data("staff"), design, codebook(1))
        result = one_item_leaves(criteria).score({"all": statistics})

        assert_equals([float(p) for p in result.units.points], expected["estimate"], "26")
        assert_equals(result.units.se, expected["se"], "26")
        assert_equals(result.cov, expected["vcov"], "26")
    assert list(result.units.unit[[2, 5]]) == case("26")["expected"]["census_units"]


@pytest.mark.parametrize(("item", "blanks"), [("q1", False), ("q2", True), ("q3", True)])
def test_blanks_in_a_census_are_a_second_phase_sample(item: str, *, blanks: bool) -> None:
    """Each stratum with everybody invited: (1 - r/N) r/(r-1) times the centred squares."""
    frame = data("staff")
    design = SurveyDesign(weight="w", strata="stratum", fpc="N")
    criteria = [{"item": item, "max_points": 1, "coefficients": FIVE}]
    census = frame[frame.unit.isin(case("26")["expected"]["census_units"])]

    statistics = aggregate(frame, design, codebook(4))
    result = one_item_leaves(criteria).score({"all": statistics})

    assert census[item].isna().any() == blanks
    for unit, inside in census.groupby("unit"):
        by_hand = second_phase_variance(inside, item)
        assert result.cov.loc[unit, unit] == pytest.approx(by_hand, rel=1e-10)
        assert (by_hand > 0) == inside[item].isna().any()


def second_phase_variance(inside: pd.DataFrame, item: str) -> float:
    answered = inside.dropna(subset=item)
    y, size = (answered[item] - 1) / 4, answered.w.sum()
    mean = (answered.w * y).sum() / size
    variance = 0.0
    for _, rows in answered.assign(z=answered.w * (y - mean) / size).groupby("stratum"):
        r, population = len(rows), int(rows.N.iloc[0])
        squares = ((rows.z - rows.z.mean()) ** 2).sum()
        variance += (1 - r / population) * r / (r - 1) * squares if r < population else 0.0
    return variance


def test_composite_of_one_group_of_clusters() -> None:
    expected = case("27")["expected"]["one_stage"]

    result = one_group("27", "citizen_y1", SurveyDesign(weight="w", strata="stratum", psu="psu"))

    assert list(result.unit_codes) == expected["units"]
    assert_equals([float(p) for p in result.units.points], expected["estimate"], "27")
    assert_equals(result.units.se, expected["se"], "27")
    assert_equals(result.cov, expected["vcov"], "27")
    assert result.units.df.tolist() == expected["df"]
    assert result.maximum == Fraction(case("27")["expected"]["max_points_total"])
    table = result.criteria
    scores = np.array([float(s) for s in table.score]).reshape(6, 6)
    errors = (table.se / table.max_points.astype(float)).to_numpy(dtype=float).reshape(6, 6)
    assert_equals(scores, expected["item_mean"], "27")
    assert_equals(errors, expected["item_se"], "27")


def test_composite_of_one_group_with_a_second_stage() -> None:
    expected = case("27")["expected"]["two_stage"]
    design = SurveyDesign(
        weight="w", strata="stratum", psu="psu", ballot="resp", fpc="N_psu", psu_size="M_ssu"
    )

    result = one_group("27", "citizen_y1", design)

    assert_equals([float(p) for p in result.units.points], expected["estimate"], "27")
    assert_equals(result.units.se, expected["se"], "27")
    assert_equals(result.cov, expected["vcov"], "27")
    assert result.units.df.tolist() == expected["df"]
    table = result.criteria
    errors = (table.se / table.max_points.astype(float)).to_numpy(dtype=float).reshape(6, 6)
    assert_equals(errors, expected["item_se"], "27")


def test_leaves_answered_by_the_same_people_are_not_independent() -> None:
    naive = case("27")["expected"]["se_if_criteria_were_independent"]
    result = one_group("27", "citizen_y1", SurveyDesign(weight="w", strata="stratum", psu="psu"))

    blocks = [result.leaf_covariance(unit) for unit in result.unit_codes]

    assert_equals([np.sqrt(np.trace(block)) for block in blocks], naive, "27")
    assert_equals([np.sqrt(block.sum()) for block in blocks], result.units.se, "27")


def test_composite_of_two_groups_with_satterthwaite_and_both_intervals() -> None:
    expected = case("28")["expected"]
    book = codebook(4)
    citizen = SurveyDesign(weight="w", strata="stratum", psu="psu")
    staff = SurveyDesign(weight="w", strata="stratum", fpc="N", census_blanks="domain")

    result = grouped_leaves(case("28")["request"]["criteria"]).score(
        {
            "citizen": aggregate(data("citizen_y1"), citizen, book),
            "staff": aggregate(data("staff"), staff, book),
        }
    )
    symmetric = result.intervals(method="t")
    parts = result.group_parts.set_index(["group", "unit"])

    assert_equals([float(p) for p in result.units.points], expected["estimate"], "28")
    assert_equals(result.units.se, expected["se"], "28")
    assert_equals(result.cov, expected["vcov"], "28")
    assert_equals(result.units.df, expected["df_satterthwaite"], "28")
    assert_equals(result.units.ci_low, expected["logit_lower"], "28")
    assert_equals(result.units.ci_high, expected["logit_upper"], "28")
    assert_equals(symmetric.ci_low, expected["t_lower"], "28")
    assert_equals(symmetric.ci_high, expected["t_upper"], "28")
    assert set(symmetric.label) == {"approximate"}
    for group in ("citizen", "staff"):
        assert_equals(parts.loc[group].points, expected[f"{group}_part"], "28")
        assert_equals(parts.loc[group].variance, expected[f"{group}_var"], "28")
        assert parts.loc[group].df.tolist() == expected[f"df_{group}"]


def test_raters_of_several_units_give_covariances_between_units() -> None:
    expected = case("29")["expected"]
    design = SurveyDesign(weight="w", strata="stratum", ballot="rater", fpc="N_rater")

    result = one_group("29", "raters", design)

    assert_equals([float(p) for p in result.units.points], expected["estimate"], "29")
    assert_equals(result.units.se, expected["se"], "29")
    assert_equals(result.cov, expected["vcov"], "29")
    assert result.units.df.tolist() == expected["df"]
    pairs = expected["pairs"]
    found = [
        result.contrast({first: 1, second: -1}, df=pairs["df"])
        for first, second in zip(pairs["first"], pairs["second"], strict=True)
    ]
    assert_equals([float(c.estimate) for c in found], pairs["difference"], "29")
    assert_equals([c.se for c in found], pairs["se"], "29")
    apart = [c.distinguishable for c in found]
    assert apart == [p < 0.05 for p in pairs["p"]]


def test_raters_as_named_psus_are_the_same_as_ballots() -> None:
    by_ballot = SurveyDesign(weight="w", strata="stratum", ballot="rater", fpc="N_rater")
    by_psu = SurveyDesign(weight="w", strata="stratum", psu="rater", fpc="N_rater")

    first, second = (one_group("29", "raters", design) for design in (by_ballot, by_psu))

    np.testing.assert_allclose(first.cov, second.cov, rtol=1e-12)


@pytest.mark.parametrize("name", ["citizen_sat", "citizen_low", "citizen_low_U01", "nhanes"])
def test_intervals_for_proportions(name: str) -> None:
    expected = case("21")["expected"][name]
    p, se, n, df = (expected[k] for k in ("estimate", "se", "n", "df"))

    exact, logit = korn_graubard(p, se, n, df), logit_interval(p, 1, se, df)

    beta = expected["methods"]["beta"]
    assert_equals([exact.low, exact.high], [beta["lower"], beta["upper"]], "21")
    wanted = expected["methods"]["logit"]
    assert_equals([logit.low, logit.high], [wanted["lower"], wanted["upper"]], "21")
