"""Regression, t tests and tests of independence: by hand, against scipy, at the edges."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.estimation.independence import independence
from analysis.estimation.means import means
from analysis.estimation.regression import regression
from analysis.estimation.t_tests import t_test


def people(rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    data = pd.DataFrame(
        {
            "p": rng.integers(0, 15, rows),
            "w": rng.uniform(1, 5, rows).round(3),
            "x": rng.normal(size=rows),
            "kind": rng.choice(["a", "b", "c"], rows),
            "yes": rng.choice([True, False], rows),
        }
    )
    return data.assign(y=1 + 2 * data.x + data.yes + rng.normal(size=rows))


DESIGN = SurveyDesign(psu="p", weight="w")


def test_coefficients_are_those_of_weighted_least_squares() -> None:
    data = people()
    root = np.sqrt(data.w.to_numpy())
    columns = np.column_stack([np.ones(60), data.x, data.kind == "b", data.kind == "c"])

    found = regression(data, DESIGN, "y", ["x", "kind"])

    expected = np.linalg.lstsq(columns * root[:, None], data.y * root, rcond=None)[0]
    assert found.names == ("(Intercept)", "x", "kind=b", "kind=c")
    np.testing.assert_allclose(found.estimate, expected, rtol=1e-10)
    assert found.df_residual == data.p.nunique() - 1 + 1 - 4
    assert found.table().p.between(0, 1).all()


def test_without_predictors_the_intercept_is_the_mean() -> None:
    data = people()

    found = regression(data, DESIGN, "y", [])
    mean = means(data, DESIGN, ["y"])

    assert found.estimate[0] == pytest.approx(mean.estimate[0], rel=1e-12)
    assert found.cov[0, 0] == pytest.approx(mean.cov[0, 0], rel=1e-9)
    assert found.df_residual == mean.df[0]
    assert found.r_squared == pytest.approx(0, abs=1e-12)


def test_units_of_a_predictor_do_not_matter() -> None:
    data = people()

    metres = regression(data, DESIGN, "y", ["x", "yes"])
    microns = regression(data.assign(x=data.x * 1e6), DESIGN, "y", ["x", "yes"])

    np.testing.assert_allclose(microns.estimate * [1, 1e6, 1], metres.estimate, rtol=1e-8)
    np.testing.assert_allclose(microns.se * [1, 1e6, 1], metres.se, rtol=1e-8)


def test_blanks_lie_outside_the_domain() -> None:
    data = people()
    blank = data.assign(x=data.x.where(data.index >= 5))

    found = regression(blank, DESIGN, "y", ["x"])
    inside = regression(data, DESIGN, "y", ["x"], where=np.arange(60) >= 5)

    assert found.rows.tolist() == list(range(5, 60))
    np.testing.assert_allclose(found.cov, inside.cov, rtol=1e-12)


@pytest.mark.parametrize(
    ("extra", "named"), [({"z": 3.0}, "z"), ({"z": lambda rows: 2 * rows.x - 1}, "z")]
)
def test_a_predictor_that_follows_from_others_is_named(extra: dict, named: str) -> None:
    with pytest.raises(DataError, match=f"'{named}' is constant, or follows") as caught:
        regression(people().assign(**extra), DESIGN, "y", ["x", "z"])

    assert caught.value.attributes["predictor"] == named


def test_no_complete_row_is_an_error() -> None:
    with pytest.raises(DataError, match="No row has a value of 'y' and of all of x"):
        regression(people().assign(x=np.nan), DESIGN, "y", ["x"])


def test_t_test_of_a_simple_sample_is_nearly_students() -> None:
    rng = np.random.default_rng(5)
    data = pd.DataFrame({"y": rng.normal(size=400), "g": [1, 2] * 200})

    found = t_test(data, SurveyDesign(), "y", "g")

    first, second = data.y[data.g == 1], data.y[data.g == 2]
    assert found.estimate == pytest.approx(second.mean() - first.mean(), rel=1e-9)
    assert found.p == pytest.approx(stats.ttest_ind(second, first).pvalue, rel=0.02)
    assert found.groups == ("1", "2")


def test_t_test_of_one_sample_is_students() -> None:
    data = pd.DataFrame({"y": [5.1, 4.8, 6.2, 5.5, 5.9]})

    found = t_test(data, SurveyDesign(), "y", null=5.0)

    expected = stats.ttest_1samp(data.y, 5.0)
    assert (found.t, found.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-10)
    assert found.df == 4
    assert (found.ci_low, found.ci_high) == pytest.approx(expected.confidence_interval(0.95))


def test_a_difference_that_is_not_seen_is_tested_against_its_null() -> None:
    data = people()
    plain, moved = (t_test(data, DESIGN, "y", "yes", null=null) for null in (0.0, 0.5))

    assert moved.t == pytest.approx((plain.estimate - 0.5) / plain.se, rel=1e-12)
    assert moved.ci_low == plain.ci_low


@pytest.mark.parametrize("labels", [["a"] * 4, ["a", "b", "c", "a"]])
def test_a_t_test_needs_two_groups(labels: list[str]) -> None:
    data = pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0], "g": labels})

    with pytest.raises(DataError, match="Column 'g' has") as caught:
        t_test(data, SurveyDesign(), "y", "g")

    assert caught.value.attributes["groups"] == len(set(labels))


def test_equal_answers_have_no_t() -> None:
    found = t_test(pd.DataFrame({"y": [2.0, 2.0, 2.0]}), SurveyDesign(), "y")

    assert math.isnan(found.t)
    assert found.reason == "zero_variance"


def test_independence_in_a_simple_sample_is_nearly_pearsons_test() -> None:
    rng = np.random.default_rng(2)
    data = pd.DataFrame({"a": rng.choice(list("xyz"), 900), "b": rng.choice(list("pq"), 900)})

    found = independence(data, SurveyDesign(), "a", "b")
    table = pd.crosstab(data.a, data.b)
    expected = stats.chi2_contingency(table, correction=False)

    assert found.pearson == pytest.approx(expected.statistic, rel=1e-9)
    assert found.chi2 == pytest.approx(expected.statistic, rel=0.02)
    assert found.df == 2
    assert (found.p_first, found.p) == pytest.approx([expected.pvalue] * 2, rel=0.02)
    assert found.mean_deff == pytest.approx(1, rel=0.02)


def test_clusters_that_agree_weaken_the_evidence() -> None:
    """Each household ten times over says no more than once: the design effect is near ten."""
    rng = np.random.default_rng(4)
    once = pd.DataFrame({"p": range(80), "a": rng.choice(list("xy"), 80)})
    once["b"] = np.where(rng.random(80) < 0.7, once.a, "x")
    ten = pd.concat([once] * 10, ignore_index=True)

    few = independence(once, SurveyDesign(psu="p"), "a", "b")
    many = independence(ten, SurveyDesign(psu="p"), "a", "b")

    assert many.pearson == pytest.approx(10 * few.pearson, rel=1e-9)
    assert many.p == pytest.approx(few.p, rel=1e-9)
    assert many.mean_deff == pytest.approx(10 * few.mean_deff, rel=1e-9)


def test_an_empty_cell_of_the_table_is_no_obstacle() -> None:
    data = pd.DataFrame({"a": list("xxxyyyzz"), "b": list("ppqpqqqq")})

    found = independence(data, SurveyDesign(), "a", "b")

    assert 0 < found.p < 1
    assert found.table.loc["z", "p"] == 0


def test_independence_needs_two_values_and_degrees_of_freedom() -> None:
    data = pd.DataFrame({"a": list("xxyy"), "b": list("pqpq"), "c": list("kkkk"), "p": 1})

    with pytest.raises(DataError, match="Column 'c' has 1 value"):
        independence(data, SurveyDesign(), "a", "c")
    alone = independence(data, SurveyDesign(psu="p", lonely="remove"), "a", "b")
    assert alone.reason == "no_degrees_of_freedom"
    assert math.isnan(alone.p)
