"""What the fieldwork room reads: campaigns, their design, how far they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from survey.ballotbox.counts import TOLD_FROM, coarse
from survey.ballotbox.matrix import is_valid_in
from survey.errors import N_, NotFoundError
from survey.fieldwork.checking import Catalogue, Feeding, KnownLeaf
from survey.fieldwork.definition import Definition, Named
from survey.model.ballot import Ballot, Credential, Spent
from survey.model.campaign import Campaign, CampaignGroup, Cluster, Rating, Sampling, Stratum
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
from survey.model.questionnaire import QuestionLeaf, Questionnaire, QuestionnaireVersion
from survey.model.result import Run
from survey.questionnaire.document import Document
from survey.questionnaire.parse import parse


class State(StrEnum):
    """How far a campaign is."""

    PREPARED = "prepared"
    WAITING = "waiting"  # launched, before the opening time
    OPEN = "open"
    CLOSED = "closed"


def state_of(campaign: Campaign, at: datetime) -> State:
    """Return how far a campaign is at a moment."""
    if campaign.launched_at is None:
        return State.PREPARED
    if at < campaign.opens_at:
        return State.WAITING
    return State.OPEN if at < campaign.closes_at else State.CLOSED


def campaigns(session: Session) -> Sequence[Campaign]:
    """Return every campaign, the newest first."""
    return session.scalars(select(Campaign).order_by(Campaign.opens_at.desc(), Campaign.code)).all()


def campaign_by_code(session: Session, code: str) -> Campaign:
    """Return a campaign."""
    campaign = session.scalar(select(Campaign).where(Campaign.code == code))
    if campaign is None:
        raise NotFoundError(N_("Không có đợt điều tra nào mang mã “%(code)s”."), code=code)
    return campaign


# --- The pages of one campaign ------------------------------------------------------------------


def groups(session: Session, campaign: Campaign) -> Sequence[CampaignGroup]:
    """Return the respondent groups of a campaign."""
    return session.scalars(
        select(CampaignGroup)
        .join(RespondentGroup)
        .where(CampaignGroup.campaign_id == campaign.id)
        .order_by(RespondentGroup.position, RespondentGroup.code)
    ).all()


def _of_group(table: type[Rating | Stratum]) -> ColumnElement[bool]:
    """Return the condition that joins a part of a campaign to its group."""
    return (table.campaign_id == CampaignGroup.campaign_id) & (
        table.group_id == CampaignGroup.group_id
    )


@dataclass(frozen=True)
class MatrixLine:
    """A cell of the rating matrix with the questionnaire that serves it."""

    group: CampaignGroup
    rating: Rating


def matrix(session: Session, campaign: Campaign) -> list[MatrixLine]:
    """Return who rates whom with which questionnaire."""
    rows = session.execute(
        select(CampaignGroup, Rating)
        .join(Rating, _of_group(Rating))
        .join(RespondentGroup, RespondentGroup.id == CampaignGroup.group_id)
        .join(Block, Block.id == Rating.block_id)
        .where(CampaignGroup.campaign_id == campaign.id)
        .order_by(RespondentGroup.position, RespondentGroup.code, Block.position)
    )
    return [MatrixLine(group, rating) for group, rating in rows]


@dataclass(frozen=True)
class FeedLine:
    """A question that gives points on a leaf with the answers of a group."""

    leaf: Leaf
    group: RespondentGroup
    question: str
    text: dict[str, str]
    weight: Decimal


def feeds(session: Session, campaign: Campaign) -> list[tuple[Framework, list[FeedLine]]]:
    """Return what feeds which leaf, framework by framework."""
    rows = session.execute(
        select(QuestionLeaf, Framework, Leaf, RespondentGroup)
        .join(
            CampaignGroup,
            and_(
                CampaignGroup.version_id == QuestionLeaf.version_id,
                CampaignGroup.group_id == QuestionLeaf.group_id,
            ),
        )
        .join(Leaf, Leaf.id == QuestionLeaf.leaf_id)
        .join(Criterion, Criterion.id == Leaf.criterion_id)
        .join(Field, Field.id == Criterion.field_id)
        .join(Framework, Framework.id == Field.framework_id)
        .join(RespondentGroup, RespondentGroup.id == QuestionLeaf.group_id)
        .where(
            CampaignGroup.campaign_id == campaign.id,
            Framework.id.in_(
                select(PeriodFramework.framework_id).where(
                    PeriodFramework.period_id == campaign.period_id
                )
            ),
        )
        .order_by(
            Framework.code, Field.position, Criterion.position, Leaf.position,
            RespondentGroup.position, QuestionLeaf.question,
        )
    )  # fmt: skip
    texts = _texts_of_questions(session, campaign)
    found: dict[Framework, list[FeedLine]] = defaultdict(list)
    for feed, framework, leaf, group in rows:
        text = texts[group.id, feed.question]
        found[framework].append(FeedLine(leaf, group, feed.question, text, feed.weight))
    return list(found.items())


def _texts_of_questions(
    session: Session, campaign: Campaign
) -> dict[tuple[int, str], dict[str, str]]:
    return {
        (group.group_id, question.code): dict(question.text)
        for group in groups(session, campaign)
        for question in parse(group.version.document).questions()
    }


@dataclass(frozen=True)
class StratumProgress:
    """A stratum with as much of its progress as may be told."""

    stratum: Stratum
    clusters: int
    received: int | None  # in coarse steps; None: too few people to say


@dataclass(frozen=True)
class GroupProgress:
    """A group with its strata, and its ballots in coarse steps."""

    group: CampaignGroup
    strata: tuple[StratumProgress, ...]
    received: int | None

    @property
    def sampled(self) -> int:
        """Return how many people or clusters were drawn."""
        return sum(line.stratum.sampled for line in self.strata)


def progress(session: Session, campaign: Campaign) -> list[GroupProgress]:
    """Return the ballots received by group and stratum, so coarsely that nobody is singled out."""
    ballots: Counter[int] = Counter()
    for (stratum_id, _), count in ballots_by_place(session, campaign).items():
        ballots[stratum_id] += count
    return [_progress(session, group, ballots) for group in groups(session, campaign)]


def _progress(session: Session, group: CampaignGroup, ballots: Mapping[int, int]) -> GroupProgress:
    lines, everybody, everything = [], 0, 0
    for stratum, clusters in sample_of(session, group):
        inside = sum(cluster.population_size or 0 for cluster in clusters)
        people = inside if group.sampling == Sampling.CLUSTER else stratum.sampled
        count = ballots.get(stratum.id, 0)
        lines.append(StratumProgress(stratum, len(clusters), _told(count, people)))
        everybody += people
        everything += count
    return GroupProgress(group, tuple(lines), _told(everything, everybody))


def _told(count: int, people: int) -> int | None:
    return coarse(count) if people >= TOLD_FROM else None


def received(session: Session, campaign: Campaign) -> int:
    """Return how many ballots a campaign received, in coarse steps."""
    stored = select(func.count()).where(Ballot.campaign_id == campaign.id)
    return coarse(session.scalar(stored) or 0)


def flagged(session: Session, campaign: Campaign) -> int:
    """Return how many ballots carry a hint of automation, in coarse steps."""
    hinted = select(func.count()).where(Ballot.campaign_id == campaign.id, Ballot.risk == 1)
    return coarse(session.scalar(hinted) or 0)


def ballots_by_place(session: Session, campaign: Campaign) -> dict[tuple[int, int | None], int]:
    """Return how many ballots are in the box by stratum and cluster, to the last one."""
    place = (Ballot.stratum_id, Ballot.cluster_id)
    rows = session.execute(
        select(*place, func.count()).where(Ballot.campaign_id == campaign.id).group_by(*place)
    )
    return {(stratum, cluster): count for stratum, cluster, count in rows}


def unspent_by_place(session: Session, campaign: Campaign) -> dict[tuple[int, int | None], int]:
    """Return how many codes may still bring a ballot, by stratum and cluster."""
    place = (Credential.stratum_id, Credential.cluster_id)
    rows = session.execute(
        select(*place, func.count())
        .outerjoin(Spent, Spent.tag == Credential.tag)
        .where(Credential.campaign_id == campaign.id, Spent.tag.is_(None))
        .group_by(*place)
    )
    return {(stratum, cluster): count for stratum, cluster, count in rows}


def sample_of(session: Session, group: CampaignGroup) -> list[tuple[Stratum, list[Cluster]]]:
    """Return the strata of a group, each with its clusters."""
    strata = session.scalars(
        select(Stratum)
        .where(Stratum.campaign_id == group.campaign_id, Stratum.group_id == group.group_id)
        .order_by(Stratum.id)
    ).all()
    clusters: dict[int, list[Cluster]] = {stratum.id: [] for stratum in strata}
    for cluster in session.scalars(
        select(Cluster).where(Cluster.stratum_id.in_(clusters)).order_by(Cluster.id)
    ):
        clusters[cluster.stratum_id].append(cluster)
    return [(stratum, clusters[stratum.id]) for stratum in strata]


def codes_issued(session: Session, campaign: Campaign) -> int:
    """Return how many codes were made for a campaign."""
    issued = select(func.count()).where(Credential.campaign_id == campaign.id)
    return session.scalar(issued) or 0


def has_run(session: Session, campaign: Campaign) -> bool:
    """Tell whether results were computed: from then on no ballot is added."""
    return session.scalar(select(Run.id).where(Run.campaign_id == campaign.id).limit(1)) is not None


def small_strata(session: Session, campaign: Campaign) -> list[tuple[Stratum, int]]:
    """Return the strata with fewer people than the fewest valid ballots, with that number."""
    least = session.scalar(
        select(func.max(Framework.min_valid))
        .join(PeriodFramework, PeriodFramework.framework_id == Framework.id)
        .join(Rating, Rating.block_id == PeriodFramework.block_id)
        .where(Rating.campaign_id == campaign.id, PeriodFramework.period_id == campaign.period_id)
    )
    found = session.scalars(
        select(Stratum)
        .join(CampaignGroup, _of_group(Stratum))
        .where(
            Stratum.campaign_id == campaign.id,
            CampaignGroup.sampling != Sampling.CLUSTER,
            Stratum.sampled < (least or 0),
        )
        .order_by(Stratum.id)
    )
    return [(stratum, least or 0) for stratum in found]


# --- What a definition may name -----------------------------------------------------------------


def catalogue(session: Session, definition: Definition) -> Catalogue:
    """Return what is stored of everything that a definition may name."""
    taken = session.scalar(select(Campaign.id).where(Campaign.code == definition.code))
    period_id = session.scalar(select(Period.id).where(Period.year == definition.year))
    blocks = _keys(session, Block.code, Block.id)
    held = session.execute(
        select(Block.code, Framework)
        .join(PeriodFramework, PeriodFramework.block_id == Block.id)
        .join(Framework, Framework.id == PeriodFramework.framework_id)
        .where(PeriodFramework.period_id == (period_id or 0))
    ).all()
    holding = {block: str(Named(f.code, f.version)) for block, f in held}
    frameworks = {str(Named(f.code, f.version)): f.id for _, f in held}
    return Catalogue(
        is_code_taken=taken is not None,
        period_id=period_id,
        groups=_keys(session, RespondentGroup.code, RespondentGroup.id),
        blocks=blocks,
        units=_units(session, definition.year),
        versions=_versions(session, definition),
        holding=holding,
        leaves={name: _leaves(session, key) for name, key in frameworks.items()},
        fed=_fed(session),
    )


def _keys(session: Session, code: object, key: object) -> dict[str, int]:
    return {name: value for name, value in session.execute(select(code, key))}  # type: ignore[call-overload]  # noqa: C416


def _units(session: Session, year: int) -> dict[str, tuple[int, str]]:
    rows = session.execute(
        select(Unit.code, Unit.id, Block.code).join(Block).where(is_valid_in(year))
    )
    return {code: (key, block) for code, key, block in rows}


def _versions(session: Session, definition: Definition) -> dict[str, tuple[int, Document]]:
    named = {group.questionnaire.code for group in definition.groups}
    rows = session.execute(
        select(Questionnaire.code, QuestionnaireVersion)
        .join(QuestionnaireVersion, QuestionnaireVersion.questionnaire_id == Questionnaire.id)
        .where(Questionnaire.code.in_(named))
    )
    wanted = {str(group.questionnaire) for group in definition.groups}
    return {
        name: (version.id, parse(version.document))
        for code, version in rows
        if (name := str(Named(code, version.number))) in wanted
    }


def _leaves(session: Session, framework_id: int) -> dict[str, KnownLeaf]:
    leaves = session.scalars(
        select(Leaf)
        .join(Criterion)
        .join(Field)
        .where(Field.framework_id == framework_id)
        .order_by(Field.position, Criterion.position, Leaf.position)
    ).all()
    weighted: dict[int, set[str]] = defaultdict(set)
    for leaf_id, group in session.execute(
        select(GroupWeight.leaf_id, RespondentGroup.code).join(
            RespondentGroup, RespondentGroup.id == GroupWeight.group_id
        )
    ):
        weighted[leaf_id].add(group)
    exempt: dict[int, set[str]] = defaultdict(set)
    for leaf_id, block in session.execute(
        select(LeafExemption.leaf_id, Block.code).join(Block, Block.id == LeafExemption.block_id)
    ):
        exempt[leaf_id].add(block)
    return {
        leaf.code: KnownLeaf(
            leaf.id,
            leaf.code,
            leaf.mode,
            frozenset(weighted[leaf.id]),
            frozenset(exempt[leaf.id]),
        )
        for leaf in leaves
    }


def _fed(session: Session) -> dict[tuple[int, int, int], Feeding]:
    found: dict[tuple[int, int, int], dict[str, Decimal]] = defaultdict(dict)
    for feed in session.scalars(select(QuestionLeaf)):
        found[feed.version_id, feed.group_id, feed.leaf_id][feed.question] = feed.weight
    return dict(found)
