"""One question out of a JSON document, by what its kind knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from survey.errors import N_
from survey.questionnaire.document import STATED, Choice, Item, Limits, Missing, Question
from survey.questionnaire.kinds.base import Kind
from survey.questionnaire.kinds.choices import YesNo
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.parse_choices import Named, choices_of, named_choices
from survey.questionnaire.reader import Reader

CODE = re.compile(r"[a-z](?:_?[a-z0-9]){0,31}")
UID = re.compile(r"[\w-]{1,64}")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
MAX_ITEMS = 100
MAX_POINTS = 11

COMMON_KEYS = frozenset(
    {"code", "uid", "kind", "text", "help", "about", "required", "missing", "show", "checks"}
)
ITEM_KEYS = ("code", "uid", "text", "list")


def question(reader: Reader, raw: Any, place: str, named: Named) -> Question:
    """Return a question without its expressions."""
    if not isinstance(raw, Mapping):
        raw = reader.mapping(raw, place)
    kind = _kind(reader, raw.get("kind"), f"{place}.kind")
    parts = reader.mapping(raw, place, COMMON_KEYS | kind.keys if kind else None)
    code = reader.name(parts.get("code"), f"{place}.code", CODE)
    found = Question(
        code=code,
        uid=reader.name(parts.get("uid", code), f"{place}.uid", UID),
        kind=kind.name if kind else "text",
        text=reader.text(parts.get("text"), f"{place}.text"),
        help=reader.optional_text(parts.get("help"), f"{place}.help"),
        choices=_choices(reader, parts, place, named, kind),
        items=_items(reader, parts, place, named, kind),
        about_units=reader.one_of(parts.get("about", "self"), f"{place}.about", ("self", "units"))
        == "units",
        is_required=reader.one_of(parts.get("required", False), f"{place}.required", (False, True)),
        limits=_limits(reader, parts, place, kind),
        appearance=_appearance(reader, parts, place, kind),
        measure=reader.optional_text(parts.get("measure"), f"{place}.measure"),
        missing=_missing(reader, parts, place),
        is_random=reader.one_of(parts.get("order", "fixed"), f"{place}.order", ("fixed", "random"))
        == "random",
        source=str(parts.get("source", "")),
        version=_version(reader, parts, place),
    )
    if kind is not None:
        _check(reader, found, kind, place)
    return found


def _kind(reader: Reader, raw: Any, place: str) -> Kind | None:
    kind = KINDS.get(raw) if isinstance(raw, str) else None
    if kind is None:
        message = N_("Không có loại câu hỏi “%(value)s”; có: %(known)s.")
        reader.wrong(place, "kind", message, value=str(raw)[:40], known=", ".join(KINDS))
    return kind


def _check(reader: Reader, found: Question, kind: Kind, place: str) -> None:
    for key, code, message in kind.faults(found):
        reader.wrong(f"{place}.{key}", code, message)
    if found.about_units and not kind.may_ask_about_units:
        message = N_("Loại câu hỏi này không hỏi theo từng đơn vị được.")
        reader.wrong(f"{place}.about", "about", message)
    if found.missing and (kind.takes_items or not kind.is_answered or kind.name == "consent"):
        message = N_("Loại câu hỏi này không có “missing”; hãy ghi trong thang đo.")
        reader.wrong(f"{place}.missing", "missing", message)
    if found.is_required and not kind.is_answered:
        message = N_("Loại câu hỏi này không có câu trả lời nên không thể bắt buộc.")
        reader.wrong(f"{place}.required", "required", message)


def _choices(
    reader: Reader, parts: Mapping[str, Any], place: str, named: Named, kind: Kind | None
) -> tuple[Choice, ...]:
    found = choices_of(reader, parts, place, named)
    if found and kind and kind.name == "rating" and {"minimum", "maximum"} & set(parts):
        message = N_("Dùng “maximum” hoặc “choices”, không cả hai.")
        reader.wrong(f"{place}.maximum", "scale", message)
    if found or kind is None:
        return found
    if kind.name == "yes_no":
        return YesNo.defaults
    if kind.name == "rating" and "maximum" in parts:
        low = reader.integer(parts.get("minimum", 1), f"{place}.minimum", 0, 1, 1)
        high = reader.integer(parts["maximum"], f"{place}.maximum", 2, MAX_POINTS, 5)
        return tuple(Choice(str(n), {"vi": str(n)}) for n in range(low, high + 1))
    return ()


def _items(
    reader: Reader, parts: Mapping[str, Any], place: str, named: Named, kind: Kind | None
) -> tuple[Item, ...]:
    if kind is None or not kind.takes_items:
        return ()
    items = reader.sequence(parts.get("items"), f"{place}.items", most=MAX_ITEMS)
    found = []
    for number, raw in enumerate(items, 1):
        here = f"{place}.items[{number}]"
        item = reader.mapping(raw, here, ITEM_KEYS)
        code = reader.name(item.get("code"), f"{here}.code", CODE)
        is_level = kind.name == "cascade"
        if ("list" in item) != is_level:
            message = N_("Mỗi cấp của danh mục cần “list”; các loại khác không có.")
            reader.wrong(f"{here}.list", "list", message)
        found.append(
            Item(
                code=code,
                uid=reader.name(item.get("uid", code), f"{here}.uid", UID),
                text=reader.text(item.get("text"), f"{here}.text"),
                choices=named_choices(reader, item.get("list"), f"{here}.list", named)
                if is_level
                else (),
            )
        )
    return tuple(found)


def _limits(reader: Reader, parts: Mapping[str, Any], place: str, kind: Kind | None) -> Limits:
    def whole(key: str, low: int, high: int, default: int) -> int:
        return reader.integer(parts.get(key, default), f"{place}.{key}", low, high, default)

    def exact(key: str) -> Any:
        return None if parts.get(key) is None else reader.decimal(parts[key], f"{place}.{key}")

    def count(key: str) -> int | None:
        return None if parts.get(key) is None else whole(key, 1, 200, 1)

    return Limits(
        max_length=whole("max_length", 1, 4000, 1000),
        min_length=whole("min_length", 0, 4000, 0),
        pattern=_pattern(reader, parts.get("pattern"), f"{place}.pattern"),
        minimum=exact("minimum"),
        maximum=exact("maximum"),
        decimals=whole("decimals", 0, 9, 6 if kind and kind.name == "calculated" else _usual(kind)),
        total=exact("total"),
        least=count("least"),
        most=count("most"),
        earliest=_date(reader, parts, f"{place}.earliest"),
        latest=_date(reader, parts, f"{place}.latest"),
        precision=reader.one_of(
            parts.get("precision", "day"), f"{place}.precision", ("day", "month", "year", "any")
        ),
    )


def _pattern(reader: Reader, raw: Any, place: str) -> str | None:
    if raw is not None and not isinstance(raw, str):
        reader.wrong(place, "pattern", N_("Mẫu không đúng cú pháp RE2."))
    return raw if isinstance(raw, str) else None


def _usual(kind: Kind | None) -> int:
    return 2 if kind and kind.name == "decimal" else 0


def _date(reader: Reader, parts: Mapping[str, Any], place: str) -> str | None:
    raw = parts.get(place.rpartition(".")[2])
    if raw is None:
        return None
    try:
        return date.fromisoformat(
            raw if isinstance(raw, str) and len(raw) == 10 else ""
        ).isoformat()
    except ValueError:
        reader.wrong(place, "date", N_("Cần ngày dạng 2026-01-31."))
        return None


def _appearance(reader: Reader, parts: Mapping[str, Any], place: str, kind: Kind | None) -> str:
    known: tuple[str, ...] = getattr(kind, "appearances", ("",))
    if "appearance" not in parts:
        return known[0]
    return str(reader.one_of(parts["appearance"], f"{place}.appearance", known))


def _missing(reader: Reader, parts: Mapping[str, Any], place: str) -> tuple[Missing, ...]:
    raw = parts.get("missing")
    if raw is None:
        return ()
    names = [m.value for m in STATED]
    given = reader.sequence(raw, f"{place}.missing", most=len(names))
    for name in given:
        reader.one_of(name, f"{place}.missing", tuple(names))
    return tuple(m for m in STATED if m.value in given)


def _version(reader: Reader, parts: Mapping[str, Any], place: str) -> str:
    raw = parts.get("version")
    return "" if raw is None else reader.name(raw, f"{place}.version", VERSION)
