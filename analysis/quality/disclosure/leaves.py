"""Tables of the persons behind the points of a leaf: all of them, and group by group."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from analysis.answers import PersonAnswers
from analysis.errors import SchemeError
from analysis.index.result import IndexResult
from analysis.index.tally import Part, Slot
from analysis.index.voices import Voice
from analysis.quality.disclosure.policy import STAFF
from analysis.quality.disclosure.tables import Cell, Relation, Table

Place = tuple[str, str]  # unit and leaf
OTHER = "other"  # what nobody answered could have been answered
DIGITS = 6  # in which two persons' own scores are the same answer


def leaf_tables(
    result: IndexResult, kinds: Mapping[str, str], snapshot: str = ""
) -> dict[Place, Table]:
    """The persons who said something of a unit on a leaf.

    Parameters
    ----------
    result : from statistics at level "person"
    kinds : group -> kind of people, as the policy names it; staff where it is not named
    snapshot : put before every name

    Returns
    -------
    (unit, leaf) -> Table with the cell `unit/leaf` of all whose answers count in the points, and
    a cell `unit/leaf/group` for each group, where groups are not pooled. The answer of a person
    is the mean coefficient of his or her own valid answers.

    Raises
    ------
    SchemeError
        `needs_persons` for sums over PSUs
    """
    tables = {}
    for number, leaf in enumerate(result.leaves):
        rows = _rows(result, result.parts[number])
        by_unit = dict(list(rows.groupby("unit"))) if len(rows) else {}
        for place, unit in enumerate(result.unit_codes):
            if place in by_unit:
                weights = result.cells[number][place].weights
                used = {p.group for p, w in zip(result.parts[number], weights, strict=True) if w}
                name = "/".join(filter(None, (snapshot, unit, leaf.code)))
                tables[unit, leaf.code] = _table(name, by_unit[place], used, kinds, snapshot)
    return tables


def _rows(result: IndexResult, parts: tuple[Part, ...]) -> pd.DataFrame:
    """One row a person with a valid answer: part, group, unit, own score, PSU."""
    voices = {voice.name: voice for voice in result.voices}
    found = [
        _persons(voices[name], slots).assign(part=part.group, group=name)
        for part in parts
        for name, slots in zip(part.voices, part.slots, strict=True)
    ]
    columns = ["unit", "answer", "psu", "part", "group"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def _persons(voice: Voice, slots: tuple[Slot, ...]) -> pd.DataFrame:
    answers = voice.answers
    if not isinstance(answers, PersonAnswers):
        raise SchemeError(
            "needs_persons",
            f"The statistics of group {voice.name!r} are sums over PSUs, which do not tell "
            "whether all gave the same answer.",
            'Aggregate at level="person".',
            group=voice.name,
        )
    total, weight = np.zeros(len(voice.unit)), np.zeros(len(voice.unit))
    for slot in slots:
        codes = answers.codes[:, slot.column]
        share = float(slot.share) * slot.valid[codes]
        total += share * slot.value[codes]
        weight += share
    valid = (weight > 0) & (voice.unit >= 0)
    own = np.round(total[valid] / weight[valid], DIGITS)
    has_psu = voice.sample.design.psu is not None
    psu = voice.sample.psu[valid] if has_psu else np.flatnonzero(valid)
    return pd.DataFrame({"unit": voice.unit[valid], "answer": own.astype(str), "psu": psu})


def _table(
    name: str, rows: pd.DataFrame, used: set[str], kinds: Mapping[str, str], snapshot: str
) -> Table:
    codes = [*sorted(set(rows["answer"])), OTHER]

    def cell(called: str, found: pd.DataFrame) -> Cell:
        given = found["answer"].value_counts()
        groups = sorted(set(found["group"]))
        return Cell(
            called,
            len(found),
            {code: int(given.get(code, 0)) for code in codes},
            psus=len(found[["group", "psu"]].drop_duplicates()),
            kind="+".join(sorted({kinds.get(group, STAFF) for group in groups})),
            snapshot=snapshot,
        )

    counted = rows[rows["part"].isin(used)]
    cells = [cell(name, counted)] if len(counted) else []
    parts = {str(p): found for p, found in rows.groupby("part") if set(found["group"]) == {p}}
    cells += [cell(f"{name}/{part}", found) for part, found in parts.items()]
    inside = tuple(f"{name}/{part}" for part in parts if part in used)
    return Table(tuple(cells), tuple(_whole(name, inside)))


def _whole(name: str, inside: tuple[str, ...]) -> Iterator[Relation]:
    if inside:
        yield Relation(name, inside)
