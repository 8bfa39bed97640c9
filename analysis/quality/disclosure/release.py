"""From a table of persons to what may be published of it."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

import pandas as pd

from analysis.quality.disclosure.guards import PERSONS, UNIFORM, guards, is_uniform, too_small
from analysis.quality.disclosure.knowledge import Publication, Statement
from analysis.quality.disclosure.log import PRINTED, Entry, PublicationLog
from analysis.quality.disclosure.policy import DisclosurePolicy, Uniform
from analysis.quality.disclosure.protect import Offer, protect
from analysis.quality.disclosure.tables import Cell, Table

COMPLEMENTARY, EMPTY = "complementary", "empty"
ANSWERS = " (answers)"


@dataclass(frozen=True)
class PublishedCell:
    """What is printed of one cell.

    Parameters
    ----------
    name : of the cell
    persons : rounded; None where the cell is withheld
    answers : answer -> rounded persons, `missing` among them; None where not told
    at_least : the commonest answer and the share that it has at least, where that is told instead
    """

    name: str
    persons: int | None
    answers: Mapping[str, int] | None = None
    at_least: tuple[str, Fraction] | None = None


@dataclass(frozen=True)
class Release:
    """What may be published of a table, and the log with it.

    Parameters
    ----------
    policy : the rules
    cells : one an offered cell, in the order of the table: this may be published
    reasons : cell, or cell + " (answers)" -> the rule by which it is withheld. Not for readers:
        it tells small cells from those that only protect them.
    log : the publication log with this release as its last entry; not for readers
    """

    policy: DisclosurePolicy
    cells: tuple[PublishedCell, ...]
    reasons: Mapping[str, str]
    log: PublicationLog

    @property
    def table(self) -> pd.DataFrame:
        """What is published as a tidy table: one row a cell, one column an answer.

        Columns `cell`, `persons`, `at_least` ("yes >= 0.9" or empty), then the answers; <NA>
        where withheld.
        """
        names = dict.fromkeys(answer for cell in self.cells for answer in cell.answers or ())
        rows = [
            {
                "cell": cell.name,
                "persons": cell.persons,
                "at_least": f"{cell.at_least[0]} >= {float(cell.at_least[1]):g}"
                if cell.at_least
                else "",
                **{name: (cell.answers or {}).get(name) for name in names},
            }
            for cell in self.cells
        ]
        table = pd.DataFrame(rows, columns=["cell", "persons", "at_least", *names])
        return table.astype(dict.fromkeys(("persons", *names), "Int64"))


def release(
    table: Table,
    policy: DisclosurePolicy,
    log: PublicationLog | None = None,
    *,
    name: str,
    reader: str = "public",
    only: Collection[str] | None = None,
) -> Release:
    """What may be published of a table after all that was published before.

    Parameters
    ----------
    table : cells with exact counts of persons, and all sums among them
    policy : the rules
    log : earlier publications about the same people; see `since` for snapshots
    name, reader : for the log
    only : names of the cells that this reader is given; None means all that are offered

    Returns
    -------
    Release

    Raises
    ------
    DataError
        `already_disclosed` if earlier publications tell what the policy guards,
        `published_twice`
    SchemeError
        `unknown_kind`

    Notes
    -----
    1. Cells with too few persons or PSUs are withheld; where (nearly) all gave the same answer
       the answers are topped. 2. `protect` withholds further cells until the upper less the lower
    bound of every withheld count is at least the minimum, and nobody can prove that a whole group
    gave one answer. Here the reader is given the *exact* counts and answers of all published
    cells: what holds against him holds against every reader of rounded counts, means, shares or
    other figures of the same cells. 3. Counts are rounded, and answers withheld where the rounded
    ones would still tell a small count exactly.

    Withheld persons stay in all higher totals. Empty cells are not told apart from withheld ones.
    Readers are taken to know the policy and all sums among cells; they are not taken to know from
    elsewhere who answered, or what.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, ch. 4.

    Examples
    --------
    >>> from analysis.quality.disclosure.tables import Relation
    >>> cells = (Cell("all", 60), Cell("north", 40), Cell("east", 18), Cell("south", 2))
    >>> table = Table(cells, (Relation("all", ("north", "east", "south")),))
    >>> made = release(table, DisclosurePolicy(), name="2026")
    >>> [(cell.name, cell.persons) for cell in made.cells]
    [('all', 60), ('north', 40), ('east', None), ('south', None)]
    >>> dict(made.reasons)
    {'south': 'persons', 'east': 'complementary'}
    """
    log = log or PublicationLog()
    table = table if only is None else table.offering(only)
    reasons = dict(_primary(table, policy))
    structure = Publication(tuple(table.structure()))
    guarded = tuple(guards(table, policy))
    offered = _offers(table, policy, reasons, printed=False)
    if policy.complementary:
        hidden = log.guards(printed=False) + tuple(g for g in guarded if g.rule != PRINTED)
        withheld = protect(log.exact + structure, offered, hidden)
        reasons |= dict.fromkeys(withheld, COMPLEMENTARY)
        if policy.count_step > 1:
            small = log.guards(printed=True) + tuple(g for g in guarded if g.rule == PRINTED)
            shown = _offers(table, policy, reasons, printed=True)
            withheld = protect(log.printed + structure, shown, small)
            reasons |= dict.fromkeys(withheld, COMPLEMENTARY)
    told = (_offers(table, policy, reasons, printed=printed) for printed in (False, True))
    exact, printed = (Publication(tuple(s for o in one for s in o.statements)) for one in told)
    entry = Entry(name, reader, structure + exact, structure + printed, guarded)
    cells = tuple(_printed(cell, policy, reasons) for cell in table.cells if cell.is_offered)
    return Release(policy, cells, MappingProxyType(reasons), log.with_(entry))


def _primary(table: Table, policy: DisclosurePolicy) -> Iterator[tuple[str, str]]:
    """Yield what is withheld for its own sake, with the rule."""
    for cell in (cell for cell in table.cells if cell.is_offered):
        least = policy.minimum_of(cell.kind)
        if not cell.persons:
            yield cell.name, EMPTY
        elif too_small(cell, policy):
            yield cell.name, too_small(cell, policy)
        elif cell.answers and cell.valid < least:
            yield cell.name + ANSWERS, PERSONS
        elif is_uniform(cell, policy) and policy.uniform is Uniform.WITHHOLD:
            yield cell.name + ANSWERS, UNIFORM


def _offers(
    table: Table, policy: DisclosurePolicy, reasons: Mapping[str, str], *, printed: bool
) -> list[Offer]:
    """What is left to be published, as exact or as printed counts."""
    step = policy if printed else replace(policy, count_step=1)
    found = []
    for cell in table.cells:
        if not cell.is_offered or cell.name in reasons:
            continue
        least, cost = policy.minimum_of(cell.kind), cell.persons * cell.worth
        count = _count_statement(cell.name, cell.persons, step, least)
        found.append(Offer(cell.name, (count,), cost))
        if cell.answers and cell.name + ANSWERS not in reasons:
            told = tuple(_answers(cell, policy, step))
            found.append(Offer(cell.name + ANSWERS, told, cost / 4, needs=cell.name))
    return found


def _answers(cell: Cell, policy: DisclosurePolicy, step: DisclosurePolicy) -> Iterator[Statement]:
    if is_uniform(cell, policy):
        share = float(policy.top(cell.valid))
        base = {name: -share * by for name, by in cell.base.items()}
        yield Statement.of({**base, cell.of(cell.commonest): 1.0}, 0, math.inf)
        return
    for answer, count in cell.counted():
        yield _count_statement(cell.of(answer), count, step, 0)


def _count_statement(name: str, count: int, policy: DisclosurePolicy, least: int) -> Statement:
    low, high = policy.covered(policy.rounded(count))
    return Statement.of({name: 1.0}, max(low, least), high)


def _printed(cell: Cell, policy: DisclosurePolicy, reasons: Mapping[str, str]) -> PublishedCell:
    if cell.name in reasons:
        return PublishedCell(cell.name, None)
    persons = policy.rounded(cell.persons)
    if not cell.answers or cell.name + ANSWERS in reasons:
        return PublishedCell(cell.name, persons)
    if is_uniform(cell, policy):
        at_least = (cell.commonest, policy.top(cell.valid))
        return PublishedCell(cell.name, persons, at_least=at_least)
    answers = {answer: policy.rounded(count) for answer, count in cell.counted()}
    return PublishedCell(cell.name, persons, MappingProxyType(answers))
