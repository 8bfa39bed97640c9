"""Small, complete worlds for tests: defaults that need no thought."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from survey.ballotbox import codes, keys
from survey.config import Settings
from survey.db import transaction
from survey.model.ballot import Credential
from survey.model.campaign import (
    Anonymity,
    Campaign,
    CampaignGroup,
    Rating,
    Sampling,
    Scope,
    Stratum,
)
from survey.model.framework import Period, RespondentGroup
from survey.model.organisation import Block, Unit
from survey.model.questionnaire import Questionnaire, QuestionnaireVersion
from survey.questionnaire import canonical
from survey.questionnaire.parse import parse

OPENS = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
CLOSES = datetime(2026, 12, 31, 10, 0, tzinfo=UTC)


def bilingual(text: str) -> dict[str, str]:
    return {"vi": f"{text} (vi)", "en": f"{text} (en)"}


def make_document(**changes: Any) -> dict[str, Any]:
    """A questionnaire of three pages: two questions about units, one about oneself, a comment."""
    scale = [
        {"code": "A", "label": bilingual("Tốt"), "coefficient": "1"},
        {"code": "B", "label": bilingual("Khá"), "coefficient": "0.6"},
        {"code": "C", "label": bilingual("Trung bình"), "coefficient": "0.2"},
        {"code": "D", "label": bilingual("Yếu"), "coefficient": "0"},
        {"code": "KB", "label": bilingual("Không biết"), "missing": "dont_know"},
    ]
    document: dict[str, Any] = {
        "format": 1,
        "code": "P1",
        "title": bilingual("Phiếu thử"),
        "intro": bilingual("Lời giới thiệu"),
        "notice": bilingual("Thông báo"),
        "languages": ["vi", "en"],
        "scales": {"muc4": scale},
        "sections": [
            {
                "code": "units",
                "title": bilingual("Về các đơn vị"),
                "questions": [
                    {
                        "code": f"c{n}",
                        "kind": "single",
                        "text": bilingual(f"Câu {n}"),
                        "scale": "muc4",
                        "about": "units",
                    }
                    for n in (1, 2)
                ],
            },
            {
                "code": "self",
                "title": bilingual("Về bạn"),
                "questions": [
                    {
                        "code": "post",
                        "kind": "single",
                        "text": bilingual("Chức vụ"),
                        "required": True,
                        "choices": [
                            {"code": "1", "label": bilingual("Lãnh đạo")},
                            {"code": "2", "label": bilingual("Công chức")},
                        ],
                    }
                ],
            },
            {
                "code": "end",
                "title": bilingual("Góp ý"),
                "questions": [
                    {
                        "code": "comment",
                        "kind": "text",
                        "text": bilingual("Góp ý khác"),
                        "max_length": 50,
                    }
                ],
            },
        ],
    }
    return document | changes


@dataclass
class World:
    """A launched campaign with its units, strata and unspent codes."""

    campaign: Campaign
    group: RespondentGroup
    version: QuestionnaireVersion
    units: list[Unit]
    strata: list[Stratum]
    codes: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"/q/{self.campaign.code}"


def make_world(
    session: Session,
    settings: Settings,
    *,
    anonymity: Anonymity = Anonymity.CODE,
    units: int = 3,
    codes_each: int = 2,
    scope: Scope = Scope.EXCEPT_OWN,
    opens_at: datetime = OPENS,
    closes_at: datetime = CLOSES,
    launched: bool = True,
    is_generated: bool = False,
    document: dict[str, Any] | None = None,
    code: str = "XHH-T",
) -> World:
    """Store a campaign in which the staff of each unit rates the other units."""
    raw = document or make_document()
    parse(raw)
    with transaction(session):
        session.expire_on_commit = False
        block = Block(
            code="K", name="Khối thử", name_en="Test block", position=1, valid_from=date(2018, 1, 1)
        )
        group = RespondentGroup(code="NB", name="Nội bộ", name_en="Staff", position=1)
        period = Period(year=2026)
        questionnaire = Questionnaire(code=raw["code"], title="Phiếu thử")
        session.add_all([block, group, period, questionnaire])
        session.flush()
        members = [
            Unit(
                code=f"U{n}",
                name=f"Đơn vị {n}",
                name_en=f"Unit {n}",
                block_id=block.id,
                position=n,
                is_ranked=True,
                valid_from=date(2018, 1, 1),
            )
            for n in range(1, units + 1)
        ]
        version = QuestionnaireVersion(
            questionnaire_id=questionnaire.id,
            number=1,
            document=raw,
            checksum=canonical.digest(raw),
            published_at=OPENS,
        )
        campaign = Campaign(
            code=code,
            title="Đợt thử",
            title_en="Test campaign",
            period_id=period.id,
            opens_at=opens_at,
            closes_at=closes_at,
            anonymity=anonymity,
            launched_at=None,
            is_generated=is_generated,
        )
        session.add_all([*members, version, campaign])
        session.flush()
        ids = {"campaign_id": campaign.id, "group_id": group.id}
        session.add(CampaignGroup(**ids, version_id=version.id, sampling=Sampling.STRATIFIED))
        session.flush()
        strata = [
            Stratum(
                **ids,
                code=unit.code,
                label=unit.name,
                unit_id=unit.id,
                population_size=max(50, codes_each),
                sampled=codes_each,
            )
            for unit in members
        ]
        session.add_all([Rating(**ids, block_id=block.id, scope=scope), *strata])
        session.flush()
        campaign.launched_at = OPENS if launched else None  # last: it fixes all of the above
        session.flush()
        world = World(campaign, group, version, members, strata)
        if anonymity == Anonymity.CODE:
            _issue(session, settings, world, codes_each)
    return world


def _issue(session: Session, settings: Settings, world: World, each: int) -> None:
    key = keys.make_key(settings, world.campaign.code)
    issued = [(codes.new_code(), stratum) for stratum in world.strata for _ in range(each)]
    world.codes = [code for code, _ in issued]
    credentials = [
        Credential(
            tag=codes.tag_of(key, code), campaign_id=world.campaign.id, stratum_id=stratum.id
        )
        for code, stratum in issued
    ]
    session.add_all(sorted(credentials, key=lambda c: c.tag))
