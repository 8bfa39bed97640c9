"""A campaign (đợt điều tra): who rates whom, with which questionnaire, when, how anonymously."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.model.base import Code, Key, Model, Name, enum_type
from survey.model.framework import Period, RespondentGroup
from survey.model.organisation import Block, Unit
from survey.model.questionnaire import QuestionnaireVersion


class Anonymity(StrEnum):
    """How a ballot is kept apart from a person; fixed when the campaign is launched."""

    OPEN = "open"  # one link for all; never ranked
    CODE = "code"  # single-use codes, handed over and forgotten


class Scope(StrEnum):
    """Which units of a block a respondent rates."""

    ALL = "all"
    EXCEPT_OWN = "except_own"
    OWN = "own"


class Sampling(StrEnum):
    """How the respondents of a group were chosen."""

    CENSUS = "census"
    STRATIFIED = "stratified"
    CLUSTER = "cluster"


class Campaign(Model):
    """One round of the survey."""

    __tablename__ = "campaign"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("closes_at > opens_at", name="time"),
    )

    id: Mapped[Key]
    code: Mapped[Code]
    title: Mapped[Name]
    title_en: Mapped[Name]
    period_id: Mapped[int] = mapped_column(ForeignKey("period.id"))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    anonymity: Mapped[Anonymity] = mapped_column(enum_type(Anonymity, "anonymity"))
    launched_at: Mapped[datetime | None]
    is_generated: Mapped[bool]  # ballots made by a machine for demonstration

    period: Mapped[Period] = relationship()


class CampaignGroup(Model):
    """A respondent group of a campaign with its questionnaire version and its sampling."""

    __tablename__ = "campaign_group"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("respondent_group.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    sampling: Mapped[Sampling] = mapped_column(enum_type(Sampling, "sampling"))

    campaign: Mapped[Campaign] = relationship()
    group: Mapped[RespondentGroup] = relationship()
    version: Mapped[QuestionnaireVersion] = relationship()


class Rating(Model):
    """A cell of the rating matrix: which units of a block a group rates."""

    __tablename__ = "rating"
    __table_args__ = (
        ForeignKeyConstraint(
            ["campaign_id", "group_id"], ["campaign_group.campaign_id", "campaign_group.group_id"]
        ),
    )

    campaign_id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(primary_key=True)
    block_id: Mapped[int] = mapped_column(ForeignKey("block.id"), primary_key=True)
    scope: Mapped[Scope] = mapped_column(enum_type(Scope, "scope"))

    block: Mapped[Block] = relationship()


class Stratum(Model):
    """A stratum of a group: its size, the PSUs drawn, the unit its people belong to."""

    __tablename__ = "stratum"
    __table_args__ = (
        UniqueConstraint("campaign_id", "group_id", "code"),
        ForeignKeyConstraint(
            ["campaign_id", "group_id"], ["campaign_group.campaign_id", "campaign_group.group_id"]
        ),
        CheckConstraint("population_size IS NULL OR population_size >= 1", name="population"),
        CheckConstraint("sampled >= 0", name="sampled"),
        CheckConstraint(
            "population_size IS NULL OR sampled <= population_size", name="sample_fits"
        ),
    )

    id: Mapped[Key]
    campaign_id: Mapped[int]
    group_id: Mapped[int]
    code: Mapped[Code]
    label: Mapped[Name]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    population_size: Mapped[int | None]  # PSUs in the population; None: large or not known
    sampled: Mapped[int]  # PSUs drawn, whether anybody answered or not

    unit: Mapped[Unit | None] = relationship()


class Cluster(Model):
    """A PSU of a cluster sample, such as a commune, with its people in the population."""

    __tablename__ = "cluster"
    __table_args__ = (
        UniqueConstraint("stratum_id", "code"),
        CheckConstraint("population_size IS NULL OR population_size >= 1", name="population"),
    )

    id: Mapped[Key]
    stratum_id: Mapped[int] = mapped_column(ForeignKey("stratum.id"))
    code: Mapped[Code]
    label: Mapped[Name]
    population_size: Mapped[int | None]
