"""Which texts the interface shows, taken from the source, and which translations there are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from tests.support.source import ROOT, modules, templates

ENGLISH = ROOT / "survey" / "translations" / "en"
MARKS = {"_", "N_", "gettext"}


@dataclass(frozen=True)
class Translation:
    """One entry of a catalogue."""

    path: Path
    source: str
    target: str
    is_unsure: bool


@lru_cache
def shown_texts() -> dict[str, str]:
    """Return every text that is marked for translation, with a place where it stands."""
    return {text: place for place, text in (*_in_modules(), *_in_templates())}


def translations() -> list[Translation]:
    """Return every entry of the English catalogues."""
    found = []
    for path in sorted(ENGLISH.glob("**/*.po")):
        with path.open("rb") as file:
            found += [
                Translation(path, str(m.id), str(m.string), m.fuzzy)
                for m in read_po(file, abort_invalid=True)
                if m.id
            ]
    return found


def _in_modules() -> Iterator[tuple[str, str]]:
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = ast.unparse(node.func).split(".")[-1]
            first = node.args[0]
            if called not in MARKS or not isinstance(first, ast.Constant):
                continue
            if isinstance(first.value, str):
                yield f"{module.place}:{node.lineno}", first.value


def _in_templates() -> Iterator[tuple[str, str]]:
    for path in templates():
        with path.open("rb") as file:
            for line, _, message, _ in babel_extract(file, tuple(MARKS), [], {"silent": "false"}):
                # A call with values comes as a tuple: the text, then a gap for each value.
                text = message if isinstance(message, str) else next(iter(message or ()), None)
                if isinstance(text, str):
                    yield f"{path.relative_to(ROOT)}:{line}", text
