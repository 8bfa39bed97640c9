"""Pages of the administration room."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as browser_session
from flask.typing import ResponseReturnValue

from survey.administration import queries, services
from survey.administration.forms import (
    ROLE_NAMES,
    AccountForm,
    NewAccountForm,
    OrganisationForm,
    PasswordForm,
    ResetForm,
    SignInForm,
    account_form,
    event_filter,
    stored,
)
from survey.administration.home import steps, tasks
from survey.administration.queries import AccountLine
from survey.administration.wording import action_name, details_text
from survey.clock import now
from survey.definition import read_json
from survey.errors import N_, ConflictError, InvalidError, NotAllowedError, Problem
from survey.model.account import Role
from survey.web import auth, limits
from survey.web.auth import actor, allow, public, takes_files
from survey.web.context import database, session, settings
from survey.web.i18n import gettext, locale
from survey.web.patterns import samples

blueprint = Blueprint("administration", __name__, url_prefix="/staff")

WINDOW = timedelta(minutes=15)
TOO_OFTEN = N_("Bạn đã thử quá nhiều lần. Vui lòng đợi 15 phút rồi thử lại.")
# A path of our own staff pages: nothing that a browser could read as another site.
OWN_PATH = re.compile(r"/staff(/[A-Za-z0-9._~-]+)*/?")


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Let a member of staff in."""
    form, following = SignInForm(), own_path(request.args.get("next"))
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        key = try_key("sign-in", form.login.data)
        if is_too_often(key):
            form.refuse(NotAllowedError(TOO_OFTEN))
            status = 429
        elif token := services.sign_in(session(), form.login.data, form.password.data, at=now()):
            services.sign_out(session())  # whatever session this browser brought along
            limits.forget(database(), key)
            return with_new_session(following or url_for(".home"), token)
        else:
            note_refused(form.login.data)
            form.refuse(NotAllowedError(N_("Tên đăng nhập hoặc mật khẩu không đúng.")))
    page = render_template("administration/sign_in.html", form=form, following=following)
    return page, status


@blueprint.post("/sign-out")
@allow()
def sign_out() -> ResponseReturnValue:
    """End the session of this browser."""
    services.sign_out(session())
    flash(gettext(N_("Bạn đã đăng xuất.")), "success")
    return auth.set_cookie(make_response(redirect(url_for(".sign_in"), code=303)), None)


@blueprint.route("/password", methods=["GET", "POST"])
@allow()
def change_password() -> ResponseReturnValue:
    """Let somebody choose a new password; every other session of theirs ends."""
    form = PasswordForm()
    if form.validate_on_submit() and is_confirmed(form):
        try:
            token = services.change_password(
                session(), actor().id, form.new.data, actor=actor().login, at=now()
            )
        except InvalidError as error:
            form.refuse_each(error)
        else:
            flash(gettext(N_("Đã đổi mật khẩu. Các phiên khác đã kết thúc.")), "success")
            return with_new_session(url_for(".home"), token)
    page = render_template("administration/password.html", form=form)
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/")
@allow()
def home() -> ResponseReturnValue:
    """Show what waits."""
    situation, roles = queries.situation(session()), actor().roles
    return render_template(
        "administration/home.html",
        steps=steps(situation, roles),
        tasks=tasks(situation, roles, now(), english=locale() == "en"),
    )


