import math

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.estimation.freedom import satterthwaite
from analysis.estimation.intervals import (
    effective_size,
    exact_interval,
    korn_graubard,
    logit_interval,
    t_interval,
    t_quantile,
)
from analysis.estimation.means import means, totals


def test_infinite_degrees_of_freedom_are_the_normal_distribution() -> None:
    assert t_quantile(0.95, math.inf) == pytest.approx(1.959963984540054)


@pytest.mark.parametrize(
    "found", [t_interval(1, 1, 0), logit_interval(1, 2, 1, 0), korn_graubard(0.5, 0.1, 9, 0)]
)
def test_no_degrees_of_freedom_give_no_interval(found: tuple[float, float, str]) -> None:
    low, high, reason = found

    assert math.isnan(low)
    assert math.isnan(high)
    assert reason == "no_degrees_of_freedom"


def test_no_estimate_gives_no_interval() -> None:
    assert t_interval(math.nan, math.nan, 5).reason == "no_valid_answer"


def test_effective_size_never_exceeds_the_answers() -> None:
    assert effective_size(50, 0.2, 20) == 50
    assert effective_size(50, 2, 20) < 25
    assert effective_size(1, 1, 5) == 1


def test_clopper_pearson_of_a_textbook_case() -> None:
    """4 of 20 at 95 %: 0.0573 to 0.4366 (Clopper and Pearson's own chart, to four digits)."""
    low, high, _ = exact_interval(0.2, 1, 20)

    assert (round(low, 4), round(high, 4)) == (0.0573, 0.4366)


def test_satterthwaite_edges() -> None:
    zeros = np.zeros(2)

    assert satterthwaite(zeros, np.array([3.0, -1.0])) == 3
    assert satterthwaite(np.array([1.0, 1.0]), np.array([5.0, 0.0])) == 0
    assert satterthwaite(np.array([1.0, 0.0]), np.array([5.0, 0.0])) == 5
    assert satterthwaite(np.array([1.0, 1.0]), np.array([5.0, 5.0])) == 10


def test_domain_without_answers_has_no_mean_and_a_total_of_zero() -> None:
    data = pd.DataFrame({"y": [1.0, 2.0, None], "d": ["a", "a", "b"]})

    mean = means(data, SurveyDesign(), ["y"], by=["d"])
    total = totals(data, SurveyDesign(), ["y"], by=["d"])

    assert math.isnan(mean.estimate[1])
    assert math.isnan(mean.se[1])
    assert mean.intervals().reason.tolist() == ["", "no_valid_answer"]
    assert total.estimate.tolist() == [3, 0]
