"""Answers made by a machine for demonstration: pure and seeded, the same seed gives the same.

Each unit has a level for each question, each rater is lenient or strict, each answer varies around
both. Raters say “don't know” more often about units that are far from their own, leave blanks,
sometimes give one answer to everything, and many never answer at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from survey.questionnaire.content import Content
from survey.questionnaire.document import OWN, Document, Key
from survey.questionnaire.synthetic import Form, Item


@dataclass(frozen=True)
class Recipe:
    """What the answers are drawn from: a JSON document, and the seed of every draw."""

    model: Mapping[str, Any]
    seed: int

    def random(self, *names: object) -> Random:
        """Return a source of randomness of its own for a name, whatever else was drawn before."""
        text = "/".join(map(str, (self.seed, *names)))
        return Random(text)  # noqa: S311 -- made-up answers hold no secret

    def level(self, group: str, unit: str, question: str) -> float:
        """Return the true level of a unit on a question, in the eyes of a group."""
        spread = self.model["spread"]["question"]
        around = self.random("level", group, unit, question).gauss(0, spread)
        return float(self.model["levels"][group][unit]) + around

    def unknown(self, own: str, unit: str, question: str) -> float:
        """Return how probably a rater does not know a unit well enough to answer."""
        model = self.model["dont_know"]
        if question in model["by_question"]:
            return float(model["by_question"][question])
        distance = 0.0 if own == unit else self.random("distance", own, unit).random()
        return float(model["near"] + (model["far"] - model["near"]) * distance**2)


@dataclass(frozen=True)
class Place:
    """A stratum of the sample: whose people, how many of them, and which units they rate."""

    group: str
    code: str
    own: str
    units: tuple[str, ...]
    sampled: int


@dataclass(frozen=True)
class _Opinion:
    """What the people of a stratum think of a unit, before each adds a view of his own."""

    item: Item
    level: float
    unknown: float


def answered(recipe: Recipe, place: Place) -> int:
    """Return how many of a stratum's people send their ballot."""
    low, high = recipe.model["response"]
    share = recipe.random("response", place.group, place.code).uniform(low, high)
    return round(place.sampled * share)


def ballots(recipe: Recipe, document: Document, place: Place) -> Iterator[Content]:
    """Yield the contents of a stratum's ballots, each of them valid."""
    form = Form(document, place.units)
    opinions = [_opinion(recipe, item, place) for item in form.items]
    for number in range(answered(recipe, place)):
        random = recipe.random("ballot", place.group, place.code, number)
        raw = dict(_ratings(recipe.model, opinions, random))
        raw |= _about_oneself(recipe.model, document, random)
        yield form.ballot(raw)


def _opinion(recipe: Recipe, item: Item, place: Place) -> _Opinion:
    question, unit = item.key
    return _Opinion(
        item,
        level=recipe.level(place.group, unit, question),
        unknown=recipe.unknown(place.own, unit, question),
    )


def _ratings(
    model: Mapping[str, Any], opinions: Sequence[_Opinion], random: Random
) -> Iterator[tuple[Key, str]]:
    leniency = random.gauss(0, model["spread"]["rater"])
    same = random.random() < model["straight_line"]
    wanted = random.gauss(0.7, 0.2)
    for opinion in opinions:
        item, chance = opinion.item, random.random()
        if same:
            yield item.key, item.nearest(wanted)
        elif chance < model["blank"]:
            continue
        elif chance < model["blank"] + opinion.unknown:
            yield item.key, item.unknown(wanted)
        else:
            answer = opinion.level + leniency + random.gauss(0, model["spread"]["answer"])
            yield item.key, item.nearest(answer)


def _about_oneself(model: Mapping[str, Any], document: Document, random: Random) -> dict[Key, str]:
    found = {}
    for question in document.questions():
        if question.about_units:
            continue
        if question.choices:
            codes = [choice.code for choice in question.choices]
            (answer,) = random.choices(codes, model["shares"][question.code])
            is_given = random.random() >= model["silent_about_self"]
        else:
            answer = random.choice(model["comments"][document.code])
            is_given = random.random() < model["comment"]
        if is_given:
            found[question.code, OWN] = answer
    return found
