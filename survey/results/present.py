"""From a run to what its pages show: rows with numbers already written in the reader's language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from survey.errors import N_
from survey.results.drawing import drawn, on_scale
from survey.results.words import (
    NOT_COMPARABLE,
    SAMPLING,
    STATUSES,
    in_language,
    reasons,
    value_of,
)
from survey.web.i18n import gettext, locale, number

Row = dict[str, Any]
UrlOf = Callable[[Mapping[str, Any]], str]
PLUS = "+"


def name(thing: Mapping[str, Any]) -> str:
    """Return the name of a unit, group, block or leaf in the language of the page."""
    return in_language(thing["name"], locale())


def exact(value: Mapping[str, Any] | None) -> str:
    """Return an exact number as its framework prints it."""
    return "" if value is None else number(Decimal(value["decimal"]))


def signed(value: Mapping[str, Any] | None) -> str:
    """Return an exact difference with its sign."""
    text = exact(value)
    return f"{PLUS}{text}" if value is not None and Decimal(value["decimal"]) > 0 else text


def rough(value: float | None, decimals: int) -> str:
    """Return a float with some decimals."""
    return "" if value is None else number(value, decimals)


def interval(low: float | None, high: float | None, decimals: int) -> str:
    """Return limits as one text."""
    return "" if low is None else f"{rough(low, decimals)} – {rough(high, decimals)}"


def decimals_of(block: Mapping[str, Any]) -> int:
    """Return how many decimals a block prints."""
    return int(block["options"]["decimals"])


def group_counts(result: Mapping[str, Any]) -> list[Row]:
    """Return what was sent to each group, what came back and what was said."""
    said = _said(result)
    return [
        {
            "group": name(group),
            "sampling": gettext(SAMPLING[group["sampling"]]),
            "sent": number(group["sent"]),
            "received": number(group["received"]),
            "rate": _percent(group["received"], group["sent"]),
            "open": number(group["received_open"]),
            **{k: number(said[group["code"]][k]) for k in ("valid", "dont_know", "blank")},
            "dropped": number(said[group["code"]]["dropped"]),
        }
        for group in result["groups"]
    ]


def _said(result: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Return per group how often something valid, “don't know” or nothing was said."""
    said: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    lines = [line for block in result["blocks"] for line in block["counts"]]
    for group, question in ((line["group"], q) for line in lines for q in line["questions"]):
        for key in ("valid", "dont_know", "blank"):
            said[group][key] += question[key] or 0
    cells = [cell for block in result["blocks"] for cell in block["cells"]]
    for voice in (voice for cell in cells for voice in cell["groups"]):
        said[voice["group"]]["dropped"] += bool(voice["dropped"])
    return said


def totals(result: Mapping[str, Any]) -> dict[str, str]:
    """Return what was sent and received in all."""
    sent, received, opened = (
        sum(group[key] for group in result["groups"])
        for key in ("sent", "received", "received_open")
    )
    return {
        "sent": number(sent),
        "received": number(received),
        "rate": _percent(received, sent),
        "open": number(opened),
    }


def _percent(part: int, whole: int) -> str:
    return f"{number(100 * part / whole, 1)}%" if whole else "–"


def unit_counts(result: Mapping[str, Any], block: Mapping[str, Any]) -> list[Row]:
    """Return per unit and group the rows received and used and what was said in them."""
    units = {unit["code"]: name(unit) for unit in block["units"]}
    groups = {group["code"]: name(group) for group in result["groups"]}
    rows = []
    for line in block["counts"]:
        hidden = any(question["reason"] for question in line["questions"])
        said = {
            key: sum(question[key] or 0 for question in line["questions"])
            for key in ("valid", "dont_know", "blank")
        }
        shown = {k: gettext(N_("ẩn")) if hidden else number(v) for k, v in said.items()}
        plain = {k: number(line[k]) for k in ("received", "self_ratings", "invalidated", "used")}
        rows.append({"unit": units[line["unit"]], "group": groups[line["group"]], **plain, **shown})
    return rows


def ranking(block: Mapping[str, Any], url_of: UrlOf) -> list[Row]:
    """Return the ranked units of a block, the best first."""
    units = {unit["code"]: unit for unit in block["units"]}
    return [line_of(block, units[code], url_of) for code in block["ranking"]["order"]]


