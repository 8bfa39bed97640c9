"""Base weights by hand, and probabilities that are none."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError, DesignError
from analysis.weighting.base import (
    InclusionWeights,
    StratumWeights,
    inverse_probability,
    population_per_row,
)
from analysis.weighting.plan import WeightingPlan


def test_probabilities_of_stages_multiply() -> None:
    rows = pd.DataFrame({"first": [0.5, 0.25], "second": [0.1, 1]})

    assert inverse_probability(rows, ["first", "second"]).tolist() == [20, 4]


@pytest.mark.parametrize("share", [0, -0.5, 1.5, np.nan, np.inf, "often"])
def test_value_that_is_no_probability_names_its_row(share: object) -> None:
    rows = pd.DataFrame({"p": [0.5, share]})

    with pytest.raises(DataError, match="'p' is no probability of inclusion in data row 2"):
        inverse_probability(rows, ["p"])


def test_rows_share_the_people_of_their_stratum() -> None:
    rows = pd.DataFrame({"h": ["a", "b", "a", "a"], "g": [1, 1, 1, 2]})

    found = population_per_row(rows, ["h", "g"], {"a.1": 50, "b.1": 7, "a.2": 3})

    assert found.tolist() == [25, 7, 25, 3]


def test_stratum_with_more_rows_than_people_is_named() -> None:
    rows = pd.DataFrame({"h": ["a", "a", "b"]})

    with pytest.raises(DesignError, match="'a' has 2 rows but 1 people"):
        population_per_row(rows, ["h"], {"a": 1, "b": 1})


@pytest.mark.parametrize(
    "step",
    [
        InclusionWeights(inclusion=("p",)),
        StratumWeights(strata=("h",), population={"a": 20, "b": 5}),
    ],
)
def test_base_weights_begin_a_plan(step: InclusionWeights | StratumWeights) -> None:
    rows = pd.DataFrame({"h": ["a", "a", "b"], "p": [0.1, 0.1, 0.2]})

    weighted = WeightingPlan((step,)).apply(rows, SurveyDesign(strata="h"))

    assert weighted.weights.tolist() == [10, 10, 5]
    assert weighted.data.w_start.tolist() == [1, 1, 1]
    assert weighted.propagate(np.array([[1.0, 0.0], [1.0, 2.0], [1.0, 1.0]])).tolist() == [
        [10, 0],
        [10, 20],
        [5, 5],
    ]


def test_base_weights_on_a_design_that_has_weights_are_refused() -> None:
    rows = pd.DataFrame({"p": [0.1], "w": [3]})
    plan = WeightingPlan((InclusionWeights(inclusion=("p",)),))

    with pytest.raises(DesignError, match="has the weights 'w'") as raised:
        plan.apply(rows, SurveyDesign(weight="w"))

    assert raised.value.code == "weighted_twice"
