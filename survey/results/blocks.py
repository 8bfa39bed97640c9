"""One block of a run: counts, cells, units, ranks, neighbours and the open door."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from analysis.index.result import IndexResult
from analysis.index.scheme import IndexScheme
from survey.dataset.statistics import Statistics, of_groups
from survey.results import ranks
from survey.results.numbers import Plain, Printer, error_of, records

HIDDEN = "below_privacy_minimum"
NOTHING_LAST_YEAR, OTHER_MAXIMUM = "last_year_missing", "last_year_other_maximum"


def result(block: Mapping[str, Any], statistics: Statistics) -> Plain:
    """Return everything about a block, as `docs/run-format.md` describes it."""
    printer = Printer.of(block["options"])
    scheme = IndexScheme.from_dict(block["scheme"]) if block["scheme"] else None
    survey = score(block, statistics.finite)
    process = score(block, statistics.superpopulation)
    described = {
        key: block[key] for key in ("code", "name", "framework", "options", "fields", "leaves")
    }
    return {
        **described,
        "scheme": block["scheme"],
        "rescaled": block["rescaled"],
        "not_asked": _not_asked(block),
        "exemptions": block["exemptions"],
        "counts": _counts(survey, block),
        "cells": _cells(survey, block, printer),
        **ranks.of_block(block, survey, process, printer),
        "open_door": _open_door(scheme, block, statistics, printer),
    }


def score(block: Mapping[str, Any], by_group: Mapping[str, Any]) -> IndexResult | None:
    """Return the points of a block's units on what was asked about them, if anything was."""
    if not block["scheme"]:
        return None
    scheme = IndexScheme.from_dict(block["scheme"])
    last_year = {
        (p["unit"], p["leaf"]): p["points"]
        for p in block["last_year"]
        if _same_maximum(p, block["scheme"])
    }
    scored = {leaf["code"] for leaf in block["scheme"]["leaves"]}
    return scheme.score(
        of_groups(dict(by_group), scheme.groups),
        units=[unit["code"] for unit in block["units"]],
        last_year=last_year,
        manual={
            (p["unit"], p["leaf"]): p["points"] for p in block["points"] if p["leaf"] in scored
        },
        not_applicable=[(e["unit"], e["leaf"]) for e in block["exemptions"] if e["leaf"] in scored],
    )


def _same_maximum(past: Mapping[str, str], scheme: Mapping[str, Any]) -> bool:
    """Return whether a leaf gives as many points as it gave last year."""
    maximum = {leaf["code"]: Fraction(leaf["points"]) for leaf in scheme["leaves"]}
    return maximum.get(past["leaf"]) == Fraction(past["max_points"])


def _not_asked(block: Mapping[str, Any]) -> list[str]:
    """Return the survey leaves about which no question was put in this campaign."""
    asked = {leaf["code"] for leaf in (block["scheme"] or {"leaves": []})["leaves"]}
    return [
        leaf["code"]
        for leaf in block["leaves"]
        if leaf["mode"] == "survey" and leaf["code"] not in asked
    ]


def _counts(survey: IndexResult | None, block: Mapping[str, Any]) -> list[Plain]:
    """Return per unit and group the rows received and used, and per question what was said."""
    if survey is None:
        return []
    said: dict[tuple[str, str], list[Plain]] = {}
    minimum = int(block["options"]["min_valid"])
    for row in records(survey.counts):
        said.setdefault((row["unit"], row["group"]), []).append(_count(row, minimum))
    return [
        {
            "unit": row["unit"],
            "group": row["group"],
            **{key: int(row[key]) for key in ("received", "self_ratings", "invalidated", "used")},
            "questions": said.get((row["unit"], row["group"]), []),
        }
        for row in records(survey.excluded)
    ]


def _count(row: Plain, minimum: int) -> Plain:
    """Return the answers to one question; about fewer ballots than the minimum nothing is said."""
    hidden = 0 < int(row["ballots"]) < minimum
    numbers = ["valid", "dont_know", "not_applicable", "blank"]
    numbers += [key for key in ("refused", "not_asked", "not_reached") if row[key] and not hidden]
    return {
        "question": row["item"],
        "ballots": int(row["ballots"]),
        **{key: None if hidden else int(row[key]) for key in numbers},
        "reason": HIDDEN if hidden else "",
    }


def _cells(survey: IndexResult | None, block: Mapping[str, Any], printer: Printer) -> list[Plain]:
    """Return the points of every unit on every surveyed leaf, with what each group said."""
    if survey is None:
        return []
    voices: dict[tuple[str, str], list[Plain]] = {}
    minimum = int(block["options"]["min_valid"])
    other = {
        (past["unit"], past["leaf"])
        for past in block["last_year"]
        if not _same_maximum(past, block["scheme"])
    }
    for row in records(survey.groups):
        voices.setdefault((row["unit"], row["leaf"]), []).append(_voice(row, minimum, printer))
    return [
        {
            "unit": row["unit"],
            "leaf": row["leaf"],
            "max_points": printer.exact(row["max_points"]),
            "score": printer.exact(row["score"]),
            "points": printer.exact(row["points"]),
            **error_of(row),
            "status": row["status"],
            "flags": [
                OTHER_MAXIMUM if flag == NOTHING_LAST_YEAR and place in other else flag
                for flag in row["flags"]
            ],
            "groups": voices.get(place, []),
        }
        for row in records(survey.criteria)
        for place in [(row["unit"], row["leaf"])]
    ]


def _voice(row: Plain, minimum: int, printer: Printer) -> Plain:
    ballots = int(row["ballots"])
    hidden = 0 < ballots < minimum
    return {
        "group": row["group"],
        "ballots": ballots,
        "score": None if hidden else printer.exact(row["score"]),
        "weight": printer.exact(row["weight"]),
        "dropped": bool(row["dropped"]),
        "reason": HIDDEN if hidden else row["reason"],
    }


def _open_door(
    scheme: IndexScheme | None,
    block: Mapping[str, Any],
    statistics: Statistics,
    printer: Printer,
) -> list[Plain]:
    """Return what came through the open door, apart: no interval, no rank."""
    by_group = of_groups(statistics.open_door, scheme.groups) if scheme else {}
    found = score(block, by_group) if by_group else None
    if found is None:
        return []
    return [
        {
            "unit": row["unit"],
            "ballots": int(row["n"] or 0),
            "points": printer.exact(row["points"]),
            "max_points": printer.exact(row["max_points"]),
        }
        for row in records(found.units)
        if row["n"]
    ]
