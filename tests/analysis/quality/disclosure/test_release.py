"""What is published of small tables, by hand."""

from fractions import Fraction
from typing import Any

import pytest

from analysis.errors import DataError, SchemeError
from analysis.quality.disclosure.attack import attack
from analysis.quality.disclosure.log import PublicationLog
from analysis.quality.disclosure.policy import DisclosurePolicy
from analysis.quality.disclosure.release import Release, release
from analysis.quality.disclosure.tables import Cell, Relation, Table
from analysis.quality.disclosure.tabulate import since

POLICY = DisclosurePolicy()


def table(*cells: Cell, total: str = "all") -> Table:
    parts = tuple(cell.name for cell in cells if cell.name != total)
    return Table(cells, (Relation(total, parts),))


def made(of: Table, policy: DisclosurePolicy = POLICY, **more: Any) -> Release:
    return release(of, policy, name="table", **more)


def printed(of: Release) -> dict[str, int | None]:
    return {cell.name: cell.persons for cell in of.cells}


def test_a_small_cell_takes_the_cheapest_other_with_it() -> None:
    found = made(table(Cell("all", 53), Cell("a", 31), Cell("b", 19), Cell("c", 3)))

    assert printed(found) == {"all": 55, "a": 30, "b": None, "c": None}
    assert found.reasons == {"c": "persons", "b": "complementary"}


def test_two_small_cells_that_are_enough_together_need_no_third() -> None:
    found = made(table(Cell("all", 37), Cell("a", 30), Cell("b", 4), Cell("c", 3)))

    assert found.reasons == {"b": "persons", "c": "persons"}


def test_two_small_cells_that_are_few_together_need_a_third() -> None:
    found = made(table(Cell("all", 33), Cell("a", 30), Cell("b", 2), Cell("c", 1)))

    assert found.reasons == {"b": "persons", "c": "persons", "a": "complementary"}


def test_withheld_persons_stay_in_the_totals() -> None:
    found = made(table(Cell("all", 53), Cell("a", 31), Cell("b", 19), Cell("c", 3)))

    assert attack(found.log.exact, {"all": {"all": 1}})[0].low == 53


def test_empty_cells_are_not_told_apart_from_withheld_ones() -> None:
    found = made(table(Cell("all", 40), Cell("a", 30), Cell("b", 10), Cell("c", 0)))

    assert printed(found) == {"all": 40, "a": 30, "b": 10, "c": None}
    assert found.reasons == {"c": "empty"}


def test_citizens_need_ten_and_staff_five() -> None:
    staff, citizens = Cell("a", 7), Cell("a", 7, kind="citizens")

    assert printed(made(Table((staff,)))) == {"a": 5}
    assert printed(made(Table((citizens,)))) == {"a": None}


@pytest.mark.parametrize("persons", [3, 5, 8])
def test_leaders_are_told_only_inside_a_combined_group(persons: int) -> None:
    leaders, others = Cell("leaders", persons, kind="leaders"), Cell("others", 30)
    both = Cell("all", 30 + persons, kind="leaders+staff")

    assert printed(made(table(both, leaders, others)))["leaders"] is None
    assert printed(made(Table((both,))))["all"] is not None


def test_persons_of_a_single_psu_are_withheld() -> None:
    found = made(table(Cell("all", 52, psus=5), Cell("a", 40, psus=4), Cell("b", 12, psus=1)))

    assert found.reasons == {"b": "psus", "a": "complementary"}


def test_answers_that_are_all_the_same_are_topped() -> None:
    (cell,) = made(Table((Cell("a", 20, {"yes": 20, "no": 0}),))).cells

    assert (cell.persons, cell.answers, cell.at_least) == (20, None, ("yes", Fraction(9, 10)))


def test_one_who_differs_is_not_shown_either() -> None:
    topped = [
        made(Table((Cell("a", 8, {"yes": yes, "no": 8 - yes}),))).cells[0].at_least
        for yes in (8, 7, 6)
    ]

    assert topped == [("yes", Fraction(17, 20)), ("yes", Fraction(17, 20)), None]


def test_the_same_answer_of_all_may_be_withheld_altogether() -> None:
    policy = DisclosurePolicy(uniform="withhold")  # type: ignore[arg-type]
    (cell,) = made(Table((Cell("a", 20, {"yes": 20, "no": 0}),)), policy).cells

    assert (cell.persons, cell.answers, cell.at_least) == (20, None, None)


def test_a_topped_cell_is_not_the_difference_of_two_told_ones() -> None:
    cells = (
        Cell("all", 60, {"yes": 40, "no": 20}),
        Cell("a", 40, {"yes": 20, "no": 20}),
        Cell("b", 20, {"yes": 20, "no": 0}),
    )
    found = made(table(*cells))

    assert found.reasons == {"a (answers)": "complementary"}
    (others,) = attack(found.log.printed, {"others": cells[2].others("yes")}, whole=True)
    assert others.high >= 1


def test_too_few_answers_hide_the_answers_and_not_the_group() -> None:
    (cell,) = made(Table((Cell("a", 12, {"yes": 2, "no": 1}, missing=9),))).cells

    assert (cell.persons, cell.answers) == (10, None)


