"""What the respondents' pages read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.clock import local_date
from survey.collection import standing
from survey.collection.drafts import Entry, Round, Visit
from survey.collection.standing import Standing
from survey.errors import N_, ClosedError, NotFoundError
from survey.model.ballot import Channel, Credential, Spent
from survey.model.campaign import Anonymity, Campaign, CampaignGroup, Stratum
from survey.model.framework import RespondentGroup
from survey.questionnaire.checks import may_be_row
from survey.questionnaire.document import NTH, Document, Key
from survey.questionnaire.interview import Context, Interview, Page
from survey.questionnaire.kinds.base import Raw
from survey.web.i18n import moment

NOT_YET = N_("Đợt điều tra chưa mở. Thời gian nhận phiếu: từ %(opens)s đến %(closes)s.")
OVER = N_("Đợt điều tra đã kết thúc lúc %(closes)s. Cảm ơn bạn đã quan tâm.")


@dataclass(frozen=True)
class Form:
    """A respondent's form: the campaign, the document, the units to rate, and the way so far."""

    campaign: Round
    standing: Standing
    visit: Visit
    at: datetime

    @property
    def document(self) -> Document:
        """Return the questionnaire."""
        return self.standing.document

    @cached_property
    def interview(self) -> Interview:
        """Return what is asked, given the answers so far."""
        return self.interview_with(self.visit.answers)

    @cached_property
    def shape(self) -> Interview:
        """Return an interview that asks the same; its values may be others."""
        return self.standing.blank if self.document.is_fixed else self.interview

    def interview_with(self, answers: Mapping[Key, Raw]) -> Interview:
        """Return what would be asked, given certain answers."""
        visit = self.visit
        context = Context(
            today=local_date(self.at),
            units=self.standing.units,
            unit_names=self.standing.unit_names,
            seed=visit.seed,
            sources={"channel": visit.entry.channel.value, "group": self.standing.group},
            reached=frozenset(visit.revisions),
            confirmed=visit.confirmed,
        )
        return Interview(self.document, context, answers)

    def page(self, code: str) -> Page:
        """Return a page on the path; another one is not there."""
        found = next((page for page in self.interview.pages if page.id == code), None)
        if found is None:
            raise NotFoundError
        return found

    def page_as_shown(self, code: str) -> Page:
        """Return a page that was shown, be it off the path meanwhile."""
        found = next((page for page in self.shape.pages if page.id == code), None)
        return found or self._page_off_path(code) or self.page(code)

    def _page_off_path(self, code: str) -> Page | None:
        name, mark, number = code.partition(NTH)
        section = next((one for one in self.document.sections if one.code == name), None)
        if section is None or not may_be_row(section, mark + number):
            return None
        return self.interview.whole_page(section, mark + number)

    def beside(self, code: str, step: int) -> str | None:
        """Return the page before or after another on the path, None at its ends."""
        ids = [page.id for page in self.interview.pages]
        position = ids.index(code) + step if code in ids else -1
        return ids[position] if 0 <= position < len(ids) else None


@dataclass(frozen=True)
class DoorChoice:
    """A way into an open campaign: a group, and the stratum a respondent belongs to."""

    stratum_id: int
    group: RespondentGroup
    label: str


def open_campaigns(session: Session, at: datetime) -> Sequence[Campaign]:
    """Return the campaigns that take ballots now, the soonest to close first."""
    return session.scalars(
        select(Campaign)
        .where(Campaign.launched_at.is_not(None), Campaign.opens_at <= at, Campaign.closes_at > at)
        .order_by(Campaign.closes_at, Campaign.code)
    ).all()


def campaign_by_code(session: Session, code: str) -> Campaign:
    """Return a launched campaign; one that is only prepared is not there for the public."""
    campaign = session.scalar(
        select(Campaign).where(Campaign.code == code, Campaign.launched_at.is_not(None))
    )
    if campaign is None:
        raise NotFoundError(N_("Không có đợt điều tra nào ở địa chỉ này. Hãy kiểm tra lại."))
    return campaign


def make_sure_open(campaign: Campaign | Round, at: datetime) -> None:
    """Raise `ClosedError` with the times unless the campaign takes ballots at this moment."""
    times = {"opens": moment(campaign.opens_at), "closes": moment(campaign.closes_at)}
    if at < campaign.opens_at:
        raise ClosedError(NOT_YET, **times)
    if at >= campaign.closes_at:
        raise ClosedError(OVER, closes=times["closes"])


def entry_of_code(session: Session, campaign: Campaign, tag: bytes) -> tuple[Entry, bool] | None:
    """Return what a code opens and whether it is spent; None for a code nobody was given."""
    found = session.execute(
        select(Credential, Stratum, CampaignGroup, Spent.tag)
        .join(Stratum, Stratum.id == Credential.stratum_id)
        .join(
            CampaignGroup,
            (CampaignGroup.campaign_id == Stratum.campaign_id)
            & (CampaignGroup.group_id == Stratum.group_id),
        )
        .outerjoin(Spent, Spent.tag == Credential.tag)
        .where(Credential.tag == tag, Credential.campaign_id == campaign.id)
    ).first()
    if found is None:
        return None
    credential, stratum, group, spent = found
    entry = _entry(group, stratum, credential.cluster_id, Channel.CODE, tag)
    return entry, spent is not None


def _entry(
    group: CampaignGroup,
    stratum: Stratum,
    cluster_id: int | None,
    channel: Channel,
    tag: bytes | None,
) -> Entry:
    return Entry(
        campaign_id=group.campaign_id,
        group_id=group.group_id,
        stratum_id=stratum.id,
        cluster_id=cluster_id,
        version_id=group.version_id,
        channel=channel,
        tag=tag,
    )


def door_choices(session: Session, campaign: Campaign) -> list[DoorChoice]:
    """Return the ways into an open campaign, group by group."""
    if campaign.anonymity != Anonymity.OPEN:
        return []
    rows = session.execute(
        select(Stratum, RespondentGroup)
        .join(RespondentGroup, RespondentGroup.id == Stratum.group_id)
        .where(Stratum.campaign_id == campaign.id)
        .order_by(RespondentGroup.position, Stratum.id)
    )
    return [DoorChoice(stratum.id, group, stratum.label) for stratum, group in rows]


def entry_of_door(session: Session, campaign: Campaign, stratum_id: str) -> Entry | None:
    """Return what an open campaign lets a respondent of a stratum answer."""
    known = {str(choice.stratum_id) for choice in door_choices(session, campaign)}
    if stratum_id not in known:
        return None
    stratum = session.get_one(Stratum, int(stratum_id))
    group = session.get_one(CampaignGroup, (campaign.id, stratum.group_id))
    return _entry(group, stratum, None, Channel.OPEN, None)


def form_of(session: Session, visit: Visit, campaign: Round, *, at: datetime) -> Form:
    """Return the form of a visit, as far as its answers have brought it."""
    return Form(campaign, standing.of_entry(session, campaign.id, visit.entry, at=at), visit, at)


def round_of(campaign: Campaign) -> Round:
    """Return a campaign as respondents see it."""
    return Round(*(getattr(campaign, one.name) for one in fields(Round)))
