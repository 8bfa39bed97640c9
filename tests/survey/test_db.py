"""The rules switched on for every connection."""

from __future__ import annotations

import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from survey.config import Settings
from survey.db import Database, count_try, flush_before_answering, forget_tries, transaction
from survey.errors import ConfigurationError
from survey.sqlite import journal_mode
from tests.support.databases import settings_for

AT = datetime(2026, 3, 2, tzinfo=UTC)
WRITERS, EACH = 4, 50


def count_up(settings: Settings) -> None:
    database = Database(settings)
    for _ in range(EACH):
        with database.session() as session, transaction(session):
            value = session.execute(
                text(
                    "SELECT value FROM counter FOR UPDATE"
                    if not database.is_sqlite
                    else "SELECT value FROM counter"
                )
            ).scalar_one()
            session.execute(text("UPDATE counter SET value = :v"), {"v": value + 1})
    database.dispose()


def test_four_processes_that_read_before_they_write_lose_nothing(
    empty_database: Database,
) -> None:
    with empty_database.session() as session, transaction(session):
        session.execute(text("CREATE TABLE counter (value integer)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=count_up, args=(empty_database.settings,)) for _ in range(WRITERS)
    ]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    with empty_database.session() as session:
        assert session.execute(text("SELECT value FROM counter")).scalar_one() == WRITERS * EACH


def test_threads_that_write_take_turns_and_one_that_failed_gives_its_turn_back(
    database: Database,
) -> None:
    def write(number: int) -> int:
        with database.session() as session:
            session.execute(text("SELECT 1"))
            if number % 3 == 0:
                session.rollback()
            if number % 3 == 1:
                return 0  # closed with its transaction open
        return count_try(database, b"k" * 32, window=timedelta(minutes=1), at=AT)

    with ThreadPoolExecutor(16) as pool:
        counted = sorted(filter(None, pool.map(write, range(60))))

    assert counted == list(range(1, 41))


def test_a_thread_waits_for_the_turn_of_another(database: Database) -> None:
    began = threading.Event()

    def hold() -> float:
        with database.session() as session:
            session.execute(text("SELECT tries FROM rate_window"))
            began.set()
            time.sleep(0.3)
            session.rollback()
            return time.monotonic()

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(hold)
        began.wait(10)
        count_try(database, b"k" * 32, window=timedelta(minutes=1), at=AT)
        counted = time.monotonic()

    assert not database.is_sqlite or counted >= holder.result()


def test_a_connection_that_was_cut_while_it_rested_is_replaced_unseen(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite:
        return
    monkeypatch.setattr("survey.db.FRESH_S", 0.0)
    opened: list[object] = []
    event.listen(database.engine, "connect", lambda connection, _record: opened.append(connection))
    with database.session() as session:
        own = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    other = Database(database.settings)
    with other.engine.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
    other.dispose()

    with database.session() as session:
        found = session.execute(text("SELECT pg_backend_pid()")).scalar_one()

    assert found != own
    assert len(opened) == 2


def test_sqlite_flushes_checks_keys_and_wipes_what_is_deleted(tmp_path: Path) -> None:
    database = Database(Settings(instance=tmp_path, secret_key="x"))

    with database.engine.connect() as connection:

        def pragma(name: str) -> object:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

        mode = str(pragma("journal_mode")).upper()
        assert (mode, pragma("synchronous")) in {("WAL", 2), ("DELETE", 3)}
        assert pragma("foreign_keys") == 1
        assert pragma("secure_delete") == 1
    database.dispose()


def test_a_second_serving_process_is_refused_on_sqlite(tmp_path: Path) -> None:
    first, second = (Database(Settings(instance=tmp_path, secret_key="x")) for _ in range(2))
    first.lock_single_process()

    with pytest.raises(ConfigurationError, match="--workers 1"):
        second.lock_single_process(wait_s=0.2)

    first.dispose()
    second.lock_single_process(wait_s=0.2)
    second.dispose()


def test_a_database_that_does_not_flush_may_not_serve(database: Database, backend: str) -> None:
    careful = Database(
        Settings(
            instance=database.settings.instance,
            database_url=database.settings.database_url,
            secret_key="x",
        )
    )

    if backend == "sqlite":
        careful.check_durability()
    else:
        with pytest.raises(ConfigurationError, match="fsync"):
            careful.check_durability()
    careful.dispose()


def test_tries_are_counted_in_their_window_only(database: Database) -> None:
    window = timedelta(minutes=1)

    counts = [count_try(database, b"k" * 32, window=window, at=AT) for _ in range(3)]
    later = count_try(database, b"k" * 32, window=window, at=AT + timedelta(minutes=3))
    forget_tries(database, b"k" * 32)
    anew = count_try(database, b"k" * 32, window=window, at=AT + timedelta(minutes=3))

    assert counts == [1, 2, 3]
    assert later == 1
    assert anew == 1


def test_only_drafts_are_written_without_waiting_for_the_disk(tmp_path, copies, settings):
    safe = Database(replace(settings_for(tmp_path, settings.database_url), unsafe_database=False))
    ask = "PRAGMA synchronous" if safe.is_sqlite else "SHOW synchronous_commit"
    try:
        with safe.hasty_session() as session:
            hasty = session.execute(text(ask)).scalar_one()
        with safe.session() as session:
            flush_before_answering(session)
            durable = session.execute(text(ask)).scalar_one()
    finally:
        safe.dispose()

    if safe.is_sqlite:
        assert durable == (2 if journal_mode() == "WAL" else 3)
        assert hasty == (1 if journal_mode() == "WAL" else 3)
    else:
        assert (hasty, durable) == ("off", "on")
