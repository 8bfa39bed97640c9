"""Allocations: whole numbers that add up, limits that hold, and errors that name the stratum."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import DesignError
from analysis.planning import allocation
from analysis.planning.strata import Rule, StratumPlan, allocate

quick = settings(max_examples=60, deadline=None, derandomize=True)


@st.composite
def plans(draw: st.DrawFn) -> list[StratumPlan]:
    """One to nine strata of up to five units, some of them tiny or without spread."""
    count = draw(st.integers(1, 9))
    return [
        StratumPlan(
            code=f"s{i}",
            population=draw(st.integers(1, 400)),
            sd=draw(st.sampled_from([0.05, 0.2, 0.3, 0.9])),
            cv=draw(st.floats(0.1, 2)),
            cost=draw(st.floats(0.5, 4)),
            unit=draw(st.sampled_from(["U", "V", "W"])),
        )
        for i in range(count)
    ]


@quick
@given(plans(), st.sampled_from(list(Rule)), st.floats(0, 1), st.integers(0, 3))
def test_sizes_add_up_and_stay_within_their_limits(
    strata: list[StratumPlan], rule: Rule, part: float, minimum: int
) -> None:
    least = sum(min(minimum, s.population) for s in strata)
    most = sum(s.population for s in strata)
    n = max(1, round(least + part * (most - least)))

    found = allocate(strata, n, rule, minimum=minimum)

    assert sum(found.sizes) == n
    assert sum(found.shares) == pytest.approx(n)
    for stratum, size, share in zip(strata, found.sizes, found.shares, strict=True):
        assert min(minimum, stratum.population) <= size <= stratum.population
        assert min(minimum, stratum.population) - 1e-9 <= share <= stratum.population + 1e-9


@quick
@given(plans(), st.floats(0, 1), st.integers(1, 30))
def test_every_unit_gets_its_minimum(strata: list[StratumPlan], part: float, wanted: int) -> None:
    people: dict[str, int] = {}
    for stratum in strata:
        people[stratum.unit] = people.get(stratum.unit, 0) + stratum.population
    minima = {unit: min(wanted, there) for unit, there in people.items()}
    least, most = sum(minima.values()), sum(people.values())
    n = round(least + part * (most - least))

    found = allocate(strata, n, "proportional", minimum=0, unit_minimum=minima)

    by_unit = found.table.groupby("unit")["size"].sum()
    assert by_unit.sum() == n
    assert all(by_unit[unit] >= minimum for unit, minimum in minima.items())


@quick
@given(plans(), st.floats(0.05, 1))
def test_neyman_within_the_populations_beats_every_transfer(
    strata: list[StratumPlan], part: float
) -> None:
    population = np.array([s.population for s in strata], dtype=float)
    sd = np.array([s.sd for s in strata])

    best = allocation.neyman_capped(part * population.sum(), population, sd)

    lowest = allocation.stratified_variance(best, population, sd)
    assert best.sum() == pytest.approx(part * population.sum())
    for giver, taker in itertools.permutations(range(len(strata)), 2):
        step = np.zeros(len(strata))
        step[giver], step[taker] = -best[giver] / 10, best[giver] / 10
        moved = best + step
        if moved[taker] <= population[taker]:
            assert allocation.stratified_variance(moved, population, sd) >= lowest - 1e-15


def test_strata_that_would_give_too_much_are_taken_whole_one_after_the_other() -> None:
    population, sd = [1000, 60, 50], [0.1, 0.5, 3.0]

    first = allocation.neyman(320, population, sd)
    found = allocation.neyman_capped(320, population, sd)

    # Only after the third is cut to 50 would the second give more than it has.
    assert first[2] > 50
    assert first[1] < 60
    np.testing.assert_allclose(found, [210, 60, 50])


def test_a_stratum_of_one_psu_is_taken_whole() -> None:
    strata = [StratumPlan(code="seat", population=1), StratumPlan(code="rest", population=300)]

    found = allocate(strata, 10)

    assert found.by_stratum == {"seat": 1, "rest": 9}
    assert found.table.take_all.tolist() == [True, False]


def test_equal_fractions_go_to_the_stratum_listed_first() -> None:
    strata = [StratumPlan(code=c, population=100) for c in "abcd"]

    assert allocate(strata, 10, "equal").sizes == (3, 3, 2, 2)


def test_the_variance_is_that_of_the_whole_numbers() -> None:
    strata = [
        StratumPlan(code="a", population=1200, sd=0.22),
        StratumPlan(code="b", population=400, sd=0.3),
    ]
    found = allocate(strata, 100, "neyman")

    by_hand = (0.75 * 0.22) ** 2 * (1 / found.sizes[0] - 1 / 1200)
    by_hand += (0.25 * 0.3) ** 2 * (1 / found.sizes[1] - 1 / 400)
    assert found.variance == pytest.approx(by_hand)


def test_what_no_spread_asks_for_goes_where_there_is_room() -> None:
    strata = [
        StratumPlan(code="a", population=10, sd=0.3),
        StratumPlan(code="b", population=50, sd=0.0),
    ]

    assert allocate(strata, 30, "neyman").sizes == (10, 20)


def test_the_largest_need_decides_and_is_named() -> None:
    needs = pd.DataFrame({"q1": [40, 10, 7], "q2": [30, 25, 7]}, index=["a", "b", "c"])

    found = allocation.largest_need(needs)

    assert found.need.tolist() == [40, 25, 7]
    assert found.item.tolist() == ["q1", "q2", "q1"]


def refused(n: int, *strata: StratumPlan, **limits: object) -> DesignError:
    with pytest.raises(DesignError) as error:
        allocate(strata, n, **limits)  # type: ignore[arg-type]
    return error.value


def test_what_cannot_be_names_stratum_or_unit() -> None:
    a, b = (StratumPlan(code=c, population=5, unit=c.upper()) for c in "ab")

    too_many = refused(11, a, b)
    too_few = refused(3, a, b)
    wide = refused(6, StratumPlan(code="c", population=4, minimum=5), a)
    poor = refused(8, a, b, unit_minimum={"B": 6})
    unknown = refused(8, a, b, unit_minimum={"Z": 1})

    assert {e.code for e in (too_many, too_few, wide, poor)} == {"infeasible_allocation"}
    assert "11" in too_many.message
    assert "minima add up to 4" in too_few.message
    assert wide.attributes["stratum"] == "c"
    assert poor.attributes["unit"] == "B"
    assert unknown.attributes["unit"] == "Z"


@pytest.mark.parametrize(
    "call",
    [
        lambda: allocate([], 5),
        lambda: allocate([StratumPlan(code="a", population=3)] * 2, 5),
        lambda: allocate([StratumPlan(code="a", population=0)], 5, "equal"),
        lambda: allocate([StratumPlan(code="a", population=9)], 5, "even"),
        lambda: allocate([StratumPlan(code="a", population=9)], 0),
        lambda: allocation.neyman(5, [10, 20], [0, 0]),
        lambda: allocation.neyman(5, [10, 20], [0.1, -0.1]),
        lambda: allocation.proportional(5, [10, np.nan]),
        lambda: allocation.power(5, [10, 20], 1.5),
        lambda: allocation.largest_need(pd.DataFrame({"q": [1, -1]})),
    ],
)
def test_bad_numbers_are_refused(call: object) -> None:
    with pytest.raises(DesignError) as error:
        call()  # type: ignore[operator]

    assert error.value.code == "bad_plan"
    assert error.value.hint


def test_more_than_the_whole_population_is_refused() -> None:
    with pytest.raises(DesignError, match="population of 30"):
        allocation.neyman_capped(31, [10, 20], [0.1, 0.2])
