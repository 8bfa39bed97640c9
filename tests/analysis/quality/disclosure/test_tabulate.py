"""Tables from rows of persons."""

from typing import Any

import pandas as pd
import pytest

from analysis.errors import DataError
from analysis.quality.disclosure.tables import Cell, Relation, Table
from analysis.quality.disclosure.tabulate import refuse_text, since, tabulate

PERSONS = pd.DataFrame(
    {
        "person": range(6),
        "block": ["A", "A", "A", "B", "B", "B"],
        "unit": ["A1", "A1", "A2", "B1", "B1", "B1"],
        "sex": ["f", "m", "f", "f", "m", "m"],
        "who": ["staff", "leaders", "staff", "citizens", "citizens", "staff"],
        "psu": [1, 2, 2, 3, 3, 4],
        "q": ["yes", "no", "yes", None, "yes", "no"],
    }
)


def persons(table: Table) -> dict[str, int]:
    return {cell.name: cell.persons for cell in table.cells}


def test_nested_groups_add_up_level_by_level() -> None:
    table = tabulate(PERSONS, [["block", "unit"]])

    assert persons(table) == {"all": 6, "A": 3, "B": 3, "A/A1": 2, "A/A2": 1, "B/B1": 3}
    assert table.relations == (
        Relation("all", ("A", "B")),
        Relation("A", ("A/A1", "A/A2")),
        Relation("B", ("B/B1",)),
    )


def test_crossed_groups_add_up_both_ways() -> None:
    table = tabulate(PERSONS, [["block"], ["sex"]])

    assert persons(table) == {
        "all": 6,
        "A": 3,
        "B": 3,
        "f": 3,
        "m": 3,
        "A x f": 2,
        "A x m": 1,
        "B x f": 1,
        "B x m": 2,
    }
    assert Relation("A", ("A x f", "A x m")) in table.relations
    assert Relation("f", ("A x f", "B x f")) in table.relations


def test_answers_missing_ones_and_psus_are_counted() -> None:
    table = tabulate(PERSONS, [["block"]], answer="q", codes=["yes", "no", "other"], psu="psu")

    assert dict(table["B"].answers) == {"yes": 1, "no": 1, "other": 0}
    assert (table["B"].missing, table["B"].psus, table["A"].psus) == (1, 2, 2)


def test_groups_of_several_kinds_are_named_so() -> None:
    table = tabulate(PERSONS, [["block"]], kinds="who")

    assert [cell.kind for cell in table.cells] == [
        "citizens+leaders+staff",
        "leaders+staff",
        "citizens+staff",
    ]


def test_the_increase_between_snapshots_is_a_cell() -> None:
    table = since(
        tabulate(PERSONS.head(4), [["block"]], answer="q", codes=["yes", "no"], snapshot="mon"),
        tabulate(PERSONS, [["block"]], answer="q", codes=["yes", "no"], snapshot="tue"),
    )

    grown = table["mon-tue/B"]
    assert (grown.persons, dict(grown.answers), grown.is_offered) == (2, {"yes": 1, "no": 1}, False)
    assert Relation("tue/B", ("mon/B", "mon-tue/B")) in table.relations


def test_groups_that_came_later_have_no_increase() -> None:
    first = tabulate(PERSONS.head(3), [["block"]], snapshot="mon")

    linked = since(first, tabulate(PERSONS, [["block"]], snapshot="tue"))

    assert "mon-tue/B" not in persons(linked)


def test_a_third_snapshot_is_linked_to_the_second_alone() -> None:
    days = [tabulate(PERSONS.head(n), [["sex"]], snapshot=f"t{n}") for n in (2, 4, 6)]

    linked = since(since(days[0], days[1]), days[2])

    assert {cell.snapshot for cell in linked.cells} == {"t4", "t6", "t4-t6"}


def test_a_box_that_shrinks_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        since(
            tabulate(PERSONS, [["sex"]], snapshot="mon"),
            tabulate(PERSONS.head(3), [["sex"]], snapshot="tue"),
        )

    assert caught.value.code == "shrunk"


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (PERSONS.drop(columns="unit"), {}, "missing_column"),
        (PERSONS.assign(unit=[None, *PERSONS["unit"][1:]]), {}, "group_missing"),
        (PERSONS.assign(person=0), {"person": "person"}, "person_twice"),
        (PERSONS, {"answer": "q", "codes": ["yes"]}, "unknown_code"),
        (PERSONS.assign(q="a long text, " * 9), {"answer": "q", "codes": []}, "free_text"),
    ],
)
def test_rows_that_are_no_table_are_refused(
    data: pd.DataFrame, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(DataError) as caught:
        tabulate(data, [["unit"]], **options)

    assert caught.value.code == code


@pytest.mark.parametrize(
    "words",
    [
        ["my chief is Nguyễn Văn A and he never answers a letter"],
        ["two\nlines"],
        list(map(str, range(61))),
    ],
    ids=["long", "lines", "many"],
)
def test_free_text_is_never_published(words: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        refuse_text(pd.DataFrame({"words": words}), ["words"])

    assert caught.value.code == "free_text"


def test_a_cell_is_found_by_its_name() -> None:
    assert Table((Cell("a", 1), Cell("b", 2)))["b"].persons == 2
