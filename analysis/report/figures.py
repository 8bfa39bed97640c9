"""Figures: frozen tables in, matplotlib Figures and deterministic SVG out."""

import io
import math
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from textwrap import wrap
from threading import Lock
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import MaxNLocator

INK, QUIET, GRID, PAPER = "#1a1a1a", "#5c5c5c", "#d9d9d9", "#ffffff"
NAME_WIDTH, WIDTH = 36, 8.0
ROW_INCHES, LINE_INCHES = 0.30, 0.17
# The settings of the SVG writer belong to the whole process: one figure at a time.
_WRITING = Lock()


def interval_chart(
    table: pd.DataFrame,
    *,
    title: str,
    x_label: str,
    maximum: float | None = None,
    note: str = "",
    generated_label: str = "",
    font_path: str | Path | None = None,
    decimal_comma: bool = True,
) -> Figure:
    """Draw points with their intervals, one row a unit, in the order of the table.

    Parameters
    ----------
    table : unit (text as printed), points, ci_low, ci_high; points may be missing, and limits
        are missing where there is no interval. Optional `apart`: False where the unit cannot be
        told from the one below it
    title, x_label, note : texts in the reader's language; the note stands below the axis
    maximum : right end of the scale; default the largest value shown
    generated_label : drawn across the figure's head where the answers are generated
    font_path : a font file; default DejaVu Sans, which has all Vietnamese letters
    decimal_comma : comma in the numbers

    Returns
    -------
    matplotlib Figure

    Notes
    -----
    Readable without colour: a filled dot with a line is an estimate with interval, a hollow
    square an estimate without one, a dotted bracket at the right joins neighbours that cannot be
    told apart.
    """
    font = _Font(font_path)
    labels = ["\n".join(wrap(str(unit), NAME_WIDTH) or [""]) for unit in table["unit"]]
    heights = [max(ROW_INCHES, LINE_INCHES * (label.count("\n") + 1) + 0.1) for label in labels]
    heads, notes = wrap(title, 68), wrap(note, 96)
    top = 0.22 + 0.25 * len(heads) + (0.28 if generated_label else 0.0)
    bottom = 0.68 + 0.17 * len(notes)
    body = sum(heights) or ROW_INCHES
    height = body + top + bottom
    figure = Figure(figsize=(WIDTH, height), facecolor=PAPER)
    axes = figure.add_axes((0.36, bottom / height, 0.52, body / height))
    centres = [sum(heights[:row]) + own / 2 for row, own in enumerate(heights)]
    _draw_scale(axes, _ticks(table, maximum), font, decimal_comma=decimal_comma)
    _draw_rows(axes, table, centres, font, decimal_comma=decimal_comma)
    axes.set_ylim(body, 0)
    axes.set_yticks(centres, labels, fontproperties=font.sized(9.5), color=INK, parse_math=False)
    axes.set_xlabel(x_label, fontproperties=font.sized(9.5), color=INK, parse_math=False)
    _draw_texts(figure, font, heads, notes, generated_label)
    return figure


