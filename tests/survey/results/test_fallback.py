"""Points that do not come from ballots: last year's, and those decided; which of them count."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from decimal import Decimal

import pytest

from survey.errors import InvalidError
from survey.model.campaign import Anonymity, Campaign, CampaignGroup, Rating, Sampling, Scope
from survey.model.framework import BelowMinimum, Field, Framework, Period, PeriodFramework
from survey.model.organisation import Block, Unit
from survey.model.questionnaire import QuestionLeaf
from tests.support.campaigns import CLOSES, OPENS, OPTIONS, SmallCampaign, run_result

YEAR = timedelta(days=365)


@pytest.fixture
def small(session):
    return filled(SmallCampaign(session, ["A", "B"], below_min=BelowMinimum.LAST_YEAR))


def filled(small):
    small.leaf("1.1", "10")
    small.group("CANBO", {"c1": "1.1"})
    small.stratum("CANBO")
    return small


def thin(small):
    """This year, so few ballots about A that last year's points are asked for."""
    small.ballots("CANBO", {"B": {"c1": "B"}}, 8)
    small.ballots("CANBO", {"A": {"c1": "B"}}, 2)
    return small


def last_year(small, code, choice, *, block=None, is_generated=False, period=None, framework=None):
    """Another campaign of the year before, in which eight people said the same of every unit."""
    session = small.session
    past = copy.copy(small)
    past.groups, past.strata = {}, {}
    if period is None:
        period = Period(year=small.period.year - 1)
        session.add(period)
        session.flush()
    past.period = period
    rated = block or small.block
    session.add(
        PeriodFramework(
            period_id=period.id, block_id=rated.id, framework_id=(framework or small.framework).id
        )
    )
    past.campaign = Campaign(
        code=code,
        title="Năm trước",
        title_en="Last year",
        period_id=period.id,
        opens_at=OPENS - YEAR,
        closes_at=CLOSES - YEAR,
        anonymity=Anonymity.CODE,
        launched_at=None,
        is_generated=is_generated,
    )
    session.add(past.campaign)
    session.flush()
    group = small.groups["CANBO"]
    ids = {"campaign_id": past.campaign.id, "group_id": group.group_id}
    past.groups["CANBO"] = CampaignGroup(
        **ids, version_id=group.version_id, sampling=Sampling.CENSUS
    )
    session.add(past.groups["CANBO"])
    session.flush()
    session.add(Rating(**ids, block_id=rated.id, scope=Scope.ALL))
    past.stratum("CANBO")
    units = ["A", "B"] if block is None else ["Z"]
    past.ballots("CANBO", {unit: {"c1": choice} for unit in units}, 8)
    return past


def cell_of(result, unit="A"):
    return next(c for c in result["blocks"][0]["cells"] if c["unit"] == unit)


def test_a_leaf_with_few_ballots_takes_last_years_points(small, settings, at):
    run_result(last_year(small, "XHH-2024", "C"), settings, at)

    cell = cell_of(run_result(thin(small), settings, at))

    assert (cell["status"], cell["points"]["decimal"]) == ("last_year", "2.00")


def test_a_newer_run_that_did_not_rate_the_block_does_not_count(small, settings, at):
    past = last_year(small, "XHH-2024", "C")
    run_result(past, settings, at)
    other = Block(code="VU", name="Khối Vụ", name_en="VU", position=2, valid_from=date(2010, 1, 1))
    small.session.add(other)
    small.session.flush()
    small.session.add(
        Unit(
            code="Z",
            name="Vụ Z",
            name_en="Z",
            block_id=other.id,
            position=1,
            is_ranked=True,
            valid_from=date(2010, 1, 1),
        )
    )
    small.session.flush()
    elsewhere = last_year(small, "XHH-2024-VU", "A", block=other, period=past.period)
    run_result(elsewhere, settings, at + timedelta(hours=1))

    cell = cell_of(run_result(thin(small), settings, at))

    assert (cell["status"], cell["points"]["decimal"]) == ("last_year", "2.00")


def test_generated_points_of_last_year_do_not_stand_in_for_real_ones(small, settings, at):
    run_result(last_year(small, "XHH-2024", "C", is_generated=True), settings, at)

    cell = cell_of(run_result(thin(small), settings, at))

    assert cell["status"] == "not_scored"
    assert "last_year_missing" in cell["flags"]


def test_points_out_of_another_maximum_are_not_used(small, settings, at):
    old = framework_before(small, "8")
    run_result(last_year(small, "XHH-2024", "A", framework=old), settings, at)

    cell = cell_of(run_result(thin(small), settings, at))

    assert (cell["status"], cell["points"]) == ("not_scored", None)
    assert "last_year_other_maximum" in cell["flags"]
    assert "last_year_missing" not in cell["flags"]


def framework_before(small, max_points):
    """A framework with the same leaf, fed by the same question, but with other points."""
    before = copy.copy(small)
    before.framework = Framework(
        code="BTC",
        version=2,
        title="Bộ tiêu chí cũ",
        title_en="Old framework",
        decision_no="00/QĐ-BTTTT",
        decision_date=date(2019, 1, 2),
        **OPTIONS,
    )
    small.session.add(before.framework)
    small.session.flush()
    before.field = Field(
        framework_id=before.framework.id, code="1", name="Chỉ đạo", name_en="Lead", position=1
    )
    small.session.add(before.field)
    small.session.flush()
    before.leaves = {}
    leaf = before.leaf("1.1", max_points)
    group = small.groups["CANBO"]
    small.session.add(
        QuestionLeaf(
            version_id=group.version_id,
            question="c1",
            group_id=group.group_id,
            leaf_id=leaf.id,
            weight=Decimal(1),
        )
    )
    return before.framework


def test_decided_points_above_the_maximum_stop_the_run(session, settings, at):
    small = filled(SmallCampaign(session, ["A", "B"], below_min=BelowMinimum.MANUAL))
    small.points("A", "1.1", "12")

    with pytest.raises(InvalidError) as caught:
        run_result(thin(small), settings, at)

    problem = caught.value.problems[0]
    assert (problem.code, problem.place) == ("points_outside_leaf", "unit A, leaf 1.1")
    assert "điểm tối đa của tiêu chí" in problem.message
