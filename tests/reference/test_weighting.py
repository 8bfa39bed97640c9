"""Weights, and what estimates know of them, equal R's survey package."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.estimation.means import Estimates, means, totals
from analysis.estimation.replication.columns import write_replicates
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.weighting.calibration import Calibrate
from analysis.weighting.diagnostics import summarise
from analysis.weighting.nonresponse import NonresponseClasses
from analysis.weighting.plan import Weighted, WeightingPlan
from analysis.weighting.raking import Poststratify, Rake
from analysis.weighting.trimming import Trim
from analysis.weights import Floats
from tests.reference.loading import assert_equals, case, data

CLUSTERS = SurveyDesign(psu="dnum", weight="pw", fpc="fpc")
STRATA = SurveyDesign(strata="stype", weight="pw", fpc="fpc")


def assert_estimates(found: Estimates, expected: dict, number: str) -> None:
    """Estimate and error, and limits on the degrees of freedom of the design where R gave them."""
    assert_equals(found.estimate, [expected["estimate"]], number)
    assert_equals(found.se, [expected["se"]], number)
    if "ci_lower" in expected:
        assert found.design_df == expected["df"]
        limits = found.intervals(level=expected["level"], df=expected["df"])
        assert_equals(limits.ci_low, [expected["ci_lower"]], number)
        assert_equals(limits.ci_high, [expected["ci_upper"]], number)


def poststratified() -> Weighted:
    request = case("13")["request"]
    step = Poststratify(cells=(request["cells"],), population=request["population"])
    return WeightingPlan((step,)).apply(data("clus1"), CLUSTERS)


def test_poststratified_mean_and_total() -> None:
    expected, weighted = case("13")["expected"], poststratified()

    mean = means(weighted.data, weighted.design, ["api00"])
    total = totals(weighted.data, weighted.design, ["enroll"])

    assert_estimates(mean, expected["mean"], "13")
    assert_estimates(total, expected["total"], "13")
    assert_equals(weighted.weights[:5], expected["first_5_weights"], "13")
    assert_equals(weighted.weights.sum(), expected["sum_of_weights"], "13")


def test_domain_of_a_poststratified_sample() -> None:
    expected, weighted = case("13")["expected"]["domain_mean_H"], poststratified()
    inside = (weighted.data.stype == "H").to_numpy()

    found = means(weighted.data, weighted.design, ["api00"], where=inside)

    assert_estimates(found, expected, "13")


def test_weights_read_as_fixed_give_another_error() -> None:
    expected, weighted = case("13")["expected"], poststratified()
    fixed = SurveyDesign(psu="dnum", weight=weighted.design.weight, fpc="fpc")

    found = means(weighted.data, fixed, ["api00"])

    assert_equals(found.se, [expected["se_if_weights_were_treated_as_fixed"]], "13")


def test_raked_weights_mean_and_total() -> None:
    request, expected = case("14")["request"], case("14")["expected"]
    step = Rake(
        margins=request["margins"],
        tolerance=request["tolerance"],
        max_iterations=request["max_iterations"],
    )

    weighted = WeightingPlan((step,)).apply(data("clus1"), CLUSTERS)
    mean = means(weighted.data, weighted.design, ["api00"])
    total = totals(weighted.data, weighted.design, ["enroll"])
    fixed = SurveyDesign(psu="dnum", weight=weighted.design.weight, fpc="fpc")

    assert_equals(weighted.weights, expected["weights"], "14")
    assert_estimates(mean, expected["mean"], "14")
    assert_estimates(total, expected["total"], "14")
    as_fixed = means(weighted.data, fixed, ["api00"])
    assert_equals(as_fixed.se, [expected["se_if_weights_were_treated_as_fixed"]], "14")


@pytest.mark.parametrize(
    ("name", "design", "method"),
    [
        ("clus1", CLUSTERS, "linear"),
        ("strat", STRATA, "linear"),
        ("strat", STRATA, "raking"),
        ("strat", STRATA, "logit"),
    ],
)
def test_calibrated_weights_and_mean(name: str, design: SurveyDesign, method: str) -> None:
    request, expected = case("15")["request"], case("15")["expected"][f"{name}_{method}"]
    bounds = tuple(request["logit_bounds"]) if method == "logit" else (-np.inf, np.inf)
    step = Calibrate(
        terms=("1", "stype", "api99"),
        population=request["population"],
        method=method,
        bounds=bounds,
    )

    weighted = WeightingPlan((step,)).apply(data(name), design)
    found = means(weighted.data, weighted.design, [request["variables"]])

    assert_equals(weighted.weights, expected["weights"], "15")
    assert_estimates(found, expected, "15")
    if "weight_ratio_range" in expected:
        ratio = weighted.weights / data(name).pw
        assert_equals([ratio.min(), ratio.max()], expected["weight_ratio_range"], "15")


def test_calibrated_total() -> None:
    request, expected = case("15")["request"], case("15")["expected"]["strat_linear_total"]
    step = Calibrate(terms=("1", "stype", "api99"), population=request["population"])

    weighted = WeightingPlan((step,)).apply(data("strat"), STRATA)

    found = totals(weighted.data, weighted.design, [request["variables"]])
    assert_estimates(found, expected, "15")


def adjusted_for_nonresponse() -> Weighted:
    request = case("16")["request"]
    step = NonresponseClasses(
        classes=(request["cells"],), responded=request["responded"], min_respondents=1
    )
    design = SurveyDesign(strata="stype", weight="pw")
    return WeightingPlan((step,)).apply(data("nonresponse"), design)


def test_nonresponse_classes() -> None:
    expected, weighted = case("16")["expected"], adjusted_for_nonresponse()

    found = means(weighted.respondents, weighted.design, ["api00"])
    spread = summarise(weighted.weights)

    events = weighted.report.events
    factors = events[events.kind == "factor"].set_index("place").amount
    assert_equals(factors[list(expected["factor"])], list(expected["factor"].values()), "16")
    assert_equals(found.estimate, [expected["mean"]], "16")
    assert_equals(found.se, [expected["se_taylor_weights_fixed"]], "16")
    assert_equals(spread.deff, expected["deff_kish_1_plus_cv2"], "16")
    assert_equals(spread.n_eff, expected["n_effective_kish"], "16")


def test_adjustment_repeated_in_every_jackknife_replicate() -> None:
    expected, weighted = case("16")["expected"], adjusted_for_nonresponse()
    multipliers, scale = one_out_of_each_stratum(weighted.data.stype)

    replicates = weighted.propagate(multipliers * weighted.data.pw.to_numpy()[:, None])

    y = weighted.data.api00.to_numpy()
    y = np.where(weighted.weights > 0, y, 0.0)
    found = y @ replicates / replicates.sum(axis=0)
    se = np.sqrt((scale * (found - found.mean()) ** 2).sum())
    assert_equals(se, expected["se_jkn_readjusted"], "16")


def test_adjustment_repeated_in_replicates_that_the_design_makes() -> None:
    expected, weighted = case("16")["expected"], adjusted_for_nonresponse()

    wide, design = write_replicates(
        weighted.data,
        SurveyDesign(strata="stype", weight="pw"),
        ReplicateWeights(kind="JKn"),
        weighting=weighted.propagate,
        weight=weighted.design.weight,
    )
    found = means(wide, design, ["api00"])

    assert_equals(found.estimate, [expected["mean"]], "16")
    assert_equals(found.se, [expected["se_jkn_readjusted"]], "16")


def one_out_of_each_stratum(stratum: pd.Series) -> tuple[Floats, Floats]:
    """Multipliers of the jackknife for a stratified sample of persons, and scales (n - 1)/n."""
    n = stratum.map(stratum.value_counts()).to_numpy(dtype=np.float64)
    same = stratum.to_numpy()[:, None] == stratum.to_numpy()[None, :]
    multipliers = np.where(same, n / (n - 1), 1.0)
    np.fill_diagonal(multipliers, 0.0)
    return multipliers, (n - 1) / n


@pytest.mark.parametrize("bound", ["given", "quantile"])
def test_trimmed_weights(bound: str) -> None:
    request, expected = case("17")["request"], case("17")["expected"]
    step = Trim(upper=request["upper"]) if bound == "given" else Trim(upper_quantile=0.9)
    design = SurveyDesign(psu="dnum", ballot="snum", weight="pw", fpc="fpc1", psu_size="fpc2")

    weighted = WeightingPlan((step,)).apply(data("clus2"), design)
    found = means(weighted.data, weighted.design, ["api00"])

    assert_equals(weighted.weights, expected["weights"], "17")
    assert_equals(weighted.weights.sum(), expected["sum"], "17")
    assert_estimates(found, expected["mean_api00"], "17")
