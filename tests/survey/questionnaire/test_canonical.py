from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.errors import DocumentError
from survey.questionnaire import canonical

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(LETTERS, max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(LETTERS, max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    text = canonical.dumps(value)

    assert canonical.loads(text) == value


def test_the_order_of_keys_changes_nothing() -> None:
    assert canonical.digest({"a": 1, "b": 2}) == canonical.digest({"b": 2, "a": 1})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"q":1,"q":5}', "repeated"),
        ("NaN", "number"),
        ("[Infinity]", "number"),
        ("1" * 5000, "number"),
        ("[" * 5000 + "]" * 5000, "depth"),
        ("[" * 20 + "]" * 20, "depth"),
        ('"\\u0000"', "character"),
        ('"\\ud800"', "character"),
        ("{", "json"),
        ("", "json"),
        (json.dumps("x" * 2_000_001), "too-long"),
    ],
)
def test_what_parsers_disagree_on_is_refused(text: str, code: str) -> None:
    with pytest.raises(DocumentError) as refused:
        canonical.loads(text)

    assert refused.value.problems[0].code == code
