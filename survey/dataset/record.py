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
LABELS = (CHANNEL, STRATUM, CLUSTER, RATER_UNIT, UNIT, WEIGHT)
DESIGN_COLUMNS = (BALLOT, *LABELS)
CLUSTER_SIZE = "_cluster_size"  # of ranked rows only: the codebook has it by cluster

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
        rows = self.rows[self.rows[CHANNEL] != OPEN_DOOR].reset_index(drop=True)
        if self.is_clustered:
            rows[CLUSTER_SIZE] = self._cluster_sizes(rows)
        return rows

    @property
    def is_clustered(self) -> bool:
        """Return whether clusters were drawn, and people inside them."""
        return bool(self.about["sampling"] == CLUSTERED)

    @property
    def knows_clusters(self) -> bool:
        """Return whether the size of every cluster with ballots is known."""
        clusters = (c for stratum in self.about["strata"] for c in stratum["clusters"])
        return all(c["population"] is not None for c in clusters if c["received"])

    def _cluster_sizes(self, rows: pd.DataFrame) -> list[int | None]:
        sizes = {
            (stratum["code"], cluster["code"]): cluster["population"]
            for stratum in self.about["strata"]
            for cluster in stratum["clusters"]
        }
        return [sizes[place] for place in zip(rows[STRATUM], rows[CLUSTER], strict=True)]

    @property
    def open_rows(self) -> pd.DataFrame:
        """Return the rows of the open door, which are shown apart and never ranked."""
        return self.rows[self.rows[CHANNEL] == OPEN_DOOR].reset_index(drop=True)

    def design(self, inference: str = "finite") -> SurveyDesign:
        """Return how the group was drawn, as the analysis takes it.

        Persons who answered count as a simple random sample of their stratum or cluster, whoever
        was invited: that is what their weight says.
        """
        two_stages = self.is_clustered and self.knows_clusters
        return SurveyDesign(
            weight=WEIGHT,
            strata=STRATUM,
            psu=CLUSTER if self.is_clustered else None,
            psu_size=CLUSTER_SIZE if two_stages else None,
            ballot=BALLOT,
            frame={
                stratum["code"]: _clusters(stratum, two_stages=two_stages)
                if self.is_clustered
                else StratumFrame(answered(stratum), stratum["population"])
                for stratum in self.about["strata"]
                if answered(stratum)
            },
            lonely="center",  # type: ignore[arg-type] # read by the design, as every option is
            inference=inference,  # type: ignore[arg-type]
        )


def answered(stratum: Mapping[str, Any]) -> int:
    """Return how many ballots a stratum sent through a controlled door."""
    return sum(n for door, n in stratum["received"].items() if door != OPEN_DOOR)


def _clusters(stratum: Mapping[str, Any], *, two_stages: bool) -> StratumFrame:
    """Return the clusters of a stratum as drawn, the silent ones too.

    A finite correction for the clusters needs the variance inside them, and that their sizes.
    Without these the clusters count as drawn from very many: ultimate clusters. Where all were
    drawn and some are silent, those that answered count as drawn.
    """
    drawn, population = stratum["sampled"], stratum["population"]
    heard = sum(1 for cluster in stratum["clusters"] if cluster["received"])
    whole = population is not None and population == drawn
    return StratumFrame(
        heard if whole else drawn,
        population if two_stages else None,
        certainty=whole and heard == drawn,
    )


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
