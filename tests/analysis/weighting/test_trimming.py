"""Trimming by hand: what is cut, where it goes, and bounds that leave no room."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DesignError
from analysis.weighting.plan import WeightingPlan
from analysis.weighting.trimming import Trim, trim

WEIGHTS = np.array([1.0, 2.0, 5.0, 5.8, 12.0])


def test_one_round_spreads_the_excess_in_equal_parts() -> None:
    found = trim(WEIGHTS, upper=6.0, strict=False)

    np.testing.assert_allclose(found, [2.5, 3.5, 6.5, 7.3, 6.0])


def test_rounds_are_repeated_until_no_weight_lies_outside() -> None:
    found = trim(WEIGHTS, upper=6.0)

    np.testing.assert_allclose(found, [3.4, 4.4, 6.0, 6.0, 6.0], rtol=1e-14)


def test_weights_below_a_lower_bound_are_raised() -> None:
    np.testing.assert_allclose(trim(np.array([1.0, 4.0, 7.0]), lower=2.0), [2.0, 3.5, 6.5])


def test_weights_of_zero_take_no_part() -> None:
    assert trim(np.array([0.0, 1.0, 5.0]), upper=4.0).tolist() == [0, 2, 4]


def test_weights_within_the_bounds_stay_as_they_are() -> None:
    assert np.array_equal(trim(WEIGHTS, 1.0, 12.0), WEIGHTS)


def test_each_replicate_is_trimmed_for_itself() -> None:
    both = np.column_stack([WEIGHTS, WEIGHTS[::-1]])

    found = trim(both, upper=6.0)

    assert np.array_equal(found[:, 0], trim(WEIGHTS, upper=6.0))
    assert np.array_equal(found[:, 1], found[::-1, 0])
    assert trim(both[:, :0], upper=6.0).shape == (5, 0)


@pytest.mark.parametrize("bounds", [(0.0, 5.0), (6.0, np.inf), (3.0, 5.15)])
def test_bounds_beyond_the_mean_leave_no_room(bounds: tuple[float, float]) -> None:
    with pytest.raises(DesignError, match=r"mean 5\.16: .* cannot keep their sum"):
        trim(WEIGHTS, *bounds)


def test_weights_that_were_cut_take_part_when_no_others_are_left() -> None:
    assert trim(np.array([1.0, 1.0, 10.0]), 2.0, 7.0).tolist() == [2.5, 2.5, 7.0]
    assert trim(np.array([1.0, 9.0, 10.0]), 8.0, 8.5, strict=False).sum() == 20


def test_weights_that_were_cut_take_no_part_while_others_are_left() -> None:
    """Of the 3 cut from 9 one raises 1 to 2; the others go to 4 and 4.5 in equal parts."""
    assert trim(np.array([1.0, 4.0, 4.5, 9.0]), 2.0, 6.0).tolist() == [2.0, 5.0, 5.5, 6.0]


def test_step_tells_how_many_it_cut_and_how_much_it_moved() -> None:
    data = pd.DataFrame({"w": WEIGHTS})

    weighted = WeightingPlan((Trim(upper=6.0, lower=2.5),)).apply(data, SurveyDesign(weight="w"))

    events = weighted.report.events
    assert events.place.tolist() == ["above 6", "below 2.5"]
    assert events.n.tolist() == [1, 2]
    assert events.amount.tolist() == pytest.approx([6 / 25.8, 2 / 25.8])
    assert weighted.report.weights.trimmed[1] == 0.6
    assert weighted.weights.sum() == pytest.approx(25.8)
    assert weighted.weights.max() <= 6
    assert weighted.weights.min() >= 2.5


def test_step_that_cuts_nothing_says_so() -> None:
    data = pd.DataFrame({"w": WEIGHTS})

    weighted = WeightingPlan((Trim(upper=20.0),)).apply(data, SurveyDesign(weight="w"))

    assert weighted.report.events[["kind", "n", "amount"]].values.tolist() == [["trim", 0, 0.0]]


def test_quantiles_are_those_of_weights_above_zero() -> None:
    data = pd.DataFrame({"w": [0.0, *WEIGHTS]})
    step = Trim(lower_quantile=0.25, upper_quantile=0.875)

    weighted = WeightingPlan((step,)).apply(data, SurveyDesign(weight="w"))

    assert weighted.report.events.place.tolist() == ["above 8.9", "below 2"]


@pytest.mark.parametrize(
    "declared", [{}, {"upper": 3.0, "upper_quantile": 0.9}, {"lower": 1.0, "lower_quantile": 0.1}]
)
def test_trim_needs_each_bound_once(declared: dict[str, float]) -> None:
    with pytest.raises(DesignError, match="each given once"):
        Trim(**declared)


def test_quantile_is_a_share() -> None:
    with pytest.raises(DesignError, match="90 is no quantile"):
        Trim(upper_quantile=90)
