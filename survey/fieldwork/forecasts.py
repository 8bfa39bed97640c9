"""A forecast in words: the table of the command line, and the same as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from survey.errors import N_
from survey.fieldwork.simulation import Expectation
from survey.web.i18n import translate

LABEL = N_("Số liệu mô phỏng")
BLOCK = N_("Khối %(block)s: %(count)s lượt mô phỏng, tối đa %(points)s điểm điều tra")
HEAD = (N_("Đơn vị"), N_("Phiếu"), N_("Điểm"), N_("±"), N_("± (90 %%)"), N_("Có điểm"))
FOUND = N_("Phát hiện")
BANDS = N_("Số nhóm phân biệt được: %(bands)s (sai số mô phỏng %(error)s)")
PAIRS = N_("Cặp đơn vị phân biệt được: %(share)s %%")
POWER = N_(
    "Phát hiện: tỷ lệ lượt mô phỏng mà kiểm định nhận ra mức thay đổi %(change)s điểm trên 100"
    " (sai số nhiều nhất %(error)s điểm phần trăm)"
)


def lines(found: Sequence[Expectation], language: str) -> Iterator[str]:
    """Yield the lines of the tables, the label that nothing here is real first."""

    def say(text: str, **values: object) -> str:
        return translate(text, language, values or {"": ""})

    yield say(LABEL)
    for one in found:
        forecast = one.forecast
        yield ""
        yield say(
            BLOCK,
            block=one.block.code,
            count=forecast.replications,
            points=_number(one.maximum, 2, language),
        )
        yield from _table(_rows(one, language), [say(text) for text in _head(one)])
        bands = {"bands": forecast.expected_bands, "error": forecast.bands_se}
        yield say(BANDS, **{key: _number(value, 1, language) for key, value in bands.items()})
        yield say(PAIRS, share=_number(100 * forecast.pairs_apart, 0, language))
        if forecast.change is not None:
            values = {"change": forecast.change, "error": 100 * forecast.share_error}
            yield say(POWER, **{key: _number(value, 1, language) for key, value in values.items()})


def _head(one: Expectation) -> tuple[str, ...]:
    return HEAD if one.forecast.change is None else (*HEAD, FOUND)


def _rows(one: Expectation, language: str) -> Iterator[list[str]]:
    for row in one.forecast.table.to_dict("records"):
        cells = [
            str(row["unit"]),
            _number(row["n"], 0, language),
            _number(row["points"], 2, language),
            _number(row["half_width"], 2, language),
            _number(row["half_width_high"], 2, language),
            _percent(row["scored"], language),
        ]
        yield cells if one.forecast.change is None else [*cells, _percent(row["power"], language)]


def _table(rows: Iterator[list[str]], head: Sequence[str]) -> Iterator[str]:
    """Yield aligned lines: names to the left, numbers to the right."""
    table = [list(head), *rows]
    widths = [max(len(line[column]) for line in table) for column in range(len(head))]
    for line in table:
        cells = [
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        yield "  " + "  ".join(cells).rstrip()


def _percent(share: float, language: str) -> str:
    return "–" if math.isnan(share) else f"{_number(100 * share, 0, language)} %"


def _number(value: float, decimals: int, language: str) -> str:
    if math.isnan(value):
        return "–"
    text = f"{value:,.{decimals}f}"
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))


def document(campaign: str, found: Sequence[Expectation]) -> dict[str, Any]:
    """Return the forecast as plain values for JSON."""
    return {
        "format": 1,
        "campaign": campaign,
        "is_generated": True,
        "blocks": [_block(one) for one in found],
    }


def _block(one: Expectation) -> dict[str, Any]:
    forecast = one.forecast
    return {
        "code": one.block.code,
        "max_points": one.maximum,
        "replications": forecast.replications,
        "seed": forecast.seed,
        "level": forecast.level,
        "change": forecast.change,
        "expected_bands": forecast.expected_bands,
        "bands_se": forecast.bands_se,
        "bands": _plain(forecast.bands_table.to_dict("records")),
        "pairs_apart": forecast.pairs_apart,
        "units": [
            {"name": one.names[row["unit"]], **row}
            for row in _plain(forecast.table.to_dict("records"))
        ],
    }


def _plain(rows: Sequence[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """Return rows with null where there is no number."""
    return [
        {str(k): None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}
        for row in rows
    ]
