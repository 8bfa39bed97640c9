"""Poststratification and raking: margins met, and what keeps them from being met."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DesignError
from analysis.weighting.declared import Residuals
from analysis.weighting.plan import Weighted, WeightingPlan
from analysis.weighting.raking import Poststratify, Rake

PEOPLE = pd.DataFrame(
    {
        "sex": ["F", "F", "F", "M", "M", "M", "M"],
        "age": [1, 1, 2, 2, 1, 3, 3],
        "w": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
    }
)
DESIGN = SurveyDesign(weight="w")
SEX = {"F": 60.0, "M": 40.0}
AGE = {1: 30.0, 2: 45.0, 3: 25.0}


def weigh(step: Poststratify | Rake, data: pd.DataFrame = PEOPLE) -> Weighted:
    return WeightingPlan((step,)).apply(data, DESIGN)


def test_poststratified_weights_keep_their_proportions_within_cells() -> None:
    weighted = weigh(Poststratify(cells=("sex",), population=SEX))

    np.testing.assert_allclose(weighted.weights[:3], [10, 20, 30])
    np.testing.assert_allclose(weighted.weights[3:] / PEOPLE.w[3:], 40 / 22)


def test_poststratification_to_crossed_cells() -> None:
    population = {("F", 1): 9, ("F", 2): 3, ("M", 1): 10, ("M", 2): 4, ("M", 3): 26}

    weighted = weigh(Poststratify(cells=("sex", "age"), population=population))

    np.testing.assert_allclose(weighted.weights, [3, 6, 3, 4, 10, 12, 14])


def test_raked_weights_meet_all_margins() -> None:
    weighted = weigh(Rake(margins={"sex": SEX, "age": AGE}))

    after = weighted.report.margins
    np.testing.assert_allclose(after.after, after.population, rtol=1e-10)
    assert after[["margin", "cell"]].values.tolist() == [
        ["sex", "F"],
        ["sex", "M"],
        ["age", "1"],
        ["age", "2"],
        ["age", "3"],
    ]
    assert after.before.tolist() == [6, 22, 8, 7, 13]


def test_raked_factors_are_products_of_a_factor_for_each_margin() -> None:
    weighted = weigh(Rake(margins={"sex": SEX, "age": AGE}))

    factor = weighted.weights / PEOPLE.w.to_numpy()
    np.testing.assert_allclose(factor[0] * factor[3], factor[2] * factor[4])


def test_margins_of_crossed_columns() -> None:
    crossed = {("F", 1): 20.0, ("F", 2): 40.0, ("M", 1): 10.0, ("M", 2): 5.0, ("M", 3): 25.0}

    weighted = weigh(Rake(margins={("sex", "age"): crossed, "sex": SEX}))

    assert weighted.design.calibration[0].margins == (("sex", "age"), ("sex",))
    assert weighted.weights.sum() == pytest.approx(100)


def test_replicates_are_raked_each_for_itself() -> None:
    weighted = weigh(Rake(margins={"sex": SEX, "age": AGE}))
    many = PEOPLE.w.to_numpy()[:, None] * np.array([[1.0, 2.0, 0.5]] * 7)
    many[0, 2] = 0

    raked = weighted.propagate(many)

    np.testing.assert_allclose(raked[:, 0], weighted.weights, rtol=1e-14)
    np.testing.assert_allclose(raked[:, 1], weighted.weights, rtol=1e-9)
    np.testing.assert_array_equal(raked[:, 2], weighted.propagate(many[:, 2]))


def test_replicate_with_an_empty_cell_names_it() -> None:
    weighted = weigh(Rake(margins={"sex": SEX, "age": AGE}))

    with pytest.raises(DesignError, match="No weight is left in cell '3' of age"):
        weighted.propagate(np.where(PEOPLE.age == 3, 0.0, 1.0))


def test_margins_that_add_up_to_different_populations_are_refused() -> None:
    with pytest.raises(DesignError, match="is 100 by sex but 101 by age") as raised:
        weigh(Rake(margins={"sex": SEX, "age": AGE | {3: 26}}))

    assert raised.value.code == "margins_disagree"


def test_margins_that_cannot_be_met_name_the_cell() -> None:
    """All of age 3 are men: 45 of them cannot be among 40 men."""
    with pytest.raises(DesignError, match=r"After 200 rounds cell '.' of (sex|age)") as raised:
        weigh(Rake(margins={"sex": SEX, "age": {1: 30.0, 2: 25.0, 3: 45.0}}))

    assert raised.value.code == "raking_not_converged"
    assert raised.value.attributes["misfit"] > 0.01


def test_rounds_are_as_many_as_declared() -> None:
    with pytest.raises(DesignError, match="After 2 rounds"):
        weigh(Rake(margins={"sex": SEX, "age": AGE}, max_iterations=2))


def test_report_tells_the_rounds_and_the_misfit() -> None:
    event = weigh(Rake(margins={"sex": SEX, "age": AGE})).report.events.iloc[0]

    assert event.kind == "converged"
    assert event.place == "sex, age"
    assert 2 <= event.n <= 50
    assert 0 <= event.amount <= 1e-10


def test_people_without_weight_need_no_label() -> None:
    data = pd.concat([PEOPLE, pd.DataFrame({"sex": [None], "age": [None], "w": [0.0]})])

    weighted = weigh(Rake(margins={"sex": SEX, "age": AGE}), data.reset_index(drop=True))

    np.testing.assert_allclose(
        weighted.weights[:7], weigh(Rake(margins={"sex": SEX, "age": AGE})).weights
    )
    assert weighted.weights[7] == 0


def test_design_is_told_how_to_take_residuals() -> None:
    margins = {"sex": SEX, "age": AGE}
    usual = weigh(Rake(margins=margins)).design.calibration[0]
    other = weigh(Rake(margins=margins, residuals=Residuals.REGRESSION)).design.calibration[0]

    assert (usual.before, usual.after, usual.residuals) == ("w", "w_rake", "alternating")
    assert other.residuals == "regression"
    assert usual.totals == (60, 40, 30, 45, 25)
