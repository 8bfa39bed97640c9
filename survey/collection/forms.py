"""Raw answers out of a posted page, and field names into it."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from survey.questionnaire.checks import OWN, Key, keys_of
from survey.questionnaire.document import Question

PREFIX = "q_"
BETWEEN = "__"


def field_name(key: Key) -> str:
    """Return the name of an answer's field; never the bare code, which could be any word."""
    question, unit = key
    return f"{PREFIX}{question}{BETWEEN}{unit}" if unit != OWN else f"{PREFIX}{question}"


def raw_answers(
    posted: MultiDict[str, str], questions: Sequence[Question], units: Sequence[str]
) -> dict[Key, str]:
    """Return what was posted for some questions.

    A field that is sent twice, or that the page does not have, was not made by our page: 400.
    """
    names = {field_name(key): key for question in questions for key in keys_of(question, units)}
    answers: dict[Key, str] = {}
    for name, values in posted.lists():
        if not name.startswith(PREFIX):
            continue
        if name not in names or len(values) != 1:
            raise BadRequest
        answers[names[name]] = values[0]
    return answers


def ballot_id_of(text: str) -> bytes:
    """Return the 16 bytes of a posted ballot id."""
    try:
        value = bytes.fromhex(text)
    except ValueError as error:
        raise BadRequest from error
    if len(value) != 16:
        raise BadRequest
    return value
