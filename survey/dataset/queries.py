"""What scoring a campaign rests on: its groups, whom they rate, frameworks, feeds and weights."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from survey.ballotbox.matrix import is_valid_in
from survey.model.campaign import Campaign, CampaignGroup, Rating
from survey.model.framework import (
    Criterion,
    Field,
    Framework,
    GroupWeight,
    Leaf,
    LeafExemption,
    Period,
    PeriodFramework,
    RespondentGroup,
)
from survey.model.organisation import Block, Unit
from survey.model.questionnaire import QuestionLeaf


def groups(session: Session, campaign: Campaign) -> Sequence[CampaignGroup]:
    """Return the respondent groups of a campaign."""
    return session.scalars(
        select(CampaignGroup)
        .join(RespondentGroup)
        .where(CampaignGroup.campaign_id == campaign.id)
        .order_by(RespondentGroup.position, RespondentGroup.code)
    ).all()


def blocks(session: Session, campaign: Campaign) -> Sequence[Block]:
    """Return the blocks that anybody rates."""
    rated = select(Rating.block_id).where(Rating.campaign_id == campaign.id)
    return session.scalars(
        select(Block).where(Block.id.in_(rated)).order_by(Block.position, Block.code)
    ).all()


def raters(session: Session, campaign: Campaign, block: Block) -> set[int]:
    """Return the ids of the groups that rate a block."""
    return set(
        session.scalars(
            select(Rating.group_id).where(
                Rating.campaign_id == campaign.id, Rating.block_id == block.id
            )
        )
    )


def units(session: Session, block: Block, year: int) -> Sequence[Unit]:
    """Return the units that a block had in a year, in their order."""
    return session.scalars(
        select(Unit)
        .where(Unit.block_id == block.id, is_valid_in(year))
        .order_by(Unit.position, Unit.code)
    ).all()


def framework(session: Session, period: Period, block: Block) -> Framework | None:
    """Return the framework version that holds for a block in a period."""
    bound = session.get(PeriodFramework, (period.id, block.id))
    return bound.framework if bound else None


def leaves(session: Session, of: Framework) -> Sequence[Leaf]:
    """Return the leaves of a framework, in its order."""
    return session.scalars(
        select(Leaf)
        .join(Criterion)
        .join(Field)
        .where(Field.framework_id == of.id)
        .order_by(Field.position, Criterion.position, Leaf.position, Leaf.code)
    ).all()


def feeds(session: Session, entry: CampaignGroup) -> Sequence[QuestionLeaf]:
    """Return which questions of a group feed which leaves."""
    return session.scalars(
        select(QuestionLeaf)
        .where(QuestionLeaf.version_id == entry.version_id, QuestionLeaf.group_id == entry.group_id)
        .order_by(QuestionLeaf.question)
    ).all()


def group_weights(session: Session, leaf: Leaf) -> dict[int, GroupWeight]:
    """Return the weights of a leaf by group id."""
    stored = session.scalars(select(GroupWeight).where(GroupWeight.leaf_id == leaf.id))
    return {weight.group_id: weight for weight in stored}


def exemptions(session: Session, of: Framework, block: Block) -> Sequence[LeafExemption]:
    """Return what does not apply to a block or to its units."""
    inside = select(Unit.id).where(Unit.block_id == block.id)
    known = select(Leaf.id).join(Criterion).join(Field).where(Field.framework_id == of.id)
    return session.scalars(
        select(LeafExemption)
        .where(
            LeafExemption.leaf_id.in_(known),
            or_(LeafExemption.block_id == block.id, LeafExemption.unit_id.in_(inside)),
        )
        .order_by(LeafExemption.id)
    ).all()
