"""A value that the form knows of itself."""

from __future__ import annotations

import pytest

from survey.questionnaire.checks import verdict
from survey.questionnaire.content import content_of
from tests.support.questions import around, faults_of, interview, question

DOOR = question("door", "hidden", source="channel")
NAME = question("name", "text", show="${door} = 'code'")


def test_the_value_comes_from_the_door_and_can_be_asked_about():
    raw = {("name", ""): "An"}
    found = interview(around(DOOR, NAME), raw, sources={"channel": "code"})

    assert content_of(found)["answers"] == {"door": "code", "name": "An"}
    assert ("name", "") not in interview(around(DOOR, NAME), raw).asked


def test_without_a_source_it_is_blank():
    found = interview(around(DOOR, question("b", "text")), {("b", ""): "x"})

    assert content_of(found)["missing"] == {"blank": ["door"]}


def test_nobody_can_send_it():
    raw = {("door", ""): "code", ("name", ""): "An"}
    found = interview(around(DOOR, NAME), raw, sources={"channel": "open"})

    assert [(p.place, p.code) for p in verdict(found).problems] == [("door", "not-asked")]


def test_a_page_of_hidden_values_is_no_page():
    assert interview(around(DOOR)).pages == ()


@pytest.mark.parametrize(
    ("more", "fault"),
    [({}, ("source", "source")), ({"source": "ip"}, ("source", "source")),
     ({"source": "channel", "required": True}, ("required", "required"))],
)  # fmt: skip
def test_unknown_sources_are_refused(more, fault):
    assert fault in faults_of(question("q", "hidden", **more))
