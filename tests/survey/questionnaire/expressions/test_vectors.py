"""Python and the browser's mirror give every shared vector the value that was worked out for it."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from survey.questionnaire.expressions.expression import compile_expression
from survey.questionnaire.expressions.faults import ExpressionError
from survey.questionnaire.expressions.functions import FUNCTIONS
from survey.questionnaire.expressions.types import Type
from survey.web.i18n import translate
from tests.support.expressions import (
    compiled,
    environment,
    in_node,
    names_in_node,
    plain,
    plain_environment,
    this_of,
    variables,
    vectors,
)

VALUES = vectors()["vectors"]
FAULTS = vectors()["faults"]
CODES = {
    "syntax", "unknown-name", "unknown-function", "arguments", "type", "choice",
    "too-long", "too-deep", "too-large", "date", "list",
}  # fmt: skip


def source(vector) -> str:
    """Return the expression of a fault; long ones are told as parts and how often each stands."""
    return vector.get("expression", "".join(text * n for text, n in vector.get("parts", ())))


def faults_of(vector):
    with pytest.raises(ExpressionError) as caught:
        compile_expression(
            source(vector),
            variables(vector),
            this=this_of(vector),
            wanted=Type(vector["wanted"]) if "wanted" in vector else None,
        )
    return caught.value.faults


@pytest.mark.parametrize("vector", VALUES, ids=lambda v: f"{v['area']}: {v['expression']!a}")
def test_python_gives_the_expected_value(vector):
    value = compiled(vector).evaluate(environment(vector))

    assert plain(value) == vector["expected"]


def test_the_mirror_gives_the_expected_values():
    cases = [(compiled(vector).as_json(), plain_environment(vector)) for vector in VALUES]

    found = in_node(cases)

    wrong = [
        f"{vector['expression']}: {value!r}, not {vector['expected']!r}"
        for vector, value in zip(VALUES, found, strict=True)
        if value != vector["expected"]
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("vector", FAULTS, ids=lambda v: f"{v['area']}: {source(v)[:40]!a}")
def test_faults_are_told_with_their_columns(vector):
    faults = faults_of(vector)

    assert sorted([f.code, f.column] for f in faults) == sorted(vector["faults"])


def test_every_fault_has_words_in_both_languages():
    for vector in FAULTS:
        for fault in faults_of(vector):
            texts = {language: translate(fault.message, language, fault.values or None)
                     for language in ("vi", "en")}  # fmt: skip

            assert texts["vi"] != texts["en"]
            assert all(len(text) < 300 for text in texts.values())
            json.dumps(texts).encode()


def test_there_are_vectors_of_everything():
    words = Counter(w for v in VALUES for w in FUNCTIONS if f"{w}(" in v["expression"])

    assert len(VALUES) >= 320
    assert len(FAULTS) >= 60
    assert all(words[name] >= 3 for name in FUNCTIONS)
    assert {code for v in FAULTS for code, _ in v["faults"]} == CODES


def test_python_and_the_mirror_have_the_same_functions():
    assert names_in_node() == set(FUNCTIONS)


def test_what_is_compiled_survives_json():
    for vector in VALUES:
        form = compiled(vector).as_json()

        assert json.loads(json.dumps(form)) == form