@blueprint.route("/administration/accounts", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def accounts() -> ResponseReturnValue:
    """List the accounts; make a new one and show its one-time password."""
    form = NewAccountForm()
    if form.validate_on_submit() and is_confirmed(form):
        login, roles = form.login.data, map(Role, form.roles.data)
        try:
            password = services.create_account(
                session(), login, form.display_name.data, roles, actor=actor().login, at=now()
            )
        except InvalidError as error:
            form.refuse_each(error)
        else:
            return one_time_page(login, password)
    lines = queries.account_lines(session())
    page = render_template("administration/accounts.html", form=form, lines=lines, names=ROLE_NAMES)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/administration/accounts/<int:account_id>", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def account(account_id: int) -> ResponseReturnValue:
    """Show an account; change its roles or lock it."""
    line = queries.account_line(session(), account_id)
    form = AccountForm(**stored(line))
    if form.validate_on_submit() and is_confirmed(form):
        roles, is_active = map(Role, form.roles.data), form.is_active.data
        try:
            services.change_account(
                session(), account_id, roles, is_active=is_active, actor=actor().login, at=now()
            )
        except ConflictError as error:
            form.refuse(error)
        else:
            flash(gettext(N_("Đã lưu tài khoản “%(login)s”."), login=line.login), "success")
            return redirect(url_for(".accounts"), code=303)
    status = 422 if form.is_submitted() else 200
    return account_page(line, form, ResetForm(formdata=None, prefix="reset")), status


@blueprint.post("/administration/accounts/<int:account_id>/password")
@allow(Role.ADMINISTRATOR)
def reset_password(account_id: int) -> ResponseReturnValue:
    """Give somebody a new one-time password and show it once."""
    line, form = queries.account_line(session(), account_id), ResetForm(prefix="reset")
    if form.validate_on_submit() and is_confirmed(form):
        password = services.reset_password(session(), account_id, actor=actor().login, at=now())
        return one_time_page(line.login, password)
    return account_page(line, account_form(line), form), 422


@blueprint.get("/administration/log")
@allow(Role.ADMINISTRATOR)
def audit_log() -> ResponseReturnValue:
    """Show who did what, newest first."""
    shown = queries.event_page(session(), event_filter(request.args), page_number())
    actions = queries.event_actions(session())
    return render_template(
        "administration/audit_log.html",
        shown=shown,
        actions=[(name, action_name(name)) for name in actions],
        action_name=action_name,
        details_text=details_text,
        page_url=page_url,
    )


@blueprint.route("/administration/organisation", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR, Role.SURVEY_MANAGER)
@takes_files
def organisation() -> ResponseReturnValue:
    """Show blocks and units; take the file that defines them."""
    form = OrganisationForm()
    problems: tuple[Problem, ...] = ()
    if form.validate_on_submit():
        try:
            raw = read_json(form.file.data.read())
            services.load_organisation(session(), raw, actor=actor().login, at=now())
        except InvalidError as error:
            problems = error.problems
        else:
            flash(gettext(N_("Đã nạp cơ cấu tổ chức.")), "success")
            return redirect(url_for(".organisation"), code=303)
    shown = queries.organisation(session())
    page = render_template(
        "administration/organisation.html", form=form, problems=problems, shown=shown
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/patterns")
@allow()
def patterns() -> ResponseReturnValue:
    """Show every part that pages are made of, in every state."""
    return render_template("patterns/index.html", **samples())


def own_path(wanted: str | None) -> str | None:
    """Return where to go on after signing in, None for everything but our own staff pages."""
    return wanted if wanted and OWN_PATH.fullmatch(wanted) else None


def try_key(purpose: str, login: str) -> bytes:
    """Return the key under which wrong passwords of an account from an address are counted."""
    login = services.login_of(login)
    return limits.key_of(settings().secret_key, purpose, login, request.remote_addr or "")


def is_too_often(key: bytes) -> bool:
    """Count one try at a password and tell whether it is one too many."""
    limit = settings().sign_in_attempts
    return limits.is_too_often(database(), key, limit=limit, window=WINDOW, at=now())


def note_refused(login: str) -> None:
    """Log a wrong sign-in, once a window, so that guessing does not fill the log."""
    key, at = try_key("sign-in-refused", login), now()
    if not limits.is_too_often(database(), key, limit=1, window=WINDOW, at=at):
        services.note_refused(session(), login, at=at)


def is_confirmed(form: NewAccountForm | AccountForm | ResetForm | PasswordForm) -> bool:
    """Tell whether somebody signed in proved who they are; else the form says what is wrong."""
    field = form.own_password
    key = try_key("own-password", actor().login)
    session().rollback()  # counting writes in a session of its own, which must not wait for ours
    if is_too_often(key):
        form.refuse(NotAllowedError(TOO_OFTEN), field)
        return False
    if not services.is_own_password(session(), actor().id, field.data):
        form.refuse(NotAllowedError(N_("Mật khẩu này không đúng.")), field)
        return False
    limits.forget(database(), key)
    return True


def account_page(line: AccountLine, form: AccountForm, reset_form: ResetForm) -> str:
    """Return the page of one account."""
    return render_template(
        "administration/account.html", form=form, line=line, reset_form=reset_form
    )


def one_time_page(login: str, password: str) -> str:
    """Return the one page that shows a password: an answer, because a redirect would store it."""
    login = login.strip().casefold()
    return render_template("administration/one_time.html", login=login, password=password)


def page_number() -> int:
    """Return which page of a list is asked for."""
    return min(max(request.args.get("page", 1, type=int), 1), 1_000_000)


def page_url(page: int) -> str:
    """Return the address of another page of the list on this page, with its filter."""
    kept = {name: value for name, value in request.args.items() if name not in {"page", "lang"}}
    return f"{request.path}?{urlencode({**kept, 'page': page})}"


def with_new_session(target: str, token: str) -> Response:
    """Send the browser on with the cookie of its new session; forget all else but the language."""
    kept = {key: browser_session[key] for key in ("lang", "_flashes") if key in browser_session}
    browser_session.clear()
    browser_session.update(kept)
    return auth.set_cookie(make_response(redirect(target, code=303)), token)
