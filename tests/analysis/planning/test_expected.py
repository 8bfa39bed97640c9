"""Expected precision: the formulas of the plan, by hand and beside their parts."""

import math

import numpy as np
import pytest

from analysis.errors import DesignError
from analysis.estimation.intervals import t_quantile
from analysis.index.scheme import IndexScheme
from analysis.planning.cost import cost, cost_table
from analysis.planning.effect import best_take, design_effect
from analysis.planning.expected import GroupPlan, expected_precision
from analysis.planning.size import half_width

COEFFICIENTS = {"1": "1", "2": "0.5", "3": "0"}


def question(item: str, weight: str | None = None) -> dict[str, object]:
    found: dict[str, object] = {"item": item, "coefficients": COEFFICIENTS}
    return found if weight is None else found | {"weight": weight}


SCHEME = {
    "leaves": [
        {
            "code": "1",
            "points": "2",
            "groups": [
                {"group": "staff", "weight": "0.6", "questions": [question("q1")]},
                {
                    "group": "citizens",
                    "weight": "0.4",
                    "questions": [question("a", "0.25"), question("b", "0.75")],
                },
            ],
        },
        {"code": "2", "points": "3", "groups": [{"group": "staff", "questions": [question("q2")]}]},
    ]
}
STAFF = GroupPlan(invited={"A": 100, "B": 40}, population={"A": 120, "B": 40}, response=0.8)
CITIZENS = GroupPlan(invited={"A": 400}, take=10, icc=0.1, blanks=0.2, item_correlation=0.3)


def scheme(**options: object) -> IndexScheme:
    return IndexScheme.from_dict(SCHEME | {"options": options})


def test_one_item_is_the_half_width_of_a_mean() -> None:
    found = expected_precision(scheme(), {"staff": STAFF}).table.set_index(["unit", "leaf"])

    wanted = half_width(80, 0.28, population=120) / 1.959963984540054 * t_quantile(0.95, 79)
    assert found.loc[("A", "2"), "half_width"] == pytest.approx(3 * wanted)
    assert found.loc[("A", "2"), "df"] == pytest.approx(79)


def test_groups_and_items_add_up_by_hand() -> None:
    found = expected_precision(scheme(), {"staff": STAFF, "citizens": CITIZENS})

    staff = 0.28**2 * (1 - 80 / 120) / 80
    citizens = 0.28**2 * design_effect(10, 0.1) / 320
    items = 0.7 * (0.2**2 + 0.6**2) + 0.3 * 0.8**2
    leaf = 1.2**2 * staff + items * citizens
    row = found.table.set_index(["unit", "leaf"]).loc[("A", "1")]
    assert row.se == pytest.approx(math.sqrt(leaf))
    total = staff * (0.5 * (1.2**2 + 3**2) + 0.5 * 4.2**2) + items * citizens
    assert found.cov[0, 0] == pytest.approx(total)


def test_a_unit_that_one_group_alone_rates_gives_it_all_the_weight() -> None:
    found = expected_precision(scheme(), {"staff": STAFF, "citizens": CITIZENS})

    table = found.table.set_index(["unit", "leaf"])
    variance = 0.28**2 * (1 - 32 / 40) / 32
    assert table.loc[("B", "1"), "se"] == pytest.approx(2 * math.sqrt(variance))
    assert table.loc[("B", "total"), "max_points"] == 5


def test_a_group_below_the_minimum_gives_nothing() -> None:
    few = GroupPlan(invited={"A": 100, "B": 6}, response=0.8)

    table = expected_precision(scheme(), {"staff": few}).table.set_index(["unit", "leaf"])

    assert table.loc[("B", "total"), "reason"] == "below_minimum"
    assert math.isnan(table.loc[("B", "1"), "half_width"])
    assert table.loc[("A", "total"), "reason"] == ""


def test_pooled_groups_weigh_by_their_people() -> None:
    pool = {
        "leaves": [
            {
                "code": "1",
                "points": "1",
                "groups": [{"group": g, "questions": [question("q")]} for g in ("x", "y")],
            }
        ],
        "options": {"pooling": "pooled"},
    }
    plans = {
        "x": GroupPlan(invited={"A": 100}, population={"A": 300}),
        "y": GroupPlan(invited={"A": 100}, population={"A": 100}),
    }

    found = expected_precision(IndexScheme.from_dict(pool), plans)

    assert found.cov[0, 0] == pytest.approx(0.75**2 * 0.28**2 * (2 / 3) / 100)


def test_people_in_one_psu_leave_no_degrees_of_freedom() -> None:
    plan = GroupPlan(invited={"A": 20}, take=20)

    table = expected_precision(scheme(), {"staff": plan}).table

    assert set(table.reason) == {"no_degrees_of_freedom"}


def test_shared_raters_tie_the_units() -> None:
    plan = GroupPlan(invited={"A": 100, "B": 50}, rater_correlation=0.4)

    found = expected_precision(scheme(), {"staff": plan})

    se = np.sqrt(np.diag(found.cov))
    assert found.cov[0, 1] == pytest.approx(0.4 * se[0] * se[1])


def test_the_best_take_is_cheapest_for_its_precision() -> None:
    def spent(take: float) -> float:
        psus = 0.28**2 * design_effect(take, 0.05) / (0.01**2 * take)
        return cost(psus, psus * take, per_psu=600_000, per_person=30_000).total

    best = best_take(600_000, 30_000, 0.05)

    assert spent(best) < min(spent(best * 0.9), spent(best * 1.1))


def test_the_cost_of_a_plan_adds_up() -> None:
    table = cost_table({"s": STAFF, "c": CITIZENS}, per_psu=1000, per_person=30, fixed=500)

    assert table["group"].tolist() == ["s", "s", "c", "total"]
    assert table.cost.iloc[:3].tolist() == [3000, 1200, 40 * 1000 + 400 * 30]
    assert table.cost.iloc[3] == table.cost.iloc[:3].sum() + 500


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(DesignError, match="'ministers'"):
        expected_precision(scheme(), {"ministers": STAFF})
    with pytest.raises(DesignError, match="response"):
        expected_precision(scheme(), {"staff": GroupPlan(invited={"A": 9}, response=0)})
    with pytest.raises(DesignError, match="per_psu"):
        cost(1, 1, per_psu=-1, per_person=1)
