"""Bands: who can be told apart from whom, before and after a survey."""

import numpy as np
import pytest

from analysis.errors import DesignError
from analysis.index.scheme import IndexScheme
from analysis.planning.bands import apart, expected_bands
from analysis.planning.comparing import comparison_power
from analysis.planning.expected import Expected, GroupPlan, expected_precision
from analysis.planning.simulation import StratumSample, simulate
from analysis.planning.superpopulation import Superpopulation

SCHEME = IndexScheme.from_dict(
    {
        "leaves": [
            {
                "code": "1",
                "points": "10",
                "groups": [
                    {
                        "group": "g",
                        "questions": [
                            {
                                "item": "q",
                                "coefficients": {"1": "1", "2": "0.6", "3": "0.2", "4": "0"},
                            }
                        ],
                    }
                ],
            }
        ]
    }
)


def expect(invited: int, units: str = "ABCDEFGH", rater: float = 0.0) -> Expected:
    plan = GroupPlan(invited=dict.fromkeys(units, invited), rater_correlation=rater)
    return expected_precision(SCHEME, {"g": plan})


def test_a_pair_is_apart_for_itself() -> None:
    points = np.array([9.0, 8.8, 8.0, 7.9, 3.0])
    cov, df = np.diag([0.04] * 5), np.full(5, 60.0)

    above = apart(points, cov, df)

    assert above[0].tolist() == [False, False, True, True, True]
    assert not above[2, 3]


def test_a_unit_without_points_or_freedom_is_apart_from_nobody() -> None:
    points = np.array([9.0, np.nan, 1.0, 5.0])
    df = np.array([30.0, 30.0, 30.0, 0.0])

    above = apart(points, np.diag([0.01] * 4), df)

    assert not above[1].any()
    assert not above[:, 1].any()
    assert not above[3].any()


def test_raters_that_are_shared_tell_more_units_apart() -> None:
    alone = expected_bands(expect(100), 0.04)
    shared = expected_bands(expect(100, rater=0.5), 0.04)

    assert shared.pairs_apart > alone.pairs_apart + 0.05
    assert shared.mean > alone.mean


def test_bands_grow_with_the_sample_and_fall_to_one_without_differences() -> None:
    few, many = (expected_bands(expect(n), 0.04).mean for n in (20, 2000))
    none = expected_bands(expect(100, "AB"), 0.0, surveys=4000)

    assert 1 <= few < many <= 8
    assert none.pairs_apart == pytest.approx(0.05, abs=0.015)


def test_two_known_units_are_apart_as_often_as_the_power_says() -> None:
    found = expected_bands(expect(120, "AB"), 0, levels={"A": 0.8, "B": 0.7}, surveys=4000)

    assert found.pairs_apart == pytest.approx(comparison_power(0.1, 120, 0.28), abs=0.025)
    assert found.table.share.sum() == pytest.approx(1)
    assert found.mean == pytest.approx(1 + found.pairs_apart, abs=0.02)


def test_formula_and_simulation_foretell_the_same_bands() -> None:
    model = Superpopulation(
        between=0.06, question=0.0, blank=0.0, dont_know=0.0, response=1.0, rater=0.0, icc=0.0
    )
    strata = [StratumSample(code=u, units=(u,), invited=150) for u in "ABCDEFGH"]

    simulated = simulate(SCHEME, {"g": strata}, model, replications=20)
    by_formula = expected_bands(expect(150), 0.06)

    assert simulated.expected_bands == pytest.approx(by_formula.mean, abs=0.6)
    assert simulated.pairs_apart == pytest.approx(by_formula.pairs_apart, abs=0.08)


def test_the_same_seed_gives_the_same_bands() -> None:
    first, again, other = (
        expected_bands(expect(50), 0.05, surveys=50, seed=seed).count.tolist() for seed in (3, 3, 4)
    )

    assert first == again != other


def test_numbers_out_of_range_are_refused() -> None:
    for change, named in (
        ({"between": -1}, "between"),
        ({"surveys": 0}, "surveys"),
        ({"mean": 1}, "mean"),
    ):
        with pytest.raises(DesignError, match=named):
            expected_bands(expect(50), **({"between": 0.1} | change))
