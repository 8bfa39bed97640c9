"""A stored campaign is simulated through its own forms, design and scheme, and nothing is kept."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analysis.planning.superpopulation import Superpopulation
from survey.administration.services import load_organisation
from survey.cli import main
from survey.design.services import publish
from survey.errors import ConflictError, InvalidError
from survey.fieldwork import simulation
from survey.fieldwork.services import create_campaign
from survey.model.audit import AuditEvent
from survey.model.ballot import Ballot, Credential
from survey.model.campaign import Campaign
from survey.scoring.services import load_framework
from tests.factories import make_document
from tests.support.fieldwork import BY, FRAMEWORK, ORGANISATION, definition, lay_foundation

MODEL = Superpopulation(response=0.8, item=0.4, rater=0.1)


@pytest.fixture
def campaign(session: Session) -> Campaign:
    lay_foundation(session)
    return create_campaign(session, definition(), **BY)


def forecast(session: Session, campaign: Campaign, **changes: Any) -> simulation.Expectation:
    options = {"replications": 6, "seed": 3, "per_cluster": 20} | changes
    (block,) = simulation.simulate(session, campaign, options.pop("model", MODEL), **options)
    return block


def test_a_campaign_foretells_its_widths_bands_and_power(
    session: Session, campaign: Campaign
) -> None:
    block = forecast(session, campaign, change=-12)

    assert block.block.code == "K"
    assert block.maximum == 2.5
    assert list(block.names) == ["A", "B", "C"]
    table = block.forecast.table.set_index("unit")
    assert table.scored.tolist() == [1, 1, 1]
    # B and C are rated by the 40 of A; A by the 30 of B; all by the clusters' 8 + 20.
    assert table.n["A"] == pytest.approx(0.8 * (30 + 4 + 28), rel=0.15)
    assert table.n["C"] == pytest.approx(0.8 * (30 + 40 + 28), rel=0.15)
    assert table.half_width.between(0.05, 1.2).all()
    assert table.power.between(0, 1).all()
    assert 1 <= block.forecast.expected_bands <= 3


def test_nothing_is_stored(session: Session, campaign: Campaign) -> None:
    session.commit()
    before = session.scalar(select(func.count()).select_from(AuditEvent))

    forecast(session, campaign, replications=1)

    assert not session.dirty
    assert not session.new
    for table in (Ballot, Credential):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == before


def test_the_same_seed_foretells_the_same(session: Session, campaign: Campaign) -> None:
    first, again, other = (
        forecast(session, campaign, replications=2, seed=seed).forecast.table for seed in (7, 7, 8)
    )

    assert first.equals(again)
    assert not first.equals(other)


def test_known_levels_decide_the_points(session: Session, campaign: Campaign) -> None:
    model = Superpopulation(
        levels={"A": 0.9, "B": 0.6, "C": 0.3}, question=0.0, response=1.0, dont_know=0.0
    )

    points = forecast(session, campaign, model=model).forecast.table.points / 2.5

    assert points.tolist() == pytest.approx([0.9, 0.6, 0.3], abs=0.06)


def test_questions_that_must_be_answered_are(session: Session) -> None:
    lay_foundation(session)
    document = make_document()
    for question in document["sections"][0]["questions"]:
        question["required"] = True
    publish(session, document, **BY)
    raw = definition()
    for group in raw["groups"]:
        group["questionnaire"]["version"] = 2
    campaign = create_campaign(session, raw, **BY)

    silent = Superpopulation(blank=0.9, dont_know=0.0, response=1.0)
    table = forecast(session, campaign, model=silent).forecast.table.set_index("unit")

    assert table.n["A"] == 30 + 4 + 28


def test_a_cluster_sample_needs_the_number_asked_in_each(
    session: Session, campaign: Campaign
) -> None:
    with pytest.raises(InvalidError) as refused:
        forecast(session, campaign, per_cluster=None)

    assert refused.value.problems[0].code == "per-cluster"


def test_an_open_link_has_no_design(session: Session) -> None:
    lay_foundation(session)
    campaign = create_campaign(session, definition(anonymity="open"), **BY)

    with pytest.raises(ConflictError):
        forecast(session, campaign)


def test_a_campaign_that_feeds_no_criterion_is_refused(session: Session) -> None:
    load_organisation(session, copy.deepcopy(ORGANISATION), **BY)
    exempt = [
        {"leaf": leaf, "block": "K", "reason": "Không khảo sát", "approved_by": "Ban X"}
        for leaf in ("1.2", "1.3")
    ]
    load_framework(session, FRAMEWORK | {"exemptions": exempt}, **BY)
    publish(session, make_document(), **BY)
    raw = definition()
    for group in raw["groups"]:
        group["feeds"] = []
    campaign = create_campaign(session, raw, **BY)

    with pytest.raises(InvalidError) as refused:
        forecast(session, campaign)

    assert refused.value.problems[0].code == "no-feed"


@pytest.mark.parametrize("change", [30, -80])
def test_a_change_beyond_the_scale_is_refused(
    session: Session, campaign: Campaign, change: float
) -> None:
    with pytest.raises(InvalidError) as refused:
        forecast(session, campaign, change=change)

    assert refused.value.problems[0].place == "change"


@pytest.mark.parametrize("raw", [{"mean": 2}, {"mood": 1}, [1], {"levels": {"A": "cao"}}])
def test_a_model_that_cannot_be_names_the_place(raw: object) -> None:
    with pytest.raises(InvalidError) as refused:
        simulation.read_model(raw)

    assert len(refused.value.problems) == 1


def test_the_command_prints_tables_or_json(
    campaign: Campaign, session: Session, settings, monkeypatch, tmp_path
) -> None:
    session.commit()
    monkeypatch.setenv("XHH_INSTANCE", str(settings.instance))
    monkeypatch.setenv("XHH_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("XHH_UNSAFE_DATABASE", "true")
    model = tmp_path / "model.json"
    model.write_text('{"response": 0.9}')
    told = ["simulate", campaign.code, "--per-cluster", "9", "--replications", "2"]
    session.close()

    def run(*more: str, language: str = "vi") -> tuple[int, str]:
        done = CliRunner().invoke(main, [*told, *more], env={"XHH_LANG": language})
        return done.exit_code, done.stdout + done.stderr

    code, vietnamese = run("--change", "8")
    _, english = run("--model", str(model), language="en")
    asked = CliRunner().invoke(main, [*told, "--json"])
    model.write_text('{"response": 9}')
    wrong, said = run("--model", str(model))

    assert code == 0
    assert "Số liệu mô phỏng\n" in vietnamese
    assert "tối đa 2,50 điểm" in vietnamese
    assert "8,0 điểm trên 100" in vietnamese
    assert "Generated data" in english
    assert "Found" not in english
    found = json.loads(asked.stdout)
    assert found["is_generated"] is True
    assert [unit["unit"] for unit in found["blocks"][0]["units"]] == ["A", "B", "C"]
    assert found["blocks"][0]["units"][0]["power"] is None
    assert wrong == 1
    assert "response: Giá trị “9”" in said


def test_a_campaign_is_foretold_before_it_is_launched(session: Session, campaign: Campaign) -> None:
    assert campaign.launched_at is None

    assert forecast(session, campaign, replications=1).forecast.replications == 1
