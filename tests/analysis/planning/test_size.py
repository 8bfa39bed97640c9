"""Sample sizes: what a size is for, and that size and precision undo each other."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import DesignError
from analysis.planning import comparing, effect, size

quick = settings(max_examples=50, deadline=None, derandomize=True)
shares = st.floats(0.05, 1)


def test_the_sizes_of_the_guideline_are_rounded_up() -> None:
    sizes = [size.round_up(size.slovin(n, 0.05)) for n in (1_000, 10_000, 100_000)]

    assert sizes == [286, 385, 399]


def test_a_size_that_is_whole_but_for_rounding_errors_adds_nobody() -> None:
    assert size.round_up(3 * (0.1 + 0.2) / 0.9 * 286) == 286
    assert size.round_up(286.001) == 287


def test_a_population_without_end_takes_the_first_size() -> None:
    assert size.slovin(math.inf, 0.05) == pytest.approx(400)
    assert size.cochran(math.inf, 0.05) == pytest.approx(384.1459, abs=1e-4)
    assert size.mean_size(math.inf, 0.04, 0.28) == pytest.approx((1.959964 * 7) ** 2, rel=1e-6)


def test_a_province_of_580_people_knows_its_share_to_three_points() -> None:
    sd = math.sqrt(0.84 * 0.16)

    assert 100 * size.half_width(580, sd) == pytest.approx(3.0, abs=0.05)
    assert 100 * size.half_width(580, sd, deff=2) == pytest.approx(4.2, abs=0.05)


@quick
@given(
    population=st.integers(20, 10**6),
    margin=st.floats(0.01, 0.3),
    sd=st.floats(0.05, 0.5),
    deff=st.floats(0.5, 4),
    response=shares,
    blanks=st.floats(0, 0.5),
)
def test_the_need_gives_the_precision_it_was_computed_for(
    population: int, margin: float, sd: float, deff: float, response: float, blanks: float
) -> None:
    plan = size.need(population, margin, sd=sd, deff=deff, response=response, blanks=blanks)

    found = size.half_width(plan.answers, sd, population=population, deff=deff)

    assert found == pytest.approx(margin, rel=1e-6)
    assert plan.answers == pytest.approx(plan.asked * response * (1 - blanks))
    assert plan.feasible == (plan.invitations <= population)


def test_more_people_than_there_are_is_said() -> None:
    plan = size.need(50, 0.05, deff=1.8, response=0.7)

    assert plan.invitations == 67
    assert not plan.feasible


@quick
@given(
    take=st.floats(1.5, 100), icc=st.floats(0, 0.9), cv2=st.floats(0, 3), wave=st.floats(1.5, 100)
)
def test_the_correlation_of_last_wave_plans_the_next(
    take: float, icc: float, cv2: float, wave: float
) -> None:
    seen = effect.design_effect(wave, icc, cv2)

    found = effect.intraclass_correlation(seen, wave, cv2)

    assert found == pytest.approx(icc, abs=1e-9)
    planned = effect.design_effect(take, found, cv2)
    assert planned == pytest.approx(effect.design_effect(take, icc, cv2))


@quick
@given(
    difference=st.floats(0.01, 0.5),
    deff=st.floats(0.5, 4),
    power=st.floats(0.5, 0.99),
    correlation=st.floats(-0.5, 0.9),
)
def test_size_difference_and_power_of_two_units_agree(
    difference: float, deff: float, power: float, correlation: float
) -> None:
    design = {"deff": deff, "correlation": correlation}

    n = comparing.two_unit_size(difference, 0.28, power=power, **design)

    found = comparing.detectable_difference(n, 0.28, power=power, **design)
    assert found == pytest.approx(difference)
    assert comparing.comparison_power(difference, n, 0.28, **design) == pytest.approx(
        power, abs=2e-3
    )


@pytest.mark.parametrize("icc", [0.02, 0.1, 0.4])
def test_the_best_take_beats_its_neighbours_for_the_same_money(icc: float) -> None:
    def variance(take: float) -> float:
        psus = 1e8 / (600_000 + take * 30_000)
        return effect.design_effect(take, icc) / (psus * take)

    best = effect.best_take(600_000, 30_000, icc)

    assert variance(best) < min(variance(best * 0.95), variance(best * 1.05))
    assert effect.best_take(1, 1, 0) == math.inf


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("margin", 0),
        ("sd", -1),
        ("level", 1),
        ("deff", 0),
        ("response", 0),
        ("response", 1.1),
        ("blanks", 1),
        ("population", 0),
        ("margin", math.nan),
    ],
)
def test_a_plan_outside_its_range_is_refused_by_name(argument: str, value: float) -> None:
    plan = {"population": 100, "margin": 0.05, "sd": 0.3} | {argument: value}

    with pytest.raises(DesignError, match=argument) as refused:
        size.need(**plan)

    assert refused.value.code == "bad_plan"


def test_a_mean_and_a_share_are_not_planned_at_once() -> None:
    with pytest.raises(DesignError, match="Both sd and proportion"):
        size.need(100, 0.05, sd=0.3, proportion=0.5)
    with pytest.raises(DesignError, match="correlation"):
        comparing.two_unit_size(0.1, 0.3, correlation=1)
