"""What can be wrong with an expression: a stable code, a message, and the column it stands at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from survey.questionnaire.canonical import storable

SHOWN = 40  # characters of somebody's text that a message repeats
LISTED = 20  # codes that a message names


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; columns count characters of the expression from 1."""

    code: str
    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    column: int = 1


class ExpressionError(Exception):
    """An expression that does not compile, with every fault that was found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.column))
        super().__init__("; ".join(f"{f.column}: {f.code}" for f in self.faults))


def shown(text: str) -> str:
    """Return as much of a text as a message repeats, without what cannot be stored."""
    return storable(text[:SHOWN])


def listed(codes: Iterable[str]) -> str:
    """Return the first codes of a list, as a message names them."""
    known = list(codes)
    return ", ".join(known[:LISTED]) + (", …" if len(known) > LISTED else "")
