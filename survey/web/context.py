"""What a request carries: settings, the database and one session."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app, g, request

from survey.config import Settings
from survey.db import Database, DatabaseFailure, Session
from survey.deadline import answer_within


def database() -> Database:
    """Return the database of the running application."""
    return cast("Database", current_app.extensions["xhh"])


def settings() -> Settings:
    """Return the settings of the running application."""
    return database().settings


def session() -> Session:
    """Return the request's session: one that only reads for GET, one for changes otherwise."""
    if "session" not in g:
        g.session = _opened()
    return cast("Session", g.session)


def _opened() -> Session:
    is_hasty = g.get("is_hasty", False)
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return database().glancing_session() if is_hasty else database().reading_session()
    return database().hasty_session() if is_hasty else database().session()


def be_hasty() -> None:
    """Let this request not wait for the disk: it changes nothing but a draft."""
    g.is_hasty = True


def _close(opened: Session) -> None:
    """Give the connection back; a server that is gone by now takes nothing from the answer."""
    try:
        opened.close()
    except DatabaseFailure:
        opened.invalidate()


def init_app(app: Flask) -> None:
    """Close the request's session when the request is over, without keeping anything."""

    @app.teardown_request
    def close_session(_error: BaseException | None) -> None:
        opened = g.pop("session", None)
        if opened is not None:
            _close(opened)
        answer_within(None)
