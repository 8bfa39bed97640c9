"""Slovin beside the truth: the specification's example, and every fault in its number."""

import math

import pytest

from analysis.errors import DesignError
from analysis.planning.size import need
from analysis.planning.slovin import Fault, beside


def test_four_hundred_divided_among_twenty_units() -> None:
    found = beside(1_000_000, units=20, sd=0.28, deff=2, response=0.7)

    assert found.size == pytest.approx(399.84, abs=0.01)
    assert found.truth("mean_margin_points") == pytest.approx(2.7, abs=0.05)
    assert found.truth("answered_margin_points") == pytest.approx(4.6, abs=0.05)
    assert found.truth("unit_simple_margin_points") == pytest.approx(12.3, abs=0.05)
    assert found.truth("unit_margin_points") == pytest.approx(20.7, abs=0.06)
    assert found.truth("unit_difference_points") == pytest.approx(42, abs=0.5)
    assert found.truth("double_margin_persons") == pytest.approx(found.size / 4, rel=1e-3)


def test_every_fault_has_a_number() -> None:
    table = beside(20_000, units=10, contacts=2.5, contacts_cv=0.8).table

    assert set(table.fault) == set(Fault)
    assert len(Fault) == 8
    assert table.truth.notna().all()
    assert table.measure.is_unique


def test_who_comes_often_stands_in_the_list_often() -> None:
    found = beside(90_000, contacts=3, contacts_cv=1)

    assert found.truth("population_persons") == 30_000
    assert found.truth("equal_chances_persons") == pytest.approx(found.size / 2)


def test_a_unit_that_is_asked_completely_has_no_margin() -> None:
    found = beside(40, 0.0001, units=2)

    assert found.truth("unit_simple_margin_points") < 0.01
    assert math.isfinite(found.truth("unit_difference_points"))


def test_what_all_units_need_is_the_need_of_one_times_their_number() -> None:
    found = beside(50_000, units=25, deff=1.5, response=0.6, blanks=0.1)

    one = need(2_000, 0.05, sd=0.28, deff=1.5, response=0.6, blanks=0.1)
    assert found.truth("all_units_invited_persons") == pytest.approx(25 * one.asked)


def test_a_response_rate_above_one_is_refused() -> None:
    with pytest.raises(DesignError, match="response"):
        beside(1_000, response=1.2)
