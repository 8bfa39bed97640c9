"""The respondents' pages.

A respondent is known by the token of the form, which stands in the form's own page; the cookie
only lets pages be read again. What is posted is therefore answered without cookies too, and nobody
else can post in a respondent's name. A client that asks for it with `X-Inline`, or that has no
cookie, is answered with the next page at once; every other one is sent there.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from threading import BoundedSemaphore

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from survey import clock
from survey.ballotbox import codes, keys
from survey.collection import dial, drafts, pages, queries, services
from survey.collection.drafts import Entry, Round, Visit
from survey.collection.forms import (
    ballot_id_of,
    confirmed_in,
    make_sure_readable,
    raw_answers,
    revision_of,
)
from survey.collection.queries import Form
from survey.collection.rendering import (
    check_page,
    door_page,
    intro_page,
    question_page,
    receipt_page,
)
from survey.collection.services import Posted, StaleError
from survey.collection.visiting import (
    INLINE,
    LostVisitError,
    cookie,
    form_of,
    is_inline,
    lead_on,
    make_sure_awake,
    page_url,
    path_of,
    tried,
    url_of,
    visit_of,
)
from survey.db import DatabaseFailure
from survey.errors import N_, AnswerError, NotFoundError, UnavailableError
from survey.model.ballot import Channel
from survey.model.campaign import Anonymity, Campaign
from survey.questionnaire.checks import verdict
from survey.web import errors, limits
from survey.web.auth import public
from survey.web.context import be_hasty, database, session, settings
from survey.web.i18n import LANGUAGES, gettext, locale
from survey.web.security import csrf

blueprint = Blueprint("collection", __name__)
csrf.exempt(blueprint)  # the token of a form is the secret that another site does not know

SLEEPERS = BoundedSemaphore(2)  # threads that may wait before they answer a wrong code
LONGEST_WAIT_S = 5.0

UNKNOWN_CODE = N_("Không nhận ra mã này. Mã gồm 12 ký tự, in trên thư mời hoặc tin nhắn.")
TOO_MANY = N_("Có quá nhiều mã sai từ mạng này. Vui lòng đợi một phút rồi thử lại.")


@blueprint.before_request
def let_in() -> None:
    """Refuse what no page of ours sends, and take the language from the page it came from."""
    if request.endpoint != "collection.submit":
        be_hasty()
    if request.method != "POST":
        return
    make_sure_readable(request)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Forbidden
    language = request.form.get("lang") or request.form.get("language", "")
    if language in LANGUAGES and (request.form.get("lang") or "lang" not in browser):
        g.locale = language
    if request.form.get("lang") in LANGUAGES:
        browser["lang"] = g.locale


@blueprint.get("/")
@public
def index() -> ResponseReturnValue:
    """Show the campaigns that take ballots now."""
    campaigns = queries.open_campaigns(session(), clock.now())
    generated = any(campaign.is_generated for campaign in campaigns)
    return render_template("collection/index.html", campaigns=campaigns, generated_data=generated)


# --- The door -----------------------------------------------------------------------------------


@blueprint.get("/q/<campaign>")
@public
def entrance(campaign: str) -> ResponseReturnValue:
    """Show the door of a campaign."""
    found = queries.campaign_by_code(session(), campaign)
    queries.make_sure_open(found, clock.now())
    response = make_response(door_page(found))
    response.set_cookie(
        tried(), "1", secure=settings().https, httponly=True, samesite="Lax", path="/q"
    )
    return response


@blueprint.post("/q/<campaign>")
@public
def enter(campaign: str) -> ResponseReturnValue:
    """Open a form with a code, or through an open door."""
    found = queries.campaign_by_code(session(), campaign)
    queries.make_sure_open(found, clock.now())
    if request.form.get("door") and not request.form.get("code"):
        entry = queries.entry_of_door(session(), found, request.form["door"])
        if entry is None:
            return door_page(found, gettext(N_("Vui lòng chọn nhóm của bạn.")), 422)
        return _start(found, entry, codes.new_code(), is_open=True)
    return _enter_with_code(found)


def _enter_with_code(campaign: Campaign) -> ResponseReturnValue:
    code = codes.normalise(request.form.get("code", ""))
    if code is None:
        return _wrong_code(campaign)
    token = drafts.token_of(settings(), campaign.code, code)
    found = drafts.find(session(), settings(), token, at=clock.now())
    if found is not None and found[1].id == campaign.id:
        return _welcome(drafts.touch(session(), settings(), found[0], at=clock.now()), found[1])
    if campaign.anonymity == Anonymity.OPEN:
        return _wrong_code(campaign)
    tag = codes.tag_of(keys.read_key(settings(), campaign.code), code)
    opened = queries.entry_of_code(session(), campaign, tag)
    if opened is None:
        return _wrong_code(campaign)
    entry, is_spent = opened
    if is_spent:
        return door_page(campaign, gettext(services.CODE_SPENT), 409)
    return _start(campaign, entry, code)


def _wrong_code(campaign: Campaign) -> ResponseReturnValue:
    """Answer a wrong code, the later the more of them come from one address."""
    session().rollback()
    key = limits.key_of(settings().secret_key, "code", request.remote_addr or "")
    limit, window = settings().wrong_codes_per_minute, timedelta(minutes=1)
    excess = limits.excess(database(), key, limit=limit, window=window, at=clock.now())
    if excess and not SLEEPERS.acquire(blocking=False):
        return *door_page(campaign, gettext(TOO_MANY), 429), {"Retry-After": "60"}
    if excess:
        try:
            time.sleep(min(LONGEST_WAIT_S, 1 + excess / limit))
        finally:
            SLEEPERS.release()
    return door_page(campaign, gettext(UNKNOWN_CODE), 422)


def _start(
    campaign: Campaign, entry: Entry, code: str, *, is_open: bool = False
) -> ResponseReturnValue:
    visit = drafts.begin(
        session(),
        settings(),
        entry,
        drafts.token_of(settings(), campaign.code, code),
        at=clock.now(),
        resume_code=code if is_open else None,
        is_shared=bool(request.form.get("shared")),
        is_flagged=bool(request.form.get("website")),
    )
    return _welcome(visit, queries.round_of(campaign))


def _welcome(visit: Visit, campaign: Round) -> ResponseReturnValue:
    form = queries.form_of(session(), visit, campaign, at=clock.now())
    return lead_on(form, url_of(form, "intro"), lambda: intro_page(form))


@blueprint.errorhandler(LostVisitError)
def show_door(error: LostVisitError) -> ResponseReturnValue:
    """Show the door, so that the code can be typed again at once."""
    campaign = queries.campaign_by_code(session(), (request.view_args or {})["campaign"])
    return door_page(campaign, gettext(error.message, **error.values), 409)


# --- The pages of a form ------------------------------------------------------------------------


@blueprint.get("/q/<campaign>/<form_id>/intro")
@public
def intro(campaign: str, form_id: str) -> ResponseReturnValue:
    """Show what the form is about before the first question."""
    return intro_page(form_of(campaign, form_id))


@blueprint.get("/q/<campaign>/<form_id>/page/<page_id>")
@public
def page(campaign: str, form_id: str, page_id: str) -> ResponseReturnValue:
    """Show a page with the answers given so far."""
    form = form_of(campaign, form_id)
    return question_page(form, form.page(page_id))


@blueprint.post("/q/<campaign>/<form_id>/page/<page_id>")
@public
def answer(campaign: str, form_id: str, page_id: str) -> ResponseReturnValue:
    """Keep the answers of a page and go on, back, or to another language."""
    form = form_of(campaign, form_id)
    if request.form.get("go") == "open":  # a way to the page that needs no cookie; nothing is kept
        make_sure_awake(form.visit)
        return _to(form, page_id)
    found = form.page_as_shown(page_id)
    posted = Posted(
        page=page_id,
        raw=raw_answers(request.form, form.shape.fields_of(found), locale(), form.visit.answers),
        revision=revision_of(request.form),
        confirmed=confirmed_in(request.form),
    )
    try:
        saved = services.save_page(session(), settings(), form, posted, at=clock.now())
    except StaleError as error:
        return _stale(form, error.current, posted)
    make_sure_awake(form.visit)
    return _after(form, saved, posted)


def _stale(form: Form, current: Visit, posted: Posted) -> ResponseReturnValue:
    """Show what is kept beside what was typed; nothing of either is lost."""
    there = replace(form, visit=current)
    both = pages.stale(there, posted, pages.content_language(form, locale()))
    typed = {**current.answers, **{key: raw for key, raw in posted.raw.items() if raw}}
    mine = replace(form, visit=replace(current, answers=typed))
    return question_page(mine, mine.page(posted.page), stale=both), 409


def _after(form: Form, saved: Form, posted: Posted) -> ResponseReturnValue:
    go = "stay" if request.form.get("lang") in LANGUAGES else request.form.get("go", "on")
    on_path = any(page.id == posted.page for page in saved.interview.pages)
    if not on_path or go == "back":
        return _to(saved, services.neighbour(form, saved, posted.page, -1 if go == "back" else 1))
    if go == "stay":
        return _to(saved, posted.page)
    found = verdict(saved.interview, posted.page)
    newly = not request.headers.get(INLINE) and services.newly_asked(form, saved, posted)
    if found.problems or found.warnings or newly:
        here = saved.page(posted.page)
        shown = question_page(saved, here, found.problems, found.warnings, newly_asked=newly)
        return shown, 422
    return _to(saved, None if go == "check" else saved.beside(posted.page, 1))


def _to(form: Form, page_id: str | None) -> ResponseReturnValue:
    """Lead to a page, to the intro before the first one, or to the check after the last."""
    if page_id == services.INTRO:
        return lead_on(form, url_of(form, "intro"), lambda: intro_page(form))
    if page_id is None:
        return lead_on(form, url_of(form, "check"), lambda: check_page(form)[0])
    return lead_on(form, page_url(form, page_id), lambda: question_page(form, form.page(page_id)))


@blueprint.post("/q/<campaign>/<form_id>/alive")
@public
def alive(campaign: str, form_id: str) -> ResponseReturnValue:
    """Keep a form open because its respondent said so."""
    form = form_of(campaign, form_id)
    make_sure_awake(form.visit)
    drafts.touch(session(), settings(), form.visit, at=clock.now())
    return Response(status=204, mimetype="text/plain")


# --- Handing in ---------------------------------------------------------------------------------


@blueprint.get("/q/<campaign>/<form_id>/check")
@public
def check(campaign: str, form_id: str) -> ResponseReturnValue:
    """Show every answer before the ballot is handed in."""
    return check_page(form_of(campaign, form_id))


@blueprint.post("/q/<campaign>/<form_id>/check")
@public
def submit(campaign: str, form_id: str) -> ResponseReturnValue:
    """Hand the ballot in; the receipt is shown only after the database confirmed."""
    if request.form.get("lang") in LANGUAGES:
        return _to(form_of(campaign, form_id), None)
    ballot_id = ballot_id_of(request.form.get("ballot", ""))
    content_hash = request.form.get("content", "")
    try:
        reference = _handed_in(campaign, form_id, ballot_id, content_hash)
    except AnswerError:
        return check_page(form_of(campaign, form_id), 422)
    browser["receipt"] = {"campaign": campaign, "reference": reference}
    url = url_for(".receipt", campaign=campaign)
    if is_inline():
        response = make_response(receipt_page(campaign, reference))
        response.headers["Content-Location"] = url
    else:
        response = make_response(redirect(url, code=303))
    path = path_of(campaign, form_id)
    response.delete_cookie(cookie(), path=path, secure=settings().https)
    return response


def _handed_in(campaign: str, form_id: str, ballot_id: bytes, content_hash: str) -> str:
    found = visit_of(form_id)
    if found is None or found[0].ballot_id != ballot_id:
        about = queries.campaign_by_code(session(), campaign)
        return services.receipt_of(session(), about, ballot_id, content_hash, at=clock.now())
    form = queries.form_of(session(), *found, at=clock.now())
    is_open = form.visit.entry.channel is Channel.OPEN
    return services.submit(
        session(),
        settings(),
        form,
        ballot_id=ballot_id,
        content_hash=content_hash,
        at=clock.now(),
        is_at_risk=bool(request.form.get("website"))
        or (is_open and dial.is_turned(request.remote_addr or "", clock.now())),
    )


@blueprint.get("/q/<campaign>/receipt")
@public
def receipt(campaign: str) -> ResponseReturnValue:
    """Show that the ballot is in the box, and nothing of what it says."""
    kept = browser.get("receipt", {})
    if kept.get("campaign") != campaign:
        raise NotFoundError(N_("Trình duyệt này chưa gửi phiếu nào cho đợt điều tra."))
    return receipt_page(campaign, kept["reference"])


@blueprint.errorhandler(DatabaseFailure)
@blueprint.errorhandler(UnavailableError)
def not_confirmed(error: Exception) -> ResponseReturnValue:
    """Give what was posted back to be sent again, since nobody knows whether it was kept."""
    keeps = {"collection.answer", "collection.submit"}
    if request.method != "POST" or request.endpoint not in keeps:
        return errors.render(error)
    errors.note(error, 503)
    g.account = None  # the page must not ask a database that may be away
    fields = [(n, v) for n, values in request.form.lists() for v in values if n != "lang"]
    page = render_template("collection/unconfirmed.html", action=request.path, fields=fields)
    return page, 503, {"Retry-After": "5"}
