"""Blocks (khối) and the units (đơn vị) ranked inside them, through the years."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.model.base import Code, Key, Model, Name


class Block(Model):
    """A set of units that are ranked against each other."""

    __tablename__ = "block"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity"),
    )

    id: Mapped[Key]
    code: Mapped[Code]
    name: Mapped[Name]
    name_en: Mapped[Name]
    position: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Unit(Model):
    """An organisation that is scored."""

    __tablename__ = "unit"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity"),
    )

    id: Mapped[Key]
    code: Mapped[Code]
    name: Mapped[Name]
    name_en: Mapped[Name]
    block_id: Mapped[int] = mapped_column(ForeignKey("block.id"))
    position: Mapped[int]
    is_ranked: Mapped[bool]  # False: assessed, listed apart
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    block: Mapped[Block] = relationship()


class UnitSuccession(Model):
    """A unit that took over another one's work, wholly or in part."""

    __tablename__ = "unit_succession"
    __table_args__ = (CheckConstraint("predecessor_id <> successor_id", name="two_units"),)

    predecessor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    took_effect_on: Mapped[date]
    decision: Mapped[Name]