def test_counts_are_rounded_to_five() -> None:
    (cell,) = made(Table((Cell("a", 33, {"yes": 12, "no": 18}, missing=3),))).cells

    assert cell.persons == 35
    assert cell.answers == {"yes": 10, "no": 20, "missing": 5}


def test_rounded_answers_that_would_tell_a_small_count_are_withheld() -> None:
    """Three answers and the missing ones printed 0, of 8 to 12 persons: they must be two each."""
    twos = Cell("a", 8, {"1": 2, "2": 2, "3": 2}, missing=2)
    (cell,) = made(Table((twos,))).cells

    assert (cell.persons, cell.answers) == (10, None)


def test_one_more_ballot_is_not_the_difference_of_two_snapshots() -> None:
    first = Table((Cell("mon/all", 20, snapshot="mon"),))
    second = Table((Cell("tue/all", 21, snapshot="tue"),))
    log = made(first).log

    found = release(since(first, second), POLICY, log, name="Tuesday")

    assert found.reasons == {"tue/all": "complementary"}


@pytest.mark.parametrize("persons", [20, 25])
def test_snapshots_that_differ_by_nobody_or_by_enough_are_told(persons: int) -> None:
    first = Table((Cell("mon/all", 20, snapshot="mon"),))
    second = Table((Cell("tue/all", persons, snapshot="tue"),))

    found = release(since(first, second), POLICY, made(first).log, name="Tuesday")

    assert found.reasons == {}


def test_a_reader_of_one_table_and_a_reader_of_another_are_taken_together() -> None:
    whole = table(Cell("all", 53), Cell("a", 31), Cell("b", 19), Cell("c", 3))
    first = release(whole, POLICY, name="totals", reader="press", only={"all", "b"})

    second = release(whole, POLICY, first.log, name="units", reader="units", only={"a", "c"})

    assert printed(first) == {"all": 55, "b": 20}
    assert second.reasons == {"c": "persons", "a": "complementary"}


def test_what_is_known_already_is_said_so() -> None:
    loose = DisclosurePolicy(minimum={"staff": 1})
    whole = table(Cell("all", 53), Cell("a", 50), Cell("c", 3))
    log = release(whole, loose, name="before").log

    with pytest.raises(DataError, match="c is known already") as caught:
        release(whole, POLICY, log, name="after")

    assert caught.value.code == "already_disclosed"


def test_a_table_is_published_once_under_one_name() -> None:
    log = made(Table((Cell("a", 20),))).log

    with pytest.raises(DataError) as caught:
        made(Table((Cell("b", 20),)), log=log)

    assert caught.value.code == "published_twice"


def test_the_log_survives_json() -> None:
    log = made(table(Cell("all", 53, {"y": 30, "n": 23}), Cell("a", 53, {"y": 30, "n": 23}))).log

    assert PublicationLog.from_dict(log.to_dict()) == log


def test_a_log_of_another_format_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        PublicationLog.from_dict({"format": 2, "entries": []})

    assert caught.value.code == "unknown_format"


def test_the_tidy_table_shows_what_is_told() -> None:
    found = made(table(Cell("all", 53), Cell("a", 31), Cell("b", 19), Cell("c", 3))).table

    assert found["persons"].isna().tolist() == [False, False, True, True]
    assert found["cell"].tolist() == ["all", "a", "b", "c"]


def test_kinds_without_a_minimum_are_refused() -> None:
    with pytest.raises(SchemeError, match="'firms'"):
        made(Table((Cell("a", 20, kind="firms"),)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"minimum": {"staff": 0}},
        {"min_psus": 0},
        {"count_step": True},
        {"uniform": "sometimes"},
        {"uniform_share": Fraction(1, 2)},
    ],
    ids=str,
)
def test_policies_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SchemeError) as caught:
        DisclosurePolicy(**wrong)

    assert caught.value.code == "option_out_of_range"


def test_policies_survive_json() -> None:
    assert DisclosurePolicy.from_dict(POLICY.to_dict()) == POLICY


@pytest.mark.parametrize(
    ("cells", "relations", "code"),
    [
        ((Cell("a", 5), Cell("a", 6)), (), "cell_twice"),
        ((Cell("all", 5),), (Relation("all", ("a",)),), "unknown_cell"),
        ((Cell("all", 5), Cell("a", 4)), (Relation("all", ("a",)),), "parts_do_not_add_up"),
        (
            (Cell("all", 5, {"y": 5, "n": 0}), Cell("a", 5, {"y": 4, "n": 1})),
            (Relation("all", ("a",)),),
            "parts_do_not_add_up",
        ),
    ],
)
def test_tables_that_do_not_add_up_are_refused(
    cells: tuple[Cell, ...], relations: tuple[Relation, ...], code: str
) -> None:
    with pytest.raises(DataError) as caught:
        Table(cells, relations)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"answers": {"y": 3}}, "persons_do_not_add_up"),
        ({"missing": -1}, "persons_do_not_add_up"),
        ({"answers": {"missing": 5}}, "reserved_answer"),
    ],
)
def test_cells_that_do_not_add_up_are_refused(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(DataError) as caught:
        Cell("a", 5, **wrong)

    assert caught.value.code == code
