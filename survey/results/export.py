"""Runs as files: one tidy table as CSV, and a workbook with a sheet for each kind of figure.

Numbers are unrounded and typed; a text is never taken for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from survey.errors import N_
from survey.results import method
from survey.results.words import (
    GENERATED_LONG,
    ROUNDING_NOTE,
    Say,
    in_language,
    reasons,
    value_of,
)

Value = str | int | float | None
Row = list[Value]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

COLUMNS = (
    "block",
    "level",
    "unit",
    "unit_name",
    "leaf",
    "points",
    "max_points",
    "share",
    "se",
    "df",
    "ci_low",
    "ci_high",
    "n",
    "rank",
    "previous",
    "previous_rank",
    "change",
    "places",
    "status",
    "notes",
    "generated",
)


def as_csv(result: Mapping[str, Any], say: Say, language: str) -> bytes:
    """Return every unit's index, survey component and leaves as one table, UTF-8 with BOM."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if result["is_generated"]:
        writer.writerow([f"# {say(GENERATED_LONG)}"])
    writer.writerow(COLUMNS)
    writer.writerows([[_guarded(cell) for cell in row] for row in rows(result, say, language)])
    return text.getvalue().encode("utf-8-sig")


def _guarded(value: Value) -> Value:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def rows(result: Mapping[str, Any], say: Say, language: str) -> Iterator[Row]:
    """Yield the tidy table, in the order of `COLUMNS`."""
    for block in result["blocks"]:
        for unit in block["units"]:
            yield from _unit(result, block, unit, say, language)


def _unit(
    result: Mapping[str, Any],
    block: Mapping[str, Any],
    unit: Mapping[str, Any],
    say: Say,
    language: str,
) -> Iterator[Row]:
    start = {
        "block": block["code"],
        "unit": unit["code"],
        "unit_name": in_language(unit["name"], language),
        "generated": "true" if result["is_generated"] else "false",
    }
    yield _row(start | _index(block, unit, say))
    if unit["survey"] is not None:
        yield _row(start | {"level": "survey"} | _estimate(unit["survey"], say))
    for cell in block["cells"]:
        if cell["unit"] == unit["code"]:
            place = {"level": "leaf", "leaf": cell["leaf"], "status": cell["status"]}
            yield _row(start | place | _estimate(cell, say))


def _row(values: Mapping[str, Value]) -> Row:
    return [values.get(column) for column in COLUMNS]


def number(value: Mapping[str, Any] | None) -> float | None:
    """Return the unrounded value of an exact number, as close as a float can be."""
    exact = value_of(value)
    return None if exact is None else float(exact)


def _index(block: Mapping[str, Any], unit: Mapping[str, Any], say: Say) -> dict[str, Value]:
    whole, change = unit["composite"], unit["change"] or {}
    return {
        "level": "index",
        "points": number(whole["points"]),
        "max_points": number(whole["max_points"]),
        "share": number(whole["index"]),
        **{key: whole[key] for key in ("se", "df", "ci_low", "ci_high")},
        "rank": unit["rank"] if block["ranking"]["basis"] == "index" else None,
        "previous": number(change.get("previous")),
        "previous_rank": change.get("previous_rank"),
        "change": number(change.get("points")),
        "places": change.get("places"),
        "notes": reasons((*whole["flags"], whole["interval_reason"]), say),
    }


def _estimate(estimate: Mapping[str, Any], say: Say) -> dict[str, Value]:
    share = estimate.get("share") or estimate.get("score")
    return {
        "points": number(estimate["points"]),
        "max_points": number(estimate["max_points"]),
        "share": number(share),
        **{key: estimate[key] for key in ("se", "df", "ci_low", "ci_high", "n")},
        "notes": reasons((*estimate["flags"], estimate["interval_reason"]), say),
    }


