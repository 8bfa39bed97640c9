"""A browser without a window: one connection that stays open, cookies, and forms filled in."""

from __future__ import annotations

import random
import re
import socket
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.collection.pages import Step, next_step

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: *([^=;]+)=([^;\r]*)([^\r]*)", re.IGNORECASE)
LOCATION = re.compile(rb"\r\nlocation: *([^\r]+)", re.IGNORECASE)
COMMON = (
    "Accept: text/html\r\nAccept-Encoding: gzip\r\nAccept-Language: vi\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nSec-Fetch-Site: same-origin\r\n"
)


class RefusedError(Exception):
    """The server said no to a request that a respondent would have made."""


@dataclass(frozen=True)
class Answer:
    """What came back: status, head, text, and the bytes both ways."""

    status: int
    head: bytes
    text: str
    sent: int
    received: int


@dataclass(frozen=True)
class Timed:
    """One request of a session and how long its answer took."""

    place: int  # counted from 0 within the session
    method: str
    path: str
    answers: int
    status: int
    ended: float
    seconds: float
    sent: int
    received: int


class Connection:
    """One HTTP/1.1 connection, opened again when the server had closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None

    def exchange(self, request: bytes) -> Answer:
        """Send a request and return its answer."""
        kept = self._socket is not None
        try:
            return self._exchange(request)
        except (ConnectionError, EOFError):
            self.close()
            if not kept:
                raise
            return self._exchange(request)

    def _exchange(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        data = self._more(b"")
        while (end := data.find(b"\r\n\r\n")) < 0:
            data = self._more(data)
        head = data[: end + 2]
        found = LENGTH.search(head)
        if found is None:
            raise RefusedError(f"no Content-Length: {head.decode('latin-1')}")
        total = end + 4 + int(found[1])
        while len(data) < total:
            data = self._more(data)
        if b"\r\nconnection: close" in head.lower():
            self.close()
        body = data[end + 4 :]
        if b"\r\ncontent-encoding: gzip" in head.lower():
            body = zlib.decompress(body, 31)
        return Answer(int(head[9:12]), head, body.decode(), len(request), total)

    def _more(self, data: bytes) -> bytes:
        assert self._socket is not None
        got = self._socket.recv(262_144)
        if not got:
            raise EOFError
        return data + got

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


@dataclass
class Visit:
    """One respondent on the way from the door to the receipt."""

    connection: Connection
    door: str
    code: str
    inline: bool = False  # ask to have a form answered with the next page at once
    chance: random.Random = field(default_factory=random.Random)
    cookies: dict[str, str] = field(default_factory=dict)
    done: int = 0
    next: Step | None = None

    def __post_init__(self) -> None:
        self.next = Step("GET", self.door)

    def advance(self, note: Callable[[Timed], None]) -> None:
        """Make the next request; `next` is None afterwards when the receipt was reached."""
        step = self.next
        assert step is not None
        started = time.perf_counter()
        answer = self.connection.exchange(self._request(step))
        ended = time.perf_counter()
        seconds, both = ended - started, (answer.sent, answer.received)
        note(Timed(self.done, step.method, step.path, step.answers, answer.status, ended, seconds,
                   *both))  # fmt: skip
        self.done += 1
        self._take_cookies(answer.head)
        self.next = self._after(step, answer)

    def _after(self, step: Step, answer: Answer) -> Step | None:
        if answer.status in {302, 303}:
            found = LOCATION.search(answer.head)
            assert found is not None
            parts = urlsplit(found[1].decode())
            return Step("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
        if answer.status != 200:
            raise RefusedError(f"{step.method} {step.path}: {answer.status}\n{answer.text[-3000:]}")
        return next_step(answer.text, step.path, self.code, self.chance)

    def _request(self, step: Step) -> bytes:
        lines = [f"{step.method} {step.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n", COMMON]
        if self.cookies:
            jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            lines.append(f"Cookie: {jar}\r\n")
        if step.method == "POST":
            if self.inline:
                lines.append("X-Inline: 1\r\n")
            lines.append(
                "Origin: http://127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(step.body)}\r\n"
            )
        lines.append(f"\r\n{step.body}")
        return "".join(lines).encode()

    def _take_cookies(self, head: bytes) -> None:
        for name, value, rest in COOKIE.findall(head):
            if b"max-age=0" in rest.lower():
                self.cookies.pop(name.decode(), None)
            else:
                self.cookies[name.decode()] = value.decode()
