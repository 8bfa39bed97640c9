import re
from decimal import Decimal
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from defusedxml import ElementTree
from matplotlib.figure import Figure

from analysis.report.figures import interval_chart, to_svg

LONG = "Cục Phát thanh, truyền hình và thông tin điện tử"
TABLE = pd.DataFrame(
    {
        "unit": ["Cục Bưu điện Trung ương", LONG, "Quỹ $A$ & Cục <B>", "Cục Báo chí"],
        "points": [Decimal("33.70"), 30.361, 28.4, None],
        "ci_low": [31.2, 28.1, float("nan"), None],
        "ci_high": [35.1, 32.2, float("nan"), None],
        "apart": [False, True, None, None],
    }
)


def chart(**more: object) -> Figure:
    texts = {"title": "Điểm điều tra xã hội học", "x_label": "Điểm", "maximum": 37.5}
    return interval_chart(TABLE, **(texts | more))


def texts(figure: Figure) -> list[str]:
    (axes,) = figure.axes
    own = [label.get_text() for label in (*axes.get_yticklabels(), *axes.get_xticklabels())]
    return [*own, *(t.get_text() for t in axes.texts), *(t.get_text() for t in figure.texts)]


def test_same_figure_gives_the_same_bytes() -> None:
    assert to_svg(chart()) == to_svg(chart())


def test_svg_is_well_formed_without_date_or_foreign_letters() -> None:
    svg = to_svg(chart(generated_label="Số liệu mô phỏng"))

    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    assert b"<text" not in svg
    assert b"dc:date" not in svg
    assert not re.search(rb"(?:href|src)=.https?:", svg)


def test_writing_leaves_the_settings_of_the_process_alone() -> None:
    before = dict(mpl.rcParams)

    to_svg(chart())

    assert dict(mpl.rcParams) == before


def test_units_stand_in_the_order_of_the_table_and_long_names_are_wrapped() -> None:
    (axes,) = chart().axes

    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[0] == "Cục Bưu điện Trung ương"
    assert labels[1].replace("\n", " ") == LONG
    assert "\n" in labels[1]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]


def test_points_are_printed_with_the_readers_decimal_sign() -> None:
    assert {"33,70", "30,36", "–"} <= set(texts(chart()))
    assert {"33.70", "30.36"} <= set(texts(chart(decimal_comma=False)))


def test_generated_answers_are_labelled_in_the_figure() -> None:
    assert "Số liệu mô phỏng" in texts(chart(generated_label="Số liệu mô phỏng"))
    assert "Số liệu mô phỏng" not in texts(chart())


def test_figure_is_drawn_in_greys() -> None:
    colours = set(re.findall(rb"#[0-9a-f]{6}", to_svg(chart())))

    assert colours
    assert all(c[1:3] == c[3:5] == c[5:7] for c in colours)


def test_estimate_without_interval_is_a_hollow_square() -> None:
    (axes,) = chart().axes

    hollow = [line for line in axes.lines if line.get_marker() == "s"]
    bars = [line for line in axes.lines if line.get_linewidth() == 7]
    assert (len(bars), len(hollow)) == (2, 1)
    assert hollow[0].get_markerfacecolor() == "#ffffff"


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_a_short_interval_stays_in_sight_around_its_mark(narrow: bool) -> None:
    table = TABLE.iloc[:2].assign(points=[60, 68], ci_low=[59.6, 67.6], ci_high=[60.4, 68.4])

    figure = interval_chart(table, title="", x_label="", maximum=100, narrow=narrow)

    (axes,) = figure.axes
    (low, high), _ = (line.get_xdata() for line in axes.lines if line.get_linewidth() == 7)
    ends = axes.transData.transform([(low, 0), (high, 0)])[:, 0] * 72 / figure.dpi
    mark = next(line for line in axes.lines if line.get_color() == "#ffffff")
    assert ends[1] - ends[0] > 3 * mark.get_markeredgewidth()


def test_a_narrow_figure_has_the_names_above_their_rows() -> None:
    figure = chart(narrow=True)

    (axes,) = figure.axes
    names = [t for t in axes.texts if t.get_text().replace("\n", " ") in set(TABLE["unit"])]
    assert len(names) == len(TABLE)
    assert not axes.get_yticklabels()
    assert figure.get_figwidth() < chart().get_figwidth() / 2
    values = [t.get_position()[1] for t in axes.texts if t.get_text() in {"33,70", "30,36"}]
    assert all(n.get_position()[1] < y for n, y in zip(names, values, strict=False))


def test_neighbours_that_cannot_be_told_apart_are_joined_by_a_dotted_bracket() -> None:
    (axes,) = chart().axes

    assert sum(line.get_linestyle() == ":" for line in axes.lines) == 1


def test_scale_holds_all_intervals_within_the_maximum() -> None:
    low, high = chart().axes[0].get_xlim()

    assert 27.5 < low < 28.1
    assert 35.1 < high < 35.7


def test_interval_up_to_the_maximum_is_on_the_scale() -> None:
    table = TABLE.assign(ci_high=[37.5, 32.2, None, None])

    (axes,) = interval_chart(table, title="", x_label="", maximum=37.5).axes

    assert 37.5 < axes.get_xlim()[1] < 37.7
    assert max(axes.get_xticks()) <= 37.5


def test_chart_without_units_can_be_drawn() -> None:
    empty = interval_chart(TABLE.iloc[:0], title="Không có đơn vị", x_label="Điểm")

    assert to_svg(empty)


def test_font_file_is_used(tmp_path: Path) -> None:
    default = mpl.get_data_path() + "/fonts/ttf/DejaVuSerif.ttf"

    assert to_svg(chart(font_path=default)) != to_svg(chart())


def test_missing_font_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        to_svg(chart(font_path=tmp_path / "none.ttf"))
