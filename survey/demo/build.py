"""The demonstration, put together from its files through the services of every room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from survey.administration.services import create_account, load_organisation
from survey.ballotbox import codes, keys
from survey.config import Settings
from survey.db import Session
from survey.demo import queries, services
from survey.demo.files import HOUSING, MINISTRY, document
from survey.demo.generate import Recipe
from survey.design.services import publish
from survey.fieldwork.importing import import_responses
from survey.fieldwork.services import create_campaign, issue_codes, launch
from survey.model.account import Role
from survey.model.campaign import Campaign
from survey.results.services import make_run
from survey.scoring.services import import_history, import_points, load_framework

YEAR = 2022
SEED = 20220729
TRIAL_DAYS = 60
SAMPLES = 3

ACCOUNTS = (
    ("quantri", "Quản trị viên (trình diễn)", Role.ADMINISTRATOR),
    ("quanly", "Người quản lý điều tra (trình diễn)", Role.SURVEY_MANAGER),
    ("phantich", "Chuyên viên phân tích (trình diễn)", Role.ANALYST),
)


@dataclass(frozen=True)
class Door:
    """An account that was made, with the password that is shown once."""

    login: str
    role: Role
    password: str


@dataclass(frozen=True)
class Demonstration:
    """What a newcomer needs to go in: accounts, the open campaign, a few codes of each group."""

    accounts: tuple[Door, ...]
    trial: str
    samples: Mapping[str, Sequence[str]]


def build(session: Session, settings: Settings, *, actor: str, at: datetime) -> Demonstration:
    """Load the whole demonstration into an empty database."""
    _foundation(session, actor=actor, at=at)
    _figures(session, actor=actor, at=at)
    recipe = Recipe(document(MINISTRY / "answers.json"), SEED)
    past, _ = _campaign(
        session, settings, document(MINISTRY / "campaign-2022.json"), recipe, actor, at
    )
    make_run(session, settings, past, actor=actor, at=at, seed=SEED)
    _housing(session, settings, actor=actor, at=at)
    trial, samples = _campaign(session, settings, _trial(at), recipe, actor, at)
    accounts = tuple(
        Door(login, role, create_account(session, login, name, {role}, actor=actor, at=at))
        for login, name, role in ACCOUNTS
    )
    return Demonstration(accounts, trial.code, samples)


def _foundation(session: Session, *, actor: str, at: datetime) -> None:
    load_organisation(session, document(MINISTRY / "organisation.json"), actor=actor, at=at)
    for name in ("framework-cuc.json", "framework-kcqb.json"):
        load_framework(session, document(MINISTRY / name), actor=actor, at=at)
    for name in ("questionnaire-noibo.json", "questionnaire-ngoai.json"):
        publish(session, document(MINISTRY / name), actor=actor, at=at)


def _figures(session: Session, *, actor: str, at: datetime) -> None:
    points, history = MINISTRY / "appraised-2022.csv", MINISTRY / "history-2021.csv"
    import_points(
        session, YEAR, points.name, points.read_bytes(), actor=actor, at=at, is_generated=True
    )
    import_history(session, history.name, history.read_bytes(), actor=actor, at=at)


def _housing(session: Session, settings: Settings, *, actor: str, at: datetime) -> None:
    """Bring in a real survey through the import, and compute it."""
    load_organisation(session, document(HOUSING / "organisation.json"), actor=actor, at=at)
    load_framework(session, document(HOUSING / "framework.json"), actor=actor, at=at)
    publish(session, document(HOUSING / "questionnaire.json"), actor=actor, at=at)
    campaign = create_campaign(session, document(HOUSING / "campaign.json"), actor=actor, at=at)
    launch(session, settings, campaign, actor=actor, at=at)
    answers, mapping = HOUSING / "housing-copenhagen-1976.csv", document(HOUSING / "mapping.json")
    import_responses(
        session, campaign, answers.name, answers.read_bytes(), mapping, actor=actor, at=at
    )
    make_run(session, settings, campaign, actor=actor, at=at, seed=SEED)


def _campaign(
    session: Session, settings: Settings, raw: Any, recipe: Recipe, actor: str, at: datetime
) -> tuple[Campaign, Mapping[str, Sequence[str]]]:
    """Create, launch and fill a campaign; return it with unused codes of each group."""
    campaign = create_campaign(session, raw, actor=actor, at=at)
    started = min(at, campaign.opens_at)
    launch(session, settings, campaign, actor=actor, at=started)
    issued = issue_codes(session, settings, campaign, actor=actor, at=started)
    key = keys.read_key(settings, campaign.code)
    by_tag = {codes.tag_of(key, codes.normalise(one.code) or ""): one.code for one in issued}
    services.fill(session, campaign, by_tag, recipe, actor=actor, at=at)
    return campaign, queries.samples(queries.unspent(session, campaign), by_tag, SAMPLES)


def _trial(at: datetime) -> Any:
    """Return the trial campaign with its times, which the file leaves open."""
    times = {"opens_at": at - timedelta(hours=1), "closes_at": at + timedelta(days=TRIAL_DAYS)}
    return document(MINISTRY / "campaign-2022-trial.json", **times)
