"""Means, totals and covariances of plain variables equal R's survey package."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DesignError
from analysis.estimation.means import Estimates, means, totals
from tests.reference.loading import assert_equals, case, data


def assert_estimates(
    found: Estimates, expected: dict, number: str, df: float | None = None
) -> None:
    """Whatever R gave is compared: estimates, errors, covariances, df, limits."""
    assert_equals(found.estimate, np.atleast_1d(expected["estimate"]), number)
    assert_equals(found.se, np.atleast_1d(expected["se"]), number)
    if "vcov" in expected:
        assert_equals(found.cov, expected["vcov"], number)
    if "ci_lower" in expected:
        assert df is not None
        assert df == expected["df"]
        limits = found.intervals(level=expected["level"], df=df)
        assert_equals(limits.ci_low, np.atleast_1d(expected["ci_lower"]), number)
        assert_equals(limits.ci_high, np.atleast_1d(expected["ci_upper"]), number)


def with_coefficients(name: str) -> pd.DataFrame:
    frame = data(name)
    frame["s1"] = (frame.q1 - 1) / 4
    return frame


def test_means_of_a_simple_random_sample_with_its_covariance() -> None:
    found = means(data("srs"), SurveyDesign(weight="pw", fpc="fpc"), ["api00", "api99"])

    assert_estimates(found, case("01")["expected"], "01", df=found.design_df)
    assert found.df.tolist() == [199, 199]


@pytest.mark.parametrize(("fpc", "answer"), [("fpc", "with_fpc"), (None, "without_fpc")])
def test_means_of_a_stratified_sample(fpc: str | None, answer: str) -> None:
    design = SurveyDesign(weight="pw", strata="stype", fpc=fpc)

    found = means(data("strat"), design, ["api00", "api99", "meals"])

    assert_estimates(found, case("02")["expected"][answer], "02", df=found.design_df)


def test_superpopulation_inference_is_the_design_without_finite_correction() -> None:
    design = SurveyDesign(weight="pw", strata="stype", fpc="fpc", inference="superpopulation")

    found = means(data("strat"), design, ["api00", "api99", "meals"])

    assert_estimates(found, case("02")["expected"]["without_fpc"], "02", df=found.design_df)


def test_means_of_clusters_of_one_stage() -> None:
    design = SurveyDesign(weight="pw", psu="dnum", fpc="fpc")

    found = means(data("clus1"), design, ["api00", "api99"])

    assert_estimates(found, case("05")["expected"], "05", df=found.design_df)


def test_persons_sampled_inside_sampled_clusters_add_their_own_variance() -> None:
    expected = case("06")["expected"]
    design = SurveyDesign(psu="dnum", ballot="snum", weight="pw", fpc="fpc1", psu_size="fpc2")

    found = means(data("clus2"), design, ["api00", "api99"])
    whole = totals(data("clus2"), design, ["api00"])

    assert_estimates(found, expected["two_stage_fpc"], "06", df=found.design_df)
    assert_estimates(whole, expected["total_two_stage"], "06", df=whole.design_df)


@pytest.mark.parametrize("size", [None, "fpc2"])
def test_without_a_finite_correction_the_first_stage_holds_both(size: str | None) -> None:
    expected = case("06")["expected"]["ultimate_cluster_no_fpc"]
    design = SurveyDesign(psu="dnum", ballot="snum", weight="pw", psu_size=size)

    found = means(data("clus2"), design, ["api00", "api99"])

    assert_estimates(found, expected, "06", df=found.design_df)


def test_psu_labels_are_nested_in_their_strata() -> None:
    design = SurveyDesign(weight="weight", strata="stratid", psu="psuid", fpc="Nh")

    found = means(data("fpc_small"), design, ["x"])
    whole = totals(data("fpc_small"), design, ["x"])

    assert_estimates(found, case("07")["expected"]["mean"], "07", df=found.design_df)
    assert_estimates(whole, case("07")["expected"]["total"], "07", df=whole.design_df)


def test_total_without_finite_correction() -> None:
    design = SurveyDesign(weight="weight", strata="stratid", psu="psuid")

    whole = totals(data("fpc_small"), design, ["x"])

    assert_estimates(whole, case("07")["expected"]["total_no_fpc"], "07", df=whole.design_df)


def test_domain_of_clusters_has_its_own_degrees_of_freedom() -> None:
    frame = data("clus1")
    inside = ((frame.comp_imp == "Yes") & (frame.stype == "H")).to_numpy()
    expected = case("08")["expected"]["clus1"]

    found = means(frame, SurveyDesign(weight="pw", psu="dnum", fpc="fpc"), ["api00"], where=inside)

    assert_estimates(found, expected, "08", df=int(found.df[0]))
    assert (found.n[0], found.design_df) == (expected["n"], expected["df_full_design"])


def test_domain_of_a_national_health_survey() -> None:
    frame = data("nhanes_part")
    inside = ((frame.race == 2) & (frame.agecat == "(59,Inf]")).to_numpy()
    expected = case("08")["expected"]["nhanes"]
    design = SurveyDesign(weight="WTMEC2YR", strata="SDMVSTRA", psu="SDMVPSU")

    found = means(frame, design, ["HI_CHOL"], where=inside)

    assert_estimates(found, expected, "08", df=int(found.df[0]))
    assert (found.n[0], found.design_df) == (expected["n"], expected["df_full_design"])


def test_cells_of_two_classifications_with_the_whole_covariance() -> None:
    design = SurveyDesign(weight="pw", strata="stype", fpc="fpc")

    found = means(data("strat"), design, ["api00", "api99"], by=["stype", "comp_imp"])

    assert list(found.names) == case("09")["expected"]["names"]
    assert_estimates(found, case("09")["expected"], "09", df=found.design_df)


def test_domains_that_share_psus_are_compared_with_their_covariance() -> None:
    expected = case("10")["expected"]
    design = SurveyDesign(weight="pw", psu="dnum", fpc="fpc")

    found = means(data("clus1"), design, ["api00"], by=["stype"])
    contrasts = [
        found.contrast({f"{letter}:api00": factor for letter, factor in factors.items()})
        for factors in list(case("10")["request"]["contrasts"].values())[:2]
    ]

    assert_estimates(found, expected["by"], "10", df=found.design_df)
    assert_equals([c[0] for c in contrasts], expected["contrasts"]["estimate"][:2], "10")
    assert_equals([c[1] for c in contrasts], expected["contrasts"]["se"][:2], "10")
    assert contrasts[0][1] < expected["naive_se_E_minus_H_without_covariance"]


@pytest.mark.parametrize("correction", ["fpc", "nofpc"])
@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("remove", "remove"),
        ("certainty", "certainty"),
        ("center", "adjust"),
        ("average", "average"),
    ],
)
def test_strata_with_one_psu_under_each_rule(rule: str, name: str, correction: str) -> None:
    expected = case("24")["expected"][f"{name}_{correction}"]
    fpc = "N_psu" if correction == "fpc" else None
    design = SurveyDesign(weight="w", strata="stratum", psu="psu", fpc=fpc, lonely=rule)
    frame = with_coefficients("edge")

    found = means(frame, design, ["s1"])
    whole = totals(frame, design, ["s1"])

    assert_estimates(found, expected["mean_s1"], "24", df=found.design_df)
    assert_estimates(whole, expected["total_s1"], "24")


def test_stratum_with_one_psu_is_an_error_by_default() -> None:
    design = SurveyDesign(weight="w", strata="stratum", psu="psu", fpc="N_psu")

    with pytest.raises(DesignError, match="'L1' has a single sampled PSU"):
        means(with_coefficients("edge"), design, ["s1"])


@pytest.mark.parametrize("inference", ["finite", "superpopulation"])
def test_census_strata_beside_samples(inference: str) -> None:
    expected = case("26")["expected"]
    design = SurveyDesign(
        weight="w", strata="stratum", fpc="N", inference=inference, census_blanks="domain"
    )
    frame = with_coefficients("staff")

    by_unit = means(frame, design, ["s1"], by=["unit"])
    overall = means(frame, design, ["s1"])

    assert_estimates(by_unit, expected[inference], "26", df=by_unit.design_df)
    short = "overall_finite" if inference == "finite" else "overall_super"
    assert_estimates(overall, expected[short], "26", df=overall.design_df)


def test_unit_means_in_a_narrow_domain() -> None:
    expected = case("38")["expected"]
    frame = with_coefficients("citizen_y1")
    inside = ((frame.sex == "F") & (frame.age == "55+")).to_numpy()
    design = SurveyDesign(weight="w", strata="stratum", psu="psu", lonely="remove")

    found = means(frame, design, ["s1"], by=["unit"], where=inside)

    assert_estimates(found, expected, "38")
    assert found.n.tolist() == expected["n"]
