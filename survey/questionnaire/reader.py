"""What reading a questionnaire needs at every place: values of a shape, or a problem noted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from survey.errors import N_, Problem
from survey.questionnaire.canonical import storable
from survey.questionnaire.document import REFERENCE_LANGUAGE, Text

NOT_AN_OBJECT = N_("Cần một đối tượng JSON ở đây.")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
NUMBER = re.compile(
    r"-?[0-9]{1,15}(\.[0-9]{1,9})?"
)  # no exponent: written out, one may fill memory
MAX_TEXT = 5000
MAX_PROBLEMS = 500  # nobody mends more at once, and a hostile document has no end of them


class Reader:
    """Reads part after part and collects problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.languages: tuple[str, ...] = (REFERENCE_LANGUAGE,)

    def wrong(self, place: str, code: str, message: str, **values: object) -> None:
        """Note a problem."""
        self.take([Problem(place, code, message, values)])

    def take(self, problems: Iterable[Problem]) -> None:
        """Note problems, as many as anybody would read."""
        for problem in problems:
            if len(self.problems) >= MAX_PROBLEMS:
                return
            self.problems.append(problem)

    def mapping(
        self, raw: Any, place: str, known: Collection[str] | None = None
    ) -> Mapping[str, Any]:
        """Return an object that has only known keys."""
        if not isinstance(raw, Mapping):
            self.wrong(place, "object", NOT_AN_OBJECT)
            return {}
        for key in raw:
            if known is not None and key not in known:
                self.wrong(place or "/", "unknown", N_("Không hiểu khóa “%(key)s”."), key=key[:40])
        return raw

    def sequence(self, raw: Any, place: str, *, most: int | None = None) -> list[Any]:
        """Return a list that is not empty."""
        if not isinstance(raw, list) or not raw:
            self.wrong(place, "list", N_("Cần một danh sách không rỗng ở đây."))
            return []
        if most is not None and len(raw) > most:
            self.wrong(place, "too-many", N_("Có quá %(limit)s mục ở đây."), limit=most)
            return raw[:most]
        return raw

    def unique(self, names: Iterable[str], place: str) -> None:
        """Refuse what is named twice."""
        seen: set[str] = set()
        for name in names:
            if name in seen:
                self.wrong(place, "repeated", N_("Mã “%(value)s” lặp lại."), value=name)
            seen.add(name)

    def text(self, raw: Any, place: str) -> Text:
        """Return a text in the languages of the document, the reference language among them."""
        parts = self.mapping(raw, place, set(self.languages))
        for language, text in parts.items():
            if not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT:
                message = N_("Cần một đoạn chữ từ 1 đến 5000 ký tự.")
                self.wrong(f"{place}.{language}", "text", message)
        if not isinstance(parts.get(REFERENCE_LANGUAGE), str):
            if isinstance(raw, Mapping):
                self.wrong(place, "text", N_("Thiếu nội dung tiếng Việt (“vi”)."))
            return {REFERENCE_LANGUAGE: "?"}
        return {language: str(text) for language, text in parts.items()}

    def optional_text(self, raw: Any, place: str) -> Text | None:
        """Return a text where there is one."""
        return None if raw is None else self.text(raw, place)

    def language_list(self, raw: Any) -> tuple[str, ...]:
        """Return the languages of a document."""
        items = self.sequence(raw, "languages", most=20)
        tags = tuple(t for t in items if isinstance(t, str) and LANGUAGE.fullmatch(t))
        if len(tags) != len(items) or REFERENCE_LANGUAGE not in tags:
            message = N_("“languages” phải là danh sách mã ngôn ngữ, trong đó có “vi”.")
            self.wrong("languages", "language", message)
            return (REFERENCE_LANGUAGE,)
        return tags

    def name(self, raw: Any, place: str, pattern: re.Pattern[str]) -> str:
        """Return a code that matches a pattern."""
        if isinstance(raw, str) and pattern.fullmatch(raw):
            return raw
        value = storable(str(raw)[:40])
        self.wrong(place, "code", N_("Mã “%(value)s” không hợp lệ."), value=value)
        return value

    def one_of(self, raw: Any, place: str, allowed: tuple[Any, ...]) -> Any:
        """Return one of some values, of the very same type."""
        if any(raw is a or (raw == a and type(raw) is type(a)) for a in allowed):
            return raw
        known = ", ".join(str(a).lower() for a in allowed)
        self.wrong(place, "value", N_("Giá trị phải là một trong: %(known)s."), known=known)
        return allowed[0]

    def integer(self, raw: Any, place: str, low: int, high: int, default: int) -> int:
        """Return a whole number between bounds."""
        if isinstance(raw, int) and not isinstance(raw, bool) and low <= raw <= high:
            return raw
        message = N_("Cần một số nguyên từ %(low)s đến %(high)s.")
        self.wrong(place, "integer", message, low=low, high=high)
        return default

    def decimal(self, raw: Any, place: str) -> Decimal | None:
        """Return an exact number: a whole one, or a text so that no digit is lost."""
        text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
        if isinstance(text, str) and NUMBER.fullmatch(text):
            return Decimal(text)
        message = N_('Cần một số nguyên, hoặc chuỗi số thập phân như "0.5".')
        self.wrong(place, "number", message)
        return None
