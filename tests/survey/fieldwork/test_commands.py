"""The same steps from the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.cli import main
from survey.config import Settings
from survey.model.ballot import Ballot, Credential
from survey.model.campaign import Campaign
from tests.support.fieldwork import LONG, LONG_FILE, definition, lay_foundation

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, session: Session, monkeypatch: pytest.MonkeyPatch, at: object) -> Run:
    monkeypatch.setenv("XHH_INSTANCE", str(settings.instance))
    monkeypatch.setenv("XHH_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("XHH_UNSAFE_DATABASE", "true")

    def invoke(*arguments: object) -> Result:
        session.commit()
        return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)

    return invoke


def write(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def test_a_campaign_runs_from_the_command_line(run: Run, session: Session, tmp_path: Path) -> None:
    lay_foundation(session)
    file = write(tmp_path / "campaign.json", definition())
    out = tmp_path / "codes.csv"

    assert "XHH-2026" in run("campaign", "create", file).output
    assert run("campaign", "launch", "XHH-2026").exit_code == 0
    codes = run(
        *("campaign", "codes", "XHH-2026", "--out", out),
        *("--base", "https://xhh.example", "--per-cluster", 1),
    )
    assert codes.exit_code == 0, codes.output
    answers = write(tmp_path / "answers.csv", LONG_FILE)
    mapping = write(tmp_path / "mapping.json", LONG)
    closed = run("campaign", "close", "XHH-2026")
    taken = run("import", "responses", answers, "--campaign", "XHH-2026", "--mapping", mapping)

    assert "Đã nhập 2 phiếu từ 3 dòng." in taken.output
    assert closed.exit_code == 0
    written = run("campaign", "answers", "XHH-2026", "--out", tmp_path / "tables")
    assert "Đã ghi câu trả lời của 2 phiếu" in written.output
    assert (tmp_path / "tables" / "NB" / "ballots.parquet").exists()
    session.rollback()
    campaign = session.scalars(select(Campaign)).one()
    assert campaign.launched_at == campaign.closes_at
    assert session.scalar(select(func.count()).select_from(Ballot)) == 2
    rows = list(csv.reader(out.read_text("utf-8-sig").splitlines()))
    assert len(rows) == 77
    assert rows[1][-1].startswith("https://xhh.example/q/XHH-2026#")
    assert out.stat().st_mode & 0o077 == 0
    assert session.scalar(select(func.count()).select_from(Credential)) == 76


def test_a_refused_list_of_codes_leaves_no_file(run: Run, session: Session, tmp_path: Path) -> None:
    lay_foundation(session)
    run("campaign", "create", write(tmp_path / "campaign.json", definition()))
    out = tmp_path / "codes.xlsx"

    refused = run("campaign", "codes", "XHH-2026", "--out", out)

    assert refused.exit_code == 1
    assert "phát động" in refused.output
    assert not out.exists()
    assert run("campaign", "codes", "XHH-2026", "--out", tmp_path / "codes.pdf").exit_code == 2
    out.write_bytes(b"")
    assert run("campaign", "codes", "XHH-2026", "--out", out).exit_code == 2
    assert out.exists()


def test_bad_input_ends_with_a_message_and_its_place(
    run: Run, session: Session, tmp_path: Path
) -> None:
    lay_foundation(session)
    raw = write(tmp_path / "campaign.json", definition(year=2030))
    text = write(tmp_path / "broken.json", "{")

    refused = run("campaign", "create", raw)
    broken = run("campaign", "create", text)
    unknown = run("campaign", "close", "KHONG")

    assert (refused.exit_code, broken.exit_code, unknown.exit_code) == (1, 1, 1)
    assert "year: Chưa có bộ tiêu chí nào áp dụng cho năm 2030." in refused.output
    assert "JSON" in broken.output
    assert "KHONG" in unknown.output


def test_bad_answers_are_named_by_row_and_column(
    run: Run, session: Session, tmp_path: Path
) -> None:
    lay_foundation(session)
    run("campaign", "create", write(tmp_path / "campaign.json", definition()))
    run("campaign", "launch", "XHH-2026")
    answers = write(tmp_path / "answers.csv", LONG_FILE.replace("KB", "X"))
    mapping = write(tmp_path / "mapping.json", LONG)

    refused = run("import", "responses", answers, "--campaign", "XHH-2026", "--mapping", mapping)

    assert refused.exit_code == 1
    assert "4/Câu 2: “X” không có trong các phương án" in refused.output
    assert session.scalar(select(func.count()).select_from(Ballot)) == 0
