"""No waiting for a PostgreSQL that says nothing: frozen, or its packets vanish on the way.

The server's own limits cannot fire there, and the kernel still takes what is sent to a frozen one.
So the client watches the clock: a connection whose answer does not come in time is closed, and the
driver's error is what the pages turn into "not available, please try again".
"""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar
from typing import Any

CONNECT_S = 2  # the least that the driver takes
LAST_WORD_S = 0.2  # to undo a transaction when the time is over
SILENCE_S = 35.0  # more than `statement_timeout`, so that a server that lives is heard
TO_CONNECT_S = 1.5  # with less time left it is too late to connect
PAUSE_S = 0.5  # for those who queued behind the ones that waited
PROBE_S = 0.2  # longer than a server that lives takes to let somebody in
CONNECT = {
    "connect_timeout": CONNECT_S,
    "tcp_user_timeout": 3000,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
}
# So that the server, too, notices soon that nobody is there and lets go of what it holds.
SERVER = " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"

_deadline: ContextVar[float | None] = ContextVar("xhh_deadline", default=None)


def answer_within(seconds: float | None) -> None:
    """Give up on PostgreSQL when this time is over, in this thread and until it is said anew."""
    _deadline.set(None if seconds is None else time.monotonic() + seconds)


def _time_left() -> float:
    deadline = _deadline.get()
    return SILENCE_S if deadline is None else deadline - time.monotonic()


class Connector:
    """What makes the connections of an engine, and knows whether the server went silent."""

    def __init__(self) -> None:
        self._silent_since: float | None = None
        self._probe = threading.Lock()
        self._kind: Any = None

    def __call__(
        self, dialect: Any, _record: object, arguments: list[Any], options: dict[str, Any]
    ) -> Any:
        """Return a connection that is closed when an answer does not come in time.

        When a server has gone silent, those who queued meanwhile are told at once. From then on
        one request at a time finds out whether it is back, and no other one waits for that.
        """
        driver = dialect.loaded_dbapi
        self._kind = self._kind or self._impatient(driver)
        if _time_left() < TO_CONNECT_S:
            raise driver.OperationalError("no time is left to connect")
        since = self._silent_since
        if since is None:
            return self._connect(arguments, options)
        if time.monotonic() - since < PAUSE_S or not self._probe.acquire(timeout=PROBE_S):
            raise driver.OperationalError("the server does not answer")
        try:
            return self._connect(arguments, options)
        finally:
            self._probe.release()

    def _connect(self, arguments: list[Any], options: dict[str, Any]) -> Any:
        began = time.monotonic()
        try:
            return self._kind.connect(*arguments, **options)
        finally:
            now = time.monotonic()
            self._silent_since = now if now - began >= CONNECT_S else None

    def _impatient(self, driver: Any) -> Any:
        connector = self

        class Impatient(driver.Connection):  # type: ignore[misc]
            def wait(self, gen: Any, *rest: Any, timeout: float | None = None, **more: Any) -> Any:
                began, patience = time.monotonic(), max(_time_left(), LAST_WORD_S)
                patience = patience if timeout is None else min(timeout, patience)
                try:
                    return super().wait(gen, *rest, timeout=patience, **more)
                except driver.OperationalError:
                    if time.monotonic() - began >= patience:
                        connector._silent_since = time.monotonic()
                        self.close()  # a late answer would be taken for the next one's
                    raise

        return Impatient
