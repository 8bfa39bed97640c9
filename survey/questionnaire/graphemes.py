"""How long a text is to the person who reads it."""

from __future__ import annotations

import unicodedata

import regex

_GRAPHEME = regex.compile(r"\X")


def graphemes(text: str) -> int:
    """Return how many characters a reader sees: composed (NFC), marks and joiners not counted."""
    if text.isascii() and "\r" not in text:
        return len(text)
    # Some releases of `regex` look at what stands before the first character: let it be a line end.
    composed = "\n" + unicodedata.normalize("NFC", text)
    return sum(1 for _ in _GRAPHEME.finditer(composed)) - 1
