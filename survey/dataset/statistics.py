"""The sufficient statistics of a dataset's groups, made once and shared by all blocks."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import pandas as pd

from analysis.design import SurveyDesign
from analysis.totals import GroupStatistics, aggregate
from survey.dataset.record import BALLOT, RATER_UNIT, UNIT, Dataset, GroupData

ByGroup = dict[str, GroupStatistics]


class Statistics:
    """What the groups answered, under the ways of looking at it that a run needs."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    @cached_property
    def finite(self) -> ByGroup:
        """Return what intervals of points rest on: this year's list of persons."""
        return self._ranked("finite")

    @cached_property
    def superpopulation(self) -> ByGroup:
        """Return what comparisons of units rest on: the performance behind this year's list."""
        return self._ranked("superpopulation")

    @cached_property
    def open_door(self) -> ByGroup:
        """Return the open door's answers: nobody drew them, so they have no design."""
        design = SurveyDesign(ballot=BALLOT)
        return {g.code: _count(g, g.open_rows, design) for g in self.dataset.groups if _any(g)}

    def _ranked(self, inference: str) -> ByGroup:
        found = {}
        for group in self.dataset.groups:
            rows = group.ranked_rows
            if len(rows):
                found[group.code] = _count(group, rows, group.design(inference))
        return found


def of_groups(statistics: ByGroup, groups: Iterable[str]) -> ByGroup:
    """Return the statistics of the groups that a scheme asks."""
    return {code: statistics[code] for code in groups if code in statistics}


def _any(group: GroupData) -> bool:
    return len(group.open_rows) > 0


def _count(group: GroupData, rows: pd.DataFrame, design: SurveyDesign) -> GroupStatistics:
    return aggregate(rows, design, group.codebook, UNIT, rater_unit=RATER_UNIT)
