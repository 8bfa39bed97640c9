"""The framework (bộ tiêu chí): what is scored, for how many points, under which rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.model.base import (
    Code,
    Key,
    Model,
    Name,
    Note,
    between_zero_and_one,
    enum_type,
    positive,
)
from survey.model.organisation import Block


class Mode(StrEnum):
    """Where the points of a leaf come from."""

    APPRAISED = "appraised"
    SURVEY = "survey"
    EXTERNAL = "external"


class LeafLevel(StrEnum):
    """Where in the tree a leaf sits."""

    CRITERION = "criterion"
    SUBCRITERION = "subcriterion"


class Pooling(StrEnum):
    """How the ballots of several groups come together."""

    BY_GROUP = "by_group"
    POOLED = "pooled"


class DontKnow(StrEnum):
    """What a “don't know” counts as."""

    EXCLUDE = "exclude"
    ZERO = "zero"
    MIDDLE = "middle"


class Blank(StrEnum):
    """What a blank does."""

    EXCLUDE = "exclude"
    INVALIDATE_BALLOT = "invalidate_ballot"


class BelowMinimum(StrEnum):
    """What happens where a group gave too few valid ballots."""

    DROP_GROUP = "drop_group"
    LEAF_NOT_SCORED = "leaf_not_scored"
    LAST_YEAR = "last_year"
    MANUAL = "manual"


class NoUsableGroup(StrEnum):
    """What a leaf gets that no group could score."""

    NOT_SCORED = "not_scored"
    ZERO = "zero"


class Rounding(StrEnum):
    """How published figures are rounded."""

    HALF_UP = "half_up"
    DOWN = "down"
    HALF_EVEN = "half_even"


class TieRule(StrEnum):
    """How ranks go on after a tie."""

    COMPETITION = "competition"
    DENSE = "dense"


class Framework(Model):
    """One version of a framework, with the options of scoring, rounding and ranking."""

    __tablename__ = "framework"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("min_valid >= 1 AND min_valid_points >= min_valid", name="minimums"),
        CheckConstraint("blank_percent BETWEEN 0 AND 100", name="blank_percent"),
        CheckConstraint("decimals BETWEEN 0 AND 6", name="decimals"),
        CheckConstraint("rank_precision IS NULL OR rank_precision BETWEEN 0 AND 6", name="ranks"),
    )

    id: Mapped[Key]
    code: Mapped[Code]
    version: Mapped[int]
    title: Mapped[Name]
    title_en: Mapped[Name]
    decision_no: Mapped[Name]
    decision_date: Mapped[date | None]
    pooling: Mapped[Pooling] = mapped_column(enum_type(Pooling, "pooling"))
    dont_know: Mapped[DontKnow] = mapped_column(enum_type(DontKnow, "dont_know"))
    blank: Mapped[Blank] = mapped_column(enum_type(Blank, "blank"))
    blank_percent: Mapped[int]  # with invalidate_ballot: more blanks than this void the ballot
    min_valid: Mapped[int]  # fewer valid ballots of a group about a unit are never shown
    min_valid_points: Mapped[int]  # fewer do not count towards points
    below_min: Mapped[BelowMinimum] = mapped_column(enum_type(BelowMinimum, "below_min"))
    no_usable_group: Mapped[NoUsableGroup] = mapped_column(
        enum_type(NoUsableGroup, "no_usable_group")
    )
    exclude_self: Mapped[bool]
    rounding: Mapped[Rounding] = mapped_column(enum_type(Rounding, "rounding"))
    decimals: Mapped[int]
    rank_precision: Mapped[int | None]  # None: ranks compare unrounded values
    tie_rule: Mapped[TieRule] = mapped_column(enum_type(TieRule, "tie_rule"))


class Field(Model):
    """A field (lĩnh vực) of a framework."""

    __tablename__ = "field"
    __table_args__ = (UniqueConstraint("framework_id", "code"),)

    id: Mapped[Key]
    framework_id: Mapped[int] = mapped_column(ForeignKey("framework.id"))
    code: Mapped[Code]
    name: Mapped[Name]
    name_en: Mapped[Name]
    position: Mapped[int]

    framework: Mapped[Framework] = relationship()


class Criterion(Model):
    """A criterion (tiêu chí) of a field."""

    __tablename__ = "criterion"
    __table_args__ = (UniqueConstraint("field_id", "code"),)

    id: Mapped[Key]
    field_id: Mapped[int] = mapped_column(ForeignKey("field.id"))
    code: Mapped[Code]
    name: Mapped[Name]
    name_en: Mapped[Name]
    position: Mapped[int]

    field: Mapped[Field] = relationship()


class Leaf(Model):
    """Where points are given: a criterion without parts, or a sub-criterion."""

    __tablename__ = "leaf"
    __table_args__ = (
        UniqueConstraint("criterion_id", "code"),
        positive("max_points"),
        Index(
            "uq_leaf_criterion_is_leaf",
            "criterion_id",
            unique=True,
            sqlite_where=text("level = 'criterion'"),
            postgresql_where=text("level = 'criterion'"),
        ),
    )

    id: Mapped[Key]
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    code: Mapped[Code]
    name: Mapped[Name]
    name_en: Mapped[Name]
    position: Mapped[int]
    level: Mapped[LeafLevel] = mapped_column(enum_type(LeafLevel, "level"))
    mode: Mapped[Mode] = mapped_column(enum_type(Mode, "mode"))
    max_points: Mapped[Decimal]

    criterion: Mapped[Criterion] = relationship()


class LeafExemption(Model):
    """A leaf that does not apply to a block or to one unit, with the reason and who approved."""

    __tablename__ = "leaf_exemption"
    __table_args__ = (
        CheckConstraint("(block_id IS NULL) <> (unit_id IS NULL)", name="block_or_unit"),
        CheckConstraint("length(reason) > 0 AND length(approved_by) > 0", name="explained"),
        UniqueConstraint("leaf_id", "block_id"),
        UniqueConstraint("leaf_id", "unit_id"),
    )

    id: Mapped[Key]
    leaf_id: Mapped[int] = mapped_column(ForeignKey("leaf.id"))
    block_id: Mapped[int | None] = mapped_column(ForeignKey("block.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    reason: Mapped[Note]
    approved_by: Mapped[Name]


class RespondentGroup(Model):
    """A respondent group (đối tượng điều tra)."""

    __tablename__ = "respondent_group"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[Key]
    code: Mapped[Code]
    name: Mapped[Name]
    name_en: Mapped[Name]
    position: Mapped[int]


class GroupWeight(Model):
    """How much a respondent group counts in a survey leaf; without rows groups count equally."""

    __tablename__ = "group_weight"
    __table_args__ = (between_zero_and_one("weight"),)

    leaf_id: Mapped[int] = mapped_column(ForeignKey("leaf.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("respondent_group.id"), primary_key=True)
    weight: Mapped[Decimal]


class Period(Model):
    """A year of assessment."""

    __tablename__ = "period"
    __table_args__ = (UniqueConstraint("year"),)

    id: Mapped[Key]
    year: Mapped[int]


class PeriodFramework(Model):
    """The framework version that holds for a block in a period."""

    __tablename__ = "period_framework"

    period_id: Mapped[int] = mapped_column(ForeignKey("period.id"), primary_key=True)
    block_id: Mapped[int] = mapped_column(ForeignKey("block.id"), primary_key=True)
    framework_id: Mapped[int] = mapped_column(ForeignKey("framework.id"))

    block: Mapped[Block] = relationship()
    framework: Mapped[Framework] = relationship()
