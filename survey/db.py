"""The database: one engine, sessions for reading and for writing, one transaction a service call.

What only SQLite needs is in `survey.sqlite`.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Engine, create_engine, delete, event, exc, func, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from survey import deadline, sqlite
from survey.config import Settings
from survey.errors import N_, ConfigurationError
from survey.model.ballot import RateWindow

__all__ = ["Database", "DatabaseFailure", "IntegrityFailure", "Session", "transaction"]

DatabaseFailure = SQLAlchemyError
IntegrityFailure = IntegrityError

FRESH_S = 1.0  # a connection that answered this long ago is not asked whether it is alive


class Database:
    """An engine with the platform's rules switched on."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = make_url(settings.database_url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = self._make_engine()
        self._writing = self.engine.execution_options(xhh_immediate=True)
        self._hasty = self._make_hasty_engine()
        self._lock: TextIO | None = None

    def _make_engine(self, more: str = "", **options: Any) -> Engine:
        engine = create_engine(self.url, **self._engine_options(more), **options)
        if self.is_sqlite:
            event.listen(engine, "connect", sqlite.set_up(self.settings.unsafe_database))
            event.listen(engine, "begin", sqlite.begin)
        else:
            event.listen(engine, "do_connect", deadline.Connector())
            event.listen(engine, "checkin", _note_alive)
            event.listen(engine, "checkout", _ask_if_alive(engine))
        return engine

    def _make_hasty_engine(self) -> Engine:
        """Return what drafts are read and written with: each statement stands for itself."""
        if self.is_sqlite:
            return self.engine.execution_options(xhh_immediate=True, xhh_hasty=True)
        return self._make_engine(" -c synchronous_commit=off", isolation_level="AUTOCOMMIT")

    def _engine_options(self, more: str) -> dict[str, Any]:
        if self.is_sqlite:
            connect = {"timeout": sqlite.BUSY_S, "factory": sqlite.connections_in_turn()}
            return {
                "module": sqlite.library,
                "connect_args": connect,
                "hide_parameters": True,
            }
        options = (
            "-c statement_timeout=30s -c lock_timeout=2s"
            " -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
        )
        connect = deadline.CONNECT | {"options": options + deadline.SERVER + more}
        pool = {"pool_size": 8, "pool_timeout": 2}
        return {"connect_args": connect, "hide_parameters": True, **pool}

    def session(self) -> Session:
        """Return a session for changes."""
        return Session(self._writing, expire_on_commit=False)

    def hasty_session(self) -> Session:
        """Return a session for changes that a power cut may take back, such as drafts.

        What it changes does not wait for the disk. It can be lost, the last moments together, but
        it can neither damage the database nor be lost by the end of any process. On PostgreSQL
        each statement stands for itself, so that a page needs no more than two.
        """
        return Session(self._hasty, expire_on_commit=False)

    def glancing_session(self) -> Session:
        """Return a session that reads a draft: on PostgreSQL without a transaction around it."""
        return self.reading_session() if self.is_sqlite else Session(self._hasty)

    def reading_session(self) -> Session:
        """Return a session that only reads and so never makes a writer wait on SQLite."""
        return Session(self.engine)

    def dispose(self) -> None:
        """Close every pooled connection and give up the process lock."""
        self.engine.dispose()
        self._hasty.dispose()
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
