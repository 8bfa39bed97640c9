"""The content of a ballot: what is on the respondent's way, and nothing else.

    {"answers": {variable: value},
     "units":   {unit: {variable: value}},            every rated unit, empty when nothing was said
     "groups":  {section: [{variable: value}, …]},    repeated sections
     "missing": {reason: [place, …]},                 why each other variable has no value
     "confirmed": [warning, …], "seed": number}       where there are any

A place is a variable, or variable/row. Nothing is left to be guessed later: a variable without a
value has its reason, one of refused, dont_know, not_applicable, blank, not_asked, not_reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from survey.errors import N_, AnswerError, Problem
from survey.questionnaire.checks import verdict
from survey.questionnaire.document import NTH, OWN, Document, Key, Missing, Variable, place_of
from survey.questionnaire.interview import Context, Interview
from survey.questionnaire.kinds.base import Raw

EMPTY = N_("Phiếu chưa có câu trả lời nào.")
Content = dict[str, Any]


def content(document: Document, context: Context, raw: Mapping[Key, Raw]) -> Content:
    """Return the content of a ballot; raises `AnswerError` with everything that is wrong."""
    return content_of(Interview(document, context, raw))


def content_of(interview: Interview) -> Content:
    """Return what an interview has brought; raises `AnswerError` with everything that is wrong."""
    found = verdict(interview)
    problems = [*found.problems, *(warned.problem for warned in found.warnings)]
    if not problems and not any(not isinstance(v, Missing) for v in _given(interview)):
        problems.append(Problem("", "empty", EMPTY))
    if problems:
        raise AnswerError(problems)
    return _laid_out(interview, found.confirmed)


def _given(interview: Interview) -> Iterator[object]:
    """Yield what the respondent answered, a statement of why not included."""
    for key, value in interview.values.items():
        if interview.asked[key].question.kind not in {"hidden", "calculated"}:
            yield value


def _laid_out(interview: Interview, confirmed: Sequence[str]) -> Content:
    own: dict[str, object] = {}
    units: dict[str, dict[str, object]] = {unit: {} for unit in interview.context.units}
    groups: dict[str, list[dict[str, object]]] = {
        part.section.code: [] for part in interview.parts if part.section.repeat
    }
    for part in interview.parts:
        if part.section.repeat:
            groups[part.section.code].append({})
    for (code, row), value in interview.values.items():
        if isinstance(value, Missing):
            continue
        if row == OWN:
            home = own
        elif row.startswith(NTH):
            home = groups[interview.document.section_of[code].code][int(row[1:]) - 1]
        else:
            home = units[row]
        home[code] = list(value) if isinstance(value, tuple) else value
    laid: Content = {"answers": own, "units": units}
    extras = {
        "groups": groups,
        "missing": _missing(interview),
        "confirmed": list(confirmed),
        "seed": interview.context.seed if interview.document.is_random else None,
    }
    return laid | {name: value for name, value in extras.items() if value not in ({}, [], None)}


def _missing(interview: Interview) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for variable in interview.document.variables.values():
        if variable.question.kind == "note":
            continue
        for row in _rows(interview, variable):
            key = (variable.code, row)
            value = interview.values.get(key)
            if value is None or isinstance(value, Missing):
                reason = interview.reason(key)
                found.setdefault(str(reason), []).append(place_of(key))
    return found


def _rows(interview: Interview, variable: Variable) -> tuple[str, ...]:
    """Return the rows about which a variable could have been asked."""
    if variable.question.about_units:
        return interview.context.units
    section = interview.document.section_of[variable.code]
    if section.repeat is None:
        return (OWN,)
    return tuple(part.row for part in interview.parts if part.section is section) or (OWN,)
