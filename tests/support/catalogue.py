"""What nobody types and programs send: one document with every kind, and hostile texts for it."""

from __future__ import annotations

import json
from typing import Any

from tests.support.source import ROOT

SAMPLE = ROOT / "survey" / "web" / "every-kind.json"
CHILD = [
    {"code": "ten", "kind": "text", "appearance": "line", "text": {"vi": "Tên"}},
    {"code": "tuoi_con", "kind": "integer", "minimum": 0, "maximum": 99, "text": {"vi": "Tuổi"}},
]
CHILDREN: dict[str, Any] = {
    "code": "con", "title": {"vi": "Con"}, "questions": CHILD,
    "repeat": {"count": "${so_con}", "most": 3, "label": {"vi": "Con ${position}"}},
}  # fmt: skip
SILENT = [
    {"code": "tong", "kind": "calculated", "value": "sum(${tuoi_con})", "text": {"vi": "Tổng"}},
    {"code": "cua", "kind": "hidden", "source": "channel", "text": {"vi": "Cửa"}},
]
COUNT = {"code": "so_con", "kind": "integer", "minimum": 0, "maximum": 3, "text": {"vi": "Số con"}}
GOOD = {
    "chon": {"q_dong_y": "2026-1", "q_truc_tuyen": "yes"},
    "so": {"q_tuoi": "30", "q_so_con": "1"},
}
BIDI, CROWD = "an\u202etoàn\u202c \u2066x\u2069", "o" + "\u0301\u0316" * 5000

NUMBERS = {
    "true": "true", "one point nought": "1.0", "not a number": "NaN", "infinity": "Infinity",
    "overflow": "1e999", "exponent": "1e3", "hexadecimal": "0x10", "5,000 digits": "9" * 5000,
    "minus nought": "-0", "Arabic digits": "\u0663\u0660", "wide digits": "３０",
    "superscript": "3²", "underscore": "3_0", "many marks": "1.000.0", "mixed marks": "1,000.5.1",
    "minus sign": "\u22125", "fraction": "1/3", "list": "[30]", "object": '{"$gt": 0}',
}  # fmt: skip
TEXTS = {
    "script": "<script>alert(1)</script>", "image": '"><img src=x onerror=alert(1)>',
    "attribute": "' autofocus onfocus=alert(1) x='", "template": "{{7*7}}${7*7}<%= 7*7 %>#{7*7}",
    "loop": "{% for x in ().__class__.__base__.__subclasses__() %}x{% endfor %}",
    "pipe": "${tuoi} ${khong_co}", "format": "%(limit)s %s %n {0.__class__}",
    "address": "javascript:alert(1)", "SQL": "'; DROP TABLE ballot; --",
    "formula": "=cmd|'/C x'!A1", "shell": "$(id) `id` ; | &",
    "entity": "&lt;b&gt; &#0; &amp;amp;", "end": "</textarea></select>",
    "comment": "<!-- --><![CDATA[ ]]>", "emoji": "👩‍👩‍👧‍👦 🇻🇳",
}  # fmt: skip
LETTERS = {
    "NUL": "a\x00b", "escape": "a\x1b[31mb\x7f", "bidi": BIDI,
    "zero width": "a\u200bb\ufeffc\u2060", "only zero width": "\u200b\ufeff", "crowd": CROWD,
    "decomposed": "So\u031b\u0309 No\u0323\u0302i",
    "noncharacter": "a\ufffe\uffffb", "private": "\ue000\U0010ffff", "replacement": "a\ufffdb",
    "separators": "a\u2028b\u2029c", "tags": "a\U000e0041b", "long": "x" * 20_000,
    "lines": "a\r\nb\rc\nd", "blanks": " \t\u00a0\u3000 ",
}  # fmt: skip
HOSTILE = NUMBERS | TEXTS | LETTERS

DATES = {
    "31 February": ("31", "02", "2026"), "no leap year": ("29", "02", "2025"),
    "year nought": ("1", "1", "0"), "Buddhist": ("1", "1", "2569"), "negative": ("-1", "-1", "-5"),
    "far": ("31", "12", "9999"), "too far": ("1", "1", "10000"), "month 13": ("1", "13", "2026"),
    "Arabic": ("\u0661", "\u0661", "\u0662\u0660\u0662\u0666"), "whole": ("", "", "2026-02-31"),
    "no year": ("1", "1", ""), "signs": ("1-2", "3-4", "5-6"), "long": ("9" * 5000,) * 3,
}  # fmt: skip


def every_question() -> dict[str, Any]:
    """Return a document with every kind of question, a condition, a filter and a repetition."""
    document: dict[str, Any] = json.loads(SAMPLE.read_text("utf-8"))
    sections = {section["code"]: section for section in document["sections"]}
    sections["so"]["questions"].append(COUNT)
    sections["chu"]["questions"].extend(SILENT)
    place = document["sections"].index(sections["chu"])
    document["sections"].insert(place, CHILDREN)
    return document
