"""A document parses, or everything wrong with it is told at once, each with its place."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.errors import DocumentError
from survey.questionnaire.document import Missing, in_language
from survey.questionnaire.parse import parse
from tests.factories import make_document


def test_a_document_becomes_records() -> None:
    document = parse(make_document())

    question = document.question("c1")
    assert question is not None
    assert question.about_units
    assert [str(c.coefficient) for c in question.choices] == ["1", "0.6", "0.2", "0", "None"]
    assert question.choices[-1].missing is Missing.DONT_KNOW
    assert in_language(question.text, "en") == "Câu 1 (en)"
    assert in_language(question.text, "fr") == "Câu 1 (vi)"


def change(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(document: dict[str, Any]) -> None:
        part: Any = document
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = value

    return apply


QUESTION = ("sections", 0, "questions", 0)


@pytest.mark.parametrize(
    ("spoil", "place", "code"),
    [
        (change("format", value=2), "format", "format"),
        (change("surprise", value=1), "/", "unknown"),
        (change("languages", value=["en"]), "languages", "language"),
        (change("title", value={"en": "x"}), "title", "text"),
        (change("title", value={"vi": "x", "fr": "y"}), "title", "unknown"),
        (change("sections", value=[]), "sections", "list"),
        (change(*QUESTION, "kind", value="stars"), "sections[1].questions[1].kind", "kind"),
        (change(*QUESTION, "code", value="C 1"), "sections[1].questions[1].code", "code"),
        (change(*QUESTION, "code", value="c2"), "questions", "repeated"),
        (change(*QUESTION, "code", value="a__b"), "sections[1].questions[1].code", "code"),
        (change(*QUESTION, "scale", value="none"), "sections[1].questions[1].scale", "scale"),
        (change(*QUESTION, "required", value=1), "sections[1].questions[1].required", "value"),
        (
            change("sections", 2, "questions", 0, "about", value="units"),
            "sections[3].questions[1].about",
            "about",
        ),
        (
            change("sections", 2, "questions", 0, "max_length", value=True),
            "sections[3].questions[1].max_length",
            "integer",
        ),
        (
            change("scales", "muc4", 0, "coefficient", value="1.5"),
            "scales.muc4[1].coefficient",
            "coefficient",
        ),
        (
            change("scales", "muc4", 0, "coefficient", value=1),
            "scales.muc4[1].coefficient",
            "coefficient",
        ),
        (change("scales", "muc4", 4, "coefficient", value="0"), "scales.muc4[5]", "coefficient"),
        (change("scales", "muc4", 4, "missing", value="lost"), "scales.muc4[5].missing", "value"),
        (change("scales", "muc4", 1, "code", value="A"), "scales.muc4", "repeated"),
    ],
)
def test_a_fault_is_named_with_its_place(
    spoil: Callable[[dict[str, Any]], None], place: str, code: str
) -> None:
    raw = copy.deepcopy(make_document())
    spoil(raw)

    with pytest.raises(DocumentError) as refused:
        parse(raw)

    assert (place, code) in {(p.place, p.code) for p in refused.value.problems}


def test_all_faults_are_told_at_once() -> None:
    raw = make_document(format=9, title=5)
    raw["sections"][0]["questions"][0]["kind"] = "stars"

    with pytest.raises(DocumentError) as refused:
        parse(raw)

    assert len(refused.value.problems) >= 3


@pytest.mark.parametrize("raw", [None, [], [1], "x", 5])
def test_a_value_that_is_no_object_has_one_problem(raw: Any) -> None:
    with pytest.raises(DocumentError) as refused:
        parse(raw)

    assert [(p.place, p.code) for p in refused.value.problems] == [("/", "object")]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["format", "code", "sections", "questions", "scales", "title"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_value_is_refused_and_never_crashes(raw: Any) -> None:
    with pytest.raises(DocumentError):
        parse(raw)
