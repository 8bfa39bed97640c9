"""The words of an expression: numbers, texts, names and signs, each with its column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from survey.errors import N_
from survey.questionnaire.canonical import is_storable
from survey.questionnaire.expressions.faults import ExpressionError, Fault, shown
from survey.questionnaire.expressions.values import DIGITS

MAX_CHARACTERS = 2_000
KEYWORDS = {"or", "and", "not", "in", "mod", "true", "false"}

# Quotes are doubled inside of texts; possessive repetition keeps an open text open.
WORDS = re.compile(
    r"""
    (?P<space>[ \t\r\n\u00a0]+)
  | (?P<number>[0-9]++(?:\.[0-9]++)?+(?![A-Za-z0-9_]))
  | (?P<name>\$\{[A-Za-z][A-Za-z0-9_.:-]*\})
  | (?P<text>'(?:[^']|'')*+'|"(?:[^"]|"")*+")
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign>!=|<=|>=|[-=<>+*/(),.\[\]])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """One word; what cannot be read is a token with its fault, the end an empty one."""

    kind: str
    text: str
    column: int
    fault: Fault | None = None

    def is_sign(self, *signs: str) -> bool:
        """Tell whether it is one of some signs or keywords."""
        return self.kind == "sign" and self.text in signs


def tokens(text: str) -> list[Token]:
    """Return the words of an expression up to its end, or up to the first that cannot be read."""
    if len(text) > MAX_CHARACTERS:
        message = N_("Biểu thức dài quá %(limit)s ký tự.")
        values = {"limit": MAX_CHARACTERS}
        raise ExpressionError([Fault("too-long", message, values, MAX_CHARACTERS + 1)])
    _refuse_unstorable(text)
    return list(_words(text))


def _refuse_unstorable(text: str) -> None:
    if not is_storable(text):
        column = next(n for n, letter in enumerate(text, 1) if not is_storable(letter))
        message = N_("Biểu thức chứa ký tự không lưu được (NUL hoặc mã lỗi).")
        raise ExpressionError([Fault("syntax", message, {}, column)])


def _words(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        found = WORDS.match(text, position)
        token = _token(found, position + 1) if found else _unreadable(text, position)
        if token:
            yield token
        if not found or (token and token.fault):
            return
        position = found.end()
    yield Token("end", "", len(text) + 1)


def _token(found: re.Match[str], column: int) -> Token | None:
    kind, word = str(found.lastgroup), found[0]
    if kind == "space":
        return None
    if kind == "number" and len(word.replace(".", "")) > DIGITS:
        fault = Fault("syntax", N_("Số có quá %(limit)s chữ số."), {"limit": DIGITS}, column)
        return Token("bad", word, column, fault)
    if kind == "word" and word in KEYWORDS:
        return Token("sign", word, column)
    return Token(kind, _meant(kind, word), column)


def _meant(kind: str, word: str) -> str:
    if kind == "name":
        return word[2:-1]
    if kind == "text":
        return word[1:-1].replace(word[0] * 2, word[0])
    return word


def _unreadable(text: str, position: int) -> Token:
    start = text[position]
    message, values = N_("Ký tự “%(found)s” không dùng được ở đây."), {"found": shown(start)}
    if start in "'\"":
        message, values = N_("Đoạn văn bản chưa đóng dấu nháy."), {}
    elif text.startswith("${", position):
        message, values = N_("Tên phải viết dạng ${ten}."), {}
    elif start.isdigit():
        message, values = N_("Số viết sai; ví dụ đúng: 12 hoặc 12.5."), {}
    return Token("bad", start, position + 1, Fault("syntax", message, values, position + 1))
