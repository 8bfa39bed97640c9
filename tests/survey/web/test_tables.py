"""Long wide tables move in a frame of their own; short ones stand whole on the page."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string

TABLE = """
{% from "macros/table.html" import data_table %}
{{ data_table("t", "T", [{"key": "n", "label": "N"}], rows, wide=wide) }}
"""


@pytest.mark.parametrize(
    ("count", "wide", "framed"), [(20, True, False), (21, True, True), (21, False, False)]
)
def test_only_long_wide_tables_are_capped(
    app: Flask, count: int, *, wide: bool, framed: bool
) -> None:
    rows = [{"n": number} for number in range(count)]

    with app.test_request_context():
        shown = render_template_string(TABLE, rows=rows, wide=wide)

    assert ("table-frame-long" in shown) == framed
