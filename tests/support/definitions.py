"""Definition files for tests: small, complete, and easily broken in one place."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any


def _name(text: str) -> dict[str, str]:
    return {"vi": text, "en": f"{text} (en)"}


def _unit(code: str, **changes: Any) -> dict[str, Any]:
    name = {"vi": f"Đơn vị {code}", "en": f"Unit {code}"}
    return {"code": code, "name": name, "valid_from": "2018-01-01", **changes}


ORGANISATION = {
    "format": 1,
    "respondent_groups": [
        {"code": "NB", "name": {"vi": "Nội bộ", "en": "Staff"}},
        {"code": "NG", "name": {"vi": "Người dân", "en": "Citizens"}},
    ],
    "blocks": [
        {
            "code": "CUC",
            "name": {"vi": "Khối cục", "en": "Departments"},
            "valid_from": "2018-01-01",
            "valid_to": None,
            "units": [
                _unit("A", valid_to="2025-03-01"),
                _unit("B", valid_from="2025-03-01"),
                _unit("C", is_ranked=False),
                _unit("D"),
            ],
        },
        {
            "code": "VP",
            "name": {"vi": "Khối văn phòng", "en": "Offices"},
            "valid_from": "2018-01-01",
            "units": [_unit("V1")],
        },
    ],
    "successions": [{"from": "A", "to": "B", "on": "2025-03-01", "decision": "Số 36, ngày 26/02"}],
}

FRAMEWORK = {
    "format": 1,
    "code": "CCHC",
    "version": 1,
    "title": _name("Bộ tiêu chí thử"),
    "decision": {"no": "1/QĐ-THU", "date": "2025-12-28"},
    "options": {},
    "fields": [
        {
            "code": "1",
            "name": _name("Chỉ đạo, điều hành"),
            "criteria": [
                {"code": "1.1", "name": _name("Kế hoạch"), "mode": "appraised", "max_points": "2"},
                {
                    "code": "1.2",
                    "name": _name("Chất lượng"),
                    "leaves": [
                        {
                            "code": "1.2.1",
                            "name": _name("Ý kiến"),
                            "mode": "survey",
                            "max_points": "1.50",
                            "group_weights": {"NB": "0.6", "NG": "0.4"},
                        },
                        {
                            "code": "1.2.2",
                            "name": _name("Nguồn khác"),
                            "mode": "external",
                            "max_points": "0.5",
                        },
                    ],
                },
            ],
        }
    ],
    "exemptions": [
        {"leaf": "1.2.2", "unit": "D", "reason": "Không được giao việc này", "approved_by": "Ban X"}
    ],
    "applies_to": [{"year": 2026, "block": "CUC"}],
}


def changed(original: dict[str, Any], *changes: Callable[[Any], None]) -> dict[str, Any]:
    """Return a copy of a definition with changes made to it."""
    raw = copy.deepcopy(original)
    for change in changes:
        change(raw)
    return raw


def put(value: Any, *path: str | int) -> Callable[[Any], None]:
    """Return a change that sets the value at a path."""

    def change(raw: Any) -> None:
        for step in path[:-1]:
            raw = raw[step]
        raw[path[-1]] = value

    return change


def remove(*path: str | int) -> Callable[[Any], None]:
    """Return a change that takes away what is at a path."""

    def change(raw: Any) -> None:
        for step in path[:-1]:
            raw = raw[step]
        del raw[path[-1]]

    return change
