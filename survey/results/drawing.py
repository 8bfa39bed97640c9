"""What the chart of a block shows; the page prints the same lines as a table beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.results.words import value_of

LIMITS = ("se", "ci_low", "ci_high")


def drawn(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the ranked units, the best first: unit, apart, se, ci_low, ci_high."""
    units = {unit["code"]: unit for unit in block["units"]}
    apart = {pair["unit"]: pair["distinguishable"] for pair in block["neighbours"]}
    return [
        {"unit": units[code], "apart": apart.get(code), **on_scale(block, units[code])}
        for code in block["ranking"]["order"]
    ]


def on_scale(block: Mapping[str, Any], unit: Mapping[str, Any]) -> dict[str, float | None]:
    """Return error and limits of a unit on the scale of 0 to 100 that it is ranked by."""
    if block["ranking"]["basis"] == "index":
        return {key: unit["composite"][key] for key in LIMITS}
    part = unit["survey"]
    maximum = value_of(part["max_points"]) if part else None
    if not maximum:
        return dict.fromkeys(LIMITS)
    factor = 100 / float(maximum)
    return {key: None if part[key] is None else part[key] * factor for key in LIMITS}
