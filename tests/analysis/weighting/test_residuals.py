"""Variances after calibration: by hand, in layers, for several rows a ballot, and for scores."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DesignError
from analysis.estimation.means import means, totals
from analysis.weighting.calibration import Calibrate
from analysis.weighting.declared import Calibration, Residuals, Term
from analysis.weighting.plan import Weighted, WeightingPlan
from analysis.weighting.raking import Poststratify, Rake
from analysis.weighting.trimming import Trim
from analysis.weights import Floats
from tests.analysis.making import make_scheme, make_statistics

RNG = np.random.default_rng(11)
PEOPLE = pd.DataFrame(
    {
        "h": np.repeat(["a", "b", "c"], [30, 40, 50]),
        "psu": np.repeat(np.arange(24), 5),
        "person": np.arange(120),
        "sex": RNG.choice(["F", "M"], 120),
        "age": RNG.choice(["old", "young", "mid"], 120),
        "size": RNG.integers(1, 30, 120),
        "w": RNG.integers(10, 40, 120) / 4,
        "y": RNG.normal(10, 2, 120),
        "z": RNG.normal(5, 1, 120),
        "q1": RNG.integers(1, 5, 120),
    }
)
DESIGN = SurveyDesign(strata="h", psu="psu", ballot="person", weight="w")
SEX = {"F": 430.0, "M": 410.0}
AGE = {"old": 300.0, "young": 280.0, "mid": 260.0}
MODEL = Calibrate(
    terms=("1", "sex", "size"),
    population={"(Intercept)": 840.0, "sexM": 410.0, "size": 12500.0},
    method="raking",
)
STEPS = {
    "poststratified": Poststratify(cells=("sex",), population=SEX),
    "raked": Rake(margins={"sex": SEX, "age": AGE}),
    "raked by regression": Rake(margins={"sex": SEX, "age": AGE}, residuals=Residuals.REGRESSION),
    "calibrated": MODEL,
}


def weigh(*steps: object, data: pd.DataFrame = PEOPLE) -> Weighted:
    return WeightingPlan(tuple(steps)).apply(data, DESIGN)


def variance(values: Floats) -> float:
    """Of the sum of weighted values, over the PSUs of the strata."""
    total = pd.Series(values).groupby(PEOPLE.psu).sum()
    found = 0.0
    for _, one in total.groupby(PEOPLE.groupby("psu").h.first()):
        found += len(one) * one.var()
    return found


def residuals(x: Floats, weight: Floats, z: Floats) -> Floats:
    """By hand: z less its weighted regression on x."""
    root = np.sqrt(weight)
    return z - x @ np.linalg.lstsq(x * root[:, None], z * root, rcond=None)[0]


def indicators(*columns: str) -> Floats:
    return np.column_stack([pd.get_dummies(PEOPLE[c]).to_numpy(float) for c in columns])


BY_HAND = {
    "poststratified": (indicators("sex"), PEOPLE.w.to_numpy()),
    "raked": (indicators("sex", "age"), np.ones(120)),
    "raked by regression": (indicators("sex", "age"), PEOPLE.w.to_numpy()),
    "calibrated": (np.column_stack([indicators("sex"), PEOPLE["size"]]), PEOPLE.w.to_numpy()),
}


@pytest.mark.parametrize("name", STEPS)
def test_variance_of_a_total_is_that_of_weighted_residuals(name: str) -> None:
    weighted = weigh(STEPS[name])

    found = totals(weighted.data, weighted.design, ["y"])

    x, weight = BY_HAND[name]
    by_hand = variance(weighted.weights * residuals(x, weight, PEOPLE.y.to_numpy()))
    assert found.cov[0, 0] == pytest.approx(by_hand, rel=1e-8)


@pytest.mark.parametrize("name", STEPS)
def test_total_of_what_was_calibrated_has_no_error(name: str) -> None:
    data = PEOPLE.assign(man=(PEOPLE.sex == "M").astype(float))
    weighted = weigh(STEPS[name], data=data)

    found = totals(weighted.data, weighted.design, ["man"])

    assert found.estimate[0] == pytest.approx(410)
    assert found.se[0] < 1e-6


@pytest.mark.parametrize("name", STEPS)
def test_several_rows_of_a_ballot_count_it_once(name: str) -> None:
    """Two rated units as two rows give what two columns of one row give."""
    weighted = weigh(STEPS[name])
    wide = means(weighted.data, weighted.design, ["y", "z"])
    long = pd.concat(
        [weighted.data.assign(unit="U1", v=PEOPLE.y), weighted.data.assign(unit="U2", v=PEOPLE.z)]
    )

    found = means(long.reset_index(drop=True), weighted.design, ["v"], by=["unit"])

    np.testing.assert_allclose(found.estimate, wide.estimate)
    np.testing.assert_allclose(found.cov, wide.cov, rtol=1e-8)


def test_second_stage_is_made_of_residuals_too() -> None:
    data = PEOPLE.assign(psus=np.repeat([20, 30, 40], [30, 40, 50]), people=12)
    design = SurveyDesign(
        strata="h", psu="psu", ballot="person", weight="w", fpc="psus", psu_size="people"
    )
    weighted = WeightingPlan((STEPS["poststratified"],)).apply(data, design)
    x, weight = BY_HAND["poststratified"]
    e = residuals(x, weight, PEOPLE.y.to_numpy())
    fixed = replace(design, weight=weighted.design.weight)

    found = totals(weighted.data, weighted.design, ["y"])

    by_hand = totals(weighted.data.assign(e=e), fixed, ["e"])
    assert found.cov[0, 0] == pytest.approx(by_hand.cov[0, 0], rel=1e-8)


def test_calibrations_one_after_the_other_are_taken_out_in_turn() -> None:
    weighted = weigh(STEPS["poststratified"], MODEL)
    first, last = weighted.data.w_poststratify.to_numpy(), weighted.weights
    x, size = indicators("sex"), BY_HAND["calibrated"][0]
    z = PEOPLE.y.to_numpy() * last
    z = residuals(x, PEOPLE.w.to_numpy(), z / first) * first
    z = residuals(size, first, z / last) * last

    found = totals(weighted.data, weighted.design, ["y"])

    assert len(weighted.design.calibration) == 2
    assert found.cov[0, 0] == pytest.approx(variance(z), rel=1e-8)


def test_trim_after_a_calibration_undoes_it_and_says_so() -> None:
    weighted = weigh(STEPS["raked"], Trim(upper_quantile=0.9))

    assert weighted.design.calibration == ()
    told = weighted.report.events.iloc[-1]
    assert (told.kind, told.place) == ("undone", "w_rake")
    fixed = SurveyDesign(strata="h", psu="psu", ballot="person", weight="w_trim")
    found = means(weighted.data, weighted.design, ["y"])
    np.testing.assert_allclose(found.cov, means(weighted.data, fixed, ["y"]).cov, rtol=1e-9)


def test_raking_again_after_a_trim_is_what_counts() -> None:
    weighted = weigh(STEPS["raked"], Trim(upper_quantile=0.9), STEPS["raked"])

    assert [c.after for c in weighted.design.calibration] == ["w_rake_2"]
    assert weighted.design.weight == "w_rake_2"


@pytest.mark.parametrize("name", STEPS)
def test_rows_left_out_are_an_error_not_a_wrong_variance(name: str) -> None:
    weighted = weigh(STEPS[name])

    with pytest.raises(DesignError, match="rows do not add up") as raised:
        means(weighted.data[weighted.data.h != "a"], weighted.design, ["y"])

    assert raised.value.code == "calibrated_rows_missing"


def test_ballots_of_several_rows_without_a_name_are_an_error() -> None:
    weighted = weigh(STEPS["raked"])
    design = replace(weighted.design, ballot=None)
    twice = pd.concat([weighted.data, weighted.data], ignore_index=True)

    with pytest.raises(DesignError, match="name its column in ballot"):
        means(twice, design, ["y"])


def test_order_of_rows_does_not_matter() -> None:
    weighted = weigh(STEPS["raked"])
    order = np.random.default_rng(5).permutation(120)

    found = means(weighted.data.iloc[order], weighted.design, ["y"])

    usual = means(weighted.data, weighted.design, ["y"])
    np.testing.assert_allclose(found.cov, usual.cov, rtol=1e-9)


@pytest.mark.parametrize("name", STEPS)
def test_scores_of_units_have_residual_variances(name: str) -> None:
    """The points of one leaf are a mean of coefficients: same error as that of the mean."""
    data = PEOPLE.assign(unit="U", s=PEOPLE.q1.map({1: 1.0, 2: 0.6, 3: 0.2, 4: 0.0}))
    weighted = weigh(STEPS[name], data=data)

    statistics = make_statistics(weighted.data, weighted.design)
    result = make_scheme(points="1").score({"all": statistics})

    mean = means(weighted.data, weighted.design, ["s"])
    assert float(result.points_of("U") or 0) == pytest.approx(mean.estimate[0], rel=1e-9)
    assert result.cov.loc["U", "U"] == pytest.approx(mean.cov[0, 0], rel=1e-7)
    scores = result.variances[0].scores.toarray()[:, 0]
    by_hand = sum(
        len(one) * one.var()
        for _, one in pd.Series(scores).groupby(result.variances[0].sample.psu_stratum)
    )
    assert by_hand == pytest.approx(mean.cov[0, 0], rel=1e-7)


def test_sums_over_psus_cannot_hold_residuals() -> None:
    weighted = weigh(STEPS["raked"], data=PEOPLE.assign(unit="U"))

    with pytest.raises(DesignError, match="looks inside PSUs"):
        make_statistics(weighted.data, weighted.design, level="psu")


def test_text_weights_before_a_calibration_are_read() -> None:
    data = PEOPLE.assign(w=[f"{int(4 * w)}/4" for w in PEOPLE.w])

    weighted = weigh(STEPS["calibrated"], data=data)

    usual = weigh(STEPS["calibrated"])
    np.testing.assert_allclose(weighted.weights, usual.weights, rtol=1e-12)
    found = means(weighted.data, weighted.design, ["y"])
    np.testing.assert_allclose(found.cov, means(usual.data, usual.design, ["y"]).cov, rtol=1e-9)


def test_plain_statement_of_a_calibration_is_read_back() -> None:
    for weighted in (weigh(STEPS["raked"]), weigh(STEPS["poststratified"], MODEL)):
        assert SurveyDesign.from_dict(weighted.design.to_dict()) == weighted.design


def test_design_without_calibration_is_written_as_before() -> None:
    assert "calibration" not in DESIGN.to_dict()


@pytest.mark.parametrize(
    "declared",
    [
        {},
        {"margins": (("sex",),), "terms": (Term(""),)},
        {"terms": (Term(""),), "residuals": Residuals.ALTERNATING},
    ],
)
def test_calibration_that_contradicts_itself_is_refused(declared: dict) -> None:
    with pytest.raises(DesignError) as raised:
        Calibration(before="w", after="g", **declared)

    assert raised.value.code == "bad_calibration"


def test_unknown_kind_of_residuals_lists_those_there_are() -> None:
    with pytest.raises(DesignError, match="regression, alternating"):
        Calibration(before="w", after="g", margins=(("sex",),), residuals="exact")
