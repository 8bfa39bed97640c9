"""Patterns of texts, run by RE2: linear in the length of the text, whatever the pattern."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

MAX_PATTERN = 200


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def is_valid(pattern: str) -> bool:
    """Tell whether a pattern is short enough and RE2 takes it."""
    if len(pattern) > MAX_PATTERN:
        return False
    try:
        _compiled(pattern)
    except (re2.error, UnicodeEncodeError):
        return False
    return True


def matches(pattern: str, text: str) -> bool:
    """Tell whether the whole of a text matches a valid pattern."""
    return _compiled(pattern).fullmatch(text) is not None
