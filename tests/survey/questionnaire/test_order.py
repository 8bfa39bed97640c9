"""Random order: the same for the same seed, fair over seeds, ways out at the end."""

from __future__ import annotations

from collections import Counter

from survey.questionnaire.order import drawn
from tests.support.questions import around, choices, interview, question

OFFERED = [
    *choices("a", "b", "c"),
    *choices("x", exclusive=True),
    *choices("kb", missing="refused"),
]
ONE = question("q", "single", choices=OFFERED, order="random")


def order(seed, raw=None, row="", **known):
    found = interview(around(raw or ONE), seed=seed, **known)
    return [choice.code for choice in found.asked["q", row].choices]


def test_a_seed_gives_the_same_order_wherever_it_is_drawn():
    assert order(7) == order(7)
    assert drawn("cab", str, seed=1, at="q") == drawn("abc", str, seed=1, at="q")


def test_every_order_is_drawn_equally_often():
    seen = Counter(drawn("abc", str, seed=seed, at="q") for seed in range(6000))

    assert len(seen) == 6
    assert all(850 < times < 1150 for times in seen.values())


def test_ways_out_and_what_stands_alone_stay_last():
    assert {tuple(order(seed)[3:]) for seed in range(20)} == {("x", "kb")}
    assert len({tuple(order(seed)[:3]) for seed in range(60)}) == 6


def test_places_are_drawn_apart():
    about = ONE | {"about": "units"}
    units = tuple("ABCDEFGH")

    assert len({tuple(order(1, about, unit, units=units)) for unit in units}) > 1


def test_an_order_that_is_fixed_is_not_drawn():
    assert order(5, ONE | {"order": "fixed"}) == ["a", "b", "c", "x", "kb"]
