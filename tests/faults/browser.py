"""A browser without a screen: cookies, redirects, forms filled in as their fields ask."""

from __future__ import annotations

import http.client
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from tests.faults.forms import Field, Form, Page, read
from tests.faults.ledger import HUNG_UP

PATIENCE_S = 15.0
STEPS = 80
TYPED = {"text", "textarea", "search"}


class NoAnswerError(Exception):
    """The connection was refused, reset or silent: what became of the request is not known."""


class StuckError(Exception):
    """The pages led nowhere: the server said something that the browser cannot follow."""


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    path: str
    location: str | None
    text: str

    @property
    def page(self) -> Page:
        """Return the forms and links of the page."""
        return read(self.text)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


@dataclass
class Browser:
    """One respondent's browser at an address: `host:port`, or the path of a Unix socket."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def _connection(self) -> http.client.HTTPConnection:
        if self.address.startswith("/"):
            return _UnixConnection(self.address, PATIENCE_S)
        return http.client.HTTPConnection(self.address, timeout=PATIENCE_S)

    def ask(
        self, method: str, path: str, data: Mapping[str, str] | None = None, *, wait: bool = True
    ) -> Answer:
        """Send one request on a connection of its own, as a proxy in front would."""
        headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())}
        headers["Connection"] = "close"
        body = None
        if data is not None:
            body = urlencode(data)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = self._connection()
        try:
            connection.request(method, path, body, headers)
            if not wait:
                raise NoAnswerError(HUNG_UP)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(type(error).__name__) from error
        finally:
            connection.close()
        self._keep(response.headers.get_all("Set-Cookie") or [])
        location = response.headers.get("Location")
        return Answer(response.status, path, location and _local(location), text)

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value

    def follow(self, answer: Answer) -> Answer:
        """Return the page at the end of the redirects."""
        for _ in range(10):
            if answer.location is None:
                return answer
            answer = self.ask("GET", answer.location)
        raise StuckError("redirected in a circle")


def _local(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


@dataclass
class Prepared:
    """A ballot ready to be handed in: the last form, and everything that was answered."""

    cookies: dict[str, str]
    action: str
    data: dict[str, str]
    ballot_id: str
    answers: dict[str, str]


def fill_in(
    browser: Browser,
    door: str,
    code: str | None,
    patiently: Callable[[Callable[[], Answer]], Answer] = lambda ask: ask(),
) -> Prepared:
    """Go in by a door and answer page after page, up to the form that hands the ballot in.

    `patiently` asks again where an answer may fail; asking for a page twice changes nothing.
    """
    mark = f"ý kiến {secrets.token_hex(16)}"
    answers: dict[str, str] = {}
    seen: set[str] = set()
    answer = patiently(lambda: browser.follow(browser.ask("GET", door)))
    for _ in range(STEPS):
        if answer.status != 200:
            raise StuckError(f"{answer.status} at {answer.path}")
        page = answer.page
        last = next((f for f in page.forms if f.hands_in), None)
        if last is not None and last.ballot_id is not None:
            action = last.action or answer.path
            data = _with_button(last, last.hidden)
            return Prepared(dict(browser.cookies), action, data, last.ballot_id, answers)
        answer = _next(browser, door, code, mark, answers, seen, answer, patiently)
    raise StuckError(f"no end after {STEPS} pages")


def _next(
    browser: Browser,
    door: str,
    code: str | None,
    mark: str,
    answers: dict[str, str],
    seen: set[str],
    answer: Answer,
    patiently: Callable[[Callable[[], Answer]], Answer],
) -> Answer:
    seen.add(answer.path)
    page = answer.page
    form = next((f for f in page.forms if f.method == "post" and f.questions), None)
    form = form or next((f for f in page.forms if f.method == "post"), None)
    if form is None:
        link = next((x for x in page.links if x.startswith(door) and x not in seen), None)
        if link is None:
            raise StuckError(f"no way on from {answer.path}")
        return patiently(lambda: browser.follow(browser.ask("GET", link)))
    at_door = answer.path.partition("?")[0] == door
    given = {f.name: _choose(f, code if at_door else mark) for f in form.questions}
    if not at_door:
        answers.update({name: value for name, value in given.items() if value})
    data = _with_button(form, form.hidden | {n: v for n, v in given.items() if v})
    action = form.action or answer.path
    return patiently(lambda: browser.follow(browser.ask("POST", action, data)))


def _with_button(form: Form, data: Mapping[str, str]) -> dict[str, str]:
    onward = [(n, v) for n, v in form.buttons if n != "lang"]
    return dict(data) | dict(onward[:1])


def _choose(field: Field, text: str | None) -> str:
    if field.choices:
        return "" if field.kind == "checkbox" else secrets.choice(field.choices)
    if field.kind in TYPED:
        limit = int(field.attributes.get("maxlength") or 1000)
        return (text or "")[:limit]
    if field.kind == "number":
        return field.attributes.get("min") or "1"
    return ""
