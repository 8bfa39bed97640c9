from decimal import Decimal

from analysis.index.composite import compose
from analysis.index.framework import CompositeLeaf
from analysis.index.result import IndexResult
from analysis.report.tables import (
    component_table,
    composite_table,
    criteria_table,
    neighbour_table,
    unit_table,
)
from tests.analysis.making import make_answers, make_scheme, make_statistics


def thirds(**options: object) -> IndexResult:
    statistics = make_statistics(make_answers({1: 4, 4: 2}))
    return make_scheme(points="1", **options).score({"all": statistics}, units=["U", "silent"])


def test_rule_and_decimals_are_those_of_the_scheme() -> None:
    assert unit_table(thirds()).points[0] == Decimal("0.67")
    assert unit_table(thirds(rounding="down", decimals=3)).points[0] == Decimal("0.666")


def test_rule_and_decimals_can_be_chosen() -> None:
    table = unit_table(thirds(), decimals=1, rounding="down")

    assert (table.points[0], table.share[0]) == (Decimal("0.6"), Decimal("0.666"))


def test_missing_numbers_stay_missing() -> None:
    table = unit_table(thirds())

    assert table.loc[1, ["points", "share", "se", "df", "ci_low"]].tolist() == [None] * 5


def test_counts_flags_and_status_are_untouched() -> None:
    result = thirds()

    table = criteria_table(result)

    assert table.n.tolist() == [6, 0]
    assert table["flags"].tolist() == result.criteria["flags"].tolist()
    assert list(table.columns) == list(result.criteria.columns)


def test_differences_are_rounded_from_unrounded_points() -> None:
    result = make_scheme(points="1", min_valid=1).score(
        {"all": make_statistics(make_answers({1: 2, 4: 1}, "U"))}
    )

    assert neighbour_table(result).empty


def test_composite_tables_are_printed() -> None:
    leaves = [CompositeLeaf("a", "1", "appraised", "3")]
    result = compose(leaves, ["U"], {("U", "a"): "2"})

    assert composite_table(result)["index"][0] == Decimal("66.67")
    assert component_table(result, 1, "down").percent[0] == Decimal("66.6")