def unranked(block: Mapping[str, Any], url_of: UrlOf) -> list[Row]:
    """Return the units of a block that have no rank, in the order of the block."""
    ranked = set(block["ranking"]["order"])
    return [line_of(block, u, url_of) for u in block["units"] if u["code"] not in ranked]


def line_of(block: Mapping[str, Any], unit: Mapping[str, Any], url_of: UrlOf) -> Row:
    """Return what the table of ranks says about one unit."""
    places = decimals_of(block)
    pair = next((p for p in block["neighbours"] if p["unit"] == unit["code"]), None)
    limits, survey, whole = on_scale(block, unit), unit["survey"], unit["composite"]
    flags = (*(survey["flags"] if survey else ()), *whole["flags"], *_why_no_interval(unit, block))
    return {
        "name": name(unit),
        "url": url_of(unit),
        "rank": unit["rank"],
        "no_rank_reason": reasons([unit["no_rank_reason"]], gettext),
        "without_survey": "without_survey" in whole["flags"],
        "tied": unit["tied"],
        "value": exact(unit["value"]),
        "interval": interval(limits["ci_low"], limits["ci_high"], places),
        "appraised": exact(whole["appraised"]),
        "external": exact(whole["external"]),
        "survey": exact(survey["points"]) if survey else "",
        "survey_max": exact(survey["max_points"]) if survey else "",
        "se": rough(survey["se"], places + 1) if survey else "",
        "n": number(survey["n"]) if survey else "",
        **_change(unit["change"]),
        "pair": pair and _pair(pair, places),
        "notes": reasons(flags, gettext),
    }


def _why_no_interval(unit: Mapping[str, Any], block: Mapping[str, Any]) -> tuple[str, ...]:
    shown = unit["composite"] if block["ranking"]["basis"] == "index" else unit["survey"]
    return (shown["interval_reason"],) if shown else ()


def _change(change: Mapping[str, Any] | None) -> Row:
    if change is None:
        return {"previous": "", "previous_rank": "", "change": "", "places": ""}
    places = change["places"]
    return {
        "previous": exact(change["previous"]),
        "previous_rank": change["previous_rank"] or "",
        "change": signed(change["points"]) if change["comparable"] else gettext(NOT_COMPARABLE),
        "places": "" if places is None else _places(places),
    }


def _places(places: int) -> str:
    if places == 0:
        return gettext(N_("giữ hạng"))
    if places > 0:
        return gettext(N_("lên %(n)s bậc"), n=places)
    return gettext(N_("xuống %(n)s bậc"), n=-places)


def _pair(pair: Mapping[str, Any], places: int) -> Row:
    """Return how a unit stands to the one below it."""
    return {
        "distinguishable": pair["distinguishable"],
        "difference": exact(pair["difference"]),
        "interval": interval(pair["ci_low"], pair["ci_high"], places),
        "reason": reasons([pair["reason"]], gettext),
    }


def chart_rows(block: Mapping[str, Any]) -> list[Row]:
    """Return the data of the chart."""
    places = decimals_of(block)
    return [
        {
            "unit": name(line["unit"]),
            "value": exact(line["unit"]["value"]),
            "se": rough(line["se"], places + 1),
            "low": rough(line["ci_low"], places),
            "high": rough(line["ci_high"], places),
        }
        for line in drawn(block)
    ]


