"""The result of a run as it may be published: small groups withheld, numbers rounded."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from analysis.quality.disclosure.points import PointsRelease
from survey.results.disclosure import POLICY, Releases, policy_of
from survey.results.numbers import Plain

WITHHELD = "withheld"
FLOATS = ("se", "ci_low", "ci_high")
COUNTS = ("df", "n_eff", "deff")  # each tells the exact number of persons
GIVEN = ("max_points", "weight", "appraised", "external")  # not from ballots: as they are
# Flags that say of a group how few its persons are.
OF_SIZE = {"group_dropped", "below_minimum", "below_privacy_minimum", "group_missing"}
# What tells more than points and would have to be checked against them.
LEFT_OUT = ("counts", "components", "neighbours", "open_door")


def released(result: Mapping[str, Any], releases: Releases) -> Plain:
    """Return a run's result in the same shape, with nothing in it that may not be published."""
    return {
        **result,
        "dataset": {**result["dataset"], "rows": None, "ballots": _rough(result["dataset"])},
        "groups": [_group(group) for group in result["groups"]],
        "blocks": [_block(block, releases[block["code"]]) for block in result["blocks"]],
        "disclosure": POLICY.to_dict(),
    }


def _rough(dataset: Mapping[str, Any]) -> int:
    return POLICY.rounded(dataset["ballots"])


def _group(group: Mapping[str, Any]) -> Plain:
    """Return what came back from a group in all, rounded; nothing of its strata."""
    counts = {key: POLICY.rounded(group[key]) for key in ("received", "received_open")}
    return {**group, **counts, "strata": [], "strata_without_ballots": []}


def _block(block: Mapping[str, Any], release: PointsRelease) -> Plain:
    digits = int(block["options"]["decimals"]) + 1
    return {
        **block,
        "cells": [_cell(cell, release, digits) for cell in block["cells"]],
        "units": _units(block["units"], release, digits),
        "ranking": {**block["ranking"], "order": [], "mean": None},
        "disclosure": policy_of(block["options"]).to_dict(),
        **{key: [] for key in LEFT_OUT},
    }


def _cell(cell: Mapping[str, Any], release: PointsRelease, digits: int) -> Plain:
    name = f"{cell['unit']}/{cell['leaf']}"
    groups = [_voice(voice, f"{name}/{voice['group']}", release) for voice in cell["groups"]]
    return {**_estimate(cell, name, release, digits), "groups": groups}


def _voice(voice: Mapping[str, Any], name: str, release: PointsRelease) -> Plain:
    """Return what a group said; one of whom nobody answered is not told from a withheld one."""
    if not voice["ballots"] or name in release.withheld:
        is_counted = voice["ballots"] and name not in release.uncounted
        ballots = POLICY.rounded(voice["ballots"]) if is_counted else None
        nothing = dict.fromkeys(("score", "weight", "dropped"))
        return {**voice, **nothing, "ballots": ballots, "reason": WITHHELD}
    return {**_cut(voice), "ballots": POLICY.rounded(voice["ballots"])}


def _estimate(estimate: Mapping[str, Any], name: str, release: PointsRelease, digits: int) -> Plain:
    """Return an estimate as it is printed, or what is left of a withheld one."""
    counts = {key: None for key in COUNTS if key in estimate}
    told = {**_cut(estimate), **counts, **_short(estimate, digits)}
    if name not in release.withheld:
        return {**told, "n": POLICY.rounded(estimate["n"]), "flags": _told(estimate["flags"])}
    figures = [key for key in ("score", "points", "share", *FLOATS) if key in estimate]
    is_counted = name.count("/") and name not in release.uncounted
    return {
        **told,
        **dict.fromkeys(figures),
        "n": POLICY.rounded(estimate["n"]) if is_counted else None,
        "flags": [WITHHELD],
        "interval_reason": "",
    }


def _units(units: list[Mapping[str, Any]], release: PointsRelease, digits: int) -> list[Plain]:
    """Return the units; a gap among the ranks would tell where a withheld unit stands."""
    told = [_unit(unit, release, digits) for unit in units]
    if not any(unit["code"] in release.withheld for unit in units):
        return told
    return [{**one, "rank": None, "change": None, "no_rank_reason": WITHHELD} for one in told]


def _unit(unit: Mapping[str, Any], release: PointsRelease, digits: int) -> Plain:
    """Return a unit; without its survey component nothing is told that holds it."""
    name, survey, whole = unit["code"], unit["survey"], unit["composite"]
    told = {
        **_cut(unit),
        "survey": survey and _estimate(survey, name, release, digits),
        "composite": {
            **_cut(whole),
            **_short(whole, digits),
            "df": None,
            "flags": _told(whole["flags"]),
        },
        "change": unit["change"] and _cut(unit["change"]),
    }
    if name not in release.withheld:
        return told
    figures = dict.fromkeys(("survey", "points", "index", *FLOATS))
    composite = {**told["composite"], **figures, "flags": [WITHHELD], "interval_reason": ""}
    return {**told, "value": None, "composite": composite}


def _told(flags: list[str]) -> list[str]:
    return [flag for flag in flags if flag not in OF_SIZE]


def _cut(part: Mapping[str, Any]) -> Plain:
    """Return exact numbers as they are printed: their fractions would tell the persons."""
    return {
        key: printed(value) if isinstance(value, dict) and "fraction" in value else value
        for key, value in part.items()
        if key not in GIVEN
    } | {key: part[key] for key in GIVEN if key in part}


def printed(number: Mapping[str, Any]) -> Plain:
    """Return an exact number with the value of its printed decimals."""
    exact = Fraction(number["decimal"])
    return {"fraction": f"{exact.numerator}/{exact.denominator}", "decimal": number["decimal"]}


def _short(part: Mapping[str, Any], digits: int) -> Plain:
    floats = {key: part[key] for key in FLOATS if key in part}
    return {key: None if value is None else round(value, digits) for key, value in floats.items()}
