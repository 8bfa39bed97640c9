"""What is true of every page: the checks that run on whatever HTML any test fetches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib

LANGUAGES = {"vi", "en"}
# Hidden and self-naming inputs need no label.
UNLABELLED = {"hidden", "submit", "reset", "button", "image"}
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-errormessage")
LOADED_FROM = {"src", "srcset", "poster", "data", "action", "formaction"}


@lru_cache(maxsize=8)
def parse(html: str) -> tuple[Element, tuple[str, ...]]:
    """Return the document, not to be changed, and what the HTML standard has against it.

    A page that was checked when it came is parsed again when its form is filled in.
    """
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    document = parser.parse(html)
    return document, tuple(f"line {line}: {code}" for (line, _), code, _ in parser.errors)


def problems(html: str) -> list[str]:
    """Return everything that is wrong with a page; an empty list for a good one."""
    document, errors = parse(html)
    found = list(errors)
    for check in (_frame, _identifiers, _labels, _names, _nothing_inline, _nothing_foreign, _forms):
        found.extend(check(document))
    return found


def text(element: Element) -> str:
    """Return the text inside an element, white space folded."""
    return " ".join("".join(element.itertext()).split())


def elements(document: Element, *tags: str) -> list[Element]:
    """Return the elements with one of these tags, in document order."""
    return [e for e in document.iter() if isinstance(e.tag, str) and e.tag in tags]


def _frame(document: Element) -> Iterator[str]:
    if document.get("lang") not in LANGUAGES:
        yield f"html lang is {document.get('lang')!r}"
    if not any(text(title) for title in document.findall("head/title")):
        yield "no title"
    headings = [text(h) for h in elements(document, "h1")]
    if len(headings) != 1 or not headings[0]:
        yield f"needs exactly one h1 with text, has {headings}"
    if len(elements(document, "main")) != 1:
        yield "needs exactly one main"


def _identifiers(document: Element) -> Iterator[str]:
    count = Counter(e.get("id") for e in document.iter() if e.get("id") is not None)
    yield from (f"id {name!r} is there {n} times" for name, n in count.items() if n > 1)
    for element in document.iter():
        for attribute in REFERENCES:
            for name in (element.get(attribute) or "").split():
                if name not in count:
                    yield f"{attribute} names {name!r}, which is not on the page"


def _labels(document: Element) -> Iterator[str]:
    labelled = {e.get("for") for e in elements(document, "label") if text(e)}
    wrapped = {
        id(inner) for label in elements(document, "label") if text(label) for inner in label.iter()
    }
    for element in elements(document, "input", "select", "textarea"):
        if element.get("type") in UNLABELLED and element.tag == "input":
            continue
        named = element.get("aria-label") or element.get("aria-labelledby")
        if not (named or element.get("id") in labelled or id(element) in wrapped):
            yield f"{element.tag} {element.get('name')!r} has no label"


def _names(document: Element) -> Iterator[str]:
    for element in elements(document, "button", "a", "legend", "caption", "th", "summary"):
        silent = not (text(element) or element.get("aria-label") or element.get("aria-labelledby"))
        pictured = any(e.get("alt") for e in elements(element, "img"))
        if silent and not pictured and not (element.tag == "a" and element.get("href") is None):
            yield f"{element.tag} without a name"
    for element in elements(document, "img"):
        if element.get("alt") is None:
            yield f"img {element.get('src')!r} has no alt"
    for element in elements(document, "fieldset"):
        if not elements(element, "legend") and not element.get("aria-labelledby"):
            yield "fieldset without a legend"


def _nothing_inline(document: Element) -> Iterator[str]:
    if elements(document, "style"):
        yield "inline style element"
    for script in elements(document, "script"):
        if not script.get("src"):
            yield "inline script"
    for element in document.iter():
        for name, value in element.attrib.items():
            if name == "style" or name.startswith("on"):
                yield f"inline {name} on {element.tag}"
            if name != "value" and str(value).strip().lower().startswith("javascript:"):
                yield f"javascript: in {name} of {element.tag}"


def _nothing_foreign(document: Element) -> Iterator[str]:
    for element in document.iter():
        for name, value in element.attrib.items():
            loads = name in LOADED_FROM or (element.tag == "link" and name == "href")
            if loads and urlsplit(value).netloc:
                yield f"{element.tag} {name} leads to {value}"


def _forms(document: Element) -> Iterator[str]:
    for form in elements(document, "form"):
        names = {e.get("name") for e in elements(form, "input")}
        is_post = (form.get("method") or "get").lower() == "post"
        # Respondents' forms carry the token of the form itself; at the door there is none yet.
        is_door = re.fullmatch(r"/q/[^/]+", form.get("action") or "") is not None
        if is_post and not is_door and not names & {"csrf_token", "visit"}:
            yield f"form to {form.get('action')!r} has no csrf_token"
