"""What SQLite needs: a library that is safe, flushing, and writers who take turns.

SQLite starts a transaction only at its first change unless told otherwise, so that two writers who
read before they write lose one of the changes. Writing sessions therefore begin IMMEDIATE, and
those of one process take turns: SQLite itself only looks again and again whether it is free.
"""

from __future__ import annotations

import importlib
import importlib.util
import threading
from typing import Any, cast

from sqlalchemy.engine import Connection

library: Any = importlib.import_module(
    # Newer than what many systems have, and then the quicker journal is safe.
    "pysqlite3.dbapi2" if importlib.util.find_spec("pysqlite3") else "sqlite3"
)

# SQLite before these versions can damage a WAL database that several connections write.
SAFE_WAL = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
BUSY_S = 10


def journal_mode() -> str:
    """Return the safest quick way in which this library keeps its journal."""
    version = library.sqlite_version_info
    safe = version >= SAFE_WAL[0] or any(
        version[:2] == good[:2] and version >= good for good in SAFE_WAL[1:]
    )
    return "WAL" if safe else "DELETE"


def set_up(unsafe: bool) -> Any:
    """Return what prepares a new connection."""
    mode = journal_mode()
    flush = "OFF" if unsafe else ("FULL" if mode == "WAL" else "EXTRA")

    def prepare(connection: Any, _record: object) -> None:
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

    return prepare


class _InTurn(library.Connection):  # type: ignore[misc]
    """A connection that changes something only while it holds the turn of its process."""

    turn: threading.Lock
    holds_turn = False
    flushes = True

    def flush(self, wanted: bool) -> None:
        """Wait for the disk at a commit, or, where the journal allows it, do not."""
        if wanted != self.flushes and journal_mode() == "WAL" and not self.is_unsafe():
            self.execute(f"PRAGMA synchronous={'FULL' if wanted else 'NORMAL'}")
            self.flushes = wanted

    def is_unsafe(self) -> bool:
        """Tell whether this is a database of tests, which never waits for the disk."""
        return bool(self.execute("PRAGMA synchronous").fetchone()[0] == 0)

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


def connections_in_turn() -> type[_InTurn]:
    """Return a class of connections that share one turn."""

    class InTurn(_InTurn):
        turn = threading.Lock()

    return InTurn


def begin(connection: Connection) -> None:
    """Begin at once what is going to write, and wait for the disk unless that is waived."""
    options = connection.get_execution_options()
    if not options.get("xhh_immediate", False):
        connection.exec_driver_sql("BEGIN")
        return
    raw = cast("_InTurn", connection.connection.dbapi_connection)
    raw.flush(not options.get("xhh_hasty", False))
    raw.take_turn()
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        raw.give_turn()
