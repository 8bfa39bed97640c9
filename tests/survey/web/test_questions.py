"""Questions that are drawn once for many: never with anybody's words in them."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from survey.questionnaire.interview import Context, Interview
from survey.questionnaire.parse import parse
from survey.questionnaire.shown import shown
from survey.web import questions
from tests.factories import make_document

SECRET = "tên của tôi"


def drawn(app: Flask, raw: dict[tuple[str, str], str]) -> str:
    document = make_document()
    document["sections"][0]["questions"] = [
        {"code": "ten", "kind": "text", "text": {"vi": "Tên"}},
        {"code": "noi", "kind": "yes_no", "text": {"vi": "Chào ${ten}, có phải không?"}},
        {"code": "chon", "kind": "yes_no", "text": {"vi": "Có không?"}},
    ]
    interview = Interview(parse(document), Context(today=date(2026, 1, 1)), raw)
    page = shown(interview, interview.pages[0], "vi")
    with app.test_request_context():
        return "".join(questions.drawn(question, "vi") for question in page.questions)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    questions._kept.clear()


def test_nothing_that_somebody_wrote_is_kept(app: Flask) -> None:
    html = drawn(app, {("ten", ""): SECRET, ("chon", ""): "yes"})

    assert html.count(SECRET) == 2
    assert questions._kept
    assert not any(SECRET in str(entry) for entry in questions._kept.items())


def test_a_kept_question_shows_the_answer_of_whoever_asks(app: Flask) -> None:
    yes, no, blank = (drawn(app, {("chon", ""): answer}) for answer in ("yes", "no", ""))

    assert yes == drawn(app, {("chon", ""): "yes"})
    assert 'value="yes" checked' in yes
    assert 'value="no" checked' in no
    assert "checked" not in blank
