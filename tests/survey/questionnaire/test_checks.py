from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.errors import AnswerError
from survey.questionnaire import checks, routing
from survey.questionnaire.document import Document
from survey.questionnaire.kinds import KINDS
from survey.questionnaire.parse import parse
from tests.factories import make_document

UNITS = ("U1", "U2")


@pytest.fixture(scope="module")
def document() -> Document:
    return parse(make_document())


def test_a_ballot_leaves_blanks_out_and_names_every_rated_unit(document: Document) -> None:
    content = checks.content(document, UNITS, {("c1", "U1"): " A ", ("post", ""): "1"})

    assert content == {"answers": {"post": "1"}, "units": {"U1": {"c1": "A"}, "U2": {}}}


def test_dont_know_is_an_answer_and_a_blank_is_none(document: Document) -> None:
    raw = {("c1", "U1"): "KB", ("c1", "U2"): "", ("post", ""): "1"}

    content = checks.content(document, UNITS, raw)

    assert content["units"] == {"U1": {"c1": "KB"}, "U2": {}}


@pytest.mark.parametrize(
    ("raw", "place", "code"),
    [
        ({("c1", "U9"): "A"}, "c1/U9", "not-asked"),
        ({("c1", ""): "A"}, "c1", "not-asked"),
        ({("none", ""): "A"}, "none", "not-asked"),
        ({("c1", "U1"): "Tốt (vi)"}, "c1/U1", "choice"),
        ({("c1", "U1"): "A", ("post", ""): ""}, "post", "required"),
        ({("post", ""): "1", ("comment", ""): "x" * 51}, "comment", "length"),
    ],
)
def test_a_wrong_answer_is_named_with_its_place(
    document: Document, raw: dict[checks.Key, str], place: str, code: str
) -> None:
    with pytest.raises(AnswerError) as refused:
        checks.content(document, UNITS, raw)

    assert (place, code) in {(p.place, p.code) for p in refused.value.problems}


def test_a_text_is_composed_before_it_is_measured(document: Document) -> None:
    decomposed = "So\u031b\u0309 " * 12  # "Sở" in three code points

    content = checks.content(document, UNITS, {("post", ""): "1", ("comment", ""): decomposed})

    assert content["answers"]["comment"] == ("Sở " * 12).strip()


def test_pages_about_units_are_off_the_path_without_units(document: Document) -> None:
    assert [p.code for p in routing.pages(document, UNITS)] == ["units", "self", "end"]
    assert [p.code for p in routing.pages(document, ())] == ["self", "end"]


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(["c1", "c2", "post", "comment", "x"]), st.sampled_from(["", *UNITS])
        ),
        st.text(max_size=60) | st.sampled_from(["A", "KB", "1"]),
        max_size=6,
    )
)
def test_any_answers_give_a_ballot_or_a_list_of_problems(raw: dict[checks.Key, str]) -> None:
    document = parse(make_document())
    problems = checks.read(list(document.questions()), UNITS, raw).problems

    if problems or not any(value.strip() for value in raw.values()):
        with pytest.raises(AnswerError):
            checks.content(document, UNITS, raw)
    else:
        assert set(checks.content(document, UNITS, raw)["units"]) == set(UNITS)


def test_every_kind_has_its_partial() -> None:
    from survey.web.paths import templates

    partials = {p.stem for p in (templates() / "collection" / "questions").glob("*.html")}

    assert partials == set(KINDS)
