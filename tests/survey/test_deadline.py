"""PostgreSQL that says nothing is given up on in time, and taken back when it answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from survey import deadline
from survey.db import Database, DatabaseFailure
from survey.deadline import answer_within
from survey.web import context
from survey.web.auth import PUBLIC_S
from tests.support.databases import PostgreSQLCopies, settings_for


@pytest.fixture
def postgresql(postgresql_copies: PostgreSQLCopies, tmp_path: Path) -> Iterator[Database]:
    """A database to which one connection is open."""
    database = Database(settings_for(tmp_path, postgresql_copies.copy(tmp_path)))
    ask(database, "SELECT 1")
    yield database
    answer_within(None)
    database.dispose()
    postgresql_copies.clear()


def ask(database: Database, statement: str) -> object:
    with database.reading_session() as session:
        return session.execute(text(statement)).scalar()


def test_an_answer_that_does_not_come_in_time_is_not_waited_for(postgresql: Database) -> None:
    answer_within(0.4)
    began = time.monotonic()

    with pytest.raises(DatabaseFailure):
        ask(postgresql, "SELECT pg_sleep(20)")

    assert time.monotonic() - began < 2


def test_a_late_answer_is_not_taken_for_the_next_one(postgresql: Database) -> None:
    answer_within(0.3)
    with pytest.raises(DatabaseFailure):
        ask(postgresql, "SELECT 'late' FROM pg_sleep(0.6)")
    answer_within(None)
    time.sleep(deadline.PAUSE_S)

    assert [ask(postgresql, f"SELECT {n}") for n in range(3)] == [0, 1, 2]


def test_right_after_silence_nobody_waits_and_soon_after_it_is_tried_again(
    postgresql: Database,
) -> None:
    answer_within(0.3)
    with pytest.raises(DatabaseFailure):
        ask(postgresql, "SELECT pg_sleep(20)")
    answer_within(PUBLIC_S)
    began = time.monotonic()

    with pytest.raises(DatabaseFailure, match="does not answer"):
        ask(postgresql, "SELECT 1")

    assert time.monotonic() - began < 0.2
    time.sleep(deadline.PAUSE_S)
    assert ask(postgresql, "SELECT 1") == 1


def test_too_late_to_connect_is_said_at_once(postgresql: Database) -> None:
    postgresql.dispose()
    answer_within(deadline.TO_CONNECT_S / 2)

    with pytest.raises(DatabaseFailure, match="no time"):
        ask(postgresql, "SELECT 1")


def test_a_page_for_everybody_has_a_deadline_and_what_follows_has_none(app: Flask) -> None:
    with app.test_request_context("/"):
        app.preprocess_request()
        during = deadline._time_left()
    after = deadline._time_left()

    assert during <= PUBLIC_S
    assert after == deadline.SILENCE_S


def test_a_server_that_goes_away_after_the_answer_takes_nothing_from_it(
    app: Flask, backend: str, database: Database
) -> None:
    with app.test_request_context("/"):
        context.session().execute(text("SELECT 1"))
        if backend == "postgresql":
            pid = context.session().execute(text("SELECT pg_backend_pid()")).scalar_one()
            assert ask(database, f"SELECT pg_terminate_backend({pid})")

    assert ask(context_database(app), "SELECT 1") == 1


def context_database(app: Flask) -> Database:
    database = app.extensions["xhh"]
    assert isinstance(database, Database)
    return database
