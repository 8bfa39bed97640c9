"""The example of the documentation is a questionnaire."""

from __future__ import annotations

import re

from survey.questionnaire.canonical import loads
from survey.questionnaire.parse import parse
from tests.support.source import ROOT


def test_the_documented_example_parses() -> None:
    text = (ROOT / "docs" / "questionnaire-document.md").read_text("utf-8")
    found = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert found

    document = parse(loads(found[1]))

    assert [q.kind for q in document.questions()] == ["single", "text"]
