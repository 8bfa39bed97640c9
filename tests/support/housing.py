"""The Copenhagen housing survey of 1976 as a campaign: real answers, known results."""

from __future__ import annotations

import csv
import json
from typing import Any

from sqlalchemy.orm import Session

from tests.support.campaigns import SmallCampaign
from tests.support.source import ROOT

FOLDER = ROOT / "tests" / "reference" / "housing"
CHOICES = {"Low": "0", "Medium": "0.5", "High": "1"}


def expected() -> dict[str, Any]:
    """Return the published scores, standard errors and intervals."""
    found: dict[str, Any] = json.loads((FOLDER / "housing-copenhagen-1976.json").read_text("utf-8"))
    return found


def housing(session: Session) -> SmallCampaign:
    """Return a closed campaign with the 1,681 tenants' answers in its box.

    One leaf of one point, so that points are scores; one simple random sample of unknown
    population, so that all weights are equal and nothing is corrected.
    """
    small = SmallCampaign(session, list(expected()["units"]), decimals=6)
    small.leaf("1.1", "1")
    small.group("TENANT", {"sat": "1.1"}, coefficients=CHOICES, sampling="stratified")
    small.stratum("TENANT", sampled=1681)
    with (FOLDER / "housing-copenhagen-1976.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            small.ballots("TENANT", {row["Type"]: {"sat": row["Sat"]}}, int(row["Freq"]))
    return small
