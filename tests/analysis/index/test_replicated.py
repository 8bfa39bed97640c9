"""Replicated composites agree with linearised ones, however groups and levels stand."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError, DesignError
from analysis.estimation.replication.declared import Kind, ReplicateWeights
from analysis.index.replicated import replicate_index
from analysis.index.result import IndexResult
from tests.analysis.making import make_scheme, make_statistics

PLAN = SurveyDesign(weight="w", strata="stratum", psu="psu")
JACKKNIFE = ReplicateWeights(kind="JKn", mse=True)


def make_ballots(seed: int = 1, psus: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [
        (unit, f"{unit}{h}", f"P{i}")
        for unit in "ABC"
        for h in range(2)
        for i in range(psus)
        for _ in range(6)
    ]
    frame = pd.DataFrame(rows, columns=["unit", "stratum", "psu"])
    frame["w"] = rng.integers(5, 15, len(frame))
    for item in ("q1", "q2"):
        frame[item] = rng.choice([0, 1, 2, 3, 4, 9], len(frame), p=[0.1, 0.3, 0.3, 0.1, 0.1, 0.1])
    return frame


def make_result(
    frames: dict[str, pd.DataFrame],
    designs: dict[str, SurveyDesign] | None = None,
    level: str = "person",
    **options: object,
) -> IndexResult:
    items = ("q1", "q2")
    scheme = make_scheme(dict.fromkeys(frames), items, min_valid=1, **options)
    return scheme.score(
        {
            name: make_statistics(frame, (designs or {}).get(name, PLAN), items, level=level)
            for name, frame in frames.items()
        }
    )


def linearised(result: IndexResult) -> np.ndarray:
    return np.sum([v.cov for v in result.variances], axis=0)


@pytest.mark.parametrize("level", ["person", "psu"])
def test_the_jackknife_of_a_composite_is_close_to_linearisation(level: str) -> None:
    result = make_result({"all": make_ballots()}, level=level)

    found = replicate_index(result, JACKKNIFE)

    assert found.names == result.unit_codes == ("A", "B", "C")
    np.testing.assert_allclose(np.diag(found.cov), np.diag(linearised(result)), rtol=0.03)
    assert np.abs(found.cov - np.diag(np.diag(found.cov))).max() < 1e-12
    assert found.df.tolist() == [14, 14, 14]
    assert [float(result.points_of(u) or 0) for u in "ABC"] == found.estimate.tolist()


def test_levels_of_statistics_give_the_same_replicates() -> None:
    drawn = ReplicateWeights(kind="bootstrap", seed=6, count=40)

    persons, sums = (
        replicate_index(make_result({"all": make_ballots()}, level=level), drawn)
        for level in ("person", "psu")
    )

    np.testing.assert_allclose(persons.values, sums.values, rtol=1e-12)


def test_units_that_share_raters_are_correlated() -> None:
    frame = make_ballots().assign(stratum=lambda f: f.stratum.str[1], psu=lambda f: f.psu)

    found = replicate_index(make_result({"all": frame}), JACKKNIFE)

    assert abs(found.cov[0, 1]) > 1e-6
    expected = linearised(make_result({"all": frame}))
    np.testing.assert_allclose(found.cov, expected, rtol=0.1, atol=0.03 * expected.max())


@pytest.mark.parametrize("pooling", ["by_group", "pooled"])
def test_groups_add_their_variances(pooling: str) -> None:
    frames = {"citizens": make_ballots(1), "staff": make_ballots(2)}
    result = make_result(frames, pooling=pooling)

    jackknife = replicate_index(result, JACKKNIFE)
    drawn = replicate_index(result, ReplicateWeights(kind="bootstrap", seed=1, count=400))

    np.testing.assert_allclose(np.diag(jackknife.cov), np.diag(linearised(result)), rtol=0.03)
    np.testing.assert_allclose(np.diag(drawn.cov), np.diag(linearised(result)), rtol=0.35)
    assert jackknife.kind is Kind.OTHER
    assert drawn.kind is Kind.BOOTSTRAP
    assert drawn.values.shape == (400, 3)
    np.testing.assert_allclose(drawn.rank_frequencies().sum(axis=1), 1)
    assert drawn.percentiles().reason.tolist() == ["", "", ""]


def test_replicates_of_the_designs_are_the_default() -> None:
    frame = make_ballots()
    declared = SurveyDesign(weight="w", strata="stratum", psu="psu", replicates=JACKKNIFE)

    made = replicate_index(make_result({"all": frame}, {"all": declared}))

    expected = replicate_index(make_result({"all": frame}), JACKKNIFE)
    np.testing.assert_allclose(made.cov, expected.cov, rtol=1e-12)


def test_scores_of_a_design_with_replicates_have_their_error() -> None:
    frame = make_ballots()
    declared = SurveyDesign(weight="w", strata="stratum", psu="psu", replicates=JACKKNIFE)

    found = make_result({"all": frame}, {"all": declared})

    expected = make_result({"all": frame})
    np.testing.assert_allclose(linearised(found), linearised(expected), rtol=1e-9, atol=1e-12)
    assert found.variances[0].df.tolist() == expected.variances[0].df.tolist()
    assert found.variances[0].leaf_df.tolist() == expected.variances[0].leaf_df.tolist()
    np.testing.assert_allclose(
        found.variances[0].leaf_variance, expected.variances[0].leaf_variance, rtol=1e-9
    )


def test_a_group_without_replicates_is_named() -> None:
    with pytest.raises(DesignError, match="Group 'all' has no replicate weights"):
        replicate_index(make_result({"all": make_ballots()}))


def test_a_replicate_in_which_nobody_answers_names_unit_and_item() -> None:
    frame = make_ballots()
    frame.loc[(frame.unit == "B") & ~((frame.psu == "P1") & (frame.stratum == "B0")), "q2"] = 0
    frame.loc[(frame.unit == "B") & (frame.psu == "P1"), "q2"] = 1

    with pytest.raises(DataError, match=r"Nobody answers 'B:c\.q2'"):
        replicate_index(
            make_result({"all": frame[(frame.unit != "B") | (frame.stratum == "B0")]}), JACKKNIFE
        )


def test_a_unit_that_nobody_rated_has_no_error() -> None:
    items = ("q1", "q2")
    statistics = make_statistics(make_ballots(), PLAN, items, units=["A", "B", "C", "D"])
    result = make_scheme(items=items, min_valid=1).score({"all": statistics})

    found = replicate_index(result, ReplicateWeights(kind="bootstrap", seed=1, count=20))

    assert np.isnan(found.estimate[3])
    assert np.isnan(found.se[3])
    assert found.rank_frequencies().index.tolist() == ["A", "B", "C"]


@pytest.mark.parametrize("kind", ["groups", "bootstrap"])
def test_persons_as_psus_keep_their_replicates_when_rows_are_sorted(kind: str) -> None:
    frame = make_ballots()
    drawn = ReplicateWeights(kind=kind, seed=4, count=60, mse=True)
    persons = SurveyDesign(weight="w", strata="stratum", replicates=drawn)

    result = make_result({"all": frame}, {"all": persons})
    found = replicate_index(result)

    plain = make_result({"all": frame}, {"all": SurveyDesign(weight="w", strata="stratum")})
    np.testing.assert_allclose(np.diag(found.cov), np.diag(linearised(plain)), rtol=0.5)
    np.testing.assert_allclose(np.diag(linearised(result)), np.diag(found.cov), rtol=0.1)
    assert found.df.max() <= 59
