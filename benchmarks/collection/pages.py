"""What a browser would do next on a page, found in its HTML: any form, any address, any kind.

The generator of load shares two cores with what it measures. So forms are found by regular
expressions, and what a form offers is kept, by its HTML with the hidden values taken out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from urllib.parse import urlencode

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
HIDDEN = re.compile(r'<input\b[^>]*\btype="hidden"[^>]*>')
TAG = re.compile(r"<(input|select|option|textarea|button)\b([^>]*)>")
LINK = re.compile(r'<a\b[^>]*\bclass="[^"]*\bbutton\b[^>]*>')
ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
RECEIPT = re.compile(r'class="[^"]*\breceipt\b')
COMMENT = "Cán bộ hướng dẫn tận tình; mong rút ngắn thời gian chờ ở bộ phận một cửa."


@dataclass(frozen=True)
class Step:
    """The next request: a form that was filled in, or a link."""

    method: str
    path: str
    body: str = ""
    answers: int = 0


@dataclass(frozen=True)
class Offer:
    """What a form asks for besides its hidden fields: a field with its choices, the button."""

    choices: tuple[tuple[str, tuple[str, ...]], ...]
    texts: tuple[str, ...]
    has_code: bool
    button: tuple[str, str] | None


def next_step(html: str, path: str, code: str, chance: random.Random) -> Step | None:
    """Return what a respondent does on a page; None on the receipt, where there is no more."""
    if RECEIPT.search(html):
        return None
    forms = [found for found in FORM.findall(html) if 'method="post"' in found[0].lower()]
    if forms:
        head, inside = max(forms, key=_fields)
        return _filled(_attributes(head), inside, path, code, chance)
    main = html.find("<main")
    link = LINK.search(html, max(main, 0))
    return Step("GET", _attributes(link[0])["href"]) if link else None


def _fields(form: tuple[str, str]) -> int:
    return form[1].count(' name="')


def _attributes(tag: str) -> Mapping[str, str]:
    return {name: unescape(value) for name, value in ATTRIBUTE.findall(tag)}


def _filled(
    head: Mapping[str, str], inside: str, path: str, code: str, chance: random.Random
) -> Step:
    hidden = [_attributes(tag) for tag in HIDDEN.findall(inside)]
    fields = [(own["name"], own.get("value", "")) for own in hidden]
    offer = offered(HIDDEN.sub("", inside))
    fields += [(name, chance.choice(values)) for name, values in offer.choices]
    fields += [(name, COMMENT) for name in offer.texts]
    if offer.has_code:
        fields.append(("code", code))
    if offer.button:
        fields.append(offer.button)
    action = head.get("action") or path
    return Step("POST", action, urlencode(fields), len(offer.choices) + len(offer.texts))


@lru_cache(maxsize=512)
def offered(inside: str) -> Offer:
    """Return what a form asks for."""
    choices: dict[str, list[str]] = {}
    texts: list[str] = []
    buttons: list[tuple[str, str]] = []
    select, has_code = "", False
    for tag, rest in TAG.findall(inside):
        own = _attributes(rest)
        name, kind = own.get("name", ""), own.get("type", "")
        if tag == "select":
            select = name
        elif tag == "option" and own.get("value"):
            choices.setdefault(select, []).append(own["value"])
        elif kind == "radio" or (kind == "checkbox" and "required" in own):
            choices.setdefault(name, []).append(own.get("value", "on"))
        elif tag == "textarea":
            texts.append(name)
        elif name == "code":
            has_code = True
        elif tag == "button" and kind != "button" and "formaction" not in own:
            buttons.append((name, own.get("value", "")))
    return Offer(tuple((n, tuple(v)) for n, v in choices.items()), tuple(texts), has_code,
                 _forward(buttons))  # fmt: skip


def _forward(buttons: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """Return the button that leads on, where it sends something."""
    onward = [(n, v) for n, v in buttons if n != "lang" and v != "back"]
    return onward[0] if onward and onward[0][0] else None
