"""Which points, group means and counts of an index may be published."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from analysis.errors import DataError
from analysis.index.result import IndexResult
from analysis.index.tally import Status
from analysis.quality.disclosure.knowledge import Form, Publication, Statement
from analysis.quality.disclosure.leaves import Place, leaf_tables
from analysis.quality.disclosure.log import PublicationLog
from analysis.quality.disclosure.policy import DisclosurePolicy, Uniform
from analysis.quality.disclosure.protect import Guard, Offer, protect
from analysis.quality.disclosure.release import ANSWERS, release
from analysis.quality.disclosure.tables import Table
from analysis.quality.disclosure.tabulate import since

FIGURE = "figure"
DEAR = 1000.0  # the points of a whole unit give way last
DIGIT = 1e-9


@dataclass(frozen=True)
class PointsRelease:
    """What may be published of the points of one block, and everything published before.

    Parameters
    ----------
    withheld : names of figures that are not published: `unit/leaf/group` for a group's mean,
        `unit/leaf` for the points of a leaf, `unit` for the survey component of a unit
    uncounted : names of cells whose number of persons is not published either
    tables, logs, figures : of each unit and leaf the last table and its publication log, of each
        unit what follows from published figures; for the next release, not for readers
    """

    withheld: frozenset[str] = frozenset()
    uncounted: frozenset[str] = frozenset()
    tables: Mapping[Place, Table] = field(default_factory=lambda: MappingProxyType({}))
    logs: Mapping[Place, PublicationLog] = field(default_factory=lambda: MappingProxyType({}))
    figures: Mapping[str, Publication] = field(default_factory=lambda: MappingProxyType({}))


def publish_points(
    result: IndexResult,
    policy: DisclosurePolicy,
    kinds: Mapping[str, str],
    before: PointsRelease | None = None,
    *,
    snapshot: str,
    name: str = "",
) -> PointsRelease:
    """Decide which points, group means and counts of an index may be published.

    Parameters
    ----------
    result : from statistics at level "person"
    policy : the rules
    kinds : group -> kind of people; staff where it is not named
    before : the last release about the same people
    snapshot : names the data; the same for all results of the same ballots
    name : names the publication; the snapshot unless given

    Returns
    -------
    PointsRelease

    Raises
    ------
    DataError
        `already_disclosed`, `published_twice`
    SchemeError
        `needs_persons`, `unknown_kind`

    Notes
    -----
    First `release` decides on counts, leaf by leaf: a group with too few persons or PSUs, or
    whose persons (nearly) all have the same score, is withheld, and with it the smallest other
    group, so that neither count nor distribution is the difference of two others. Then, unit by
    unit, the attacker is given what the points are sums of,

        S(leaf) = sum of W x R(leaf, group),     T = sum of M x S(leaf),

    and further figures are withheld until every withheld mean and leaf stays uncertain by
    `policy.figure_width` of its scale: with two groups of which one is withheld, the other goes
    too, since points and weights are public. Points of leaves give way after group means, and the
    survey component of a unit last of all.

    Not covered: standard errors and intervals of published figures, which say something of the
    spread within all their persons together; ranks among units whose points are withheld.
    """
    before = before or PointsRelease()
    tables = leaf_tables(result, kinds, snapshot)
    counted = {
        place: _count(
            table, policy, before.tables.get(place), before.logs.get(place), name or snapshot
        )
        for place, table in tables.items()
    }
    uncounted = frozenset(cell for one in counted.values() for cell in one.uncounted)
    hidden = frozenset(cell for one in counted.values() for cell in one.hidden)
    figures, withheld = dict(before.figures), set(hidden)
    for unit in result.unit_codes:
        leaves = list(_scored(result, unit, hidden, name or snapshot, snapshot))
        known = figures.get(unit, Publication())
        gone, figures[unit] = _figures(unit, leaves, hidden, policy, known)
        withheld |= gone
    return PointsRelease(
        frozenset(withheld),
        uncounted,
        MappingProxyType({**before.tables, **tables}),
        MappingProxyType({**before.logs, **{place: one.log for place, one in counted.items()}}),
        MappingProxyType(figures),
    )


def _figures(
    unit: str,
    leaves: list["_Leaf"],
    hidden: frozenset[str],
    policy: DisclosurePolicy,
    known: Publication,
) -> tuple[set[str], Publication]:
    """Which figures of a unit go with the hidden ones, and what is known of it afterwards."""
    known += Publication(tuple(_sums(leaves)))
    offers = list(_offers(unit, leaves, hidden))
    width = float(policy.figure_width)
    guarded = [
        Guard.of(FIGURE, figure.name, {figure.quantity: 1.0}, width, whole=False)
        for figure in (figure for leaf in leaves for figure in (leaf.score, *leaf.groups))
        if figure.name in hidden
    ]
    gone = set(protect(known, offers, guarded)) if policy.complementary and guarded else set()
    told = (s for offer in offers if offer.name not in gone for s in offer.statements)
    return gone, known + Publication(tuple(told))


class _Counted(NamedTuple):
    """What became of the cells of one leaf of one unit."""

    log: PublicationLog
    uncounted: frozenset[str]
    hidden: frozenset[str]


def _count(
    table: Table,
    policy: DisclosurePolicy,
    past: Table | None,
    log: PublicationLog | None,
    name: str,
) -> _Counted:
    """Decide on counts and distributions; a box that lost answers is withheld as a whole."""
    uniform = Uniform.PUBLISH if policy.uniform is Uniform.PUBLISH else Uniform.WITHHOLD
    exact = replace(policy, count_step=1, uniform=uniform)
    groups = {cell.name: cell.group for cell in table.cells}
    is_new = past is None or past.cells[0].snapshot == table.cells[0].snapshot
    try:
        linked = table if is_new or past is None else since(past, table)
    except DataError as error:
        if error.code != "shrunk":
            raise
        gone = frozenset(groups.values())
        return _Counted(log or PublicationLog(), gone, gone)
    made = release(linked, exact, log, name=name)
    uncounted = frozenset(groups[cell] for cell in made.reasons if cell in groups)
    hidden = frozenset(groups[cell.removesuffix(ANSWERS)] for cell in made.reasons)
    return _Counted(made.log, uncounted, hidden)


class _Figure(NamedTuple):
    """A mean between 0 and 1, what it is called, and how dear it is."""

    name: str
    quantity: str
    value: float
    cost: float


class _Leaf(NamedTuple):
    """A leaf of a unit whose points come from answers; the cost of a group is its weight.

    `is_sum` says whether readers know that the score is the weighted sum of these groups: not
    where a group was dropped, and that is hidden.
    """

    points: float
    score: _Figure
    groups: tuple[_Figure, ...]
    is_sum: bool


def _scored(
    result: IndexResult, unit: str, hidden: frozenset[str], name: str, snapshot: str
) -> Iterator[_Leaf]:
    """Yield the leaves. Groups' means are the same in all results of the same ballots."""
    place = result.unit_codes.index(unit)
    for number, leaf in enumerate(result.leaves):
        cell, parts = result.cells[number][place], result.parts[number]
        if cell.status is not Status.SCORED or cell.score is None:
            continue
        called, points = f"{unit}/{leaf.code}", float(leaf.points)
        groups = tuple(
            _Figure(
                f"{called}/{part.group}",
                f"{snapshot}/{called}/{part.group}",
                float(part.score(place) or 0),
                float(weight),
            )
            for part, weight in zip(parts, cell.weights, strict=True)
            if weight and part.voices == (part.group,)
        )
        whole = _Figure(called, f"{name}: {called}", float(cell.score), 10 * points)
        weights = zip(parts, cell.weights, strict=True)
        dropped = {f"{called}/{part.group}" for part, weight in weights if not weight}
        yield _Leaf(points, whole, groups, is_sum=not dropped & hidden)


