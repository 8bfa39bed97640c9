"""Published official figures: their arithmetic, exactly where it is exact."""

import csv
from decimal import Decimal
from fractions import Fraction

from analysis.index.composite import compose
from analysis.index.framework import CompositeLeaf
from analysis.index.ranking import Previous, compare_years, rank
from analysis.report.rounding import Rounding, round_exact
from tests.reference.loading import HERE

with (HERE / "published-results.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def figures(source: str, year: str, component: str, column: str = "points") -> dict[str, Fraction]:
    return {
        row["unit"]: Fraction(row[column])
        for row in ROWS
        if source in row["source"]
        and row["year"] == year
        and row["component"] == component
        and row[column]
    }


def test_seed_ministry_adds_up_in_both_years() -> None:
    """56.60 + 29.43 = 86.03 and 58.76 + 27.99 = 86.75; +2.16, -1.44, +0.72."""
    leaves = [
        CompositeLeaf("appraised", "all", "appraised", "62.5"),
        CompositeLeaf("survey", "all", "survey", "37.5"),
    ]
    points = {
        ("2020", "appraised"): "56.60",
        ("2020", "survey"): "29.43",
        ("2021", "appraised"): "58.76",
        ("2021", "survey"): "27.99",
    }

    old, new = compose(leaves, ["2020", "2021"], points).results

    assert (old.index, new.index) == (Fraction("86.03"), Fraction("86.75"))
    assert new.outcomes[0].points - old.outcomes[0].points == Fraction("2.16")
    assert new.outcomes[1].points - old.outcomes[1].points == Fraction("-1.44")
    assert new.index - old.index == Fraction("0.72")


def test_change_since_last_year_in_points_and_places() -> None:
    now = rank({"MIC": "86.75", "MoT": "85.9329"})

    change, unknown = compare_years(now, {"MIC": Previous("86.03", 10)})

    assert (change.points, change.places) == (Fraction("0.72"), 9)
    assert (unknown.points, unknown.comparable) == (None, False)


def test_mean_of_ten_departments_depends_on_the_rounding_rule() -> None:
    leaves = [CompositeLeaf("all", "all", "appraised", "100")]
    departments = {
        row["unit"]: row["percent"]
        for row in ROWS
        if row["level"] == "ministry-internal:cục" and not row["unit"].startswith("(")
    }

    result = compose(leaves, list(departments), {(u, "all"): p for u, p in departments.items()})

    assert len(departments) == 10
    assert result.mean_index == Fraction("81.945")
    printed = [str(round_exact(result.mean_index, 2, rule)) for rule in Rounding]
    assert printed == ["81.95", "81.94", "81.94"]


def test_share_of_online_files_depends_on_the_rounding_rule() -> None:
    share = Fraction(8112, 28195) * 100

    printed = [str(round_exact(share, 1, rule)) for rule in Rounding]

    assert printed == ["28.8", "28.7", "28.8"]
    assert {str(round_exact(Fraction(68, 132) * 100, 1, rule)) for rule in Rounding} == {"51.5"}


def test_seventeen_ministries_of_2023() -> None:
    appraised = figures("PAR INDEX 2023", "2023", "appraised")
    survey = figures("PAR INDEX 2023", "2023", "xhh")
    total = dict(figures("PAR INDEX 2023", "2023", "total", "percent").items())
    total = {unit: total[unit] for unit in appraised}
    ranks = {
        row["unit"]: int(row["rank"])
        for row in ROWS
        if "PAR INDEX 2023)" in row["source"] and row["component"] == "total" and row["rank"]
    }
    leaves = [
        CompositeLeaf("A", "all", "appraised", "68.50"),
        CompositeLeaf("X", "all", "survey", "31.50"),
    ]
    points = {(unit, "A"): value for unit, value in appraised.items()}
    points |= {(unit, "X"): value for unit, value in survey.items()}

    result = compose(leaves, list(appraised), points)

    assert len(total) == 17
    for unit, index in result.indices.items():
        assert abs(total[unit] - index) <= Fraction("0.02")
    mean = sum(total.values()) / 17
    assert str(round_exact(mean, 2)) == "84.38"
    assert {e.unit: e.rank for e in rank(total).ranked} == {unit: ranks[unit] for unit in total}


def test_rank_by_survey_alone_is_another_one() -> None:
    survey = figures("PAR INDEX 2023", "2023", "xhh")

    by_survey = rank(survey)

    assert by_survey.rank_of("Bộ Ngoại giao") == 5
    assert by_survey.rank_of("Bộ Kế hoạch và Đầu tư") == 9
    assert by_survey.rank_of("Bộ Xây dựng") == 12


def test_transport_by_field_2020() -> None:
    rows = [r for r in ROWS if "GTVT" in r["source"] and r["component"].startswith("field:")]
    leaves = [CompositeLeaf(r["component"], r["component"], "appraised", r["max"]) for r in rows]
    points = {("MoT", r["component"]): r["points"] for r in rows}

    result = compose(leaves, ["MoT"], points)
    percent = [round_exact(value, 0) for value in result.components.percent]

    assert percent == [Decimal(r["percent"]) for r in rows]
    assert [int(p) for p in percent] == [98, 83, 89, 77, 80, 93, 86]
    assert result.results[0].index == Fraction("85.93287")
    assert str(round_exact(result.results[0].index, 4)) == "85.9329"
    assert str(round_exact(result.results[0].index - Fraction("80.53"), 2)) == "5.40"


def test_agriculture_internal_index_over_applicable_maximum() -> None:
    """MARD 2013: printed to whole percents, halves for the general departments; one misprint."""
    rows = [r for r in ROWS if "omard" in r["source"] and r["component"] == "appraised"]
    wrong = []
    for row in rows:
        leaves = [CompositeLeaf("all", "all", "appraised", row["max"])]
        index = compose(leaves, ["u"], {("u", "all"): row["points"]}).results[0].index
        if round_exact(index, len(row["percent"].partition(".")[2])) != Decimal(row["percent"]):
            wrong.append(row["unit"])

    assert len(rows) == 12
    assert wrong == ["Vụ Khoa học, Công nghệ và Môi trường"]


def test_satisfaction_enters_the_provincial_index_as_an_external_leaf() -> None:
    """Hà Tĩnh 2021: 10 x 91.17 % = 9.117, printed 9.12."""
    satisfaction = Fraction("91.17") / 100
    leaves = [CompositeLeaf("SIPAS", "impact", "external", "10")]

    found = compose(leaves, ["Hà Tĩnh"], {("Hà Tĩnh", "SIPAS"): 10 * satisfaction})

    assert found.units.external[0] == Fraction("9.117")
    assert str(round_exact(found.units.external[0], 2)) == "9.12"


SUB_INDICES = {
    "gia nhập thị trường": 5,
    "tiếp cận đất đai": 5,
    "tính minh bạch": 20,
    "chi phí thời gian": 5,
    "chi phí không chính thức": 10,
    "cạnh tranh bình đẳng": 5,
    "tính năng động": 5,
    "hỗ trợ doanh nghiệp": 20,
    "đào tạo lao động": 20,
    "thiết chế pháp lý": 5,
}


def provinces() -> dict[str, dict[str, str]]:
    """Sub-indices, total and rank of each province of the 2021 table."""
    found: dict[str, dict[str, str]] = {}
    for row in ROWS:
        if "(2021 table)" in row["source"]:
            place = found.setdefault(row["unit"], {})
            place[row["component"].removeprefix("PCI").removeprefix(":") or "total"] = row["points"]
            place |= {"rank": row["rank"]} if row["rank"] else {}
    return found


def test_provincial_competitiveness_is_a_weighted_composite() -> None:
    """Inputs are rounded to two decimals, so that totals agree within 0.025."""
    table = provinces()
    leaves = [CompositeLeaf(n, n, "appraised", weight) for n, weight in SUB_INDICES.items()]
    points = {
        (unit, name): Fraction(row[name]) / 10 * weight
        for unit, row in table.items()
        for name, weight in SUB_INDICES.items()
    }

    result = compose(leaves, list(table), points)

    assert len(table) == 21
    for unit, index in result.indices.items():
        assert abs(index - Fraction(table[unit]["total"])) <= Fraction("0.025")


def test_provinces_are_ranked_as_published() -> None:
    table = provinces()

    ranking = rank({unit: row["total"] for unit, row in table.items()})

    published = sorted(table, key=lambda unit: int(table[unit]["rank"]))
    assert [entry.unit for entry in ranking.ranked] == published


def test_values_equal_at_two_decimals_share_a_rank_where_print_decides() -> None:
    """PCI 2015: 59.04 twice and 59.00 twice had ranks 21 to 24 by hidden digits."""
    hidden = {"Lâm Đồng": "59.044", "Sóc Trăng": "59.036", "Đắk Lắk": "59.003", "Hà Nội": "58.998"}

    exactly = rank(hidden)
    as_printed = rank(hidden, precision=2)
    dense = rank(hidden, precision=2, tie_rule="dense")

    assert [e.rank for e in exactly.ranked] == [1, 2, 3, 4]
    assert [e.rank for e in as_printed.ranked] == [1, 1, 3, 3]
    assert [e.rank for e in dense.ranked] == [1, 1, 2, 2]
    assert not any(e.tied for e in exactly.ranked)
