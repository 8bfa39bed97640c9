"""Every rule is needed: without it the attacker finds what the policy guards."""

from dataclasses import replace
from typing import Any

import pytest

from analysis.quality.disclosure.guards import audit, guards
from analysis.quality.disclosure.log import PublicationLog
from analysis.quality.disclosure.policy import DisclosurePolicy
from analysis.quality.disclosure.release import release
from analysis.quality.disclosure.tables import Cell, Relation, Table
from analysis.quality.disclosure.tabulate import since

POLICY = DisclosurePolicy()


def split(*cells: Cell) -> Table:
    """Return a table whose first cell is the sum of the others."""
    return Table(cells, (Relation(cells[0].name, tuple(cell.name for cell in cells[1:])),))


STAFF = split(Cell("all", 53), Cell("a", 31), Cell("b", 19), Cell("c", 3))
CITIZENS = split(
    *(Cell(name, n, kind="citizens") for name, n in (("all", 57), ("a", 30), ("b", 20), ("c", 7)))
)
LEADERS = split(
    Cell("all", 40, kind="leaders+staff"), Cell("staff", 33), Cell("leaders", 7, kind="leaders")
)
CLUSTERS = split(Cell("all", 52, psus=5), Cell("a", 40, psus=4), Cell("b", 12, psus=1))
UNANIMOUS = split(
    Cell("all", 60, {"yes": 40, "no": 20}),
    Cell("a", 40, {"yes": 20, "no": 20}),
    Cell("b", 20, {"yes": 20, "no": 0}),
)
FEW_OF_AN_ANSWER = Table((Cell("a", 33, {"yes": 20, "no": 11, "other": 2}),))


@pytest.mark.parametrize(
    ("table", "without", "rule"),
    [
        (STAFF, {"minimum": POLICY.minimum | {"staff": 1}}, "persons"),
        (CITIZENS, {"minimum": POLICY.minimum | {"citizens": 5}}, "persons"),
        (LEADERS, {"minimum": POLICY.minimum | {"leaders": 5}}, "persons"),
        (CLUSTERS, {"min_psus": 1}, "psus"),
        (UNANIMOUS, {"uniform": "publish"}, "uniform"),
        (STAFF, {"complementary": False}, "persons"),
        (CLUSTERS, {"complementary": False}, "psus"),
        (UNANIMOUS, {"complementary": False}, "uniform"),
        (FEW_OF_AN_ANSWER, {"count_step": 1}, "rounding"),
    ],
    ids=lambda value: str(next(iter(value))) if isinstance(value, dict) else "",
)
def test_a_table_is_safe_with_all_rules_and_told_without_one(
    table: Table, without: dict[str, Any], rule: str
) -> None:
    guarded = tuple(guards(table, POLICY))

    whole = release(table, POLICY, name="with").log
    weak = release(table, replace(POLICY, **without), name="without").log

    assert audit(whole, guarded) == ()
    assert rule in {breach.rule for breach in audit(weak, guarded)}


def together(*logs: PublicationLog) -> PublicationLog:
    """Return what those know who were told apart from each other."""
    return PublicationLog(tuple(entry for log in logs for entry in log.entries))


def snapshots() -> tuple[Table, Table]:
    first = split(
        *(Cell(f"mon/{n}", k, snapshot="mon") for n, k in (("all", 50), ("a", 30), ("b", 20)))
    )
    second = split(
        *(Cell(f"tue/{n}", k, snapshot="tue") for n, k in (("all", 52), ("a", 30), ("b", 22)))
    )
    return first, since(first, second)


def test_without_the_log_a_second_snapshot_tells_who_came_in_between() -> None:
    first, second = snapshots()
    before = release(first, POLICY, name="Monday").log
    guarded = (*guards(first, POLICY), *guards(second, POLICY))

    logged = release(second, POLICY, before, name="Tuesday").log
    forgotten = together(before, release(second, POLICY, name="Tuesday").log)

    assert audit(logged, guarded) == ()
    assert "persons" in {breach.rule for breach in audit(forgotten, guarded)}


def test_without_one_log_for_all_readers_two_of_them_tell_each_other() -> None:
    guarded = tuple(guards(STAFF, POLICY))

    def told(log: PublicationLog | None, reader: str, cells: set[str]) -> PublicationLog:
        return release(STAFF, POLICY, log, name=reader, reader=reader, only=cells).log

    press = told(None, "press", {"all", "b"})
    joined = told(press, "units", {"a", "c"})
    apart = together(press, told(None, "units", {"a", "c"}))

    assert audit(press, guarded) == ()
    assert audit(joined, guarded) == ()
    assert "persons" in {breach.rule for breach in audit(apart, guarded)}


def test_nothing_published_tells_nothing() -> None:
    assert audit(PublicationLog(), guards(STAFF, POLICY)) == ()
