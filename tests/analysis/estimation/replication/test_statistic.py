"""Any statistic has an error by replicates, and the bootstrap says what it cannot."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError, DesignError
from analysis.estimation.means import means
from analysis.estimation.replication.composites import Rest, Sums, composite_replicates
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.estimation.replication.making import make_replicates
from analysis.estimation.replication.statistic import bootstrap, replicate, replicate_sample
from analysis.sample import bind
from analysis.weighting.declared import Calibration


def make_answers(psus: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = [(f"S{h}", f"P{i}") for h in range(2) for i in range(psus) for _ in range(5)]
    frame = pd.DataFrame(rows, columns=["stratum", "psu"])
    frame["w"] = rng.integers(5, 15, len(frame))
    frame["unit"] = rng.choice(["A", "B", "C"], len(frame))
    frame["y"] = rng.normal(10, 2, len(frame)) + (frame.unit == "B") * 3
    return frame


DESIGN = SurveyDesign(weight="w", strata="stratum", psu="psu")


def weighted_mean(frame: pd.DataFrame):
    return lambda weight: weight @ frame.y / weight.sum()


def by_unit(frame: pd.DataFrame):
    inside = [(frame.unit == unit).to_numpy() for unit in "ABC"]
    return lambda w: [w[at] @ frame.y[at] / w[at].sum() for at in inside]


def weighted_median(frame: pd.DataFrame):
    order = np.argsort(frame.y.to_numpy())
    y = frame.y.to_numpy()[order]

    def median(weight: np.ndarray) -> float:
        reached = np.cumsum(weight[order])
        return float(y[np.searchsorted(reached, reached[-1] / 2)])

    return median


def test_a_statistic_that_is_a_mean_has_the_error_of_the_mean() -> None:
    frame = make_answers()
    jackknife = SurveyDesign.from_dict(DESIGN.to_dict() | {"replicates": {"kind": "JKn"}})

    found = replicate(frame, DESIGN, weighted_mean(frame), names=["y"])

    expected = means(frame, jackknife, ["y"])
    assert found.estimate[0] == pytest.approx(expected.estimate[0])
    assert found.se[0] == pytest.approx(expected.se[0])
    assert found.df[0] == expected.design_df == 14
    limits = found.intervals()
    assert limits.loc["y", "ci_low"] == pytest.approx(expected.intervals(df=14).ci_low.iloc[0])


def test_one_stratum_is_jackknifed_as_one() -> None:
    frame = make_answers()

    found = replicate(frame, SurveyDesign(weight="w"), weighted_mean(frame))

    assert found.declared[0].kind == "JK1"
    assert found.names == ("1",)


def test_the_median_has_an_error_by_the_bootstrap() -> None:
    frame = make_answers()

    found = bootstrap(frame, DESIGN, weighted_median(frame), seed=1, count=400)

    rough = 1.25 * means(frame, DESIGN, ["y"]).se[0]
    assert rough / 2 < found.se[0] < 2 * rough
    assert found.declared[0].seed == 1
    limits = found.percentiles().iloc[0]
    assert limits.ci_low < found.estimate[0] < limits.ci_high
    assert limits.reason == ""


def test_equal_seeds_give_equal_results() -> None:
    frame = make_answers()
    draw = {"seed": 4, "count": 30}

    first = bootstrap(frame, DESIGN, weighted_mean(frame), **draw)
    again = bootstrap(frame, DESIGN, weighted_mean(frame), **draw)

    assert (first.values == again.values).all()


def test_percentiles_are_refused_with_few_psus_or_replicates_or_without_a_bootstrap() -> None:
    few, many = make_answers(4), make_answers(6)

    small = bootstrap(few, DESIGN, weighted_mean(few), seed=1, count=400)
    short = bootstrap(many, DESIGN, weighted_mean(many), seed=1, count=100)
    jackknife = replicate(many, DESIGN, weighted_mean(many))

    assert small.percentiles().reason.iloc[0] == "few_psus"
    assert np.isnan(small.percentiles().ci_low.iloc[0])
    assert [c.code for c in small.cautions] == ["few_psus"]
    assert short.percentiles().reason.iloc[0] == "few_replicates"
    assert short.percentiles(0.9).reason.iloc[0] == ""
    assert jackknife.percentiles().reason.iloc[0] == "not_a_bootstrap"


def test_percentiles_need_to_know_the_psus_of_supplied_weights() -> None:
    frame = make_answers()
    made = make_replicates(
        ReplicateWeights(kind="bootstrap", seed=1, count=200), bind(DESIGN, frame).drawn
    )
    columns = [f"r{i}" for i in range(200)]
    factors = pd.DataFrame(made.factor[bind(DESIGN, frame).psu], columns=columns)
    supplied = ReplicateWeights(kind="bootstrap", columns=tuple(columns), combined=False)
    wide = pd.concat([frame, factors], axis=1)

    found = replicate(wide, SurveyDesign(weight="w", replicates=supplied), weighted_mean(wide))
    known = replicate(wide, DESIGN, weighted_mean(wide), replicates=supplied)

    assert found.percentiles().reason.iloc[0] == "psus_unknown"
    assert known.percentiles().reason.iloc[0] == ""


def test_how_often_a_rank_occurs() -> None:
    frame = make_answers()

    found = bootstrap(frame, DESIGN, by_unit(frame), seed=2, count=200, names=list("ABC"))
    often = found.rank_frequencies()

    assert often.columns.tolist() == [1, 2, 3]
    np.testing.assert_allclose(often.sum(axis=1), 1)
    assert often.loc["B", 1] > 0.95
    with pytest.raises(DesignError, match="kind='bootstrap'"):
        replicate(frame, DESIGN, by_unit(frame)).rank_frequencies()


def test_ties_share_the_best_rank() -> None:
    frame = make_answers()

    found = bootstrap(frame, DESIGN, lambda w: [1.0, 1.0, 0.0], seed=2, count=20)

    assert found.rank_frequencies().to_numpy().tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 1]]


def test_contrasts_use_the_covariance() -> None:
    frame = make_answers()
    found = replicate(frame, DESIGN, by_unit(frame), names=list("ABC"))

    estimate, se = found.contrast({"A": 1, "B": -1})

    assert estimate == pytest.approx(found.estimate[0] - found.estimate[1])
    assert se**2 == pytest.approx(found.cov[0, 0] + found.cov[1, 1] - 2 * found.cov[0, 1])
    assert found.frame_of_cov().loc["A", "B"] == found.cov[0, 1]
    with pytest.raises(DataError, match="no figure 'Z'"):
        found.contrast({"Z": 1})


def test_a_replicate_without_a_value_is_an_error() -> None:
    frame = make_answers()
    only = ((frame.psu == "P3") & (frame.stratum == "S1")).to_numpy()

    def narrow(weight: np.ndarray) -> float:
        size = weight[only].sum()
        return weight[only] @ frame.y[only] / size if size else np.nan

    with pytest.raises(DataError, match="Nobody answers 'narrow' in replicate 12"):
        replicate(frame, DESIGN, narrow, names=["narrow"])


def test_a_figure_that_does_not_exist_has_no_error() -> None:
    frame = make_answers()

    found = replicate(frame, DESIGN, lambda w: [np.nan, w.sum()])

    assert np.isnan(found.se[0])
    assert found.intervals().reason.tolist()[0] != ""


def test_names_fit_the_figures() -> None:
    frame = make_answers()

    with pytest.raises(DataError, match="gives 3 numbers for 2 names"):
        replicate(frame, DESIGN, by_unit(frame), names=["A", "B"])


def test_blanks_of_a_census_and_calibrations_are_cautions() -> None:
    frame = make_answers().assign(N=lambda f: f.groupby("stratum").y.transform("size"))
    census = SurveyDesign(strata="stratum", fpc="N")
    known = Calibration(before="w", after="w", margins=(("unit",),))
    calibrated = SurveyDesign(weight="w", calibration=(known,))

    whole = replicate(frame, census, weighted_mean(frame))
    adjusted = replicate(frame, calibrated, weighted_mean(frame))

    assert whole.se[0] == 0.0
    assert [c.code for c in whole.cautions] == ["census_blanks_left_out"]
    assert [c.code for c in adjusted.cautions] == ["calibration_not_repeated"]


def test_a_sample_is_replicated_without_its_data() -> None:
    frame = make_answers()
    sample = bind(DESIGN, frame)
    made = sample.replicated(ReplicateWeights(kind="bootstrap", seed=3, count=25))

    found = replicate_sample(sample, weighted_mean(frame), made)

    assert found.values.shape == (25, 1)


def test_composites_from_sums_are_those_from_persons() -> None:
    rng = np.random.default_rng(1)
    factor = rng.random((6, 50)) + 0.5
    carrier, unit = np.array([0, 1, 2, 3, 4, 5, 0]), np.array([0, 0, 0, 1, 1, 1, 1])
    below = rng.random((7, 3)) + 1
    above = below * rng.random((7, 3))
    points = np.array([[1.0, 2.0, 0.0], [0.5, 0.5, 3.0]])
    rest = Rest(np.zeros((2, 3)), np.ones((2, 3)))
    names = (["A", "B"], ["q1", "q2", "q3"])

    found = composite_replicates(factor, Sums(carrier, unit, above, below), points, names)
    mixed = composite_replicates(factor, Sums(carrier, unit, above, below), points, names, rest)

    for u in range(2):
        own = unit == u
        n, d = above[own].T @ factor[carrier[own]], below[own].T @ factor[carrier[own]]
        np.testing.assert_allclose(found[:, u], points[u] @ (n / d))
        np.testing.assert_allclose(mixed[:, u], points[u] @ (n / (d + 1)))


def test_a_composite_names_unit_and_question_that_nobody_answers() -> None:
    factor = np.array([[1.0, 0.0], [1.0, 2.0]])
    sums = Sums(np.array([0, 1]), np.array([0, 0]), np.eye(2), np.eye(2))

    with pytest.raises(DataError, match="Nobody answers 'A:q1' in replicate 2") as caught:
        composite_replicates(factor, sums, np.ones((1, 2)), (["A"], ["q1", "q2"]))

    assert caught.value.code == "empty_replicate"
