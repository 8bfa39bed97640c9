"""From survey component to index, rank, change since last year, and neighbours.

Everything that is ranked stands on one scale of 0 to 100: the index, or, where appraised points
are missing, the survey component as a percentage of its maximum. A unit of which too little was
surveyed keeps its value and gets no rank: its index leaves out what the others' indices hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from analysis.index.composite import CompositeResult, compose
from analysis.index.framework import CompositeLeaf
from analysis.index.ranking import (
    Previous,
    Ranking,
    YearChange,
    compare_years,
    rank,
    surveyed_enough,
)
from analysis.index.result import IndexResult
from survey.results.numbers import Plain, Printer, error_of, known, records

INDEX, SURVEY = "index", "survey"
BY_RULE, TOO_LITTLE, NO_VALUE = "not_ranked_by_rule", "too_little_survey", "no_value"
HUNDRED = Fraction(100)


@dataclass(frozen=True)
class _Scale:
    """What a block is ranked by: value = 100 × points / maximum, by unit."""

    basis: str
    values: Mapping[str, Fraction | None]
    maxima: Mapping[str, Fraction]


def of_block(
    block: Mapping[str, Any],
    survey: IndexResult | None,
    process: IndexResult | None,
    printer: Printer,
) -> Plain:
    """Return units with composite and rank, components, ranking and neighbours of a block."""
    composite = _compose(block, survey)
    rows = {row["unit"]: row for row in records(composite.units)}
    scored = {row["unit"]: row for row in records(survey.units)} if survey else {}
    apart = _apart(block, scored)
    scale = _scale([code for code in rows if code not in apart] or list(rows), rows, scored)
    ranking = _rank(block, scale, apart)
    apart = {unit: NO_VALUE for unit, value in ranking.not_ranked if value is None} | apart
    changes = _changes(block, scale, ranking)
    units = []
    for unit in block["units"]:
        code = unit["code"]
        own = scored.get(code)
        units.append(
            {
                **unit,
                "survey": {**_survey(own, printer), **error_of(own)} if own else None,
                "composite": _composite(rows[code], printer, apart.get(code)),
                "value": printer.exact(scale.values.get(code)),
                "rank": ranking.rank_of(code),
                "no_rank_reason": apart.get(code, ""),
                "tied": any(one.unit == code and one.tied for one in ranking.ranked),
                "change": _change(changes.get(code), printer),
            }
        )
    return {
        "units": units,
        "components": [_component(row, printer) for row in records(composite.components)],
        "ranking": {
            "basis": scale.basis,
            "order": [one.unit for one in ranking.ranked],
            "mean": printer.exact(_mean(ranking)),
        },
        "neighbours": _neighbours(ranking, scale, process, printer),
    }


def _compose(block: Mapping[str, Any], survey: IndexResult | None) -> CompositeResult:
    asked = {leaf["code"] for leaf in (block["scheme"] or {"leaves": []})["leaves"]}
    leaves = [
        CompositeLeaf(leaf["code"], leaf["field"], leaf["mode"], leaf["max_points"])
        for leaf in block["leaves"]
        if leaf["mode"] != "survey" or leaf["code"] in asked
    ]
    codes = {leaf.code for leaf in leaves}
    units = [unit["code"] for unit in block["units"]]
    return compose(
        leaves,
        units,
        {
            (p["unit"], p["leaf"]): p["points"]
            for p in block["points"]
            if p["leaf"] in codes - asked and p["unit"] in units
        },
        survey,
        not_applicable=[(e["unit"], e["leaf"]) for e in block["exemptions"] if e["leaf"] in codes],
        survey_not_held="leave_out",
    )


def _apart(block: Mapping[str, Any], scored: Mapping[str, Plain]) -> dict[str, str]:
    """Return the units that get no rank, each with its reason."""
    apart = {}
    exempt = {(e["unit"], e["leaf"]) for e in block["exemptions"]}
    surveyed = [leaf for leaf in block["leaves"] if leaf["mode"] == "survey"]
    for unit in block["units"]:
        code = unit["code"]
        mine = (leaf for leaf in surveyed if (code, leaf["code"]) not in exempt)
        applicable = sum((Fraction(leaf["max_points"]) for leaf in mine), Fraction(0))
        found = scored[code]["max_points"] if code in scored else Fraction(0)
        if not unit["is_ranked"]:
            apart[code] = BY_RULE
        elif not surveyed_enough(found, applicable):
            apart[code] = TOO_LITTLE
    return apart


def _scale(
    ranked: list[str], composite: Mapping[str, Plain], survey: Mapping[str, Plain]
) -> _Scale:
    complete = not any(composite[unit]["missing"] for unit in ranked)
    if complete or not survey:
        values = {unit: row["index"] for unit, row in composite.items()}
        return _Scale(INDEX, values, {u: row["max_points"] for u, row in composite.items()})
    shares = {unit: row["share"] for unit, row in survey.items()}
    values = {unit: None if share is None else share * HUNDRED for unit, share in shares.items()}
    return _Scale(SURVEY, values, {unit: row["max_points"] for unit, row in survey.items()})


def _rank(block: Mapping[str, Any], scale: _Scale, apart: Mapping[str, str]) -> Ranking:
    options = block["options"]
    return rank(
        scale.values,
        tie_rule=options["tie_rule"],
        precision=options["rank_precision"],
        rounding=options["rounding"],
        not_ranked=apart,
    )


def _changes(block: Mapping[str, Any], scale: _Scale, ranking: Ranking) -> dict[str, YearChange]:
    """Return each ranked unit beside last year; only an index compares with an index."""
    past = {p["unit"]: Previous(p["index"], p["rank"]) for p in block["previous"]}
    apart = [p["unit"] for p in block["previous"] if not p["is_comparable"] or scale.basis != INDEX]
    return {c.unit: c for c in compare_years(ranking, past, not_comparable=apart)}


def _change(change: YearChange | None, printer: Printer) -> Plain | None:
    """Return what moved since last year, None where no figure of last year is known."""
    if change is None or change.previous_value is None:
        return None
    return {
        "previous": printer.exact(change.previous_value),
        "previous_rank": change.previous_rank,
        "points": printer.exact(change.points),
        "places": change.places,
        "comparable": change.comparable,
    }


def _survey(row: Plain, printer: Printer) -> Plain:
    exact = {key: printer.exact(row[key]) for key in ("points", "max_points", "share")}
    return {**exact, "flags": list(row["flags"])}


def _composite(row: Plain, printer: Printer, apart: str | None) -> Plain:
    parts = ("appraised", "survey", "external", "points", "max_points", "index")
    flags = (*row["flags"], *([TOO_LITTLE] if apart == TOO_LITTLE else []))
    return {
        **{key: printer.exact(row[key]) for key in parts},
        "se": known(row["index_se"]),
        "df": known(row["df"]),
        "ci_low": known(row["index_ci_low"]),
        "ci_high": known(row["index_ci_high"]),
        "interval_reason": row["interval_reason"],
        "missing": list(row["missing"]),
        "flags": list(flags),
    }


def _component(row: Plain, printer: Printer) -> Plain:
    exact = {key: printer.exact(row[key]) for key in ("points", "max_points", "percent")}
    place = {"unit": row["unit"], "field": row["field"]}
    return {**place, **exact, "percent_se": known(row["percent_se"])}


def _mean(ranking: Ranking) -> Fraction | None:
    """Return the mean of the unrounded values of all ranked units."""
    values = [one.value for one in ranking.ranked]
    return sum(values, Fraction(0)) / len(values) if values else None


def _neighbours(
    ranking: Ranking, scale: _Scale, process: IndexResult | None, printer: Printer
) -> list[Plain]:
    return [
        _neighbour(upper.unit, lower.unit, upper.value - lower.value, scale, process, printer)
        for upper, lower in pairwise(ranking.ranked)
    ]


def _neighbour(
    unit: str,
    following: str,
    difference: Fraction,
    scale: _Scale,
    process: IndexResult | None,
    printer: Printer,
) -> Plain:
    """Return the difference of two units on the scale of the ranks, with its interval.

    Only the survey part varies: the rest moves the interval without widening it.
    """
    start: Plain = {
        "unit": unit,
        "next_unit": following,
        "difference": printer.exact(difference),
    }
    nothing = {"se": None, "df": None, "ci_low": None, "ci_high": None, "distinguishable": None}
    factor = {
        unit: HUNDRED / scale.maxima[unit],
        following: -HUNDRED / scale.maxima[following],
    }
    found = process.contrast(factor) if process else None
    if found is None or found.estimate is None:
        return {**start, **nothing, "reason": found.reason if found else "not_scored"}
    moved = float(difference - found.estimate)
    low, high = known(found.ci_low + moved), known(found.ci_high + moved)
    apart = None if low is None or high is None else not low <= 0 <= high
    return {
        **start,
        "se": known(found.se),
        "df": known(found.df),
        "ci_low": low,
        "ci_high": high,
        "distinguishable": apart,
        "reason": found.reason,
    }
