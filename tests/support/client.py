"""A browser without a browser: fetches and checks pages, fills in and sends their forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.support.pages import elements, parse, problems, text

Values = Mapping[str, Any]


class CheckedClient(FlaskClient):
    """The Flask test client; every page that it fetches has to be a good one."""

    before_request: Callable[[], object] = staticmethod(lambda: None)

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request and check the page that comes back."""
        self.before_request()
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            found = [*problems(response.text), *_header_problems(response)]
            assert not found, f"{response.request.path}:\n  " + "\n  ".join(found)
        return response

    def document(self, path: str, **kwargs: Any) -> Element:
        """Return the parsed page at a path."""
        response = self.get(path, **kwargs)
        assert response.status_code == 200, f"{path}: {response.status}"
        return parse(response.text)[0]

    def submit(
        self,
        path: str,
        values: Values | None = None,
        *,
        button: str | None = None,
        forged: Values | None = None,
        follow_redirects: bool = False,
    ) -> TestResponse:
        """Fetch a page, fill in the form that has these fields, and send it as a browser would.

        `button` chooses among the form's buttons by its text. A field that the page does not
        offer is an error of the test, unless it is meant: then it stands in `forged`.
        """
        response = self.get(path, follow_redirects=True)
        assert response.status_code == 200, f"{path}: {response.status}"
        wanted = dict(values or {})
        form = find_form(parse(response.text)[0], set(wanted), button)
        sent = form_values(form, button)
        for name, value in {**wanted, **(forged or {})}.items():
            many = isinstance(value, Sequence) and not isinstance(value, str | bytes | tuple)
            sent.setlist(name, list(value) if many else [value])
        target = urljoin(response.request.path, form.get("action") or response.request.full_path)
        return self.post(target, data=sent, follow_redirects=follow_redirects)


def find_form(document: Element, names: set[str], button: str | None) -> Element:
    """Return the form on a page that posts all these fields and has the button."""
    forms = [f for f in elements(document, "form") if (f.get("method") or "").lower() == "post"]
    for form in forms:
        offered = {e.get("name") for e in elements(form, "input", "select", "textarea")}
        if names <= offered and (button is None or _button(form, button) is not None):
            return form
    seen = [sorted(str(e.get("name")) for e in elements(f, "input", "select")) for f in forms]
    raise AssertionError(f"no form with {sorted(names)} and button {button!r}; forms: {seen}")


def form_values(form: Element, button: str | None = None) -> MultiDict[str, Any]:
    """Return what a form sends when nothing is changed and the button is pressed."""
    values: MultiDict[str, Any] = MultiDict()
    for element in elements(form, "input", "select", "textarea"):
        name = element.get("name")
        if name and element.get("disabled") is None:
            values.setlist(name, values.getlist(name) + _own_values(element))
    pressed = _button(form, button)
    if pressed is not None and pressed.get("name"):
        values.add(str(pressed.get("name")), pressed.get("value") or "")
    return MultiDict([(k, v) for k, vs in values.lists() for v in vs])


def _own_values(element: Element) -> list[str]:
    kind = element.get("type") or "text"
    if element.tag == "textarea":
        return ["".join(element.itertext())]
    if element.tag == "select":
        options = elements(element, "option")
        chosen = [o for o in options if o.get("selected") is not None]
        if not chosen and element.get("multiple") is None:
            chosen = options[:1]
        return [o.get("value", text(o)) for o in chosen]
    if kind in {"submit", "button", "reset", "image", "file"}:
        return []
    if kind in {"checkbox", "radio"}:
        return [element.get("value", "on")] if element.get("checked") is not None else []
    return [element.get("value") or ""]


def _button(form: Element, name: str | None) -> Element | None:
    buttons = [b for b in elements(form, "button") if (b.get("type") or "submit") == "submit"]
    if name is None:
        return buttons[0] if buttons else None
    return next((b for b in buttons if text(b) == name or b.get("name") == name), None)


def _header_problems(response: TestResponse) -> list[str]:
    policy = response.headers.get("Content-Security-Policy", "")
    found = [] if "default-src 'none'" in policy else [f"weak or missing policy: {policy!r}"]
    if "unsafe" in policy:
        found.append(f"policy allows something unsafe: {policy!r}")
    if response.headers.get("X-Content-Type-Options") != "nosniff":
        found.append("no X-Content-Type-Options: nosniff")
    return found
