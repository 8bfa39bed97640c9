"""Fields of a form: their names, and answers out of whatever is posted in them."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.questionnaire.canonical import dumps, loads
from survey.questionnaire.content import content_of
from survey.questionnaire.document import STATED, Choice, Missing, Question
from survey.questionnaire.fields import field_name, fields_of, is_field, is_list, raw_answers
from survey.questionnaire.interview import Context, Interview
from survey.questionnaire.kinds.base import Asked
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.parse import parse
from survey.questionnaire.shown import shown
from tests.support.questions import DAY, around, asked, choices, interview, question
from tests.support.scenarios import read_small, small_documents

WITH_WAY_OUT = question("q", "integer", missing=["refused"])
HOSTILE = [
    "", " ", "\x00", "\ud800", "-1", "0", "1e309", "1e-400", "NaN", "9" * 400, "٣", "１", "½",
    "<script>alert(1)</script>", "' or 1=1 --", "{{7*7}}", "${q}", "%s%n", "../../etc/passwd",
    "=cmd|' /C calc'!A0", "a\r\nSet-Cookie: x=1", "\u202egnp.exe", "\ufeff", "e" + "\u0301" * 400,
    "👨‍👩‍👧‍👦" * 50, "x" * 100_000, "a=1", "a=", "=", "@1", "q__U1",
    "2026-02-30", "0-0-0", "refused", "null",
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "part", "name"),
    [
        (("c1", ""), "", "q_c1"),
        (("c1", "U2"), "", "q_c1__U2"),
        (("c1", "@3"), "", "q_c1__@3"),
        (("c1", "U2"), "day", "q_c1__U2--day"),
    ],
)
def test_a_field_is_named_by_variable_row_and_part(key, part, name):
    assert field_name(key, part) == name
    assert is_field(name)


def test_names_of_fields_do_not_collide():
    documents = [parse(read_small(path)["document"]) for path in small_documents()]

    for document in documents:
        found = Interview(document, Context(today=DAY, units=("U2", "U3")), {})
        names = [name for one in found.asked.values() for name in fields_of(one)
                 if KINDS[one.question.kind].is_answered]  # fmt: skip
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("posted", "raw"),
    [
        ({"q_q": ["5"]}, "5"),
        ({"q_q": [""], "q_q--missing": ["refused"]}, Missing.REFUSED),
        ({"q_q": ["  "], "q_q--missing": ["refused"]}, Missing.REFUSED),
        ({"q_q": ["5"], "q_q--missing": ["refused"]}, "5"),
        ({"q_q--missing": ["dont_know"]}, ""),
        ({"q_q--missing": ["not_asked"]}, ""),
        ({}, ""),
    ],
)
def test_a_way_out_counts_where_no_value_stands(posted, raw):
    assert raw_answers(posted, [asked(WITH_WAY_OUT)], "vi") == {("q", ""): raw}


def test_a_way_out_counts_beside_empty_choices():
    many = question("q", "multiple", choices=choices("a", "b"), missing=["refused"])
    posted = {"q_q": ["", ""], "q_q--missing": ["refused"]}

    assert raw_answers(posted, [asked(many)], "vi") == {("q", ""): Missing.REFUSED}
    assert is_list(asked(many))
    assert not is_list(asked(WITH_WAY_OUT))


@pytest.mark.parametrize("path", small_documents(), ids=lambda path: path.stem)
def test_whatever_is_posted_is_judged_shown_again_and_storable(path):
    document = parse(read_small(path)["document"])
    context = Context(today=DAY, units=("U2", "U3"))
    first = Interview(document, context, {})
    start = time.process_time()

    for text in HOSTILE:
        for many in ([text], [text, text], []):
            posted = {
                name: many
                for page in first.pages
                for one in first.fields_of(page)
                for name in fields_of(one)
            }
            fields = [one for page in first.pages for one in first.fields_of(page)]
            found = Interview(document, context, raw_answers(posted, fields, "vi"))
            for page in found.pages:
                shown(found, page, "vi")
            for value in found.values.values():
                assert loads(dumps(value if isinstance(value, str) else list(value)))

    assert time.process_time() - start < 20


@given(st.text(max_size=40), st.sampled_from(sorted(KINDS)))
def test_any_text_is_a_value_a_blank_or_a_problem(text, kind):
    more = {
        "single": {"choices": choices("a", "b")},
        "multiple": {"choices": choices("a", "b")},
        "ranking": {"choices": choices("a", "b")},
        "rating": {"maximum": 5},
        "consent": {"version": "1"},
        "hidden": {"source": "channel"},
        "calculated": {"value": "1"},
        "constant_sum": {"total": 5},
    }.get(kind, {})
    items = [{"code": code, "text": {"vi": code}} for code in ("i1", "i2")]
    if kind in {"battery", "matrix"}:
        more = {"choices": choices("a", "b"), "items": items}
        more |= {"about": "units"} if kind == "matrix" else {}
    if kind == "constant_sum":
        more |= {"items": items}
    if kind in {"note", "cascade"}:
        return
    one = asked(question("q", kind, **more))

    for raw in (text, (text,), (text, text), ()):
        found = KINDS[kind].read(one, raw)
        again = KINDS[kind].read(one, found) if isinstance(found, str | tuple) else found
        assert again == found


def test_a_ballot_is_canonical_json():
    found = interview(around(question("q", "text")), {("q", ""): "Đã xem “phiếu” \\ \n✓"})

    assert json.loads(dumps(content_of(found))) == content_of(found)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ({}, Missing.REFUSED),  # an answer that cannot be unticked, and a reason
        ({("q", ""): "a"}, Missing.REFUSED),  # the reason is new
        ({("q", ""): Missing.REFUSED}, "a"),  # the answer is new
        ({("q", ""): "b"}, "a"),
    ],
)
def test_of_an_answer_and_a_reason_the_newer_one_is_meant(before, expected):
    offered = (Choice("a", {"vi": "A"}), Choice("b", {"vi": "B"}))
    single = Question("q", "q", "single", {"vi": "?"}, choices=offered, missing=STATED)
    one = Asked(single.variables()[0], "", offered)

    found = raw_answers({"q_q": ["a"], "q_q--missing": ["refused"]}, [one], "vi", before)

    assert found == {("q", ""): expected}


def test_what_was_typed_stands_beside_a_reason():
    words = Question("q", "q", "text", {"vi": "?"}, missing=STATED)
    one = Asked(words.variables()[0], "", ())

    found = raw_answers({"q_q": ["lời"], "q_q--missing": ["refused"]}, [one], "vi")

    assert found == {("q", ""): "lời"}
