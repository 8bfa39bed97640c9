"""A questionnaire with most kinds of question, a condition, a warning and a repeated section."""

from __future__ import annotations

import copy
from typing import Any

from tests.factories import make_document


def text(said: str) -> dict[str, str]:
    return {"vi": said, "en": said}


def choice(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "label": text(code), **more}


def asked(code: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "text": text(code), **more}


DOORS = [choice("web"), choice("post"), choice("desk"), choice("none", exclusive=True)]
QUESTIONS = [
    asked("visited", "yes_no"),
    asked("wait", "integer", minimum="0", maximum="600", show="${visited} = 'yes'",
          missing=["dont_know", "refused"],
          checks=[{"code": "long", "that": ". <= 240", "severity": "warning",
                   "message": text("Hơn bốn giờ?")}]),
    asked("cost", "decimal", decimals=2),
    asked("when", "date", show="${visited} = 'yes'"),
    asked("month", "date", precision="month"),
    asked("doors", "multiple", choices=DOORS),
    asked("best", "ranking", choices=DOORS[:3]),
    asked("pace", "battery", choices=[choice("1"), choice("2"), choice("9", missing="refused")],
          items=[{"code": "fast", "text": text("Nhanh")}, {"code": "fair", "text": text("Đúng")}]),
    asked("share", "constant_sum", total="100",
          items=[{"code": "home", "text": text("Nhà")}, {"code": "work", "text": text("Cơ quan")}]),
    asked("door", "hidden", source="channel"),
    asked("people", "integer", minimum="0", maximum="5"),
    asked("half", "calculated", value="${cost} / 2", decimals=2),
    asked("dear", "calculated", value="${cost} > 10"),
    asked("story", "text"),
    asked("echo", "calculated", value="${story}"),
]  # fmt: skip
CHILD = [
    asked("age", "integer", minimum="0", maximum="99"),
    asked("sex", "yes_no"),
    asked("name", "text"),
]
SECTIONS = [
    {"code": "own", "title": text("Về bạn"), "questions": QUESTIONS},
    {"code": "kids", "title": text("Con"), "questions": CHILD,
     "repeat": {"count": "${people}", "most": 5, "label": text("Con ${position}")}},
]  # fmt: skip


def every_kind() -> dict[str, Any]:
    """Return the document: two questions about units, then those of all kinds."""
    document = make_document()
    document["sections"] = [document["sections"][0], *copy.deepcopy(SECTIONS)]
    return document
