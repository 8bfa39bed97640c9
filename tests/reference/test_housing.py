"""A real satisfaction survey: 1,681 tenants in Copenhagen (Madsen 1976), with R's answer beside it."""

import json

import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.index.result import IndexResult
from analysis.index.scheme import IndexScheme
from analysis.totals import Codebook, aggregate
from tests.reference.loading import HERE

EXPECTED = json.loads((HERE / "housing/housing-copenhagen-1976.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def result() -> IndexResult:
    counts = pd.read_csv(HERE / "housing/housing-copenhagen-1976.csv")
    tenants = counts.loc[counts.index.repeat(counts.Freq)].assign(
        sat=lambda rows: rows.Sat.map({"Low": 1, "Medium": 2, "High": 3})
    )
    book = Codebook({"sat": dict.fromkeys((1, 2, 3), "choice")})
    scheme = IndexScheme.from_dict(
        {
            "leaves": [
                {
                    "code": "satisfaction",
                    "points": "1",
                    "groups": [
                        {
                            "group": "tenants",
                            "questions": [
                                {"item": "sat", "coefficients": {"1": "0", "2": "0.5", "3": "1"}}
                            ],
                        }
                    ],
                }
            ]
        }
    )
    return scheme.score({"tenants": aggregate(tenants, SurveyDesign(), book, unit="Type")})


@pytest.mark.parametrize("unit", EXPECTED["units"])
def test_score_error_and_interval_of_each_house_type(result: IndexResult, unit: str) -> None:
    """The interval is logit-t with n - 1 df, n the tenants of the unit: PSUs less strata of §5."""
    expected = EXPECTED["units"][unit]

    row = result.units.set_index("unit").loc[unit]

    assert (row.n, row.df) == (expected["n"], expected["n"] - 1)
    found = [float(row.points), row.se, row.ci_low, row.ci_high]
    wanted = [expected[key] for key in ("score", "se", "ci_low", "ci_high")]
    assert found == pytest.approx(wanted, abs=1e-9)


def test_difference_between_two_house_types(result: IndexResult) -> None:
    expected = EXPECTED["contrast_Tower_minus_Terrace"]

    found = result.contrast({"Tower": 1, "Terrace": -1})

    assert float(found.estimate) == pytest.approx(expected["estimate"], abs=5e-6)
    assert found.se == pytest.approx(expected["se"], abs=5e-5)
    assert found.distinguishable
