"""The real survey: web page, files and command line show the published numbers."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from click.testing import CliRunner

from survey.cli import main
from survey.results.columns import COLUMNS
from survey.results.services import make_run
from tests.support.housing import KEYS, compare, expected, from_csv, housing
from tests.support.pages import text


@pytest.fixture
def closed(session):
    small = housing(session)
    session.commit()
    return small


def from_xlsx(content):
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Kết quả"]
    header, *rows = sheet.iter_rows(values_only=True)
    assert list(header) == [column.name for column in COLUMNS]
    lines = [dict(zip((c.key for c in COLUMNS), row, strict=True)) for row in rows]
    return {
        line["unit"]: {key: float(line[key]) for key in (*KEYS, "n")}
        for line in lines
        if line["level"] == "phần XHH"
    }


def test_every_door_out_shows_the_published_numbers(closed, login, at):
    analyst = login("analyst")
    run = analyst.submit("/staff/results/campaigns/XHH-2025", button="Tính kết quả").location

    compare(from_csv(analyst.get(f"{run}/files/results.csv").data))
    compare(from_xlsx(analyst.get(f"{run}/files/results.xlsx").data))
    page = text(analyst.document(run))
    for unit, numbers in expected()["units"].items():
        printed = [f"{numbers[key]:.6f}".replace(".", ",") for key in ("ci_low", "ci_high")]
        assert unit in page
        assert " – ".join(printed) in page, unit


def test_the_command_line_writes_the_published_numbers(
    closed, settings, session, monkeypatch, tmp_path
):
    session.commit()
    monkeypatch.setenv("XHH_INSTANCE", str(settings.instance))
    monkeypatch.setenv("XHH_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("XHH_UNSAFE_DATABASE", "true")
    out = tmp_path / "out"

    done = CliRunner().invoke(main, ["report", "--campaign", "XHH-2025", "--out", str(out)])

    assert done.exit_code == 0, done.output
    compare(from_csv((out / "results.csv").read_bytes()))
    compare(from_xlsx((out / "results.xlsx").read_bytes()))
    result = json.loads((out / "run.json").read_text("utf-8"))
    assert result["groups"][0]["received"] == 1681
    assert (out / "chart.svg").read_bytes().startswith(b"<?xml")
    assert "TENANT" in (out / "method.md").read_text("utf-8")


def test_towers_and_terraces_differ_as_published(closed, settings, session, at):
    run = make_run(session, settings, closed.campaign, actor="a", at=at, seed=0)
    pairs = json.loads(run.result)["blocks"][0]["neighbours"]

    assert [(pair["unit"], pair["next_unit"]) for pair in pairs] == [
        ("Tower", "Atrium"),
        ("Atrium", "Apartment"),
        ("Apartment", "Terrace"),
    ]
    # Independent units: the variance of a difference is the sum of the variances.
    published = expected()["units"]
    for pair in pairs:
        upper, lower = published[pair["unit"]], published[pair["next_unit"]]
        assert pair["se"] == pytest.approx(100 * (upper["se"] ** 2 + lower["se"] ** 2) ** 0.5)
    assert [pair["distinguishable"] for pair in pairs] == [False, False, True]
