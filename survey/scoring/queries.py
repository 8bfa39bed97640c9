"""What the scoring room reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.ballotbox.matrix import is_valid_in
from survey.errors import N_, NotFoundError
from survey.model.campaign import Campaign
from survey.model.framework import (
    Criterion,
    Field,
    Framework,
    GroupWeight,
    Leaf,
    LeafExemption,
    Mode,
    Period,
    PeriodFramework,
    RespondentGroup,
)
from survey.model.organisation import Block, Unit
from survey.model.scoring import PublishedIndex, UnitPoints
from survey.scoring.checks import Known


@dataclass(frozen=True)
class FrameworkLine:
    """A framework as the list shows it."""

    framework: Framework
    total: Decimal
    by_mode: dict[Mode, Decimal]
    holds: list[tuple[int, Block]]


@dataclass(frozen=True)
class TreeRow:
    """A row of the tree: a field, a criterion or a leaf; only leaves have a mode."""

    depth: int
    code: str
    name: str
    name_en: str
    mode: Mode | None
    total: Decimal
    by_mode: dict[Mode, Decimal]
    weights: list[tuple[RespondentGroup, Decimal]]


@dataclass(frozen=True)
class Exemption:
    """An exemption with what it is about."""

    exemption: LeafExemption
    leaf: Leaf
    block: Block | None
    unit: Unit | None


@dataclass(frozen=True)
class PointsBlock:
    """A block in a year: which leaves need imported points, and what is there and missing."""

    block: Block
    framework: Framework
    leaves: list[Leaf]
    units: list[Unit]
    points: dict[tuple[int, int], UnitPoints]
    exempt: set[tuple[int, int]]

    @property
    def needed(self) -> int:
        """How many values the block needs."""
        return len(self.units) * len(self.leaves) - len(self.exempt)

    @property
    def missing(self) -> list[tuple[Unit, list[Leaf]]]:
        """The units that still miss points, with the leaves they miss."""
        found = []
        for unit in self.units:
            there = self.points.keys() | self.exempt
            leaves = [leaf for leaf in self.leaves if (unit.id, leaf.id) not in there]
            if leaves:
                found.append((unit, leaves))
        return found


def sums(leaves: Iterable[Leaf]) -> dict[Mode, Decimal]:
    """Return the points of some leaves by mode."""
    found = dict.fromkeys(Mode, Decimal(0))
    for leaf in leaves:
        found[leaf.mode] += leaf.max_points
    return {mode: points.normalize() for mode, points in found.items()}


def total(by_mode: dict[Mode, Decimal]) -> Decimal:
    """Return the points of all modes, without zeros at the end."""
    return sum(by_mode.values(), Decimal(0)).normalize()


def framework_lines(session: Session) -> list[FrameworkLine]:
    """Return every framework, the newest version of each first."""
    frameworks = session.scalars(
        select(Framework).order_by(Framework.code, Framework.version.desc())
    ).all()
    return [_framework_line(session, framework) for framework in frameworks]


def _framework_line(session: Session, framework: Framework) -> FrameworkLine:
    by_mode = sums(leaves_of(session, framework.id))
    holds = session.execute(
        select(Period.year, Block)
        .join(PeriodFramework, PeriodFramework.period_id == Period.id)
        .join(Block, PeriodFramework.block_id == Block.id)
        .where(PeriodFramework.framework_id == framework.id)
        .order_by(Period.year.desc(), Block.position)
    )
    return FrameworkLine(
        framework, total(by_mode), by_mode, [(year, block) for year, block in holds]
    )


def framework_line(session: Session, framework_id: int) -> FrameworkLine:
    """Return one framework."""
    framework = session.get(Framework, framework_id)
    if framework is None:
        raise NotFoundError(N_("Không có bộ tiêu chí này."))
    return _framework_line(session, framework)


def leaves_of(session: Session, framework_id: int) -> list[Leaf]:
    """Return the leaves of a framework in the order of the tree."""
    return list(
        session.scalars(
            select(Leaf)
            .join(Criterion)
            .join(Field)
            .where(Field.framework_id == framework_id)
            .order_by(Field.position, Criterion.position, Leaf.position)
        )
    )


def tree(session: Session, framework_id: int) -> list[TreeRow]:
    """Return fields, criteria and leaves in their order, with sums."""
    weights = _weights(session, framework_id)
    leaves = leaves_of(session, framework_id)
    rows: list[TreeRow] = []
    for leaf in leaves:
        criterion, field = leaf.criterion, leaf.criterion.field
        if not any(row.depth == 0 and row.code == field.code for row in rows):
            inside = [one for one in leaves if one.criterion.field_id == field.id]
            rows.append(_sum_row(0, field, inside))
        if leaf.level == "subcriterion" and leaf.position == 1:
            rows.append(
                _sum_row(1, criterion, [one for one in leaves if one.criterion_id == criterion.id])
            )
        depth = 2 if leaf.level == "subcriterion" else 1
        by_mode = sums([leaf])
        rows.append(
            TreeRow(
                depth,
                leaf.code,
                leaf.name,
                leaf.name_en,
                leaf.mode,
                leaf.max_points.normalize(),
                by_mode,
                weights.get(leaf.id, []),
            )
        )
    return rows


def _sum_row(depth: int, part: Field | Criterion, leaves: list[Leaf]) -> TreeRow:
    by_mode = sums(leaves)
    return TreeRow(depth, part.code, part.name, part.name_en, None, total(by_mode), by_mode, [])


def _weights(
    session: Session, framework_id: int
) -> dict[int, list[tuple[RespondentGroup, Decimal]]]:
    found: dict[int, list[tuple[RespondentGroup, Decimal]]] = {}
    rows = session.execute(
        select(GroupWeight, RespondentGroup)
        .join(RespondentGroup, GroupWeight.group_id == RespondentGroup.id)
        .join(Leaf, GroupWeight.leaf_id == Leaf.id)
        .join(Criterion)
        .join(Field)
        .where(Field.framework_id == framework_id)
        .order_by(RespondentGroup.position)
    )
    for weight, group in rows:
        found.setdefault(weight.leaf_id, []).append((group, weight.weight))
    return found


def exemptions(session: Session, framework_id: int) -> list[Exemption]:
    """Return the exemptions of a framework."""
    rows = session.execute(
        select(LeafExemption, Leaf, Block, Unit)
        .join(Leaf, LeafExemption.leaf_id == Leaf.id)
        .join(Criterion)
        .join(Field)
        .outerjoin(Block, LeafExemption.block_id == Block.id)
        .outerjoin(Unit, LeafExemption.unit_id == Unit.id)
        .where(Field.framework_id == framework_id)
        .order_by(Leaf.code, LeafExemption.id)
    )
    return [Exemption(*row) for row in rows]


def years(session: Session) -> list[int]:
    """Return the years that have a framework, the latest first."""
    return list(session.scalars(select(Period.year).order_by(Period.year.desc())))


def period_of(session: Session, year: int) -> Period:
    """Return a year's period."""
    period = session.scalar(select(Period).where(Period.year == year))
    if period is None:
        raise NotFoundError(
            N_("Năm %(year)s chưa có bộ tiêu chí nào. Hãy nạp bộ tiêu chí trước."), year=year
        )
    return period


