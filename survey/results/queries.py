"""What the results room reads: campaigns with their runs, and everything a run is made from."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.ballotbox.counts import coarse
from survey.errors import N_, NotFoundError
from survey.model.ballot import Ballot, Credential
from survey.model.campaign import Campaign, Rating, Stratum
from survey.model.framework import Leaf, Period
from survey.model.organisation import Block, Unit
from survey.model.result import Run
from survey.model.scoring import PublishedIndex, UnitPoints


@dataclass(frozen=True)
class RunSummary:
    """A run without its content."""

    id: uuid.UUID
    made_at: datetime
    made_by: str
    dataset_hash: str
    result_hash: str
    software_version: str
    is_generated: bool


@dataclass(frozen=True)
class CampaignSummary:
    """A campaign, how far it is, and its newest run."""

    campaign: Campaign
    ballots: int
    last_run: RunSummary | None


SUMMARY = (
    Run.id,
    Run.made_at,
    Run.made_by,
    Run.dataset_hash,
    Run.result_hash,
    Run.software_version,
    Run.is_generated,
)


def campaigns(session: Session, at: datetime) -> list[CampaignSummary]:
    """Return every launched campaign, the newest first."""
    counted = select(Ballot.campaign_id, func.count()).group_by(Ballot.campaign_id)
    ballots = {campaign: count for campaign, count in session.execute(counted)}  # noqa: C416
    found = session.scalars(
        select(Campaign)
        .where(Campaign.launched_at.is_not(None))
        .order_by(Campaign.opens_at.desc(), Campaign.code)
    )
    return [
        CampaignSummary(
            campaign, told(campaign, ballots.get(campaign.id, 0), at), next(iter(runs), None)
        )
        for campaign in found
        for runs in [runs_of(session, campaign)]
    ]


def campaign_by_code(session: Session, code: str) -> Campaign:
    """Return a campaign."""
    found = session.scalar(select(Campaign).where(Campaign.code == code))
    if found is None:
        raise NotFoundError(N_("Không có đợt điều tra nào mang mã “%(code)s”."), code=code)
    return found


def runs_of(session: Session, campaign: Campaign) -> list[RunSummary]:
    """Return the runs of a campaign, the newest first."""
    rows = session.execute(
        select(*SUMMARY).where(Run.campaign_id == campaign.id).order_by(Run.made_at.desc(), Run.id)
    )
    return [RunSummary(*row) for row in rows]


def runs_until(session: Session, run: Run) -> Sequence[Run]:
    """Return the runs of a run's campaign that were made before it, and itself as the last."""
    earlier = session.scalars(
        select(Run)
        .where(Run.campaign_id == run.campaign_id, Run.made_at <= run.made_at, Run.id != run.id)
        .order_by(Run.made_at, Run.id)
    ).all()
    return [*earlier, run]


def run_by_id(session: Session, run_id: str | uuid.UUID) -> Run:
    """Return a run."""
    try:
        key = run_id if isinstance(run_id, uuid.UUID) else uuid.UUID(run_id)
    except ValueError:
        key = None
    found = session.get(Run, key) if key else None
    if found is None:
        raise NotFoundError(N_("Không có lần tính nào mang mã “%(id)s”."), id=str(run_id))
    return found


def ballot_count(session: Session, campaign: Campaign, at: datetime) -> int:
    """Return how many ballots a campaign's box holds, as exactly as may be told."""
    return told(campaign, stored_ballots(session, campaign), at)


def stored_ballots(session: Session, campaign: Campaign) -> int:
    """Return how many ballots a campaign's box holds; only what never tells it may ask."""
    stored = select(func.count()).where(Ballot.campaign_id == campaign.id)
    return session.scalar(stored) or 0


def told(campaign: Campaign, count: int, at: datetime) -> int:
    """Return a count of ballots: in steps while they come in, exactly afterwards."""
    return count if campaign.closes_at <= at else coarse(count)


def strata(session: Session, campaign: Campaign, group_id: int) -> Sequence[Stratum]:
    """Return the strata of a group."""
    return session.scalars(
        select(Stratum)
        .where(Stratum.campaign_id == campaign.id, Stratum.group_id == group_id)
        .order_by(Stratum.code)
    ).all()


def issued_codes(session: Session, campaign: Campaign) -> dict[int, int]:
    """Return how many codes each stratum was handed."""
    rows = session.execute(
        select(Credential.stratum_id, func.count())
        .where(Credential.campaign_id == campaign.id)
        .group_by(Credential.stratum_id)
    )
    return {stratum: count for stratum, count in rows}  # noqa: C416 -- rows are no pairs to mypy


def unit_points(session: Session, period: Period, block: Block) -> Sequence[UnitPoints]:
    """Return the imported points of a block's units."""
    return session.scalars(
        select(UnitPoints)
        .join(Unit)
        .join(Leaf)
        .where(UnitPoints.period_id == period.id, Unit.block_id == block.id)
        .order_by(Unit.code, Leaf.code)
    ).all()


def published(session: Session, year: int, block: Block) -> Sequence[PublishedIndex]:
    """Return the indices that a block's present units had in a year."""
    return session.scalars(
        select(PublishedIndex)
        .join(Unit)
        .where(PublishedIndex.year == year, Unit.block_id == block.id)
        .order_by(Unit.code)
    ).all()


def newest_run_about(
    session: Session, block: Block, year: int, *, is_generated: bool
) -> Run | None:
    """Return the newest run of a year's campaigns that rated a block, generated or real ones."""
    rated = select(Rating.campaign_id).where(Rating.block_id == block.id)
    return session.scalar(
        select(Run)
        .join(Campaign)
        .join(Period)
        .where(Period.year == year, Campaign.is_generated == is_generated, Campaign.id.in_(rated))
        .order_by(Run.made_at.desc(), Run.id)
        .limit(1)
    )
