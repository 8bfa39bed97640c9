"""A plan from base weights to calibration: columns, design, report, replicates."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError, DesignError
from analysis.estimation.means import means
from analysis.sample import bind
from analysis.weighting.base import StratumWeights
from analysis.weighting.diagnostics import summarise
from analysis.weighting.nonresponse import NonresponseClasses
from analysis.weighting.plan import Weighted, WeightingPlan
from analysis.weighting.raking import Poststratify, Rake
from analysis.weighting.trimming import Trim

RNG = np.random.default_rng(7)
INVITED = pd.DataFrame(
    {
        "region": np.repeat(["N", "S"], [80, 120]),
        "sex": RNG.choice(["F", "M"], 200),
        "answered": (RNG.random(200) < 0.6).astype(int),
        "y": RNG.normal(50, 10, 200),
    }
)
SEX = {"F": 5300.0, "M": 4700.0}
PLAN = WeightingPlan(
    (
        StratumWeights(strata=("region",), population={"N": 2000, "S": 8000}),
        NonresponseClasses(classes={"region": ["N", "S"]}, responded="answered"),
        Trim(upper_quantile=0.95),
        Poststratify(cells=("sex",), population=SEX),
    )
)


def weighted() -> Weighted:
    return PLAN.apply(INVITED, SurveyDesign(strata="region"))


def test_every_step_leaves_a_column_of_weights() -> None:
    found = weighted()

    columns = ["w_start", "w_base", "w_nonresponse", "w_trim", "w_poststratify"]
    assert found.data.columns[-5:].tolist() == columns
    assert found.data.w_base.unique().tolist() == [25.0, 8000 / 120]
    assert found.design.weight == "w_poststratify"
    assert [step.before for step in found.steps] == columns[:-1]


def test_report_has_a_row_before_and_after_each_step() -> None:
    table = weighted().report.weights

    assert table.step.tolist() == ["start", "base", "nonresponse", "trim", "poststratify"]
    assert table["sum"].tolist() == pytest.approx([200, 10000, 10000, 10000, 10000])
    assert table.n.tolist() == [200, 200, *[INVITED.answered.sum()] * 3]
    assert (table.deff == 1 + table.cv2).all()
    assert table.n_eff.tolist() == pytest.approx((table.n / table.deff).tolist())
    assert table.factor_min[1:].tolist()[0] == 25


def test_report_holds_margins_before_and_after() -> None:
    margins = weighted().report.margins.set_index("cell")

    assert margins.population.to_dict() == SEX
    np.testing.assert_allclose(margins.after, margins.population)
    wanted = (margins.before - margins.population) / margins.population
    np.testing.assert_allclose(margins.difference_before, wanted)
    assert margins.difference_before.abs().max() > 1e-3


def test_report_lists_the_largest_and_smallest_factors() -> None:
    factors = weighted().report.factors

    base = factors[factors.step == "base"]
    assert len(base) == 20
    assert base.factor.tolist() == [8000 / 120] * 10 + [25.0] * 10
    np.testing.assert_allclose(factors.after, factors.before * factors.factor)


def test_weights_are_found_again_to_the_last_digits_that_matter() -> None:
    found = weighted()

    sample = bind(found.design, found.data)

    used = found.weights > 0
    np.testing.assert_allclose(sample.weight[used], found.weights[used], rtol=1e-11)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0, 1e6, 1e12])
def test_digits_follow_the_size_of_the_weights(scale: float) -> None:
    data = INVITED.assign(w=scale)
    population = {label: size * scale for label, size in SEX.items()}
    plan = WeightingPlan((Poststratify(cells=("sex",), population=population),))

    found = plan.apply(data, SurveyDesign(weight="w"))

    np.testing.assert_allclose(
        bind(found.design, found.data).weight, found.weights, rtol=1e-8 if scale > 1e-9 else 1e-4
    )
    assert means(found.data, found.design, ["y"]).se[0] > 0


def test_rows_may_have_any_index() -> None:
    data = INVITED.set_index(np.arange(200)[::-1] * 7)

    found = PLAN.apply(data, SurveyDesign(strata="region"))

    assert np.array_equal(found.weights, weighted().weights)
    assert np.array_equal(found.data.w_poststratify.to_numpy(), found.weights)


def test_data_given_are_not_changed() -> None:
    before = INVITED.copy()

    weighted()

    pd.testing.assert_frame_equal(INVITED, before)


def test_own_weights_at_the_start_are_repeated_exactly() -> None:
    found = weighted()

    assert np.array_equal(found.propagate(np.ones(200)), found.weights)


def test_replicates_go_through_every_step() -> None:
    found = weighted()
    multipliers = np.random.default_rng(1).choice([0.0, 1.0, 2.0], (200, 6), p=[0.2, 0.6, 0.2])

    replicates = found.propagate(multipliers)

    assert replicates.shape == (200, 6)
    assert (replicates[INVITED.answered == 0] == 0).all()
    for label, size in SEX.items():
        sums = replicates[INVITED.sex == label].sum(axis=0)
        np.testing.assert_allclose(sums, size)


def test_second_step_of_a_name_gets_a_number() -> None:
    step = Rake(margins={"sex": SEX})
    data = INVITED.assign(w=1)

    found = WeightingPlan((step, step), prefix="weight_").apply(data, SurveyDesign(weight="w"))

    assert found.data.columns[-2:].tolist() == ["weight_rake", "weight_rake_2"]


def test_column_that_exists_is_not_overwritten() -> None:
    with pytest.raises(DataError, match="column 'w_trim' already"):
        PLAN.apply(INVITED.assign(w_trim=1), SurveyDesign(strata="region"))


def test_bad_weight_at_the_start_names_its_row() -> None:
    plan = WeightingPlan((Poststratify(cells=("sex",), population=SEX),))
    data = INVITED.assign(w=np.where(INVITED.index == 3, -1.0, 1.0))

    with pytest.raises(DataError, match="'w' is no weight in data row 4"):
        plan.apply(data, SurveyDesign(weight="w"))


def test_plan_without_steps_is_refused() -> None:
    with pytest.raises(DesignError, match="has no step"):
        WeightingPlan(())


def test_summary_of_equal_weights_has_no_design_effect() -> None:
    found = summarise(np.full(8, 2.5))

    assert (found.deff, found.n_eff, found.sum) == (1, 8, 20)
    assert (found.min, found.p50, found.max) == (2.5, 2.5, 2.5)


def test_summary_of_no_weights_is_missing() -> None:
    found = summarise(np.zeros(3))

    assert (found.n, found.sum) == (0, 0)
    assert math.isnan(found.deff)
