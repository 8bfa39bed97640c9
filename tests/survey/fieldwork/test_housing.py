"""The real survey of Copenhagen comes in through the command and through the web."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.model.ballot import Ballot, Channel
from tests.support.client import CheckedClient
from tests.support.housing import DEFINITIONS, declared
from tests.support.source import ROOT

ANSWERS = DEFINITIONS / "housing-copenhagen-1976.csv"
LEVELS = {"Low": "1", "Medium": "2", "High": "3"}


@pytest.fixture
def campaign(command: Callable[..., str]) -> str:
    return declared(command)


def published() -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    with ANSWERS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            counts[row["Type"].upper(), LEVELS[row["Sat"]]] += int(row["Freq"])
    return counts


def in_the_box(session: Session) -> Counter[tuple[str, str]]:
    session.rollback()
    counts: Counter[tuple[str, str]] = Counter()
    for ballot in session.scalars(select(Ballot)):
        content = json.loads(ballot.answers)
        ((unit, said),) = content["units"].items()
        counts[unit, said["sat"]] += 1
        assert content["answers"].keys() == {"infl", "cont"}
        assert ballot.channel is Channel.IMPORT
    return counts


def test_the_counts_are_the_published_ones() -> None:
    towers = sum(n for (unit, _), n in published().items() if unit == "TOWER")

    assert (published().total(), towers) == (1681, 400)


def test_the_file_is_the_one_that_the_results_are_checked_with() -> None:
    reference = ROOT / "tests" / "reference" / "housing" / ANSWERS.name

    assert ANSWERS.read_bytes() == reference.read_bytes()


def test_it_comes_in_through_the_command(
    command: Callable[..., str], campaign: str, session: Session
) -> None:
    output = command(
        *("import", "responses", ANSWERS, "--campaign", campaign),
        *("--mapping", DEFINITIONS / "mapping.json"),
    )

    assert "1681 phiếu từ 72 dòng" in output
    assert in_the_box(session) == published()


def test_it_comes_in_through_the_web(
    login: Callable[..., CheckedClient], campaign: str, session: Session
) -> None:
    manager = login("survey_manager")
    page = f"/staff/fieldwork/campaigns/{campaign}"
    files = {
        name: (io.BytesIO(path.read_bytes()), Path(path).name)
        for name, path in (("file", ANSWERS), ("mapping", DEFINITIONS / "mapping.json"))
    }

    response = manager.submit(f"{page}/responses", files)

    assert response.location == page
    assert "Đã nhập 1681 phiếu từ 72 dòng." in manager.get(page).text
    assert in_the_box(session) == published()
