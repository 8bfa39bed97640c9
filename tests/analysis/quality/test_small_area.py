import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.quality.area_model import (
    AreaData,
    Method,
    between_variance,
    likelihood,
    prasad_rao,
    slopes,
)
from analysis.quality.small_area import LABEL, FayHerriot, fay_herriot, fay_herriot_of
from tests.analysis.making import make_scheme, make_statistics

quick = settings(max_examples=8, deadline=None, derandomize=True)


def areas(seed: int, m: int = 12, tau: float = 1.0) -> AreaData:
    rng = np.random.default_rng(seed)
    variance = rng.uniform(0.3, 2, m)
    x = np.column_stack([np.ones(m), rng.normal(size=m)])
    y = x @ [5, 1] + rng.normal(size=m) * np.sqrt(tau**2 + variance)
    return AreaData(y, variance, x)


def codes(found: FayHerriot) -> dict[str, tuple[str, ...]]:
    return {remark.code: remark.items for remark in found.remarks}


@quick
@given(st.integers(0, 10_000), st.sampled_from(["reml", "ml"]))
def test_no_variance_has_a_higher_likelihood(seed: int, name: str) -> None:
    data, method = areas(seed, tau=seed % 3), Method(name)
    best = between_variance(data, method)
    top = likelihood(data, best, method)
    slope = slopes(data, np.array([best]), method)[0]

    others = [likelihood(data, tau2, method) for tau2 in np.geomspace(1e-3, 30, 20)]

    assert max(others) <= top + 1e-9
    assert slope == pytest.approx(0, abs=1e-7) if best > 0 else slope <= 0


@quick
@given(st.integers(0, 10_000), st.floats(0.01, 5))
def test_slope_is_that_of_the_likelihood(seed: int, tau2: float) -> None:
    data = areas(seed)
    for method in (Method.ML, Method.REML):
        step = 1e-5
        ends = [likelihood(data, tau2 + sign * step, method) for sign in (-1, 1)]
        slope = slopes(data, np.array([tau2]), method)[0]
        assert slope == pytest.approx((ends[1] - ends[0]) / (2 * step), abs=1e-5)


@quick
@given(st.integers(0, 10_000))
def test_equal_variances_give_all_moment_estimators_the_same(seed: int) -> None:
    data = areas(seed)
    data = AreaData(data.y, np.full(12, 0.5), data.X)

    found = [between_variance(data, Method(name)) for name in ("fay_herriot", "prasad_rao", "reml")]

    assert found == pytest.approx([found[0]] * 3, abs=1e-9)


@quick
@given(st.integers(0, 10_000))
def test_shrunken_estimates_lie_between_direct_and_synthetic(seed: int) -> None:
    data = areas(seed)
    found = fay_herriot(data.y, data.variance, data.X[:, 1])

    low, high = np.minimum(found.direct, found.synthetic), np.maximum(found.direct, found.synthetic)
    assert ((low - 1e-12 <= found.eblup) & (found.eblup <= high + 1e-12)).all()
    assert ((found.shrink >= 0) & (found.shrink < 1)).all()


@quick
@given(st.integers(0, 10_000), st.floats(0.1, 20))
def test_unit_of_points_and_order_of_units_do_not_matter(seed: int, factor: float) -> None:
    data = areas(seed)
    order = np.random.default_rng(seed).permutation(12)

    first = fay_herriot(data.y, data.variance, data.X[:, 1])
    second = fay_herriot(factor * data.y[order], factor**2 * data.variance[order], data.X[order, 1])

    assert second.tau2 == pytest.approx(factor**2 * first.tau2, abs=1e-9 * factor**2)
    assert second.eblup == pytest.approx(factor * first.eblup[order])
    assert second.mse == pytest.approx(factor**2 * first.mse[order])


@pytest.mark.parametrize("method", [Method.FAY_HERRIOT, Method.PRASAD_RAO])
def test_estimated_error_is_the_true_one_on_average(method: Method) -> None:
    """40 areas, 600 samples: mean squared error against its estimate, and the bias of tau2."""
    rng = np.random.default_rng(8)
    variance = np.linspace(0.4, 1.6, 40)
    true, said, found = [], [], []
    for _ in range(600):
        truth = rng.normal(size=40)
        y = truth + rng.normal(size=40) * np.sqrt(variance)
        data = AreaData(y, variance, np.ones((40, 1)))
        guess = between_variance(data, method)
        fit = data.fit(guess)
        true.append((fit.beta + guess * fit.weight * fit.residual - truth) ** 2)
        said.append(prasad_rao(data, guess, method))
        found.append(guess)

    assert np.mean(found) == pytest.approx(1.0, abs=0.05)
    assert np.mean(said) == pytest.approx(np.mean(true), rel=0.03)


