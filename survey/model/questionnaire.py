"""Questionnaires, their frozen versions, and what each question feeds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.model.base import Code, Key, Model, Name, between_zero_and_one
from survey.model.framework import Leaf, RespondentGroup


class Questionnaire(Model):
    """A questionnaire through its versions."""

    __tablename__ = "questionnaire"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[Key]
    code: Mapped[Code]
    title: Mapped[Name]


class QuestionnaireVersion(Model):
    """A published document; a trigger refuses every change of it."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (
        UniqueConstraint("questionnaire_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[Key]
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    number: Mapped[int]
    document: Mapped[dict[str, Any]]
    checksum: Mapped[str] = mapped_column(String(64))  # SHA-256 of the canonical document
    published_at: Mapped[datetime]

    questionnaire: Mapped[Questionnaire] = relationship()


class QuestionLeaf(Model):
    """A question that feeds a survey leaf with the answers of one respondent group."""

    __tablename__ = "question_leaf"
    __table_args__ = (between_zero_and_one("weight"),)

    version_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire_version.id"), primary_key=True
    )
    question: Mapped[Code] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("respondent_group.id"), primary_key=True)
    leaf_id: Mapped[int] = mapped_column(ForeignKey("leaf.id"), primary_key=True)
    weight: Mapped[Decimal]  # the weights of a leaf's questions in a group add up to 1

    leaf: Mapped[Leaf] = relationship()
    group: Mapped[RespondentGroup] = relationship()
