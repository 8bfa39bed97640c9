"""What is wrong with the answers of a respondent: the same for the web, imports and every door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from survey.errors import N_, Problem
from survey.questionnaire.document import OWN, Check, Question, place_of
from survey.questionnaire.expressions.values import Value as Operand
from survey.questionnaire.interview import Interview, Part
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.pipes import filled

NOT_ASKED = N_("Câu trả lời này không thuộc phiếu của bạn.")


@dataclass(frozen=True)
class Warned:
    """A soft check that does not hold, under the name by which it is confirmed."""

    id: str
    problem: Problem


@dataclass(frozen=True)
class Verdict:
    """Everything wrong with the answers, and what the respondent has yet to confirm."""

    problems: tuple[Problem, ...]
    warnings: tuple[Warned, ...]


def verdict(interview: Interview, page: str | None = None) -> Verdict:
    """Return what is wrong with all answers, or with those of one page."""
    problems = [*interview.misread, *_strangers(interview)]
    warnings: list[Warned] = []
    for part in interview.parts:
        for check, place, row, holds in _judged(interview, part):
            if holds:
                continue
            found = Problem(place, check.code, "", texts=_texts(interview, part, check, row))
            if check.is_warning:
                warnings.append(Warned(f"{place}:{check.code}", found))
            else:
                problems.append(found)
        problems.extend(_across(interview, part))

    def here(problem: Problem) -> bool:
        return page is None or interview.page_of.get(problem.place) == page

    open_ = (w for w in warnings if w.id not in interview.context.confirmed and here(w.problem))
    return Verdict(tuple(p for p in problems if here(p)), tuple(open_))


def _texts(interview: Interview, part: Part, check: Check, row: str) -> dict[str, str]:
    return {
        language: filled(check.message, language, interview, part.section, row)
        for language in interview.document.languages
    }


def _judged(interview: Interview, part: Part) -> Iterator[tuple[Check, str, str, bool]]:
    """Yield every check of a part that can be judged: where it stands, and whether it holds."""
    for posed in part.posed:
        for row in posed.rows:
            yield from _judged_question(interview, part, posed.question, row)
    for check in part.section.checks:
        at = check.at or next((a.variable.code for a in interview.asked_in(part)), part.id)
        if _needed(interview, part, check, part.row):
            yield check, place_of((at, part.row)), part.row, _holds(interview, part, check, part.row, None)


def _judged_question(
    interview: Interview, part: Part, question: Question, row: str
) -> Iterator[tuple[Check, str, str, bool]]:
    if not question.checks:
        return
    this = interview.operand((question.code, row))
    asked = interview.asked_of(question, row)
    if this is None and not question.items:
        return
    for check in question.checks:
        if _needed(interview, part, check, row):
            yield check, asked[0].place, row, _holds(interview, part, check, row, this)


def _needed(interview: Interview, part: Part, check: Check, row: str) -> bool:
    """Tell whether every answer is there that the check compares."""
    keys = (interview.keys_of(name, part.section, row) for name in check.needs)
    return all(isinstance(key, list) or interview.operand(key) is not None for key in keys)


def _holds(interview: Interview, part: Part, check: Check, row: str, this: Operand) -> bool:
    return interview.evaluate(check.that, part.section, row, this=this) is True


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
    repeated = {v for v, section in interview.document.section_of.items() if section.repeat}
    for code, row in interview.raw:
        variable = known.get(code)
        if variable is not None and KINDS[variable.question.kind].is_answered:
            about_units = variable.question.about_units
            fits = row in interview.context.units if about_units else (row == OWN or code in repeated)
            if fits:
                continue
        yield Problem(place_of((code, row)), "not-asked", NOT_ASKED)