def test_a_diagnostic_says_so_wherever_it_goes() -> None:
    found = fay_herriot([1.0, 2.0, 4.0], [1.0, 1.0, 1.0], units=["A", "B", "C"])

    assert found.label == LABEL
    assert set(found.table.label) == {LABEL}
    assert found.table.unit.tolist() == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("direct", "variance", "code"),
    [
        ([1, 2, 3], [1, 0, 1], "bad_direct_variance"),
        ([1, 2, 3], [1, np.nan, 1], "bad_direct_variance"),
        ([1, 2, 3], [1, np.inf, 1], "bad_direct_variance"),
        ([1, np.nan, 3], [1, 1, 1], "no_direct_estimate"),
    ],
)
def test_a_unit_that_cannot_be_used_is_named(direct: list, variance: list, code: str) -> None:
    with pytest.raises(DataError, match="Unit 'B'") as error:
        fay_herriot(direct, variance, units=["A", "B", "C"])
    assert (error.value.code, error.value.attributes["unit"]) == (code, "B")


@pytest.mark.parametrize(
    ("covariates", "code"),
    [
        ({"x": [1, 2, np.nan, 4]}, "missing_covariate"),
        ({"x": [1, 1, 1, 1]}, "collinear_covariate"),
        ({"x": [1, 2, 4, 4], "z": [2, 3, 5, 5]}, "collinear_covariate"),
        ({"x": [1, 2, 4, 4], "z": [2, 3, 7, 5], "t": [0, 1, 0, 0]}, "too_few_units"),
    ],
)
def test_covariates_that_cannot_be_used(covariates: dict, code: str) -> None:
    with pytest.raises(DataError) as error:
        fay_herriot([1, 2, 3, 5], [1, 1, 1, 1], pd.DataFrame(covariates))
    assert error.value.code == code


def test_lengths_must_agree() -> None:
    with pytest.raises(DataError, match="3 estimates, 2 variances"):
        fay_herriot([1, 2, 3], [1, 1])


def test_an_outlying_unit_is_named() -> None:
    y = [5.0, 5.1, 4.9, 5.0, 5.2, 4.8, 5.0, 5.1, 4.9, 5.0, 5.0, 30.0]

    found = fay_herriot(y, np.full(12, 0.01), units=list("ABCDEFGHIJKL"))

    assert codes(found) == {"outlying_unit": ("L",)}
    assert found.q_p < 0.001
    assert found.normality_p < 0.001


def test_a_scored_index_is_shrunk_with_its_own_variances() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"unit": np.repeat(list("ABCDE"), 40), "q1": rng.choice([1, 2, 3, 4], 200)}
    )
    units = [*"ABCDE", "Z"]
    result = make_scheme().score({"all": make_statistics(frame, units=units)})
    size = pd.DataFrame({"staff": [1.0, 2, 4, 3, 9]}, index=list("ABCDE"))

    found = fay_herriot_of(result, size)

    assert found.units == tuple("ABCDE")
    assert found.direct[0] == float(result.points_of("A"))
    assert found.variance == pytest.approx(np.diag(result.cov)[:5])
    assert codes(found)["not_scored"] == ("Z",)
    assert fay_herriot_of(result, size, leave_out=["E"]).units == tuple("ABCD")
    with pytest.raises(DataError, match="'E' has no row in the covariates"):
        fay_herriot_of(result, size.iloc[:4])


def test_units_that_share_raters_are_named() -> None:
    rng = np.random.default_rng(3)
    mood = rng.choice([1, 2, 3, 4], 60)
    frame = pd.DataFrame(
        {
            "unit": ["A"] * 60 + ["B"] * 60 + ["C"] * 60,
            "p": [*range(60), *range(60), *range(60, 120)],
        }
    )
    frame["q1"] = [*mood, *mood, *rng.choice([1, 2, 3, 4], 60)]

    result = make_scheme().score({"all": make_statistics(frame, SurveyDesign(ballot="p"))})

    assert codes(fay_herriot_of(result))["correlated_units"] == ("A", "B")
