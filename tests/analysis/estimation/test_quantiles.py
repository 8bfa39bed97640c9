"""Quantiles: the rules by hand, their limits and the edges."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.estimation.distribution import RULES, weighted_quantile
from analysis.estimation.quantiles import quantiles

VALUES = np.array([3.0, 1.0, 2.0, 4.0])


@pytest.mark.parametrize(
    ("rule", "method"),
    [
        ("hf1", "inverted_cdf"),
        ("hf2", "averaged_inverted_cdf"),
        ("hf5", "hazen"),
        ("hf6", "weibull"),
        ("hf7", "linear"),
        ("hf8", "median_unbiased"),
        ("hf9", "normal_unbiased"),
    ],
)
@pytest.mark.parametrize("p", [0.1, 0.25, 0.4, 0.5, 0.83])
def test_equal_weights_give_the_quantiles_of_hyndman_and_fan(
    rule: str, method: str, p: float
) -> None:
    values = np.array([5.0, 1.0, 2.5, 9.0, 4.0, 7.0, 3.0])

    found = weighted_quantile(values, np.full(7, 2.5), p, rule)

    assert found == pytest.approx(float(np.quantile(values, p, method=method)), rel=1e-12)


def test_a_weight_counts_like_so_many_answers() -> None:
    weights = np.array([2.0, 1.0, 3.0, 2.0])

    for p in (0.125, 0.3, 0.5, 0.75):
        many = np.repeat(VALUES, weights.astype(int))
        for rule in ("math", "school"):
            assert weighted_quantile(VALUES, weights, p, rule) == weighted_quantile(
                many, np.ones(8), p, rule
            )


@pytest.mark.parametrize("rule", RULES)
def test_one_value_is_every_quantile_and_none_is_missing(rule: str) -> None:
    assert weighted_quantile(np.array([7.0]), np.ones(1), 0.3, rule) == 7
    assert np.isnan(weighted_quantile(np.zeros(0), np.zeros(0), 0.3, rule))


def test_a_tenth_of_ten_equal_weights_is_hit_exactly() -> None:
    """0.1 of ten weights of 0.1 is one of them, whatever the last binary digit says."""
    values = np.arange(1.0, 11.0)

    assert [weighted_quantile(values, np.full(10, 0.1), k / 10, "school") for k in (1, 3, 7)] == [
        1.5,
        3.5,
        7.5,
    ]


def test_quantiles_of_domains_equal_those_of_their_rows() -> None:
    rng = np.random.default_rng(3)
    data = pd.DataFrame(
        {"y": rng.normal(size=300).round(2), "p": rng.integers(0, 40, 300), "d": list("ab") * 150}
    )
    data.loc[::17, "y"] = np.nan
    design = SurveyDesign(psu="p")

    both = quantiles(data, design, ["y"], [0.25, 0.5], by=["d"], rule="hf7").table()
    alone = quantiles(
        data, design, ["y"], [0.25, 0.5], where=(data.d == "b").to_numpy(), rule="hf7"
    ).table()

    assert both.name.tolist() == ["a:y", "a:y", "b:y", "b:y"]
    pd.testing.assert_frame_equal(
        both.iloc[2:].drop(columns="name").reset_index(drop=True), alone.drop(columns="name")
    )
    assert (both.ci_low < both.estimate).all()


@pytest.mark.parametrize("interval", ["logit", "beta", "asin", "wilson", "likelihood"])
def test_other_intervals_of_the_distribution_stay_close(interval: str) -> None:
    data = pd.DataFrame({"y": np.arange(100.0)})

    mean, other = (
        quantiles(data, SurveyDesign(), ["y"], [0.5], interval=name) for name in ("mean", interval)
    )

    assert abs(mean.lower[0] - other.lower[0]) <= 2
    assert other.se[0] == pytest.approx(mean.se[0], rel=0.15)


def test_awkward_quantiles_give_their_reason() -> None:
    data = pd.DataFrame(
        {
            "y": [1.0, 2.0, 3.0, 9.0, 9.0, None],
            "p": [1, 2, 3, 4, 4, 5],
            "d": ["few", "few", "few", "one psu", "one psu", "nobody"],
        }
    )

    found = quantiles(data, SurveyDesign(psu="p"), ["y"], [0.34, 0.99], by=["d"]).table()

    assert found.reason.tolist() == [
        "beyond_the_sample",
        "at_boundary",
        "no_valid_answer",
        "no_valid_answer",
        "no_degrees_of_freedom",
        "no_degrees_of_freedom",
    ]
    assert np.isnan(found.ci_low.iloc[0])
    assert found.ci_low.iloc[1] == 3
    assert found.ci_low.iloc[2:].isna().all()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"probabilities": [1.0]}, "bad_probability"),
        ({"rule": "excel"}, "unknown_method"),
        ({"interval": "wald"}, "unknown_method"),
    ],
)
def test_what_is_not_known_is_refused(asked: dict, code: str) -> None:
    with pytest.raises(DataError) as caught:
        quantiles(pd.DataFrame({"y": [1.0, 2.0]}), SurveyDesign(), ["y"], **asked)

    assert caught.value.code == code
