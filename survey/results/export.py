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
from survey.results.columns import COLUMNS, INDEX, LEVELS, POINTS, PUBLIC_COLUMNS, SCALES, Column
from survey.results.words import (
    GENERATED_LONG,
    ROUNDING_NOTE,
    STATUSES,
    Say,
    in_language,
    reasons,
    value_of,
)

Value = str | int | float | bool | None
Row = list[Value]
Record = dict[str, Value]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(result: Mapping[str, Any], say: Say, language: str) -> bytes:
    """Return every unit's index, survey component and leaves as one table, UTF-8 with BOM."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if result["is_generated"]:
        writer.writerow([f"# {say(GENERATED_LONG)}"])
    columns = columns_of(result)
    writer.writerow([column.key for column in columns])
    for record in records(result, say, language):
        writer.writerow([_guarded(record.get(column.key)) for column in columns])
    return text.getvalue().encode("utf-8-sig")


def columns_of(result: Mapping[str, Any]) -> tuple[Column, ...]:
    """Return the columns of a run's table; a released result has its own."""
    return PUBLIC_COLUMNS if "disclosure" in result else COLUMNS


def _guarded(value: Value) -> Value:
    """Return a text that no spreadsheet takes for a formula; true and false in small letters."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def records(result: Mapping[str, Any], say: Say, language: str) -> Iterator[Record]:
    """Yield the tidy table: for every unit its index, its survey component, and its leaves."""
    for block in result["blocks"]:
        for unit in block["units"]:
            start: Record = {
                "block": block["code"],
                "unit": unit["code"],
                "unit_name": in_language(unit["name"], language),
                "generated": result["is_generated"],
            }
            for record in _unit(block, unit, say):
                yield start | record
            for record in _groups(block, unit, say) if "disclosure" in result else ():
                yield start | record


def _unit(block: Mapping[str, Any], unit: Mapping[str, Any], say: Say) -> Iterator[Record]:
    ranked = {block["ranking"]["basis"]: unit["rank"]}
    yield {"level": "index", "rank": ranked.get("index")} | _index(unit, say)
    if unit["survey"] is not None:
        surveyed = _estimate(unit["survey"], say)
        yield {"level": "survey", "rank": ranked.get("survey")} | surveyed
    for cell in block["cells"]:
        if cell["unit"] == unit["code"]:
            place: Record = {"level": "leaf", "leaf": cell["leaf"], "status": cell["status"]}
            yield place | _estimate(cell, say)


def _groups(block: Mapping[str, Any], unit: Mapping[str, Any], say: Say) -> Iterator[Record]:
    """Yield what each group said of a unit, leaf by leaf."""
    for cell in block["cells"]:
        for voice in cell["groups"] if cell["unit"] == unit["code"] else ():
            yield {
                "level": "group",
                "leaf": cell["leaf"],
                "group": voice["group"],
                "share": number(voice["score"]),
                "n": voice["ballots"],
                "notes": reasons([voice["reason"]], say),
            }


def number(value: Mapping[str, Any] | None) -> float | None:
    """Return the unrounded value of an exact number, as close as a float can be."""
    exact = value_of(value)
    return None if exact is None else float(exact)


def _points(part: Mapping[str, Any]) -> Record:
    """Return points, their maximum and the share of it, the same at every level."""
    points, maximum = value_of(part["points"]), value_of(part["max_points"])
    share = None if points is None or not maximum else float(points / maximum)
    return {
        "points": number(part["points"]),
        "max_points": number(part["max_points"]),
        "share": share,
    }


def _index(unit: Mapping[str, Any], say: Say) -> Record:
    whole, change = unit["composite"], unit["change"] or {}
    why = (unit["no_rank_reason"], *whole["flags"], whole["interval_reason"])
    return {
        **_points(whole),
        "index": number(whole["index"]),
        "scale": INDEX,
        "estimate": number(whole["index"]),
        **{key: whole[key] for key in ("se", "df", "ci_low", "ci_high")},
        "previous": number(change.get("previous")),
        "previous_rank": change.get("previous_rank"),
        "change": number(change.get("points")),
        "places": change.get("places"),
        "notes": reasons(why, say),
    }


def _estimate(estimate: Mapping[str, Any], say: Say) -> Record:
    return {
        **_points(estimate),
        "scale": POINTS,
        "estimate": number(estimate["points"]),
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
    columns = columns_of(result)
    titles: Row = [say(column.name) for column in columns]
    table = [("", _worded(record, columns, say)) for record in records(result, say, language)]
    yield (
        say(N_("Kết quả")),
        [column.width for column in columns],
        [*_label(result, say), ("head", titles), *table],
    )
    yield say(N_("Phương pháp")), (34, 90), _method(result, say, language)


def _worded(record: Record, columns: Sequence[Column], say: Say) -> Row:
    """Return a record with its codes in words, in the order of the columns."""
    words = {"level": LEVELS, "scale": SCALES, "status": STATUSES}
    told = {
        key: say(words[key].get(str(value), str(value))) if key in words and value else value
        for key, value in record.items()
    }
    return [told.get(column.key) for column in columns]


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
    lines += [("wrap", list(fact)) for fact in facts]
    lines.append(("head", [say(N_("Các cột của trang “Kết quả”"))]))
    key = N_("%(meaning)s; trong CSV: %(key)s")
    for column in columns_of(result):
        meaning = say(key, meaning=say(column.meaning), key=column.key)
        lines.append(("wrap", [say(column.name), meaning]))
    return lines


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
            if isinstance(value, bool):
                sheet.write_boolean(number_, column, value, shown)
            elif isinstance(value, str):
                sheet.write_string(number_, column, value, shown)
            elif value is not None:
                sheet.write_number(number_, column, value, shown)
        if style == "head" and len(line) > 1:
            sheet.freeze_panes(number_ + 1, 0)
