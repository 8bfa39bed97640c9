"""What the design room reads."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import N_, NotFoundError
from survey.model.campaign import Campaign, CampaignGroup
from survey.model.organisation import Unit
from survey.model.questionnaire import Questionnaire, QuestionnaireVersion
from survey.questionnaire.document import Document
from survey.questionnaire.parse import parse


@dataclass(frozen=True)
class VersionLine:
    """A version as lists show it, with its document read."""

    version: QuestionnaireVersion
    document: Document
    campaigns: list[Campaign]

    @property
    def question_count(self) -> int:
        """How many questions the version asks."""
        return len(list(self.document.questions()))


@dataclass(frozen=True)
class QuestionnaireLine:
    """A questionnaire with its versions, the newest first."""

    questionnaire: Questionnaire
    versions: list[VersionLine]


def questionnaire_lines(session: Session) -> list[QuestionnaireLine]:
    """Return every questionnaire with its versions."""
    questionnaires = session.scalars(select(Questionnaire).order_by(Questionnaire.code)).all()
    return [
        QuestionnaireLine(one, [_line(session, version) for version in versions_of(session, one)])
        for one in questionnaires
    ]


def versions_of(session: Session, questionnaire: Questionnaire) -> list[QuestionnaireVersion]:
    """Return the versions of a questionnaire, the newest first."""
    wanted = (
        select(QuestionnaireVersion)
        .where(QuestionnaireVersion.questionnaire_id == questionnaire.id)
        .order_by(QuestionnaireVersion.number.desc())
    )
    return list(session.scalars(wanted))


def by_code(session: Session, code: str) -> Questionnaire | None:
    """Return the questionnaire with this code."""
    return session.scalar(select(Questionnaire).where(Questionnaire.code == code))


def version_line(session: Session, code: str, number: int) -> VersionLine:
    """Return one version."""
    version = session.scalar(
        select(QuestionnaireVersion)
        .join(Questionnaire)
        .where(Questionnaire.code == code, QuestionnaireVersion.number == number)
    )
    if version is None:
        raise NotFoundError(N_("Không có phiên bản này của bộ câu hỏi."))
    return _line(session, version)


def _line(session: Session, version: QuestionnaireVersion) -> VersionLine:
    campaigns = session.scalars(
        select(Campaign)
        .join(CampaignGroup, CampaignGroup.campaign_id == Campaign.id)
        .where(CampaignGroup.version_id == version.id)
        .order_by(Campaign.opens_at.desc())
    )
    return VersionLine(version, parse(version.document), list(campaigns.unique()))


def sample_units(session: Session, limit: int = 3) -> list[Unit]:
    """Return a few units, as stand-ins for those that a respondent would rate."""
    return list(session.scalars(select(Unit).order_by(Unit.block_id, Unit.position).limit(limit)))
