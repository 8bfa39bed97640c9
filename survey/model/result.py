"""Runs: frozen results with everything needed to repeat them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.model.base import Identifier, Model, Name, Note
from survey.model.campaign import Campaign


class Run(Model):
    """One computation of a campaign's results; a trigger refuses every change of it."""

    __tablename__ = "run"

    id: Mapped[Identifier] = mapped_column(default=uuid.uuid4)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[Name]
    dataset_hash: Mapped[str] = mapped_column(String(64))
    scheme_hash: Mapped[str] = mapped_column(String(64))
    inputs: Mapped[Note]  # canonical JSON: schemes, appraised points, history, units
    inputs_hash: Mapped[str] = mapped_column(String(64))
    software_version: Mapped[str] = mapped_column(String(40))
    seed: Mapped[int]
    result: Mapped[Note]  # canonical JSON: run.json
    result_hash: Mapped[str] = mapped_column(String(64))
    is_generated: Mapped[bool]

    campaign: Mapped[Campaign] = relationship()
