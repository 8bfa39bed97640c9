"""Replicated variances equal R's survey package."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.estimation.means import means, totals
from analysis.estimation.ratios import ratios
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.index.replicated import replicate_index
from analysis.sample import bind
from analysis.totals import aggregate
from tests.reference.loading import assert_equals, case, codebook, data, one_item_leaves


def with_replicates(frame: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, weights], axis=1)


def assert_all(
    frame: pd.DataFrame, design: SurveyDesign, expected: dict[str, Any], number: str
) -> None:
    """Mean, ratio and total, as far as R gave them, and the numbers behind them."""
    request = case(number)["request"]
    found = {
        "mean": lambda: means(frame, design, [request["mean"]]),
        "ratio": lambda: ratios(frame, design, [tuple(request["ratio"])]),
        "total": lambda: totals(frame, design, [request["total"]]),
    }
    for name in expected.keys() & found.keys():
        result = found[name]()
        assert_equals(result.estimate, np.atleast_1d(expected[name]["estimate"]), number)
        assert_equals(result.se, np.atleast_1d(expected[name]["se"]), number)
        if "ci_lower" in expected[name]:
            limits = result.intervals(level=expected[name]["level"], df=result.design_df)
            assert result.design_df == expected[name]["df"]
            assert_equals(limits.ci_low, np.atleast_1d(expected[name]["ci_lower"]), number)
            assert_equals(limits.ci_high, np.atleast_1d(expected[name]["ci_upper"]), number)
    if "spec" in expected:
        made = bind(design, frame).replicates
        assert made is not None
        assert_equals(made.scale, expected["spec"]["scale"], number)
        assert made.mse is expected["spec"]["mse"]
        assert made.df == expected["spec"]["df"]


@pytest.mark.parametrize(("answer", "mse"), [("jkn", False), ("jkn_mse", True)])
def test_stratified_jackknife(answer: str, mse: bool) -> None:
    design = SurveyDesign(
        weight="pw", strata="stype", replicates=ReplicateWeights(kind="JKn", mse=mse)
    )

    assert_all(data("strat"), design, case("18")["expected"][answer], "18")


def test_jackknife_of_clusters_with_a_finite_correction() -> None:
    design = SurveyDesign(
        weight="pw", psu="dnum", fpc="fpc", replicates=ReplicateWeights(kind="JK1")
    )

    assert_all(data("clus1"), design, case("18")["expected"]["jk1"], "18")


@pytest.mark.parametrize("name", ["brr", "fay"])
def test_supplied_balanced_halves(name: str) -> None:
    weights = data(f"two_psu_{name}")
    rho = case("19")["request"]["fay_rho"] if name == "fay" else 0.0
    declared = ReplicateWeights(kind=name, columns=tuple(weights), combined=False, rho=rho)
    frame = with_replicates(data("two_psu"), weights)

    assert_all(frame, SurveyDesign(replicates=declared), case("19")["expected"][name], "19")


def test_linearisation_of_the_same_halves() -> None:
    design = SurveyDesign(strata="ESA", psu="ambulance")

    assert_all(data("two_psu"), design, case("19")["expected"]["taylor"], "19")


@pytest.mark.parametrize("kind", ["BRR", "Fay"])
def test_any_balanced_halves_give_totals_the_error_of_linearisation(kind: str) -> None:
    rho = 0.3 if kind == "Fay" else 0.0
    made = ReplicateWeights(kind=kind, rho=rho)
    design = SurveyDesign(strata="ESA", psu="ambulance", replicates=made)
    expected = case("19")["expected"][kind.lower()]

    assert_all(
        data("two_psu"), design, {"total": expected["total"], "spec": expected["spec"]}, "19"
    )


def citizens() -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Answers with Rao and Wu's weights of each replicate, from the times each PSU was drawn."""
    frame = data("citizen_y1")
    counts = data("citizen_raowu_counts").set_index("psu")
    psus = frame.groupby("stratum").psu.transform("nunique")
    factors = counts.loc[frame.psu].to_numpy() * (psus / (psus - 1)).to_numpy()[:, None]
    weights = pd.DataFrame(factors * frame.w.to_numpy()[:, None], columns=counts.columns)
    frame["s1"] = (frame.q1 - 1) / 4
    frame["s1b"] = (frame.q1 >= 4).where(frame.q1.notna()).astype(float)
    return with_replicates(frame, weights), tuple(counts.columns)


def test_bootstrap_of_means_from_the_counts_of_its_draws() -> None:
    expected = case("20")["expected"]
    frame, columns = citizens()
    design = SurveyDesign(
        weight="w", replicates=ReplicateWeights(kind="bootstrap", columns=columns)
    )
    replicates = bind(design, frame).replicates

    both = means(frame, design, ["s1", "s1b"])
    units = means(frame, design, ["s1"], by=["unit"])

    for place, name in enumerate(["mean_s1", "mean_s1b"]):
        assert_equals(both.estimate[place], expected[name]["estimate"], "20")
        assert_equals(both.se[place], expected[name]["se"], "20")
    assert [f"{unit}:s1" for unit in expected["by_unit_s1"]["names"]] == list(units.names)
    assert_equals(units.estimate, expected["by_unit_s1"]["estimate"], "20")
    assert_equals(units.se, expected["by_unit_s1"]["se"], "20")
    assert_equals(units.cov, expected["by_unit_s1"]["vcov"], "20")
    assert replicates is not None
    assert replicates.count == expected["spec"]["R"]
    assert replicates.df == both.design_df == expected["spec"]["df_by_rank"]
    assert replicates.mse is expected["spec"]["mse"]
    assert replicates.rscales[0] == expected["spec"]["rscales_first"]
    assert_equals(replicates.scale, expected["spec"]["scale"], "20")


def test_linearisation_beside_the_bootstrap() -> None:
    expected = case("20")["expected"]["taylor_for_comparison"]
    frame, _ = citizens()

    found = means(frame, SurveyDesign(weight="w", strata="stratum", psu="psu"), ["s1"])

    assert_equals(found.se, [expected["se"]], "20")
    limits = found.intervals(level=expected["level"], df=expected["df"])
    assert_equals(limits.ci_low, [expected["ci_lower"]], "20")


def test_bootstrap_of_a_composite() -> None:
    expected, criteria = case("30")["expected"], case("30")["request"]["criteria"]
    frame, columns = citizens()
    items = [f"q{i}" for i in range(1, 7)]
    frame[items] = frame[items].fillna(0).astype(int)
    declared = ReplicateWeights(kind="bootstrap", columns=columns, mse=True)
    design = SurveyDesign(weight="w", strata="stratum", psu="psu", replicates=declared)

    result = one_item_leaves(criteria).score({"all": aggregate(frame, design, codebook(6))})
    found = replicate_index(result)

    assert list(found.names) == expected["units"]
    assert_equals(found.estimate, expected["estimate"], "30")
    assert_equals(found.se, expected["se"], "30")
    assert_equals(found.cov, expected["vcov"], "30")
    assert_equals(found.values[0], expected["first_replicate"], "30")
    assert len(found.values) == expected["R"]
