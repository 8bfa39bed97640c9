"""Fixtures for every test: a real database of each kind, the application, its pages, a browser.

A test that asks for `database`, `session`, `app`, `client` or anything that rests on them runs
twice: on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.db import Database
from tests.support.client import CheckedClient
from tests.support.databases import Copies, PostgreSQLCopies, SQLiteCopies, settings_for
from tests.support.network import forbid_foreign_sockets
from tests.support.postgresql import Server, running_server
from tests.support.server import served
from tests.support.templates import KeptTemplates

forbid_foreign_sockets()

TEMPLATES = KeptTemplates()
FIXED_TIME = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)  # Monday, 09:30 in Hà Nội


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many processes `pytest -n auto` starts; a second one pays on one core too.

    Each starts a PostgreSQL server and, if it gets such tests, a browser of its own.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(max(cores or 1, 2), 8)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_copies(tmp_path_factory: pytest.TempPathFactory) -> SQLiteCopies:
    return SQLiteCopies(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_copies(
    postgresql_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> PostgreSQLCopies:
    return PostgreSQLCopies(postgresql_server, tmp_path_factory.mktemp("postgresql"))


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database; ask for it in tests that differ by kind."""
    return str(request.param)


@pytest.fixture
def copies(backend: str, request: pytest.FixtureRequest) -> Iterator[Copies]:
    copies: Copies = request.getfixturevalue(f"{backend}_copies")
    yield copies
    copies.clear()


@pytest.fixture
def settings(copies: Copies, tmp_path: Path) -> Settings:
    """Settings of an application on a fresh, migrated database."""
    return settings_for(tmp_path, copies.copy(tmp_path))


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """A fresh, migrated database; on PostgreSQL with the rights of the application's role."""
    database = Database(settings)
    yield database
    database.dispose()


@pytest.fixture
def empty_database(copies: Copies, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, with its owner's rights."""
    database = Database(settings_for(tmp_path, copies.empty(tmp_path)))
    yield database
    database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session to arrange and to look with; `client` commits it before each request."""
    with database.session() as session:
        yield session


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    # Imported here, so that a test of a statistic or a table does not load the whole platform.
    from survey.app import create_app

    app = create_app(settings)
    app.jinja_env.bytecode_cache = TEMPLATES
    app.testing = True  # faults of ours fail the test instead of becoming a page
    yield app
    app.extensions["xhh"].dispose()


@pytest.fixture
def make_client(app: Flask, session: Session) -> Callable[[], CheckedClient]:
    """A maker of further browsers, each with its own cookies."""
    app.test_client_class = CheckedClient

    def make() -> CheckedClient:
        client = app.test_client()
        assert isinstance(client, CheckedClient)
        # What a test arranged is stored, and no lock held, before the application is asked.
        client.before_request = session.commit
        return client

    return make


@pytest.fixture
def client(make_client: Callable[[], CheckedClient]) -> CheckedClient:
    """A browser without a browser: checks every page that it fetches."""
    return make_client()


@pytest.fixture
def login(
    make_client: Callable[[], CheckedClient], session: Session
) -> Callable[..., CheckedClient]:
    """Return a browser signed in, through the sign-in page, as a new account with these roles."""

    from tests.support.accounts import sign_in

    def log_in(*roles: str) -> CheckedClient:
        return sign_in(make_client(), session, *roles)

    return log_in


@pytest.fixture
def command(
    settings: Settings, session: Session, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """The console script on the test's database: arguments in, output out; a failure fails."""
    monkeypatch.setenv("XHH_INSTANCE", str(settings.instance))
    monkeypatch.setenv("XHH_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("XHH_UNSAFE_DATABASE", "true")

    def invoke(*arguments: object) -> str:
        from survey.cli import main

        session.commit()
        done = CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return invoke


@pytest.fixture
def at() -> Iterator[datetime]:
    """The fixed time at which the test happens."""
    with time_machine.travel(FIXED_TIME, tick=False):
        yield FIXED_TIME


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address of the application behind a real HTTP server."""
    with served(app) as address:
        yield address
