"""Tables of the persons behind the points of a leaf: all of them, and group by group."""

from collections.abc import Mapping
from typing import NamedTuple

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
DEAR = 1000.0  # points of all groups together are withheld last
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
    (unit, leaf) -> Table with the cell `unit/leaf` of all who answered, and a cell
    `unit/leaf/group` for each group, where groups are not pooled. The answer of a person is the
    mean coefficient of his or her own valid answers. Groups that the scheme dropped for being
    small are in it: else the total would tell that they were dropped.

    Raises
    ------
    SchemeError
        `needs_persons` for sums over PSUs
    """
    tables = {}
    for number, leaf in enumerate(result.leaves):
        parts = result.parts[number]
        said = _said(result, parts)
        for place, unit in enumerate(result.unit_codes):
            name = "/".join(filter(None, (snapshot, unit, leaf.code)))
            heard = [(p, said[place, p.group]) for p in parts if (place, p.group) in said]
            if heard:
                tables[unit, leaf.code] = _table(name, heard, kinds, snapshot)
    return tables


class _Heard(NamedTuple):
    """What one group, or the pool, said of a unit: persons by answer, and their PSUs."""

    answers: dict[str, int]
    psus: int


def _said(result: IndexResult, parts: tuple[Part, ...]) -> dict[tuple[int, str], _Heard]:
    """By unit and part what was said."""
    voices = {voice.name: voice for voice in result.voices}
    found: dict[tuple[int, str], _Heard] = {}
    for part in parts:
        rows = [
            _persons(voices[name], slots).assign(group=name)
            for name, slots in zip(part.voices, part.slots, strict=True)
        ]
        if rows:
            table = pd.concat(rows, ignore_index=True)
            people = table.groupby(["unit", "answer"]).size().reset_index(name="n")
            psus = table[["unit", "group", "psu"]].drop_duplicates().groupby("unit").size()
            answers: dict[int, dict[str, int]] = {}
            for unit, answer, n in people.itertuples(index=False):
                answers.setdefault(int(unit), {})[str(answer)] = int(n)
            for unit, own in answers.items():
                found[unit, part.group] = _Heard(own, int(psus.loc[unit]))
    return found


def _persons(voice: Voice, slots: tuple[Slot, ...]) -> pd.DataFrame:
    """One row a person with a valid answer: unit, own score, PSU."""
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
    return pd.DataFrame({"unit": voice.unit[valid], "answer": own, "psu": psu})


def _table(
    name: str,
    heard: list[tuple[Part, _Heard]],
    kinds: Mapping[str, str],
    snapshot: str,
) -> Table:
    codes = [*sorted({code for _, said in heard for code in said.answers}), OTHER]

    def cell(called: str, those: list[tuple[Part, _Heard]], worth: float = 1) -> Cell:
        """Groups may share PSUs, so that together they have no more than the largest for sure."""
        answers = {code: sum(said.answers.get(code, 0) for _, said in those) for code in codes}
        people = {kinds.get(group, STAFF) for part, _ in those for group in part.voices}
        return Cell(
            called,
            sum(answers.values()),
            answers,
            psus=max(said.psus for _, said in those),
            kind="+".join(sorted(people)),
            snapshot=snapshot,
            worth=worth,
        )

    own = [one for one in heard if one[0].voices == (one[0].group,)]
    parts = [cell(f"{name}/{part.group}", [(part, said)]) for part, said in own]
    inside = (Relation(name, tuple(part.name for part in parts)),) if parts else ()
    return Table((cell(name, heard, DEAR), *parts), inside)