def to_svg(figure: Figure) -> bytes:
    """SVG of a figure: the same bytes for the same figure, letters as outlines, no date."""
    buffer = io.BytesIO()
    with _WRITING, mpl.rc_context({"svg.hashsalt": "analysis", "svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


class _Font:
    """One typeface in several sizes."""

    def __init__(self, path: str | Path | None) -> None:
        self.path = path

    def sized(self, points: float) -> FontProperties:
        """The typeface in a size; DejaVu Sans if no file was given."""
        if self.path is None:
            return FontProperties(family="DejaVu Sans", size=points)
        return FontProperties(fname=str(self.path), size=points)


def _ticks(table: pd.DataFrame, maximum: float | None) -> list[float]:
    """Round numbers that hold every value shown, within 0 and the maximum."""
    shown = [
        float(value)
        for name in ("points", "ci_low", "ci_high")
        for value in table[name]
        if not _missing(value)
    ]
    low, high = min(shown, default=0.0), max(shown, default=1.0)
    margin = 0.04 * (high - low) or 0.5
    found = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(low - margin, high + margin)
    inside = [float(t) for t in found if t >= 0 and (maximum is None or t <= maximum)]
    if maximum is not None and high > inside[-1]:
        inside.append(float(maximum))
    return inside if inside[0] <= low else [0.0, *inside]


def _draw_scale(axes: Axes, ticks: Sequence[float], font: _Font, *, decimal_comma: bool) -> None:
    """A quiet grid with numbers below."""
    places = 0 if all(tick == round(tick) for tick in ticks) else 1
    places = 2 if any(abs(tick - round(tick, 1)) > 1e-9 for tick in ticks) else places
    labels = [_number(f"{tick:.{places}f}", decimal_comma=decimal_comma) for tick in ticks]
    span = ticks[-1] - ticks[0]
    axes.set_xlim(ticks[0] - 0.01 * span, ticks[-1] + 0.01 * span)
    axes.set_xticks(list(ticks), labels, fontproperties=font.sized(9), color=INK)
    axes.grid(visible=True, axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=6)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)


def _draw_rows(
    axes: Axes, table: pd.DataFrame, centres: Sequence[float], font: _Font, *, decimal_comma: bool
) -> None:
    """Dots, intervals, printed points, and brackets between neighbours."""
    apart = list(table["apart"]) if "apart" in table else [None] * len(table)
    beside = axes.get_yaxis_transform()
    for row, y in enumerate(centres):
        points, low, high = (table[name].iloc[row] for name in ("points", "ci_low", "ci_high"))
        text = "–" if _missing(points) else _printed(points, decimal_comma=decimal_comma)
        axes.text(
            1.17, y, text, transform=beside, ha="right", va="center", color=INK,
            fontproperties=font.sized(9.5),
        )  # fmt: skip
        if _missing(points):
            continue
        known = not _missing(low)
        if known:
            axes.plot([float(low), float(high)], [y, y], color=INK, linewidth=1.4)
            axes.plot([float(low), float(high)], [y, y], "|", color=INK, markersize=7)
        face, marker = (INK, "o") if known else (PAPER, "s")
        axes.plot([float(points)], [y], marker, color=INK, markerfacecolor=face, markersize=6)
        if row + 1 < len(centres) and apart[row] is not None and not apart[row]:
            bracket = [y + 0.06, centres[row + 1] - 0.06]
            axes.plot(
                [1.025, 1.025], bracket, ":", color=INK, linewidth=1.4, transform=beside,
                clip_on=False,
            )  # fmt: skip


def _draw_texts(
    figure: Figure, font: _Font, heads: Sequence[str], notes: Sequence[str], generated_label: str
) -> None:
    """Title above, note below, and the warning that answers are generated."""
    height = figure.get_figheight()
    y = height - 0.12
    if generated_label:
        box = {"facecolor": INK, "edgecolor": INK, "pad": 3}
        small = font.sized(9.5)
        _write(figure, 0.025, y / height, generated_label, small, va="top", color=PAPER, bbox=box)
        y -= 0.3
    title, note = "\n".join(heads), "\n".join(notes)
    _write(figure, 0.02, y / height, title, font.sized(12.5), va="top", color=INK)
    _write(figure, 0.02, 0.08 / height, note, font.sized(8.5), va="bottom", color=QUIET)


def _write(figure: Figure, x: float, y: float, text: str, font: FontProperties, **how: Any) -> None:
    """Place a text as it is: a dollar sign is no formula."""
    figure.text(x, y, text, fontproperties=font, parse_math=False, **how)


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _printed(value: object, *, decimal_comma: bool) -> str:
    """A Decimal as it stands, other numbers with two decimals."""
    text = str(value) if isinstance(value, Decimal) else f"{float(str(value)):.2f}"
    return _number(text, decimal_comma=decimal_comma)


def _number(text: str, *, decimal_comma: bool) -> str:
    return text.replace(".", ",") if decimal_comma else text
