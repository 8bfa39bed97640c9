import math

import numpy as np
import pandas as pd
import pytest

from analysis.design import StratumFrame, SurveyDesign
from analysis.errors import SchemeError
from analysis.index.precision import Precision, median_deff
from analysis.index.result import IndexResult
from tests.analysis.making import make_answers, make_scheme, make_statistics


def precision(**values: object) -> Precision:
    usual: dict[str, object] = {
        "points": 6.0,
        "maximum": 10.0,
        "fixed": 0.0,
        "variance": 0.25,
        "df": 20.0,
        "n": 100,
        "simple": 0.125,
        "usual_deff": 2.0,
        "complete": False,
    }
    return Precision(**(usual | values))


def score(counts: dict[int, int], design: SurveyDesign | None = None) -> IndexResult:
    return make_scheme(min_valid=1).score({"all": make_statistics(make_answers(counts), design)})


def test_ordinary_interval_stays_inside_the_scale() -> None:
    low, high, reason = precision(points=9.8, variance=1.0).interval()

    assert 0 < low < 9.8 < high < 10
    assert reason == ""


def test_symmetric_interval_may_run_beyond_the_scale() -> None:
    assert precision(points=9.8, variance=1.0).interval(method="t").high > 10


def test_points_from_elsewhere_shift_the_interval() -> None:
    plain, shifted = precision().interval(), precision(fixed=3.0).interval()

    assert (shifted.low - plain.low, shifted.high - plain.high) == pytest.approx((3, 3))


def test_no_degrees_of_freedom_give_no_interval_even_with_an_error_of_zero() -> None:
    found = precision(variance=0.0, df=0.0).interval()

    assert math.isnan(found.low)
    assert found.reason == "no_degrees_of_freedom"


def test_equal_answers_get_an_interval_from_their_number() -> None:
    """All 15 answered B: no variance seen, but 15 people cannot exclude other answers."""
    row = score({2: 15}).units.iloc[0]

    assert row.se == 0
    assert row.interval_reason == "zero_variance"
    assert 0 < row.ci_low < 1.2 < row.ci_high < 2


@pytest.mark.parametrize(("code", "edge"), [(1, 2.0), (4, 0.0)])
def test_interval_at_an_end_of_the_scale_reaches_the_end(code: int, edge: float) -> None:
    """15 of 15: Clopper-Pearson lower limit 0.025 ** (1/15)."""
    row = score({code: 15}).units.iloc[0]

    assert row.interval_reason == "at_boundary"
    inner = 2 * 0.025 ** (1 / 15)
    expected = (inner, 2.0) if edge else (0.0, 2 - inner)
    assert (row.ci_low, row.ci_high) == pytest.approx(expected)


def test_zero_variance_uses_the_usual_design_effect_of_the_other_units() -> None:
    wide = precision(points=10.0, variance=0.0, usual_deff=4.0).interval()
    narrow = precision(points=10.0, variance=0.0, usual_deff=1.0).interval()

    assert wide.low < narrow.low


def test_complete_census_is_a_point() -> None:
    frame = {"": StratumFrame(8, 8)}

    row = score({1: 6, 4: 2}, SurveyDesign(frame=frame)).units.iloc[0]

    assert (row.se, row.ci_low, row.ci_high) == (0, 1.5, 1.5)
    assert (row.interval_reason, row["flags"]) == ("census", ())


def test_census_in_which_some_kept_silent_is_no_point() -> None:
    """r of N persons answered: as r drawn from N."""
    silent = score({1: 6, 4: 2}, SurveyDesign(frame={"": StratumFrame(10, 10)})).units.iloc[0]
    sample = score({1: 6, 4: 2}, SurveyDesign(frame={"": StratumFrame(8, 10)})).units.iloc[0]
    blank = score({1: 6, 4: 2, 0: 2}, SurveyDesign(frame={"": StratumFrame(10, 10)})).units.iloc[0]

    assert silent.se == pytest.approx(sample.se)
    assert blank.se == pytest.approx(sample.se)


def test_census_of_raters_counts_the_units_they_were_asked_about() -> None:
    """Everybody answered about every unit but the own: nothing is missing, nothing is uncertain."""
    raters = [(r, home, unit) for r, home in enumerate("AABBCC") for unit in "ABC" if unit != home]
    data = pd.DataFrame(raters, columns=["ballot", "home", "unit"])
    data["q1"] = [1, 2, 1, 1, 4, 2, 3, 1, 2, 2, 1, 1]
    design = SurveyDesign(ballot="ballot", frame={"": StratumFrame(6, 6)})

    result = make_scheme(min_valid=1).score({"all": make_statistics(data, design)})

    assert result.units.se.tolist() == [0, 0, 0]


