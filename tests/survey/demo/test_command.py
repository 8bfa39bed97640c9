"""`xhh demo` from an empty folder to frozen results. This is the slow one."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from survey.administration.services import sign_in
from survey.ballotbox import codes, keys
from survey.ballotbox.matrix import rated_units
from survey.cli import main
from survey.clock import now
from survey.config import load_settings
from survey.db import Database
from survey.fieldwork.services import close
from survey.model.audit import AuditEvent
from survey.model.ballot import Ballot, Credential, Spent
from survey.model.campaign import Campaign, Stratum
from survey.model.result import Run
from survey.results.services import make_run

ACCOUNT = re.compile(r"^  (\w+), one-time password: (\S+) \((.+)\)$", re.MULTILINE)
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def run(*arguments):
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def ballots_of(session, campaign):
    of = select(func.count()).select_from(Ballot).where(Ballot.campaign_id == campaign.id)
    return session.scalar(of)


@pytest.mark.timeout(180)
def test_the_demonstration_from_nothing_to_results(tmp_path, monkeypatch):
    monkeypatch.setenv("XHH_INSTANCE", str(tmp_path))
    monkeypatch.setenv("XHH_LANG", "en")
    early = run("demo")
    assert early.exit_code == 1
    assert "xhh db upgrade" in early.output

    assert run("db", "upgrade").exit_code == 0
    loaded = run("demo", "--address", "http://example.test/")

    assert loaded.exit_code == 0, loaded.output
    assert "http://example.test/q/XHH-2022-THU" in loaded.output
    accounts = ACCOUNT.findall(loaded.output)
    assert [(login, role) for login, _, role in accounts] == [
        ("quantri", "administrator"),
        ("quanly", "survey manager"),
        ("phantich", "analyst"),
    ]
    printed = CODE.findall(loaded.output)
    assert len(set(printed)) == 9

    settings = load_settings(tmp_path)
    database = Database(settings)
    with database.session() as session:
        look_around(session, settings, accounts, printed)
        close_and_compute_the_trial(session, settings)
        session.rollback()
        events = session.scalar(select(func.count()).select_from(AuditEvent))
        session.rollback()
        again = run("demo")
        politely = run("demo", "--if-empty")
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == events
    database.dispose()

    assert (again.exit_code, politely.exit_code) == (1, 0)
    assert "in use" in again.output
    assert "in use" in politely.output


def look_around(session, settings, accounts, printed):
    for login, password, _ in accounts:
        assert sign_in(session, login, password, at=now())
    campaigns = {c.code: c for c in session.scalars(select(Campaign))}
    assert {code: c.is_generated for code, c in campaigns.items()} == {
        "XHH-2022": True,
        "XHH-2022-THU": True,
        "HOUSING-1976": False,
    }
    assert 3500 <= ballots_of(session, campaigns["XHH-2022"]) <= 4500
    assert ballots_of(session, campaigns["HOUSING-1976"]) == 1681
    trial = campaigns["XHH-2022-THU"]
    assert trial.opens_at < now() < trial.closes_at
    rated = printed_codes_rate(session, settings, trial, printed)
    assert sorted(rated) == [1, 1, 1, 9, 9, 9, 10, 10, 10]
    runs = {run.campaign.code: run for run in session.scalars(select(Run))}
    assert {code: run.is_generated for code, run in runs.items()} == {
        "XHH-2022": True,
        "HOUSING-1976": False,
    }
    results_are_whole(runs["XHH-2022"])


def printed_codes_rate(session, settings, trial, printed):
    """Return how many units each printed code lets somebody rate; all of them are unspent."""
    key = keys.read_key(settings, trial.code)
    for code in printed:
        tag = codes.tag_of(key, codes.normalise(code))
        assert session.get(Spent, tag) is None
        stratum = session.get(Stratum, session.get(Credential, tag).stratum_id)
        yield len(rated_units(session, trial, stratum))


def results_are_whole(made):
    blocks = {block["code"]: block for block in json.loads(made.result)["blocks"]}
    assert {code: len(block["units"]) for code, block in blocks.items()} == {"CUC": 10, "KCQB": 11}
    for block in blocks.values():
        for unit in block["units"]:
            index = unit["composite"]
            assert index["missing"] == []
            assert 70 < float(index["index"]["decimal"]) < 95
            assert index["ci_low"] < index["ci_high"]
        assert sorted(unit["rank"] for unit in block["units"]) == list(
            range(1, len(block["units"]) + 1)
        )
        apart = [pair["distinguishable"] for pair in block["neighbours"]]
        assert True in apart
        assert False in apart
    maxima = {
        unit["code"]: unit["composite"]["max_points"]["decimal"]
        for unit in (*blocks["CUC"]["units"], *blocks["KCQB"]["units"])
    }
    assert {code: most for code, most in maxima.items() if most != "100.00"} == {
        "CTTDN": "98.50",
        "CTHH": "99.00",
        "VTCCB": "97.00",
        "VTDKT": "97.00",
    }
    assert all(unit["change"] for unit in blocks["CUC"]["units"])
    assert not any(unit["change"] for unit in blocks["KCQB"]["units"])


def close_and_compute_the_trial(session, settings):
    trial = session.scalars(select(Campaign).where(Campaign.code == "XHH-2022-THU")).one()
    close(session, trial, actor="quanly", at=now())

    made = make_run(session, settings, trial, actor="phantich", at=now(), seed=1)

    for block in json.loads(made.result)["blocks"]:
        assert all(unit["composite"]["index"] for unit in block["units"])
        assert not any(unit["composite"]["missing"] for unit in block["units"])
