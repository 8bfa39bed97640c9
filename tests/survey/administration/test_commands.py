"""The commands of an installation: accounts, organisation, framework, points, questionnaires."""

from __future__ import annotations

import json
import re
import secrets

import pytest
from click.testing import CliRunner

from survey.administration.services import sign_in
from survey.app import create_app
from survey.cli import main
from survey.clock import now
from tests.support.definitions import FRAMEWORK, ORGANISATION

ONE_TIME = re.compile(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}")


@pytest.fixture
def run(settings, monkeypatch):
    """Run a command on the database of the test; return its status and what it printed."""
    monkeypatch.setenv("XHH_INSTANCE", str(settings.instance))
    monkeypatch.setenv("XHH_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("XHH_UNSAFE_DATABASE", "true")
    monkeypatch.setenv("XHH_LANG", "en")

    def invoke(*arguments):
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        return result.exit_code, result.output

    return invoke


@pytest.fixture
def file(tmp_path):
    def write(content, name="file.json"):
        path = tmp_path / f"{secrets.token_hex(4)}-{name}"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write


def test_an_account_is_made_and_reset(run, session):
    created = run("account", "create", "An", "--name", "Lê An", "--role", "analyst")
    assert created[0] == 0
    first = ONE_TIME.search(created[1]).group()

    status, output = run("account", "reset", "an")

    assert status == 0
    assert sign_in(session, "an", first, at=now()) is None
    assert sign_in(session, "an", ONE_TIME.search(output).group(), at=now())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("account", "create", "có", "--name", "x", "--role", "analyst"), "A login name has"),
        (("account", "reset", "khong-co"), "There is no account “khong-co”."),
    ],
)
def test_a_command_that_fails_says_why_without_a_trace(run, arguments, message):
    status, output = run(*arguments)

    assert status == 1
    assert message in output
    assert "Traceback" not in output


def test_an_installation_is_set_up_by_commands(run, file):
    points = b"unit,leaf,points\nB,1.1,1.5"
    history = "unit,year,index,rank,source\nB,2024,88.10,1,Quyết định 5".encode()
    commands = [
        ("organisation", "load", file(ORGANISATION)),
        ("framework", "load", file(FRAMEWORK)),
        ("import", "points", file(points, "points.csv"), "--year", "2026"),
        ("import", "history", file(history, "history.csv")),
    ]

    for command in commands:
        status, output = run(*command)
        assert status == 0, output


@pytest.mark.parametrize(
    "command", [("organisation", "load"), ("framework", "load"), ("questionnaire", "publish")]
)
@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]", b"null", b'{"format": 1}'])
def test_a_broken_file_is_explained_at_the_command_line(run, file, command, content):
    status, output = run(*command, file(content))

    assert status == 1
    assert "Traceback" not in output


def test_the_first_start_prints_the_administrator_once(settings, capsys):
    for expected in (1, 0):
        app = create_app(settings, serving=True)
        app.extensions["xhh"].dispose()

        shown = capsys.readouterr()
        assert len(ONE_TIME.findall(shown.err)) == expected
        assert not shown.out
