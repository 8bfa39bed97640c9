"""Numbers that share a fixed total."""

from __future__ import annotations

import pytest

from survey.questionnaire.checks import verdict
from survey.questionnaire.kinds.registry import KINDS
from tests.support.questions import around, asked, faults_of, interview, question, read, shown_again

KIND = KINDS["constant_sum"]
ITEMS = [{"code": code, "text": {"vi": code}} for code in ("a", "b", "c")]
ONE = question("q", "constant_sum", total=100, items=ITEMS)


def wrong(*parts, **more):
    raw = dict(zip((("a", ""), ("b", ""), ("c", "")), parts, strict=False))
    return [(p.place, p.code) for p in verdict(interview(around(ONE | more), raw)).problems]


@pytest.mark.parametrize(
    ("parts", "problems"),
    [
        (("30", "70"), []),
        (("100", "", ""), []),
        (("", "", ""), []),
        (("30", "60"), [("a", "total")]),
        (("30", "70", "1"), [("a", "total")]),
        (("150", "-50"), [("b", "minimum"), ("a", "total")]),
    ],
)
def test_the_parts_add_up_and_none_is_below_zero(parts, problems):
    assert wrong(*parts) == problems


def test_parts_may_have_decimals():
    assert not wrong("33.3", "33.3", "33.4", decimals=1)
    assert read(ONE, "33.3") == "! decimals"


def test_words_and_fields_are_those_of_numbers():
    one = asked(ONE | {"measure": {"vi": "%"}})

    assert KIND.words(one, "30", "vi") == "30 %"
    assert shown_again(one, "30", "vi") == "30"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"total": 0}, ("total", "limits")),
        ({"total": None}, ("total", "limits")),
        ({"items": ITEMS[:1]}, ("items", "items")),
        ({"about": "units"}, ("about", "about")),
    ],
)
def test_a_sum_without_total_or_parts_is_refused(more, fault):
    assert fault in faults_of(ONE | more)
