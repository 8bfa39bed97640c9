"""What lies behind points: which group counted how much, who answered, what was left out."""

from collections.abc import Sequence

import pandas as pd

from analysis.index.leaves import Leaf
from analysis.index.tally import Cell, Part
from analysis.index.tidy import tidy
from analysis.index.voices import Voice
from analysis.totals import Meaning


def groups_table(
    units: Sequence[str],
    leaves: Sequence[Leaf],
    parts: Sequence[Sequence[Part]],
    cells: Sequence[Sequence[Cell]],
) -> pd.DataFrame:
    """One row a unit, leaf and group: valid ballots, mean coefficient, weight it has."""
    rows = [
        (
            unit,
            leaf.code,
            part.group,
            int(part.n[u]),
            part.score(u),
            own[u].weights[p],
            own[u].reasons[p] != "",
            own[u].reasons[p],
        )
        for u, unit in enumerate(units)
        for leaf, of_leaf, own in zip(leaves, parts, cells, strict=True)
        for p, part in enumerate(of_leaf)
    ]
    columns = ["unit", "leaf", "group", "ballots", "score", "weight", "dropped", "reason"]
    return tidy(rows, columns)


def counts_table(units: Sequence[str], voices: Sequence[Voice]) -> pd.DataFrame:
    """One row a unit, group and item: ballots, and what they answered."""
    rows = [
        (unit, voice.name, item, *_counts(voice, u, column))
        for u, unit in enumerate(units)
        for voice in voices
        for column, item in enumerate(voice.statistics.items)
    ]
    columns = ["unit", "group", "item", "ballots", "valid", *list(Meaning)[1:], "blank"]
    return tidy(rows, [str(column) for column in columns])


def excluded_table(units: Sequence[str], voices: Sequence[Voice]) -> pd.DataFrame:
    """One row a unit and group: rows received, own-unit ratings, invalid ballots, rows used."""
    rows = [
        (unit, voice.name, *voice.excluded[u].tolist())
        for u, unit in enumerate(units)
        for voice in voices
    ]
    return tidy(rows, ["unit", "group", "received", "self_ratings", "invalidated", "used"])


def _counts(voice: Voice, unit: int, column: int) -> tuple[int, ...]:
    n = voice.n[unit, column]
    book, item = voice.statistics.codebook, voice.statistics.items[column]
    of = [int(n[book.codes(item, meaning)].sum()) for meaning in Meaning]
    return (int(n.sum()), *of, int(n[0]))
