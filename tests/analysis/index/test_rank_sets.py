"""Rank sets by hand, at their edges, and by how often they hold."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.design import Inference, SurveyDesign
from analysis.errors import DataError
from analysis.index.rank_frequencies import rank_frequencies
from analysis.index.rank_sets import rank_sets
from analysis.totals import aggregate
from tests.analysis.index.test_variants import make_scheme
from tests.analysis.making import make_answers, make_statistics
from tests.analysis.making import make_scheme as make_leaf
from tests.analysis.test_cells import BOOK, CLUSTERS, make_rows

UNITS = ("A", "B", "C", "D")
POINTS = np.array([4.0, 1.0, 3.0, 2.0])


def test_two_units_are_apart_beyond_the_normal_quantile() -> None:
    cov = np.diag([0.5, 0.5])

    near, far = (rank_sets(("A", "B"), np.array([gap, 0]), cov, seed=1) for gap in (1.9, 2.02))

    assert near.table[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 2], [1, 2]]
    assert far.table[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 1], [2, 2]]
    assert far.above.tolist() == [[False, True], [False, False]]


def test_three_units_by_hand() -> None:
    """Only A and C are more than the critical 2.35 standard errors apart."""
    found = rank_sets(tuple("ABC"), np.array([3.0, 1.5, 0.0]), np.eye(3) * 0.5, seed=1)

    assert found.low.tolist() == [1, 1, 2]
    assert found.high.tolist() == [2, 3, 3]
    assert found.critical[0] == pytest.approx(2.35, abs=0.05)  # Tukey's 3.31 / sqrt(2)
    assert found.among_best(1) == {"A": True, "B": True, "C": False}
    assert found.among_last(1) == {"A": False, "B": True, "C": True}


def test_points_without_error_are_ranked_for_certain() -> None:
    found = rank_sets(UNITS, POINTS, np.zeros((4, 4)))

    assert found.low.tolist() == found.high.tolist() == found.rank.tolist() == [1, 4, 2, 3]
    assert found.marginal.low.tolist() == found.marginal_single.high.tolist() == [1, 4, 2, 3]


def test_equal_points_without_error_are_never_apart() -> None:
    found = rank_sets(UNITS[:2], np.ones(2), np.zeros((2, 2)))

    assert found.rank.tolist() == [1, 1]
    assert found.low.tolist() == [1, 1]
    assert found.high.tolist() == [2, 2]


def test_a_difference_that_moves_together_is_a_fact() -> None:
    """Two units with the same error differ without any, though neither is known exactly."""
    cov = np.array([[4.0, 4.0, 0], [4.0, 4.0, 0], [0, 0, 4.0]])

    found = rank_sets(tuple("ABC"), np.array([2.0, 1.9, 1.8]), cov, seed=1)

    assert found.above[0].tolist() == [False, True, False]
    assert found.low.tolist() == [1, 2, 1]
    assert found.high.tolist() == [2, 3, 3]


def test_a_variance_estimated_below_zero_sets_nobody_apart() -> None:
    cov = np.array([[1.0, 2.0], [2.0, 1.0]])

    found = rank_sets(("A", "B"), np.array([9.0, 0.0]), cov, seed=1)

    assert found.high.tolist() == [2, 2]


def test_ties_share_the_smallest_rank() -> None:
    found = rank_sets(UNITS, np.array([2.0, 3.0, 2.0, 1.0]), np.eye(4) * 1e-4, seed=1)

    assert found.rank.tolist() == [2, 1, 2, 4]
    assert found.low.tolist() == [2, 1, 2, 4]
    assert found.high.tolist() == [3, 1, 3, 4]


def test_one_unit_and_none_have_what_there_is() -> None:
    one = rank_sets(("A",), np.array([1.0]), np.eye(1))
    none = rank_sets(("A",), np.array([np.nan]), np.eye(1))

    assert (one.low[0], one.high[0], one.critical[0]) == (1, 1, 0)
    assert math.isnan(none.low[0])
    assert none.among_best(1) == {"A": None}
    assert rank_sets((), np.array([]), np.zeros((0, 0))).table.empty


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 7))
def test_sets_nest_and_ignore_labels_shifts_and_scale(seed: int, units: int) -> None:
    random = np.random.default_rng(seed)
    points = random.normal(0, 1.5, units)
    root = random.normal(size=(units, units)) * 0.4
    cov = root @ root.T
    names = tuple("ABCDEFG"[:units])
    order = random.permutation(units)

    found = rank_sets(names, points, cov, draws=300, seed=seed)
    moved = rank_sets(names, points * 2 + 50, cov * 4, draws=300, seed=seed)
    turned = rank_sets(names, points[order], cov[np.ix_(order, order)], draws=300, seed=seed)
    down = rank_sets(names, -points, cov, draws=300, seed=seed, highest_first=False)

    for wide, narrow in (
        (found.simultaneous_single, found.simultaneous),
        (found.marginal_single, found.marginal),
        (found.simultaneous, found.marginal),
    ):
        assert (wide.low <= narrow.low).all()
        assert (narrow.low <= found.rank).all()
        assert (found.rank <= narrow.high).all()
        assert (narrow.high <= wide.high).all()
    for other, back in ((moved, slice(None)), (down, slice(None)), (turned, np.argsort(order))):
        for kind in ("simultaneous", "marginal", "simultaneous_single", "marginal_single"):
            for mine, theirs in zip(getattr(found, kind), getattr(other, kind), strict=True):
                assert mine.tolist() == theirs[back].tolist()


def test_fewer_degrees_of_freedom_widen_the_sets() -> None:
    cov = np.eye(4) * 0.06

    normal = rank_sets(UNITS, POINTS, cov, seed=1)
    few = rank_sets(UNITS, POINTS, cov, seed=1, df=3)

    assert (few.high - few.low).sum() > (normal.high - normal.low).sum()
    assert few.critical[0] > normal.critical[0]


def test_the_smallest_or_the_tenth_percentile_of_the_df_counts() -> None:
    units, df = tuple(str(i) for i in range(21)), np.arange(3.0, 24.0)
    points, cov = np.linspace(0, 1, 21), np.eye(21)

    tenth = rank_sets(units, points, cov, df=df, draws=100)
    smallest = rank_sets(units, points, cov, df=df, draws=100, df_rule="smallest")

    assert (smallest.df, tenth.df) == (3, 5)
    assert "t with 5 degrees of freedom" in tenth.convention
    assert rank_sets(units, points, cov, draws=100).df == math.inf


def test_a_unit_without_points_has_no_rank_and_one_without_df_may_have_any() -> None:
    points = np.array([4.0, np.nan, 3.0, 2.0])

    known = np.array([True, True, True, False])
    found = rank_sets(UNITS, points, np.eye(4) * 1e-6, known=known, seed=1)

    assert found.reason == ("", "not_scored", "", "no_degrees_of_freedom")
    assert np.isnan(found.low[1])
    assert found.low[[0, 2, 3]].tolist() == [1, 2, 1]
    assert found.high[[0, 2, 3]].tolist() == [2, 3, 3]
    again = rank_sets(UNITS, points, np.eye(4) * 1e-6, df=np.array([9, 9, 9, 0.0]), seed=1)
    assert again.reason == found.reason


def test_sets_hold_all_true_ranks_as_often_as_they_say() -> None:
    random = np.random.default_rng(5)
    true = np.array([1.0, 1.0, 2.0, 2.6])
    best, worst = np.array([3, 3, 2, 1]), np.array([4, 4, 2, 1])
    together, alone, rounds = 0, np.zeros(4), 300
    for seed in range(rounds):
        found = rank_sets(UNITS, random.normal(true, 0.5), np.eye(4) * 0.25, draws=500, seed=seed)
        together += bool(((found.low <= worst) & (best <= found.high)).all())
        alone += (found.marginal.low <= worst) & (best <= found.marginal.high)

    error = (0.05 * 0.95 / rounds) ** 0.5
    assert together / rounds >= 0.95 - 3 * error
    assert alone.min() / rounds >= 0.95 - 3 * error


@pytest.mark.parametrize(
    ("points", "more", "code"),
    [
        (POINTS[:3], {}, "shapes_differ"),
        (POINTS, {"level": 1.0}, "bad_rank_options"),
        (POINTS, {"draws": 5}, "bad_rank_options"),
        (POINTS, {"df": np.ones(4), "df_rule": "mean"}, "bad_rank_options"),
    ],
)
def test_impossible_requests_are_refused(points: np.ndarray, more: dict, code: str) -> None:
    with pytest.raises(DataError) as caught:
        rank_sets(UNITS, points, np.eye(4), **more)

    assert caught.value.code == code


def test_a_covariance_that_is_no_number_is_named() -> None:
    cov = np.eye(4)
    cov[2, 2] = np.nan

    with pytest.raises(DataError, match="Unit 'C'"):
        rank_sets(UNITS, POINTS, cov)


def test_the_same_seed_gives_the_same_sets_and_the_record_keeps_it() -> None:
    first, again, other = (rank_sets(UNITS, POINTS, np.eye(4), seed=seed) for seed in (7, 7, 8))

    assert first.critical == again.critical != other.critical
    assert "10000 draws, seed 7" in first.convention


def test_scored_ranks_speak_of_performance_unless_told_otherwise() -> None:
    result = make_scheme().score({"all": aggregate(make_rows(), CLUSTERS, BOOK)})

    behind, lists = result.ranks(draws=200), result.ranks(draws=200, finite=True)

    assert (behind.inference, lists.inference) == (Inference.SUPERPOPULATION, Inference.FINITE)
    assert "superpopulation" in behind.convention
    assert behind.df == result.units.df.min()


def test_a_unit_of_equal_answers_has_the_error_of_its_exact_interval() -> None:
    rows = [make_answers({1: 6}, "A"), make_answers({1: 40, 2: 35, 4: 5}, "B")]
    data = pd.concat(rows, ignore_index=True)
    result = make_leaf(min_valid=1).score(
        {"all": make_statistics(data, SurveyDesign(strata="unit"))}
    )

    found = result.ranks(seed=1)

    assert result.units.se[0] == 0
    assert found.reason == ("zero_variance", "")
    assert found.high[0] == 2


def test_frequencies_of_ranks_by_hand() -> None:
    found = rank_frequencies(("A", "B"), np.array([1.0, 0.0]), np.eye(2) / 2, seed=1)

    assert found.loc["A", 1] == pytest.approx(0.8413, abs=0.012)  # P(N(1, 1) > 0)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    np.testing.assert_allclose(found.sum(axis=0), 1)


def test_frequencies_leave_units_without_points_out() -> None:
    found = rank_frequencies(UNITS, np.array([1, np.nan, 3, 2.0]), np.eye(4) * 1e-6)
    last = rank_frequencies(UNITS[:2], np.array([1.0, 2.0]), np.zeros((2, 2)), highest_first=False)

    assert found.index.tolist() == ["A", "C", "D"]
    assert found.idxmax(axis=1).tolist() == [3, 1, 2]
    assert last.idxmax(axis=1).tolist() == [1, 2]
    with pytest.raises(DataError):
        rank_frequencies(UNITS, np.ones(3), np.eye(4))
