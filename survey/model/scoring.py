"""Points that do not come from ballots, and indices published in earlier years."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.model.base import Model, Name, positive
from survey.model.framework import Leaf
from survey.model.organisation import Block, Unit


class UnitPoints(Model):
    """Appraised or external points of a unit on a leaf in a period."""

    __tablename__ = "unit_points"
    __table_args__ = (positive("points", zero=True),)

    period_id: Mapped[int] = mapped_column(ForeignKey("period.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    leaf_id: Mapped[int] = mapped_column(ForeignKey("leaf.id"), primary_key=True)
    points: Mapped[Decimal]
    source: Mapped[Name]  # name of the imported file
    source_hash: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime]
    is_generated: Mapped[bool]

    unit: Mapped[Unit] = relationship()
    leaf: Mapped[Leaf] = relationship()


class PublishedIndex(Model):
    """An index that was published for a unit, as history."""

    __tablename__ = "published_index"
    __table_args__ = (
        positive("index_value", zero=True),
        CheckConstraint("rank IS NULL OR rank >= 1", name="rank"),
    )

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    block_id: Mapped[int] = mapped_column(ForeignKey("block.id"))
    index_value: Mapped[Decimal]
    rank: Mapped[int | None]
    source: Mapped[Name]
    is_comparable: Mapped[bool]  # False: another framework or block, so no difference is shown

    unit: Mapped[Unit] = relationship()
    block: Mapped[Block] = relationship()
