"""Reading definition files (organisation, framework, campaign): every problem, with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from survey.errors import N_, DocumentError, InvalidError, Problem
from survey.questionnaire import canonical

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?")
LONGEST_NAME = 300
MISSING = N_("Thiếu mục này.")
NOT_AN_OBJECT = N_("Cần một đối tượng JSON ở đây.")

Member = TypeVar("Member", bound=StrEnum)
Refusal = Callable[[Sequence[Problem]], InvalidError]


@dataclass(frozen=True)
class Bilingual:
    """A name in the two languages of the platform."""

    vi: str
    en: str


def read_json(data: bytes) -> Any:
    """Return the value of a JSON file; raises `InvalidError` saying what to mend."""
    try:
        text = data.decode("utf-8-sig")
        if not text.strip():
            raise InvalidError([Problem("", "empty", N_("Tệp không có nội dung."))])
        return canonical.loads(text)
    except UnicodeDecodeError as error:
        message = N_("Tệp không phải văn bản UTF-8 (sai từ byte %(position)s). Hãy lưu lại UTF-8.")
        raise InvalidError([Problem("", "encoding", message, {"position": error.start})]) from error
    except DocumentError as error:
        raise InvalidError(error.problems) from error


class Reader:
    """Takes a file apart and collects what is wrong instead of stopping at the first."""

    def __init__(self, refusal: Refusal = InvalidError) -> None:
        self.problems: list[Problem] = []
        self.refusal = refusal

    def wrong(self, place: str, code: str, message: str, **values: object) -> None:
        """Note a problem."""
        self.problems.append(Problem(place or "/", code, message, values))

    def finish(self) -> None:
        """Raise everything that was noted."""
        if self.problems:
            raise self.refusal(self.problems)

    def mapping(self, raw: Any, place: str, known: Iterable[str]) -> Mapping[str, Any]:
        """Return an object; keys that nobody reads are mistakes of typing.

        A file that is no object at all is refused at once: everything else would be missing.
        """
        if not place and not isinstance(raw, Mapping):
            self.wrong(place, "object", NOT_AN_OBJECT)
            self.finish()
        if raw is None:
            self.wrong(place, "missing", MISSING)
            return {}
        if not isinstance(raw, Mapping):
            self.wrong(place, "object", NOT_AN_OBJECT)
            return {}
        allowed = set(known)
        for key in raw:
            if key not in allowed:
                self.wrong(place, "unknown", N_("Không hiểu khóa “%(key)s”."), key=key[:40])
        return raw

    def sequence(self, raw: Any, place: str, *, empty: bool = True) -> list[tuple[str, Any]]:
        """Return the items of a list, each with its place counted from 1; nothing is empty."""
        if raw is None and empty:
            return []
        if not isinstance(raw, list) or (not raw and not empty):
            self.wrong(place, "list", N_("Cần một danh sách không rỗng ở đây."))
            return []
        return [(f"{place}[{number}]", item) for number, item in enumerate(raw, 1)]

    def format(self, raw: Mapping[str, Any]) -> None:
        """Require the only format there is."""
        if raw.get("format") != 1 or isinstance(raw.get("format"), bool):
            self.wrong("format", "format", N_("Cần “format”: 1."))

    def code(self, raw: Any, place: str) -> str:
        """Return a code."""
        if isinstance(raw, str) and CODE.fullmatch(raw):
            return raw
        if raw is None:
            self.wrong(place, "missing", MISSING)
        else:
            self.wrong(place, "code", N_("Mã “%(value)s” không hợp lệ."), value=_shown(raw))
        return _shown(raw)

    def name(self, raw: Any, place: str) -> Bilingual:
        """Return a name in both languages."""
        parts = self.mapping(raw, place, ("vi", "en"))
        if not isinstance(raw, Mapping):
            return Bilingual("?", "?")
        vi, en = (self.text(parts.get(tag), f"{place}.{tag}") for tag in ("vi", "en"))
        return Bilingual(vi, en)

    def text(self, raw: Any, place: str, longest: int = LONGEST_NAME) -> str:
        """Return a text that is not empty."""
        if isinstance(raw, str) and 1 <= len(raw.strip()) <= longest:
            return raw.strip()
        if raw is None:
            self.wrong(place, "missing", MISSING)
            return "?"
        message = N_("Cần một đoạn chữ từ 1 đến %(longest)s ký tự.")
        self.wrong(place, "text", message, longest=longest)
        return "?"

    def one_of(self, raw: Any, place: str, kind: type[Member], default: Member) -> Member:
        """Return a member of an enum; nothing is the default."""
        if raw is None:
            return default
        if isinstance(raw, str) and raw in {member.value for member in kind}:
            return kind(raw)
        known = ", ".join(member.value for member in kind)
        message = N_("“%(value)s” không có trong các lựa chọn: %(known)s.")
        self.wrong(place, "value", message, value=_shown(raw), known=known)
        return default

    def flag(self, raw: Any, place: str, *, default: bool) -> bool:
        """Return true or false."""
        if raw is None or isinstance(raw, bool):
            return default if raw is None else raw
        self.wrong(place, "flag", N_("Cần true hoặc false."))
        return default

    def integer(self, raw: Any, place: str, least: int, most: int, default: int) -> int:
        """Return a whole number between two bounds; nothing is the default."""
        if raw is None:
            return default
        if isinstance(raw, int) and not isinstance(raw, bool) and least <= raw <= most:
            return raw
        message = N_("Cần một số nguyên từ %(least)s đến %(most)s.")
        self.wrong(place, "integer", message, least=least, most=most)
        return default

    def decimal(self, raw: Any, place: str) -> Decimal:
        """Return an exact number, written as a text so that no parser rounds it."""
        if isinstance(raw, str) and NUMBER.fullmatch(raw):
            return Decimal(raw)
        message = N_('Cần một số viết trong dấu nháy, với dấu chấm thập phân, ví dụ "1.5".')
        self.wrong(place, "decimal", message)
        return Decimal(1)

    def day(self, raw: Any, place: str) -> date:
        """Return a date."""
        try:
            return date.fromisoformat(raw)
        except (TypeError, ValueError):
            message = N_("Ngày phải viết dạng năm-tháng-ngày, ví dụ 2025-03-01.")
            self.wrong(place, "date", message)
            return date.min

    def optional_day(self, raw: Any, place: str) -> date | None:
        """Return a date, None where there is none."""
        return None if raw is None else self.day(raw, place)

    def unique(self, names: Iterable[str], place: str) -> None:
        """Note every name that is there twice."""
        seen: set[str] = set()
        for name in names:
            if name in seen:
                self.wrong(place, "repeated", N_("Mã “%(value)s” lặp lại."), value=name)
            seen.add(name)


def _shown(raw: Any) -> str:
    return str(raw)[:40]
