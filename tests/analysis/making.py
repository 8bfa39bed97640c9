"""Small schemes, answers and results for the tests of the analysis."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.design import SurveyDesign
from analysis.index.scheme import IndexScheme
from analysis.totals import Codebook, GroupStatistics, aggregate

FOUR = {"1": "1", "2": "0.6", "3": "0.2", "4": "0"}
FOUR_CODES = {
    1: "choice",
    2: "choice",
    3: "choice",
    4: "choice",
    9: "dont_know",
    8: "not_applicable",
}


def make_scheme(
    groups: Mapping[str, str | None] | None = None,
    items: Sequence[str] = ("q1",),
    points: str = "2",
    **options: object,
) -> IndexScheme:
    """One leaf that asks each group the same items."""
    entries: list[dict[str, Any]] = []
    for group, weight in (groups or {"all": None}).items():
        questions = [{"item": item, "coefficients": FOUR} for item in items]
        entry: dict[str, Any] = {"group": group, "questions": questions}
        entries.append(entry if weight is None else entry | {"weight": weight})
    leaves = [{"code": "c", "points": points, "groups": entries}]
    return IndexScheme.from_dict({"leaves": leaves, "options": options})


def make_answers(counts: Mapping[int, int], unit: str = "U") -> pd.DataFrame:
    """So many ballots with each code of q1."""
    codes = [code for code, times in counts.items() for _ in range(times)]
    return pd.DataFrame({"unit": unit, "q1": codes})


def make_statistics(
    data: pd.DataFrame,
    design: SurveyDesign | None = None,
    items: Sequence[str] = ("q1",),
    **more: Any,
) -> GroupStatistics:
    book = Codebook(dict.fromkeys(items, FOUR_CODES))
    return aggregate(data, design or SurveyDesign(), book, **more)
