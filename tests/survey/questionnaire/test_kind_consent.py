"""A notice that is agreed to, with its version."""

from __future__ import annotations

import pytest

from survey.questionnaire.content import content_of
from survey.questionnaire.kinds.registry import KINDS
from tests.support.questions import around, asked, faults_of, interview, question, read, shown_again

KIND = KINDS["consent"]
ONE = question("q", "consent", version="2026-1")


@pytest.mark.parametrize(
    ("raw", "found"),
    [("2026-1", "2026-1"), ("", None), ("2025-9", "! version"), ("on", "! version")],
)
def test_only_the_present_version_is_agreed_to(raw, found):
    assert read(ONE, raw) == found


def test_the_ballot_keeps_the_version():
    assert content_of(interview(around(ONE), {("q", ""): "2026-1"}))["answers"] == {"q": "2026-1"}
    assert shown_again(asked(ONE), "2026-1", "vi") == "2026-1"
    assert KIND.words(asked(ONE), "2026-1", "vi") == "Đã đồng ý (bản 2026-1)"


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({}, ("version", "version")),
        ({"version": "bản 1"}, ("version", "code")),
        ({"version": "1", "missing": ["refused"]}, ("missing", "missing")),
        ({"version": "1", "about": "units"}, ("about", "about")),
    ],
)
def test_a_consent_without_version_is_refused(more, fault):
    assert fault in faults_of(question("q", "consent", **more))
