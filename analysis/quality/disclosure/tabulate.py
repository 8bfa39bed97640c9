"""Tables from rows of persons, and what is between two snapshots of one box."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

import pandas as pd

from analysis.design import need_columns
from analysis.errors import DataError
from analysis.quality.disclosure.policy import STAFF
from analysis.quality.disclosure.tables import Cell, Relation, Table

ALL, CROSSED = "all", " x "
Depths = tuple[int, ...]
Path = tuple[str, ...]


def tabulate(
    persons: pd.DataFrame,
    nests: Sequence[Sequence[str]],
    *,
    answer: str | None = None,
    codes: Sequence[object] = (),
    psu: str | None = None,
    person: str | None = None,
    kind: str = STAFF,
    kinds: str | None = None,
    snapshot: str = "",
) -> Table:
    """Every cell of nested and crossed groups, with all sums among them.

    Parameters
    ----------
    persons : one row a person
    nests : hierarchies, each a sequence of columns from coarse to fine; several are crossed
    answer : column of the answer code; missing where there is no valid one. None counts persons.
    codes : every code that an answer can have, also those that nobody gave
    psu : column of the PSU, unique over strata; None where every person is one
    person : column that tells persons apart, to make sure that each has one row
    kind, kinds : kind of people of all rows, or the column that names it
    snapshot : put before every name

    Returns
    -------
    Table; a cell is named after its values, `block/unit`, `block x sex`, or `all`

    Raises
    ------
    DataError
        `missing_column`, `person_twice`, `group_missing`, `unknown_code`, or `free_text` where
        the answers are no codes

    Notes
    -----
    A person who speaks about several units has several rows: make one table a unit. Weights
    have no part in it: what is protected are persons.

    Examples
    --------
    >>> rows = pd.DataFrame({"block": ["A", "A", "B"], "q": ["yes", "no", None]})
    >>> table = tabulate(rows, [["block"]], answer="q", codes=["yes", "no"])
    >>> [(cell.name, cell.persons, cell.missing) for cell in table.cells]
    [('all', 3, 1), ('A', 2, 0), ('B', 1, 1)]
    >>> table.relations
    (Relation(total='all', parts=('A', 'B')),)
    """
    columns = [column for nest in nests for column in nest]
    optional = [column for column in (answer, psu, person, kinds) if column is not None]
    need_columns(persons, (*columns, *optional), "the tables")
    _refuse(persons, columns, answer, person, codes)
    rows = pd.DataFrame({column: persons[column].astype(str) for column in columns})
    rows["answer"] = persons[answer] if answer else ""
    rows["psu"] = persons[psu] if psu else range(len(persons))
    rows["kind"] = persons[kinds].astype(str) if kinds else kind
    said = [str(code) for code in codes] if answer else []
    prefix = f"{snapshot}/" if snapshot else ""
    cells: dict[tuple[Depths, Path], Cell] = {}
    for depths in product(*(range(len(nest) + 1) for nest in nests)):
        for path, found in _groups(rows, nests, depths):
            made = _cell(prefix + _name(path, depths), found, said, has_psu=psu is not None)
            cells[depths, path] = replace(made, snapshot=snapshot)
    return Table(tuple(cells.values()), tuple(_relations(cells)))


def since(earlier: Table, later: Table) -> Table:
    """The later snapshot of a box, with what came in between as cells of their own.

    Parameters
    ----------
    earlier, later : tables of the same groups, with different `snapshot`; nobody who was in the
        first is missing from the second

    Returns
    -------
    Table with the later cells, the earlier ones (no longer offered), and the increases, which are
    not offered but guarded as every group is

    Raises
    ------
    DataError
        `shrunk` if a group lost persons or answers

    Notes
    -----
    Link each snapshot to the one before it and keep the publication log: a third snapshot less
    the first is the sum of two increases. Waves that asked other people have nothing in between.

    Examples
    --------
    >>> first = Table((Cell("mon/all", 20, snapshot="mon"),))
    >>> second = Table((Cell("tue/all", 21, snapshot="tue"),))
    >>> [(c.name, c.persons) for c in since(first, second).cells if not c.is_offered]
    [('mon/all', 20), ('mon-tue/all', 1)]
    """
    own = earlier.cells[0].snapshot if earlier.cells else ""
    before = {c.group: replace(c, is_offered=False) for c in earlier.cells if c.snapshot == own}
    cells = [*later.cells, *before.values()]
    relations = [*later.relations]
    for cell in later.cells:
        if cell.group in before:
            past = before[cell.group]
            grown = _increase(past, cell)
            cells.append(grown)
            relations.append(Relation(cell.name, (past.name, grown.name)))
    return Table(tuple(cells), tuple(relations))


def _increase(past: Cell, cell: Cell) -> Cell:
    """The persons who are in the later cell alone."""
    answers = {a: n - past.answers.get(a, 0) for a, n in cell.answers.items()}
    persons, missing = cell.persons - past.persons, cell.missing - past.missing
    dropped = any(n for answer, n in past.answers.items() if answer not in answers)
    if dropped or min(persons, missing, *answers.values()) < 0:
        raise DataError(
            "shrunk",
            f"{cell.name} has fewer persons or answers than {past.name}.",
            "Link only snapshots of one box that grows; other waves need no link.",
            cell=cell.name,
        )
    between = f"{past.snapshot}-{cell.snapshot}"
    return Cell(
        f"{between}/{cell.group}",
        persons,
        answers,
        missing,
        kind=cell.kind,
        is_offered=False,
        snapshot=between,
    )


def _refuse(
    persons: pd.DataFrame,
    columns: Sequence[str],
    answer: str | None,
    person: str | None,
    codes: Sequence[object],
) -> None:
    unplaced = [column for column in columns if persons[column].isna().any()]
    if unplaced:
        raise DataError(
            "group_missing",
            f"Some rows have no {unplaced[0]}.",
            "Give them a group of their own, such as 'not stated'.",
            column=unplaced[0],
        )
    if person is not None and persons[person].duplicated().any():
        raise DataError(
            "person_twice",
            f"Some values of {person} stand in several rows.",
            "Make one table a rated unit, with one row a person.",
            column=person,
        )
    if answer is not None:
        refuse_text(persons, [answer])
        unknown = sorted({str(v) for v in persons[answer].dropna()} - {str(v) for v in codes})
        if unknown:
            raise DataError(
                "unknown_code",
                f"{answer} holds {unknown[0]!r}, which is not among its codes.",
                "Name every code that an answer can have.",
                column=answer,
            )


def refuse_text(rows: pd.DataFrame, columns: Sequence[str], *, most: int = 60) -> None:
    """Make sure that columns hold codes and nothing that somebody wrote.

    Parameters
    ----------
    rows : data
    columns : columns to look at
    most : distinct values that a list of codes can have

    Raises
    ------
    DataError
        `free_text` if a column has more distinct values, or one with a line break or more than
        40 characters

    Examples
    --------
    >>> refuse_text(pd.DataFrame({"q": ["yes", "no"]}), ["q"])
    """
    for column in columns:
        values = {str(value) for value in rows[column].dropna().unique()}
        if len(values) > most or any(len(v) > 40 or not v.isprintable() for v in values):
            raise DataError(
                "free_text",
                f"{column} holds free text, which is never published.",
                "Publish coded answers only.",
                column=column,
            )


def _groups(
    rows: pd.DataFrame, nests: Sequence[Sequence[str]], depths: Depths
) -> Iterator[tuple[Path, pd.DataFrame]]:
    columns = [c for nest, depth in zip(nests, depths, strict=True) for c in nest[:depth]]
    if not columns:
        yield (), rows
    else:
        for path, found in rows.groupby(columns, sort=True):
            yield tuple(str(value) for value in path), found


def _name(path: Path, depths: Depths) -> str:
    parts, start = [], 0
    for depth in depths:
        parts.append("/".join(path[start : start + depth]))
        start += depth
    return CROSSED.join(part for part in parts if part) or ALL


def _cell(name: str, found: pd.DataFrame, codes: Sequence[str], *, has_psu: bool) -> Cell:
    valid = found[found["answer"].notna()]
    given = valid["answer"].astype(str).value_counts()
    return Cell(
        name,
        len(found),
        {code: int(given.get(code, 0)) for code in codes},
        len(found) - len(valid),
        psus=int(valid["psu"].nunique()) if has_psu else None,
        kind="+".join(sorted(set(found["kind"]))),
    )


def _relations(cells: Mapping[tuple[Depths, Path], Cell]) -> Iterator[Relation]:
    """Each cell and what it falls into when one of its hierarchies goes one level down."""
    for (depths, path), cell in cells.items():
        for nest in range(len(depths)):
            end = sum(depths[: nest + 1])
            finer = (*depths[:nest], depths[nest] + 1, *depths[nest + 1 :])
            parts = [
                part.name
                for (deeper, longer), part in cells.items()
                if deeper == finer and longer[:end] + longer[end + 1 :] == path
            ]
            if parts:
                yield Relation(cell.name, tuple(parts))
