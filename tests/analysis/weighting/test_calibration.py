"""Calibration: totals met, bounds kept, and what cannot be."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError, DesignError
from analysis.estimation.means import means, totals
from analysis.estimation.quantiles import quantiles
from analysis.weighting.calibration import Calibrate, calibrate
from analysis.weighting.distances import Distance, Method, method_of
from analysis.weighting.plan import Weighted, WeightingPlan
from analysis.weighting.raking import Rake
from analysis.weighting.steps import Totals

RNG = np.random.default_rng(3)
PEOPLE = pd.DataFrame(
    {
        "kind": RNG.choice(["b", "a", "c"], 60),
        "size": RNG.integers(1, 20, 60),
        "old": RNG.random(60) < 0.4,
        "w": RNG.integers(5, 15, 60) / 2,
    }
)
DESIGN = SurveyDesign(weight="w")
POPULATION = {"(Intercept)": 320.0, "kindb": 140.0, "kindc": 95.0, "size": 3300.0}
TERMS = ("1", "kind", "size")


def weigh(data: pd.DataFrame = PEOPLE, **declared: object) -> Weighted:
    step = Calibrate(**({"terms": TERMS, "population": POPULATION} | declared))
    return WeightingPlan((step,)).apply(data, DESIGN)


BOUNDED = [
    {"method": "linear"},
    {"method": "linear", "bounds": (0.5, 1.6)},
    {"method": "raking"},
    {"method": "raking", "bounds": (0.5, 1.6)},
    {"method": "logit", "bounds": (0.5, 1.6)},
]


@pytest.mark.parametrize("declared", BOUNDED)
def test_totals_are_met_within_the_bounds(declared: dict) -> None:
    weighted = weigh(**declared)

    margins = weighted.report.margins
    assert margins.cell.tolist() == list(POPULATION)
    np.testing.assert_allclose(margins.after, margins.population, rtol=1e-9)
    factor = weighted.weights / PEOPLE.w.to_numpy()
    low, high = declared.get("bounds", (-np.inf, np.inf))
    assert low - 1e-12 <= factor.min() < factor.max() <= high + 1e-12


def test_bounds_that_bite_hold_some_factors_at_them() -> None:
    weighted = weigh(method="linear", bounds=(0.9, 1.25))

    factor = weighted.weights / PEOPLE.w.to_numpy()
    assert (np.abs(factor - 1.25) < 1e-12).sum() > 0
    np.testing.assert_allclose(weighted.report.margins.difference_after, 0, atol=1e-9)


def test_linear_calibration_is_the_generalised_regression_estimator() -> None:
    weighted = weigh(method="linear")

    x = np.column_stack(
        [np.ones(60), PEOPLE.kind == "b", PEOPLE.kind == "c", PEOPLE["size"]]
    ).astype(float)
    d = PEOPLE.w.to_numpy()
    missing = np.array(list(POPULATION.values())) - d @ x
    by_hand = d * (1 + x @ np.linalg.solve(x.T @ (d[:, None] * x), missing))
    np.testing.assert_allclose(weighted.weights, by_hand, rtol=1e-10)


def test_raking_distance_on_margins_alone_is_raking() -> None:
    kind = {"a": 85.0, "b": 140.0, "c": 95.0}
    old = {"False": 200.0, "True": 120.0}
    total = {"(Intercept)": 320.0, "kindb": 140.0, "kindc": 95.0, "oldTrue": 120.0}

    calibrated = weigh(terms=("1", "kind", "old"), population=total, method="raking")
    raked = WeightingPlan((Rake(margins={"kind": kind, "old": old}),)).apply(PEOPLE, DESIGN)

    np.testing.assert_allclose(calibrated.weights, raked.weights, rtol=1e-8)


def test_base_and_order_of_labels_may_be_declared() -> None:
    population = {"(Intercept)": 320.0, "kinda": 85.0, "kindb": 140.0, "size": 3300.0}

    weighted = weigh(population=population, levels={"kind": ["c", "a", "b"]})

    np.testing.assert_allclose(weighted.weights, weigh().weights, rtol=1e-9)


def test_numbers_may_be_read_as_labels() -> None:
    data = PEOPLE.assign(grade=PEOPLE.kind.map({"a": 1, "b": 2, "c": 3}))
    population = {"(Intercept)": 320.0, "grade2": 140.0, "grade3": 95.0, "size": 3300.0}

    weighted = weigh(
        data, terms=("1", "grade", "size"), population=population, levels={"grade": [1, 2, 3]}
    )

    np.testing.assert_allclose(weighted.weights, weigh().weights, rtol=1e-12)


def test_variables_that_say_the_same_twice_do_no_harm() -> None:
    data = PEOPLE.assign(double=PEOPLE["size"] * 2)

    weighted = weigh(data, terms=(*TERMS, "double"), population=POPULATION | {"double": 6600.0})

    np.testing.assert_allclose(weighted.weights, weigh().weights, rtol=1e-8)


def test_totals_that_contradict_each_other_name_a_variable() -> None:
    data = PEOPLE.assign(double=PEOPLE["size"] * 2)

    with pytest.raises(DesignError, match="meets the totals") as raised:
        weigh(data, terms=(*TERMS, "double"), population=POPULATION | {"double": 6700.0})

    assert raised.value.attributes["variable"] in {"size", "double"}


@pytest.mark.parametrize("method", ["linear", "raking", "logit"])
def test_totals_out_of_reach_of_the_bounds_name_the_variable(method: str) -> None:
    with pytest.raises(DesignError, match=r"that of 'size' is 9000, and .* was reached") as raised:
        weigh(population=POPULATION | {"size": 9000.0}, method=method, bounds=(0.5, 1.5))

    assert raised.value.code == "calibration_not_reached"
    assert raised.value.attributes["reached"] < 9000


def test_negative_weights_are_refused_with_a_remedy() -> None:
    with pytest.raises(DesignError, match=r"makes .* weights negative.*method='raking'") as raised:
        weigh(population=POPULATION | {"size": 600.0})

    assert raised.value.code == "negative_weights"


def test_negative_weights_that_are_kept_give_the_regression_estimate() -> None:
    data = PEOPLE.assign(y=RNG.normal(5, 2, 60))

    weighted = weigh(data, population=POPULATION | {"size": 600.0}, negative="keep")

    w, d, y = weighted.weights, data.w.to_numpy(), data.y.to_numpy()
    assert (w < 0).any()
    assert weighted.report.weights.iloc[-1]["sum"] == pytest.approx(320)
    x = np.column_stack([np.ones(60), data.kind == "b", data.kind == "c", data["size"]])
    np.testing.assert_allclose(w @ x, [320, 140, 95, 600], rtol=1e-9)
    z = (y - w @ y / w.sum()) / w.sum()
    e = w * (z - x @ np.linalg.solve(x.T @ (d[:, None] * x), x.T @ (d * z)))
    found = means(weighted.respondents, weighted.design, ["y"])
    whole = totals(weighted.data, weighted.design, ["y"])
    np.testing.assert_allclose(found.estimate, w @ y / w.sum(), rtol=1e-8)
    np.testing.assert_allclose(found.se, np.sqrt(60 / 59 * ((e - e.mean()) ** 2).sum()), rtol=1e-6)
    np.testing.assert_allclose(whole.estimate, w @ y, rtol=1e-8)
    assert found.n.tolist() == [60]


def test_negative_weights_are_read_by_no_step_and_no_other_estimator() -> None:
    data = PEOPLE.assign(y=RNG.normal(5, 2, 60))
    step = Calibrate(terms=TERMS, population=POPULATION | {"size": 600.0}, negative="keep")
    weighted = WeightingPlan((step,)).apply(data, DESIGN)

    with pytest.raises(DesignError, match=r"can't read the .* negative weights"):
        WeightingPlan((step, Rake(margins={"old": {True: 1, False: 1}}))).apply(data, DESIGN)
    with pytest.raises(DataError, match="finite numbers of 0 or more"):
        quantiles(weighted.data, weighted.design, ["y"], [0.5])
    with pytest.raises(DataError, match="finite numbers of 0 or more"):
        means(weighted.data, SurveyDesign(weight="w_calibrate"), ["y"])


@pytest.mark.parametrize(
    ("population", "odd"),
    [({"(Intercept)": 320.0}, "kindb"), (POPULATION | {"kinda": 1.0}, "kinda")],
)
def test_totals_and_variables_must_match_by_name(population: dict, odd: str) -> None:
    with pytest.raises(DesignError, match=f"'{odd}' is on one side only"):
        weigh(population=population)


def test_total_that_is_no_number_is_refused() -> None:
    with pytest.raises(DesignError, match="'size' is no number"):
        weigh(population=POPULATION | {"size": float("nan")})


def test_missing_number_names_its_row() -> None:
    data = PEOPLE.assign(size=PEOPLE["size"].where(PEOPLE.index != 6))

    with pytest.raises(DataError, match="'size' has no number in data row 7"):
        weigh(data)


def test_missing_label_names_its_row() -> None:
    data = PEOPLE.assign(kind=PEOPLE.kind.where(PEOPLE.index != 2))

    with pytest.raises(DataError, match="'kind' has none of the labels a, b, c in data row 3"):
        weigh(data)


def test_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="'weight' of the calibration is missing"):
        weigh(terms=("1", "weight"))


def test_each_replicate_meets_the_totals() -> None:
    weighted = weigh(method="logit", bounds=(0.3, 3.0))
    many = PEOPLE.w.to_numpy()[:, None] * RNG.choice([0.8, 1.0, 1.2], (60, 4))
    many[5] = 0

    found = weighted.propagate(many)

    x = np.column_stack([np.ones(60), PEOPLE["size"]]).astype(float)
    np.testing.assert_allclose(found.T @ x, [[320.0, 3300.0]] * 4, rtol=1e-9)
    assert (found[5] == 0).all()
    np.testing.assert_allclose(weighted.propagate(PEOPLE.w.to_numpy()), weighted.weights)


def test_far_away_totals_are_reached_by_halved_steps() -> None:
    known = Totals(("(Intercept)",), np.ones((3, 1)), np.array([3e6]))

    found = calibrate(np.ones(3), known, Distance(Method.RAKING))

    np.testing.assert_allclose(found.weights, 1e6)


@pytest.mark.parametrize(
    ("method", "bounds"), [("logit", (0.5, np.inf)), ("linear", (1.0, 2.0)), ("raking", (0.1, 0.9))]
)
def test_bounds_must_hold_one_between_them(method: str, bounds: tuple[float, float]) -> None:
    with pytest.raises(DesignError, match="cannot be bounded by"):
        Distance(method_of(method), *bounds)


def test_unknown_method_lists_those_there_are() -> None:
    with pytest.raises(DesignError, match="linear, raking, logit"):
        weigh(method="entropy")


@pytest.mark.parametrize(
    "distance",
    [
        Distance(),
        Distance(Method.LINEAR, 0.5, 1.4),
        Distance(Method.RAKING),
        Distance(Method.RAKING, 0.6, 1.7),
        Distance(Method.LOGIT, 0.5, 1.8),
    ],
)
def test_slope_is_the_derivative_of_the_factor(distance: Distance) -> None:
    u, step = np.linspace(-0.9, 0.9, 37) + 0.003, 1e-6

    found = (distance.factor(u + step) - distance.factor(u - step)) / (2 * step)

    np.testing.assert_allclose(distance.slope(u), found, atol=1e-8)
    assert distance.factor(np.zeros(1))[0] == pytest.approx(1)
    assert distance.slope(np.zeros(1))[0] == pytest.approx(1)
