"""What respondents change: a form is opened, a page kept, a ballot handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.ballotbox.ballots import Sheet, is_same, put, receipt
from survey.clock import local_date
from survey.collection import drafts
from survey.collection.drafts import Visit
from survey.collection.queries import Form, make_sure_open
from survey.config import Settings
from survey.db import DatabaseFailure, flush_before_answering, transaction
from survey.errors import (
    N_,
    AlreadyAnsweredError,
    ConflictError,
    Problem,
    UnavailableError,
)
from survey.model.ballot import Ballot
from survey.model.campaign import Campaign
from survey.questionnaire import canonical, checks
from survey.questionnaire.checks import Key
from survey.questionnaire.document import Question

REPLAY = timedelta(minutes=15)  # after closing, for submissions that were not confirmed
OTHER_CONTENT = N_(
    "Phiếu này đã được gửi với nội dung khác. Phiếu đã gửi được giữ nguyên, không thể thay thế."
)
CODE_SPENT = N_("Mã này đã được dùng để gửi một phiếu. Mỗi mã chỉ gửi được một lần.")
CHANGED = N_("Câu trả lời vừa được sửa ở một cửa sổ khác. Vui lòng xem lại trước khi gửi.")


def save_page(
    session: Session,
    settings: Settings,
    form: Form,
    questions: Sequence[Question],
    raw: Mapping[Key, str],
) -> tuple[Visit, list[Problem]]:
    """Keep what is valid of a page's answers and return what is not."""
    read = checks.read(questions, form.unit_codes, raw)
    asked = {key for question in questions for key in checks.keys_of(question, form.unit_codes)}
    in_doubt = {problem.place for problem in read.problems}

    def answers_after(answers: dict[Key, str]) -> dict[Key, str]:
        kept = {
            key: value
            for key, value in answers.items()
            if key not in asked or checks.place_of(key) in in_doubt
        }
        return kept | read.values

    return drafts.change(session, settings, form.visit, answers_after), read.problems


def content_of(form: Form) -> dict[str, dict[str, object]]:
    """Return the content of the ballot as it would be handed in now."""
    questions = {q.code for page in form.pages for q in page.questions}
    answers = {key: value for key, value in form.visit.answers.items() if key[0] in questions}
    return checks.content(form.document, form.unit_codes, answers)


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
) -> str:
    """Put the ballot into the box and return its receipt, after it was committed and flushed.

    The same ballot again gives the same receipt. Raises `AlreadyAnsweredError` for another ballot
    under the same code or id, `ClosedError` out of time, `UnavailableError` when the outcome is
    not known: then the same call is safe to repeat.
    """
    content = content_of(form)
    if ballot_id != form.visit.ballot_id or canonical.digest(content) != content_hash:
        raise ConflictError(CHANGED)
    entry, announced = form.visit.entry, form.campaign.closes_at
    sheet = Sheet(
        id=ballot_id,
        campaign_id=entry.campaign_id,
        stratum_id=entry.stratum_id,
        cluster_id=entry.cluster_id,
        version_id=entry.version_id,
        channel=entry.channel,
        content=content,
    )
    try:
        with transaction(session):
            _campaign_that_stays_open(session, entry.campaign_id, announced, at)
            flush_before_answering(session)
            reference = _put_once(session, sheet, entry.tag, at)
            drafts.drop(session, settings, form.visit.token)
    except _TakenError:
        return _replay(session, sheet)
    except DatabaseFailure as error:
        raise UnavailableError from error
    return reference


def _put_once(session: Session, sheet: Sheet, tag: bytes | None, at: datetime) -> str:
    ballot = put(session, sheet, day=local_date(at), tag=tag)
    if ballot is None:
        raise _TakenError
    return receipt(ballot)


def _campaign_that_stays_open(
    session: Session, campaign_id: int, announced: datetime, at: datetime
) -> None:
    """Hold the campaign until the commit, so that closing waits for ballots under way.

    A campaign that was closed early while this ballot waited is closed for it as well.
    """
    campaign = session.scalars(
        select(Campaign)
        .where(Campaign.id == campaign_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).one()
    make_sure_open(campaign, at if campaign.closes_at >= announced else campaign.closes_at)


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
