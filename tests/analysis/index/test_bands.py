"""Bands by hand: equal sizes, declared points, and what tests tell apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import DataError
from analysis.index.bands import count_bands, distinguishable_bands, ladder, point_bands, rank_bands
from analysis.index.rank_sets import rank_sets

UNITS = ("A", "B", "C", "D")
POINTS = np.array([4.0, 1.0, 3.0, 2.0])


def test_63_units_make_quartile_groups_of_16_and_15() -> None:
    sets = rank_sets([str(i) for i in range(63)], -np.arange(63.0), np.eye(63), draws=100)

    found = rank_bands(sets).band

    assert np.bincount(found.astype(int)).tolist() == [0, 16, 16, 16, 15]


def test_bands_of_equal_size_tell_which_others_are_possible() -> None:
    sets = rank_sets(UNITS, POINTS, np.diag([0.01, 0.01, 0.5, 0.5]), seed=1)

    found = rank_bands(sets, 2).table.set_index("unit")

    assert found.band.to_dict() == {"A": 1, "B": 2, "C": 1, "D": 2}
    assert found.band_high["C"] == 2
    assert found.sure.to_dict() == {"A": True, "B": True, "C": False, "D": False}


def test_equal_ranks_share_a_band_and_units_without_points_have_none() -> None:
    sets = rank_sets(UNITS, np.array([2.0, 2.0, np.nan, 1.0]), np.eye(4) * 1e-6)

    np.testing.assert_array_equal(rank_bands(sets, 3).band, [1, 1, np.nan, 3])
    np.testing.assert_array_equal(distinguishable_bands(sets).band, [1, 1, np.nan, 2])


@pytest.mark.parametrize("count", [0, 5])
def test_more_bands_than_units_are_refused(count: int) -> None:
    sets = rank_sets(UNITS, POINTS, np.eye(4))

    with pytest.raises(DataError, match=f"{count} bands are asked of 4"):
        rank_bands(sets, count)


def test_declared_points_cut_at_themselves() -> None:
    points = np.array([90.0, 0.1 + 0.7 + 79.2, 64.9, np.nan])

    found = point_bands(UNITS, points, ["90", "80", "65"])

    np.testing.assert_array_equal(found.band, [1, 2, 4, np.nan])
    assert found.count == 4
    assert found.table.sure.tolist() == [True, True, True, False]


@pytest.mark.parametrize("cuts", [[], [80, 90], [80, 80]])
def test_cuts_that_do_not_fall_are_refused(cuts: list[int]) -> None:
    with pytest.raises(DataError, match="do not fall"):
        point_bands(UNITS, POINTS, cuts)


def test_one_band_where_nobody_can_be_told_apart() -> None:
    found = distinguishable_bands(rank_sets(UNITS, POINTS, np.eye(4) * 100, seed=1))

    assert found.count == 1
    assert found.band.tolist() == [1, 1, 1, 1]


def test_first_and_last_apart_make_two_bands_though_their_rank_sets_overlap() -> None:
    sets = rank_sets(UNITS, POINTS, np.eye(4) * 0.5, seed=1)

    found = distinguishable_bands(sets)

    assert sets.above.sum() == 1
    assert found.count == 2
    assert found.table.band_low.tolist() == [1, 2, 1, 1]
    assert found.table.band_high.tolist() == [1, 2, 2, 2]
    assert "sets for ranks" in found.rule


def test_a_unit_of_unknown_error_is_in_no_band_and_may_be_in_any() -> None:
    known = np.array([True, True, False, True])

    found = distinguishable_bands(rank_sets(UNITS, POINTS, np.eye(4) * 1e-4, known=known, seed=1))

    np.testing.assert_array_equal(found.band, [1, 3, np.nan, 2])
    assert (found.band_low[2], found.band_high[2]) == (1, 3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9))
def test_bands_are_the_fewest_without_a_pair_apart_in_one(seed: int, units: int) -> None:
    random = np.random.default_rng(seed)
    above = np.triu(random.random((units, units)) < 0.3, 1)

    places = ladder(above)

    assert not (above & (places[:, None] >= places[None, :])).any()
    longest = 0
    power = np.eye(units, dtype=int)
    while power.any():
        longest, power = longest + 1, np.minimum(power @ above, 1)
    assert places.max() == longest
    assert ladder(np.stack([above, above])).tolist() == [places.tolist()] * 2


def test_many_surveys_of_one_precision_have_the_bands_of_each() -> None:
    random = np.random.default_rng(1)
    root = random.normal(size=(6, 6)) * 0.3
    cov, points = root @ root.T, random.normal(0, 1.5, (30, 6))

    found = count_bands(points, cov, 12.0, draws=10_000)

    alone = [
        distinguishable_bands(rank_sets(tuple("ABCDEF"), row, cov, df=12.0)).count for row in points
    ]
    assert (found <= np.array(alone) + 1).all()
    assert np.mean(found == alone) > 0.8
    assert len(set(found.tolist())) > 1


def test_units_of_unknown_error_open_no_band() -> None:
    points = np.array([[9.0, 5.0, 1.0]])

    assert count_bands(points, np.eye(3) * 1e-4, np.array([9.0, 9.0, 0.0])).tolist() == [2]
    assert count_bands(points, np.zeros((3, 3))).tolist() == [3]
    assert count_bands(points[:, :1], np.eye(1)).tolist() == [1]
