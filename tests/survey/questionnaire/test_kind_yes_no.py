"""Yes or no."""

from __future__ import annotations

import pytest

from survey.questionnaire.kinds.registry import KINDS
from tests.support.questions import asked, choices, faults_of, question, read, shown_again

KIND = KINDS["yes_no"]
ONE = question("q", "yes_no")


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("yes", "yes"),
        (" no ", "no"),
        ("", None),
        ("true", "! choice"),
        ("1", "! choice"),
        ("Có", "! choice"),
        ("YES", "! choice"),
    ],
)
def test_the_answer_is_yes_or_no(raw, found):
    assert read(ONE, raw) == found


def test_words_are_in_the_language():
    assert [KIND.words(asked(ONE), "yes", tag) for tag in ("vi", "en")] == ["Có", "Yes"]
    assert shown_again(asked(ONE), "no", "vi") == "no"


def test_the_two_may_have_other_labels_and_a_way_out():
    own = [*choices("yes", "no"), *choices("kb", missing="dont_know")]

    assert read(ONE | {"choices": own}, "kb") == "kb"


@pytest.mark.parametrize("codes", [("no", "yes"), ("yes", "no", "maybe"), ("có", "không")])
def test_other_choices_are_refused(codes):
    assert faults_of(ONE | {"choices": choices(*codes)})
