"""Texts of expressions: always composed (NFC), so that equal words are equal."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from survey.questionnaire.expressions.values import Value, composed, text_of
from survey.questionnaire.graphemes import graphemes

# Written out, since Python and browsers differ in what they call a space.
SPACES = (
    "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)
# The letters of Vietnamese and its neighbours; of others, versions of Unicode disagree.
LATIN = (range(0x180), range(0x1A0, 0x1A2), range(0x1AF, 0x1B1), range(0x1E00, 0x1F00))


def concat(*values: Value) -> Value:
    """Return values one after the other as one text."""
    return composed("".join(text_of(value) for value in values))


def length(text: str) -> Value:
    """Return how many characters a reader sees."""
    return Fraction(graphemes(text))


def lower(text: str) -> Value:
    """Return a text in small Latin letters."""
    return composed("".join(_mapped(letter, str.lower) for letter in text))


def upper(text: str) -> Value:
    """Return a text in capital Latin letters."""
    return composed("".join(_mapped(letter, str.upper) for letter in text))


def trim(text: str) -> Value:
    """Return a text without the spaces around it."""
    return text.strip(SPACES)


def contains(text: str, part: str) -> Value:
    """Tell whether a text has a part."""
    return part in text


def starts_with(text: str, part: str) -> Value:
    """Tell whether a text begins with a part."""
    return text.startswith(part)


def ends_with(text: str, part: str) -> Value:
    """Tell whether a text ends with a part."""
    return text.endswith(part)


def _mapped(letter: str, change: Callable[[str], str]) -> str:
    changed = change(letter)
    is_simple = len(changed) == 1 and any(ord(letter) in part for part in LATIN)
    return changed if is_simple else letter
