"""The published JSON Schema of documents says what the parser takes."""

from __future__ import annotations

import json
from random import Random

import pytest

from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.parse import DOCUMENT_KEYS, SECTION_KEYS, parse
from survey.questionnaire.parse_choices import CHOICE_KEYS
from survey.questionnaire.parse_question import COMMON_KEYS, ITEM_KEYS
from survey.questionnaire.serialise import serialise
from tests.factories import make_document
from tests.support.documents import made
from tests.support.scenarios import read_small, small_documents
from tests.support.schema import violations
from tests.support.source import ROOT

SCHEMA = json.loads((ROOT / "docs" / "questionnaire.schema.json").read_text("utf-8"))
DEMO = [
    path
    for path in sorted((ROOT / "survey" / "demo").glob("**/*.json"))
    if "sections" in json.loads(path.read_text("utf-8"))
]


def keys(name):
    return set(SCHEMA["$defs"][name]["properties"])


def named(kind):
    return f"question-{kind.replace('_', '-')}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_the_keys_that_the_parser_knows(kind):
    assert keys(named(kind)) == COMMON_KEYS | KINDS[kind].keys
    assert SCHEMA["$defs"][named(kind)]["properties"]["kind"] == {"const": kind}


def test_the_parts_have_the_keys_that_the_parser_knows():
    kinds = [one["$ref"] for one in SCHEMA["$defs"]["question"]["anyOf"]]
    assert kinds == [f"#/$defs/{named(kind)}" for kind in KINDS]
    assert set(SCHEMA["properties"]) == set(DOCUMENT_KEYS)
    assert keys("section") == set(SECTION_KEYS)
    assert keys("choice") == set(CHOICE_KEYS)
    assert keys("level") == set(ITEM_KEYS)
    assert keys("item") == set(ITEM_KEYS) - {"list"}
    assert keys("check") == {"code", "that", "message", "severity", "at"}
    assert keys("repeat") == {"count", "most", "label"}


@pytest.mark.parametrize("path", small_documents(), ids=lambda path: path.stem)
def test_a_small_document_follows_the_schema(path):
    document = read_small(path)["document"]

    assert violations(SCHEMA, document) == []
    assert violations(SCHEMA, serialise(parse(document))) == []


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_a_document_of_the_demonstration_follows_the_schema(path):
    assert violations(SCHEMA, json.loads(path.read_text("utf-8"))) == []


def test_there_are_documents_in_the_demonstration():
    assert DEMO


def test_random_documents_follow_the_schema():
    for seed in range(60):
        assert violations(SCHEMA, made(Random(seed)).raw) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.update(format=2),
        lambda d: d.update(surprise=1),
        lambda d: d.pop("notice"),
        lambda d: d["sections"][0]["questions"][0].update(kind="stars"),
        lambda d: d["sections"][0]["questions"][0].update(code="C 1"),
        lambda d: d["sections"][0]["questions"][0].update(max_length=5),
        lambda d: d["sections"][2]["questions"][0].update(max_length=5000),
        lambda d: d["sections"][2]["questions"][0].update(about="units"),
        lambda d: d["scales"]["muc4"][0].update(coefficient=1),
        lambda d: d["scales"]["muc4"][0].update(coefficient="1.5"),
        lambda d: d.update(sections=[]),
    ],
)
def test_what_the_schema_refuses_the_parser_refuses(spoil):
    document = make_document()
    spoil(document)

    assert violations(SCHEMA, document)
    with pytest.raises(Exception, match="Bộ câu hỏi chưa hợp lệ"):
        parse(document)