def _sums(leaves: list[_Leaf]) -> Iterator[Statement]:
    """Yield what everybody knows: means lie in [0, 1], a leaf's score is their weighted sum."""
    for leaf in leaves:
        if leaf.groups and leaf.is_sum:
            weights = {group.quantity: group.cost for group in leaf.groups}
            yield Statement.of({leaf.score.quantity: -1.0, **weights})
        for figure in (leaf.score, *leaf.groups):
            yield Statement.of({figure.quantity: 1.0}, 0, 1)


def _offers(unit: str, leaves: list[_Leaf], hidden: frozenset[str]) -> Iterator[Offer]:
    """Yield the survey component, scores of leaves and means of groups that are not hidden."""
    if leaves:
        total = {leaf.score.quantity: leaf.points for leaf in leaves}
        points = sum(leaf.points * leaf.score.value for leaf in leaves)
        yield Offer(unit, (_about(total, points),), DEAR)
    for figure in (figure for leaf in leaves for figure in (leaf.score, *leaf.groups)):
        if figure.name not in hidden:
            yield Offer(figure.name, (_about({figure.quantity: 1.0}, figure.value),), figure.cost)


def _about(form: Form, value: float) -> Statement:
    """A figure, with room for the last digits of floats."""
    return Statement.of(form, value - DIGIT, value + DIGIT)
