"""Medians have errors by the bootstrap and by balanced halves."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.estimation.quantiles import quantiles
from analysis.estimation.replication.declared import ReplicateWeights
from analysis.estimation.replication.medians import replicate_quantiles

DRAWN = ReplicateWeights(kind="bootstrap", seed=1, count=300)


def make_answers(rows: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"y": rng.normal(size=rows), "sex": rng.choice(["F", "M"], rows)})
    frame.loc[5, "y"] = np.nan
    return frame.assign(w=rng.integers(1, 4, rows))


def test_errors_are_those_of_woodruff() -> None:
    frame, design = make_answers(4000), SurveyDesign(weight="w")

    found = replicate_quantiles(frame, design, ["y"], [0.25, 0.5], replicates=DRAWN, by=["sex"])

    expected = quantiles(frame, design, ["y"], [0.25, 0.5], by=["sex"])
    assert found.names == ("F:y@0.25", "F:y@0.5", "M:y@0.25", "M:y@0.5")
    assert found.estimate.tolist() == expected.quantile.tolist()
    np.testing.assert_allclose(found.se, expected.se, rtol=0.3)
    assert found.contrast({"F:y@0.5": 1, "M:y@0.5": -1})[1] > 0


def test_halves_of_pairs() -> None:
    frame = make_answers().assign(stratum=np.repeat(range(20), 20), psu=np.tile([0, 1], 200))
    design = SurveyDesign(
        weight="w", strata="stratum", psu="psu", replicates=ReplicateWeights(kind="BRR")
    )

    found = replicate_quantiles(frame, design, ["y"], rule="school")

    assert found.values.shape == (24, 1)
    assert 0.02 < found.se[0] < 0.2


def test_a_domain_that_a_replicate_empties_is_named() -> None:
    frame = make_answers().assign(rare=["few"] + ["many"] * 399)

    with pytest.raises(DataError, match=r"Nobody answers 'few:y@0\.5'"):
        replicate_quantiles(frame, SurveyDesign(), ["y"], replicates=DRAWN, by=["rare"])


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(DataError, match="'guess' is not known"):
        replicate_quantiles(make_answers(), SurveyDesign(), ["y"], replicates=DRAWN, rule="guess")
