"""Which form a request is about, and how its next page is reached."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, make_response, redirect, request, url_for
from flask import session as browser

from survey import clock
from survey.collection import drafts, queries
from survey.collection.drafts import Round, Visit
from survey.collection.queries import Form
from survey.errors import N_, AlreadyAnsweredError, ConflictError
from survey.web.context import session, settings
from survey.web.security import cookie_name

INLINE = "X-Inline"
OTHER_FORM = N_("Trình duyệt này vừa mở một phiếu khác. Hãy mở lại phiếu bằng mã của bạn.")
HANDED_IN = N_(
    "Bạn đã gửi phiếu này. Mã biên nhận: %(reference)s. Phiếu đã gửi không sửa được nữa."
)
NO_VISIT = N_("Không còn phiếu đang làm dở trên trình duyệt này. Hãy mở lại bằng mã của bạn.")
IDLE = N_(
    "Phiếu đã tự khóa sau %(minutes)s phút không có thao tác. Câu trả lời đã được giữ: nhập lại mã"
    " để làm tiếp."
)


class LostVisitError(ConflictError):
    """Nothing is open under this address any more; the door is shown instead."""


def visit_of(form_id: str) -> tuple[Visit, Round] | None:
    """Return the visit that a request belongs to: by the posted token, or by the cookie."""
    posted = request.form.get("visit", "") if request.method == "POST" else None
    token = request.cookies.get(cookie(), "") if posted is None else posted
    found = drafts.find(session(), settings(), token, at=clock.now()) if len(token) < 100 else None
    if found is not None and found[0].form_id != form_id:
        raise ConflictError(OTHER_FORM)
    return found


def form_of(campaign: str, form_id: str) -> Form:
    """Return the form that a request is about, if it is open, or say why not."""
    found = visit_of(form_id)
    if found is None:
        closed = queries.campaign_by_code(session(), campaign)
        kept = browser.get("receipt", {})
        if kept.get("campaign") == campaign:
            raise AlreadyAnsweredError(HANDED_IN, reference=kept["reference"])
        queries.make_sure_open(closed, clock.now())
        raise LostVisitError(NO_VISIT)
    visit, about = found
    if about.code != campaign:
        raise ConflictError(OTHER_FORM)
    queries.make_sure_open(about, clock.now())
    if request.method == "GET":
        make_sure_awake(visit)
    return queries.form_of(session(), visit, about, at=clock.now())


def make_sure_awake(visit: Visit) -> None:
    """Raise `LostVisitError` for a form that was left alone for too long."""
    if visit.is_idle(settings(), clock.now()):
        raise LostVisitError(IDLE, minutes=settings().idle_minutes)


def cookie() -> str:
    """Return the name of the cookie with the token."""
    return cookie_name("xhh_visit", settings(), is_for_a_path=True)


def tried() -> str:
    """Return the name of the cookie that is set at the door, to learn whether cookies come back."""
    return cookie_name("xhh_cookies", settings(), is_for_a_path=True)


def url_of(form: Form, endpoint: str, **values: str) -> str:
    """Return an address inside a form."""
    campaign, form_id = form.campaign.code, form.visit.form_id
    return url_for(f"collection.{endpoint}", campaign=campaign, form_id=form_id, **values)  # type: ignore[arg-type]


def path_of(campaign: str, form_id: str) -> str:
    """Return the path under which all addresses of a form lie, and its cookie."""
    return url_for("collection.intro", campaign=campaign, form_id=form_id).rpartition("/")[0]


def page_url(form: Form, page: str | None) -> str:
    """Return the address of a page, or of the check after the last one."""
    return url_of(form, "page", page_id=page) if page else url_of(form, "check")


def is_inline() -> bool:
    """Tell whether the next page is the answer, and not the way to it."""
    has_cookies = tried() in request.cookies or cookie() in request.cookies
    return bool(request.headers.get(INLINE)) or not has_cookies


def lead_on(form: Form, url: str, render: Callable[[], str]) -> Response:
    """Answer with the next page, or with the way to it."""
    if is_inline():
        response = make_response(render())
        response.headers["Content-Location"] = url
    else:
        response = make_response(redirect(url, code=303))
    response.set_cookie(
        cookie(),
        form.visit.token,
        max_age=None if form.visit.is_shared else settings().draft_days * 86_400,
        path=path_of(form.campaign.code, form.visit.form_id),
        secure=settings().https,
        httponly=True,
        samesite="Lax",
    )
    return response
