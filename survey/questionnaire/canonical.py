"""JSON read strictly and written in one way only, so that equal content has equal bytes."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, NoReturn

from survey.errors import N_, DocumentError, Problem

MAX_DEPTH = 12
MAX_CHARACTERS = 2_000_000
_NEVER = "".join(f"{chr(plane)}{chr(plane + 1)}" for plane in range(0xFFFE, 0x110000, 0x10000))
UNREADABLE = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NEVER}]")


def dumps(value: Any) -> str:
    """Return canonical JSON: sorted keys, no spaces, no NaN, letters as they are."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of a value, in hexadecimal."""
    return hashlib.sha256(dumps(value).encode("utf-8")).hexdigest()


def loads(text: str) -> Any:
    """Return the value of a JSON text; refuses what parsers disagree on.

    Repeated keys, NaN and infinities, numbers too long to hold, deep nesting and characters that
    no database stores are refused with a `DocumentError`.
    """
    if len(text) > MAX_CHARACTERS:
        _refuse("too-long", N_("Nội dung JSON dài quá %(limit)s ký tự."), limit=MAX_CHARACTERS)
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        _refuse(
            "json",
            N_("JSON sai cú pháp ở dòng %(line)s, cột %(column)s."),
            line=error.lineno,
            column=error.colno,
        )
    except RecursionError:
        _refuse("depth", N_("JSON lồng nhau quá %(limit)s tầng."), limit=MAX_DEPTH)
    except ValueError:
        _refuse("number", N_("JSON chứa một số quá dài."))
    _check(value, 0)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        _refuse("repeated", N_("Khóa “%(key)s” lặp lại trong cùng một đối tượng."), key=twice)
    return found


def _no_constant(name: str) -> NoReturn:
    _refuse("number", N_("JSON không được chứa %(name)s."), name=name)


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        _refuse("depth", N_("JSON lồng nhau quá %(limit)s tầng."), limit=MAX_DEPTH)
    if isinstance(value, dict):
        for key, part in value.items():
            _check(key, depth + 1)
            _check(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            _check(part, depth + 1)
    elif isinstance(value, str) and not is_storable(value):
        _refuse("character", N_("JSON chứa ký tự không lưu được (NUL hoặc mã lỗi)."))


def is_storable(text: str) -> bool:
    """Tell whether every database can keep a text: no NUL and no lone surrogate."""
    if "\x00" in text:
        return False
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def storable(text: str) -> str:
    """Return a text without what no database stores and no page may hold, to show it again."""
    return UNREADABLE.sub("", text)


def _refuse(code: str, message: str, **values: object) -> NoReturn:
    raise DocumentError([Problem("", code, message, values)])
