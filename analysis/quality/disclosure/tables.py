"""Tables of persons: cells, and which cells add up to which."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from analysis.errors import DataError
from analysis.quality.disclosure.knowledge import Form, Statement
from analysis.quality.disclosure.policy import STAFF

MISSING = "missing"  # the answer of persons who gave none


@dataclass(frozen=True)
class Cell:
    """The persons of one group, and what they answered to one question.

    Parameters
    ----------
    name : unique over everything that is ever published together
    persons : persons in the group
    answers : answer -> persons who gave it; empty where the cell is a count alone. Together
        with `missing` they are all persons.
    missing : persons without a valid answer
    psus : PSUs of those with a valid answer; None where that is not known or means nothing
    kind : kind of people, as the policy names it
    is_offered : whether the cell is to be published; others are only known to exist, such as
        the rest of a group or its increase between two dates
    snapshot : date or wave whose persons these are
    worth : how much dearer than others of its size the cell is, where one has to be withheld

    Examples
    --------
    >>> cell = Cell("north", 12, {"yes": 9, "no": 2}, missing=1)
    >>> cell.valid, cell.of("yes"), cell.others("yes")
    (11, 'north: yes', {'north': 1.0, 'north: missing': -1.0, 'north: yes': -1.0})
    """

    name: str
    persons: int
    answers: Mapping[str, int] = field(default_factory=dict)
    missing: int = 0
    psus: int | None = None
    kind: str = STAFF
    is_offered: bool = True
    snapshot: str = ""
    worth: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "answers", MappingProxyType(dict(self.answers)))
        counts = [self.persons, self.missing, *self.answers.values()]
        if min(counts) < 0 or (self.answers and sum(counts[1:]) != self.persons):
            raise DataError(
                "persons_do_not_add_up",
                f"The answers of {self.name} are not those of its {self.persons} persons.",
                "Count each person once, under an answer or as missing.",
                cell=self.name,
            )
        if MISSING in self.answers:
            raise DataError(
                "reserved_answer",
                f"{self.name} has an answer named {MISSING!r}.",
                "Give persons without an answer as `missing`.",
                cell=self.name,
            )

    @property
    def valid(self) -> int:
        """Persons on whose answers the figures of the cell rest."""
        return self.persons - self.missing

    @property
    def group(self) -> str:
        """The name without the snapshot."""
        return self.name.removeprefix(f"{self.snapshot}/") if self.snapshot else self.name

    @property
    def commonest(self) -> str:
        """The answer that most persons gave."""
        return max(self.answers, key=lambda answer: (self.answers[answer], answer))

    def of(self, answer: str) -> str:
        """Name of the number of persons who gave an answer."""
        return f"{self.name}: {answer}"

    @property
    def base(self) -> dict[str, float]:
        """The sum that is the number of valid answers."""
        return {self.name: 1.0, **({self.of(MISSING): -1.0} if self.answers else {})}

    def others(self, answer: str) -> dict[str, float]:
        """The sum that is the number of valid answers other than one."""
        return {**self.base, self.of(answer): -1.0}

    def counted(self) -> Iterator[tuple[str, int]]:
        """Every answer with its persons, the missing ones last; nothing for a count alone."""
        if self.answers:
            yield from self.answers.items()
            yield MISSING, self.missing


@dataclass(frozen=True)
class Relation:
    """The persons of one cell are those of others together.

    Parameters
    ----------
    total : name of a cell
    parts : names of cells without a person in common
    """

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Cells with everything that is known to add up.

    Parameters
    ----------
    cells : with unique names
    relations : which cells add up; they may name cells of tables published earlier

    Raises
    ------
    DataError
        `cell_twice`, `unknown_cell`, or `parts_do_not_add_up`

    Examples
    --------
    >>> cells = (Cell("all", 20), Cell("north", 18), Cell("south", 2))
    >>> len(Table(cells, (Relation("all", ("north", "south")),)).cells)
    3
    """

    cells: tuple[Cell, ...]
    relations: tuple[Relation, ...] = ()

    def __post_init__(self) -> None:
        known = {cell.name: cell for cell in self.cells}
        if len(known) < len(self.cells):
            names = [cell.name for cell in self.cells]
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(
                "cell_twice", f"There are two cells {twice!r}.", "Name each once.", cell=twice
            )
        for relation in self.relations:
            _check(relation, known)

    def __getitem__(self, name: str) -> Cell:
        return next(cell for cell in self.cells if cell.name == name)

    def offering(self, names: Collection[str]) -> "Table":
        """The same table with these cells alone offered for publication."""
        offered = (replace(c, is_offered=c.is_offered and c.name in names) for c in self.cells)
        return Table(tuple(offered), self.relations)

    def structure(self) -> Iterator[Statement]:
        """What everybody knows without any figure: which counts are sums of which."""
        known = {cell.name: cell for cell in self.cells}
        for cell in self.cells:
            if cell.answers:
                answers: Form = {cell.of(answer): 1.0 for answer, _ in cell.counted()}
                yield Statement.of({cell.name: -1.0, **answers})
        for relation in self.relations:
            cells = [known[name] for name in (relation.total, *relation.parts)]
            yield Statement.of({cells[0].name: -1.0, **{c.name: 1.0 for c in cells[1:]}})
            if all(cell.answers for cell in cells if cell.persons):
                yield from _by_answer(cells)


def _by_answer(cells: list[Cell]) -> Iterator[Statement]:
    """The same sum answer by answer."""
    for answer in sorted({answer for cell in cells for answer, _ in cell.counted()}):
        signed = zip(cells, (-1.0, *(1.0 for _ in cells[1:])), strict=True)
        form = {c.of(answer): by for c, by in signed if answer in dict(c.counted())}
        yield Statement.of(form)


def _check(relation: Relation, known: Mapping[str, Cell]) -> None:
    missing = [name for name in (relation.total, *relation.parts) if name not in known]
    if missing:
        raise DataError(
            "unknown_cell",
            f"{relation.total} is said to add up from {missing[0]!r}, which is no cell.",
            "Add a cell for it; it need not be offered.",
            cell=missing[0],
        )
    total, parts = known[relation.total], [known[name] for name in relation.parts]
    same = total.persons == sum(part.persons for part in parts)
    if all(cell.answers for cell in (total, *parts) if cell.persons):
        said = {answer for cell in (total, *parts) for answer, _ in cell.counted()}
        same &= all(_count(total, a) == sum(_count(part, a) for part in parts) for a in said)
    if not same:
        raise DataError(
            "parts_do_not_add_up",
            f"{relation.total} has {total.persons} persons, its parts have others.",
            "Name every part, the rest too, and each person in one part.",
            cell=relation.total,
        )


def _count(cell: Cell, answer: str) -> int:
    return dict(cell.counted()).get(answer, 0)
