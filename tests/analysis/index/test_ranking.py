from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.index.ranking import Previous, compare_years, rank, surveyed_enough
from analysis.report.tables import ranking_table

VALUES = {"A": "90", "B": "85.004", "C": "85.001", "D": "80"}


@pytest.mark.parametrize(
    ("rule", "ranks"), [("competition", [1, 2, 2, 4]), ("dense", [1, 2, 2, 3])]
)
def test_ties_by_rule(rule: str, ranks: list[int]) -> None:
    found = rank(VALUES, tie_rule=rule, precision=2)

    assert [entry.rank for entry in found.ranked] == ranks
    assert [entry.tied for entry in found.ranked] == [False, True, True, False]


def test_unrounded_values_decide_by_default() -> None:
    assert [entry.rank for entry in rank(VALUES).ranked] == [1, 2, 3, 4]


def test_printed_values_follow_the_rounding_rule() -> None:
    values = {"A": "1.345", "B": "1.34"}

    assert rank(values, precision=2, rounding="half_up").rank_of("B") == 2
    assert rank(values, precision=2, rounding="down").rank_of("B") == 1


def test_units_assessed_and_not_ranked_stand_apart() -> None:
    found = rank({**VALUES, "E": None}, not_ranked=["A"])

    assert found.not_ranked == (("A", Fraction(90)), ("E", None))
    assert found.rank_of("B") == 1
    assert found.rank_of("A") is None


def test_changed_block_is_not_compared() -> None:
    found = rank(VALUES)
    before = {"A": Previous("88", 2), "B": Previous("86", 1), "D": Previous("70")}

    changes = compare_years(found, before, not_comparable=["B"])

    assert [(c.points, c.places) for c in changes] == [
        (2, 1),
        (None, None),
        (None, None),
        (10, None),
    ]
    assert [c.comparable for c in changes] == [True, False, False, True]
    assert changes[1].previous_rank == 1


def test_ranking_table_is_printed_by_the_rule() -> None:
    found = rank(VALUES)

    table = ranking_table(
        found, compare_years(found, {"B": Previous("84.996", 3)}), rounding="down"
    )

    assert [str(value) for value in table.value] == ["90.00", "85.00", "85.00", "80.00"]
    assert (str(table.points[1]), table.places[1]) == ("0.00", 1)
    assert table.comparable.tolist() == [False, True, False, False]
    assert ranking_table(found).comparable.tolist() == [None] * 4


@given(st.dictionaries(st.text(max_size=3), st.integers(-5, 5), max_size=12))
def test_competition_rank_is_one_more_than_the_units_above(values: dict[str, int]) -> None:
    for entry in rank(values).ranked:
        assert entry.rank == 1 + sum(value > entry.value for value in values.values())


@pytest.mark.parametrize(
    ("scored", "applicable", "enough"),
    [("0", "37.5", False), ("18.74", "37.5", False), ("18.75", "37.5", True), ("0", "0", True)],
)
def test_a_rank_takes_half_of_the_applicable_survey_maximum(
    scored: str, applicable: str, enough: bool
) -> None:
    assert surveyed_enough(scored, applicable) is enough
