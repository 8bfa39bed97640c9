"""Replicates made from a design have the variance of its total, each in its own way."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.design import StratumFrame, SurveyDesign
from analysis.errors import DesignError
from analysis.estimation.means import means, totals
from analysis.estimation.ratios import ratios
from analysis.estimation.replication.bound import Replicates
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.sample import bind


def make_clusters(sizes: Sequence[int], seed: int = 1, persons: int = 3) -> pd.DataFrame:
    """So many PSUs in each stratum, with persons, weights, and two variables."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"S{h}", f"P{i:02d}", len(sizes) * 3)
        for h, size in enumerate(sizes)
        for i in range(size)
        for _ in range(persons)
    ]
    frame = pd.DataFrame(rows, columns=["stratum", "psu", "N"])
    frame["w"] = rng.integers(5, 15, len(frame))
    frame["y"] = rng.normal(10, 2, len(frame))
    frame["x"] = frame.y + rng.normal(5, 1, len(frame))
    return frame


def plain(**more: object) -> SurveyDesign:
    return SurveyDesign(weight="w", strata="stratum", psu="psu", **more)


def replicates_of(design: SurveyDesign, frame: pd.DataFrame) -> Replicates:
    made = bind(design, frame).replicates
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("declared", "sizes"),
    [
        (ReplicateWeights(kind="JKn", mse=True), (4, 2, 6)),
        (ReplicateWeights(kind="BRR"), (2, 2, 2, 2, 2)),
        (ReplicateWeights(kind="BRR", count=20), (2, 2, 2)),
        (ReplicateWeights(kind="Fay", rho=0.4), (2, 2, 2, 2)),
        (ReplicateWeights(kind="SDR", mse=True), (2, 3, 3, 2)),
        (ReplicateWeights(kind="groups", count=12, seed=3, mse=True), (4, 3, 5)),
    ],
)
@pytest.mark.parametrize("fpc", [None, "N"])
def test_the_variance_of_a_total_is_that_of_linearisation(
    declared: ReplicateWeights, sizes: tuple[int, ...], fpc: str | None
) -> None:
    frame = make_clusters(sizes)

    found = totals(frame, plain(fpc=fpc, replicates=declared), ["y", "x"])

    np.testing.assert_allclose(found.cov, totals(frame, plain(fpc=fpc), ["y", "x"]).cov, rtol=1e-9)


@pytest.mark.parametrize("kind", ["JKn", "bootstrap", "SDR"])
def test_sampled_psus_without_an_answer_count(kind: str) -> None:
    frame = make_clusters((4, 5))
    sampled = {"S0": StratumFrame(n_psu=7), "S1": StratumFrame(n_psu=6)}
    more = {"seed": 1, "count": 4000} if kind == "bootstrap" else {}
    declared = ReplicateWeights(kind=kind, mse=True, **more)

    found = totals(frame, plain(frame=sampled, replicates=declared), ["y"])

    assert found.design_df == 11
    expected = totals(frame, plain(frame=sampled), ["y"])
    assert found.cov[0, 0] == pytest.approx(expected.cov[0, 0], rel=1e-9 if kind == "JKn" else 0.6)


def test_the_bootstrap_has_the_variance_of_linearisation_on_average() -> None:
    frame = make_clusters((8, 12), persons=2).assign(N=20)
    declared = ReplicateWeights(kind="bootstrap", count=4000, seed=11, mse=True)

    found = totals(frame, plain(fpc="N", replicates=declared), ["y"])

    assert found.se[0] == pytest.approx(totals(frame, plain(fpc="N"), ["y"]).se[0], rel=0.04)


def test_bootstrap_weights_follow_rao_and_wu() -> None:
    frame = make_clusters((5, 6), persons=1)
    declared = ReplicateWeights(kind="bootstrap", count=50, seed=2)
    share = np.sqrt(1 - 5 / 15)

    made = replicates_of(plain(replicates=declared), frame.assign(N=15))
    scaled = replicates_of(plain(fpc="N", replicates=declared), frame.assign(N=15))

    times = made.factor[:5] * 4 / 5
    np.testing.assert_allclose(times, np.round(times), atol=1e-12)
    np.testing.assert_allclose(times.sum(axis=0), 4)
    np.testing.assert_allclose(scaled.factor[:5], 1 - share + share * made.factor[:5])
    assert made.scale == 1 / 49


def test_equal_seeds_draw_alike_and_streams_apart() -> None:
    frame = make_clusters((5, 5))
    declared = ReplicateWeights(kind="bootstrap", count=20, seed=9)
    sample = bind(plain(replicates=declared), frame)

    assert sample.replicates is not None
    again = sample.replicated(declared)
    assert (again.factor == sample.replicates.factor).all()
    assert (sample.replicated(declared, 1).factor != again.factor).any()


@pytest.mark.parametrize("kind", ["JKn", "BRR", "Fay", "SDR", "bootstrap", "groups"])
def test_strata_taken_whole_do_not_vary(kind: str) -> None:
    frame = make_clusters((2, 2)).assign(N=lambda f: np.where(f.stratum == "S0", 2, 9))
    seed = {"seed": 1} if kind in ("bootstrap", "groups") else {}

    made = replicates_of(plain(fpc="N", replicates=ReplicateWeights(kind=kind, **seed)), frame)

    assert (made.factor[:2] == 1).all()
    assert (made.factor[2:] != 1).any()


def test_groups_delete_many_persons_at_once() -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"y": rng.normal(size=900), "stratum": np.repeat(["A", "B"], [600, 300])})
    declared = ReplicateWeights(kind="groups", seed=8, mse=True)
    design = SurveyDesign(strata="stratum", replicates=declared)

    found = means(frame, design, ["y"])

    assert replicates_of(design, frame).count == 100
    assert found.design_df == 99
    expected = means(frame, SurveyDesign(strata="stratum"), ["y"]).se[0]
    assert found.se[0] == pytest.approx(expected, rel=0.25)


