"""What waits for somebody: the state of the installation turned into things to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from survey.errors import N_
from survey.model.account import Role
from survey.web.i18n import gettext

MANAGER, ANALYST, ADMINISTRATOR = Role.SURVEY_MANAGER, Role.ANALYST, Role.ADMINISTRATOR
SMALL, STEP = 20, 10


@dataclass(frozen=True)
class CampaignState:
    """A campaign in figures."""

    code: str
    title: str
    title_en: str
    opens_at: datetime
    closes_at: datetime
    is_launched: bool
    takes_codes: bool
    sent: int
    received: int
    runs: int


@dataclass(frozen=True)
class Situation:
    """What the home page is made from."""

    units: int
    frameworks: int
    questionnaires: int
    campaigns: tuple[CampaignState, ...]
    missing_points: tuple[tuple[int, int], ...]  # year, values
    new_accounts: int
    administrators: int


@dataclass(frozen=True)
class Task:
    """Something to do or to look at, and where."""

    title: str
    text: str
    endpoint: str
    icon: str
    meta: str | None = None
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A step of setting up a fresh installation."""

    title: str
    endpoint: str
    is_done: bool
    is_open: bool  # for the roles of who looks


def coarse_share(received: int, sent: int) -> str:
    """Return a share in steps, so that watching it does not tell when somebody answered."""
    if sent < SMALL:
        return gettext(N_("đang thu phiếu"))
    share = 100 * received // sent // STEP * STEP
    if share < STEP:
        return gettext(N_("dưới %(share)s%% số phiếu đã về"), share=STEP)
    return gettext(N_("khoảng %(share)s%% số phiếu đã về"), share=share)


def steps(situation: Situation, roles: frozenset[str]) -> list[Step]:
    """Return the path from an empty installation to the first campaign; nothing once it is gone."""
    path = (
        (N_("Nạp cơ cấu tổ chức"), "administration.organisation", situation.units,
         {MANAGER, ADMINISTRATOR}),
        (N_("Nạp bộ tiêu chí"), "scoring.frameworks", situation.frameworks, {MANAGER}),
        (N_("Ban hành bộ câu hỏi"), "design.questionnaires", situation.questionnaires, {MANAGER}),
        (N_("Tạo đợt điều tra"), "fieldwork.campaigns", len(situation.campaigns), {MANAGER}),
    )  # fmt: skip
    if all(count for _, _, count, _ in path):
        return []
    return [
        Step(gettext(title), endpoint, bool(count), bool(roles & {role.value for role in open_to}))
        for title, endpoint, count, open_to in path
    ]


def tasks(situation: Situation, roles: frozenset[str], at: datetime, english: bool) -> list[Task]:
    """Return what waits for somebody with these roles, the most pressing first."""
    found: list[Task] = []
    for campaign in situation.campaigns:
        title = campaign.title_en if english else campaign.title
        found += _of_campaign(campaign, title, roles, at)
    if MANAGER in roles or ANALYST in roles:
        found += _of_points(situation)
    if ADMINISTRATOR in roles:
        found += _of_accounts(situation)
    return found


def _of_campaign(
    campaign: CampaignState, title: str, roles: frozenset[str], at: datetime
) -> Iterator[Task]:
    reads, manages = MANAGER in roles or ANALYST in roles, MANAGER in roles
    where: dict[str, object] = {"code": campaign.code}
    if manages and not campaign.is_launched:
        text = gettext(N_("Đã tạo nhưng chưa mở cho người trả lời."))
        yield Task(title, text, "fieldwork.campaign", "calendar", values=where)
    if manages and campaign.takes_codes and not campaign.sent and at < campaign.closes_at:
        text = gettext(N_("Chưa cấp mã phiếu nào; chưa ai trả lời được."))
        yield Task(title, text, "fieldwork.campaign", "key-round", values=where)
    if reads and campaign.is_launched and campaign.opens_at <= at < campaign.closes_at:
        text = gettext(N_("Đang nhận phiếu."))
        meta = coarse_share(campaign.received, campaign.sent) if campaign.takes_codes else None
        yield Task(title, text, "fieldwork.campaign", "clipboard-list", meta, where)
    if ANALYST in roles and campaign.is_launched and at >= campaign.closes_at and not campaign.runs:
        text = gettext(N_("Đã đóng, chưa tính kết quả."))
        yield Task(title, text, "results.campaign", "chart-column", values=where)


def _of_points(situation: Situation) -> Iterator[Task]:
    for year, missing in situation.missing_points:
        yield Task(
            gettext(N_("Điểm năm %(year)s"), year=year),
            gettext(N_("Còn thiếu %(count)s giá trị điểm thẩm định."), count=missing),
            "scoring.points",
            "file-spreadsheet",
            values={"year": year},
        )


def _of_accounts(situation: Situation) -> Iterator[Task]:
    endpoint = "administration.accounts"
    if situation.new_accounts:
        text = gettext(
            N_("%(count)s tài khoản chưa đổi mật khẩu dùng một lần."), count=situation.new_accounts
        )
        yield Task(gettext(N_("Tài khoản chưa dùng")), text, endpoint, "users")
    if situation.administrators < 2:
        text = gettext(N_("Nên có ít nhất hai người, phòng khi một người vắng."))
        yield Task(gettext(N_("Chỉ có một quản trị viên")), text, endpoint, "shield-check")
