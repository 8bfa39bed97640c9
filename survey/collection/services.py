"""What respondents change: a form is opened, a page kept, a ballot handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from survey.ballotbox.ballots import Sheet, is_same, put, receipt
from survey.clock import local_date
from survey.collection import drafts
from survey.collection.drafts import Round, Visit
from survey.collection.queries import Form, make_sure_open
from survey.config import Settings
from survey.db import DatabaseFailure, flush_before_answering, transaction
from survey.errors import (
    N_,
    AlreadyAnsweredError,
    ConflictError,
    UnavailableError,
)
from survey.model.ballot import Ballot
from survey.model.campaign import Campaign
from survey.questionnaire import canonical, content
from survey.questionnaire.content import Content
from survey.questionnaire.document import Key, place_of
from survey.questionnaire.kinds.base import Raw

SECONDS_AN_ANSWER = 0.5
INTRO = "/"  # no page is called so
REPLAY = timedelta(minutes=15)  # after closing, for submissions that were not confirmed
OTHER_CONTENT = N_(
    "Phiếu này đã được gửi với nội dung khác. Phiếu đã gửi được giữ nguyên, không thể thay thế."
)
CODE_SPENT = N_("Mã này đã được dùng để gửi một phiếu. Mỗi mã chỉ gửi được một lần.")
CHANGED = N_("Câu trả lời vừa được sửa ở một cửa sổ khác. Vui lòng xem lại trước khi gửi.")


class StaleError(Exception):
    """A page was kept elsewhere meanwhile, with other answers; both are to be shown."""

    def __init__(self, current: Visit) -> None:
        super().__init__()
        self.current = current


@dataclass(frozen=True)
class Posted:
    """What a respondent sent of a page."""

    page: str
    raw: Mapping[Key, Raw]
    revision: int  # how often the page had been kept when it was shown
    confirmed: frozenset[str]


def save_page(
    session: Session, settings: Settings, form: Form, posted: Posted, *, at: datetime
) -> Form:
    """Keep a page as it was typed, valid or not, and return the form with it.

    Raises `StaleError` when the page was kept elsewhere since it was shown, with other answers.
    """
    shown = (page.parts for page in form.shape.pages if page.id == posted.page)
    parts = {part.id for page in shown for part in page}

    def edit(current: Visit) -> Visit:
        kept = current.revisions.get(posted.page, 0)
        if kept != posted.revision and differences(current, posted):
            raise StaleError(current)
        others = {key: raw for key, raw in current.answers.items() if key not in posted.raw}
        here = {place_of(key) for key in posted.raw} | parts
        return replace(
            current,
            answers=others | {key: raw for key, raw in posted.raw.items() if raw},
            revisions={**current.revisions, posted.page: kept + 1},
            confirmed=frozenset(name for name in posted.confirmed if _place(name) in here)
            | {name for name in current.confirmed if _place(name) not in here},
            seen_at=at,
        )

    return replace(form, visit=drafts.change(session, settings, form.visit, edit))


def _place(warning: str) -> str:
    """Return where a warning is told, by the name under which it is confirmed."""
    return warning.partition(":")[0]


def differences(current: Visit, posted: Posted) -> list[Key]:
    """Return the answers that were kept otherwise than they were posted."""
    return [
        key for key, raw in posted.raw.items() if (current.answers.get(key) or "") != (raw or "")
    ]


def neighbour(form: Form, saved: Form, page: str, step: int) -> str | None:
    """Return the page to go to from one that may have left the path: `INTRO` before the first."""
    ids = [one.id for one in saved.interview.pages]
    if page in ids:
        return saved.beside(page, step) or (INTRO if step < 0 else None)
    before = [one.id for one in form.shape.pages]
    seen = before[: before.index(page)] if page in before else []
    return next((code for code in ids if code not in seen), None)


def newly_asked(form: Form, saved: Form, posted: Posted) -> bool:
    """Tell whether a page asks more than it did before it was kept, and got no answer to that."""
    if form.document.is_fixed:
        return False
    page = next((one for one in saved.interview.pages if one.id == posted.page), None)
    asked = saved.interview.fields_of(page) if page else []
    on_way = (one.key for one in asked if one.key in saved.interview.asked)
    return any(key not in form.interview.asked and not posted.raw.get(key) for key in on_way)


def content_of(form: Form) -> Content:
    """Return the content of the ballot as it would be handed in now."""
    return content.content_of(form.interview)


class _TakenError(Exception):
    """The code or the ballot id is in the box already; undoes the transaction."""


def submit(
    session: Session,
    settings: Settings,
    form: Form,
    *,
    ballot_id: bytes,
    content_hash: str,
    at: datetime,
    is_at_risk: bool = False,
) -> str:
    """Put the ballot into the box and return its receipt, after it was committed and flushed.

    The same ballot again gives the same receipt. Raises `AlreadyAnsweredError` for another ballot
    under the same code or id, `ClosedError` out of time, `UnavailableError` when the outcome is
    not known: then the same call is safe to repeat.
    """
    answers = content_of(form)
    if ballot_id != form.visit.ballot_id or canonical.digest(answers) != content_hash:
        raise ConflictError(CHANGED)
    entry = form.visit.entry
    sheet = Sheet(
        id=ballot_id,
        campaign_id=entry.campaign_id,
        stratum_id=entry.stratum_id,
        cluster_id=entry.cluster_id,
        version_id=entry.version_id,
        channel=entry.channel,
        content=answers,
        risk=int(is_at_risk or form.visit.is_flagged or _is_hasty(form, at)),
    )
    try:
        with transaction(session):
            _make_sure_it_stays_open(session, form.campaign, at)
            flush_before_answering(session)
            reference = _put_once(session, sheet, entry.tag, at)
            drafts.drop(session, settings, form.visit.token)
    except _TakenError:
        return _replay(session, sheet)
    except DatabaseFailure as error:
        raise UnavailableError from error
    return reference


def _is_hasty(form: Form, at: datetime) -> bool:
    """Tell whether a form was filled in faster than anybody reads."""
    given = len(form.interview.values)
    return (at - form.visit.started_at).total_seconds() < given * SECONDS_AN_ANSWER


def _put_once(session: Session, sheet: Sheet, tag: bytes | None, at: datetime) -> str:
    ballot = put(session, sheet, day=local_date(at), tag=tag)
    if ballot is None:
        raise _TakenError
    return receipt(ballot)


_CLOSES = (
    select(Campaign.closes_at)
    .where(Campaign.id == bindparam("campaign_id"))
    .with_for_update(read=True)
)


def _make_sure_it_stays_open(session: Session, campaign: Round, at: datetime) -> None:
    """Hold the campaign until the commit, so that closing waits for ballots under way.

    A campaign that was closed early while this ballot waited is closed for it as well.
    """
    closes_at = session.execute(_CLOSES, {"campaign_id": campaign.id}).scalar_one()
    now = replace(campaign, closes_at=closes_at)
    make_sure_open(now, at if closes_at >= campaign.closes_at else closes_at)


def _replay(session: Session, sheet: Sheet) -> str:
    ballot = session.get(Ballot, sheet.id)
    if ballot is None:
        raise AlreadyAnsweredError(CODE_SPENT)
    if not is_same(ballot, sheet):
        raise AlreadyAnsweredError(OTHER_CONTENT)
    return receipt(ballot)


def receipt_of(
    session: Session, campaign: Campaign, ballot_id: bytes, content_hash: str, *, at: datetime
) -> str:
    """Return the receipt of a ballot that was handed in before and whose draft is gone.

    Soon after the campaign has closed this ends: nobody may prove for ever what was answered.
    """
    ballot = session.get(Ballot, ballot_id)
    if at >= campaign.closes_at + REPLAY:
        make_sure_open(campaign, at)
    if ballot is None or ballot.campaign_id != campaign.id:
        raise ConflictError(
            N_("Không còn phiếu đang làm dở trên trình duyệt này. Hãy mở lại bằng mã của bạn.")
        )
    if canonical.digest(canonical.loads(ballot.answers)) != content_hash:
        raise AlreadyAnsweredError(OTHER_CONTENT)
    return receipt(ballot)
