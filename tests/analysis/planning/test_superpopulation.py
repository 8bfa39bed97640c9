"""Synthetic people: expected answers are exact, spread and correlations as asked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import DesignError
from analysis.planning.scales import fitting
from analysis.planning.superpopulation import Crowd, Superpopulation

quick = settings(max_examples=12, deadline=None, derandomize=True)
FOUR = (0.0, 0.2, 0.6, 1.0)


@quick
@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=6, unique_by=lambda x: round(x, 2)),
    st.floats(0.1, 0.9),
    st.floats(0.05, 0.5),
)
def test_expected_answers_are_the_true_means(values: list[float], place: float, sd: float) -> None:
    scale = fitting(tuple(values), min(values) + 0.5 * (max(values) - min(values)), sd)
    wanted = min(values) + place * (max(values) - min(values))

    first, second = scale._moments(scale.location(wanted))

    assert float(first) == pytest.approx(wanted, abs=1e-6)
    assert second >= first**2 - 1e-12


def test_answers_have_mean_spread_and_correlations() -> None:
    model = Superpopulation(icc=0.1, rater=0.2, item=0.5, blank=0.1, dont_know=0.2)
    scale = fitting(FOUR, model.mean, model.sd)
    psu = np.repeat(np.arange(3000), 8)
    random = np.random.default_rng(5)

    crowd = Crowd(model, [scale] * 2)
    said = crowd.opinions(crowd.places(np.full((2, 2), model.mean)), psu, random)

    y = scale.values[scale.nearest(said.value)]
    np.testing.assert_allclose(y.mean(axis=0), model.mean, atol=0.01)
    np.testing.assert_allclose(y.std(axis=0), model.sd, atol=0.01)
    residual = y[:, 0, 0] - y[:, 0, 0].mean()
    groups = residual.reshape(3000, 8).sum(axis=1)
    within = (groups @ groups - residual @ residual) / (3000 * 8 * 7) / residual.var()
    assert within == pytest.approx(0.1, abs=0.015)
    assert np.corrcoef(y[:, 0, 0], y[:, 1, 0])[0, 1] == pytest.approx(0.2, abs=0.03)
    assert np.corrcoef(y[:, 0, 0], y[:, 0, 1])[0, 1] == pytest.approx(0.5, abs=0.05)
    assert said.blank.mean() == pytest.approx(0.1, abs=0.01)
    assert said.dont_know.mean() == pytest.approx(0.2, abs=0.01)
    assert not (said.blank & said.dont_know).any()


def test_a_spread_that_a_scale_cannot_have_is_met_as_nearly_as_it_can() -> None:
    yes_no = fitting((0.0, 1.0), 0.7, 0.28)

    assert yes_no.deviation(0.7) == pytest.approx((0.7 * 0.3) ** 0.5)


def test_means_beyond_a_scale_stay_inside() -> None:
    scale = fitting(FOUR, 0.75, 0.28)

    first, _ = scale._moments(scale.location([-1.0, 2.0]))

    np.testing.assert_allclose(first, [0.02, 0.98], atol=1e-9)


def test_known_levels_stay_and_questions_spread_around_them() -> None:
    model = Superpopulation(levels={"A": 0.9}, between=0.1)
    random = np.random.default_rng(3)

    means = np.array([model.true_means(["A", "B"], random) for _ in range(500)])
    questions = model.questions(means[0], 7, random)

    assert set(means[:, 0]) == {0.9}
    assert means[:, 1].std() == pytest.approx(0.1, abs=0.01)
    np.testing.assert_allclose(questions.mean(axis=1), means[0])


@pytest.mark.parametrize(
    "plain",
    [
        {"mean": 1},
        {"sd": 0},
        {"response": 0},
        {"blank": 0.6, "dont_know": 0.4},
        {"icc": 0.3, "rater": 0.3, "item": 0.5},
        {"item": 1},
        {"levels": {"A": 1.5}},
        {"levels": [1]},
        {"levels": {"A": "high"}},
        {"mood": 1},
        {"mean": "high"},
        {"between": True},
        {"icc": float("nan")},
    ],
)
def test_a_model_that_cannot_be_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises(DesignError) as error:
        Superpopulation.from_dict(plain)

    assert error.value.code == "bad_plan"


def test_an_item_of_one_coefficient_is_refused() -> None:
    with pytest.raises(DesignError, match="two or more"):
        fitting((0.5, 0.5), 0.5, 0.1)
