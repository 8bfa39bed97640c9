"""Sample sizes and allocations: every number of case 37, unrounded, and as used."""

import pytest

from analysis.planning import allocation, size
from analysis.planning.strata import StratumPlan, allocate
from tests.reference.loading import assert_equals, case

NUMBER = "37"
REQUEST, EXPECTED = case(NUMBER)["request"], case(NUMBER)["expected"]
STRATA = REQUEST["allocation"]["N_h"], REQUEST["allocation"]["S_h"]


def test_slovin() -> None:
    plan = REQUEST["slovin"]
    found = [size.slovin(n, plan["e"]) for n in plan["N"]]

    assert_equals(found, EXPECTED["slovin"], NUMBER)
    assert [size.round_up(n) for n in found] == [45, 134, 286, 393, 400]


def test_cochran_with_a_finite_population() -> None:
    plan = REQUEST["cochran"]
    found = [size.cochran(n, plan["e"], plan["p"], plan["level"]) for n in plan["N"]]

    assert_equals(found, EXPECTED["cochran"], NUMBER)
    assert [size.round_up(n) for n in found] == [45, 132, 278, 377, 384]


def test_design_effect_and_response() -> None:
    plan, more = REQUEST["cochran"], REQUEST["inflated"]
    found = [
        size.need(
            n, plan["e"], proportion=plan["p"], level=plan["level"],
            deff=more["deff"], response=more["response"],
        )
        for n in plan["N"]
    ]  # fmt: skip

    assert_equals([need.asked for need in found], EXPECTED["inflated"], NUMBER)
    assert [need.invitations for need in found] == [67, 222, 584, 955, 988]
    assert [need.feasible for need in found] == [False, False, True, True, True]


def test_mean() -> None:
    plan = REQUEST["mean_planning"]
    found = [size.mean_size(n, plan["e"], plan["S"], plan["level"]) for n in plan["N"]]

    assert_equals(found, EXPECTED["mean_planning"], NUMBER)
    assert [size.round_up(n) for n in found] == [40, 97, 159, 187, 189]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("proportional", lambda n, sizes, _: allocation.proportional(n, sizes)),
        ("neyman", allocation.neyman),
        ("neyman_capped", allocation.neyman_capped),
        ("power_half", lambda n, sizes, _: allocation.power(n, sizes, 0.5)),
    ],
)
def test_allocation(name, found) -> None:
    assert_equals(found(REQUEST["allocation"]["n"], *STRATA), EXPECTED[name], NUMBER)


def test_variance_of_the_mean() -> None:
    n = REQUEST["allocation"]["n"]
    shares = {
        "variance_neyman": allocation.neyman(n, *STRATA),
        "variance_proportional": allocation.proportional(n, STRATA[0]),
    }

    for name, sizes in shares.items():
        assert_equals(allocation.stratified_variance(sizes, *STRATA), EXPECTED[name], NUMBER)


@pytest.mark.parametrize(
    ("rule", "sizes"),
    [
        ("equal", (50, 50, 50)),
        ("proportional", (107, 35, 8)),
        ("neyman", (95, 43, 12)),
        ("power", (81, 47, 22)),
    ],
)
def test_whole_numbers_for_use(rule: str, sizes: tuple[int, ...]) -> None:
    strata = [
        StratumPlan(code=str(i), population=people, sd=sd)
        for i, (people, sd) in enumerate(zip(*STRATA, strict=True))
    ]

    assert allocate(strata, REQUEST["allocation"]["n"], rule).sizes == sizes
