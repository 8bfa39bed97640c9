"""The interval chart of a block, drawn from its run."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from analysis.report.figures import interval_chart, to_svg
from survey.errors import N_
from survey.results.drawing import drawn
from survey.results.words import GENERATED, Say, in_language
from survey.web.assets import STATIC

FONT = STATIC / "fonts" / "BeVietnamPro-Regular.ttf"


def as_svg(
    result: Mapping[str, Any],
    block: Mapping[str, Any],
    say: Say,
    language: str,
    *,
    narrow: bool = False,
) -> bytes:
    """Return the sorted interval chart of a block as SVG, for a wide page or for a phone."""
    is_index = block["ranking"]["basis"] == "index"
    scale = say(N_("Chỉ số (0–100)")) if is_index else say(N_("Phần XHH, % điểm tối đa"))
    title = in_language(block["name"], language)
    figure = interval_chart(
        _table(block, language),
        title=f"{title} – {in_language(result['campaign']['title'], language)}",
        x_label=scale,
        maximum=100.0,
        note=say(
            N_(
                "Thanh ngang: khoảng tin cậy 95%, vạch trắng: giá trị. Ô vuông rỗng: không có"
                " khoảng. Ngoặc chấm bên phải: hai đơn vị liền kề chưa phân biệt được."
            )
        ),
        generated_label=GENERATED[language] if result["is_generated"] else "",
        font_path=FONT,
        decimal_comma=language == "vi",
        narrow=narrow,
    )
    return to_svg(figure)


def _table(block: Mapping[str, Any], language: str) -> pd.DataFrame:
    lines = [
        {
            "unit": in_language(line["unit"]["name"], language),
            "points": Decimal(line["unit"]["value"]["decimal"]),
            "ci_low": line["ci_low"],
            "ci_high": line["ci_high"],
            "apart": line["apart"],
        }
        for line in drawn(block)
    ]
    columns = ["unit", "points", "ci_low", "ci_high", "apart"]
    return pd.DataFrame(lines, columns=columns, dtype=object)
