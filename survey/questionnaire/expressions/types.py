"""The types of expressions, and what an expression may call by name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """What kind of value an expression has; CHOICE is one code, CHOICES a set of codes."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True)
class Variable:
    """What an expression may call by name; a list is asked about several units or repeats."""

    name: str
    type: Type
    codes: tuple[str, ...] | None = None
    is_list: bool = False
