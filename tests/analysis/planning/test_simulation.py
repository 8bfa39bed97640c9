"""A simulated campaign: as wide as the formulas say, reproducible, and powerful where it should."""

import numpy as np
import pytest

from analysis.errors import DesignError
from analysis.index.scheme import IndexScheme
from analysis.planning.expected import GroupPlan, expected_precision
from analysis.planning.simulation import StratumSample, simulate
from analysis.planning.superpopulation import Superpopulation


def question(item: str) -> dict[str, object]:
    return {"item": item, "coefficients": {"1": "1", "2": "0.6", "3": "0.2", "4": "0"}}


def scheme(items: int = 2, **options: object) -> IndexScheme:
    leaves = [
        {
            "code": f"{i}",
            "points": "5",
            "groups": [{"group": "g", "questions": [question(f"q{i}")]}],
        }
        for i in range(1, items + 1)
    ]
    return IndexScheme.from_dict({"leaves": leaves, "options": options})


def persons(invited: int, units: str = "ABC", population: int | None = None) -> StratumSample:
    return StratumSample(code="s", units=tuple(units), invited=invited, population=population)


EXACT = {"between": 0.0, "question": 0.0, "blank": 0.0, "dont_know": 0.0}


def test_half_widths_of_persons_are_those_of_the_formula() -> None:
    model = Superpopulation(**EXACT, item=0.4, rater=0.1, icc=0.0, response=0.8)

    found = simulate(scheme(), {"g": [persons(300, population=600)]}, model, replications=25)

    plan = GroupPlan(
        invited=dict.fromkeys("ABC", 300), population=dict.fromkeys("ABC", 600),
        response=0.8, item_correlation=0.42,
    )  # fmt: skip
    wanted = expected_precision(scheme(), {"g": plan}).table
    half = wanted[wanted.leaf == "total"].half_width.to_numpy()
    np.testing.assert_allclose(found.table.half_width, half, rtol=0.05)
    np.testing.assert_allclose(found.table.n, 240, rtol=0.03)
    np.testing.assert_allclose(found.table.points, 7.5, atol=0.1)


def test_clusters_widen_the_intervals_by_their_design_effect() -> None:
    model = Superpopulation(**EXACT, item=0.3, rater=0.05, icc=0.1, response=1.0)
    clusters = StratumSample(code="s", units=("A",), invited=20, psus=40)

    apart = simulate(scheme(1), {"g": [persons(800, "A")]}, model, replications=14)
    together = simulate(scheme(1), {"g": [clusters]}, model, replications=14)

    deff = (together.table.se[0] / apart.table.se[0]) ** 2
    assert deff == pytest.approx(1 + 19 * 0.1, rel=0.2)
    assert together.table.df[0] == 39


def test_the_same_seed_gives_the_same_forecast() -> None:
    plan = {"g": [persons(60)]}

    first = simulate(scheme(), plan, Superpopulation(), replications=4, seed=9, change=5)
    again = simulate(scheme(), plan, Superpopulation(), replications=4, seed=9, change=5)
    other = simulate(scheme(), plan, Superpopulation(), replications=4, seed=10, change=5)

    assert first.table.equals(again.table)
    assert first.bands.tolist() == again.bands.tolist()
    assert not first.table.points.equals(other.table.points)


def test_power_grows_with_the_change_and_is_the_level_without_one() -> None:
    model = Superpopulation(item=0.3, rater=0.1)
    plan = {"g": [persons(150, "ABCDEF")]}

    none, small, large = (
        simulate(scheme(), plan, model, replications=10, change=change).table.power.mean()
        for change in (0, 4, -15)
    )

    assert none < 0.08
    assert none < small < large
    assert large > 0.95


def test_without_a_change_there_is_no_power() -> None:
    found = simulate(scheme(), {"g": [persons(50)]}, Superpopulation(), replications=2)

    assert found.change is None
    assert found.table.power.isna().all()


def test_units_that_differ_much_fall_into_a_band_each() -> None:
    model = Superpopulation(levels={"A": 0.9, "B": 0.7, "C": 0.5}, question=0.0)

    found = simulate(scheme(), {"g": [persons(400)]}, model, replications=6)

    assert found.expected_bands == 3
    assert found.pairs_apart == 1
    assert found.bands_table.to_dict("list") == {"bands": [3], "share": [1.0]}


def test_units_that_do_not_differ_are_one_band_as_a_rule() -> None:
    found = simulate(scheme(), {"g": [persons(100)]}, Superpopulation(**EXACT), replications=25)

    assert found.expected_bands < 1.3
    assert found.share_error == 0.1


def test_a_unit_that_too_few_rate_is_often_not_scored() -> None:
    plan = [persons(80, "AB"), StratumSample(code="t", units=("C",), invited=6, population=20)]

    found = simulate(scheme(), {"g": plan}, Superpopulation(response=0.7), replications=14)

    table = found.table.set_index("unit")
    assert table.scored["A"] == 1
    assert 0 < table.scored["C"] < 0.8


def test_what_cannot_be_simulated_is_named() -> None:
    model = Superpopulation()

    for call, named in (
        (lambda: simulate(scheme(), {}, model), "No group"),
        (lambda: simulate(scheme(), {"h": [persons(9)]}, model), "'h'"),
        (lambda: simulate(scheme(), {"g": [persons(9)]}, model, replications=0), "replications"),
        (lambda: simulate(scheme(), {"g": [persons(9)]}, model, change=30), "cannot change"),
    ):
        with pytest.raises(DesignError, match=named):
            call()
