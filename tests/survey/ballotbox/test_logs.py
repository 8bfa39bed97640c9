"""No log of ours or of the database quotes a code's tag or a ballot's id."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.db import Database
from tests.factories import make_world
from tests.support.client import CheckedClient


def test_errors_of_the_database_hide_what_was_asked(database: Database) -> None:
    with database.reading_session() as session, pytest.raises(DBAPIError) as failed:
        session.execute(text("SELECT * FROM nowhere WHERE x = :secret"), {"secret": "s3cr3t"})

    assert "s3cr3t" not in str(failed.value)


def test_a_failing_page_is_logged_without_values(
    client: CheckedClient,
    session: Session,
    settings: Settings,
    at: object,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = make_world(session, settings)

    def fail(*_: object) -> None:
        raise DBAPIError("SELECT", {"tag": "t4g"}, RuntimeError("DETAIL: Key (tag)=(t4g)"))

    monkeypatch.setattr("survey.collection.queries.entry_of_code", fail)
    with caplog.at_level(logging.ERROR, logger="xhh"):
        response = client.submit(world.url, {"code": world.codes[0]})

    assert response.status_code == 503
    assert "t4g" not in caplog.text
    assert "DBAPIError" in caplog.text
