"""What a cell of a file says, as a raw answer of the questionnaire; pure.

several choices, a ranking   A;C;D, a ranking from the first place on (or A=2;C=1)
a number                     12.5 or 12,5, without marks between thousands
a date                       2026-03-27, 27/03/2026; 2026-03, 03/2026; 2026
a stated reason              by the map alone: "99": {"missing": "refused"}
"""

from __future__ import annotations

import re

from survey.fieldwork.mapping import Source
from survey.questionnaire.document import Missing, Variable
from survey.questionnaire.kinds.base import Raw
from survey.questionnaire.kinds.numbers import Number
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.kinds.texts import Date

SEVERAL = ";"
COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
DAY_FIRST = re.compile(r"(?:([0-9]{1,2})/)?([0-9]{1,2})/([0-9]{4})")


def raw_of(variable: Variable, source: Source, cell: str) -> Raw | None:
    """Return what a cell answers, "" for a blank; None when the map does not know it."""
    is_several = KINDS[variable.question.kind].is_several
    given = cell if source.value is None else source.value
    parts = given.split(SEVERAL) if is_several else [given]
    said = [source.translated(part.strip() if is_several else part) for part in parts]
    known = [one for one in said if one is not None]
    reasons = [one for one in known if isinstance(one, Missing)]
    if len(known) < len(said) or (reasons and len(said) > 1):
        return None
    if reasons:
        return _stated(variable, reasons[0])
    if is_several:
        return tuple(text for text in known if text) or ""
    return _canonical(variable, known[0])


def _stated(variable: Variable, reason: Missing) -> Raw:
    """Return a reason as the question takes it: as it is, or as the choice that states it."""
    if reason in variable.question.missing:
        return reason
    code = next((choice.code for choice in variable.choices if choice.missing is reason), None)
    if code is None:
        return reason
    return (code,) if KINDS[variable.question.kind].is_several else code


def _canonical(variable: Variable, text: str) -> str:
    """Return a number with a point, and a date from the year on; anything else as it stands."""
    kind = KINDS[variable.question.kind]
    if isinstance(kind, Number) and COMMA.fullmatch(text):
        return text.replace(",", ".")
    found = DAY_FIRST.fullmatch(text) if isinstance(kind, Date) else None
    return "-".join(part for part in reversed(found.groups()) if part) if found else text
