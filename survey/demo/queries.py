"""What the demonstration reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.ballotbox.matrix import rated_units
from survey.demo.generate import Place
from survey.model.account import Account
from survey.model.ballot import Credential, Spent
from survey.model.base import Model
from survey.model.campaign import Campaign, CampaignGroup, Stratum
from survey.model.framework import RespondentGroup
from survey.model.organisation import Block
from survey.model.questionnaire import Questionnaire, QuestionnaireVersion
from survey.questionnaire.document import Document
from survey.questionnaire.parse import parse


@dataclass(frozen=True)
class Target:
    """A stratum to fill: what its people are asked about whom."""

    stratum_id: int
    version_id: int
    place: Place
    document: Document


def is_empty(session: Session) -> bool:
    """Tell whether nobody has put anything into this database yet."""
    tables: tuple[type[Model], ...] = (Account, Block, Questionnaire, Campaign)
    return all(session.scalar(select(table).limit(1)) is None for table in tables)


def targets(session: Session, campaign: Campaign) -> list[Target]:
    """Return every stratum of a campaign."""
    rows = session.execute(
        select(Stratum, RespondentGroup, QuestionnaireVersion)
        .join(
            CampaignGroup,
            (CampaignGroup.campaign_id == Stratum.campaign_id)
            & (CampaignGroup.group_id == Stratum.group_id),
        )
        .join(RespondentGroup, RespondentGroup.id == Stratum.group_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == CampaignGroup.version_id)
        .where(Stratum.campaign_id == campaign.id)
        .order_by(Stratum.id)
    ).all()
    documents = {version.id: parse(version.document) for _, _, version in rows}
    return [
        Target(
            stratum.id,
            version.id,
            _place(session, campaign, stratum, group.code),
            documents[version.id],
        )
        for stratum, group, version in rows
    ]


def _place(session: Session, campaign: Campaign, stratum: Stratum, group: str) -> Place:
    units = tuple(unit.code for unit in rated_units(session, campaign, stratum))
    own = stratum.unit.code if stratum.unit else ""
    return Place(group, stratum.code, own, units, stratum.sampled)


def strata_of_codes(session: Session, campaign: Campaign) -> Mapping[bytes, int]:
    """Return tag → stratum of every code that a campaign handed over."""
    found = select(Credential.tag, Credential.stratum_id)
    rows = session.execute(found.where(Credential.campaign_id == campaign.id)).all()
    return {tag: stratum_id for tag, stratum_id in rows}  # noqa: C416 -- rows, not pairs


def unspent(session: Session, campaign: Campaign) -> Mapping[bytes, str]:
    """Return tag → name of the respondent group of every code that was not used."""
    rows = session.execute(
        select(Credential.tag, RespondentGroup.name)
        .join(Stratum, Stratum.id == Credential.stratum_id)
        .join(RespondentGroup, RespondentGroup.id == Stratum.group_id)
        .where(
            Credential.campaign_id == campaign.id,
            Credential.tag.not_in(select(Spent.tag)),
        )
        .order_by(RespondentGroup.position, Credential.tag)
    ).all()
    return {tag: name for tag, name in rows}  # noqa: C416 -- rows, not pairs


def samples(
    names: Mapping[bytes, str], codes: Mapping[bytes, str], each: int
) -> Mapping[str, Sequence[str]]:
    """Return a few codes for each group's name."""
    found: dict[str, list[str]] = {}
    for tag, name in names.items():
        chosen = found.setdefault(name, [])
        if len(chosen) < each:
            chosen.append(codes[tag])
    return found
