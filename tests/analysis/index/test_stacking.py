"""Samples with common PSUs as one sample."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import Inference, SurveyDesign
from analysis.index.result import IndexResult
from analysis.index.scheme import IndexScheme
from analysis.index.stacking import Part, stack
from tests.analysis.index.test_change import PANEL, draw
from tests.analysis.making import FOUR, make_statistics
from tests.analysis.making import make_scheme as make_leaf

UNITS = (0, 1)


def scored(data: dict[str, pd.DataFrame], design: SurveyDesign = PANEL) -> IndexResult:
    weights = {"citizens": "0.6", "firms": "0.4"} if len(data) > 1 else {next(iter(data)): "1"}
    statistics = {name: make_statistics(rows, design) for name, rows in data.items()}
    return make_leaf(weights, min_valid=1).score(statistics)


def communes(seed: int) -> pd.DataFrame:
    """Answers of which the commune explains a part, alike for all who live there."""
    rows = draw(seed, range(20))
    shift = np.random.default_rng(1).integers(0, 3, 20)[rows.psu]
    return rows.assign(q1=np.clip(rows.q1 + shift - 1, 1, 4))


def test_groups_of_the_same_communes_are_squared_together() -> None:
    """One file with a column of each group's item gives the same, without stacking."""
    rows = {"citizens": communes(5), "firms": communes(6)}
    variances = scored(rows).variances

    found = stack([Part(v, UNITS, 1.0) for v in variances], Inference.FINITE)

    whole = pd.concat(
        [rows["citizens"], rows["firms"].rename(columns={"q1": "q2"})], ignore_index=True
    ).fillna({"q1": 0, "q2": 0})
    questions = [
        {"item": item, "weight": weight, "coefficients": FOUR}
        for item, weight in (("q1", "0.6"), ("q2", "0.4"))
    ]
    leaf = {"code": "c", "points": "2", "groups": [{"group": "all", "questions": questions}]}
    scheme = IndexScheme.from_dict({"leaves": [leaf], "options": {"min_valid": 1}})
    one = scheme.score(
        {"all": make_statistics(whole.astype({"q1": int, "q2": int}), PANEL, ("q1", "q2"))}
    )
    np.testing.assert_allclose(found.cov, one.cov, rtol=1e-10)
    assert found.df.tolist() == one.variances[0].df.tolist()
    assert found.common == 20
    apart = sum(v.cov for v in variances)
    assert (np.diag(found.cov) > np.diag(apart)).all()


def test_a_sample_on_top_of_itself_has_twice_the_error() -> None:
    v = scored({"all": draw(5, range(20))}).variances[0]

    twice = stack([Part(v, UNITS, 1.0)] * 2, Inference.FINITE)
    none = stack([Part(v, UNITS, 1.0), Part(v, UNITS, -1.0)], Inference.FINITE)

    np.testing.assert_allclose(twice.cov, 4 * v.cov, rtol=1e-10)
    np.testing.assert_allclose(none.cov, 0, atol=1e-20)


def test_units_may_stand_in_another_order() -> None:
    v = scored({"all": draw(5, range(20))}).variances[0]

    found = stack([Part(v, (1, 0), 1.0), Part(v, (1, 0), 1.0)], Inference.FINITE)

    np.testing.assert_allclose(found.cov, 4 * v.cov[::-1, ::-1], rtol=1e-10)


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_finite_population_corrects_the_stacked_sample(share: float) -> None:
    design = SurveyDesign(weight="w", strata="stratum", psu="psu", fpc="psus")
    rows = draw(5, range(20)).assign(psus=10 / share)
    finite = scored({"all": rows}, design).variances[0]

    found = stack([Part(finite, UNITS, 1.0)] * 2, Inference.FINITE)
    behind = stack([Part(finite, UNITS, 1.0)] * 2, Inference.SUPERPOPULATION)

    np.testing.assert_allclose(found.cov, behind.cov * (1 - share), rtol=1e-10, atol=1e-15)
