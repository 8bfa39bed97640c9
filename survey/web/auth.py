"""Who is signed in, and who may open which page: denied unless a view says otherwise."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey import clock
from survey.db import transaction
from survey.deadline import answer_within
from survey.errors import NotAllowedError
from survey.model.account import Account, AccountRole, LoginSession, Role
from survey.web.context import database, settings
from survey.web.security import cookie_name

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
ACCESS = "xhh_access"
PUBLIC_S = 2.3  # a page for everybody says within three seconds that the database is away
PUBLIC = frozenset({"public"})
EVERY_ROLE = frozenset(role.value for role in Role)

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class CurrentAccount:
    """The signed-in member of staff, as pages and services need it."""

    id: int
    login: str
    display_name: str
    roles: frozenset[str]
    must_change_password: bool


def public(view: View) -> View:
    """Let everybody open a page."""
    setattr(view, ACCESS, PUBLIC)
    return view


def allow(*roles: Role) -> Callable[[View], View]:
    """Let accounts with one of these roles open a page; without roles, everybody signed in."""
    allowed = frozenset(role.value for role in roles) or EVERY_ROLE

    def mark(view: View) -> View:
        setattr(view, ACCESS, allowed)
        return view

    return mark


def takes_files(view: View) -> View:
    """Let a page receive files up to the limit for uploads."""
    view.xhh_takes_files = True  # type: ignore[attr-defined]
    return view


def access_of(endpoint: str, view: Callable[..., Any] | None) -> frozenset[str]:
    """Return who may open an endpoint: `PUBLIC`, roles, or nobody when nothing was said."""
    return PUBLIC if endpoint == "static" else getattr(view, ACCESS, frozenset())


def current_account() -> CurrentAccount | None:
    """Return who is signed in, None for a visitor."""
    if "account" not in g:
        g.account = _account_of(request.cookies.get(_cookie(), ""), clock.now())
    account: CurrentAccount | None = g.account
    return account


def actor() -> CurrentAccount:
    """Return who is signed in on a page that only staff open."""
    account = current_account()
    if account is None:
        raise NotAllowedError
    return account


def start_session(db: Session, account_id: int, *, at: datetime) -> str:
    """Begin a session in the caller's transaction and return the token for the cookie."""
    token = secrets.token_urlsafe(32)
    db.add(LoginSession(token_hash=_hash(token), account_id=account_id, created_at=at, seen_at=at))
    return token


def end_sessions(db: Session, account_id: int) -> None:
    """Sign an account out everywhere, in the caller's transaction."""
    db.execute(delete(LoginSession).where(LoginSession.account_id == account_id))


def end_current_session(db: Session) -> None:
    """Sign this browser out, in the caller's transaction."""
    token = request.cookies.get(_cookie(), "")
    db.execute(delete(LoginSession).where(LoginSession.token_hash == _hash(token)))


def set_cookie(response: Response, token: str | None) -> Response:
    """Give the browser its token, or take it away."""
    secure = settings().https
    if token is None:
        response.delete_cookie(_cookie(), secure=secure, httponly=True, samesite="Lax")
    else:
        response.set_cookie(_cookie(), token, secure=secure, httponly=True, samesite="Lax")
    return response


def _cookie() -> str:
    return cookie_name("xhh_staff", settings())


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _account_of(token: str, at: datetime) -> CurrentAccount | None:
    if not token:
        return None
    with database().reading_session() as db:
        found = db.execute(
            select(LoginSession, Account)
            .join(Account)
            .where(LoginSession.token_hash == _hash(token), Account.is_active)
        ).first()
        if found is None or _is_over(found[0], at):
            return None
        signed_in, account = found
        roles = db.scalars(select(AccountRole.role).where(AccountRole.account_id == account.id))
        current = CurrentAccount(
            account.id,
            account.login,
            account.display_name,
            frozenset(role.value for role in roles),
            account.must_change_password,
        )
        seen_at, token_hash = signed_in.seen_at, signed_in.token_hash
    if at - seen_at > timedelta(minutes=1):
        _note_seen(token_hash, at)
    return current


def _is_over(signed_in: LoginSession, at: datetime) -> bool:
    return at - signed_in.seen_at > IDLE or at - signed_in.created_at > LONGEST


def _note_seen(token_hash: bytes, at: datetime) -> None:
    with database().session() as db, transaction(db):
        row = db.get(LoginSession, token_hash)
        if row is not None:
            row.seen_at = at


def _let_files_in() -> None:
    """Raise the limit for a file that somebody sends who may send it here."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method != "POST" or not getattr(view, "xhh_takes_files", False):
        return
    account = current_account()
    if account is None or account.must_change_password:
        return
    if account.roles & access_of(request.endpoint or "", view):
        request.max_content_length = settings().max_upload_bytes
        request.max_form_memory_size = settings().max_upload_bytes


def _gate() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # nothing is there: the 404 page
    view = current_app.view_functions.get(request.endpoint)
    allowed = access_of(request.endpoint, view)
    if allowed == PUBLIC:
        answer_within(PUBLIC_S)
        return None
    account = current_account()
    if account is None:
        wanted = request.path if request.method == "GET" else None
        return redirect(url_for("administration.sign_in", next=wanted), code=303)
    if not account.roles & allowed:
        raise NotAllowedError
    if account.must_change_password and request.endpoint not in {
        "administration.change_password",
        "administration.sign_out",
    }:
        return redirect(url_for("administration.change_password"), code=303)
    return None


def init_limits(app: Flask) -> None:
    """Set how much a request may bring; registered before anything that reads its body."""
    app.before_request(_let_files_in)


def init_app(app: Flask) -> None:
    """Guard every route."""
    app.before_request(_gate)
    app.context_processor(lambda: {"current_account": current_account()})
