"""Replicate weights are declared completely, or refused with a remedy."""

import pytest

from analysis.design import SurveyDesign
from analysis.errors import DesignError
from analysis.estimation.replication.declared import Kind, ReplicateWeights
from analysis.weighting.declared import Calibration

TWO = ("r1", "r2")


@pytest.mark.parametrize(
    ("declared", "count", "scale"),
    [
        (ReplicateWeights(kind="BRR", columns=TWO), 4, 0.25),
        (ReplicateWeights(kind="Fay", columns=TWO, rho=0.5), 4, 1.0),
        (ReplicateWeights(kind="JK1", columns=TWO), 5, 0.8),
        (ReplicateWeights(kind="JK2", columns=TWO), 5, 1.0),
        (ReplicateWeights(kind="JKn", columns=TWO, rscales=(0.5, 0.5)), 2, 1.0),
        (ReplicateWeights(kind="bootstrap", columns=TWO), 101, 0.01),
        (ReplicateWeights(kind="SDR", columns=TWO), 80, 0.05),
        (ReplicateWeights(kind="ACS", columns=TWO), 80, 0.05),
        (ReplicateWeights(kind="other", columns=TWO, scale=0.3), 80, 0.3),
    ],
)
def test_each_kind_has_its_scale(declared: ReplicateWeights, count: int, scale: float) -> None:
    assert declared.scale_of(count) == pytest.approx(scale)


def test_a_scale_that_is_given_precedes() -> None:
    assert ReplicateWeights(kind="BRR", columns=TWO, scale=0.1).scale_of(4) == 0.1


def test_squares_are_around_the_mean_of_replicates_but_for_the_american_community_survey() -> None:
    assert not ReplicateWeights(kind="bootstrap", columns=TWO).around_estimate
    assert ReplicateWeights(kind="ACS", columns=TWO).around_estimate
    assert ReplicateWeights(kind="JK1", mse=True).around_estimate


@pytest.mark.parametrize(
    ("name", "kind"),
    [("jkn", Kind.JKN), ("brr", Kind.BRR), ("successive-difference", Kind.SDR)],
)
def test_kinds_are_known_by_the_names_of_others(name: str, kind: Kind) -> None:
    assert ReplicateWeights(kind=name, columns=TWO, rscales=(1, 1)).kind is kind


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kind": "guess"}, "unknown_option"),
        ({"kind": "Fay", "rho": 1.0}, "bad_rho"),
        ({"kind": "BRR", "rho": 0.3}, "bad_rho"),
        ({"kind": "BRR", "count": 1}, "bad_number"),
        ({"kind": "BRR", "df": 0}, "bad_number"),
        ({"kind": "JKn", "columns": TWO, "rscales": (1.0, -1.0)}, "bad_number"),
        ({"kind": "BRR", "columns": ("r1", "r1")}, "bad_columns"),
        ({"kind": "BRR", "columns": ("r1",)}, "bad_columns"),
        ({"kind": "BRR", "columns": TWO, "rscales": (1.0,)}, "bad_rscales"),
        ({"kind": "bootstrap", "columns": TWO, "seed": 1}, "made_and_supplied"),
        ({"kind": "other", "columns": TWO}, "needs_scale"),
        ({"kind": "JKn", "columns": TWO}, "needs_rscales"),
        ({"kind": "ACS"}, "not_made"),
        ({"kind": "JKn", "rscales": (1.0, 1.0)}, "made_and_supplied"),
        ({"kind": "bootstrap"}, "needs_seed"),
        ({"kind": "groups", "count": 10}, "needs_seed"),
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict, code: str) -> None:
    with pytest.raises(DesignError) as caught:
        ReplicateWeights(**wrong)

    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize(
    "declared",
    [
        ReplicateWeights(kind="bootstrap", count=200, seed=5, mse=True),
        ReplicateWeights(kind="JKn", columns=TWO, rscales=(0.5, 0.5), scale=0.9, df=7),
        ReplicateWeights(kind="Fay", columns=TWO, rho=0.3, combined=False),
    ],
)
def test_a_design_with_replicates_is_read_back(declared: ReplicateWeights) -> None:
    design = SurveyDesign(weight="w", replicates=declared)

    assert SurveyDesign.from_dict(design.to_dict()) == design
    assert set(declared.columns) <= set(design.columns)


def test_a_design_without_replicates_keeps_its_text() -> None:
    assert "replicates" not in SurveyDesign(weight="w").to_dict()


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(DesignError, match="unknown key: colour"):
        ReplicateWeights.from_dict({"kind": "JK1", "colour": "red"})


def test_supplied_replicates_have_been_calibrated_already() -> None:
    known = Calibration(before="d", after="w", margins=(("sex",),))
    supplied = ReplicateWeights(kind="BRR", columns=TWO)

    with pytest.raises(DesignError, match="Leave calibration out"):
        SurveyDesign(weight="w", calibration=(known,), replicates=supplied)
