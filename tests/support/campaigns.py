"""Small campaigns for tests: organisation, framework, questionnaire and ballots in a few calls."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from survey.ballotbox.ballots import Sheet, digest_of
from survey.config import Settings
from survey.model.ballot import Ballot, Channel
from survey.model.campaign import (
    Anonymity,
    Campaign,
    CampaignGroup,
    Cluster,
    Rating,
    Sampling,
    Scope,
    Stratum,
)
from survey.model.framework import (
    BelowMinimum,
    Blank,
    Criterion,
    DontKnow,
    Field,
    Framework,
    GroupWeight,
    Leaf,
    LeafExemption,
    LeafLevel,
    Mode,
    NoUsableGroup,
    Period,
    PeriodFramework,
    Pooling,
    RespondentGroup,
    Rounding,
    TieRule,
)
from survey.model.organisation import Block, Unit
from survey.model.questionnaire import QuestionLeaf, Questionnaire, QuestionnaireVersion
from survey.model.scoring import PublishedIndex, UnitPoints
from survey.questionnaire import canonical
from survey.results.services import make_run

OPENS = datetime(2025, 11, 1, 1, tzinfo=UTC)
CLOSES = datetime(2025, 12, 1, 1, tzinfo=UTC)
DAY = date(2025, 11, 20)
FOUR_LEVELS = {"A": "1", "B": "0.6", "C": "0.2", "D": "0"}
DONT_KNOW = "DK"

OPTIONS: dict[str, Any] = {
    "pooling": Pooling.BY_GROUP,
    "dont_know": DontKnow.EXCLUDE,
    "blank": Blank.EXCLUDE,
    "blank_percent": 50,
    "min_valid": 5,
    "min_valid_points": 5,
    "below_min": BelowMinimum.DROP_GROUP,
    "no_usable_group": NoUsableGroup.NOT_SCORED,
    "exclude_self": True,
    "rounding": Rounding.HALF_UP,
    "decimals": 2,
    "rank_precision": None,
    "tie_rule": TieRule.COMPETITION,
}


class SmallCampaign:
    """One block of units, one framework, one campaign, filled step by step."""

    def __init__(
        self,
        session: Session,
        units: Mapping[str, str] | Sequence[str] = ("A", "B"),
        *,
        block: str = "CUC",
        code: str = "XHH-2025",
        is_generated: bool = False,
        closes_at: datetime = CLOSES,
        year: int = 2025,
        **options: Any,
    ) -> None:
        self.session = session
        self.block = Block(
            code=block,
            name=f"Khối {block}",
            name_en=f"Block {block}",
            position=1,
            valid_from=date(2010, 1, 1),
            valid_to=None,
        )
        session.add(self.block)
        session.flush()
        names = units if isinstance(units, Mapping) else {unit: f"Cục {unit}" for unit in units}
        self.units = {
            unit: self._unit(unit, name, place) for place, (unit, name) in enumerate(names.items())
        }
        self.framework = Framework(
            code="BTC",
            version=1,
            title="Bộ tiêu chí thử",
            title_en="Test framework",
            decision_no="01/QĐ-BTTTT",
            decision_date=date(2020, 1, 2),
            **(OPTIONS | options),
        )
        self.period = Period(year=year)
        session.add_all([self.framework, self.period])
        session.flush()
        session.add(
            PeriodFramework(
                period_id=self.period.id, block_id=self.block.id, framework_id=self.framework.id
            )
        )
        self.field = Field(
            framework_id=self.framework.id,
            code="1",
            name="Chỉ đạo, điều hành",
            name_en="Leadership",
            position=1,
        )
        session.add(self.field)
        session.flush()
        self.leaves: dict[str, Leaf] = {}
        self.groups: dict[str, CampaignGroup] = {}
        self.strata: dict[str, Stratum] = {}
        self.campaign = Campaign(
            code=code,
            title="Điều tra thử",
            title_en="Test survey",
            period_id=self.period.id,
            opens_at=min(OPENS, closes_at - timedelta(days=1)),
            closes_at=closes_at,
            anonymity=Anonymity.CODE,
            launched_at=None,
            is_generated=is_generated,
        )
        session.add(self.campaign)
        session.flush()

    def _unit(self, code: str, name: str, position: int) -> Unit:
        unit = Unit(
            code=code,
            name=name,
            name_en=f"Department {code}",
            block_id=self.block.id,
            position=position,
            is_ranked=True,
            valid_from=date(2010, 1, 1),
            valid_to=None,
        )
        self.session.add(unit)
        self.session.flush()
        return unit

    def leaf(self, code: str, max_points: str, mode: str = "survey") -> Leaf:
        """Add a criterion that is a leaf."""
        criterion = Criterion(
            field_id=self.field.id,
            code=code,
            name=f"Tiêu chí {code}",
            name_en=f"Criterion {code}",
            position=len(self.leaves) + 1,
        )
        self.session.add(criterion)
        self.session.flush()
        leaf = Leaf(
            criterion_id=criterion.id,
            code=code,
            name=f"Tiêu chí {code}",
            name_en=f"Criterion {code}",
            position=1,
            level=LeafLevel.CRITERION,
            mode=Mode(mode),
            max_points=Decimal(max_points),
        )
        self.session.add(leaf)
        self.session.flush()
        self.leaves[code] = leaf
        return leaf

    def group(
        self,
        code: str,
        feeds: Mapping[str, str],
        *,
        coefficients: Mapping[str, str | None] = FOUR_LEVELS,
        weights: Mapping[str, str] | None = None,
        sampling: str = "census",
        scope: str = "all",
    ) -> CampaignGroup:
        """Add a respondent group whose questions feed leaves (question → leaf)."""
        group = RespondentGroup(
            code=code, name=f"Nhóm {code}", name_en=f"Group {code}", position=len(self.groups)
        )
        paper = Questionnaire(code=f"P-{code}", title=f"Phiếu {code}")
        self.session.add_all([group, paper])
        self.session.flush()
        document = questionnaire(f"P-{code}", list(feeds), coefficients)
        version = QuestionnaireVersion(
            questionnaire_id=paper.id,
            number=1,
            document=document,
            checksum=canonical.digest(document),
            published_at=OPENS,
        )
        self.session.add(version)
        self.session.flush()
        entry = CampaignGroup(
            campaign_id=self.campaign.id,
            group_id=group.id,
            version_id=version.id,
            sampling=Sampling(sampling),
        )
        self.session.add(entry)
        self.session.flush()
        self.session.add(
            Rating(
                campaign_id=self.campaign.id,
                group_id=group.id,
                block_id=self.block.id,
                scope=Scope(scope),
            )
        )
        share = {leaf: list(feeds.values()).count(leaf) for leaf in feeds.values()}
        for question, leaf in feeds.items():
            self.session.add(
                QuestionLeaf(
                    version_id=version.id,
                    question=question,
                    group_id=group.id,
                    leaf_id=self.leaves[leaf].id,
                    weight=Decimal(1) / share[leaf],
                )
            )
        for leaf, weight in (weights or {}).items():
            self.session.add(
                GroupWeight(leaf_id=self.leaves[leaf].id, group_id=group.id, weight=Decimal(weight))
            )
        self.session.flush()
        self.groups[code] = entry
        return entry

    def stratum(
        self,
        group: str,
        code: str | None = None,
        *,
        population: int | None = None,
        sampled: int = 1000,
        unit: str | None = None,
        clusters: Mapping[str, int | None] | None = None,
    ) -> Stratum:
        """Add a stratum; its code is the group's unless another is given."""
        stratum = Stratum(
            campaign_id=self.campaign.id,
            group_id=self.groups[group].group_id,
            code=code or group,
            label=f"Tầng {code or group}",
            unit_id=self.units[unit].id if unit else None,
            population_size=population,
            sampled=min(sampled, population) if population else sampled,
        )
        self.session.add(stratum)
        self.session.flush()
        for cluster, size in (clusters or {}).items():
            self.session.add(
                Cluster(stratum_id=stratum.id, code=cluster, label=cluster, population_size=size)
            )
        self.session.flush()
        self.strata[stratum.code] = stratum
        return stratum

    def ballots(
        self,
        stratum: str,
        about: Mapping[str, Mapping[str, str]],
        times: int = 1,
        *,
        channel: str = "code",
        cluster: Cluster | None = None,
    ) -> list[Ballot]:
        """Put the same ballot (unit → question → choice) into the box several times.

        The first ballot finds the campaign launched: from then on its design is fixed.
        """
        self.launch()
        content = {"answers": {}, "units": {unit: dict(said) for unit, said in about.items()}}
        made = [
            self.ballot(stratum, content, channel=channel, cluster=cluster) for _ in range(times)
        ]
        self.session.add_all(made)
        return made

    def ballot(
        self,
        stratum: str,
        content: Mapping[str, Any],
        *,
        channel: str = "code",
        cluster: Cluster | None = None,
    ) -> Ballot:
        """Return a ballot with this content, not yet in the box."""
        row = self.strata[stratum]
        version = next(
            entry.version_id for entry in self.groups.values() if entry.group_id == row.group_id
        )
        sheet = Sheet(
            id=secrets.token_bytes(16),
            campaign_id=self.campaign.id,
            stratum_id=row.id,
            cluster_id=cluster.id if cluster else None,
            version_id=version,
            channel=Channel(channel),
            content=content,
        )
        return _as_put(sheet)

    def launch(self) -> None:
        """Launch the campaign, unless it was launched before."""
        self.session.flush()
        self.campaign.launched_at = OPENS
        self.session.flush()

    def points(self, unit: str, leaf: str, points: str) -> None:
        """Import appraised or external points."""
        self.session.add(
            UnitPoints(
                period_id=self.period.id,
                unit_id=self.units[unit].id,
                leaf_id=self.leaves[leaf].id,
                points=Decimal(points),
                source="diem.csv",
                source_hash="0" * 64,
                imported_at=OPENS,
                is_generated=False,
            )
        )

    def history(self, unit: str, index: str, rank: int, *, comparable: bool = True) -> None:
        """Record what was published about a unit last year."""
        self.session.add(
            PublishedIndex(
                unit_id=self.units[unit].id,
                year=self.period.year - 1,
                block_id=self.block.id,
                index_value=Decimal(index),
                rank=rank,
                source="bao-cao.pdf",
                is_comparable=comparable,
            )
        )

    def exempt(self, unit: str, leaf: str) -> None:
        """Take a leaf away from a unit."""
        self.session.add(
            LeafExemption(
                leaf_id=self.leaves[leaf].id,
                unit_id=self.units[unit].id,
                reason="Không có thủ tục hành chính",
                approved_by="Vụ Tổ chức cán bộ",
            )
        )


