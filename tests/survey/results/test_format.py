"""`run.json` is what docs/run.schema.json says, with nothing left out and nothing more."""

from __future__ import annotations

import json

import pytest

from tests.support.campaigns import SmallCampaign, run_result
from tests.support.ministry import ten_departments
from tests.support.schema import violations
from tests.support.source import ROOT


@pytest.fixture
def schema():
    return json.loads((ROOT / "docs" / "run.schema.json").read_text("utf-8"))


def test_a_full_run_follows_the_schema(session, settings, at, schema):
    small = ten_departments(session, per_unit=2)
    small.exempt("CVT", "1.1")

    assert violations(schema, run_result(small, settings, at)) == []


def test_a_run_with_little_to_say_follows_the_schema(session, settings, at, schema):
    small = SmallCampaign(session, ["A", "B"])
    small.leaf("1.1", "10")
    small.leaf("1.2", "10")
    small.leaf("0.1", "10", mode="appraised")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "A"}, "B": {}}, 2)
    small.ballots("CANBO", {"A": {"c1": "A"}}, 3, channel="open")

    assert violations(schema, run_result(small, settings, at)) == []


def test_reasons_are_counted_apart_and_are_no_answer(session, settings, at, schema):
    small = SmallCampaign(session, ["A"])
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    small.ballots("CANBO", {"A": {"c1": "A"}}, 5)
    for reason in ("refused", "refused", "not_asked", "not_reached", "not_applicable", "blank"):
        content = {"answers": {}, "units": {"A": {}}, "missing": {reason: ["c1/A"]}}
        session.add(small.ballot("CANBO", content))

    run = run_result(small, settings, at)

    (block,) = run["blocks"]
    (question,) = block["counts"][0]["questions"]
    assert question == {
        "question": "c1", "ballots": 11, "valid": 5, "dont_know": 0, "not_applicable": 1,
        "blank": 1, "refused": 2, "not_asked": 1, "not_reached": 1, "reason": "",
    }  # fmt: skip
    assert block["cells"][0]["points"]["decimal"] == "10.00"
    assert violations(schema, run) == []


@pytest.mark.parametrize(
    "break_it",
    [
        lambda run: run.pop("hashes"),
        lambda run: run.update(surplus=1),
        lambda run: run["blocks"][0]["cells"][0].update(points=1.48),
        lambda run: run["blocks"][0]["options"].update(rounding="up"),
        lambda run: run["hashes"].update(dataset="0"),
    ],
    ids=["missing part", "unknown part", "float for points", "unknown option", "no hash"],
)
def test_the_schema_refuses_other_documents(session, settings, at, schema, break_it):
    run = run_result(ten_departments(session, per_unit=1), settings, at)

    break_it(run)

    assert violations(schema, run)
