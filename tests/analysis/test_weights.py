from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.index.ranking import rank
from analysis.sample import bind
from analysis.totals import GroupStatistics
from analysis.weights import read_weights
from tests.analysis.making import make_scheme, make_statistics

WEIGHTED = SurveyDesign(strata="h", weight="w", ballot="b", lonely="center")


def two_strata() -> pd.DataFrame:
    """Strata of N/r = 5/3 and 10/3: two of the first like A, one of the second likes B."""
    likes = {"x": ("5/3", {"A": 2, "B": 0}), "y": ("10/3", {"A": 0, "B": 1})}
    return pd.DataFrame(
        [
            {"h": h, "b": f"{h}{i}", "w": w, "unit": unit, "q1": 1 if i < good else 4}
            for h, (w, said) in likes.items()
            for i in range(6)
            for unit, good in said.items()
        ]
    )


def test_a_true_tie_of_weights_that_do_not_end_is_a_tie() -> None:
    result = make_scheme().score({"all": make_statistics(two_strata(), WEIGHTED)})

    points = dict(zip(result.units.unit, result.units.points, strict=True))

    assert points == {"A": Fraction(2, 9), "B": Fraction(2, 9)}
    assert [line.tied for line in rank(points).ranked] == [True, True]


def test_pooled_groups_with_other_denominators_are_exact() -> None:
    rows = two_strata()
    scheme = make_scheme({"x": None, "y": None}, pooling="pooled")

    pooled = scheme.score({h: make_statistics(part, WEIGHTED) for h, part in rows.groupby("h")})

    assert pooled.units.points.tolist() == [Fraction(2, 9)] * 2


def many_strata(primes: list[int]) -> tuple[pd.DataFrame, Fraction]:
    """A stratum of 1000 people for each prime number of ballots, and the share of code 1."""
    rows = [
        {"h": f"{r}", "b": f"{r}-{i}", "w": f"1000/{r}", "unit": "U", "q1": 1 if i % 2 else 4}
        for r in primes
        for i in range(r)
    ]
    good = sum((Fraction(1000, r) * (r // 2) for r in primes), Fraction(0))
    return pd.DataFrame(rows), good / (1000 * len(primes))


def test_common_denominators_beyond_64_bits_stay_exact() -> None:
    primes = [p for p in range(5, 120) if all(p % d for d in range(2, p))]
    rows, share = many_strata(primes)

    statistics = make_statistics(rows, WEIGHTED)
    result = make_scheme(points="1").score({"all": statistics})

    assert statistics.scale > 2**100
    assert statistics.weighted.dtype == object
    assert result.units.points.tolist() == [share]
    plain = rows.assign(w=[float(Fraction(w)) for w in rows.w])
    rounded = make_scheme(points="1").score({"all": make_statistics(plain, WEIGHTED)})
    np.testing.assert_allclose(result.units.se, rounded.units.se, rtol=1e-9)


def totals_of(weights: list[object]) -> GroupStatistics:
    frame = pd.DataFrame({"unit": "U", "q1": 1, "w": pd.Series(weights, dtype=object)})
    return make_statistics(frame, SurveyDesign(weight="w"))


@pytest.mark.parametrize(
    "weights", [["1/4", "1.75"], [Fraction(1, 4), Decimal("1.75")], [0.25, 1.75], ["0.25", 1.75]]
)
def test_weights_are_read_from_text_fractions_decimals_and_floats(weights: list[object]) -> None:
    found = totals_of(weights)

    assert Fraction(int(found.weighted[0, 0, 1]), found.scale) == 2


@pytest.mark.parametrize("bad", ["-1/3", "x", "1/0", None, float("inf"), float("nan"), "", True])
def test_bad_weights_beside_exact_ones_are_named_with_their_row(bad: object) -> None:
    frame = pd.DataFrame({"w": pd.Series(["1/3", bad], dtype=object)})

    with pytest.raises(DataError, match="data row 2") as caught:
        bind(SurveyDesign(weight="w"), frame)

    assert caught.value.code == "bad_weight"


def test_no_rows_have_no_weights() -> None:
    weights, wrong = read_weights(pd.DataFrame({"w": pd.Series([], dtype=object)}), "w", 9)

    assert weights.values.tolist() == wrong.tolist() == []
    assert weights.sums(wrong, weights.kind, 3).tolist() == [0, 0, 0]


def test_sums_do_not_depend_on_their_size() -> None:
    """Sums just below and above what 62 bits hold are those of Python's integers."""
    for bits in (40, 58, 61, 70):
        whole = [2**bits + i for i in range(9)]
        weights, _ = read_weights(pd.DataFrame({"w": pd.Series(whole, dtype=object)}), "w", 9)

        found = weights.sums(np.ones(9, dtype=bool), np.arange(9) % 2, 2)

        assert found.tolist() == [sum(whole[0::2]), sum(whole[1::2])]
