"""What the scoring room changes: frameworks, imported points, published indices."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.db import transaction
from survey.definition import Reader
from survey.model.framework import (
    Criterion,
    Field,
    Framework,
    GroupWeight,
    Leaf,
    LeafExemption,
    Period,
    PeriodFramework,
)
from survey.model.scoring import PublishedIndex, UnitPoints
from survey.scoring import queries
from survey.scoring.checks import Known, Placed, check_known, note_repeated, placed, unit_of
from survey.scoring.framework import (
    BindingEntry,
    CriterionEntry,
    FieldEntry,
    FrameworkFile,
    LeafEntry,
    read_framework,
)
from survey.scoring.tables import HISTORY_COLUMNS, POINTS_COLUMNS, FileReader


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    rows: int
    replaced: int


def load_framework(session: Session, raw: Any, *, actor: str, at: datetime) -> Framework:
    """Store a new framework version and bind it to its years and blocks."""
    reader = Reader()
    file = read_framework(raw, reader)
    with transaction(session):
        known = queries.known(session, file.code)
        if not reader.problems:
            check_known(file, known, reader)
        reader.finish()
        framework = Framework(
            code=file.code,
            version=file.version,
            title=file.title.vi,
            title_en=file.title.en,
            decision_no=file.decision_no,
            decision_date=file.decision_date,
            **file.options,
        )
        session.add(framework)
        session.flush()
        leaves: dict[str, int] = {}
        for position, field in enumerate(file.fields, 1):
            leaves |= _store_field(session, framework.id, field, position, known)
        _store_exemptions(session, file, leaves, known)
        for binding in file.bindings:
            _bind(session, framework.id, binding, known)
        audit.record(
            session,
            actor=actor,
            at=at,
            action="framework.loaded",
            thing=f"{file.code} v{file.version}",
            decision=file.decision_no,
            leaves=len(leaves),
            applies_to=[f"{binding.year}/{binding.block}" for binding in file.bindings],
        )
    return framework


def _store_field(
    session: Session, framework_id: int, entry: FieldEntry, position: int, known: Known
) -> dict[str, int]:
    field = Field(
        framework_id=framework_id,
        code=entry.code,
        name=entry.name.vi,
        name_en=entry.name.en,
        position=position,
    )
    session.add(field)
    session.flush()
    leaves: dict[str, int] = {}
    for number, criterion in enumerate(entry.criteria, 1):
        leaves |= _store_criterion(session, field.id, criterion, number, known)
    return leaves


def _store_criterion(
    session: Session, field_id: int, entry: CriterionEntry, position: int, known: Known
) -> dict[str, int]:
    criterion = Criterion(
        field_id=field_id,
        code=entry.code,
        name=entry.name.vi,
        name_en=entry.name.en,
        position=position,
    )
    session.add(criterion)
    session.flush()
    return {
        leaf.code: _store_leaf(session, criterion.id, leaf, number, known)
        for number, leaf in enumerate(entry.leaves, 1)
    }


def _store_leaf(
    session: Session, criterion_id: int, entry: LeafEntry, position: int, known: Known
) -> int:
    leaf = Leaf(
        criterion_id=criterion_id,
        code=entry.code,
        name=entry.name.vi,
        name_en=entry.name.en,
        position=position,
        level=entry.level,
        mode=entry.mode,
        max_points=entry.max_points,
    )
    session.add(leaf)
    session.flush()
    session.add_all(
        GroupWeight(leaf_id=leaf.id, group_id=known.groups[group], weight=weight)
        for group, weight in entry.group_weights.items()
    )
    return leaf.id


def _store_exemptions(
    session: Session, file: FrameworkFile, leaves: Mapping[str, int], known: Known
) -> None:
    session.add_all(
        LeafExemption(
            leaf_id=leaves[entry.leaf],
            block_id=known.blocks[entry.block] if entry.block else None,
            unit_id=known.units[entry.unit] if entry.unit else None,
            reason=entry.reason,
            approved_by=entry.approved_by,
        )
        for entry in file.exemptions
    )


def _bind(session: Session, framework_id: int, entry: BindingEntry, known: Known) -> None:
    period = session.scalar(select(Period).where(Period.year == entry.year))
    if period is None:
        period = Period(year=entry.year)
        session.add(period)
        session.flush()
    keys = {"period_id": period.id, "block_id": known.blocks[entry.block]}
    session.merge(PeriodFramework(**keys, framework_id=framework_id))


def import_points(
    session: Session,
    year: int,
    file_name: str,
    data: bytes,
    *,
    actor: str,
    at: datetime,
    is_generated: bool = False,
) -> Imported:
    """Store appraised and external points of a year; what the file lists again is replaced."""
    reader = FileReader(file_name, data, POINTS_COLUMNS)
    with transaction(session):
        period = queries.period_of(session, year)
        units = queries.units_by_name(session)
        kept = placed(reader, units, queries.points_blocks(session, year))
        reader.finish()
        replaced = _changed(session, period.id, kept)
        for one in kept:
            session.merge(
                UnitPoints(
                    period_id=period.id,
                    unit_id=one.unit_id,
                    leaf_id=one.leaf_id,
                    points=one.points,
                    source=file_name[-300:],
                    source_hash=hashlib.sha256(data).hexdigest(),
                    imported_at=at,
                    is_generated=is_generated,
                )
            )
        audit.record(
            session,
            actor=actor,
            at=at,
            action="points.imported",
            thing=f"{year}: {file_name}",
            rows=len(kept),
            replaced=replaced,
            sha256=hashlib.sha256(data).hexdigest(),
        )
    return Imported(len(kept), len(replaced))


def _changed(session: Session, period_id: int, kept: list[Placed]) -> list[str]:
    """Return “unit/leaf: before → after” of every stored value that a file changes."""
    before = {
        (row.unit_id, row.leaf_id): row.points
        for row in session.scalars(select(UnitPoints).where(UnitPoints.period_id == period_id))
    }
    return [
        f"{one.name}: {before[key]:f} → {one.points:f}"
        for one in kept
        if (key := (one.unit_id, one.leaf_id)) in before and before[key] != one.points
    ]


def import_history(
    session: Session, file_name: str, data: bytes, *, actor: str, at: datetime
) -> Imported:
    """Store indices that were published in earlier years; a unit's year given again is replaced."""
    reader = FileReader(file_name, data, HISTORY_COLUMNS)
    with transaction(session):
        units = queries.units_by_name(session)
        found = [(unit_of(line, units, reader), line) for line in reader.history()]
        known = [(unit, line) for unit, line in found if unit is not None]
        note_repeated([((unit.id, line.year), line.line) for unit, line in known], reader)
        reader.finish()
        replaced = 0
        for unit, line in known:
            replaced += session.get(PublishedIndex, (unit.id, line.year)) is not None
            session.merge(
                PublishedIndex(
                    unit_id=unit.id,
                    year=line.year,
                    block_id=unit.block_id,
                    index_value=line.index,
                    rank=line.rank,
                    source=line.source,
                    is_comparable=line.is_comparable,
                )
            )
        audit.record(
            session,
            actor=actor,
            at=at,
            action="history.imported",
            thing=file_name,
            rows=len(known),
            replaced=replaced,
        )
    return Imported(len(known), replaced)
