import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.estimation.differences import (
    Differences,
    all_pairs,
    differences_between,
    differences_from_zero,
)
from analysis.estimation.means import means


def made(**changes: object) -> Differences:
    one = {
        "names": ("a",),
        "estimate": np.array([2.0]),
        "se": np.array([0.8]),
        "df": np.array([7.0]),
        "complete": np.array([False]),
    }
    return Differences(**(one | changes))  # type: ignore[arg-type]


def test_a_difference_by_hand() -> None:
    found = made(level=0.9)

    assert found.t[0] == pytest.approx(2.5)
    assert found.p[0] == pytest.approx(2 * stats.t(7).sf(2.5))
    low, high = found.limits
    assert [low[0], high[0]] == pytest.approx(list(stats.t(7, 2, 0.8).interval(0.9)))
    row = found.table.iloc[0]
    assert (row.p_holm, row.p_bh, row.p_bonferroni, row.rule) == (row.p, row.p, row.p, "holm")


def test_infinite_degrees_of_freedom_are_the_normal_distribution() -> None:
    found = made(df=np.array([math.inf]))

    assert found.p[0] == pytest.approx(2 * stats.norm.sf(2.5))
    assert found.limits[0][0] == pytest.approx(2 - 1.959963984540054 * 0.8)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"estimate": np.array([np.nan])}, "not_scored"),
        ({"se": np.array([0.0]), "complete": np.array([True])}, "census"),
        ({"df": np.array([0.0])}, "no_degrees_of_freedom"),
        ({"df": np.array([np.nan])}, "no_degrees_of_freedom"),
        ({"se": np.array([0.0])}, "zero_variance"),
    ],
)
def test_where_there_is_no_test_a_reason_stands(changes: dict, reason: str) -> None:
    found = made(**changes)

    assert found.reason == (reason,)
    assert np.isnan(found.p[0])
    assert found.adjusted.tests == 0
    low, high = found.limits
    assert (low[0], high[0]) == (2, 2) if reason == "census" else np.isnan(low[0])


def test_noise_of_floating_point_is_no_standard_error() -> None:
    found = made(se=np.array([1e-17])).without_noise(1e-9)

    assert found.reason == ("zero_variance",)


def test_pairs_by_hand_with_their_covariance() -> None:
    cov = np.array([[2.0, 1.5, 0], [1.5, 2.0, 0], [0, 0, 1.0]])

    pairs, found = all_pairs(["A", "B", "C"], np.array([1.0, 4.0, 2.0]), cov, 30)

    assert pairs.to_numpy().tolist() == [["B", "C"], ["B", "A"], ["C", "A"]]
    assert found.estimate.tolist() == [2, 3, 1]
    np.testing.assert_allclose(found.se, np.sqrt([3, 1, 3]))


def test_units_without_a_figure_are_in_no_pair() -> None:
    pairs, found = all_pairs(list("ABC"), np.array([1.0, np.nan, 2.0]), np.eye(3), 30)

    assert pairs.to_numpy().tolist() == [["C", "A"]]
    assert len(found.names) == 1


def test_a_shift_of_all_figures_changes_no_pair() -> None:
    random = np.random.default_rng(1)
    points, root = random.normal(size=6), random.normal(size=(6, 6))

    _, found = all_pairs(list("ABCDEF"), points, root @ root.T, 12)
    _, moved = all_pairs(list("ABCDEF"), points + 8, root @ root.T, 12)

    np.testing.assert_allclose(moved.p, found.p, rtol=1e-9)


@pytest.fixture
def waves() -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(2)
    first, second = (
        pd.DataFrame({"unit": np.repeat(["A", "B"], 15), "y": random.normal(size=30)})
        for _ in range(2)
    )
    return first, second


def test_independent_surveys_add_their_variances(waves: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    old, new = (means(w, SurveyDesign(strata="unit"), ["y"], by=["unit"]) for w in waves)

    found = differences_between(new, old)

    for place, unit in enumerate(("A", "B")):
        x, y = (w.y[w.unit == unit] for w in waves)
        welch = stats.ttest_ind(y, x, equal_var=False)
        assert found.t[place] == pytest.approx(welch.statistic)
        assert found.df[place] == pytest.approx(welch.df)
        assert found.p[place] == pytest.approx(welch.pvalue)


def test_only_cells_of_both_surveys_are_compared(
    waves: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    old, new = (means(w, SurveyDesign(strata="unit"), ["y"], by=["unit"]) for w in waves)

    assert differences_between(new, old.pick(["B:y"])).names == ("B:y",)
    with pytest.raises(DataError, match="no cell in common"):
        differences_between(new.pick(["A:y"]), old.pick(["B:y"]))


def test_contrasts_of_one_survey_keep_its_degrees_of_freedom_unless_told(
    waves: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    cells = means(waves[0], SurveyDesign(strata="unit"), ["y"], by=["unit"])
    contrast = cells.contrasts({"gap": {"A:y": 1, "B:y": -1}})

    assert differences_from_zero(contrast).df.tolist() == [28]
    assert differences_from_zero(contrast, df=7).df.tolist() == [7]
