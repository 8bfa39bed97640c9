"""What the policy guards of a table, and whether a publication tells it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from analysis.quality.disclosure.attack import Bounds, System
from analysis.quality.disclosure.knowledge import Publication
from analysis.quality.disclosure.log import PRINTED, PublicationLog
from analysis.quality.disclosure.policy import DisclosurePolicy
from analysis.quality.disclosure.protect import Guard, explore
from analysis.quality.disclosure.tables import Cell, Table

PERSONS, PSUS, UNIFORM = "persons", "psus", "uniform"


class Breach(NamedTuple):
    """Something guarded that readers know too well."""

    rule: str
    bounds: Bounds


def breaches(publication: Publication, guarded: Iterable[Guard]) -> tuple[Breach, ...]:
    """Run the attacker on everything guarded; nothing is returned if the publication is safe.

    Parameters
    ----------
    publication : all that was published, as `PublicationLog.printed` gives it
    guarded : what the policy guards, from `guards`

    Returns
    -------
    Breach(rule, bounds), one a guard that does not hold

    Examples
    --------
    >>> from analysis.quality.disclosure.knowledge import Statement
    >>> told = Publication((Statement.of({"south": 1}, 2),))
    >>> breaches(told, [Guard.of("persons", "south", {"south": 1}, 5)])
    (Breach(rule='persons', bounds=Bounds(name='south', low=2.0, high=2.0)),)
    """
    wanted = list(guarded)
    named = (name for guard in wanted for name, _ in guard.form)
    known = System(publication.statements, named).everything()
    explore(known, wanted)
    found = ((g, known.bounds(g.name, dict(g.form), whole=g.whole, enough=g.width)) for g in wanted)
    return tuple(Breach(guard.rule, bounds) for guard, bounds in found if not guard.holds(bounds))


def audit(log: PublicationLog, guarded: Iterable[Guard] = ()) -> tuple[Breach, ...]:
    """Run both attackers on everything in a publication log.

    Parameters
    ----------
    log : all publications about the same people, to whatever readers
    guarded : more than the log itself knows to be guarded

    Returns
    -------
    What the reader of the printed figures knows too well, then what the reader would know who has
    the exact counts of all published cells, as means and shares may tell them; empty if the log
    is safe

    Examples
    --------
    >>> audit(PublicationLog())
    ()
    """
    wanted = dict.fromkeys([*log.guards(printed=True), *log.guards(printed=False), *guarded])
    exact = [guard for guard in wanted if guard.rule != PRINTED]
    return breaches(log.printed, wanted) + breaches(log.exact, exact)


def guards(table: Table, policy: DisclosurePolicy) -> Iterator[Guard]:
    """Yield what readers must not come to know of a table, offered cells or not.

    Parameters
    ----------
    table : exact counts
    policy : the rules

    Yields
    ------
    Guard of a count that must stay as uncertain as the minimum is large (rules `persons` and
    `psus`), of the persons who differ from the commonest answer (`uniform`), or of a small count
    of one answer that must not be known exactly from printed counts (`rounding`)
    """
    for cell in table.cells:
        least = policy.minimum_of(cell.kind)
        rule = too_small(cell, policy)
        if rule:
            yield Guard.of(rule, cell.name, {cell.name: 1.0}, least)
        if 0 < cell.valid < min(least, cell.persons):
            yield Guard.of(PERSONS, cell.name, cell.base, least)
        if is_uniform(cell, policy):
            yield Guard.of(UNIFORM, cell.name, cell.others(cell.commonest), 1)
        few = (a for a, count in cell.counted() if 0 < count < least and policy.count_step > 1)
        yield from (Guard.of(PRINTED, cell.of(a), {cell.of(a): 1.0}, 1) for a in few)


def too_small(cell: Cell, policy: DisclosurePolicy) -> str:
    """The rule by which a cell is too small to be published; empty if it is not.

    Parameters
    ----------
    cell : its persons and PSUs
    policy : the rules

    Returns
    -------
    `persons`, `psus`, or nothing

    Examples
    --------
    >>> too_small(Cell("south", 4), DisclosurePolicy())
    'persons'
    """
    if 0 < cell.persons < policy.minimum_of(cell.kind):
        return PERSONS
    return PSUS if cell.valid and (cell.psus or policy.min_psus) < policy.min_psus else ""


def is_uniform(cell: Cell, policy: DisclosurePolicy) -> bool:
    """Whether (nearly) all who answered gave the same answer, so that it must not be told.

    Parameters
    ----------
    cell : its answers
    policy : the rules

    Examples
    --------
    >>> is_uniform(Cell("south", 12, {"yes": 11, "no": 1}), DisclosurePolicy())
    True
    """
    if len(cell.answers) < 2:  # a question with one possible answer tells nothing
        return False
    return policy.is_uniform(cell.answers[cell.commonest], cell.valid)
