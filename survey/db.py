"""The database: one engine, sessions for reading and for writing, one transaction a service call.

SQLite starts a transaction only at its first change unless told otherwise, so that two writers who
read before they write lose one of the changes. Writing sessions therefore begin IMMEDIATE, and
those of one process take turns: SQLite itself only looks again and again whether it is free.
"""

from __future__ import annotations

import fcntl
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO, cast

from sqlalchemy import Engine, create_engine, delete, event, exc, func, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from survey import deadline
from survey.config import Settings
from survey.errors import N_, ConfigurationError
from survey.model.ballot import RateWindow

__all__ = ["Database", "DatabaseFailure", "IntegrityFailure", "Session", "transaction"]

DatabaseFailure = SQLAlchemyError
IntegrityFailure = IntegrityError

# SQLite before these versions can damage a WAL database that several connections write.
SAFE_WAL = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
BUSY_S = 10
FRESH_S = 1.0  # a connection that answered this long ago is not asked whether it is alive


class Database:
    """An engine with the platform's rules switched on."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = make_url(settings.database_url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = create_engine(self.url, **self._engine_options())
        self._writing = self.engine.execution_options(xhh_immediate=True)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _set_up_sqlite(settings.unsafe_database))
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "do_connect", deadline.Connector())
            event.listen(self.engine, "checkin", _note_alive)
            event.listen(self.engine, "checkout", _ask_if_alive(self.engine))
        self._lock: TextIO | None = None

    def _engine_options(self) -> dict[str, Any]:
        if self.is_sqlite:
            connect = {"timeout": BUSY_S, "factory": _connection_in_turn(threading.Lock())}
            return {"connect_args": connect, "hide_parameters": True}
        options = (
            "-c statement_timeout=30s -c lock_timeout=2s"
            " -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
        )
        connect = deadline.CONNECT | {"options": options + deadline.SERVER}
        pool = {"pool_size": 8, "pool_timeout": 2}
        return {"connect_args": connect, "hide_parameters": True, **pool}

    def session(self) -> Session:
        """Return a session for changes."""
        return Session(self._writing, expire_on_commit=False)

    def reading_session(self) -> Session:
        """Return a session that only reads and so never makes a writer wait on SQLite."""
        return Session(self.engine)

    def dispose(self) -> None:
        """Close every pooled connection and give up the process lock."""
        self.engine.dispose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def check_durability(self) -> None:
        """Refuse to serve on a database that may lose an acknowledged ballot."""
        if self.is_sqlite or self.settings.unsafe_database:
            return
        wanted = {
            "fsync": {"on"},
            "full_page_writes": {"on"},
            "synchronous_commit": {"on", "remote_apply"},
            "data_sync_retry": {"off"},
        }
        with self.engine.connect() as connection:
            for name, allowed in wanted.items():
                value = connection.execute(text(f"SHOW {name}")).scalar_one()
                if value not in allowed:
                    raise ConfigurationError(
                        N_("PostgreSQL đang đặt %(name)s = %(value)s; cần %(wanted)s."),
                        name=name,
                        value=value,
                        wanted=" | ".join(sorted(allowed)),
                    )

    def lock_single_process(self, wait_s: float = 20.0) -> None:
        """Take the right to serve a SQLite file; a second serving process is refused."""
        if not self.is_sqlite or not self.url.database:
            return
        self._lock = Path(f"{self.url.database}.serving").open("w", encoding="ascii")  # noqa: SIM115
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    self._lock.close()
                    raise ConfigurationError(
                        N_(
                            "SQLite chỉ phục vụ được một tiến trình: chạy gunicorn với"
                            " --workers 1, hoặc chuyển sang PostgreSQL."
                        )
                    ) from None
                time.sleep(0.1)
            else:
                return


def _journal_mode() -> str:
    version = sqlite3.sqlite_version_info
    safe = version >= SAFE_WAL[0] or any(
        version[:2] == good[:2] and version >= good for good in SAFE_WAL[1:]
    )
    return "WAL" if safe else "DELETE"


def _set_up_sqlite(unsafe: bool) -> Any:
    mode = _journal_mode()
    flush = "OFF" if unsafe else ("FULL" if mode == "WAL" else "EXTRA")

    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "busy_timeout=10000",
            f"journal_mode={mode}",
            f"synchronous={flush}",
            "foreign_keys=ON",
            "secure_delete=ON",
            "trusted_schema=OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return set_up


class _InTurn(sqlite3.Connection):
    """A connection that changes something only while it holds the turn of its process."""

    turn: threading.Lock
    holds_turn = False

    def take_turn(self) -> None:
        """Wait for the turn, no longer than SQLite waits for its lock."""
        self.holds_turn = self.holds_turn or self.turn.acquire(timeout=BUSY_S)

    def give_turn(self) -> None:
        """Let the next one write, if no transaction is open any more."""
        if self.holds_turn and not self.in_transaction:
            self.holds_turn = False
            self.turn.release()

    def commit(self) -> None:
        """Commit; when that fails the turn is kept for the rollback."""
        super().commit()
        self.give_turn()

    def rollback(self) -> None:
        """Undo, and let the next one write."""
        super().rollback()
        self.give_turn()

    def close(self) -> None:
        """Close, which undoes what was not committed."""
        super().close()
        if self.holds_turn:
            self.holds_turn = False
            self.turn.release()


def _connection_in_turn(lock: threading.Lock) -> type[_InTurn]:
    class Connection(_InTurn):
        turn = lock

    return Connection


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get("xhh_immediate", False):
        connection.exec_driver_sql("BEGIN")
        return
    raw = cast("_InTurn", connection.connection.dbapi_connection)
    raw.take_turn()
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        raw.give_turn()


def _note_alive(_connection: object, record: Any) -> None:
    record.info["alive"] = time.monotonic()


def _ask_if_alive(engine: Engine) -> Any:
    """Return what asks a pooled connection that has rested whether its server is still there."""

    def ask(connection: Any, record: Any, _proxy: object) -> None:
        alive = record.info.get("alive")
        if alive is None or time.monotonic() - alive < FRESH_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise exc.InvalidatePoolError from error

    return ask


def flush_before_answering(session: Session) -> None:
    """Make the commit of this transaction wait for the disk, whatever the role's default is.

    A server that hears nothing more of it undoes it soon, and so lets go of the code and the id.
    """
    if session.get_bind().dialect.name == "postgresql":
        settings = {"synchronous_commit": "on", "idle_in_transaction_session_timeout": "5s"}
        session.execute(select(*(func.set_config(*pair, True) for pair in settings.items())))


@contextmanager
def transaction(session: Session) -> Iterator[None]:
    """Commit what the block did, or undo all of it if the block raised."""
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


def count_try(database: Database, key: bytes, *, window: timedelta, at: datetime) -> int:
    """Count one try under a key and return how many there were in its window."""
    ends_at = (at + window).replace(second=0, microsecond=0) + timedelta(minutes=1)
    with database.session() as session, transaction(session):
        forget_past_tries(session, at)
        insert = sqlite_insert if database.is_sqlite else postgresql_insert
        counted = (
            insert(RateWindow)
            .values(key=key, window_ends_at=ends_at, tries=1)
            .on_conflict_do_update(index_elements=["key"], set_={"tries": RateWindow.tries + 1})
            .returning(RateWindow.tries)
        )
        return int(session.execute(counted).scalar_one())


def forget_past_tries(session: Session, at: datetime) -> None:
    """Delete windows that are over, in the caller's transaction."""
    session.execute(delete(RateWindow).where(RateWindow.window_ends_at <= at))


def forget_tries(database: Database, key: bytes) -> None:
    """Forget what was tried under a key."""
    with database.session() as session, transaction(session):
        session.execute(delete(RateWindow).where(RateWindow.key == key))
