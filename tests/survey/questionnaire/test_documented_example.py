"""The examples of the documentation are questionnaires, questions and answers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from survey.questionnaire import bind, parse_choices, parse_question, reader
from survey.questionnaire import parse as parsing
from survey.questionnaire.answer_file import answers_in
from survey.questionnaire.canonical import loads
from survey.questionnaire.content import content
from survey.questionnaire.document import Missing
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.parse import parse
from survey.questionnaire.walk import walked
from tests.support.questions import around, choices, question, section
from tests.support.schema import violations
from tests.support.source import ROOT

TEXT = (ROOT / "docs" / "questionnaire-language.md").read_text("utf-8")
BLOCKS = re.findall(r"```json ?(\w*)\n(.*?)```", TEXT, re.DOTALL)


def examples() -> list[dict[str, Any]]:
    """Return every question with the answers and lists that follow it."""
    found: list[dict[str, Any]] = []
    for name, block in BLOCKS:
        if name == "question":
            found.append({"question": loads(block)})
        elif name in {"answer", "units", "lists"}:
            found[-1][name] = loads(block)
    return found


def test_the_documented_document_parses_and_follows_the_schema() -> None:
    raw = loads(next(block for name, block in BLOCKS if not name))
    schema = loads((ROOT / "docs" / "questionnaire.schema.json").read_text("utf-8"))

    assert [q.kind for q in parse(raw).questions()] == ["single", "text"]
    assert violations(schema, raw) == []


@pytest.mark.parametrize("example", examples(), ids=lambda one: one["question"]["kind"])
def test_a_documented_answer_is_what_the_ballot_keeps(example: dict[str, Any]) -> None:
    lists = {"lists": example["lists"]} if "lists" in example else {}
    document = parse(around(example["question"], question("z", "text"), **lists))
    said, units = example.get("answer", {}), example.get("units", {})

    given = answers_in(document, {"answers": said | {"z": "x"}, "units": units})
    ballot = content(document, given.context, given.raw)

    kept = {name: value for name, value in ballot["answers"].items() if name in said}
    assert kept == said
    assert ballot["units"] == units


def test_every_kind_has_an_example() -> None:
    kinds = {one["question"]["kind"] for one in examples()}

    assert kinds == set(KINDS)
    assert all(f"`{kind}`" in TEXT for kind in KINDS)


def test_the_documented_ballot_is_one() -> None:
    ballot = loads(next(block for name, block in BLOCKS if name == "ballot"))
    repeat = {"count": "${so}", "most": 3, "label": {"vi": "Con"}}
    rated = question("c1", "single", about="units", choices=choices("tot", "kem"))
    document = parse(
        around(
            section(question("so", "integer"), rated, code="p"),
            section(question("tuoi", "integer"), code="con", repeat=repeat),
            section(question("tong", "calculated", value="sum(${tuoi})"), code="e"),
        )
    )

    assert walked(document, answers_in(document, ballot)).ballot == ballot


def test_every_key_and_every_reason_is_explained() -> None:
    keys = {
        *parsing.DOCUMENT_KEYS,
        *parsing.SECTION_KEYS,
        *parse_choices.CHOICE_KEYS,
        *parse_question.COMMON_KEYS,
        *(key for kind in KINDS.values() for key in kind.keys),
        "that", "message", "severity", "at", "count", "label",
    }  # fmt: skip

    assert [key for key in sorted(keys) if f"`{key}`" not in TEXT and f'"{key}"' not in TEXT] == []
    assert [reason for reason in Missing if f"`{reason}`" not in TEXT] == []


def test_the_limits_are_those_of_the_parser() -> None:
    limits = TEXT[TEXT.index("## Limits") :]
    numbers = {int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*\d", limits)}

    assert numbers >= {
        parsing.MAX_QUESTIONS,
        parsing.MAX_VARIABLES,
        parsing.MAX_SECTIONS,
        parsing.MAX_LISTED,
        parse_choices.MAX_CHOICES,
        parse_question.MAX_ITEMS,
        bind.MAX_CHECKS,
        bind.MAX_REPEATS,
        bind.MOST_COMPILED,
        reader.MAX_TEXT,
    }
