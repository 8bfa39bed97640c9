"""Whether files of the scoring room fit what is stored: units, blocks, leaves, maxima."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from survey.definition import Reader
from survey.errors import N_
from survey.model.framework import Framework, Leaf
from survey.model.organisation import Unit
from survey.scoring.framework import FrameworkFile
from survey.scoring.tables import FileReader, HistoryLine, Line, PointsLine

UNKNOWN_UNIT = N_("Không có đơn vị nào mang mã “%(unit)s”.")


@dataclass(frozen=True)
class Known:
    """What a framework file may name, with keys; versions there are; what is fixed already."""

    groups: Mapping[str, int]
    blocks: Mapping[str, int]
    units: Mapping[str, int]
    versions: frozenset[int] = frozenset()
    fixed: frozenset[tuple[int, str]] = field(default_factory=frozenset)  # year, block


class Scored(Protocol):
    """A block in a year, as points are checked against it."""

    @property
    def framework(self) -> Framework: ...  # noqa: D102
    @property
    def leaves(self) -> Sequence[Leaf]: ...  # noqa: D102
    @property
    def units(self) -> Sequence[Unit]: ...  # noqa: D102
    @property
    def exempt(self) -> set[tuple[int, int]]: ...  # noqa: D102


@dataclass(frozen=True)
class Placed:
    """Points whose unit and leaf are known."""

    line: Line
    unit_id: int
    leaf_id: int
    name: str
    points: Decimal


def check_known(file: FrameworkFile, known: Known, reader: Reader) -> None:
    """Note everything in a framework file that does not fit what is stored."""
    if file.version in known.versions:
        message = N_(
            "Bộ tiêu chí “%(name)s” đã có phiên bản %(version)s và không sửa được."
            " Hãy tăng “version”."
        )
        reader.wrong("version", "taken", message, name=file.code, version=file.version)
    for leaf in file.leaves():
        for group in sorted(leaf.group_weights.keys() - known.groups.keys()):
            message = N_("Không có nhóm đối tượng nào mang mã “%(group)s”.")
            reader.wrong(f"{leaf.place}.group_weights", "unknown-group", message, group=group)
    for entry in file.exemptions:
        if entry.unit is not None and entry.unit not in known.units:
            reader.wrong(f"{entry.place}.unit", "unknown-unit", UNKNOWN_UNIT, unit=entry.unit)
    named = [(entry.place, entry.block) for entry in file.exemptions]
    named += [(binding.place, binding.block) for binding in file.bindings]
    for place, block in named:
        if block is not None and block not in known.blocks:
            message = N_("Không có khối nào mang mã “%(block)s”.")
            reader.wrong(f"{place}.block", "unknown-block", message, block=block)
    for binding in file.bindings:
        if (binding.year, binding.block) in known.fixed:
            message = N_(
                "Năm %(year)s, khối “%(block)s” đã có bộ tiêu chí và đã mở đợt điều tra,"
                " không đổi bộ tiêu chí được nữa."
            )
            values = {"year": binding.year, "block": binding.block}
            reader.wrong(binding.place, "launched", message, **values)


def unit_of(
    entry: PointsLine | HistoryLine, units: Mapping[str, Unit], reader: FileReader
) -> Unit | None:
    """Return the unit that a row names by code or by name; an unknown one is noted."""
    unit = units.get(entry.unit) or units.get(entry.unit.casefold())
    if unit is None:
        message = N_("Không có đơn vị nào mang mã hoặc tên “%(unit)s”.")
        reader.wrong(entry.line, "unit", "unknown-unit", message, unit=entry.unit[:100])
    return unit


def placed(reader: FileReader, units: Mapping[str, Unit], blocks: Iterable[Scored]) -> list[Placed]:
    """Return the points of a file with their unit and leaf; what does not fit is noted."""
    by_unit = {unit.id: block for block in blocks for unit in block.units}
    found = [_placed(entry, units, by_unit, reader) for entry in reader.points()]
    kept = [one for one in found if one is not None]
    note_repeated([((one.unit_id, one.leaf_id), one.line) for one in kept], reader)
    return kept


def _placed(
    entry: PointsLine,
    units: Mapping[str, Unit],
    blocks: Mapping[int, Scored],
    reader: FileReader,
) -> Placed | None:
    unit = unit_of(entry, units, reader)
    if unit is None:
        return None
    block = blocks.get(unit.id)
    if block is None:
        message = N_("Đơn vị “%(unit)s” không thuộc khối nào có bộ tiêu chí trong năm này.")
        reader.wrong(entry.line, "unit", "no-framework", message, unit=unit.code)
        return None
    leaf = next((leaf for leaf in block.leaves if leaf.code == entry.leaf), None)
    if leaf is None:
        message = N_(
            "Bộ tiêu chí “%(name)s” không có tiêu chí chấm điểm “%(leaf)s”"
            " (tiêu chí chấm bằng điều tra không nhập điểm)."
        )
        values = {"name": block.framework.code, "leaf": entry.leaf[:40]}
        reader.wrong(entry.line, "leaf", "leaf", message, **values)
        return None
    _check_points(entry, unit, leaf, block, reader)
    return Placed(entry.line, unit.id, leaf.id, f"{unit.code}/{leaf.code}", entry.points)


def _check_points(
    entry: PointsLine, unit: Unit, leaf: Leaf, block: Scored, reader: FileReader
) -> None:
    if (unit.id, leaf.id) in block.exempt:
        message = N_("Tiêu chí “%(leaf)s” không áp dụng cho đơn vị “%(unit)s”.")
        reader.wrong(entry.line, "leaf", "exempt", message, leaf=leaf.code, unit=unit.code)
    if entry.points > leaf.max_points:
        message = N_("%(points)s lớn hơn điểm tối đa %(most)s của tiêu chí “%(leaf)s”.")
        values = {"points": format(entry.points, "f"), "most": format(leaf.max_points, "f")}
        reader.wrong(entry.line, "points", "maximum", message, leaf=leaf.code, **values)


def note_repeated(keyed: Iterable[tuple[object, Line]], reader: FileReader) -> None:
    """Note every row about something that an earlier row was about."""
    seen: dict[object, int] = {}
    for key, line in keyed:
        if key in seen:
            message = N_("Dòng này lặp lại dòng %(other)s.")
            reader.wrong(line, "unit", "repeated", message, other=seen[key])
        seen.setdefault(key, line.number)
