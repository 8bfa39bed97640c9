from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.quality.drivers import CONVENTION, WORDING, Drivers, drivers
from analysis.quality.importance import explained, inflation, relative_weights, shapley

quick = settings(max_examples=20, deadline=None, derandomize=True)
DESIGN = SurveyDesign(weight="w", psu="psu")
BOOTSTRAP = ReplicateWeights(kind="bootstrap", count=300, seed=7)


def answers(seed: int = 1, items: int = 3, rows: int = 240) -> pd.DataFrame:
    """Correlated items, of which the first drive the outcome most."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(rows, 1))
    values = common + rng.normal(size=(rows, items))
    outcome = values @ np.linspace(1, 0.2, items) + 2 * rng.normal(size=rows)
    frame = pd.DataFrame(values, columns=[f"q{i + 1}" for i in range(items)])
    return frame.assign(y=outcome, w=rng.integers(1, 9, rows), psu=np.arange(rows) // 8)


def names(count: int) -> list[str]:
    return [f"q{i + 1}" for i in range(count)]


def codes(found: Drivers) -> dict[str, tuple[str, ...]]:
    return {remark.code: remark.items for remark in found.remarks}


def r_squared(covariance: np.ndarray, subset: list[int]) -> float:
    """From the normal equations of one regression."""
    if not subset:
        return 0.0
    inside, with_y = covariance[np.ix_(subset, subset)], covariance[subset, -1]
    return float(with_y @ np.linalg.solve(inside, with_y) / covariance[-1, -1])


@quick
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_every_subset_is_the_regression_on_it(seed: int, items: int) -> None:
    covariance = np.cov(answers(seed, items, 30)[[*names(items), "y"]].T)

    found = explained(covariance[None])[0]

    for bits in range(2**items):
        subset = [j for j in range(items) if bits >> j & 1]
        assert found[bits] == pytest.approx(r_squared(covariance, subset), abs=1e-10)


@quick
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_shares_are_the_average_over_all_orders(seed: int, items: int) -> None:
    covariance = np.cov(answers(seed, items, 30)[[*names(items), "y"]].T)
    orders = list(permutations(range(items)))
    average = np.zeros(items)
    for order in orders:
        for place, item in enumerate(order):
            gain = r_squared(covariance, sorted(order[: place + 1]))
            average[item] += (gain - r_squared(covariance, sorted(order[:place]))) / len(orders)

    assert shapley(covariance[None])[0] == pytest.approx(average, abs=1e-10)


@quick
@given(st.integers(0, 10_000), st.integers(2, 7))
def test_parts_add_up_to_r_squared(seed: int, items: int) -> None:
    found = drivers(answers(seed, items), DESIGN, "y", names(items))
    relative = drivers(answers(seed, items), DESIGN, "y", names(items), method="relative_weights")

    assert found.importance.sum() == pytest.approx(found.r_squared)
    assert relative.importance.sum() == pytest.approx(found.r_squared)
    assert (found.importance >= -1e-12).all()
    assert found.share.sum() == pytest.approx(1)
    assert relative.share == pytest.approx(found.share, abs=0.05)


@quick
@given(st.integers(0, 10_000), st.floats(0.1, 9))
def test_units_order_and_weights_scale_do_not_matter(seed: int, factor: float) -> None:
    frame = answers(seed)
    other = frame.assign(q1=frame.q1 * factor + 3, w=frame.w * 2).sample(frac=1, random_state=seed)

    first = drivers(frame, DESIGN, "y", names(3))
    second = drivers(other, DESIGN, "y", ["q3", "q1", "q2"])

    assert second.importance[[1, 2, 0]] == pytest.approx(first.importance)
    assert second.model.se[[2, 3, 1]] * [factor, 1, 1] == pytest.approx(first.model.se[1:])
    assert second.inflation[[1, 2, 0]] == pytest.approx(first.inflation)


def test_uncorrelated_drivers_have_their_squared_correlations() -> None:
    covariance = np.diag([4.0, 1, 9, 2])
    covariance[:3, 3] = covariance[3, :3] = [1.0, 0.5, 0.9]
    squares = np.array([1 / 4, 0.25, 0.81 / 9]) / 2

    for figures in (shapley, relative_weights):
        assert figures(covariance[None])[0] == pytest.approx(squares)
    assert inflation(covariance[:3, :3]).tolist() == [1, 1, 1]


def test_more_than_ten_drivers_get_relative_weights() -> None:
    found = drivers(answers(items=11), DESIGN, "y", names(11))

    assert found.method == "relative_weights"
    with pytest.raises(DataError) as error:
        drivers(answers(items=11), DESIGN, "y", names(11), method="shapley")
    assert error.value.code == "too_many_drivers"


def test_rows_without_an_answer_are_a_domain_and_told() -> None:
    frame = answers()
    frame.loc[:11, "q2"] = np.nan
    frame.loc[9:19, "y"] = np.nan

    found = drivers(frame, DESIGN, "y", names(3), where=(frame.psu < 20).to_numpy())

    assert (found.cases.n, found.cases.left_out) == (140, 20)
    assert codes(found)["rows_left_out"] == ("q2",)
    assert len(found.model.rows) == 140
    assert found.cases.df == 17


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"q3": lambda f: 2 * f.q1 - 1}, "collinear_items", ("q1", "q3")),
        ({"q4": lambda f: f.q1 + f.q3}, "collinear_items", ("q1", "q3", "q4")),
        ({"q2": 1.0}, "constant_item", ("q2",)),
        ({"y": 1.0}, "constant_item", ("y",)),
    ],
)
def test_items_that_cannot_be_told_apart_are_named(
    change: dict, code: str, named: tuple[str, ...]
) -> None:
    frame = answers(items=4).assign(**change)

    with pytest.raises(DataError) as error:
        drivers(frame, DESIGN, "y", names(4))

    assert error.value.code == code
    assert error.value.attributes["items"] == named
    assert all(repr(name) in str(error.value) for name in named)


@pytest.mark.parametrize(
    ("items", "rows", "method", "code"),
    [
        ([], 240, None, "no_drivers"),
        (["q1", "q2", "q3"], 4, None, "too_few_rows"),
        (["q1"], 240, "guess", "unknown_method"),
        (["q1", "y"], 240, None, "item_twice"),
    ],
)
def test_requests_that_cannot_be_met(
    items: list[str], rows: int, method: str | None, code: str
) -> None:
    with pytest.raises(DataError) as error:
        drivers(answers().head(rows), DESIGN, "y", items, method=method)
    assert error.value.code == code


def test_almost_collinear_items_and_turned_signs_are_told() -> None:
    rng = np.random.default_rng(2)
    frame = answers()
    frame["q2"] = frame.q1 + 0.05 * rng.normal(size=240)
    frame["y"] = frame.q1 - 0.8 * frame.q2 + 0.01 * rng.normal(size=240)

    found = drivers(frame, DESIGN, "y", names(3))

    assert codes(found)["high_inflation"] == ("q1", "q2")
    assert codes(found)["sign_turned"] == ("q2",)


def test_shares_have_intervals_between_0_and_1() -> None:
    found = drivers(answers(rows=400), DESIGN, "y", names(3), replicates=BOOTSTRAP)
    table = found.table()

    assert found.spread.estimate[0] == pytest.approx(found.r_squared)
    assert found.spread.estimate[1:] == pytest.approx(found.share)
    assert ((table.share_low > 0) & (table.share_high < 1)).all()
    assert ((table.share_low < table.share) & (table.share < table.share_high)).all()
    assert table.share_reason.tolist() == ["", "", ""]
    assert found.spread.declared == BOOTSTRAP


def test_errors_of_shares_by_bootstrap_and_jackknife_agree() -> None:
    frame = answers(rows=800)
    jackknife = ReplicateWeights(kind="JK1")

    first = drivers(frame, DESIGN, "y", names(3), replicates=BOOTSTRAP).spread.se
    second = drivers(frame, DESIGN, "y", names(3), replicates=jackknife).spread.se

    assert first == pytest.approx(second, rel=0.2)


def test_without_replicates_shares_say_why_they_have_no_interval() -> None:
    assert set(drivers(answers(), DESIGN, "y", names(3)).table().share_reason) == {"no_replicates"}


def test_table_is_not_rounded_and_names_the_items() -> None:
    found = drivers(answers(), DESIGN, "y", names(3))
    table = found.table().set_index("item")

    assert table.index.tolist() == names(3)
    assert table.loc["q2", "coefficient"] == found.model.estimate[2]
    assert table.loc["q3", "share"] == found.share[2]


def test_wording_never_claims_a_cause() -> None:
    assert WORDING["vi"] == "có liên quan với"
    assert "associated" in CONVENTION["en"]
    assert "nguyên nhân" in CONVENTION["vi"]


def test_a_replicate_in_which_drivers_coincide_has_no_shares() -> None:
    same = np.array([[1.0, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]])

    assert np.isnan(shapley(same[None])).all()
    assert np.isnan(relative_weights(same[None])).all()
    assert np.isnan(shapley(np.zeros((1, 3, 3)))).all()
