"""What must not matter does not: scale of weights, order of rows, names of PSUs, split files."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.design import StratumFrame, SurveyDesign
from analysis.index.result import IndexResult
from tests.analysis.making import FOUR, make_scheme, make_statistics

DESIGN = SurveyDesign(strata="h", psu="p", weight="w", lonely="center")
quick = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


@st.composite
def answers(draw: st.DrawFn) -> pd.DataFrame:
    """12 to 60 rows in two or three strata of a few PSUs, three units, two items."""
    rows = draw(st.integers(12, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return pd.DataFrame(
        {
            "h": rng.choice(["a", "b", "c"], rows),
            "p": rng.integers(1, 5, rows),
            "unit": rng.choice(["U", "V", "W"], rows),
            "w": rng.integers(1, 400, rows) / 100,
            "q1": rng.choice([0, 1, 2, 3, 4, 9], rows),
            "q2": rng.choice([0, 1, 2, 3, 4, 8], rows),
        }
    )


def score(data: pd.DataFrame, design: SurveyDesign = DESIGN) -> IndexResult:
    statistics = make_statistics(data, design, ("q1", "q2"), units=["U", "V", "W"])
    return make_scheme(items=("q1", "q2"), min_valid=1).score({"all": statistics})


def points(result: IndexResult) -> list[Fraction | None]:
    return [result.points_of(unit) for unit in result.unit_codes]


@quick
@given(answers(), st.integers(2, 50))
def test_scale_of_the_weights_does_not_matter(data: pd.DataFrame, factor: int) -> None:
    first, second = score(data), score(data.assign(w=data.w * factor))

    assert points(first) == points(second)
    np.testing.assert_allclose(first.cov, second.cov, rtol=1e-9, atol=1e-15)


@quick
@given(answers(), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter_to_the_last_bit(
    data: pd.DataFrame, random: np.random.Generator
) -> None:
    order = list(range(len(data)))
    random.shuffle(order)

    first, second = score(data), score(data.iloc[order])

    assert points(first) == points(second)
    assert np.array_equal(first.cov, second.cov, equal_nan=True)
    pd.testing.assert_frame_equal(first.units, second.units, check_exact=True)


@quick
@given(answers())
def test_names_of_psus_and_strata_do_not_matter(data: pd.DataFrame) -> None:
    renamed = data.assign(p=data.p.map({1: "x9", 2: "x1", 3: "a", 4: "m"}), h=data.h + "-1")

    first, second = score(data), score(renamed)

    assert points(first) == points(second)
    np.testing.assert_allclose(first.cov, second.cov, rtol=1e-9, atol=1e-15)


@quick
@given(answers(), st.data())
def test_split_files_give_the_same_statistics(data: pd.DataFrame, draw: st.DataObject) -> None:
    cut = draw.draw(st.integers(0, len(data)))
    items = ("q1", "q2")
    units = ["U", "V", "W"]
    whole = make_statistics(data, DESIGN, items, units=units)
    parts = [make_statistics(part, DESIGN, items, units=units) for part in (data[:cut], data[cut:])]

    merged = parts[0].merge(parts[1])

    assert np.array_equal(merged.weighted, whole.weighted)
    assert np.array_equal(parts[0].n + parts[1].n, whole.n)
    scheme = make_scheme(items=items, min_valid=1)
    found, wanted = scheme.score({"all": merged}), scheme.score({"all": whole})
    assert np.array_equal(found.cov, wanted.cov, equal_nan=True)


@quick
@given(answers())
def test_row_of_weight_zero_in_a_known_psu_does_not_matter(data: pd.DataFrame) -> None:
    more = pd.concat([data, data.iloc[:1].assign(w=0, q1=4)], ignore_index=True)

    first, second = score(data), score(more)

    assert points(first) == points(second)
    np.testing.assert_allclose(first.cov, second.cov, rtol=1e-9, atol=1e-15)
    assert first.units.n.tolist() == second.units.n.tolist()


@quick
@given(answers())
def test_equal_weights_give_the_plain_mean(data: pd.DataFrame) -> None:
    result = score(data.assign(w=1))

    for unit in result.unit_codes:
        means = []
        for item in ("q1", "q2"):
            codes = data[item][(data.unit == unit) & data[item].between(1, 4)]
            if len(codes):
                means.append(sum(Fraction(FOUR[str(c)]) for c in codes) / len(codes))
        expected = 2 * sum(means) / len(means) if means else None
        assert result.points_of(unit) == expected


@quick
@given(answers())
def test_full_census_without_blanks_has_no_error(data: pd.DataFrame) -> None:
    full = data.assign(q1=data.q1.replace({0: 1, 9: 2}), q2=data.q2.replace({0: 3, 8: 4}))
    frame = {str(h): StratumFrame(n, n) for h, n in full.groupby("h").size().to_dict().items()}

    result = score(full, SurveyDesign(strata="h", frame=frame))

    scored = result.units[result.units.n > 0]
    assert (scored.se == 0).all()
    assert set(scored.interval_reason) <= {"census"}


@quick
@given(answers())
def test_covariance_has_no_negative_variance(data: pd.DataFrame) -> None:
    result = score(data)

    known = [unit for unit in result.unit_codes if result.points_of(unit) is not None]
    cov = result.cov.loc[known, known].to_numpy()
    assert np.linalg.eigvalsh(cov).min(initial=0.0) >= -1e-12


@quick
@given(answers())
def test_intervals_hold_their_estimate_and_stay_on_the_scale(data: pd.DataFrame) -> None:
    for row in score(data).units.itertuples():
        if row.points is not None and row.interval_reason != "no_degrees_of_freedom":
            assert 0 <= row.ci_low <= float(row.points) + 1e-12
            assert float(row.points) - 1e-12 <= row.ci_high <= 2


@quick
@given(answers())
def test_groups_that_are_strata_of_one_sample_add(data: pd.DataFrame) -> None:
    """Half the weight on each of two groups: variances add, by hand."""
    first, second = data[data.h == "a"], data[data.h != "a"]
    scheme = make_scheme(
        {"x": "0.5", "y": "0.5"}, ("q1",), min_valid=1, below_min="leaf_not_scored"
    )

    both = scheme.score(
        {"x": make_statistics(first, DESIGN), "y": make_statistics(second, DESIGN)},
        units=["U", "V", "W"],
    )

    alone = [
        make_scheme(min_valid=1).score(
            {"all": make_statistics(part, DESIGN)}, units=["U", "V", "W"]
        )
        for part in (first, second)
    ]
    for unit in both.unit_codes:
        if both.points_of(unit) is not None:
            whole = sum(result.cov.loc[unit, unit] for result in alone) / 4
            assert both.cov.loc[unit, unit] == pytest.approx(whole, rel=1e-9, abs=1e-15)
