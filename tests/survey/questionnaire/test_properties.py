"""What holds for any document and any answers."""

from __future__ import annotations

import json
from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from survey.errors import AnswerError
from survey.questionnaire.answer_file import answers_in
from survey.questionnaire.canonical import dumps, loads
from survey.questionnaire.checks import verdict
from survey.questionnaire.content import content, content_of
from survey.questionnaire.document import Missing
from survey.questionnaire.fields import field_name, raw_answers
from survey.questionnaire.interview import Context, Interview
from survey.questionnaire.kinds.base import WAY_OUT
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.parse import parse
from survey.questionnaire.progress import progress
from survey.questionnaire.serialise import serialise
from survey.questionnaire.shown import shown
from survey.questionnaire.walk import lines_of, walked
from tests.support.documents import answers, made
from tests.support.straight import Straight

SEEDS = st.integers(0, 2**32)
SOURCES = {"channel": "code"}
TODAY = date(2026, 1, 1)


def context(random, **more):
    units = random.choice([(), ("A",), ("A", "B")])
    return Context(today=TODAY, units=units, seed=random.randint(0, 99), sources=SOURCES, **more)


def confirming(document, known, raw):
    """Return the context of somebody who confirms every warning."""
    warnings = verdict(Interview(document, known, raw)).warnings
    fields = vars(known) | {"confirmed": frozenset(warned.id for warned in warnings)}
    return Context(**fields)


def codes_alone(found):
    """Return a ballot in which confirmed warnings are named by their code."""
    if "confirmed" not in found:
        return found
    names = {name.rpartition(":")[2].rpartition(".")[2] for name in found["confirmed"]}
    return found | {"confirmed": sorted(names)}


def outcome(document, known, raw):
    """Return the ballot, or what is wrong."""
    try:
        return codes_alone(content(document, known, raw))
    except AnswerError as error:
        return wrong_in(error.problems)


def wrong_in(problems):
    """Return what is wrong by its place, or by its code where a check of the document says so."""
    return {"empty" if p.code == "empty" else p.code if p.texts else p.place for p in problems}


@settings(max_examples=300, deadline=None)
@given(SEEDS, st.sampled_from([0, 0, 0.05]))
def test_the_ballot_is_what_a_straight_reading_of_the_document_says(seed, junk):
    random = Random(seed)
    one = made(random)
    known = context(random)
    raw = answers(random, one.raw, known.units, junk=junk)
    known = confirming(one.document, known, raw)

    straight = Straight(one, known.units, raw, seed=known.seed, sources=SOURCES)

    assert outcome(one.document, known, raw) == (straight.problems or straight.content())


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_every_answer_has_a_value_or_one_reason_and_what_is_off_the_path_has_none(seed):
    random = Random(seed)
    one = made(random)
    known = context(random)
    raw = answers(random, one.raw, known.units, junk=0)
    interview = Interview(one.document, confirming(one.document, known, raw), raw)
    try:
        found = content_of(interview)
    except AnswerError:
        return

    reasons = [place for places in found.get("missing", {}).values() for place in places]
    groups = found.get("groups", {})
    valued = list(found["answers"])
    valued += [f"{name}/{unit}" for unit, said in found["units"].items() for name in said]
    valued += [
        f"{name}/@{number}"
        for group in groups.values()
        for number, said in enumerate(group, 1)
        for name in said
    ]
    assert len(set(reasons + valued)) == len(reasons) + len(valued)
    assert set(found.get("missing", {})) <= {reason.value for reason in Missing}
    assert set(valued) <= {asked.place for asked in interview.asked.values()}
    asked_for = {v.code for v in one.document.variables.values() if v.question.kind != "note"}
    about_units = {v.code for v in one.document.variables.values() if v.question.about_units}
    told = {place.partition("/")[0] for place in reasons + valued}
    assert told == asked_for - (set() if known.units else about_units)


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_a_document_that_is_written_back_is_the_same(seed):
    document = made(Random(seed)).document

    written = serialise(document)

    assert parse(loads(dumps(written))) == document
    assert serialise(parse(written)) == written


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_a_ballot_walked_again_is_the_same_ballot(seed):
    random = Random(seed)
    one = made(random)
    known = context(random)
    raw = answers(random, one.raw, known.units, junk=0)
    try:
        ballot = content(one.document, confirming(one.document, known, raw), raw)
    except AnswerError:
        return

    walk = walked(one.document, answers_in(one.document, json.loads(dumps(ballot))))

    assert walk.problems == ()
    assert walk.ballot == ballot
    assert list(lines_of(walk.path))


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_every_page_can_be_shown_and_progress_keeps_its_promise(seed):
    random = Random(seed)
    one = made(random)
    known = context(random)
    raw = answers(random, one.raw, known.units, junk=0.2)
    interview = Interview(one.document, known, raw)

    for number, page in enumerate(interview.pages, 1):
        assert shown(interview, page, "en").id == page.id
        told = progress(interview, page.id)
        assert told.number == number
        assert told.number <= told.least <= len(interview.pages) <= told.most


@settings(max_examples=100, deadline=None)
@given(SEEDS, SEEDS)
def test_progress_holds_whatever_is_answered_from_here_on(seed, other):
    random = Random(seed)
    one = made(random)
    known = context(random)
    raw = answers(random, one.raw, known.units, junk=0)
    interview = Interview(one.document, known, raw)
    if not interview.pages:
        return
    page = random.choice(interview.pages)
    told = progress(interview, page.id)
    order = [section.code for section in one.document.sections]
    here = order.index(page.parts[0].section.code)
    passed = {
        v.code
        for section in one.document.sections[:here]
        for question in section.questions
        for v in question.variables()
    }
    later = answers(Random(other), one.raw, known.units, junk=0)
    changed = {key: value for key, value in later.items() if key[0] not in passed}
    changed |= {key: value for key, value in raw.items() if key[0] in passed}
    after = Interview(one.document, known, changed)

    if page.id in {one.id for one in after.pages}:
        assert told.least <= len(after.pages) <= told.most


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_what_a_form_shows_in_any_language_is_the_same_ballot_when_it_is_sent_again(seed):
    random = Random(seed)
    one = made(random)
    known = context(random)
    raw = answers(random, one.raw, known.units, junk=0)
    known = confirming(one.document, known, raw)
    interview = Interview(one.document, known, raw)
    sent = dict(raw)

    for page in random.sample(interview.pages, len(interview.pages)):
        language = random.choice(["vi", "en"])
        fields = interview.fields_of(page)
        posted = dict(filled for asked in fields for filled in filled_in(asked, raw, language))
        sent |= raw_answers(posted, fields, language)

    assert outcome(one.document, known, sent) == outcome(one.document, known, raw)


def filled_in(asked, raw, language):
    """Yield the fields of an answer as the form shows them."""
    given = raw.get(asked.key, "")
    if isinstance(given, Missing):
        yield field_name(asked.key, WAY_OUT), [given.value]
        return
    parts = KINDS[asked.question.kind].fields_of(asked, given, language)
    yield from ((field_name(asked.key, part), list(texts)) for part, texts in parts.items())
