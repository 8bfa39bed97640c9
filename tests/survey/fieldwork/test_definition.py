"""A campaign file: all that is wrong with it is told at once, each with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.errors import InvalidError
from survey.fieldwork import definition as definitions
from survey.fieldwork.services import create_campaign
from survey.model.campaign import Campaign, CampaignGroup, Cluster, Rating, Stratum
from survey.model.questionnaire import QuestionLeaf
from tests.support.fieldwork import BY, definition, feed, lay_foundation

Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> dict[str, Any]:
    raw = definition()
    change(raw)
    return raw


def refused(act: Callable[[], object]) -> set[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        act()
    return {(problem.code, problem.place) for problem in caught.value.problems}


def staff(raw: dict[str, Any]) -> Any:
    return raw["groups"][0]


def citizens(raw: dict[str, Any]) -> Any:
    return raw["groups"][1]


FORM = [
    (lambda r: r.pop("format"), ("format", "format")),
    (lambda r: r.update(extra=1), ("unknown", "/")),
    (lambda r: r.update(code="a/b"), ("code", "code")),
    (lambda r: r.update(code="mã"), ("code", "code")),
    (lambda r: r.pop("title"), ("missing", "title")),
    (lambda r: r.pop("year"), ("missing", "/")),
    (lambda r: r.update(year="2026"), ("integer", "year")),
    (lambda r: r.update(opens_at="2026-03-01"), ("moment", "opens_at")),
    (lambda r: r.update(opens_at="hôm nay"), ("moment", "opens_at")),
    (lambda r: r.update(opens_at=5), ("moment", "opens_at")),
    (lambda r: r.update(closes_at="2026-03-01T08:00+07:00"), ("time", "closes_at")),
    (lambda r: r.update(anonymity="secret"), ("value", "anonymity")),
    (lambda r: r.update(is_generated="no"), ("flag", "is_generated")),
    (lambda r: r.update(groups=[]), ("list", "groups")),
    (lambda r: citizens(r).update(group="NB"), ("repeated", "groups[2].group")),
    (lambda r: staff(r).pop("sampling"), ("missing", "groups[1]")),
    (lambda r: staff(r)["feeds"].append(feed("c1", "1.3")), ("repeated", "groups[1].feeds[4]")),
    (lambda r: staff(r)["feeds"][0].update(weight=0.3), ("weight", "groups[1].feeds[1].weight")),
    (lambda r: staff(r)["feeds"][0].update(weight="2"), ("weight", "groups[1].feeds[1].weight")),
    (lambda r: staff(r)["feeds"][0].update(weight="1e-9"), ("weight", "groups[1].feeds[1].weight")),
    (lambda r: staff(r)["strata"][1].update(code="A"), ("repeated", "groups[1].strata[2].code")),
    (
        lambda r: staff(r)["strata"][0].update(sampled=121),
        ("sample-fits", "groups[1].strata[1].sampled"),
    ),
    (
        lambda r: staff(r)["strata"][0].update(sampled=0),
        ("integer", "groups[1].strata[1].sampled"),
    ),
    (lambda r: staff(r).update(sampling="census"), ("census", "groups[1].strata[1].sampled")),
    (
        lambda r: staff(r).update(sampling="cluster"),
        ("clusters", "groups[1].strata[1].clusters"),
    ),
    (
        lambda r: citizens(r).update(sampling="stratified"),
        ("clusters", "groups[2].strata[1].clusters"),
    ),
    (
        lambda r: citizens(r)["strata"][0]["clusters"].pop(),
        ("clusters", "groups[2].strata[1].clusters"),
    ),
    (
        lambda r: citizens(r)["strata"][0]["clusters"][1].update(code="X1"),
        ("repeated", "groups[2].strata[1].clusters[2].code"),
    ),
]


@pytest.mark.parametrize(("change", "problem"), FORM)
def test_a_mistake_of_form_is_told_with_its_place(change: Change, problem: tuple[str, str]) -> None:
    raw = changed(change)

    assert problem in refused(lambda: definitions.parse(raw))


@pytest.mark.parametrize("raw", [None, [], [1], "x", 5])
def test_a_file_that_is_no_object_has_one_problem(raw: object) -> None:
    with pytest.raises(InvalidError) as caught:
        definitions.parse(raw)

    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("object", "/")
    assert caught.value.message == definitions.INVALID


@pytest.mark.parametrize("raw", [{}, {"groups": [1]}, {"groups": {"a": 1}}])
def test_anything_that_is_no_campaign_is_refused(raw: object) -> None:
    assert refused(lambda: definitions.parse(raw))


FIT = [
    (lambda r: r.update(year=2027), {("no-period", "year")}),
    (lambda r: staff(r).update(group="CON"), {("group", "groups[1].group")}),
    (
        lambda r: staff(r)["questionnaire"].update(version=9),
        {("questionnaire", "groups[1].questionnaire")},
    ),
    (
        lambda r: staff(r)["ratings"].append({"block": "M", "scope": "all"}),
        {("block", "groups[1].ratings[2].block")},
    ),
    (
        lambda r: staff(r)["ratings"].append({"block": "L", "scope": "all"}),
        {("framework", "groups[1].ratings[2].block")},
    ),
    (
        lambda r: staff(r)["strata"][0].update(unit="Y"),
        {("unit", "groups[1].strata[1].unit")},
    ),
    (
        lambda r: citizens(r)["ratings"][0].update(scope="own"),
        {("own", "groups[2].strata[1].unit")},
    ),
    (
        lambda r: (
            staff(r)["ratings"][0].update(scope="own"),
            staff(r)["strata"][0].update(unit="Z"),
        ),
        {("nothing-to-rate", "groups[1].strata[1]")},
    ),
    (
        lambda r: staff(r)["feeds"][2].update(question="c9"),
        {("question", "groups[1].feeds[3].question")},
    ),
    (
        lambda r: staff(r)["feeds"][2].update(question="post"),
        {("about", "groups[1].feeds[3].question")},
    ),
    (
        lambda r: staff(r)["feeds"].append(feed("c1", "9.9")),
        {("leaf", "groups[1].feeds[4].leaf")},
    ),
    (
        lambda r: staff(r)["feeds"].append(feed("c1", "1.1")),
        {("mode", "groups[1].feeds[4].leaf")},
    ),
    (
        lambda r: staff(r)["feeds"][2]["framework"].update(version=2),
        {("framework", "groups[1].feeds[3].framework"), ("unfed", "groups")},
    ),
    (
        lambda r: citizens(r)["feeds"].append(feed("c1", "1.3")),
        {("group-weight", "groups[2].feeds[2].leaf")},
    ),
    (
        lambda r: staff(r)["feeds"][0].update(weight="0.2999999999"),
        {("sum", "groups[1].feeds[1].weight")},
    ),
    (lambda r: staff(r)["feeds"].pop(), {("unfed", "groups")}),
]


@pytest.fixture
def foundation(session: Session) -> None:
    lay_foundation(session)


def test_what_does_not_fit_what_is_stored_is_told_with_its_place(
    session: Session, foundation: None
) -> None:
    for change, problems in FIT:
        raw = changed(change)

        assert refused(lambda raw=raw: create_campaign(session, raw, **BY)) == problems
    assert session.scalar(select(func.count()).select_from(Campaign)) == 0


def test_a_question_without_coefficients_gives_no_points(session: Session) -> None:
    lay_foundation(session)
    known = create_campaign(session, definition(), **BY)
    version = session.scalars(select(CampaignGroup)).first().version
    document = dict(version.document, code="P2")
    for choice in document["scales"]["muc4"]:
        choice.pop("coefficient", None)
    from survey.design.services import publish

    publish(session, document, **BY)
    raw = definition(code="XHH-B")
    raw["groups"][0]["questionnaire"] = {"code": "P2", "version": 1}

    assert known.code == "XHH-2026"
    assert {code for code, _ in refused(lambda: create_campaign(session, raw, **BY))} == {
        "coefficient"
    }


def test_every_problem_is_told_at_once(session: Session, foundation: None) -> None:
    raw = definition(year=2026)
    staff(raw)["group"] = "CON"
    staff(raw)["strata"][0]["unit"] = "Y"
    citizens(raw)["questionnaire"]["code"] = "P9"

    found = refused(lambda: create_campaign(session, raw, **BY))

    assert {code for code, _ in found} >= {"group", "unit", "questionnaire"}


def test_a_good_file_is_stored_whole(session: Session, foundation: None) -> None:
    campaign = create_campaign(session, definition(), **BY)

    def count(table: type) -> int:
        return session.scalar(select(func.count()).select_from(table)) or 0

    assert (campaign.code, campaign.period.year, campaign.launched_at) == ("XHH-2026", 2026, None)
    assert [count(t) for t in (CampaignGroup, Rating, Stratum, Cluster)] == [2, 2, 4, 2]
    weights = session.execute(select(QuestionLeaf.question, QuestionLeaf.weight)).all()
    assert sorted((q, str(w)) for q, w in weights) == [
        ("c1", "0.3"),
        ("c1", "1"),
        ("c1", "1"),
        ("c2", "0.7"),
    ]


def test_a_code_is_given_once(session: Session, foundation: None) -> None:
    create_campaign(session, definition(), **BY)

    again = refused(lambda: create_campaign(session, definition(), **BY))

    assert again == {("taken", "code")}


def test_a_second_campaign_shares_the_leaves_or_is_refused(
    session: Session, foundation: None
) -> None:
    create_campaign(session, definition(), **BY)
    other = definition(code="XHH-B")
    staff(other)["feeds"][0]["weight"], staff(other)["feeds"][1]["weight"] = "0.5", "0.5"

    create_campaign(session, definition(code="XHH-A"), **BY)

    assert session.scalar(select(func.count()).select_from(QuestionLeaf)) == 4
    assert refused(lambda: create_campaign(session, other, **BY)) == {("fed", "groups[1].feeds")}
