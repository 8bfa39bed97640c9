"""A text to read."""

from __future__ import annotations

from survey.questionnaire.checks import verdict
from tests.support.questions import around, faults, faults_of, interview, question

NOTE = question("n", "note")


def test_a_note_is_a_page_but_no_answer():
    found = interview(around(NOTE))

    assert [page.id for page in found.pages] == ["s"]
    assert found.asked == {}


def test_an_answer_to_a_note_is_not_asked_for():
    found = verdict(interview(around(NOTE), {("n", ""): "x"}))

    assert [(p.place, p.code) for p in found.problems] == [("n", "not-asked")]


def test_a_note_cannot_be_required_stated_or_named():
    after = question("q", "text", show="answered(${n})")

    assert ("required", "required") in faults_of(NOTE | {"required": True})
    assert ("missing", "missing") in faults_of(NOTE | {"missing": ["refused"]})
    assert ("sections[1].questions[2].show:10", "unknown-name") in faults(around(NOTE, after))
