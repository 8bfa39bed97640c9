"""The framework file: fields, criteria and leaves, the rules of scoring, and where they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from survey.definition import Bilingual, Reader
from survey.errors import N_
from survey.model.framework import (
    BelowMinimum,
    Blank,
    DontKnow,
    LeafLevel,
    Mode,
    NoUsableGroup,
    Pooling,
    Rounding,
    TieRule,
)

TOP = (
    "format", "code", "version", "title", "decision", "options", "fields", "exemptions",
    "applies_to",
)  # fmt: skip
OPTIONS = (
    "pooling", "dont_know", "blank", "blank_percent", "min_valid", "min_valid_points", "below_min",
    "no_usable_group", "exclude_self", "rounding", "decimals", "rank_precision", "tie_rule",
)  # fmt: skip
LEAF_KEYS = ("code", "name", "mode", "max_points", "group_weights")
FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class LeafEntry:
    """A leaf; survey leaves may weigh the respondent groups."""

    place: str
    code: str
    name: Bilingual
    level: LeafLevel
    mode: Mode
    max_points: Decimal
    group_weights: Mapping[str, Decimal]


@dataclass(frozen=True)
class CriterionEntry:
    """A criterion with its leaves; a criterion without parts is its own leaf."""

    code: str
    name: Bilingual
    leaves: tuple[LeafEntry, ...]


@dataclass(frozen=True)
class FieldEntry:
    """A field with its criteria."""

    code: str
    name: Bilingual
    criteria: tuple[CriterionEntry, ...]


@dataclass(frozen=True)
class ExemptionEntry:
    """A leaf that does not apply to a block or to a unit."""

    place: str
    leaf: str
    block: str | None
    unit: str | None
    reason: str
    approved_by: str


@dataclass(frozen=True)
class BindingEntry:
    """A year and a block in which the framework holds."""

    place: str
    year: int
    block: str


@dataclass(frozen=True)
class FrameworkFile:
    """A whole file; `options` are the columns of the framework that hold the rules."""

    code: str
    version: int
    title: Bilingual
    decision_no: str
    decision_date: date | None
    options: Mapping[str, Any]
    fields: tuple[FieldEntry, ...]
    exemptions: tuple[ExemptionEntry, ...]
    bindings: tuple[BindingEntry, ...]

    def leaves(self) -> Iterator[LeafEntry]:
        """Yield every leaf in the order of the tree."""
        for field in self.fields:
            for criterion in field.criteria:
                yield from criterion.leaves


def read_framework(raw: Any, reader: Reader) -> FrameworkFile:
    """Return the file as records; what is wrong is noted in the reader."""
    parts = reader.mapping(raw, "", TOP)
    reader.format(parts)
    decision = reader.mapping(parts.get("decision", {}), "decision", ("no", "date"))
    file = FrameworkFile(
        code=reader.code(parts.get("code"), "code"),
        version=reader.integer(parts.get("version", 0), "version", 1, 999, default=1),
        title=reader.name(parts.get("title"), "title"),
        decision_no=reader.text(decision.get("no"), "decision.no"),
        decision_date=reader.optional_day(decision.get("date"), "decision.date"),
        options=read_options(reader, parts.get("options")),
        fields=tuple(_fields(reader, parts.get("fields"))),
        exemptions=tuple(_exemptions(reader, parts.get("exemptions"))),
        bindings=tuple(_bindings(reader, parts.get("applies_to"))),
    )
    reader.unique((field.code for field in file.fields), "fields")
    reader.unique((c.code for field in file.fields for c in field.criteria), "criteria")
    reader.unique((leaf.code for leaf in file.leaves()), "leaves")
    pairs = (f"{entry.leaf} / {entry.block or entry.unit}" for entry in file.exemptions)
    reader.unique(pairs, "exemptions")
    reader.unique((f"{entry.year} / {entry.block}" for entry in file.bindings), "applies_to")
    _check_exemptions(reader, file)
    return file


def read_options(reader: Reader, raw: Any) -> dict[str, Any]:
    """Return the rules; what a file leaves out is what most decisions prescribe."""
    parts = reader.mapping({} if raw is None else raw, "options", OPTIONS)

    def choice(name: str, kind: Any, default: Any) -> Any:
        return reader.one_of(parts.get(name), f"options.{name}", kind, default)

    def count(name: str, least: int, most: int, default: int) -> int:
        return reader.integer(parts.get(name), f"options.{name}", least, most, default)

    options = {
        "pooling": choice("pooling", Pooling, Pooling.BY_GROUP),
        "dont_know": choice("dont_know", DontKnow, DontKnow.EXCLUDE),
        "blank": choice("blank", Blank, Blank.EXCLUDE),
        "blank_percent": count("blank_percent", 0, 100, default=50),
        "min_valid": count("min_valid", 1, 10_000, default=5),
        "min_valid_points": count("min_valid_points", 1, 10_000, default=5),
        "below_min": choice("below_min", BelowMinimum, BelowMinimum.DROP_GROUP),
        "no_usable_group": choice("no_usable_group", NoUsableGroup, NoUsableGroup.NOT_SCORED),
        "exclude_self": reader.flag(
            parts.get("exclude_self"), "options.exclude_self", default=True
        ),
        "rounding": choice("rounding", Rounding, Rounding.HALF_UP),
        "decimals": count("decimals", 0, 6, default=2),
        "rank_precision": None
        if parts.get("rank_precision") is None
        else count("rank_precision", 0, 6, default=2),
        "tie_rule": choice("tie_rule", TieRule, TieRule.COMPETITION),
    }
    if options["min_valid_points"] < options["min_valid"]:
        message = N_("“min_valid_points” không được nhỏ hơn “min_valid”.")
        reader.wrong("options.min_valid_points", "minimums", message)
    return options


def _fields(reader: Reader, raw: Any) -> Iterator[FieldEntry]:
    for place, item in reader.sequence(raw, "fields", empty=False):
        parts = reader.mapping(item, place, ("code", "name", "criteria"))
        criteria = reader.sequence(parts.get("criteria"), f"{place}.criteria", empty=False)
        yield FieldEntry(
            code=reader.code(parts.get("code"), f"{place}.code"),
            name=reader.name(parts.get("name"), f"{place}.name"),
            criteria=tuple(_criterion(reader, part, where) for where, part in criteria),
        )


def _criterion(reader: Reader, raw: Any, place: str) -> CriterionEntry:
    parts = reader.mapping(raw, place, (*LEAF_KEYS, "leaves"))
    if "leaves" not in parts:
        leaf = _leaf(reader, parts, place, LeafLevel.CRITERION)
        return CriterionEntry(leaf.code, leaf.name, (leaf,))
    if "mode" in parts or "max_points" in parts or "group_weights" in parts:
        message = N_("Tiêu chí có tiêu chí thành phần thì điểm chỉ ghi ở thành phần.")
        reader.wrong(place, "both", message)
    leaves = reader.sequence(parts.get("leaves"), f"{place}.leaves", empty=False)
    return CriterionEntry(
        code=reader.code(parts.get("code"), f"{place}.code"),
        name=reader.name(parts.get("name"), f"{place}.name"),
        leaves=tuple(
            _leaf(reader, reader.mapping(part, where, LEAF_KEYS), where, LeafLevel.SUBCRITERION)
            for where, part in leaves
        ),
    )


def _leaf(reader: Reader, parts: Mapping[str, Any], place: str, level: LeafLevel) -> LeafEntry:
    if parts.get("mode") is None:
        reader.wrong(f"{place}.mode", "mode", N_("Thiếu “mode”: appraised, survey hoặc external."))
    points = reader.decimal(parts.get("max_points"), f"{place}.max_points")
    if not points:
        reader.wrong(f"{place}.max_points", "points", N_("Điểm tối đa phải lớn hơn 0."))
    mode = reader.one_of(parts.get("mode"), f"{place}.mode", Mode, Mode.APPRAISED)
    return LeafEntry(
        place=place,
        code=reader.code(parts.get("code"), f"{place}.code"),
        name=reader.name(parts.get("name"), f"{place}.name"),
        level=level,
        mode=mode,
        max_points=points,
        group_weights=_weights(reader, parts.get("group_weights"), place, mode),
    )


def _weights(reader: Reader, raw: Any, place: str, mode: Mode) -> dict[str, Decimal]:
    where = f"{place}.group_weights"
    if raw is None:
        return {}
    if not isinstance(raw, Mapping) or not raw:
        reader.wrong(where, "object", N_("Cần một đối tượng JSON ở đây."))
        return {}
    if mode != Mode.SURVEY:
        reader.wrong(where, "mode", N_("Chỉ tiêu chí chấm bằng điều tra mới có trọng số nhóm."))
    weights = {
        reader.code(group, where): reader.decimal(weight, f"{where}.{group}")
        for group, weight in raw.items()
    }
    total = sum(weights.values(), Decimal(0))
    if total != 1:
        message = N_("Trọng số các nhóm cộng lại là %(total)s, phải đúng bằng 1.")
        reader.wrong(where, "weights", message, total=format(total, "f"))
    return weights


def _exemptions(reader: Reader, raw: Any) -> Iterator[ExemptionEntry]:
    for place, item in reader.sequence(raw, "exemptions"):
        parts = reader.mapping(item, place, ("leaf", "block", "unit", "reason", "approved_by"))
        block, unit = (
            None if parts.get(name) is None else reader.code(parts[name], f"{place}.{name}")
            for name in ("block", "unit")
        )
        if (block is None) == (unit is None):
            message = N_("Ghi “block” hoặc “unit”, đúng một trong hai.")
            reader.wrong(place, "block-or-unit", message)
        yield ExemptionEntry(
            place=place,
            leaf=reader.code(parts.get("leaf"), f"{place}.leaf"),
            block=block,
            unit=unit,
            reason=reader.text(parts.get("reason"), f"{place}.reason", longest=5000),
            approved_by=reader.text(parts.get("approved_by"), f"{place}.approved_by"),
        )


def _check_exemptions(reader: Reader, file: FrameworkFile) -> None:
    known = {leaf.code for leaf in file.leaves()}
    for entry in file.exemptions:
        if entry.leaf not in known:
            message = N_("Bộ tiêu chí không có tiêu chí “%(leaf)s”.")
            reader.wrong(f"{entry.place}.leaf", "leaf", message, leaf=entry.leaf)


def _bindings(reader: Reader, raw: Any) -> Iterator[BindingEntry]:
    for place, item in reader.sequence(raw, "applies_to"):
        parts = reader.mapping(item, place, ("year", "block"))
        if parts.get("year") is None:
            reader.wrong(f"{place}.year", "year", N_("Thiếu năm áp dụng."))
        yield BindingEntry(
            place=place,
            year=reader.integer(
                parts.get("year"), f"{place}.year", FIRST_YEAR, LAST_YEAR, default=FIRST_YEAR
            ),
            block=reader.code(parts.get("block"), f"{place}.block"),
        )