def _as_put(sheet: Sheet) -> Ballot:
    """Return the row that `ballots.put` would store; many of them are stored in one go."""
    salt = secrets.token_bytes(16)
    return Ballot(
        id=sheet.id,
        campaign_id=sheet.campaign_id,
        stratum_id=sheet.stratum_id,
        cluster_id=sheet.cluster_id,
        version_id=sheet.version_id,
        channel=sheet.channel,
        day=DAY,
        salt=salt,
        answers=canonical.dumps(sheet.content),
        digest=digest_of(sheet, salt),
    )


def questionnaire(
    code: str, questions: Sequence[str], coefficients: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return a document that asks these questions about every unit."""
    scale: list[dict[str, Any]] = [
        {"code": choice, "label": {"vi": f"Mức {choice}"}, "coefficient": worth}
        for choice, worth in coefficients.items()
    ]
    scale.append({"code": DONT_KNOW, "label": {"vi": "Không biết"}, "missing": "dont_know"})
    return {
        "format": 1,
        "code": code,
        "title": {"vi": "Phiếu thử"},
        "intro": {"vi": "Giới thiệu"},
        "notice": {"vi": "Thông báo"},
        "languages": ["vi"],
        "scales": {"s": scale},
        "sections": [
            {
                "code": "s1",
                "title": {"vi": "Phần một"},
                "questions": [
                    {
                        "code": q,
                        "kind": "single",
                        "text": {"vi": f"Câu {q}"},
                        "scale": "s",
                        "about": "units",
                    }
                    for q in questions
                ],
            }
        ],
    }


def run_result(small: SmallCampaign, settings: Settings, at: datetime) -> dict[str, Any]:
    """Make a run of the campaign and return its result."""
    run = make_run(small.session, settings, small.campaign, actor="kiem_thu", at=at, seed=1)
    found: dict[str, Any] = json.loads(run.result)
    return found