def points_blocks(session: Session, year: int) -> list[PointsBlock]:
    """Return the state of imported points in a year, block by block."""
    period = period_of(session, year)
    bound = session.execute(
        select(Block, Framework)
        .join(PeriodFramework, PeriodFramework.block_id == Block.id)
        .join(Framework, PeriodFramework.framework_id == Framework.id)
        .where(PeriodFramework.period_id == period.id)
        .order_by(Block.position)
    )
    points = {
        (row.unit_id, row.leaf_id): row
        for row in session.scalars(select(UnitPoints).where(UnitPoints.period_id == period.id))
    }
    return [_points_block(session, year, block, frame, points) for block, frame in bound]


def _points_block(
    session: Session,
    year: int,
    block: Block,
    framework: Framework,
    points: dict[tuple[int, int], UnitPoints],
) -> PointsBlock:
    units = session.scalars(
        select(Unit).where(Unit.block_id == block.id, is_valid_in(year)).order_by(Unit.position)
    ).all()
    leaves = [leaf for leaf in leaves_of(session, framework.id) if leaf.mode != Mode.SURVEY]
    unit_ids, leaf_ids = {unit.id for unit in units}, {leaf.id for leaf in leaves}
    exempt = set()
    for one in exemptions(session, framework.id):
        if one.leaf.id in leaf_ids:
            concerned = unit_ids if one.block and one.block.id == block.id else set()
            concerned |= unit_ids & {one.unit.id if one.unit else 0}
            exempt |= {(unit_id, one.leaf.id) for unit_id in concerned}
    kept = {key: row for key, row in points.items() if key[0] in unit_ids and key[1] in leaf_ids}
    return PointsBlock(block, framework, leaves, list(units), kept, exempt)


def history(session: Session) -> list[PublishedIndex]:
    """Return published indices, the latest year first, by block and rank."""
    return list(
        session.scalars(
            select(PublishedIndex)
            .join(Block, PublishedIndex.block_id == Block.id)
            .join(Unit, PublishedIndex.unit_id == Unit.id)
            .order_by(
                PublishedIndex.year.desc(), Block.position, PublishedIndex.rank, Unit.position
            )
        )
    )


def units_by_name(session: Session) -> dict[str, Unit]:
    """Return units by code, and by Vietnamese name where only one unit has it."""
    units = session.scalars(select(Unit)).all()
    names = [unit.name.casefold() for unit in units]
    by_name = {u.name.casefold(): u for u in units if names.count(u.name.casefold()) == 1}
    return by_name | {unit.code: unit for unit in units}


def known(session: Session, code: str) -> Known:
    """Return what a file of the framework with this code may name, and what is fixed already."""
    versions = session.scalars(select(Framework.version).where(Framework.code == code))
    fixed = session.execute(
        select(Period.year, Block.code)
        .join(PeriodFramework, PeriodFramework.period_id == Period.id)
        .join(Block, PeriodFramework.block_id == Block.id)
        .join(Campaign, Campaign.period_id == Period.id)
        .where(Campaign.launched_at.is_not(None))
    )
    return Known(
        groups={row.code: row.id for row in session.scalars(select(RespondentGroup))},
        blocks={row.code: row.id for row in session.scalars(select(Block))},
        units={row.code: row.id for row in session.scalars(select(Unit))},
        versions=frozenset(versions),
        fixed=frozenset((year, block) for year, block in fixed),
    )
