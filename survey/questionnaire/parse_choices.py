"""Choices out of a JSON document: of a question, of a scale, of an official list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from survey.errors import N_
from survey.questionnaire.document import STATED, Choice, Missing
from survey.questionnaire.reader import NUMBER, Reader

CHOICE_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,15}")
MAX_CHOICES = 200
CHOICE_KEYS = ("code", "label", "coefficient", "missing", "exclusive", "parent")
Named = Mapping[str, tuple[Choice, ...]]  # “scales.name” or “lists.name” → choices


def choices(reader: Reader, raw: Any, place: str, *, most: int = MAX_CHOICES) -> tuple[Choice, ...]:
    """Return a list of choices."""
    items = reader.sequence(raw, place, most=most)
    found = tuple(_choice(reader, item, f"{place}[{n}]") for n, item in enumerate(items, 1))
    reader.unique((choice.code for choice in found), place)
    return found


def choices_of(
    reader: Reader, parts: Mapping[str, Any], place: str, named: Named
) -> tuple[Choice, ...]:
    """Return the choices of a question: its own, those of a scale, or those of a list."""
    sources = [key for key in ("choices", "scale", "list") if key in parts]
    if len(sources) > 1:
        message = N_("Chỉ dùng một trong “choices”, “scale”, “list”.")
        reader.wrong(f"{place}.{sources[1]}", "scale", message)
    if not sources or parts[sources[0]] == []:
        return ()
    if sources[0] == "choices":
        return choices(reader, parts["choices"], f"{place}.choices")
    return named_choices(reader, parts[sources[0]], f"{place}.{sources[0]}", named)


def named_choices(reader: Reader, name: Any, place: str, named: Named) -> tuple[Choice, ...]:
    """Return the choices of a scale or a list by its name."""
    kind = "scales" if place.endswith(".scale") else "lists"
    found = named.get(f"{kind}.{name}") if isinstance(name, str) else None
    if found is None:
        message = N_("Không có thang đo hay danh mục “%(name)s”.")
        reader.wrong(place, "scale", message, name=str(name)[:40])
        return ()
    return found


def _choice(reader: Reader, raw: Any, place: str) -> Choice:
    parts = reader.mapping(raw, place, CHOICE_KEYS)
    missing = parts.get("missing")
    if missing is not None:
        reader.one_of(missing, f"{place}.missing", tuple(m.value for m in STATED))
    coefficient = _coefficient(reader, parts.get("coefficient"), f"{place}.coefficient")
    if missing is not None and coefficient is not None:
        reader.wrong(place, "coefficient", N_("“Không biết” không có hệ số điểm."))
    parent = parts.get("parent")
    return Choice(
        code=reader.name(parts.get("code"), f"{place}.code", CHOICE_CODE),
        label=reader.text(parts.get("label"), f"{place}.label"),
        coefficient=coefficient,
        missing=Missing(missing) if missing in [m.value for m in STATED] else None,
        is_exclusive=reader.one_of(
            parts.get("exclusive", False), f"{place}.exclusive", (False, True)
        ),
        parent=None if parent is None else reader.name(parent, f"{place}.parent", CHOICE_CODE),
    )


def _coefficient(reader: Reader, raw: Any, place: str) -> Decimal | None:
    if raw is None:
        return None
    if isinstance(raw, str) and NUMBER.fullmatch(raw) and 0 <= Decimal(raw) <= 1:
        return Decimal(raw)
    message = N_('Hệ số phải là một chuỗi số thập phân từ 0 đến 1, ví dụ "0.6".')
    reader.wrong(place, "coefficient", message)
    return None