def as_xlsx(result: Mapping[str, Any], say: Say, language: str) -> bytes:
    """Return the workbook: what it is, counts, ranks, leaves, method."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "text_wrap": True, "bottom": 1}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        book.set_properties({"title": in_language(result["campaign"]["title"], language)})
        book.set_properties({"comments": say(GENERATED_LONG)} if result["is_generated"] else {})
        for name, widths, lines in _sheets(result, say, language):
            sheet = book.add_worksheet(name)
            _write(sheet, lines, styles)
            for column, width in enumerate(widths):
                sheet.set_column(column, column, width)
    return buffer.getvalue()


Sheet = tuple[str, Sequence[float], list[tuple[str, Row]]]


def _sheets(result: Mapping[str, Any], say: Say, language: str) -> Iterator[Sheet]:
    yield say(N_("Đọc trước")), (34, 90), _about(result, say, language)
    counts = [*_label(result, say), ("head", _count_titles(say)), *_counts(result, say, language)]
    yield say(N_("Số phiếu")), (28, 24, 10, 10, 10), counts
    table = [("", row) for row in rows(result, say, language)]
    yield (
        say(N_("Kết quả")),
        (10, 9, 14, 40, 9, 12, 12, 12, 12, 10, 12, 12, 9, 7, 10, 10, 10, 8, 14, 50, 10),
        [*_label(result, say), ("head", list(COLUMNS)), *table],
    )
    yield say(N_("Phương pháp")), (34, 90), _method(result, say, language)


def _method(result: Mapping[str, Any], say: Say, language: str) -> list[tuple[str, Row]]:
    lines: list[tuple[str, Row]] = [("title", [say(N_("Phương pháp tính"))])]
    lines += _label(result, say)
    lines += [("wrap", list(entry)) for entry in method.of_run(result, say, language)]
    for block in result["blocks"]:
        lines.append(("head", [in_language(block["name"], language)]))
        lines += [("wrap", list(entry)) for entry in method.of_block(block, say, language)]
    return lines


def _label(result: Mapping[str, Any], say: Say) -> list[tuple[str, Row]]:
    return [("title", [say(GENERATED_LONG)])] if result["is_generated"] else []


def _about(result: Mapping[str, Any], say: Say, language: str) -> list[tuple[str, Row]]:
    campaign = result["campaign"]
    lines: list[tuple[str, Row]] = [("title", [in_language(campaign["title"], language)])]
    lines += _label(result, say)
    facts = (
        (say(N_("Mã đợt điều tra")), campaign["code"]),
        (say(N_("Năm")), campaign["year"]),
        (say(N_("Số phiếu trong hòm")), result["dataset"]["ballots"]),
        (say(N_("Phiên bản phần mềm")), result["software"]["version"]),
        (say(N_("Mã băm bộ dữ liệu")), result["hashes"]["dataset"]),
        (say(N_("Mã băm dữ liệu đầu vào")), result["hashes"]["inputs"]),
        (say(N_("Ghi chú")), say(ROUNDING_NOTE)),
    )
    return [*lines, *(("wrap", list(fact)) for fact in facts)]


def _count_titles(say: Say) -> Row:
    return [
        say(N_("Nhóm")),
        say(N_("Tầng")),
        say(N_("Đã gửi")),
        say(N_("Đã nhận")),
        say(N_("Cửa mở")),
    ]


def _counts(result: Mapping[str, Any], say: Say, language: str) -> Iterator[tuple[str, Row]]:
    """Yield each group's counts, then its strata's as far as they are told."""
    whole, withheld = say(N_("Cả nhóm")), say(N_("không nêu"))
    for group in result["groups"]:
        name = in_language(group["name"], language)
        for place in ({**group, "label": whole}, *group["strata"]):
            back = [place[key] for key in ("received", "received_open")]
            told = [withheld if count is None else count for count in back]
            yield "", [name, place["label"], place["sent"], *told]


def _write(sheet: Any, lines: list[tuple[str, Row]], styles: Mapping[str, Any]) -> None:
    """Write lines cell by cell with their types; the heading stays in sight."""
    for number_, (style, line) in enumerate(lines):
        for column, value in enumerate(line):
            shown = styles.get(style)
            if isinstance(value, str):
                sheet.write_string(number_, column, value, shown)
            elif value is not None:
                sheet.write_number(number_, column, value, shown)
        if style == "head" and len(line) > 1:
            sheet.freeze_panes(number_ + 1, 0)
