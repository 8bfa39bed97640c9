"""Raw answers out of a posted page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote_to_bytes

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from survey.questionnaire import fields
from survey.questionnaire.document import Key
from survey.questionnaire.kinds.base import WAY_OUT, Asked, Raw

MOST_CONFIRMED = 200
MOST_CHARACTERS = 100_000  # of one answer, right or wrong; a longer one is not kept to be mended
ENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def make_sure_readable(request: Request) -> None:
    """Refuse a body that is no form of ours: another kind or packed 415, not UTF-8 or doubled 400.

    Werkzeug would read what it can of such a body, and so change in silence what was sent.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType
    body = request.get_data()
    if body and request.mimetype not in {ENCODED, MULTIPART}:
        raise UnsupportedMediaType
    if request.mimetype_params.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise BadRequest
    try:
        (unquote_to_bytes(body) if request.mimetype == ENCODED else body).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest from error
    several = (name for name, values in request.form.lists() if len(values) > 1)
    if request.files or not all(name == "confirm" or fields.is_field(name) for name in several):
        raise BadRequest


def raw_answers(
    posted: MultiDict[str, str],
    asked: Sequence[Asked],
    language: str,
    before: Mapping[Key, Raw],
) -> dict[Key, Raw]:
    """Return what was posted for the answers of a page.

    A field that is sent twice, that the page does not have, or that states a reason which the page
    does not offer, was not made by our page: 400.
    What no page could show again is not kept: 413.
    """
    several = {name: fields.is_list(one) for one in asked for name in fields.fields_of(one)}
    for name, values in posted.lists():
        if not fields.is_field(name):
            continue
        if name not in several or (len(values) > 1 and not several[name]):
            raise BadRequest
        if sum(map(len, values)) > MOST_CHARACTERS:
            raise RequestEntityTooLarge
    for one in asked:
        stated = posted.get(fields.field_name(one.key, WAY_OUT), "")
        if stated and stated not in {reason.value for reason in one.question.missing}:
            raise BadRequest
    return fields.raw_answers(dict(posted.lists()), asked, language, before)


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