def test_few_psus_are_a_caution_of_the_bootstrap_alone() -> None:
    frame = make_clusters((3, 8, 4))
    declared = ReplicateWeights(kind="bootstrap", seed=1, count=10)

    made = replicates_of(plain(replicates=declared), frame)

    assert made.few_psus
    assert [c.code for c in made.cautions] == ["few_psus"]
    assert made.cautions[0].places == ("S0", "S2")
    assert not replicates_of(plain(replicates=ReplicateWeights(kind="JKn")), frame).cautions


def test_second_stages_and_unequal_probabilities_are_a_caution() -> None:
    frame = make_clusters((4, 4)).assign(M=10, p=0.2)
    jackknife = ReplicateWeights(kind="JKn")
    stages = plain(fpc="N", psu_size="M", replicates=jackknife)
    unequal = plain(pps="brewer", inclusion="p", replicates=jackknife)

    assert [c.code for c in replicates_of(stages, frame).cautions] == ["second_stage_left_out"]
    codes = [c.code for c in replicates_of(unequal, frame).cautions]
    assert codes == ["unequal_probabilities_left_out"]


def test_too_few_signs_for_a_ring_are_a_caution() -> None:
    declared = ReplicateWeights(kind="SDR", count=8)

    made = replicates_of(plain(replicates=declared), make_clusters((12,)))

    assert [c.code for c in made.cautions] == ["too_few_replicates_for_balance"]


def test_halves_need_two_psus() -> None:
    with pytest.raises(DesignError, match="'S1' has 3 sampled PSUs") as caught:
        bind(plain(replicates=ReplicateWeights(kind="BRR")), make_clusters((2, 3)))

    assert caught.value.attributes["n_psu"] == 3


def test_jk1_knows_one_stratum() -> None:
    with pytest.raises(DesignError, match="Choose JKn"):
        bind(plain(replicates=ReplicateWeights(kind="JK1")), make_clusters((2, 3)))


def test_too_many_factors_are_refused_before_they_fill_the_memory() -> None:
    frame = pd.DataFrame({"y": np.zeros(20_000)})

    with pytest.raises(DesignError, match="delete-a-group"):
        bind(SurveyDesign(replicates=ReplicateWeights(kind="JK1")), frame)


@pytest.mark.parametrize("kind", ["JKn", "bootstrap", "BRR", "SDR", "groups"])
def test_a_single_psu_is_an_error_by_default(kind: str) -> None:
    seed = {"seed": 1} if kind in ("bootstrap", "groups") else {}

    with pytest.raises(DesignError, match="'S1' has a single sampled PSU"):
        bind(plain(replicates=ReplicateWeights(kind=kind, **seed)), make_clusters((2, 1)))


@pytest.mark.parametrize("rule", ["remove", "average"])
def test_single_psus_follow_the_rule_of_linearisation(rule: str) -> None:
    frame = make_clusters((4, 1, 3))
    jackknife = ReplicateWeights(kind="JKn", mse=True)

    found = totals(frame, plain(lonely=rule, replicates=jackknife), ["y"])

    assert found.se[0] == pytest.approx(totals(frame, plain(lonely=rule), ["y"]).se[0])


def test_the_jackknife_alone_can_centre_a_single_psu() -> None:
    frame = make_clusters((4, 1, 3))
    jackknife = ReplicateWeights(kind="JKn", mse=True)
    drawn = ReplicateWeights(kind="bootstrap", seed=1, count=10)

    removed = means(frame, plain(lonely="remove", replicates=jackknife), ["y"])
    centred = means(frame, plain(lonely="center", replicates=jackknife), ["y"])
    made = replicates_of(plain(lonely="center", replicates=jackknife), frame)

    assert centred.se[0] > removed.se[0]
    assert made.factor[4].tolist() == [1.0] * 4 + [0.0] + [1.0] * 3
    assert made.factor[0, 4] == 1.5
    assert made.rscales[4] == pytest.approx(2 / 3)
    with pytest.raises(DesignError, match="only the jackknife JKn"):
        bind(plain(lonely="center", replicates=drawn), frame)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    sizes=st.lists(st.integers(6, 12), min_size=1, max_size=3),
)
def test_jackknife_and_linearisation_agree_on_ratios(seed: int, sizes: list[int]) -> None:
    frame = make_clusters(sizes, seed)

    jackknife = plain(replicates=ReplicateWeights(kind="JKn"))
    found = ratios(frame, jackknife, [("y", "x")])

    expected = ratios(frame, plain(), [("y", "x")])
    assert found.se[0] == pytest.approx(expected.se[0], rel=0.1)


@settings(max_examples=20, deadline=None)
@given(factor=st.integers(2, 1000), kind=st.sampled_from(["JKn", "bootstrap", "SDR", "groups"]))
def test_scaling_all_weights_scales_totals_and_leaves_means(factor: int, kind: str) -> None:
    frame = make_clusters((5, 6))
    more = {"seed": 3, "count": 20} if kind in ("bootstrap", "groups") else {}
    design = plain(replicates=ReplicateWeights(kind=kind, **more))
    scaled = frame.assign(w=frame.w * factor)

    np.testing.assert_allclose(
        means(scaled, design, ["y"]).cov, means(frame, design, ["y"]).cov, rtol=1e-8
    )
    np.testing.assert_allclose(
        totals(scaled, design, ["y"]).se, factor * totals(frame, design, ["y"]).se, rtol=1e-9
    )
