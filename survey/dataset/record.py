"""A dataset: what the analysis reads instead of ballots.

One table per respondent group, one row per ballot × rated unit, answer codes as small integers
(0 is a blank). Rows stand in the order of their content, so neither the order of arrival nor a
ballot's id can be read from them. `docs/run-format.md` describes columns and file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.design import StratumFrame, SurveyDesign
from analysis.totals import Codebook
from survey.questionnaire import canonical

# Questions begin with a letter, so a design column can never have a question's name.
BALLOT, UNIT, CHANNEL = "_ballot", "_unit", "_channel"
STRATUM, CLUSTER, RATER_UNIT, WEIGHT = "_stratum", "_cluster", "_rater_unit", "_weight"
LABELS = (CHANNEL, STRATUM, CLUSTER, RATER_UNIT, UNIT)
DESIGN_COLUMNS = (BALLOT, *LABELS, WEIGHT)

CLUSTERED = "cluster"
OPEN_DOOR = "open"


@dataclass(frozen=True, eq=False)
class GroupData:
    """The answers of one respondent group, with the group's codebook and design."""

    about: Mapping[str, Any]
    rows: pd.DataFrame

    @property
    def code(self) -> str:
        """Return the code of the group."""
        return str(self.about["code"])

    @property
    def items(self) -> tuple[str, ...]:
        """Return the questions about units, in the order of the questionnaire."""
        return tuple(item["code"] for item in self.about["items"])

    @property
    def codebook(self) -> Codebook:
        """Return the meaning of every answer code."""
        return Codebook(
            {
                item["code"]: {int(code): said["meaning"] for code, said in item["codes"].items()}
                for item in self.about["items"]
            }
        )

    @property
    def ranked_rows(self) -> pd.DataFrame:
        """Return the rows that came through a controlled door."""
        return self.rows[self.rows[CHANNEL] != OPEN_DOOR].reset_index(drop=True)

    @property
    def open_rows(self) -> pd.DataFrame:
        """Return the rows of the open door, which are shown apart and never ranked."""
        return self.rows[self.rows[CHANNEL] == OPEN_DOOR].reset_index(drop=True)

    def design(self, inference: str = "finite") -> SurveyDesign:
        """Return how the group was drawn, as the analysis takes it."""
        clustered = self.about["sampling"] == CLUSTERED
        return SurveyDesign(
            weight=WEIGHT,
            strata=STRATUM,
            psu=CLUSTER if clustered else None,
            ballot=BALLOT,
            frame={
                stratum["code"]: _frame(stratum, clustered=clustered)
                for stratum in self.about["strata"]
                if answered(stratum)
            },
            lonely="center",  # type: ignore[arg-type] # read by the design, as every option is
            inference=inference,  # type: ignore[arg-type]
        )


def answered(stratum: Mapping[str, Any]) -> int:
    """Return how many ballots a stratum sent through a controlled door."""
    return sum(n for door, n in stratum["received"].items() if door != OPEN_DOOR)


def _frame(stratum: Mapping[str, Any], *, clustered: bool) -> StratumFrame:
    """Return the PSUs of a stratum.

    Persons who answered count as a simple random sample of their stratum, whoever was invited:
    that is what their weight N/r says. Clusters count as drawn, the silent ones too.
    """
    population = stratum["population"]
    if not clustered:
        return StratumFrame(answered(stratum), population)
    whole = population is not None and population == stratum["sampled"]
    return StratumFrame(stratum["sampled"], population, certainty=whole)


@dataclass(frozen=True, eq=False)
class Dataset:
    """The ballots of a campaign as tables."""

    campaign: str
    is_generated: bool
    groups: tuple[GroupData, ...]

    @property
    def about(self) -> dict[str, Any]:
        """Return everything but the rows, as plain values for JSON."""
        return {
            "format": 1,
            "campaign": self.campaign,
            "is_generated": self.is_generated,
            "groups": [dict(group.about) for group in self.groups],
        }

    @cached_property
    def hash(self) -> str:
        """Return the SHA-256 of codebook, design and rows; ballot ids have no part in it."""
        parts = hashlib.sha256(canonical.dumps(self.about).encode("utf-8"))
        for group in self.groups:
            parts.update(np.int64(len(group.rows)).tobytes())
            parts.update(group.rows[BALLOT].to_numpy(dtype="<i8").tobytes())
            for column in LABELS:
                parts.update("\0".join(group.rows[column].fillna("")).encode("utf-8"))
            parts.update(group.rows[WEIGHT].to_numpy(dtype="<f8").tobytes())
            answers = group.rows[list(group.items)].to_numpy(dtype=np.uint8)
            parts.update(np.ascontiguousarray(answers).tobytes())
        return parts.hexdigest()

    @property
    def row_count(self) -> int:
        """Return the rows of all groups together."""
        return sum(len(group.rows) for group in self.groups)

    @property
    def ballot_count(self) -> int:
        """Return the ballots of all groups together, whatever door they came through."""
        return sum(
            sum(stratum["received"].values())
            for group in self.groups
            for stratum in group.about["strata"]
        )
