"""What the files of the fieldwork room need beyond the shared reader of definition files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from survey import definition
from survey.clock import VIETNAM
from survey.errors import N_

WEIGHT = re.compile(r"[01](\.[0-9]{1,18})?")
NOWHEN = datetime(1, 1, 1, tzinfo=VIETNAM)
MOST = 2**31 - 1


class Reader(definition.Reader):
    """Collects what is wrong instead of stopping at the first mistake."""

    def needs(self, parts: Mapping[str, Any], place: str, *keys: str) -> None:
        """Note the keys that are missing."""
        for key in keys:
            if parts.get(key) is None:
                self.wrong(place, "missing", N_("Thiếu khóa “%(key)s”."), key=key)

    def entries(self, raw: Any, place: str) -> list[tuple[str, str, Any]]:
        """Return the entries of an object with free keys: place, key, value."""
        parts = self.mapping(raw, place, raw if isinstance(raw, Mapping) else ())
        return [(f"{place}.{key}", str(key), value) for key, value in parts.items()]

    def size(self, raw: Any, place: str) -> int | None:
        """Return how many there are, from 1; None where it is not known."""
        return None if raw is None else self.integer(raw, place, 1, MOST, 1)

    def moment(self, raw: Any, place: str) -> datetime:
        """Return a time that says its zone."""
        try:
            moment = datetime.fromisoformat(raw) if isinstance(raw, str) else NOWHEN
        except ValueError:
            moment = NOWHEN
        if moment.tzinfo is None or moment.year < 1900:
            message = N_("Cần thời điểm có múi giờ, ví dụ 2026-11-01T08:00+07:00.")
            self.wrong(place, "moment", message)
            return NOWHEN
        return moment

    def weight(self, raw: Any, place: str) -> Decimal:
        """Return an exact weight above 0 and up to 1, written as a text."""
        if isinstance(raw, str) and WEIGHT.fullmatch(raw) and 0 < Decimal(raw) <= 1:
            return Decimal(raw)
        message = N_('Trọng số phải là chuỗi số thập phân lớn hơn 0 và không quá 1, ví dụ "0.5".')
        self.wrong(place, "weight", message)
        return Decimal(0)

    def told_once(self, names: list[tuple[str, str]]) -> None:
        """Refuse what is named twice; `names` are (place, name), and the second place is told."""
        seen: set[str] = set()
        for place, name in names:
            if name in seen:
                self.wrong(place, "repeated", N_("“%(value)s” lặp lại."), value=name[:100])
            seen.add(name)
