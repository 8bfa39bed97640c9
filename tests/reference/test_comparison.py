"""Change between waves and sets of ranks, as R's packages give them."""

from typing import Any

import numpy as np
import pytest

from analysis.design import SurveyDesign
from analysis.estimation.differences import differences_from_zero
from analysis.estimation.means import means
from analysis.index.rank_sets import rank_sets
from analysis.index.result import IndexResult
from analysis.totals import aggregate
from tests.reference.loading import (
    FIVE,
    assert_equals,
    case,
    codebook,
    data,
    one_item_leaves,
)

CLUSTERS = SurveyDesign(strata="stratum", psu="psu", weight="w")


def score(name: str, criteria: list[dict[str, Any]], design: SurveyDesign) -> IndexResult:
    statistics = aggregate(data(name), design, codebook(len(criteria)))
    return one_item_leaves(criteria).score({"all": statistics})


def test_change_between_independent_samples() -> None:
    expected, criteria = case("31")["expected"], case("31")["request"]["criteria"]

    found = (
        score("citizen_y2", criteria, CLUSTERS)
        .compare(score("citizen_y1", criteria, CLUSTERS))
        .table
    )

    assert found.unit.tolist() == expected["units"]
    for column, name in (("change", "change"), ("se", "se"), ("df", "df"), ("t", "t"), ("p", "p")):
        assert_equals(found[column].astype(float), expected[name], "31")
    assert_equals(found.p_holm, expected["p_holm"], "31")
    assert_equals(found.p_bh, expected["p_bh"], "31")


@pytest.fixture
def panel():
    design = SurveyDesign(strata="stratum", psu="psu", weight="w", fpc="N_psu")
    rows = data("panel")
    book = codebook(1)
    item = next(c for c in rows.columns if c.startswith("q"))
    scheme = one_item_leaves([{"item": item, "max_points": 1, "coefficients": FIVE}])
    waves = {
        year: scheme.score({"all": aggregate(rows[rows.year == year], design, book)})
        for year in sorted(rows.year.unique())
    }
    return [waves[year] for year in sorted(waves)]


def test_change_where_waves_share_psus_and_persons(panel) -> None:
    expected = case("32")["expected"]
    earlier, later = panel

    found = later.compare(earlier, shared=["all"], inference="finite")

    assert list(found.units) == expected["change"]["names"]
    assert_equals([float(c) for c in found.change], expected["change"]["estimate"], "32")
    assert_equals(found.se, expected["change"]["se"], "32")
    assert_equals(found.cov, expected["change"]["vcov"], "32")


def test_shared_psus_make_the_error_of_the_change_smaller(panel) -> None:
    expected = case("32")["expected"]
    earlier, later = panel

    apart = later.compare(earlier, inference="finite")

    assert_equals(apart.se, expected["se_if_years_were_independent"], "32")


def test_change_of_plain_means_in_one_stacked_file() -> None:
    expected = case("32")["expected"]
    design = SurveyDesign(strata="stratum", psu="psu", weight="w", fpc="N_psu")
    rows = data("panel")
    score_of = {int(code): float(value) for code, value in FIVE.items()}
    rows = rows.assign(s=rows.q1.map(score_of))

    found = means(rows, design, ["s"], by=["year", "unit"])
    first, second = sorted(rows.year.astype(str).unique())
    wanted = {
        unit: {f"{second}.{unit}:s": 1.0, f"{first}.{unit}:s": -1.0}
        for unit in expected["change"]["names"]
    }
    change = differences_from_zero(found.contrasts(wanted), df=expected["change"]["df"])

    cells = found.pick([f"{name.removeprefix('Y')}:s" for name in expected["by"]["names"]])
    assert_equals(cells.estimate, expected["by"]["estimate"], "32")
    assert_equals(cells.cov, expected["by"]["vcov"], "32")
    limits = cells.intervals(df=expected["by"]["df"])
    assert_equals(limits.ci_low, expected["by"]["ci_lower"], "32")
    assert_equals(limits.ci_high, expected["by"]["ci_upper"], "32")
    assert found.design_df == expected["change"]["df"]
    assert_equals(change.estimate, expected["change"]["estimate"], "32")
    assert_equals(change.se, expected["change"]["se"], "32")
    low, high = change.limits
    assert_equals(low, expected["change"]["ci_lower"], "32")
    assert_equals(high, expected["change"]["ci_upper"], "32")


def test_sets_of_ranks() -> None:
    expected, given = case("33")["expected"], case("29")["expected"]
    points, cov = np.array(given["estimate"]), np.array(given["vcov"])

    found = rank_sets(given["units"], points, cov, draws=20_000, seed=1)

    assert found.rank.tolist() == expected["rank"]
    for name, places in (
        ("simultaneous_stepdown", found.simultaneous),
        ("simultaneous_single_step", found.simultaneous_single),
        ("marginal_stepdown", found.marginal),
    ):
        far = 0 if expected[name]["stable_over_5_seeds"] else 1
        assert abs(places.low - expected[name]["lower"]).max() <= far
        assert abs(places.high - expected[name]["upper"]).max() <= far
    assert list(found.among_best(3).values()) == expected["among_best_3"]


def test_sets_of_ranks_are_wider_where_covariances_are_ignored() -> None:
    expected, given = case("33")["expected"], case("29")["expected"]
    cov = np.diag(np.diag(np.array(given["vcov"])))

    found = rank_sets(given["units"], np.array(given["estimate"]), cov, draws=20_000, seed=1)

    assert found.low.tolist() == expected["if_covariances_are_ignored"]["lower"]
    assert found.high.tolist() == expected["if_covariances_are_ignored"]["upper"]


def test_all_pairs_of_units_with_adjusted_probabilities() -> None:
    expected, criteria = case("29")["expected"]["pairs"], case("29")["request"]["criteria"]
    raters = SurveyDesign(strata="stratum", ballot="rater", weight="w", fpc="N_rater")

    found = score("raters", criteria, raters).pairs(df=expected["df"])

    assert found["first"].tolist() == expected["first"]
    assert found["second"].tolist() == expected["second"]
    for column in ("difference", "se", "t", "p", "p_holm", "p_bh", "p_bonferroni"):
        assert_equals(found[column], expected[column], "29")
    assert set(found.reason) == {""}
