"""Raw answers out of a posted page."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from survey.questionnaire import fields
from survey.questionnaire.document import Key
from survey.questionnaire.kinds.base import Asked, Raw

MOST_CONFIRMED = 200


def raw_answers(
    posted: MultiDict[str, str], asked: Sequence[Asked], language: str
) -> dict[Key, Raw]:
    """Return what was posted for the answers of a page.

    A field that is sent twice, or that the page does not have, was not made by our page: 400.
    """
    several = {name: fields.is_list(one) for one in asked for name in fields.fields_of(one)}
    for name, values in posted.lists():
        if not fields.is_field(name):
            continue
        if name not in several or (len(values) > 1 and not several[name]):
            raise BadRequest
    return fields.raw_answers(dict(posted.lists()), asked, language)


def revision_of(posted: MultiDict[str, str]) -> int:
    """Return how often the page had been kept when it was shown."""
    text = posted.get("revision", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest
    return int(text)


def confirmed_in(posted: MultiDict[str, str]) -> frozenset[str]:
    """Return the warnings that were confirmed."""
    return frozenset(text[:100] for text in posted.getlist("confirm")[:MOST_CONFIRMED])


def ballot_id_of(text: str) -> bytes:
    """Return the 16 bytes of a posted ballot id."""
    try:
        value = bytes.fromhex(text)
    except ValueError as error:
        raise BadRequest from error
    if len(value) != 16:
        raise BadRequest
    return value
