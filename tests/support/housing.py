"""The Copenhagen housing survey of 1976 as a campaign: real answers, known results."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from tests.support.campaigns import SmallCampaign
from tests.support.source import ROOT

FOLDER = ROOT / "tests" / "reference" / "housing"
DEFINITIONS = ROOT / "survey" / "demo" / "housing"
CHOICES = {"Low": "0", "Medium": "0.5", "High": "1"}
# The one leaf is worth one point, so that shares, estimates and points are scores.
KEYS = {
    "share": "score",
    "estimate": "score",
    "se": "se",
    "ci_low": "ci_low",
    "ci_high": "ci_high",
}


def expected() -> dict[str, Any]:
    """Return the published scores, standard errors and intervals."""
    found: dict[str, Any] = json.loads((FOLDER / "housing-copenhagen-1976.json").read_text("utf-8"))
    return found


def declared(command: Callable[..., str]) -> str:
    """Make and launch the campaign with the commands, and return its code."""
    command("organisation", "load", DEFINITIONS / "organisation.json")
    command("framework", "load", DEFINITIONS / "framework.json")
    command("questionnaire", "publish", DEFINITIONS / "questionnaire.json")
    command("campaign", "create", DEFINITIONS / "campaign.json")
    command("campaign", "launch", "HOUSING-1976")
    return "HOUSING-1976"


def compare(found: Mapping[str, Mapping[str, float]]) -> None:
    """Compare score, error and interval by unit with the published ones, to 1e-9."""
    published = {unit.upper(): numbers for unit, numbers in expected()["units"].items()}
    assert {unit.upper() for unit in found} == set(published)
    for unit, numbers in found.items():
        wanted = published[unit.upper()]
        for ours, theirs in KEYS.items():
            assert abs(numbers[ours] - wanted[theirs]) <= 1e-9, (unit, ours)
        assert numbers["n"] == wanted["n"], unit


def from_csv(content: bytes) -> dict[str, dict[str, float]]:
    """Return the survey lines of a results file, by unit."""
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    lines = [dict(zip(header, row, strict=True)) for row in rows]
    return {
        line["unit"]: {key: float(line[key]) for key in (*KEYS, "n")}
        for line in lines
        if (line["level"], line["scale"]) == ("survey", "points")
    }


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
