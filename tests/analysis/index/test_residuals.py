"""Residuals of more rows than one block holds, beside the same sums written out."""

import numpy as np
import pandas as pd
import pytest

from analysis.answers import BLOCK
from analysis.design import SurveyDesign
from tests.analysis.making import FOUR, make_scheme, make_statistics

ROWS = 2 * BLOCK + 345
DESIGN = SurveyDesign(strata="stratum", psu="psu", weight="w")
ITEMS = ("q1", "q2")


@pytest.fixture(scope="module")
def wave() -> pd.DataFrame:
    """Answers about two units in 40 PSUs of 4 strata; one code in five is blank."""
    random = np.random.default_rng(5)
    psu = random.integers(0, 40, ROWS)
    return pd.DataFrame(
        {
            "unit": random.choice(["A", "B"], ROWS),
            "stratum": psu % 4,
            "psu": psu,
            "w": random.integers(1, 9, ROWS) / 4,
            "q1": random.integers(0, 5, ROWS),
            "q2": random.integers(0, 5, ROWS),
        }
    )


def residuals_about(wave: pd.DataFrame, unit: str) -> tuple[pd.Series, pd.Series]:
    """Weighted residuals of 2 points over two questions, and who answered any."""
    about = wave.unit == unit
    z = pd.Series(0.0, index=wave.index)
    for item in ITEMS:
        y = wave[item].map({int(code): float(worth) for code, worth in FOUR.items()})
        w = wave.w.where(about & y.notna(), 0.0)
        z += w * (y.fillna(0) - (w * y.fillna(0)).sum() / w.sum()) / w.sum()
    return z, about & (wave[list(ITEMS)] > 0).any(axis=1)


def test_variance_is_that_of_sums_over_psus(wave: pd.DataFrame) -> None:
    result = make_scheme(items=ITEMS).score({"all": make_statistics(wave, DESIGN, ITEMS)})

    found = result.variances[0]

    for place, unit in enumerate(result.unit_codes):
        z, _ = residuals_about(wave, unit)
        spread = z.groupby([wave.stratum, wave.psu]).sum().groupby("stratum").var()
        expected = float((10 * spread).sum())
        assert found.cov[place, place] == pytest.approx(expected, rel=1e-12)
        assert found.leaf_variance[place, 0] == pytest.approx(expected, rel=1e-12)
        assert found.leaf_df[place, 0] == found.df[place] == 36


def test_design_effects_see_the_answers_of_a_person_together(wave: pd.DataFrame) -> None:
    result = make_scheme(items=ITEMS).score({"all": make_statistics(wave, DESIGN, ITEMS)})

    found = result.variances[0]

    for place, unit in enumerate(result.unit_codes):
        z, spoke = residuals_about(wave, unit)
        n = int(spoke.sum())
        simple = wave.w[spoke].sum() * (z[spoke] ** 2 / wave.w[spoke]).sum() / (n - 1)
        assert found.leaf_n[place, 0] == found.n[place] == n
        assert found.leaf_simple[place, 0] == pytest.approx(simple, rel=1e-12)
        assert found.simple[place] == pytest.approx(simple, rel=1e-12)


def test_residuals_of_clustered_persons_are_kept_by_psu_and_unit(wave: pd.DataFrame) -> None:
    statistics = make_statistics(wave, DESIGN, ITEMS)

    kept = make_scheme(items=ITEMS).score({"all": statistics}).variances[0].residuals

    assert kept.value.shape == (80, 1)
