"""The respondents' pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue

from survey import clock
from survey.ballotbox import codes, keys
from survey.clock import local_date
from survey.collection import drafts, pages, queries, services
from survey.collection.drafts import Entry, Visit
from survey.collection.forms import ballot_id_of, raw_answers
from survey.collection.queries import Form
from survey.db import DatabaseFailure
from survey.errors import N_, AnswerError, ConflictError, NotFoundError, Problem, UnavailableError
from survey.model.campaign import Campaign
from survey.questionnaire import canonical
from survey.questionnaire.document import Section
from survey.web import limits
from survey.web.auth import public
from survey.web.context import database, session, settings
from survey.web.i18n import LANGUAGES, gettext, locale
from survey.web.security import cookie_name

blueprint = Blueprint("collection", __name__)

UNKNOWN_CODE = N_("Không nhận ra mã này. Mã gồm 12 ký tự, in trên thư mời hoặc tin nhắn.")
TOO_MANY = N_("Có quá nhiều mã sai từ mạng này. Vui lòng đợi một phút rồi thử lại.")
OTHER_FORM = N_("Trình duyệt này vừa mở một phiếu khác. Hãy mở lại phiếu bằng mã của bạn.")
HANDED_IN = N_(
    "Bạn đã gửi phiếu này. Mã biên nhận: %(reference)s. Phiếu đã gửi không sửa được nữa."
)
NO_VISIT = N_("Không còn phiếu đang làm dở trên trình duyệt này. Hãy mở lại bằng mã của bạn.")


@blueprint.get("/")
@public
def index() -> ResponseReturnValue:
    """Show the campaigns that take ballots now."""
    campaigns = queries.open_campaigns(session(), clock.now())
    generated = any(campaign.is_generated for campaign in campaigns)
    return render_template("collection/index.html", campaigns=campaigns, generated_data=generated)


@blueprint.get("/q/<campaign>")
@public
def entrance(campaign: str) -> ResponseReturnValue:
    """Show the door of a campaign."""
    found = queries.campaign_by_code(session(), campaign)
    queries.make_sure_open(found, clock.now())
    return _entrance(found)


def _entrance(campaign: Campaign, error: str | None = None, status: int = 200) -> tuple[str, int]:
    choices = queries.door_choices(session(), campaign)
    return render_template(
        "collection/entrance.html",
        campaign=campaign,
        choices=choices,
        error=error,
        typed=request.form.get("code", "")[:40],
        generated_data=campaign.is_generated,
    ), status


@blueprint.post("/q/<campaign>")
@public
def enter(campaign: str) -> ResponseReturnValue:
    """Open a form with a code, or through an open door."""
    found = queries.campaign_by_code(session(), campaign)
    queries.make_sure_open(found, clock.now())
    if request.form.get("door"):
        entry = queries.entry_of_door(session(), found, request.form["door"])
        if entry is None:
            return _entrance(found, gettext(N_("Vui lòng chọn nhóm của bạn.")), 422)
        return _start(found, entry)
    return _enter_with_code(found)


def _enter_with_code(campaign: Campaign) -> ResponseReturnValue:
    code = codes.normalise(request.form.get("code", ""))
    opened = None
    if code is not None:
        tag = codes.tag_of(keys.read_key(settings(), campaign.code), code)
        opened = queries.entry_of_code(session(), campaign, tag)
    if opened is None:
        session().rollback()
        if _count_wrong_code():
            return *_entrance(campaign, gettext(TOO_MANY), 429), {"Retry-After": "60"}
        return _entrance(campaign, gettext(UNKNOWN_CODE), 422)
    entry, is_spent = opened
    if is_spent:
        return _entrance(campaign, gettext(services.CODE_SPENT), 409)
    visit = _stored_visit()
    if visit is not None and visit.entry == entry:
        return redirect(url_for(".intro", campaign=campaign.code), code=303)
    return _start(campaign, entry)


def _count_wrong_code() -> bool:
    key = limits.key_of(settings().secret_key, "code", request.remote_addr or "")
    limit = settings().wrong_codes_per_minute
    window = timedelta(minutes=1)
    return limits.is_too_often(database(), key, limit=limit, window=window, at=clock.now())


def _start(campaign: Campaign, entry: Entry) -> Response:
    visit = drafts.begin(session(), settings(), entry, at=clock.now())
    response = make_response(redirect(url_for(".intro", campaign=campaign.code), code=303))
    response.set_cookie(
        cookie_name("xhh_visit", settings()),
        visit.token,
        max_age=settings().draft_days * 86_400,
        secure=settings().https,
        httponly=True,
        samesite="Lax",
    )
    return response


def _stored_visit() -> Visit | None:
    token = request.cookies.get(cookie_name("xhh_visit", settings()), "")
    return drafts.find(session(), settings(), token, at=clock.now())


def _visit(campaign: str) -> Visit | None:
    visit = _stored_visit()
    if visit is None:
        return None
    if queries.campaign_by_code(session(), campaign).id != visit.entry.campaign_id:
        raise ConflictError(OTHER_FORM)
    if request.method == "POST" and request.form.get("form") != visit.form_id:
        raise ConflictError(OTHER_FORM)
    return visit


def _form(campaign: str) -> Form:
    visit = _visit(campaign)
    if visit is None:
        found = queries.campaign_by_code(session(), campaign)
        kept = browser.get("receipt", {})
        if kept.get("campaign") == campaign:
            raise ConflictError(HANDED_IN, reference=kept["reference"])
        queries.make_sure_open(found, clock.now())
        raise LostVisitError(NO_VISIT)
    form = queries.form_of(session(), visit)
    queries.make_sure_open(form.campaign, clock.now())
    return form


class LostVisitError(ConflictError):
    """The browser holds no form of this campaign any more; its door is shown instead."""


@blueprint.errorhandler(LostVisitError)
def show_door(error: LostVisitError) -> ResponseReturnValue:
    """Show the door, so that the code can be typed again at once."""
    campaign = queries.campaign_by_code(session(), (request.view_args or {})["campaign"])
    return _entrance(campaign, gettext(error.message), 409)


@blueprint.get("/q/<campaign>/intro")
@public
def intro(campaign: str) -> ResponseReturnValue:
    """Show what the form is about before the first question."""
    form = _form(campaign)
    return render_template(
        "collection/intro.html",
        form=form,
        names=[pages.unit_name(unit, locale()) for unit in form.units],
        language=pages.content_language(form, locale()),
        until=min(form.visit.expires_on, local_date(form.campaign.closes_at)),
        generated_data=form.campaign.is_generated,
    )


@blueprint.get("/q/<campaign>/page/<code>")
@public
def page(campaign: str, code: str) -> ResponseReturnValue:
    """Show a page with the answers given so far."""
    form = _form(campaign)
    return _page(form, form.page(code))


def _page(
    form: Form,
    section: Section,
    raw: dict[tuple[str, str], str] | None = None,
    problems: Sequence[Problem] = (),
) -> str:
    language = pages.content_language(form, locale())
    return render_template(
        "collection/page.html",
        form=form,
        section=section,
        number=form.pages.index(section) + 1,
        questions=pages.shown_questions(form, section, language, raw, problems),
        language=language,
        language_form="answers",
        generated_data=form.campaign.is_generated,
    )


@blueprint.post("/q/<campaign>/page/<code>")
@public
def answer(campaign: str, code: str) -> ResponseReturnValue:
    """Keep the answers of a page and go on, back, or to another language."""
    form = _form(campaign)
    section = form.page(code)
    raw = raw_answers(request.form, section.questions, form.unit_codes)
    _visit_after, problems = services.save_page(session(), settings(), form, section.questions, raw)
    language = request.form.get("lang", "")
    if language in LANGUAGES:
        return redirect(url_for(".page", campaign=campaign, code=code, lang=language), code=303)
    if problems and request.form.get("go") != "back":
        return _page(queries.form_of(session(), form.visit), section, raw, problems), 422
    return redirect(_next_url(form, section, back=request.form.get("go") == "back"), code=303)


def _next_url(form: Form, section: Section, *, back: bool) -> str:
    campaign = form.campaign.code
    if request.form.get("go") == "check":
        return url_for(".check", campaign=campaign)
    position = form.pages.index(section) + (-1 if back else 1)
    if position < 0:
        return url_for(".intro", campaign=campaign)
    if position == len(form.pages):
        return url_for(".check", campaign=campaign)
    return url_for(".page", campaign=campaign, code=form.pages[position].code)


@blueprint.get("/q/<campaign>/check")
@public
def check(campaign: str) -> ResponseReturnValue:
    """Show every answer before the ballot is handed in."""
    return _check(_form(campaign))


def _check(form: Form, status: int = 200, notice: str | None = None) -> tuple[str, int]:
    problems: Sequence[Problem] = ()
    content_hash = ""
    try:
        content_hash = canonical.digest(services.content_of(form))
    except AnswerError as error:
        problems = error.problems
    language = pages.content_language(form, locale())
    return render_template(
        "collection/check.html",
        form=form,
        language=language,
        summaries=pages.summaries(form, language),
        problems=problems,
        notice_text=notice,
        page_of={q.code: s.code for s in form.pages for q in s.questions},
        content_hash=content_hash,
        generated_data=form.campaign.is_generated,
    ), status


@blueprint.post("/q/<campaign>/check")
@public
def submit(campaign: str) -> ResponseReturnValue:
    """Hand the ballot in; the receipt is shown only after the database confirmed."""
    ballot_id = ballot_id_of(request.form.get("ballot", ""))
    content_hash = request.form.get("content", "")
    try:
        reference = _handed_in(campaign, ballot_id, content_hash)
    except (UnavailableError, DatabaseFailure):
        g.account = None  # the page must not ask a database that may be away
        return (
            render_template("collection/unconfirmed.html", campaign=campaign, posted=request.form),
            503,
            {"Retry-After": "5"},
        )
    except AnswerError:
        return _check(_form(campaign), 422)
    browser["receipt"] = {"campaign": campaign, "reference": reference}
    response = make_response(redirect(url_for(".receipt", campaign=campaign), code=303))
    response.delete_cookie(cookie_name("xhh_visit", settings()), secure=settings().https)
    return response


def _handed_in(campaign: str, ballot_id: bytes, content_hash: str) -> str:
    visit = _visit(campaign)
    if visit is None or visit.ballot_id != ballot_id:
        found = queries.campaign_by_code(session(), campaign)
        return services.receipt_of(session(), found, ballot_id, content_hash, at=clock.now())
    form = queries.form_of(session(), visit)
    return services.submit(
        session(),
        settings(),
        form,
        ballot_id=ballot_id,
        content_hash=content_hash,
        at=clock.now(),
    )


@blueprint.get("/q/<campaign>/receipt")
@public
def receipt(campaign: str) -> ResponseReturnValue:
    """Show that the ballot is in the box, and nothing of what it says."""
    kept = browser.get("receipt", {})
    if kept.get("campaign") != campaign:
        raise NotFoundError(N_("Trình duyệt này chưa gửi phiếu nào cho đợt điều tra."))
    found = queries.campaign_by_code(session(), campaign)
    return render_template(
        "collection/receipt.html",
        campaign=found,
        reference=kept["reference"],
        generated_data=found.is_generated,
    )
