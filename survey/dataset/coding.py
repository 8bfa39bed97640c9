"""Which small integers stand for answers: 0 a blank, then the choices, then why there is none.

    0 blank · 1 … n the choices in the order of the questionnaire · n + 1 … n + 5 the reasons

A choice that states a reason keeps its own code. Codes of reasons stand in the codebook of a
dataset only where a ballot has them, so that a dataset without any stays what it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.questionnaire.document import Choice, Document, Missing, Variable

MOST_CHOICES = 250  # with the reasons and the blank, codes fill a byte
REASONS = (
    Missing.NOT_REACHED,
    Missing.NOT_ASKED,
    Missing.NOT_APPLICABLE,
    Missing.DONT_KNOW,
    Missing.REFUSED,
)
# In both languages, since a codebook is data: it is read without the platform.
WORDS: Mapping[Missing, Mapping[str, str]] = {
    Missing.BLANK: {"vi": "Bỏ trống", "en": "Left blank"},
    Missing.NOT_REACHED: {"vi": "Chưa đi đến câu này", "en": "Not reached"},
    Missing.NOT_ASKED: {"vi": "Không được hỏi", "en": "Not asked"},
    Missing.NOT_APPLICABLE: {"vi": "Không áp dụng", "en": "Not applicable"},
    Missing.DONT_KNOW: {"vi": "Không biết", "en": "Don’t know"},
    Missing.REFUSED: {"vi": "Từ chối trả lời", "en": "Refused"},
}


def coded(document: Document) -> tuple[Variable, ...]:
    """Return the variables about rated units whose answers fit into a byte."""
    return tuple(v for v in document.rated if len(v.choices) <= MOST_CHOICES)


def codes_of(variable: Variable) -> dict[str | None, int]:
    """Return choice → its place in the question, from 1; no answer is 0."""
    return {None: 0} | {choice.code: n for n, choice in enumerate(variable.choices, 1)}


def reason_codes(choices: int) -> dict[str, int]:
    """Return reason → its code, for a question with so many choices.

    >>> reason_codes(4)["refused"], reason_codes(4)["blank"]
    (9, 0)
    """
    numbered = {reason.value: n for n, reason in enumerate(REASONS, choices + 1)}
    return {Missing.BLANK.value: 0} | numbered


def described(variable: Variable) -> dict[str, Any]:
    """Return a variable with the meaning of its choices, as the codebook of a dataset has it."""
    return {
        "code": variable.code,
        "text": dict(variable.text),
        "codes": {
            str(number): {
                "choice": choice.code,
                "label": dict(choice.label),
                "meaning": meaning(variable, choice),
            }
            for number, choice in enumerate(variable.choices, 1)
        },
    }


def described_reason(reason: Missing) -> dict[str, Any]:
    """Return what the codebook of a dataset says of a reason."""
    return {"choice": None, "label": dict(WORDS[reason]), "meaning": reason.value}


def meaning(variable: Variable, choice: Choice) -> str:
    """Return what a choice says; one without a coefficient among others does not apply."""
    if choice.missing is not None:
        return choice.missing.value
    counts = any(other.coefficient is not None for other in variable.choices)
    return "not_applicable" if counts and choice.coefficient is None else "choice"
