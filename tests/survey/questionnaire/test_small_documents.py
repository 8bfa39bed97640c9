"""Each small document says one thing, and means the same with and without the web."""

from __future__ import annotations

import pytest

from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.parse import parse
from survey.questionnaire.serialise import serialise
from tests.support.scenarios import (
    PureWalk,
    ballot_of,
    names_of_scenarios,
    read_small,
    small_documents,
    small_scenarios,
)


@pytest.mark.parametrize(("small", "scenario"), small_scenarios(), ids=names_of_scenarios())
def test_a_scenario_ends_as_it_says(small, scenario):
    walk = PureWalk(parse(small["document"]), scenario["given"])
    then = scenario["then"]

    for step in scenario["when"]:
        walk.take(step)

    assert [page.id for page in walk.interview().pages] == then["path"]
    if "problems" in then:
        if walk.page is None:
            assert walk.hand_in() is None
        assert walk.problems == {tuple(problem) for problem in then["problems"]}
    else:
        assert walk.page is None, walk.problems
        ballot = walk.hand_in()
        assert ballot is not None, walk.problems
        ballot.pop("seed", None)
        assert ballot == ballot_of(then)


def test_there_is_a_document_for_every_feature():
    read = [read_small(path) for path in small_documents()]
    kinds = {q["kind"] for one in read for s in one["document"]["sections"] for q in s["questions"]}

    assert len(read) >= 60
    assert kinds == set(KINDS)
    assert len({one["about"] for one in read}) == len(read)
    assert len({one["document"]["code"] for one in read}) == len(read)


@pytest.mark.parametrize("path", small_documents(), ids=lambda path: path.stem)
def test_a_small_document_is_written_back_as_the_same(path):
    document = parse(read_small(path)["document"])

    assert parse(serialise(document)) == document
