"""Figures: frozen tables in, matplotlib Figures and deterministic SVG out."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
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

INK, QUIET, BAND, GRID, PAPER = "#1a1a1a", "#5c5c5c", "#6f6f6f", "#d9d9d9", "#ffffff"
ROW_INCHES, LINE_INCHES = 0.30, 0.17
# The settings of the SVG writer belong to the whole process: one figure at a time.
_WRITING = Lock()


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand: the width in inches, the axes as parts of it, texts in letters."""

    width: float
    left: float
    right: float
    name_letters: int
    title_letters: int
    note_letters: int
    ticks: int
    names_above: bool


_WIDE = _Layout(9.0, 0.33, 0.89, 36, 76, 112, 7, names_above=False)
_NARROW = _Layout(3.0, 0.03, 0.80, 36, 28, 40, 4, names_above=True)


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
    narrow: bool = False,
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
    narrow : for a phone: names above their rows

    Returns
    -------
    matplotlib Figure

    Notes
    -----
    Readable without colour: a broad bar with caps is an interval and the white line in it the
    estimate, a hollow square an estimate without interval, a dotted bracket at the right joins
    neighbours that cannot be told apart. The scale is just wide enough for what is shown.
    """
    layout, font = _NARROW if narrow else _WIDE, _Font(font_path)
    labels = ["\n".join(wrap(str(unit), layout.name_letters) or [""]) for unit in table["unit"]]
    lines = [LINE_INCHES * (label.count("\n") + 1) for label in labels]
    own = [line + ROW_INCHES if narrow else max(ROW_INCHES, line + 0.1) for line in lines]
    heads, notes = wrap(title, layout.title_letters), wrap(note, layout.note_letters)
    top = 0.22 + 0.25 * len(heads) + (0.28 if generated_label else 0.0)
    bottom = 0.68 + 0.17 * len(notes)
    body = sum(own) or ROW_INCHES
    height = body + top + bottom
    figure = Figure(figsize=(layout.width, height), facecolor=PAPER)
    box = (layout.left, bottom / height, layout.right - layout.left, body / height)
    axes = figure.add_axes(box)
    tops = [sum(own[:row]) for row in range(len(own))]
    centres = [
        start + (line + ROW_INCHES * 0.4 if narrow else size / 2)
        for start, line, size in zip(tops, lines, own, strict=True)
    ]
    _draw_scale(axes, table, maximum, layout, font, decimal_comma=decimal_comma)
    _draw_rows(axes, table, centres, layout, font, decimal_comma=decimal_comma)
    axes.set_ylim(body, 0)
    _draw_names(axes, labels, tops, centres, layout, font)
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


def _scale(table: pd.DataFrame, maximum: float | None) -> tuple[float, float]:
    """Ends of the scale: every value shown with a little room, within 0 and the maximum."""
    shown = [
        float(value)
        for name in ("points", "ci_low", "ci_high")
        for value in table[name]
        if not _missing(value)
    ]
    low, high = min(shown, default=0.0), max(shown, default=1.0)
    room = 0.03 * (high - low) or 0.5
    highest = max(high, high + room if maximum is None else min(high + room, maximum))
    return max(0.0, low - room), highest


def _draw_scale(
    axes: Axes,
    table: pd.DataFrame,
    maximum: float | None,
    layout: _Layout,
    font: _Font,
    *,
    decimal_comma: bool,
) -> None:
    """A quiet grid with round numbers below."""
    low, high = _scale(table, maximum)
    locator = MaxNLocator(nbins=layout.ticks, steps=[1, 2, 2.5, 5, 10])
    ticks = [float(tick) for tick in locator.tick_values(low, high) if low <= tick <= high]
    places = 0 if all(tick == round(tick) for tick in ticks) else 1
    places = 2 if any(abs(tick - round(tick, 1)) > 1e-9 for tick in ticks) else places
    labels = [_number(f"{tick:.{places}f}", decimal_comma=decimal_comma) for tick in ticks]
    edge = 0.01 * (high - low)
    axes.set_xlim(low - edge, high + edge)
    axes.set_xticks(ticks, labels, fontproperties=font.sized(9), color=INK)
    axes.grid(visible=True, axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=6)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)


def _draw_names(
    axes: Axes,
    labels: Sequence[str],
    tops: Sequence[float],
    centres: Sequence[float],
    layout: _Layout,
    font: _Font,
) -> None:
    """Names left of their rows, or above them."""
    if not layout.names_above:
        how: dict[str, Any] = {"fontproperties": font.sized(9.5), "color": INK, "parse_math": False}
        axes.set_yticks(centres, labels, va="center", **how)
        return
    axes.set_yticks([])
    for label, y in zip(labels, tops, strict=True):
        axes.text(
            0.0, y + 0.04, label, transform=axes.get_yaxis_transform(), va="top", color=INK,
            fontproperties=font.sized(9.5), parse_math=False,
        )  # fmt: skip


def _draw_rows(
    axes: Axes,
    table: pd.DataFrame,
    centres: Sequence[float],
    layout: _Layout,
    font: _Font,
    *,
    decimal_comma: bool,
) -> None:
    """Intervals, estimates, printed points, and brackets between neighbours."""
    apart = list(table["apart"]) if "apart" in table else [None] * len(table)
    beside = axes.get_yaxis_transform()
    span = layout.right - layout.left
    edge, bracket = (0.985 - layout.left) / span, 1 + 0.02 / span
    for row, y in enumerate(centres):
        points, low, high = (table[name].iloc[row] for name in ("points", "ci_low", "ci_high"))
        text = "–" if _missing(points) else _printed(points, decimal_comma=decimal_comma)
        axes.text(
            edge, y, text, transform=beside, ha="right", va="center", color=INK,
            fontproperties=font.sized(9.5),
        )  # fmt: skip
        if _missing(points):
            continue
        _draw_estimate(axes, float(points), None if _missing(low) else (float(low), float(high)), y)
        if row + 1 < len(centres) and apart[row] is not None and not apart[row]:
            ends = [y + 0.06, centres[row + 1] - 0.06]
            axes.plot(
                [bracket, bracket], ends, ":", color=INK, linewidth=1.4, transform=beside,
                clip_on=False,
            )  # fmt: skip


def _draw_estimate(axes: Axes, points: float, limits: tuple[float, float] | None, y: float) -> None:
    """One estimate: the mark is thinner than a short interval, which stays in sight around it."""
    if limits is None:
        axes.plot([points], [y], "s", color=INK, markerfacecolor=PAPER, markersize=5)
        return
    axes.plot(limits, [y, y], color=BAND, linewidth=7, solid_capstyle="butt")
    axes.plot(limits, [y, y], "|", color=INK, markersize=11, markeredgewidth=1.2)
    axes.plot([points], [y], "|", color=PAPER, markersize=7, markeredgewidth=1.2)


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