def test_one_of_several_answering_in_a_census_still_leaves_doubt() -> None:
    data = make_answers({1: 1, 4: 4}).assign(h=["a", "b", "b", "b", "b"])
    frame = {"a": StratumFrame(3, 3), "b": StratumFrame(4, 4)}

    result = make_scheme(min_valid=1).score(
        {"all": make_statistics(data, SurveyDesign(strata="h", frame=frame))}
    )

    assert result.units.se[0] > 0


@pytest.mark.parametrize(
    ("values", "flag"),
    [
        ({"df": 2.0}, "very_low_precision"),
        ({"n": 29}, "n_below_30"),
        ({"df": 7.9}, "df_below_8"),
        ({"points": 0.05, "variance": 0.01, "df": 3.0}, "wide_interval"),
    ],
)
def test_weak_figures_are_flagged(values: dict[str, float], flag: str) -> None:
    assert flag in precision(**values).flags()
    assert precision().flags() == ()


def test_variance_that_floating_point_cannot_tell_from_zero_is_zero() -> None:
    assert precision(variance=1e-20).se == 0


def test_effective_number_and_design_effect() -> None:
    found = precision()

    assert (found.deff, found.n_eff) == (2.0, 50.0)
    assert median_deff([1, 2, 0], [1, 1, 1], [5, 5, 5]) == 1.5
    assert median_deff([0], [1], [5]) == 1.0


def test_unknown_interval_method_is_refused() -> None:
    with pytest.raises(SchemeError, match="Choose logit or t"):
        score({1: 6}).intervals(method="wald")


def test_wider_level_gives_a_wider_interval() -> None:
    result = score({1: 20, 3: 20})

    inner, outer = result.intervals(0.8).iloc[0], result.intervals(0.99).iloc[0]

    assert outer.ci_low < inner.ci_low < inner.ci_high < outer.ci_high


def two_units(shared: bool) -> IndexResult:
    """40 raters judge U and V alike; as one ballot each, or as if they were 80 people."""
    rng = np.random.default_rng(5)
    mood = rng.integers(1, 5, 40)
    data = pd.DataFrame(
        {
            "ballot": np.tile(np.arange(40), 2) + (0 if shared else 40 * np.repeat([0, 1], 40)),
            "unit": ["U"] * 40 + ["V"] * 40,
            "q1": np.concatenate([mood, np.clip(mood + (rng.random(40) < 0.3), 1, 4)]),
        }
    )
    return make_scheme().score({"all": make_statistics(data, SurveyDesign(ballot="ballot"))})


def test_neighbours_rated_by_the_same_people_are_compared_as_pairs() -> None:
    paired, apart = two_units(shared=True), two_units(shared=False)

    assert paired.cov.loc["U", "V"] > 0
    assert apart.cov.loc["U", "V"] == pytest.approx(0, abs=1e-12)
    assert paired.neighbours().distinguishable.tolist() == [True]
    assert apart.neighbours().distinguishable.tolist() == [False]


def test_contrast_variance_is_that_of_the_differences() -> None:
    result = two_units(shared=True)

    found = result.contrast({"U": 1, "V": -1})

    cov = result.cov
    expected = cov.loc["U", "U"] + cov.loc["V", "V"] - 2 * cov.loc["U", "V"]
    assert found.se**2 == pytest.approx(expected)
    assert found.df == 39
    assert found.estimate == result.points_of("U") - result.points_of("V")


def test_contrast_with_an_unknown_unit_is_refused() -> None:
    with pytest.raises(SchemeError, match="'W' was not scored"):
        two_units(shared=True).contrast({"U": 1, "W": -1})


def test_identical_ratings_cannot_be_told_apart_by_a_missing_variance() -> None:
    data = pd.DataFrame({"ballot": [1, 2, 3, 4] * 2, "unit": ["U"] * 4 + ["V"] * 4})
    data["q1"] = [1, 2, 3, 4] * 2

    result = make_scheme(min_valid=1).score(
        {"all": make_statistics(data, SurveyDesign(ballot="ballot"))}
    )

    found = result.contrast({"U": 1, "V": -1})
    assert (found.se, found.distinguishable, found.reason) == (0, None, "zero_variance")


def test_census_difference_is_known_for_certain() -> None:
    data = pd.concat([make_answers({1: 6}, "U"), make_answers({2: 6}, "V")])
    frame = {"": StratumFrame(12, 12)}

    result = make_scheme().score({"all": make_statistics(data, SurveyDesign(frame=frame))})

    found = result.contrast({"U": 1, "V": -1})
    assert (found.distinguishable, found.reason) == (True, "census")


def test_difference_without_degrees_of_freedom_has_no_interval() -> None:
    data = pd.DataFrame({"unit": ["U", "V"], "h": ["a", "b"], "q1": [1, 2]})
    design = SurveyDesign(strata="h", lonely="center")

    result = make_scheme(min_valid=1).score({"all": make_statistics(data, design)})

    assert result.contrast({"U": 1, "V": -1}).reason == "no_degrees_of_freedom"
