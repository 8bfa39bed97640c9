"""The organisation file: respondent groups, blocks, their units, and who took over whose work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from survey.definition import Bilingual, Reader
from survey.errors import N_

VALIDITY = ("valid_from", "valid_to")


@dataclass(frozen=True)
class GroupEntry:
    """A respondent group."""

    code: str
    name: Bilingual


@dataclass(frozen=True)
class UnitEntry:
    """A unit, with its place in the file for messages."""

    place: str
    code: str
    name: Bilingual
    is_ranked: bool
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class BlockEntry:
    """A block with its units in their order."""

    code: str
    name: Bilingual
    valid_from: date
    valid_to: date | None
    units: tuple[UnitEntry, ...]


@dataclass(frozen=True)
class SuccessionEntry:
    """A unit that took over from another."""

    place: str
    predecessor: str
    successor: str
    took_effect_on: date
    decision: str


@dataclass(frozen=True)
class OrganisationFile:
    """A whole file."""

    groups: tuple[GroupEntry, ...]
    blocks: tuple[BlockEntry, ...]
    successions: tuple[SuccessionEntry, ...]

    def units(self) -> Iterator[UnitEntry]:
        """Yield the units of every block."""
        for block in self.blocks:
            yield from block.units


def read_organisation(raw: Any, reader: Reader) -> OrganisationFile:
    """Return the file as records; what is wrong is noted in the reader."""
    parts = reader.mapping(raw, "", ("format", "respondent_groups", "blocks", "successions"))
    reader.format(parts)
    groups = reader.sequence(parts.get("respondent_groups"), "respondent_groups")
    blocks = reader.sequence(parts.get("blocks"), "blocks")
    successions = reader.sequence(parts.get("successions"), "successions")
    file = OrganisationFile(
        groups=tuple(_group(reader, item, place) for place, item in groups),
        blocks=tuple(_block(reader, item, place) for place, item in blocks),
        successions=tuple(_succession(reader, item, place) for place, item in successions),
    )
    reader.unique((group.code for group in file.groups), "respondent_groups")
    reader.unique((block.code for block in file.blocks), "blocks")
    reader.unique((unit.code for unit in file.units()), "units")
    pairs = (f"{entry.predecessor} → {entry.successor}" for entry in file.successions)
    reader.unique(pairs, "successions")
    if not (groups or blocks or successions) and not reader.problems:
        reader.wrong("", "empty", N_("Tệp chưa có nhóm, khối hay đơn vị nào."))
    return file


def _group(reader: Reader, raw: Any, place: str) -> GroupEntry:
    parts = reader.mapping(raw, place, ("code", "name"))
    code = reader.code(parts.get("code"), f"{place}.code")
    return GroupEntry(code, reader.name(parts.get("name"), f"{place}.name"))


def _block(reader: Reader, raw: Any, place: str) -> BlockEntry:
    parts = reader.mapping(raw, place, ("code", "name", *VALIDITY, "units"))
    valid_from, valid_to = _validity(reader, parts, place)
    units = reader.sequence(parts.get("units"), f"{place}.units")
    return BlockEntry(
        code=reader.code(parts.get("code"), f"{place}.code"),
        name=reader.name(parts.get("name"), f"{place}.name"),
        valid_from=valid_from,
        valid_to=valid_to,
        units=tuple(_unit(reader, item, unit_place) for unit_place, item in units),
    )


def _unit(reader: Reader, raw: Any, place: str) -> UnitEntry:
    parts = reader.mapping(raw, place, ("code", "name", "is_ranked", *VALIDITY))
    valid_from, valid_to = _validity(reader, parts, place)
    return UnitEntry(
        place=place,
        code=reader.code(parts.get("code"), f"{place}.code"),
        name=reader.name(parts.get("name"), f"{place}.name"),
        is_ranked=reader.flag(parts.get("is_ranked"), f"{place}.is_ranked", default=True),
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _validity(reader: Reader, parts: Any, place: str) -> tuple[date, date | None]:
    first = reader.day(parts.get("valid_from"), f"{place}.valid_from")
    end = reader.optional_day(parts.get("valid_to"), f"{place}.valid_to")
    if end is not None and end <= first:
        message = N_("Ngày hết hiệu lực phải sau ngày bắt đầu.")
        reader.wrong(f"{place}.valid_to", "validity", message)
    return first, end


def _succession(reader: Reader, raw: Any, place: str) -> SuccessionEntry:
    parts = reader.mapping(raw, place, ("from", "to", "on", "decision"))
    entry = SuccessionEntry(
        place=place,
        predecessor=reader.code(parts.get("from"), f"{place}.from"),
        successor=reader.code(parts.get("to"), f"{place}.to"),
        took_effect_on=reader.day(parts.get("on"), f"{place}.on"),
        decision=reader.text(parts.get("decision"), f"{place}.decision"),
    )
    if entry.predecessor == entry.successor:
        reader.wrong(place, "two-units", N_("Một đơn vị không kế thừa chính nó."))
    return entry
