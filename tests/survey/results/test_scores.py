"""From ballots in the box to points: the worked examples, through the whole chain."""

from __future__ import annotations

import json

import pytest

from survey.model.framework import DontKnow, Pooling
from survey.results.services import make_run
from tests.support.campaigns import SmallCampaign


def worked_example(session, **options):
    """Leaders: 6 A, 3 B, 1 C; staff: 10 A, 6 B, 2 C, 2 D, 5 don't know; weights 0.4 and 0.6."""
    small = SmallCampaign(session, ["A"], **options)
    small.leaf("1.1", "2")
    small.group("LANHDAO", {"c1": "1.1"}, weights={"1.1": "0.4"})
    small.group("CANBO", {"c1": "1.1"}, weights={"1.1": "0.6"})
    small.stratum("LANHDAO")
    small.stratum("CANBO")
    for stratum, said in (
        ("LANHDAO", {"A": 6, "B": 3, "C": 1}),
        ("CANBO", {"A": 10, "B": 6, "C": 2, "D": 2, "DK": 5}),
    ):
        for choice, times in said.items():
            small.ballots(stratum, {"A": {"c1": choice}}, times)
    return small


def run_of(session, settings, small, at, seed=1):
    run = make_run(session, settings, small.campaign, actor="kiem_thu", at=at, seed=seed)
    return json.loads(run.result)


@pytest.mark.parametrize(
    ("options", "fraction", "printed"),
    [
        ({}, "37/25", "1.48"),
        ({"pooling": Pooling.POOLED}, "22/15", "1.47"),
        ({"dont_know": DontKnow.ZERO}, "164/125", "1.31"),
    ],
    ids=["by group", "pooled", "don't know is zero"],
)
def test_the_worked_example_gives_its_points(session, settings, at, options, fraction, printed):
    small = worked_example(session, **options)

    cell = run_of(session, settings, small, at)["blocks"][0]["cells"][0]

    assert cell["points"] == {"fraction": fraction, "decimal": printed}
