"""Numbers as people type them: decimal comma or point, and nothing that could mean two things."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from survey.errors import N_

PLAIN = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?")
THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")

NOT_A_NUMBER = N_("“%(value)s” không phải là số. Viết như 1,5 hoặc 1.5.")
AMBIGUOUS = N_(
    "“%(value)s” có thể hiểu là hàng nghìn hoặc là ba chữ số thập phân. Hãy viết 1234 hoặc 1,2340."
)
NEGATIVE = N_("“%(value)s” là số âm; điểm không âm.")

YES = {"1", "true", "yes", "y", "co", "x"}
NO = {"0", "false", "no", "n", "khong", ""}


class UnreadableError(ValueError):
    """A text that is no number; its only argument is the message to show."""


def number(text: str, *, is_typed: bool) -> Decimal:
    """Return the number in a cell; a workbook's cells are typed, so their point is no question.

    >>> number("1,25", is_typed=False)
    Decimal('1.25')
    """
    if text.startswith(("-", "\N{MINUS SIGN}")):
        raise UnreadableError(NEGATIVE)
    if not PLAIN.fullmatch(text) or not text.isascii():
        raise UnreadableError(NOT_A_NUMBER)
    if THOUSANDS.fullmatch(text) and not (is_typed and "." in text):
        raise UnreadableError(AMBIGUOUS)
    return Decimal(text.replace(",", "."))


def flag(text: str) -> bool | None:
    """Return what a yes-or-no cell says, None when it says neither."""
    word = plain(text)
    return True if word in YES else False if word in NO else None


def plain(text: str) -> str:
    """Return a heading or word without accents, capitals and spaces.

    >>> plain(" Tiêu chí ")
    'tieu_chi'
    """
    letters = unicodedata.normalize("NFD", text.strip().casefold().replace("đ", "d"))
    kept = "".join(c for c in letters if not unicodedata.combining(c))
    return re.sub(r"[\s_-]+", "_", kept)
