"""The worked example of the scoring rules: M = 2, leaders 6 A 3 B 1 C, staff 10 A 6 B 2 C 2 D and
5 "don't know", coefficients 1, 0.6, 0.2, 0.
"""

from fractions import Fraction

import pytest

from analysis.index.result import IndexResult
from analysis.report.rounding import round_exact
from analysis.report.tables import unit_table
from tests.analysis.making import make_answers, make_scheme, make_statistics

LEADERS = {1: 6, 2: 3, 3: 1}
STAFF = {1: 10, 2: 6, 3: 2, 4: 2, 9: 5}


def score(**options: object) -> IndexResult:
    scheme = make_scheme({"leaders": "0.4", "staff": "0.6"}, **options)
    statistics = {
        "leaders": make_statistics(make_answers(LEADERS)),
        "staff": make_statistics(make_answers(STAFF)),
    }
    return scheme.score(statistics)


@pytest.mark.parametrize(
    ("options", "points", "printed"),
    [
        ({}, Fraction(37, 25), "1.48"),
        ({"pooling": "pooled"}, 2 * Fraction(22, 30), "1.47"),
        ({"dont_know": "zero"}, Fraction("1.312"), "1.31"),
        (
            {"dont_know": "middle"},
            2 * Fraction("0.4") * Fraction("0.8") + 2 * Fraction("0.6") * Fraction("0.66"),
            "1.43",
        ),
    ],
)
def test_points_are_exact_under_each_setting(
    options: dict[str, object], points: Fraction, printed: str
) -> None:
    result = score(**options)

    assert result.points_of("U") == points
    assert str(unit_table(result).points[0]) == printed
    assert str(round_exact(points, 2)) == printed


def test_group_scores_are_exact() -> None:
    groups = score().groups

    assert groups.score.tolist() == [Fraction(4, 5), Fraction(7, 10)]
    assert groups.weight.tolist() == [Fraction(2, 5), Fraction(3, 5)]


def test_counts_come_before_points() -> None:
    counts = score().counts.set_index("group")

    columns = ["ballots", "valid", "dont_know", "not_applicable", "blank"]
    assert counts.loc["staff", columns].tolist() == [25, 20, 5, 0, 0]


def test_variance_of_the_points_is_that_of_two_independent_means() -> None:
    result = score()

    y = [1.0] * 6 + [0.6] * 3 + [0.2]
    mean = sum(y) / 10
    leaders = sum((v - mean) ** 2 for v in y) / 9 / 10
    y = [1.0] * 10 + [0.6] * 6 + [0.2] * 2 + [0.0] * 2
    staff = sum((v - 0.7) ** 2 for v in y) / 20**2 * 25 / 24
    expected = 2**2 * (0.4**2 * leaders + 0.6**2 * staff)
    assert result.units.se[0] ** 2 == pytest.approx(expected, rel=1e-12)
