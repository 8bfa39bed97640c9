"""What is wrong with the answers of a respondent: the same for the web, imports and every door."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from survey.errors import N_, Problem
from survey.questionnaire.canonical import storable
from survey.questionnaire.document import (
    NTH,
    OWN,
    Check,
    Question,
    Section,
    Variable,
    place_of,
)
from survey.questionnaire.expressions.values import Value as Operand
from survey.questionnaire.interview import Interview, Part
from survey.questionnaire.kinds.base import Asked
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.pipes import filled

NOT_ASKED = N_("Câu trả lời này không thuộc phiếu của bạn.")
REPETITION = re.compile(rf"{NTH}[1-9][0-9]?")


@dataclass(frozen=True)
class Warned:
    """A soft check that does not hold, under the name by which it is confirmed."""

    id: str
    problem: Problem


@dataclass(frozen=True)
class Verdict:
    """Everything wrong with the answers, and what the respondent has or has yet to confirm."""

    problems: tuple[Problem, ...]
    warnings: tuple[Warned, ...]
    confirmed: tuple[str, ...]  # of the warnings, those that the respondent has confirmed


def verdict(interview: Interview, page: str | None = None) -> Verdict:
    """Return what is wrong with all answers, or with those of one page."""
    problems = [*interview.misread, *_strangers(interview)]
    warnings: list[Warned] = []
    for part in interview.parts:
        for failed in _failed(interview, part):
            found = Problem(failed.place, failed.check.code, "", texts=failed.texts)
            if failed.check.is_warning:
                warnings.append(Warned(failed.id, found))
            else:
                problems.append(found)
        problems.extend(_across(interview, part))

    def here(problem: Problem) -> bool:
        return page is None or interview.page_of.get(problem.place) == page

    told = [warned for warned in warnings if here(warned.problem)]
    confirmed = interview.context.confirmed
    return Verdict(
        tuple(problem for problem in problems if here(problem)),
        tuple(warned for warned in told if warned.id not in confirmed),
        tuple(sorted({warned.id for warned in told} & confirmed)),
    )


@dataclass(frozen=True)
class _Failed:
    """A check that does not hold, and the answer at which that is told."""

    check: Check
    place: str
    id: str
    texts: dict[str, str]


def _failed(interview: Interview, part: Part) -> Iterator[_Failed]:
    for posed in part.posed:
        for row in posed.rows if posed.question.checks else ():
            yield from _failed_of_question(interview, part, posed.question, row)
    section = part.section
    for check in section.checks:
        if not _stands(interview, part, check, part.row, None):
            answered = (a for a in interview.asked_in(part) if KINDS[a.question.kind].is_answered)
            place = _place(check, list(answered), part.id)
            name = f"{place}:{section.code}.{check.code}"
            yield _Failed(check, place, name, _texts(interview, part, check, part.row))


def _failed_of_question(
    interview: Interview, part: Part, question: Question, row: str
) -> Iterator[_Failed]:
    this = interview.operand((question.code, row))
    if this is None and not question.items:
        return
    for check in question.checks:
        if not _stands(interview, part, check, row, this):
            place = _place(check, interview.asked_of(question, row), question.code)
            name = f"{place}:{check.code}"
            yield _Failed(check, place, name, _texts(interview, part, check, row))


def _place(check: Check, asked: Sequence[Asked], otherwise: str) -> str:
    """Return where a check is told: at the answer it names if that is asked, else at the first."""
    named = [one for one in asked if one.variable.code == check.at]
    return next((one.place for one in (*named, *asked)), otherwise)


def _texts(interview: Interview, part: Part, check: Check, row: str) -> dict[str, str]:
    return {
        language: filled(check.message, language, interview, part.section, row)
        for language in interview.document.languages
    }


def _stands(interview: Interview, part: Part, check: Check, row: str, this: Operand) -> bool:
    """Tell whether a check holds, or cannot be judged while what it compares is not answered."""
    section = part.section
    keys = (interview.keys_of(name, section, row) for name in check.needs)
    if not all(isinstance(key, list) or interview.operand(key) is not None for key in keys):
        return True
    return interview.evaluate(check.that, section, row, this=this) is True


def _across(interview: Interview, part: Part) -> Iterator[Problem]:
    for posed in part.posed:
        kind = KINDS[posed.question.kind]
        for row in posed.rows:
            asked = interview.asked_of(posed.question, row)
            found = kind.across(asked, [interview.values.get(a.key) for a in asked])
            if found is not None:
                yield found


def _strangers(interview: Interview) -> Iterator[Problem]:
    """Yield raw answers to what the document does not have, or not about that."""
    known = interview.document.variables
    for code, row in interview.raw:
        variable = known.get(code)
        if variable is None or not _may_be(interview, variable, row):
            yield Problem(storable(place_of((code, row))[:80]), "not-asked", NOT_ASKED)


def _may_be(interview: Interview, variable: Variable, row: str) -> bool:
    """Tell whether somebody with these units could be asked for an answer, on whatever way."""
    if not KINDS[variable.question.kind].is_answered:
        return False
    if variable.question.about_units:
        return row in interview.context.units
    return may_be_row(interview.document.section_of[variable.code], row)


def may_be_row(section: Section, row: str) -> bool:
    """Tell whether a section can have a row: one of its repetitions, if it is repeated at all."""
    if section.repeat is None:
        return row == OWN
    return REPETITION.fullmatch(row) is not None and int(row[1:]) <= section.repeat.most