def surveyed(block: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the leaves that were asked about, in the order of the framework."""
    asked = {leaf["code"] for leaf in (block["scheme"] or {"leaves": []})["leaves"]}
    return [leaf for leaf in block["leaves"] if leaf["code"] in asked]


def matrix(block: Mapping[str, Any], url_of: UrlOf, sort: str) -> list[Row]:
    """Return units × surveyed leaves; `sort` is a column, with “-” in front for descending."""
    places = decimals_of(block)
    cells = {(cell["unit"], cell["leaf"]): cell for cell in block["cells"]}
    column, descending = sort.removeprefix("-"), sort.startswith("-")
    units = list(block["units"])
    if column == "unit":
        units.sort(key=name, reverse=descending)
    elif column:
        units.sort(key=lambda unit: _sort_key(unit, cells, column, descending=descending))
    return [
        {
            "name": name(unit),
            "url": url_of(unit),
            "total": _point_cell(unit["survey"], places) if unit["survey"] else None,
            **{
                leaf["code"]: _point_cell(cells[unit["code"], leaf["code"]], places)
                for leaf in surveyed(block)
            },
        }
        for unit in units
    ]


def _sort_key(
    unit: Mapping[str, Any], cells: Mapping[Any, Any], column: str, *, descending: bool
) -> tuple[bool, Any]:
    shown = unit["survey"] if column == "total" else cells.get((unit["code"], column))
    value = value_of(shown["points"]) if shown else None
    if value is None:
        return True, 0
    return False, -value if descending else value


def _point_cell(estimate: Mapping[str, Any], places: int) -> Row:
    return {
        "points": exact(estimate["points"]),
        "interval": interval(estimate["ci_low"], estimate["ci_high"], places),
        "se": rough(estimate["se"], places + 1),
        "status": gettext(STATUSES.get(estimate.get("status", ""), "")),
    }


def leaf_rows(block: Mapping[str, Any], unit: Mapping[str, Any]) -> list[Row]:
    """Return the surveyed leaves of one unit with everything known of each."""
    places = decimals_of(block)
    leaves = {leaf["code"]: leaf for leaf in block["leaves"]}
    return [
        {
            "leaf": f"{cell['leaf']} {name(leaves[cell['leaf']])}",
            "max": exact(cell["max_points"]),
            "points": exact(cell["points"]) or gettext(STATUSES[cell["status"]]),
            "se": rough(cell["se"], places + 1),
            "interval": interval(cell["ci_low"], cell["ci_high"], places),
            "df": rough(cell["df"], 1),
            "n": number(cell["n"]),
            "notes": reasons((*cell["flags"], cell["interval_reason"]), gettext),
        }
        for cell in block["cells"]
        if cell["unit"] == unit["code"]
    ]


def voice_rows(
    result: Mapping[str, Any], block: Mapping[str, Any], unit: Mapping[str, Any]
) -> list[Row]:
    """Return what each group said of one unit, leaf by leaf."""
    groups = {group["code"]: name(group) for group in result["groups"]}
    leaves = {leaf["code"]: leaf for leaf in block["leaves"]}
    return [
        {
            "leaf": f"{cell['leaf']} {name(leaves[cell['leaf']])}",
            "group": groups.get(voice["group"], gettext(N_("Các nhóm gộp lại"))),
            "ballots": number(voice["ballots"]),
            "score": exact(voice["score"]),
            "weight": exact(voice["weight"]),
            "notes": reasons([voice["reason"]], gettext),
        }
        for cell in block["cells"]
        if cell["unit"] == unit["code"]
        for voice in cell["groups"]
    ]


def question_rows(
    result: Mapping[str, Any], block: Mapping[str, Any], unit: Mapping[str, Any]
) -> list[Row]:
    """Return the answers to each question about one unit, by group."""
    groups = {group["code"]: name(group) for group in result["groups"]}
    texts = {
        (group["code"], question["code"]): in_language(question["text"], locale())
        for group in result["groups"]
        for question in group["questions"]
    }
    return [
        {
            "group": groups[line["group"]],
            "question": f"{question['question']}. {texts[line['group'], question['question']]}",
            "ballots": number(question["ballots"]),
            **{
                key: gettext(N_("ẩn")) if question[key] is None else number(question[key])
                for key in ("valid", "dont_know", "blank")
            },
        }
        for line in block["counts"]
        if line["unit"] == unit["code"]
        for question in line["questions"]
    ]


def component_rows(block: Mapping[str, Any], unit: Mapping[str, Any]) -> list[Row]:
    """Return the index of one unit by field."""
    fields = {field["code"]: field for field in block["fields"]}
    places = decimals_of(block)
    return [
        {
            "field": f"{part['field']}. {name(fields[part['field']])}",
            "points": exact(part["points"]),
            "max": exact(part["max_points"]),
            "percent": exact(part["percent"]),
            "se": rough(part["percent_se"], places + 1),
        }
        for part in block["components"]
        if part["unit"] == unit["code"]
    ]


def open_rows(block: Mapping[str, Any]) -> list[Row]:
    """Return what came through the open door."""
    units = {unit["code"]: name(unit) for unit in block["units"]}
    return [
        {
            "unit": units[line["unit"]],
            "ballots": number(line["ballots"]),
            "points": exact(line["points"]),
            "max": exact(line["max_points"]),
        }
        for line in block["open_door"]
    ]
