"""What the choice of method does to ranks."""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import pytest

from analysis.errors import DataError
from analysis.index.alternatives import alternatives, usual_choices, varied_points
from analysis.index.rank_sets import rank_sets
from analysis.index.result import IndexResult
from analysis.index.scheme import IndexScheme
from analysis.totals import aggregate
from tests.analysis.index.test_variants import make_scheme
from tests.analysis.making import FOUR
from tests.analysis.test_cells import BOOK, CLUSTERS, make_rows

MARKS = {"A": (9, 2), "B": (5, 5), "C": (1, 8), "D": (None, 3)}


def score(weight: float | None) -> Mapping[str, float | None]:
    first = 0.6 if weight is None else weight
    return {
        unit: None if a is None else first * a + (1 - first) * b for unit, (a, b) in MARKS.items()
    }


@pytest.fixture(scope="module")
def result() -> IndexResult:
    return make_scheme().score({"all": aggregate(make_rows(), CLUSTERS, BOOK)})


def test_spread_of_ranks_by_hand() -> None:
    found = alternatives(score, {"equal": 0.5, "second first": 0.2, "second alone": 0.0})

    table = found.table.set_index("unit")
    assert table.loc["A", ["rank", "best", "worst", "median"]].tolist() == [1, 1, 3, 2]
    assert table.moved[["A", "B", "C"]].tolist() == pytest.approx([2 / 3, 0, 2 / 3])
    assert table.loc["D"].isna().all()


def test_each_alternative_tells_whom_it_moves_and_how_alike_it_is() -> None:
    found = alternatives(score, {"same": 0.7, "second alone": 0.0}).by_alternative

    assert found.moved.tolist() == [0, 2]
    assert found.largest_shift.tolist() == [0, 2]
    assert found.unit.tolist() == ["", "A"]
    assert found.spearman.tolist() == pytest.approx([1, -1])


def test_lowest_points_may_be_best() -> None:
    found = alternatives(score, {"equal": 0.5}, highest_first=False)

    assert found.table["rank"].tolist()[:3] == [3, 2, 1]


def test_rank_sets_of_the_sample_stand_beside() -> None:
    points = np.array([6.2, 5.0, 3.8, np.nan])
    sets = rank_sets(tuple("ABCD"), points, np.eye(4) * 0.01, seed=1)

    found = alternatives(score, {"equal": 0.5}, sets=sets).table

    assert found.rank_high.tolist()[:3] == [1, 2, 3]
    with pytest.raises(DataError, match="other units"):
        alternatives(score, {}, sets=rank_sets(("A",), np.ones(1), np.eye(1)))


def test_a_choice_that_scores_other_units_is_named() -> None:
    with pytest.raises(DataError, match=r"'lost' .* do not score the same units: 'B'"):
        alternatives(lambda c: {"A": 1, "B": 2} if c is None else {"A": 1}, {"lost": 1})


def test_one_unit_has_no_correlation() -> None:
    found = alternatives(lambda c: {"A": 1}, {"same": 1})

    assert np.isnan(found.by_alternative.spearman[0])
    none = alternatives(lambda c: {"A": None}, {"same": 1}).by_alternative
    assert np.isnan(none.mean_shift[0])


def test_usual_choices_are_scored_as_what_ifs(result: IndexResult) -> None:
    found = result.alternatives(sets=result.ranks(draws=200))

    assert found.names == (
        "equal points",
        "even steps",
        "best answer alone",
        "without 1.1",
        "without 1.2",
    )
    only = result.what_if(drop=["1.1"])
    wanted = [float(only.points_of(unit)) for unit in only.unit_codes]
    assert found.points[4].tolist() == wanted
    assert found.points[0].tolist() == [float(p) for p in result.units.points]
    assert found.table.rank_low.notna().all()


def test_tables_of_coefficients_keep_the_order_of_their_levels(result: IndexResult) -> None:
    found = usual_choices(result.leaves)

    even = found["even steps"].coefficients["q1"]
    best = found["best answer alone"].coefficients["q1"]
    assert even == {1: 1, 2: Fraction(2, 3), 3: Fraction(1, 3), 4: 0}
    assert best == {1: 1, 2: 0, 3: 0, 4: 0}


def test_choices_that_change_nothing_are_not_made() -> None:
    one = {"groups": [{"group": "all", "questions": [{"item": "q1", "coefficients": FOUR}]}]}
    plain = IndexScheme.from_dict({"leaves": [{"code": "c", "points": "2", **one}]})
    groups = [
        {"group": g, "weight": w, "questions": one["groups"][0]["questions"]}
        for g, w in (("staff", "0.7"), ("citizens", "0.3"))
    ]
    weighted = IndexScheme.from_dict({"leaves": [{"code": "c", "points": "2", "groups": groups}]})

    assert list(usual_choices(plain.leaves)) == ["even steps", "best answer alone"]
    assert "equal group weights" in usual_choices(weighted.leaves)
    assert "equal group weights" not in usual_choices(weighted.leaves, pooled=True)


def test_points_vary_around_the_official_ones_by_seed(result: IndexResult) -> None:
    first, again, other = (varied_points(result.leaves, 0.2, 30, seed=seed) for seed in (1, 1, 2))

    assert list(first) == [f"points {i}" for i in range(1, 31)]
    for name, choice in first.items():
        points = choice.points
        assert points == again[name].points != other[name].points
        assert float(sum(points.values())) == pytest.approx(5, abs=2e-6)
        ratio = float(points["1.1"] / points["1.2"])
        assert 2 / 3 * 0.8 / 1.2 <= ratio <= 2 / 3 * 1.2 / 0.8
    with pytest.raises(DataError, match="share is 1"):
        varied_points(result.leaves, share=1)
