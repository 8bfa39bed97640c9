"""Stages, ratios, unequal probabilities and design effects equal R's survey package."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.estimation.awkward import Thresholds
from analysis.estimation.means import means, totals
from analysis.estimation.ratios import ratios
from analysis.inclusion import JointProbabilities
from tests.reference.loading import assert_equals, case, data
from tests.reference.test_means import assert_estimates

PAIRS = [("api00", "api99"), ("growth", "api99"), ("api00", "tp"), ("growth", "tp")]
STRATIFIED = SurveyDesign(weight="pw", strata="stype", fpc="fpc")
TWO_STAGES = SurveyDesign(weight="pw", psu="dnum", ssu="snum", fpc="fpc1", psu_size="fpc2")


@pytest.mark.parametrize(("name", "design"), [("strat", STRATIFIED), ("clus2", TWO_STAGES)])
def test_ratios_of_several_totals_with_their_covariance(name: str, design: SurveyDesign) -> None:
    frame = data(name)
    frame["tp"] = frame.api99 / 2 + 100

    found = ratios(frame, design, PAIRS)

    assert_estimates(found, case("04")["expected"][name], "04", df=found.design_df)


def test_ratios_in_domains_are_ratios_of_the_domain_totals() -> None:
    frame, design = data("clus2"), TWO_STAGES

    found = ratios(frame, design, [("api00", "api99")], by=["stype"])
    sums = totals(frame, design, ["api00", "api99"], by=["stype"])
    other = sums.ratios({f"{s}:api00/api99": (f"{s}:api00", f"{s}:api99") for s in "EHM"})

    assert found.names == other.names
    np.testing.assert_allclose(found.estimate, other.estimate, rtol=1e-12)
    np.testing.assert_allclose(found.cov, other.cov, rtol=1e-10, atol=1e-18)


@pytest.mark.parametrize(
    ("name", "variables"), [("strat", ["enroll", "api00"]), ("clus1", ["enroll", "api00"])]
)
def test_totals_with_covariance(name: str, variables: list[str]) -> None:
    design = STRATIFIED if name == "strat" else SurveyDesign(weight="pw", psu="dnum", fpc="fpc")

    found = totals(data(name), design, variables)

    assert_estimates(found, case("03")["expected"][name], "03", df=found.design_df)


def test_design_effects_with_and_without_replacement() -> None:
    first, second = case("01")["expected"], case("02")["expected"]["with_fpc"]

    simple = means(data("srs"), SurveyDesign(weight="pw", fpc="fpc"), first["names"])
    stratified = means(data("strat"), STRATIFIED, second["names"])

    assert_equals(simple.deff_wor, first["deff_wor"], "01")
    assert_equals(simple.deff, first["deff_wr"], "01")
    assert_equals(stratified.deff_wor, second["deff_wor"], "02")


@pytest.mark.parametrize("rule", ["yates_grundy", "horvitz_thompson", "brewer", "with_replacement"])
def test_unequal_probabilities_under_each_rule(rule: str) -> None:
    expected = case("23")["expected"]
    frame = data("pps").assign(w=lambda rows: 1 / rows.p)
    joint = JointProbabilities.from_frame(data("pps_joint"))
    design = SurveyDesign(weight="w", psu="commune", inclusion="p", joint=joint, pps=rule)

    found = {
        "total": totals(frame, design, ["satisfied"]),
        "ratio": ratios(frame, design, [("satisfied", "size")]),
        "mean": means(frame, design, ["score"]),
    }

    for name, estimates in found.items():
        assert_estimates(estimates, expected[rule][name], "23")
        assert estimates.design_df == expected["df"]


def test_contrasts_and_a_ratio_of_domains_that_share_psus() -> None:
    """R gave 0 for "mean3", whose coefficients had lost their names; by hand it is 632.96."""
    request, expected = case("10")["request"], case("10")["expected"]
    design = SurveyDesign(weight="pw", psu="dnum", fpc="fpc")
    cells = means(data("clus1"), design, ["api00"], by=["stype"])
    wanted = {
        name: {f"{cell}:api00": factor for cell, factor in factors.items()}
        for name, factors in request["contrasts"].items()
    }

    found = cells.contrasts(wanted).pick(["E_minus_H", "E_minus_M"])
    ratio = cells.ratios({"E/H": ("E:api00", "H:api00")})

    given = expected["contrasts"]
    limits = {key: given[key][:2] for key in ("estimate", "se", "ci_lower", "ci_upper")}
    two = given | limits | {"vcov": np.array(given["vcov"])[:2, :2]}
    assert_estimates(found, two, "10", df=int(found.df[0]))
    assert_estimates(ratio, expected["ratio"], "10", df=int(ratio.df[0]))
    mean = float(cells.contrasts(wanted).estimate[2])
    assert mean == pytest.approx(cells.estimate.mean(), rel=1e-9)


EDGES = {
    "U01_s1": ("U01", "s1"),
    "U02_s1_zero_variance": ("U02", "s1"),
    "U03_s1_lonely": ("U03", "s1"),
    "U04_s1": ("U04", "s1"),
    "U04_s2_one_psu_of_four": ("U04", "s2"),
    "U05_s1_empty": ("U05", "s1"),
    "rare_s1": (None, "s1"),
}


@pytest.mark.parametrize("name", list(EDGES))
def test_domains_at_the_edge_of_what_can_be_estimated(name: str) -> None:
    unit, item = EDGES[name]
    expected = case("25")["expected"][name]
    frame = data("edge")
    frame = frame.assign(s1=(frame.q1 - 1) / 4, s2=(frame.q2 - 1) / 4)
    design = SurveyDesign(weight="w", strata="stratum", psu="psu", fpc="N_psu", lonely="remove")
    inside = (frame.dom == "rare") if unit is None else (frame.unit == unit)

    found = means(frame, design, [item], where=inside.to_numpy())

    assert found.n[0] == expected["n"]
    if expected["estimate"] is None:
        assert np.isnan(found.estimate[0])
        assert found.intervals().reason.tolist() == ["no_valid_answer"]
        return
    assert_estimates(found, expected, "25")
    assert (found.df[0], found.n_psu[0]) == (expected["df"], expected["n_psu"])
    if expected["df"] == 0:
        assert found.intervals().reason.tolist() == ["no_degrees_of_freedom"]


def test_narrow_domains_with_their_counts_and_flags() -> None:
    expected = case("38")["expected"]
    frame = data("citizen_y1")
    frame["s1"] = (frame.q1 - 1) / 4
    inside = ((frame.sex == "F") & (frame.age == "55+")).to_numpy()
    design = SurveyDesign(weight="w", strata="stratum", psu="psu", lonely="remove")

    found = means(frame, design, ["s1"], by=["unit"], where=inside)

    assert found.n_psu.tolist() == expected["psus"]
    assert found.domain_df.tolist() == expected["df_including_blank_answers"]
    flags = found.flags(Thresholds(suppress=10, df=8, rse=0.3))
    assert all("df_below_8" in each for each in flags)
    assert ["suppress" in each for each in flags] == [n < 10 for n in expected["n"]]


def test_totals_of_a_frame_with_text_in_a_number_name_the_row() -> None:
    with pytest.raises(DataError, match="data row 2"):
        means(pd.DataFrame({"y": [1, "two"]}), SurveyDesign(), ["y"])
