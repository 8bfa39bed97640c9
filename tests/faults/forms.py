"""What a browser sees of a page: its forms with their fields, its links, and a receipt."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

RECEIPT = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b")
SILENT = {"hidden", "submit", "button", "reset", "image"}


@dataclass
class Field:
    """One name of a form: its value, and what else may be chosen."""

    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Form:
    """A form: where it goes, its fields, and the buttons that have a name."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def hidden(self) -> dict[str, str]:
        """Return what the page itself sends along."""
        return {f.name: f.value for f in self.fields.values() if f.kind == "hidden"}

    @property
    def questions(self) -> list[Field]:
        """Return the fields that somebody fills in."""
        return [f for f in self.fields.values() if f.kind not in SILENT]

    @property
    def ballot_id(self) -> str | None:
        """Return the id under which a form hands a ballot in."""
        return next((v for n, v in self.hidden.items() if "ballot" in n and len(v) >= 32), None)

    @property
    def hands_in(self) -> bool:
        """Tell whether this is the last form: it names a ballot and asks nothing more."""
        return self.ballot_id is not None and not self.questions


@dataclass
class Page:
    """The forms and links of a page's main part."""

    forms: list[Form]
    links: list[str]
    receipt: str | None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.links: list[str] = []
        self.waiting: list[tuple[str, str, dict[str, str]]] = []
        self.in_main = False
        self.form: Form | None = None
        self.select: Field | None = None
        self.area: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        present = {name for name, _ in attrs}
        if tag == "main":
            self.in_main = True
        elif tag == "a" and self.in_main and "href" in a:
            self.links.append(a["href"])
        elif tag == "form":
            self.form = Form(a.get("action", ""), a.get("method", "get").lower())
            self.forms.append(self.form)
            self.by_id[a.get("id", "")] = self.form
        elif tag == "option" and self.select is not None:
            self._option(a, present)
        elif tag in {"input", "button", "select", "textarea"}:
            self._control(tag, a, present)

    def _option(self, a: dict[str, str], present: set[str]) -> None:
        assert self.select is not None
        if a.get("value"):
            self.select.choices.append(a["value"])
        if "selected" in present:
            self.select.value = a.get("value", "")

    def _control(self, tag: str, a: dict[str, str], present: set[str]) -> None:
        form = self.by_id.get(a["form"]) if "form" in a else self.form
        if form is None or not a.get("name") or "disabled" in present:
            return
        if tag == "input" and a.get("tabindex") == "-1":
            return  # no person can get there: a trap for programs that fill in everything
        kind = a.get("type", "text" if tag == "input" else tag).lower()
        if tag == "button" or kind in {"submit", "image"}:
            form.buttons.append((a["name"], a.get("value", "")))
            return
        known = form.fields.setdefault(a["name"], Field(a["name"], kind, attributes=a))
        if kind in {"radio", "checkbox"}:
            known.choices.append(a.get("value", "on"))
            known.value = a.get("value", "on") if "checked" in present else known.value
        elif tag == "select":
            self.select = known
        elif tag == "textarea":
            self.area = known
        else:
            known.value = a.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None
        elif tag == "main":
            self.in_main = False

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.value += data


def read(html: str) -> Page:
    """Return what a page offers."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    main = html.partition("<main")[2]
    found = RECEIPT.search(main)
    return Page(reader.forms, reader.links, found[0] if found else None)
