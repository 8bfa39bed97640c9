import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.quality.items import complete_cases
from analysis.quality.one_factor import fit_minres, fit_ml, omega_total
from analysis.quality.reliability import Reliability, reliability
from analysis.quality.scale import alpha_of
from analysis.quality.spread import covariance_of, replicate_moments

ITEMS = ["a", "b", "c", "d"]
quick = settings(max_examples=20, deadline=None, derandomize=True)


def answers(loadings: list[float], rows: int = 300, seed: int = 1) -> pd.DataFrame:
    """Items with a common factor of these loadings, and weights."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(rows, 1))
    size = np.array(loadings)
    noise = rng.normal(size=(rows, len(size))) * np.sqrt(1 - size**2)
    frame = pd.DataFrame(factor * size + noise, columns=ITEMS[: len(size)])
    return frame.assign(w=rng.integers(1, 9, rows), psu=np.arange(rows) // 10)


def codes(found: Reliability) -> dict[str, tuple[str, ...]]:
    return {remark.code: remark.items for remark in found.remarks}


def test_alpha_by_hand() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [1, 3, 2]})

    found = reliability(frame, SurveyDesign(), ["a", "b"]).plain

    assert found.alpha == pytest.approx(2 * (1 - 2 / 3))
    assert found.mean_r == pytest.approx(0.5)
    assert np.isnan(found.if_dropped).all()
    assert found.item_rest.tolist() == pytest.approx([0.5, 0.5])


def test_rows_without_an_answer_are_left_out_and_told() -> None:
    frame = answers([0.8, 0.8, 0.8])
    frame.loc[:4, "b"] = np.nan
    frame.loc[3:9, "c"] = np.nan

    found = reliability(frame, SurveyDesign(weight="w"), ITEMS[:3])

    assert (found.cases.n, found.cases.left_out, found.cases.asked) == (290, 10, 300)
    assert found.cases.missing.tolist() == [0, 5, 7]
    assert codes(found)["rows_left_out"] == ("c",)


def test_rows_of_weight_0_and_outside_the_domain_were_not_asked() -> None:
    frame = answers([0.8, 0.8, 0.8])
    inside = np.arange(300) < 200
    frame.loc[:9, "w"] = 0

    found = reliability(frame, SurveyDesign(weight="w"), ITEMS[:3], where=inside)

    assert (found.cases.n, found.cases.left_out) == (190, 0)


@pytest.mark.parametrize(
    ("items", "formative", "reason"),
    [(ITEMS[:3], True, "formative"), (["a"], False, "single_item")],
)
def test_no_alpha_where_it_says_nothing(items: list[str], formative: bool, reason: str) -> None:
    found = reliability(answers([0.8] * 4), SurveyDesign(), items, formative=formative)

    assert found.reason == reason
    assert np.isnan([found.plain.alpha, found.weighted.alpha, found.plain.ml.omega]).all()
    assert found.plain.ml.reason == reason
    assert found.table.if_dropped.isna().all()


def test_nobody_complete_or_everybody_alike_gives_a_reason() -> None:
    empty = pd.DataFrame({"a": [1, None], "b": [None, 2]})
    alike = pd.DataFrame({"a": [1, 1, 1], "b": [1, 2, 3]})

    assert reliability(empty, SurveyDesign(), ["a", "b"]).reason == "too_few_rows"
    found = reliability(alike, SurveyDesign(), ["a", "b"])
    assert found.reason == "constant_item"
    assert codes(found)["constant_item"] == ("a",)


def test_a_reversed_item_is_named_with_the_remedy() -> None:
    frame = answers([0.8, 0.7, -0.75, 0.8])

    found = reliability(frame, SurveyDesign(), ITEMS)

    assert codes(found)["negative_loading"] == ("c",)
    assert codes(found)["negative_item_rest"] == ("c",)
    assert all("reversed table" in r.hint for r in found.remarks if r.items == ("c",))


def test_two_dimensions_are_one_factor_that_fits_badly() -> None:
    first, second = answers([0.9, 0.9]), answers([0.9, 0.9], seed=2)
    frame = first[["a", "b"]].assign(c=second.a, d=second.b)

    found = reliability(frame, SurveyDesign(), ITEMS)

    assert "one_factor_fits_badly" in codes(found)
    assert found.plain.ml.fits is False


def test_one_dimension_fits() -> None:
    found = reliability(answers([0.8, 0.7, 0.6, 0.8]), SurveyDesign(), ITEMS)

    assert found.plain.ml.fits is True
    assert codes(found) == {}
    assert found.plain.ml.df == 2
    assert found.plain.ml.p > 0.01


def test_three_items_have_no_test_and_two_no_factor() -> None:
    frame = answers([0.8, 0.7, 0.6, 0.8])
    three = reliability(frame, SurveyDesign(), ITEMS[:3])
    two = reliability(frame, SurveyDesign(), ITEMS[:2])

    assert "fit_not_testable" in codes(three)
    assert three.plain.ml.srmr < 1e-6
    assert "too_few_items" in codes(two)
    assert np.isnan(two.plain.ml.omega)
    assert np.isfinite(two.plain.alpha)


def test_an_item_that_repeats_another_leaves_no_factor() -> None:
    frame = answers([0.8, 0.7, 0.6])
    found = reliability(frame.assign(d=frame.a), SurveyDesign(), ITEMS)

    assert "singular_correlations" in codes(found)
    assert np.isfinite(found.plain.alpha)


def test_a_heywood_case_is_told() -> None:
    r = np.array([[1, 0.9, 0.9], [0.9, 1, 0.7], [0.9, 0.7, 1]])
    fit = fit_ml(r, 100)

    assert fit.heywood == (0,)
    assert fit.uniquenesses[0] == pytest.approx(0.005)


def test_the_exact_factor_is_found_by_both_methods() -> None:
    loadings = np.array([0.9, 0.3, -0.2, 0.5, 0.7])
    r = np.outer(loadings, loadings)
    np.fill_diagonal(r, 1)

    for fit in (fit_ml(r, 100), fit_minres(r, 100)):
        assert fit.loadings == pytest.approx(loadings, abs=1e-7)
        assert fit.chi2 == pytest.approx(0, abs=1e-9)
        assert fit.tli > 1


def test_the_likelihood_is_stationary_at_the_fit() -> None:
    """The condition diag(Sigma^-1 (Sigma - S) Sigma^-1) = 0, without any of the search."""
    r = np.corrcoef(answers([0.9, 0.4, 0.6, 0.2])[ITEMS].T)
    fit = fit_ml(r, 300)
    implied = np.outer(fit.loadings, fit.loadings) + np.diag(fit.uniquenesses)
    inverse = np.linalg.inv(implied)

    assert np.diag(inverse @ (implied - r) @ inverse) == pytest.approx(np.zeros(4), abs=1e-8)
    assert np.diag(implied) == pytest.approx(np.ones(4), abs=1e-8)


def test_many_matrices_at_once_are_as_one_by_one() -> None:
    batch = np.stack([np.corrcoef(answers([0.8] * 4, 40, s)[ITEMS].T) for s in range(20)])
    batch[3] = np.nan

    found = omega_total(batch)

    assert np.isnan(found[3])
    one_by_one = [fit_ml(r, 40).omega for r in np.delete(batch, 3, 0)]
    assert np.delete(found, 3) == pytest.approx(one_by_one, abs=1e-9)


@pytest.mark.parametrize(
    ("items", "code"), [(["a", "a"], "item_twice"), (["a", "x"], "missing_column")]
)
def test_items_that_cannot_be_read(items: list[str], code: str) -> None:
    with pytest.raises(DataError) as error:
        reliability(answers([0.8, 0.8]), SurveyDesign(), items)
    assert error.value.code == code


def test_a_word_is_no_answer() -> None:
    frame = pd.DataFrame({"a": ["1", "good", ""], "b": [1, 2, 3]})

    with pytest.raises(DataError, match=r"'a' has the answer 'good' in data row 2"):
        reliability(frame, SurveyDesign(), ["a", "b"])


@quick
@given(st.integers(0, 10_000), st.floats(0.1, 50))
def test_scale_of_weights_and_order_of_rows_do_not_matter(seed: int, factor: float) -> None:
    frame = answers([0.8, 0.5, 0.6], 60, seed)
    other = frame.assign(w=frame.w * factor).sample(frac=1, random_state=seed)
    design = SurveyDesign(weight="w", psu="psu", weight_digits=12)

    first, second = (reliability(f, design, ITEMS[:3]).weighted for f in (frame, other))

    assert first.alpha == pytest.approx(second.alpha, rel=1e-9)


@quick
@given(st.integers(0, 10_000))
def test_equal_weights_give_the_plain_numbers(seed: int) -> None:
    found = reliability(answers([0.8, 0.5, 0.6], 60, seed), SurveyDesign(), ITEMS[:3])

    assert found.weighted.alpha == pytest.approx(found.plain.alpha)
    assert found.weighted.ml.omega == pytest.approx(found.plain.ml.omega, nan_ok=True)
    assert found.weighted.n == pytest.approx(60)


def test_alpha_of_a_sum_that_does_not_vary_is_not_defined() -> None:
    assert np.isnan(alpha_of(np.array([[1.0, -1.0], [-1.0, 1.0]])))


def test_tables_hold_every_item_and_statistic_unrounded() -> None:
    found = reliability(answers([0.8, 0.7, 0.6, 0.8]), SurveyDesign(weight="w"), ITEMS)

    table = found.table.set_index(["item", "basis"])
    summary = found.summary.set_index(["statistic", "basis"]).value
    assert table.loc[("b", "weighted"), "if_dropped"] == found.weighted.if_dropped[1]
    assert table.loc[("c", "plain"), "loading"] == found.plain.ml.loadings[2]
    assert summary["alpha", "plain"] == found.plain.alpha
    assert summary["omega", "weighted"] == found.weighted.ml.omega
    assert summary["n", "weighted"] < summary["n", "plain"] == 300


BOOTSTRAP = ReplicateWeights(kind="bootstrap", count=400, seed=7)


def test_intervals_hold_the_estimate_and_stay_below_1() -> None:
    frame = answers([0.9, 0.9, 0.8, 0.85])
    design = SurveyDesign(weight="w", psu="psu")

    found = reliability(frame, design, ITEMS, replicates=BOOTSTRAP)
    limits = found.intervals().set_index("name")

    assert limits.loc["alpha", "estimate"] == pytest.approx(found.weighted.alpha)
    assert limits.loc["omega", "estimate"] == pytest.approx(found.weighted.ml.omega)
    assert (limits.ci_low < limits.estimate).all()
    assert (limits.estimate < limits.ci_high).all()
    assert (limits.ci_high < 1).all()
    assert limits.df.tolist() == [29, 29]
    assert limits.replicates.tolist() == [400, 400]


def test_jackknife_and_bootstrap_agree_on_the_error() -> None:
    frame = answers([0.8, 0.7, 0.6, 0.8], rows=600)
    design = SurveyDesign(weight="w", psu="psu")

    first = reliability(frame, design, ITEMS, replicates=BOOTSTRAP).spread
    second = reliability(frame, design, ITEMS, replicates=ReplicateWeights(kind="JK1")).spread

    assert first.se == pytest.approx(second.se, rel=0.15)


def test_error_of_alpha_is_the_textbooks() -> None:
    """Normal items drawn simply at random: var ln(1 - alpha) = 2J/((J - 1)(n - 2)), Bonett."""
    spreads = []
    for seed in range(8):
        frame = answers([0.8, 0.8, 0.8, 0.8], rows=200, seed=seed)
        found = reliability(
            frame, SurveyDesign(), ITEMS, replicates=ReplicateWeights(kind="JK1")
        ).spread
        spreads.append(found.se[0] / (1 - found.estimate[0]))

    assert np.mean(spreads) == pytest.approx(np.sqrt(2 * 4 / (3 * 198)), rel=0.08)


def test_replicates_of_sums_are_those_of_rows() -> None:
    frame = answers([0.8, 0.7, 0.6, 0.8], rows=80)
    design = SurveyDesign(weight="w", psu="psu", replicates=BOOTSTRAP)
    cases = complete_cases(frame, design, ITEMS)
    made = cases.sample.replicates

    found = covariance_of(replicate_moments(cases, made))[17]
    weight = cases.weight * made.factor[cases.sample.psu[cases.rows], 17]

    expected = np.cov(cases.values.T, aweights=weight, ddof=0)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_without_replicates_there_is_no_interval_and_a_reason() -> None:
    found = reliability(answers([0.8, 0.7, 0.6]), SurveyDesign(), ITEMS[:3])

    assert set(found.intervals().reason) == {"no_replicates"}


def test_two_items_have_an_interval_of_alpha_alone() -> None:
    found = reliability(answers([0.8, 0.7]), SurveyDesign(), ["a", "b"], replicates=BOOTSTRAP)

    assert found.intervals().reason.tolist() == ["", "no_estimate"]


def test_bootstrap_replicates_without_a_value_are_counted() -> None:
    """One PSU alone varies in item a: drawn without it, alpha lacks a variance of the sum."""
    frame = pd.DataFrame({"psu": np.repeat([0, 1, 2, 3], 3), "a": 1.0, "b": 1.0})
    frame.loc[:2, "a"] = [1.0, 2.0, 4.0]
    frame.loc[:2, "b"] = [1.0, 3.0, 3.0]
    design = SurveyDesign(psu="psu")

    found = reliability(frame, design, ["a", "b"], replicates=BOOTSTRAP).spread
    deleted = reliability(frame, design, ["a", "b"], replicates=ReplicateWeights(kind="JK1"))

    assert 0 < found.used[0] < 400
    assert np.isfinite(found.se[0])
    assert deleted.intervals().reason[0] == "replicates_without_value"


def test_few_psus_are_a_caution() -> None:
    frame = answers([0.8, 0.7, 0.6], rows=30)
    found = reliability(frame, SurveyDesign(psu="psu"), ITEMS[:3], replicates=BOOTSTRAP).spread

    assert [caution.code for caution in found.cautions] == ["few_psus"]
