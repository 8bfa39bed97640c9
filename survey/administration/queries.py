"""What the administration room reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select, text
from sqlalchemy.orm import Session

from survey.administration.home import CampaignState, Situation
from survey.ballotbox.matrix import is_valid_in
from survey.clock import VIETNAM
from survey.errors import N_, NotFoundError
from survey.model.account import Account, AccountRole, Role
from survey.model.audit import AuditEvent
from survey.model.ballot import Credential, Spent
from survey.model.base import Model
from survey.model.campaign import Anonymity, Campaign
from survey.model.framework import (
    Criterion,
    Field,
    Framework,
    Leaf,
    LeafExemption,
    Mode,
    Period,
    PeriodFramework,
    RespondentGroup,
)
from survey.model.organisation import Block, Unit, UnitSuccession
from survey.model.questionnaire import QuestionnaireVersion
from survey.model.result import Run
from survey.model.scoring import UnitPoints


@dataclass(frozen=True)
class AccountLine:
    """An account as the list shows it."""

    id: int
    login: str
    display_name: str
    roles: tuple[Role, ...]
    is_active: bool
    waits_for_first_sign_in: bool
    created_at: datetime


def account_by_login(session: Session, login: str) -> Account | None:
    """Return the account with this login, whatever its state."""
    return session.scalar(select(Account).where(Account.login == login))


def has_accounts(session: Session) -> bool:
    """Tell whether anybody has an account."""
    return bool(session.scalar(select(func.count()).select_from(Account)))


def hold_accounts(session: Session) -> None:
    """Wait until nobody else changes an account, and keep others waiting until the commit.

    Without it two administrators could take the role from each other at the same moment. A second
    query after this one sees what was committed meanwhile; the order keeps two from waiting for
    each other, and signing in, which refers to an account, does not have to wait.
    """
    session.execute(select(Account.id).order_by(Account.id).with_for_update(key_share=True))


def active_administrators(session: Session) -> set[int]:
    """Return the accounts that can administer."""
    found = session.scalars(
        select(Account.id)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .where(Account.is_active, AccountRole.role == Role.ADMINISTRATOR)
    )
    return set(found)


def account_lines(session: Session) -> list[AccountLine]:
    """Return every account with its roles, the active ones first."""
    roles: dict[int, list[Role]] = {}
    for row in session.scalars(select(AccountRole).order_by(AccountRole.role)):
        roles.setdefault(row.account_id, []).append(row.role)
    accounts = session.scalars(select(Account).order_by(Account.is_active.desc(), Account.login))
    return [_line(account, roles.get(account.id, [])) for account in accounts]


def account_line(session: Session, account_id: int) -> AccountLine:
    """Return one account with its roles."""
    for line in account_lines(session):
        if line.id == account_id:
            return line
    raise NotFoundError(N_("Không có tài khoản này."))


def _line(account: Account, roles: list[Role]) -> AccountLine:
    return AccountLine(
        account.id,
        account.login,
        account.display_name,
        tuple(roles),
        account.is_active,
        account.must_change_password,
        account.created_at,
    )


@dataclass(frozen=True)
class EventFilter:
    """Which events of the log are wanted."""

    actor: str = ""
    action: str = ""
    thing: str = ""
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class EventPage:
    """A page of the log, newest first."""

    events: list[AuditEvent]
    page: int
    page_count: int
    total: int


EVENTS_A_PAGE = 50


def event_page(session: Session, wanted: EventFilter, page: int) -> EventPage:
    """Return a page of the log; a page beyond the end is the last one."""
    conditions = list(_conditions(wanted))
    total = session.scalar(select(func.count()).select_from(AuditEvent).where(*conditions)) or 0
    page_count = max(1, -(-total // EVENTS_A_PAGE))
    page = min(max(1, page), page_count)
    events = session.scalars(
        select(AuditEvent)
        .where(*conditions)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .offset((page - 1) * EVENTS_A_PAGE)
        .limit(EVENTS_A_PAGE)
    )
    return EventPage(list(events), page, page_count, total)


def event_actions(session: Session) -> list[str]:
    """Return every action that the log has."""
    return list(session.scalars(select(AuditEvent.action).distinct().order_by(AuditEvent.action)))


def _conditions(wanted: EventFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.actor:
        yield AuditEvent.actor == wanted.actor
    if wanted.action:
        yield AuditEvent.action == wanted.action
    if wanted.thing:
        yield AuditEvent.thing.icontains(wanted.thing, autoescape=True)
    if wanted.first_day:
        yield AuditEvent.at >= _midnight(wanted.first_day)
    if wanted.last_day:
        yield AuditEvent.at < _midnight(wanted.last_day) + timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM)


@dataclass(frozen=True)
class UnitLine:
    """A unit with the names of those it took over from, and those that took over from it."""

    unit: Unit
    predecessors: tuple[UnitSuccession, ...]
    successors: tuple[UnitSuccession, ...]


@dataclass(frozen=True)
class Organisation:
    """Everything the organisation page shows."""

    groups: list[RespondentGroup]
    blocks: list[tuple[Block, list[UnitLine]]]
    names: dict[int, Unit]


def organisation(session: Session) -> Organisation:
    """Return respondent groups, blocks, units and their successions, in their order."""
    blocks = session.scalars(select(Block).order_by(Block.position, Block.code)).all()
    units = session.scalars(select(Unit).order_by(Unit.position, Unit.code)).all()
    links = session.scalars(select(UnitSuccession).order_by(UnitSuccession.took_effect_on)).all()
    lines = [
        UnitLine(
            unit,
            tuple(link for link in links if link.successor_id == unit.id),
            tuple(link for link in links if link.predecessor_id == unit.id),
        )
        for unit in units
    ]
    return Organisation(
        groups=list(session.scalars(select(RespondentGroup).order_by(RespondentGroup.position))),
        blocks=[(b, [line for line in lines if line.unit.block_id == b.id]) for b in blocks],
        names={unit.id: unit for unit in units},
    )


def block_of_units(session: Session) -> dict[str, str]:
    """Return the code of every unit with the code of its block."""
    found = session.execute(select(Unit.code, Block.code).join(Block))
    return {unit: block for unit, block in found}  # noqa: C416 -- rows are not pairs to mypy


def situation(session: Session) -> Situation:
    """Return what the home page is made from."""
    waiting = select(func.count()).where(Account.is_active, Account.must_change_password)
    administrators = (
        select(func.count())
        .select_from(Account)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .where(Account.is_active, AccountRole.role == Role.ADMINISTRATOR)
    )
    return Situation(
        units=_count(session, Unit),
        frameworks=_count(session, Framework),
        questionnaires=_count(session, QuestionnaireVersion),
        campaigns=tuple(_campaign_states(session)),
        missing_points=tuple(_missing_points(session)),
        new_accounts=session.scalar(waiting) or 0,
        administrators=session.scalar(administrators) or 0,
    )


def _count(session: Session, kind: type[Model]) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def _campaign_states(session: Session) -> Iterator[CampaignState]:
    sent = _by_campaign(session, select(Credential.campaign_id, func.count()))
    received = _by_campaign(
        session,
        select(Credential.campaign_id, func.count()).join(Spent, Spent.tag == Credential.tag),
    )
    runs = _by_campaign(session, select(Run.campaign_id, func.count()))
    for campaign in session.scalars(select(Campaign).order_by(Campaign.opens_at.desc())):
        yield CampaignState(
            code=campaign.code,
            title=campaign.title,
            title_en=campaign.title_en,
            opens_at=campaign.opens_at,
            closes_at=campaign.closes_at,
            is_launched=campaign.launched_at is not None,
            takes_codes=campaign.anonymity == Anonymity.CODE,
            sent=sent.get(campaign.id, 0),
            received=received.get(campaign.id, 0),
            runs=runs.get(campaign.id, 0),
        )


def _by_campaign(session: Session, counted: Select[int, int]) -> dict[int, int]:
    rows = session.execute(counted.group_by(text("campaign_id")))
    return {campaign_id: count for campaign_id, count in rows}  # noqa: C416 -- rows are no pairs


def _missing_points(session: Session) -> Iterator[tuple[int, int]]:
    """Yield the latest year that has a framework, when points of it are missing."""
    period = session.scalars(select(Period).order_by(Period.year.desc()).limit(1)).first()
    if period is None:
        return
    exempt = select(LeafExemption.id).where(
        LeafExemption.leaf_id == Leaf.id,
        or_(LeafExemption.unit_id == Unit.id, LeafExemption.block_id == Unit.block_id),
    )
    there = select(UnitPoints.unit_id).where(
        UnitPoints.period_id == period.id,
        UnitPoints.unit_id == Unit.id,
        UnitPoints.leaf_id == Leaf.id,
    )
    missing = session.scalar(
        select(func.count())
        .select_from(PeriodFramework)
        .join(Unit, Unit.block_id == PeriodFramework.block_id)
        .join(Field, Field.framework_id == PeriodFramework.framework_id)
        .join(Criterion, Criterion.field_id == Field.id)
        .join(Leaf, Leaf.criterion_id == Criterion.id)
        .where(
            PeriodFramework.period_id == period.id,
            Leaf.mode != Mode.SURVEY,
            is_valid_in(period.year),
            ~exempt.exists(),
            ~there.exists(),
        )
    )
    if missing:
        yield period.year, missing
