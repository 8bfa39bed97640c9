"""Rank sets, bands and changes at their edges."""

import numpy as np
import pytest

from analysis.errors import DataError, DesignError, SchemeError
from analysis.index.bands import distinguishable_bands, rank_bands
from analysis.index.rank_sets import rank_sets
from analysis.totals import aggregate
from tests.analysis.index.test_variants import make_scheme
from tests.analysis.test_cells import BOOK, CLUSTERS, make_rows

UNITS = ("A", "B", "C", "D")
POINTS = np.array([4.0, 1.0, 3.0, 2.0])


def wave(seed: int = 1, **more: object):
    statistics = aggregate(make_rows(seed=seed), CLUSTERS, BOOK, **more)  # type: ignore[arg-type]
    return make_scheme().score({"all": statistics})


def test_points_without_error_are_ranked_for_certain() -> None:
    found = rank_sets(UNITS, POINTS, np.zeros((4, 4)))

    assert found.low.tolist() == found.high.tolist() == found.rank.tolist() == [1, 4, 2, 3]


def test_equal_points_without_error_are_never_apart() -> None:
    found = rank_sets(UNITS[:2], np.ones(2), np.zeros((2, 2)))

    assert found.rank.tolist() == [1, 1]
    assert found.low.tolist() == [1, 1]
    assert found.high.tolist() == [2, 2]


def test_adding_a_constant_and_relabelling_change_no_set() -> None:
    cov = np.diag([0.3, 0.2, 0.1, 0.4])
    order = [2, 0, 3, 1]

    found = rank_sets(UNITS, POINTS, cov, seed=3)
    moved = rank_sets(UNITS, POINTS + 5, cov, seed=3)
    turned = rank_sets(UNITS, POINTS[order], cov[np.ix_(order, order)], seed=3)

    assert moved.low.tolist() == found.low.tolist()
    assert turned.low.tolist() == found.low[order].tolist()
    assert turned.high.tolist() == found.high[order].tolist()


def test_fewer_degrees_of_freedom_widen_the_sets() -> None:
    cov = np.eye(4) * 0.06

    normal = rank_sets(UNITS, POINTS, cov, seed=1)
    few = rank_sets(UNITS, POINTS, cov, seed=1, df=3)

    assert (few.high - few.low).sum() > (normal.high - normal.low).sum()
    assert few.critical[0] > normal.critical[0]


def test_a_unit_without_points_has_no_rank_and_one_without_df_may_have_any() -> None:
    points = np.array([4.0, np.nan, 3.0, 2.0])

    known = np.array([True, True, True, False])
    found = rank_sets(UNITS, points, np.eye(4) * 1e-6, known=known, seed=1)

    assert found.reason == ("", "not_scored", "", "no_degrees_of_freedom")
    assert np.isnan(found.low[1])
    assert found.low[[0, 2, 3]].tolist() == [1, 2, 1]
    assert found.high[[0, 2, 3]].tolist() == [2, 3, 3]


def test_lowest_points_may_be_best() -> None:
    found = rank_sets(UNITS, POINTS, np.eye(4) * 1e-6, highest_first=False)

    assert found.rank.tolist() == [4, 1, 3, 2]


def test_sets_hold_all_true_ranks_as_often_as_they_say() -> None:
    random = np.random.default_rng(5)
    true = np.array([1.0, 1.0, 2.0, 2.6])
    hits = 0
    for seed in range(300):
        found = rank_sets(UNITS, random.normal(true, 0.5), np.eye(4) * 0.25, draws=500, seed=seed)
        best, worst = np.array([3, 3, 2, 1]), np.array([4, 4, 2, 1])
        hits += bool(((found.low <= worst) & (best <= found.high)).all())

    assert hits / 300 >= 0.95 - 3 * (0.05 * 0.95 / 300) ** 0.5


@pytest.mark.parametrize(
    ("points", "more"),
    [(POINTS[:3], {}), (POINTS, {"level": 1.0}), (POINTS, {"draws": 5})],
)
def test_impossible_requests_are_refused(points: np.ndarray, more: dict) -> None:
    with pytest.raises(DataError):
        rank_sets(UNITS, points, np.eye(4), **more)


def test_bands_of_equal_size_tell_which_others_are_possible() -> None:
    sets = rank_sets(UNITS, POINTS, np.diag([0.01, 0.01, 0.5, 0.5]), seed=1)

    found = rank_bands(sets, 2).table.set_index("unit")

    assert found.band.to_dict() == {"A": 1, "B": 2, "C": 1, "D": 2}
    assert found.band_high["C"] == 2
    assert distinguishable_bands(sets).count >= 2
    with pytest.raises(DataError, match="5 bands are asked of 4"):
        rank_bands(sets, 5)


def test_one_band_where_nobody_can_be_told_apart() -> None:
    sets = rank_sets(UNITS, POINTS, np.eye(4) * 100, seed=1)

    assert distinguishable_bands(sets).count == 1


def test_a_wave_compared_with_itself_has_not_changed() -> None:
    found = wave().compare(wave(), shared=["all"]).table

    assert [float(c) for c in found.change] == [0, 0, 0]
    assert set(found.reason) == {"zero_variance"}


def test_a_shared_sample_has_less_error_than_two() -> None:
    first, second = wave(1), wave(1, units=["A", "B", "C"])
    other = wave(2)

    apart = other.compare(first).se
    stacked = other.compare(first, shared=["all"]).se

    assert not np.allclose(apart, stacked)
    assert second.compare(first, shared=["all"]).se.max() == 0


def test_the_scheme_must_be_the_same_or_be_bridged() -> None:
    harder = make_scheme(("2", "4")).score({"all": aggregate(make_rows(), CLUSTERS, BOOK)})

    with pytest.raises(SchemeError, match=r"Leaf '1\.2' is not scored the same way"):
        harder.compare(wave())
    bridged = harder.compare(wave(2), leaves=["1.1"])
    assert bridged.maximum == 2
    with pytest.raises(SchemeError, match="Leaf '7' is not in"):
        harder.compare(wave(), leaves=["7"])


def test_persons_without_labels_cannot_be_shared() -> None:
    from analysis.design import SurveyDesign

    plain = make_scheme().score({"all": aggregate(make_rows(), SurveyDesign(), BOOK)})

    with pytest.raises(DesignError, match="no labels by which"):
        plain.compare(plain, shared=["all"])


def test_tests_speak_of_performance_unless_told_otherwise() -> None:
    first, second = wave(1), wave(2)

    behind = second.compare(first)
    lists = second.compare(first, inference="finite")

    assert (behind.se > lists.se).all()
    assert "superpopulation" in behind.convention
    assert second.ranks(seed=1).critical[0] == second.ranks(seed=1).critical[0]
