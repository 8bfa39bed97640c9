"""Proportions, quantiles and tests equal R's survey package."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.estimation.independence import independence
from analysis.estimation.proportions import proportions
from analysis.estimation.quantiles import quantiles
from analysis.estimation.t_tests import t_test
from tests.reference.loading import assert_equals, case, data

CITIZEN = SurveyDesign(weight="w", strata="stratum", psu="psu")
NHANES = SurveyDesign(weight="WTMEC2YR", strata="SDMVSTRA", psu="SDMVPSU")
STRATIFIED = SurveyDesign(weight="pw", strata="stype", fpc="fpc")
CLUSTERS = SurveyDesign(weight="pw", psu="dnum", fpc="fpc")


def shown(name: str) -> tuple[pd.DataFrame, SurveyDesign, str]:
    if name == "nhanes":
        return data("nhanes_part"), NHANES, "HI_CHOL"
    frame = data("citizen_y1")
    frame["sat"] = (frame.q1 >= 4).where(frame.q1.notna())
    frame["low"] = (frame.q6 <= 2).where(frame.q6.notna())
    return frame, CITIZEN, "sat" if name == "citizen_sat" else "low"


@pytest.mark.parametrize("name", ["citizen_sat", "citizen_low", "citizen_low_U01", "nhanes"])
def test_intervals_of_proportions_by_every_method(name: str) -> None:
    expected = case("21")["expected"][name]
    frame, design, column = shown(name)
    inside = (frame.unit == "U01").to_numpy() if name.endswith("U01") else None

    found = proportions(frame, design, [column], where=inside)

    assert_equals(found.estimate, [expected["estimate"]], "21")
    assert_equals(found.se, [expected["se"]], "21")
    assert (found.df[0], found.n[0]) == (expected["df"], expected["n"])
    for method, limits in expected["methods"].items():
        row = found.intervals(level=0.95, method=method).iloc[0]
        assert_equals([row.ci_low, row.ci_high], list(limits.values()), "21")


@pytest.mark.parametrize("rule", ["math", "school", "hf2", "hf7"])
@pytest.mark.parametrize("name", ["strat", "citizen"])
def test_quantiles_by_every_rule(name: str, rule: str) -> None:
    expected = case("22")["expected"][name][rule]
    probabilities = case("22")["request"]["probabilities"]
    frame, design, column = (
        (data("strat"), STRATIFIED, "api00")
        if name == "strat"
        else (data("citizen_y1"), CITIZEN, "q2")
    )

    found = quantiles(frame, design, [column], probabilities, rule=rule)

    assert_equals(found.quantile, expected["q"], "22")
    assert_equals(found.lower, expected["lower"], "22")
    assert_equals(found.upper, expected["upper"], "22")
    assert_equals(found.se, expected["se"], "22")


def test_difference_between_two_groups() -> None:
    expected = case("11")["expected"]

    found = t_test(data("clus1"), CLUSTERS, "api00", "comp_imp")

    assert found.groups == ("No", "Yes")
    numbers = [found.estimate, found.t, found.df, found.p]
    assert_equals(numbers, [expected[k] for k in ("difference", "t", "df", "p")], "11")


@pytest.mark.parametrize("name", ["strat", "clus1"])
def test_independence_of_two_classifications(name: str) -> None:
    expected = case("12")["expected"][name]
    design = STRATIFIED if name == "strat" else CLUSTERS

    found = independence(data(name), design, "stype", "sch_wide")

    numbers = [found.f, found.ndf, found.ddf, found.p]
    assert_equals(numbers, [expected[k] for k in ("F", "ndf", "ddf", "p")], "12")
    assert np.isclose(found.table.to_numpy().sum(), 1)
