"""Whatever the groups: two readers who share everything cannot bound a withheld one."""

from typing import NamedTuple

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.quality.disclosure.guards import audit, guards
from analysis.quality.disclosure.log import PublicationLog
from analysis.quality.disclosure.policy import DisclosurePolicy
from analysis.quality.disclosure.protect import Guard
from analysis.quality.disclosure.release import release
from analysis.quality.disclosure.tabulate import since, tabulate

POLICY = DisclosurePolicy()
CODES = ("a", "b")


class World(NamedTuple):
    """Persons in a hierarchy, when their ballots came, and which half of readers sees a cell."""

    persons: pd.DataFrame
    levels: list[str]
    snapshots: int
    seed: int


@st.composite
def worlds(draw: st.DrawFn) -> World:
    depth = draw(st.integers(1, 4))
    snapshots = draw(st.integers(2, 5))
    step = st.integers(0, 2)
    leaves = draw(st.lists(st.tuples(*[step] * depth), min_size=1, max_size=4, unique=True))
    rows = [
        (*("-".join(map(str, leaf[: level + 1])) for level in range(depth)), answer, psu, time)
        for leaf in leaves
        for answer, psu, time, count in draw(
            st.lists(
                st.tuples(
                    st.sampled_from([*CODES, None]),
                    st.integers(0, 2),
                    st.integers(0, snapshots - 1),
                    st.integers(1, 9),
                ),
                min_size=1,
                max_size=4,
            )
        )
        for _ in range(count)
    ]
    levels = [f"level {number}" for number in range(depth)]
    persons = pd.DataFrame(rows, columns=[*levels, "answer", "psu", "time"], dtype=object)
    return World(persons, levels, snapshots, draw(st.integers(0, 99)))


def publish(world: World) -> tuple[PublicationLog, list[Guard]]:
    """Publish every snapshot to two readers, each a part of the cells; say what was guarded."""
    log, earlier, guarded = PublicationLog(), None, []
    for time in range(world.snapshots):
        arrived = world.persons[world.persons["time"] <= time]
        if arrived.empty:
            continue
        table = tabulate(
            arrived, [world.levels], answer="answer", codes=CODES, psu="psu", snapshot=f"t{time}"
        )
        table = table if earlier is None else since(earlier, table)
        names = [cell.name for cell in table.cells if cell.is_offered]
        halves = {n: (world.seed >> (number % 7)) % 2 for number, n in enumerate(names)}
        for reader in (0, 1):
            seen = {name for name in names if halves[name] == reader}
            told = release(
                table, POLICY, log, name=f"{time}-{reader}", reader=str(reader), only=seen
            )
            log = told.log
        earlier = table
        guarded += guards(table, POLICY)
    return log, guarded


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds())
def test_no_withheld_group_is_bounded_below_its_threshold(world: World) -> None:
    log, guarded = publish(world)

    # Of printed counts, and of exact ones besides: means and shares could tell those.
    assert audit(log, guarded) == ()
