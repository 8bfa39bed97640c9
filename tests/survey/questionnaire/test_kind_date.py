"""A date, or as much of one as is asked for."""

from __future__ import annotations

from datetime import date

import pytest

from survey.questionnaire.fields import fields_of, raw_answers
from survey.questionnaire.kinds.registry import KINDS
from tests.support.questions import around, asked, faults_of, interview, question, read, shown_again

KIND = KINDS["date"]


def one(precision="day", **more):
    return question("q", "date", precision=precision, **more)


@pytest.mark.parametrize(
    ("precision", "raw", "found"),
    [
        ("day", "2026-3-5", "2026-03-05"),
        ("day", "2024-02-29", "2024-02-29"),
        ("day", "2026-02-29", "! date"),
        ("day", "2026-13-01", "! date"),
        ("day", "0999-01-01", "! date"),
        ("day", "2026-03", "! date"),
        ("day", "-3-5", "! date"),
        ("day", "5/3/2026", "! date"),
        ("day", "٢٠٢٦-01-01", "! date"),
        ("day", "", None),
        ("month", "2026-3", "2026-03"),
        ("month", "2026-03-05", "! date"),
        ("month", "2026-0", "! date"),
        ("year", "2026", "2026"),
        ("year", "26", "! date"),
        ("any", "2026", "2026"),
        ("any", "2026-3", "2026-03"),
        ("any", "2026-3-5", "2026-03-05"),
    ],
)
def test_a_date_is_read_as_far_as_it_is_asked_for(precision, raw, found):
    assert read(one(precision), raw) == found


@pytest.mark.parametrize(
    ("precision", "raw", "found"),
    [
        ("day", "2026-01-14", "! earliest"),
        ("day", "2026-01-15", "2026-01-15"),
        ("day", "2026-06-16", "! latest"),
        ("any", "2026-01", "2026-01"),
        ("any", "2025", "! earliest"),
        ("any", "2026", "2026"),
    ],
)
def test_bounds_hold_as_far_as_the_date_is_known(precision, raw, found):
    assert read(one(precision, earliest="2026-01-15", latest="2026-06-15"), raw) == found


def test_a_date_has_a_field_for_each_part():
    day = asked(one())

    assert list(fields_of(day)) == ["q_q--day", "q_q--month", "q_q--year"]
    assert list(fields_of(asked(one("month")))) == ["q_q--month", "q_q--year"]
    posted = {"q_q--day": ["5"], "q_q--month": ["3"], "q_q--year": ["2026"]}
    assert raw_answers(posted, [day], "vi") == {("q", ""): "2026-3-5"}
    assert KIND.read(day, raw_answers({"q_q--day": ["5"]}, [day], "vi")["q", ""]).code == "date"


@pytest.mark.parametrize(
    ("precision", "value"),
    [("day", "2026-03-05"), ("month", "2026-03"), ("any", "2026"), ("any", "2026-03")],
)
def test_what_the_form_shows_is_read_back(precision, value):
    assert shown_again(asked(one(precision)), value, "vi") == value


def test_words_have_the_day_first():
    assert KIND.words(asked(one()), "2026-03-05", "vi") == "05/03/2026"


@pytest.mark.parametrize(
    ("precision", "raw", "operand"),
    [
        ("day", "2026-03-05", date(2026, 3, 5)),
        ("any", "2026-03-05", "2026-03-05"),
        ("any", "2026", "2026"),
    ],
)
def test_only_a_date_that_is_always_whole_is_compared_as_one(precision, raw, operand):
    assert interview(around(one(precision)), {("q", ""): raw}).operand(("q", "")) == operand


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"precision": "hour"}, ("precision", "value")),
        ({"earliest": "2026-02-30"}, ("earliest", "date")),
        ({"earliest": "20260105"}, ("earliest", "date")),
        ({"latest": 2026}, ("latest", "date")),
        ({"earliest": "2026-02-01", "latest": "2026-01-01"}, ("earliest", "limits")),
    ],
)
def test_bounds_that_make_no_sense_are_refused(more, fault):
    assert fault in faults_of(question("q", "date", **more))
