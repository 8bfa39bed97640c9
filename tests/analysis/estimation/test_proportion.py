"""Intervals for proportions by name: by hand, at the edges, against each other."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import DataError
from analysis.estimation.profiled import (
    interpolated_likelihood_interval,
    likelihood_interval,
    working_variance,
)
from analysis.estimation.proportion import METHODS, proportion_interval

SIMPLE = {"proportion": 0.2, "se": math.sqrt(0.16 / 50), "n": 50, "df": math.inf}


def limits(method: str, **changes: float) -> tuple[float, float]:
    low, high, _ = proportion_interval(**(SIMPLE | changes), method=method)
    return low, high


def test_wilson_of_a_simple_sample_is_the_textbook_formula() -> None:
    """10 of 50: 0.1124 to 0.3304 (Wilson 1927)."""
    assert np.round(limits("wilson"), 4).tolist() == [0.1124, 0.3304]


def test_clopper_pearson_of_a_simple_sample_is_the_textbook_one() -> None:
    exact = stats.binomtest(10, 50).proportion_ci(method="exact")

    assert limits("clopper_pearson") == pytest.approx((exact.low, exact.high), rel=1e-10)


def test_korn_graubard_is_beta_cut_at_the_number_of_answers() -> None:
    lucky = {"se": 0.01, "df": 40}

    assert limits("korn_graubard", **lucky)[1] > limits("beta", **lucky)[1]
    assert limits("korn_graubard", se=0.1, df=40) == pytest.approx(limits("beta", se=0.1, df=40))


def test_exact_likelihood_falls_by_half_of_t_squared() -> None:
    low, high, _ = likelihood_interval(0.2, 0.06, 50, 20)

    n = 0.16 / 0.06**2 * 49 / 50
    for x in (low, high):
        fall = n * (0.2 * math.log(0.2 / x) + 0.8 * math.log(0.8 / (1 - x)))
        assert fall == pytest.approx(stats.t.ppf(0.975, 20) ** 2 / 2, rel=1e-9)


@pytest.mark.parametrize(("p", "se", "n", "df"), [(0.3, 0.05, 200, 30), (0.05, 0.02, 300, 12)])
def test_interpolated_likelihood_is_near_the_exact_one(
    p: float, se: float, n: int, df: int
) -> None:
    exact = likelihood_interval(p, se, n, df)
    found = interpolated_likelihood_interval(p, se, n, df)

    assert found[:2] == pytest.approx(exact[:2], rel=5e-3)


def test_where_steps_do_not_reach_the_exact_likelihood_is_given() -> None:
    known = (0.4, 0.35, 60, 1)

    assert interpolated_likelihood_interval(*known) == likelihood_interval(*known)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.floats(0.02, 0.98), st.floats(0.2, 4), st.integers(20, 500), st.integers(2, 60))
def test_every_interval_holds_its_proportion_and_mirrors(
    p: float, deff: float, n: int, df: int
) -> None:
    se = math.sqrt(deff * p * (1 - p) / n)
    for method in METHODS:
        low, high, reason = proportion_interval(p, se, n, df, method=method)
        mirrored = proportion_interval(1 - p, se, n, df, method=method)

        if method != "asin" or low <= p <= high:  # a wide angle turns back on itself
            assert low - 1e-9 <= p <= high + 1e-9
            assert mirrored[:2] == pytest.approx((1 - high, 1 - low), abs=1e-6)
        assert reason == ""


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"n": 0}, "no_valid_answer"),
        ({"proportion": math.nan}, "no_valid_answer"),
        ({"df": 0}, "no_degrees_of_freedom"),
        ({"proportion": 0.0, "se": 0.0, "df": 9}, "at_boundary"),
        ({"proportion": 1.0, "se": 0.0, "df": 9}, "at_boundary"),
        ({"se": 0.0, "df": 9}, "zero_variance"),
    ],
)
def test_awkward_proportions_give_their_reason_by_every_method(
    method: str, changes: dict[str, float], reason: str
) -> None:
    low, high, found = proportion_interval(**(SIMPLE | changes), method=method)

    assert found == reason
    assert math.isnan(low) == reason.startswith("no_")
    if not reason.startswith("no_"):
        assert 0 <= low < high <= 1


def test_the_usual_design_effect_widens_what_all_say() -> None:
    known = {"proportion": 1.0, "se": 0.0, "n": 50, "df": 20}

    assert proportion_interval(**known, usual_deff=3)[0] < proportion_interval(**known)[0]


def test_an_unknown_method_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError, match="Choose one of korn_graubard, beta"):
        proportion_interval(0.5, 0.1, 50, 9, method="wald")


def test_working_variance_is_that_of_the_estimate_to_a_few_digits() -> None:
    weight, value = np.array([1.0, 3.0, 2.0, 2.0]), np.array([1.0, 0.0, 0.0, 0.0])

    found = working_variance(weight, value, np.array([0, 0, 0, 1]), 2)

    assert found[0] == pytest.approx(1 / 6 * 5 / 6, rel=1e-3)
    assert math.isnan(found[1])
