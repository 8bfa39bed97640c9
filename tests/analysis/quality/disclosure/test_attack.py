"""What a reader can prove, by hand."""

import math

import pytest

from analysis.errors import DataError
from analysis.quality.disclosure.attack import Bounds, attack
from analysis.quality.disclosure.knowledge import Publication, Statement

SUM = Statement.of({"all": 1, "a": -1, "b": -1, "c": -1})


def told(**counts: int) -> Publication:
    return Publication((SUM, *(Statement.of({name: 1}, n) for name, n in counts.items())))


def bounds(publication: Publication, name: str) -> tuple[float, float]:
    (found,) = attack(publication, {name: {name: 1}}, whole=True)
    return found.low, found.high


def test_one_withheld_part_is_the_total_less_the_others() -> None:
    assert bounds(told(all=20, a=8, b=9), "c") == (3, 3)


def test_two_withheld_parts_share_what_is_left() -> None:
    assert bounds(told(all=20, a=8), "c") == (0, 12)


def test_without_the_total_nothing_bounds_a_part() -> None:
    assert bounds(told(a=8, b=9), "c") == (0, math.inf)


def test_two_readers_together_know_more_than_each() -> None:
    first, second = told(all=20, a=8), told(b=9)

    assert bounds(first, "c") == (0, 12)
    assert bounds(second, "c") == (0, math.inf)
    assert bounds(first + second, "c") == (3, 3)


def test_rounded_counts_leave_room() -> None:
    rounded = Publication(
        (
            SUM,
            *(Statement.of({n: 1}, v - 2, v + 2) for n, v in {"all": 20, "a": 10, "b": 10}.items()),
        )
    )

    assert bounds(rounded, "c") == (0, 6)


def test_a_mean_with_a_known_count_is_a_sum() -> None:
    """Mean 0.5 of 20 and 0.55 of 18 persons: the other two have a sum of 0.1."""
    known = Publication(
        (
            Statement.of({"sum of all": 1, "sum of a": -1, "sum of b": -1}),
            Statement.of({"sum of all": 1}, 20 * 0.5),
            Statement.of({"sum of a": 1}, 18 * 0.55),
        )
    )

    (found,) = attack(known, {"mean of b": {"sum of b": 1 / 2}})

    assert found.low == pytest.approx(0.05)
    assert found.high == pytest.approx(0.05)


def test_every_quantity_is_bounded_unless_some_are_named() -> None:
    assert attack(told(all=5, a=2, b=3)) == (
        Bounds("a", 2, 2),
        Bounds("all", 5, 5),
        Bounds("b", 3, 3),
        Bounds("c", 0, 0),
    )


def test_whole_numbers_move_limits_inward() -> None:
    half = Publication((Statement.of({"a": 2}, 3, 7),))

    assert attack(half) == (Bounds("a", 1.5, 3.5),)
    assert attack(half, whole=True) == (Bounds("a", 2, 3),)


@pytest.mark.parametrize(
    "wrong",
    [told(all=5, a=6), Publication((Statement.of({"a": 1}, 1), Statement.of({"a": 1}, 2)))],
    ids=["a part larger than the total", "two counts of one cell"],
)
def test_statements_that_contradict_each_other_are_refused(wrong: Publication) -> None:
    with pytest.raises(DataError) as caught:
        attack(wrong)

    assert caught.value.code == "contradiction"


def test_a_quantity_nobody_spoke_of_is_refused() -> None:
    with pytest.raises(DataError, match="'d'"):
        attack(told(all=5), {"d": {"d": 1}})


def test_limits_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        Statement.of({"a": 1}, 2, 1)

    assert caught.value.code == "limits_crossed"


def test_publications_survive_json() -> None:
    open_ended = Publication((Statement.of({"a": 1, "b": -0.9}, 0, math.inf), SUM))

    assert Publication.from_list(open_ended.to_list()) == open_ended
