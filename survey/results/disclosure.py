"""What of a run may be published: decided from its ballots and all earlier runs of the campaign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from analysis.quality.disclosure.points import PointsRelease, publish_points
from analysis.quality.disclosure.policy import (
    CITIZENS,
    LEADERS,
    LEADERS_TO,
    STAFF,
    DisclosurePolicy,
)
from survey.dataset.record import Dataset
from survey.dataset.statistics import Statistics
from survey.questionnaire import canonical
from survey.results import blocks

SAYS = ("scheme", "units", "options", "points", "last_year", "exemptions")
POLICY = DisclosurePolicy()

Releases = Mapping[str, PointsRelease]


def control(runs: Iterable[tuple[Mapping[str, Any], Dataset]]) -> Releases:
    """Return by block what may be published of the last of a campaign's runs.

    Every earlier run counts as published, so that no two of them tell who came in between.
    """
    last: dict[str, PointsRelease] = {}
    decided: dict[tuple[str, str], PointsRelease] = {}
    asked: dict[str, PointsRelease] = {}
    for inputs, dataset in runs:
        statistics, asked = Statistics(dataset), {}
        for block in inputs["blocks"]:
            code, key = block["code"], _key(dataset, block)
            if (code, key) not in decided:
                found = _decide(block, inputs, statistics, last.get(code), key)
                decided[code, key] = last[code] = found
            asked[code] = decided[code, key]
    return asked


def policy_of(options: Mapping[str, Any]) -> DisclosurePolicy:
    """Return the policy of a block: the framework's minimum holds where it is larger."""
    least = int(options["min_valid"])
    return replace(POLICY, minimum={k: max(n, least) for k, n in POLICY.minimum.items()})


def kinds(groups: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the kind of people of each group, as the policy names it.

    Few people asked are treated as leaders; a census asks staff; samples are drawn of citizens.
    """
    found = {}
    for group in groups:
        asked = sum(stratum["issued"] or stratum["sampled"] for stratum in group["strata"])
        census = STAFF if group["sampling"] == "census" else CITIZENS
        found[group["code"]] = LEADERS if asked <= LEADERS_TO else census
    return found


def _key(dataset: Dataset, block: Mapping[str, Any]) -> str:
    """Return the same text for results that are the same figure by figure."""
    return f"{dataset.hash[:16]}-{canonical.digest({key: block[key] for key in SAYS})[:16]}"


def _decide(
    block: Mapping[str, Any],
    inputs: Mapping[str, Any],
    statistics: Statistics,
    before: PointsRelease | None,
    key: str,
) -> PointsRelease:
    result = blocks.score(block, statistics.finite)
    if result is None:
        return before or PointsRelease()
    return publish_points(
        result,
        policy_of(block["options"]),
        kinds(inputs["groups"]),
        before,
        snapshot=statistics.dataset.hash[:16],
        name=key,
    )
