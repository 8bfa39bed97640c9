"""Supplied replicate weights are read whole, or refused by row."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError, DesignError
from analysis.estimation.means import means, totals
from analysis.estimation.quantiles import quantiles
from analysis.estimation.ratios import ratios
from analysis.estimation.replication.bound import Replicates, rank_of
from analysis.estimation.replication.columns import write_replicates
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.estimation.variance import total_covariance
from analysis.sample import bind
from analysis.weighting.plan import WeightingPlan
from analysis.weighting.raking import Poststratify

PLAN = SurveyDesign(weight="w", strata="stratum", psu="psu")


def make_answers(psus: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = [(f"S{h}", f"P{i}") for h in range(2) for i in range(psus) for _ in range(4)]
    frame = pd.DataFrame(rows, columns=["stratum", "psu"])
    frame["w"] = rng.integers(5, 15, len(frame))
    frame["sex"] = rng.choice(["F", "M"], len(frame))
    frame["y"] = rng.normal(10, 2, len(frame))
    frame["x"] = frame.y + rng.normal(5, 1, len(frame))
    frame.loc[3, "y"] = np.nan
    return frame


def of(design: SurveyDesign, frame: pd.DataFrame) -> Replicates:
    made = bind(design, frame).replicates
    assert made is not None
    return made


@pytest.mark.parametrize("kind", ["JKn", "bootstrap", "SDR", "groups"])
def test_written_replicates_say_what_those_of_the_design_say(kind: str) -> None:
    frame = make_answers()
    seed = {"seed": 1, "count": 30} if kind in ("bootstrap", "groups") else {}
    declared = ReplicateWeights(kind=kind, **seed)
    made = SurveyDesign(weight="w", strata="stratum", psu="psu", replicates=declared)

    wide, public = write_replicates(frame, PLAN, declared)

    assert public.strata is public.psu is None
    for estimate in (means, totals):
        own, theirs = estimate(frame, made, ["y", "x"]), estimate(wide, public, ["y", "x"])
        np.testing.assert_allclose(theirs.cov, own.cov, rtol=1e-9)
        assert theirs.design_df == own.design_df


def test_weights_that_multiply_and_weights_that_contain_are_the_same() -> None:
    frame = make_answers()
    wide, public = write_replicates(frame, PLAN, ReplicateWeights(kind="JKn"))
    assert public.replicates is not None
    columns = list(public.replicates.columns)
    relative = wide.assign(**{c: wide[c] / wide.w for c in columns})
    multiplied = ReplicateWeights(kind="JKn", columns=tuple(columns), combined=False)

    found = means(relative, SurveyDesign(weight="w", replicates=multiplied), ["y"])

    expected = means(wide, public, ["y"])
    assert found.se[0] == pytest.approx(expected.se[0], rel=1e-12)
    assert found.design_df == expected.design_df == 10


def test_factors_are_kept_by_psu_where_rows_share_them() -> None:
    frame = make_answers()
    wide, public = write_replicates(frame, PLAN, ReplicateWeights(kind="JKn"))
    supplied = SurveyDesign(weight="w", strata="stratum", psu="psu", replicates=public.replicates)
    torn = wide.assign(replicate_1=wide.replicate_1 * np.linspace(0.9, 1.1, len(wide)))

    whole, rowwise = of(supplied, wide), of(supplied, torn)

    assert (whole.by_row, len(whole.factor)) == (False, 12)
    assert (rowwise.by_row, len(rowwise.factor)) == (True, 48)
    assert not whole.few_psus
    assert of(public, wide).few_psus is None
    sample = bind(supplied, torn)
    with pytest.raises(DesignError, match="differ between the rows of a PSU"):
        total_covariance(sample, sample.second_units[0])


def test_degrees_of_freedom_of_a_cell_are_the_rank_of_its_weights_less_one() -> None:
    frame = make_answers()
    wide, public = write_replicates(frame, PLAN, ReplicateWeights(kind="JKn"))
    assert public.replicates is not None
    inside = (wide.stratum == "S0").to_numpy() & (wide.psu < "P4").to_numpy()

    found = means(wide, public, ["y"], where=inside)

    # Four PSUs of one stratum, which each replicate of another leaves alone.
    assert (found.df[0], found.design_df) == (3, 10)
    assert rank_of(np.zeros((0, 5))) == 0


def test_declared_degrees_of_freedom_are_the_most() -> None:
    wide, public = write_replicates(make_answers(), PLAN, ReplicateWeights(kind="JKn"))
    assert public.replicates is not None
    declared = ReplicateWeights(
        kind="JKn", columns=public.replicates.columns, rscales=public.replicates.rscales, df=4
    )

    found = means(wide, SurveyDesign(weight="w", replicates=declared), ["y"])

    assert (found.df[0], found.design_df) == (4, 4)


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_a_replicate_weight_is_a_number(value: float) -> None:
    wide, public = write_replicates(make_answers(), PLAN, ReplicateWeights(kind="JKn"))
    wide.loc[4, "replicate_2"] = value

    with pytest.raises(DataError, match="'replicate_2' is no weight in data row 5"):
        means(wide, public, ["y"])


def test_a_row_without_weight_has_none_in_any_replicate() -> None:
    wide, public = write_replicates(make_answers(), PLAN, ReplicateWeights(kind="JKn"))
    wide["w"] = wide.w.where(wide.index != 9, 0)

    with pytest.raises(DataError, match="while the sampling weight is 0 in data row 10"):
        means(wide, public, ["y"])

    wide.loc[9, [c for c in wide if c.startswith("replicate_")]] = 0.0
    assert means(wide, public, ["y"]).n[0] == 46


def test_a_missing_column_is_named() -> None:
    wide, public = write_replicates(make_answers(), PLAN, ReplicateWeights(kind="JKn"))

    with pytest.raises(DataError, match="'replicate_3'"):
        means(wide.drop(columns="replicate_3"), public, ["y"])


def test_cells_ratios_and_contrasts_come_from_replicates_too() -> None:
    frame = make_answers()
    wide, public = write_replicates(frame, PLAN, ReplicateWeights(kind="JKn"))

    units = means(wide, public, ["x"], by=["sex"])
    known = totals(wide.dropna(), public, ["y", "x"])
    contrast = units.contrast({"F:x": 1, "M:x": -1})
    ratio = known.ratios({"r": ("y", "x")})

    assert contrast[1] ** 2 == pytest.approx(
        units.cov[0, 0] + units.cov[1, 1] - 2 * units.cov[0, 1]
    )
    direct = ratios(wide.dropna(), public, [("y", "x")])
    np.testing.assert_allclose(ratio.cov, direct.cov, rtol=1e-10)
    assert ratio.design_df == direct.design_df
    np.testing.assert_allclose(
        units.pick(["M:x"]).contrasts({"M": {"M:x": 1}}).cov, units.cov[1:, 1:]
    )


def test_quantiles_have_intervals_from_replicates() -> None:
    wide, public = write_replicates(make_answers(), PLAN, ReplicateWeights(kind="JKn", mse=True))

    found, expected = quantiles(wide, public, ["x"]), quantiles(wide, PLAN, ["x"])

    assert found.quantile.tolist() == expected.quantile.tolist()
    np.testing.assert_allclose(found.se, expected.se, rtol=0.3)


def test_nobody_left_in_a_replicate_is_an_error_that_names_the_cell() -> None:
    frame = make_answers()
    frame["rare"] = np.where((frame.psu == "P2") | (frame.index == 0), "few", "many")
    frame = frame[(frame.rare == "many") | (frame.stratum == "S0")]
    few = (frame.rare == "few").to_numpy()
    frame["r1"] = np.where(frame.index == 0, 3.0, 1.0)
    frame["r2"] = np.where(few, 0.0, 1.0)
    frame["r3"] = np.where(frame.psu == "P2", 2.0, 1.0)
    columns = ("r1", "r2", "r3")
    declared = ReplicateWeights(kind="other", scale=1.0, columns=columns, combined=False)

    with pytest.raises(DataError, match="Nobody answers 'few:x' in replicate 2"):
        means(frame, SurveyDesign(weight="w", replicates=declared), ["x"], by=["rare"])


def test_a_domain_in_one_psu_tells_nothing_of_its_error() -> None:
    frame = make_answers()
    frame["place"] = np.where((frame.psu == "P1") & (frame.stratum == "S1"), "one", "rest")
    jackknife = SurveyDesign(
        weight="w", strata="stratum", psu="psu", replicates=ReplicateWeights(kind="JKn")
    )

    found = means(frame, jackknife, ["x"], by=["place"])

    assert (found.df[0], found.se[0]) == (0, pytest.approx(0.0, abs=1e-12))
    assert found.intervals().reason.iloc[0] == "no_degrees_of_freedom"
    assert found.se[1] > 0


def test_replicates_repeat_the_weighting() -> None:
    frame = make_answers(12)
    steps = (Poststratify(cells=("sex",), population={"F": 300, "M": 200}),)
    weighted = WeightingPlan(steps).apply(frame, PLAN)

    wide, public = write_replicates(
        weighted.data,
        PLAN,
        ReplicateWeights(kind="JKn"),
        weighting=weighted.propagate,
        weight=weighted.design.weight,
    )

    found, expected = means(wide, public, ["x"]), means(weighted.data, weighted.design, ["x"])
    assert found.estimate[0] == pytest.approx(expected.estimate[0])
    assert found.se[0] == pytest.approx(expected.se[0], rel=0.05)


def test_replicates_made_of_calibrated_weights_take_residuals() -> None:
    frame = make_answers()
    steps = (Poststratify(cells=("sex",), population={"F": 300, "M": 200}),)
    weighted = WeightingPlan(steps).apply(frame, PLAN)
    jackknife = ReplicateWeights(kind="JKn", mse=True)
    plain = weighted.design.to_dict()

    design = SurveyDesign.from_dict(plain | {"replicates": jackknife.to_dict()})
    found = means(weighted.data, design, ["x"])

    expected = means(weighted.data, weighted.design, ["x"])
    assert found.se[0] == pytest.approx(expected.se[0], rel=1e-9)


def test_columns_are_not_overwritten_and_weighting_names_its_column() -> None:
    frame = make_answers()
    wide, _ = write_replicates(frame, PLAN, ReplicateWeights(kind="JKn"))

    with pytest.raises(DataError, match="already have a column 'replicate_1'"):
        write_replicates(wide, PLAN, ReplicateWeights(kind="JKn"))
    with pytest.raises(DataError, match="go together"):
        write_replicates(frame, PLAN, ReplicateWeights(kind="JKn"), weight="w2")
