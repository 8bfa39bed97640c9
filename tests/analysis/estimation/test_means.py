"""Means, totals, ratios and shares: by hand, at the edges, and what must always hold."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.design import StratumFrame, SurveyDesign
from analysis.errors import DataError
from analysis.estimation.awkward import Thresholds
from analysis.estimation.means import means, totals
from analysis.estimation.proportions import proportions, shares
from analysis.estimation.ratios import ratios

quick = settings(
    max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
DESIGN = SurveyDesign(strata="h", psu="p", weight="w", lonely="remove")


@st.composite
def samples(draw: st.DrawFn) -> pd.DataFrame:
    """20 to 80 rows in three strata of a few PSUs, in two domains, some values missing."""
    rows = draw(st.integers(20, 80))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return pd.DataFrame(
        {
            "h": rng.choice(["a", "b", "c"], rows),
            "p": rng.integers(1, 6, rows),
            "w": rng.integers(1, 400, rows) / 100,
            "d": rng.choice(["x", "y"], rows),
            "q": rng.choice(["low", "middle", "high", None], rows),
            "y": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(5, 2, rows)),
            "x": rng.uniform(1, 2, rows),
        }
    )


@quick
@given(samples())
def test_domains_add_up(data: pd.DataFrame) -> None:
    whole = totals(data, DESIGN, ["y"])
    parts = totals(data, DESIGN, ["y"], by=["d"])

    assert parts.estimate.sum() == pytest.approx(whole.estimate[0], rel=1e-12)
    assert parts.cov.sum() == pytest.approx(whole.cov[0, 0], rel=1e-9)
    assert parts.n.sum() == whole.n[0]


@quick
@given(samples())
def test_shares_add_up_to_one_and_their_covariances_to_nothing(data: pd.DataFrame) -> None:
    found = shares(data, DESIGN, ["q"])

    assert found.estimate.sum() == pytest.approx(1, rel=1e-12)
    assert np.abs(found.cov.sum(axis=0)).max() < 1e-14


@quick
@given(samples(), st.integers(2, 90))
def test_scale_of_weights_and_order_of_rows_do_not_matter(data: pd.DataFrame, factor: int) -> None:
    other = data.sample(frac=1, random_state=factor).assign(w=lambda rows: rows.w * factor)

    first, second = (ratios(rows, DESIGN, [("y", "x")], by=["d"]) for rows in (data, other))

    np.testing.assert_allclose(first.estimate, second.estimate, rtol=1e-9)
    np.testing.assert_allclose(first.cov, second.cov, rtol=1e-6, atol=1e-15)
    assert first.df.tolist() == second.df.tolist()


@quick
@given(samples())
def test_a_mean_is_a_ratio_to_one(data: pd.DataFrame) -> None:
    mean = means(data, DESIGN, ["y"], by=["d"])
    ratio = ratios(data.assign(one=1), DESIGN, [("y", "one")], by=["d"])

    np.testing.assert_array_equal(mean.estimate, ratio.estimate)
    np.testing.assert_allclose(mean.cov, ratio.cov, rtol=1e-12)
    np.testing.assert_allclose(mean.deff, ratio.deff, rtol=1e-9)


def test_many_cells_at_once_equal_each_by_itself() -> None:
    """Large enough for the dense blocks of products and sums."""
    rng = np.random.default_rng(7)
    rows = 30_000
    data = pd.DataFrame({f"y{i}": rng.normal(size=rows) for i in range(9)})
    data = data.assign(
        h=rng.integers(0, 4, rows),
        p=rng.integers(0, 50, rows),
        d=rng.integers(0, 5, rows),
        w=rng.integers(1, 9, rows),
    )
    data.loc[data.y3 > 1, "y3"] = np.nan
    names = [f"y{i}" for i in range(9)]
    for design in (SurveyDesign(strata="h", psu="p", weight="w"), SurveyDesign(weight="w")):
        found = means(data, design, names, by=["d"])
        pair = means(data, design, ["y3", "y8"], where=(data.d == 2).to_numpy())

        at = [found.names.index("2:y3"), found.names.index("2:y8")]
        np.testing.assert_allclose(found.cov[np.ix_(at, at)], pair.cov, rtol=1e-9)
        assert found.df[at].tolist() == pair.df.tolist()


def test_a_row_without_its_domain_lies_in_none() -> None:
    data = pd.DataFrame({"y": [1.0, 2.0, 9.0], "d": ["a", "a", None]})

    found = means(data, SurveyDesign(), ["y"], by=["d"])

    assert (found.names, found.estimate.tolist()) == (("a:y",), [1.5])


def test_domains_of_two_columns_are_named_by_both() -> None:
    data = pd.DataFrame({"y": [1.0, 2, 3, 4], "g": [2, 1, 2, 1], "s": list("mfmf")})

    assert means(data, SurveyDesign(), ["y"], by=["g", "s"]).names == ("1.f:y", "2.m:y")


@pytest.mark.parametrize("where", [[True], [1, 0], [0.5, 1.0]])
def test_a_domain_is_a_truth_value_per_row(where: list[object]) -> None:
    with pytest.raises(DataError, match="where holds") as caught:
        means(pd.DataFrame({"y": [1.0, 2.0]}), SurveyDesign(), ["y"], where=np.array(where))

    assert caught.value.code == "bad_domain"


def test_an_infinite_value_is_named_with_its_row() -> None:
    with pytest.raises(DataError, match="'y' holds inf in data row 2"):
        means(pd.DataFrame({"y": [1.0, math.inf]}), SurveyDesign(), ["y"])


def test_a_condition_is_true_false_or_missing() -> None:
    with pytest.raises(DataError, match="'y' holds 3 in data row 2"):
        proportions(pd.DataFrame({"y": [1, 3]}), SurveyDesign(), ["y"])


def test_blanks_in_a_census_are_a_second_phase_and_only_there() -> None:
    """r = 3 of N = 4 answered 1, 2, 6 with weight 1: (1 - 3/4)/3 times their variance, 7."""
    data = pd.DataFrame({"y": [1.0, 2.0, 6.0, None]})
    frame = {"": StratumFrame(4, 4)}

    random = means(data, SurveyDesign(frame=frame), ["y"])
    domain = means(data, SurveyDesign(frame=frame, census_blanks="domain"), ["y"])
    process = means(data, SurveyDesign(frame=frame, inference="superpopulation"), ["y"])
    full = means(data.fillna(3.0), SurveyDesign(frame=frame), ["y"])

    assert random.cov[0, 0] == pytest.approx(0.25 * 7 / 3, rel=1e-12)
    assert domain.cov[0, 0] == pytest.approx(0, abs=1e-15)
    assert process.cov[0, 0] > random.cov[0, 0]
    assert full.cov[0, 0] == pytest.approx(0, abs=1e-15)
    assert full.intervals().reason.tolist() == ["census"]


def test_silent_persons_of_a_census_count_as_blanks() -> None:
    data = pd.DataFrame({"y": [1.0, 2.0, 6.0]})

    found = means(data, SurveyDesign(frame={"": StratumFrame(4, 4)}), ["y"])

    assert found.cov[0, 0] == pytest.approx(0.25 * 7 / 3, rel=1e-12)


def test_contrast_of_cells_without_answers_is_missing() -> None:
    data = pd.DataFrame({"y": [1.0, 2.0, None, None], "d": list("aabb")})
    cells = means(data, SurveyDesign(), ["y"], by=["d"])

    found = cells.contrasts({"difference": {"a:y": 1, "b:y": -1}, "first": {"a:y": 1}})

    assert np.isnan(found.estimate).tolist() == [True, False]
    assert found.intervals().reason.tolist() == ["no_valid_answer", ""]


def test_contrast_of_an_unknown_cell_names_those_there_are() -> None:
    cells = means(pd.DataFrame({"y": [1.0, 2.0]}), SurveyDesign(), ["y"])

    with pytest.raises(DataError, match=r"'z', which does not exist\. The cells are: y"):
        cells.contrast({"z": 1})


def test_ratio_of_cells_to_nothing_is_refused() -> None:
    data = pd.DataFrame({"y": [0.0, 0.0], "x": [1.0, 2.0]})

    with pytest.raises(DataError, match="whose estimate is 0"):
        means(data, SurveyDesign(), ["y", "x"]).ratios({"r": ("x", "y")})


def test_covariance_and_table_carry_the_names() -> None:
    cells = means(
        pd.DataFrame({"y": [1.0, 2.0, 4.0], "x": [2.0, 2.0, 3.0]}), SurveyDesign(), ["y", "x"]
    )

    assert cells.cov_frame.loc["x", "y"] == cells.cov[1, 0]
    table = cells.table(thresholds=Thresholds(n=3, df=2))
    assert table.name.tolist() == ["y", "x"]
    assert table["flags"].tolist() == [
        ("very_low_precision", "wide_interval"),
        ("very_low_precision",),
    ]
    assert (table.ci_low < table.estimate).all()


def test_equal_answers_are_said_to_be_equal() -> None:
    data = pd.DataFrame({"y": [2.0] * 4, "yes": [1] * 4})

    mean = means(data, SurveyDesign(), ["y"])
    share = proportions(data, SurveyDesign(), ["yes"])

    assert mean.intervals().to_numpy().tolist() == [[2.0, 2.0, "zero_variance"]]
    assert "zero_variance" in mean.flags()[0]
    low, high, reason = share.intervals(method="wilson").iloc[0]
    assert (round(low, 4), high, reason) == (0.3976, 1.0, "at_boundary")


def test_all_answers_in_one_psu_give_no_interval_whatever_the_df() -> None:
    data = pd.DataFrame({"p": [1, 1, 2, 3], "y": [1.0, 3.0, None, None]})

    found = means(data, SurveyDesign(psu="p"), ["y"])

    assert found.estimate[0] == 2
    assert found.intervals(df=2).reason.tolist() == ["no_degrees_of_freedom"]
    assert "no_degrees_of_freedom" in found.flags()[0]


def test_a_mean_without_bounds_has_no_logit_interval() -> None:
    cells = means(pd.DataFrame({"y": [1.0, 2.0]}), SurveyDesign(), ["y"])

    with pytest.raises(DataError, match="no interval 'logit'"):
        cells.intervals(method="logit")


def test_scores_with_bounds_have_logit_limits_and_stay_inside() -> None:
    data = pd.DataFrame({"s": [1.0, 1.0, 1.0, 0.75], "e": [1.0] * 4})

    found = means(data, SurveyDesign(), ["s", "e"], bounds=(0, 1))
    limits = found.intervals(method="logit")

    assert (limits.ci_low < found.estimate).all()
    assert (limits.ci_high <= 1).all()
    assert limits.reason.tolist() == ["", "at_boundary"]
    with pytest.raises(DataError, match=r"'s' holds 0\.75 in data row 4") as caught:
        means(data, SurveyDesign(), ["s"], bounds=(0.8, 1))
    assert caught.value.code == "out_of_bounds"


def test_flags_tell_few_answers_from_few_psus() -> None:
    data = pd.DataFrame({"y": np.arange(40.0), "d": [1] * 39 + [2]})

    first, second = means(data, SurveyDesign(), ["y"], by=["d"]).flags(Thresholds(suppress=5))

    assert first == ()
    assert second[:2] == ("suppress", "no_degrees_of_freedom")


def test_shares_of_truth_values_and_of_their_condition_agree() -> None:
    data = pd.DataFrame({"b": [True, False, True, True]})

    both = shares(data, SurveyDesign(), ["b"]).pick(["b=True"])

    assert both.estimate.tolist() == proportions(data, SurveyDesign(), ["b"]).estimate.tolist()
    assert both.working is not None
