"""A real survey goes in as a file and comes out as the scores that R computed, to 1e-9."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from tests.support.client import CheckedClient
from tests.support.housing import DEFINITIONS, compare, declared, from_csv

ANSWERS = DEFINITIONS / "housing-copenhagen-1976.csv"
MAPPING = DEFINITIONS / "mapping.json"


def test_through_the_command_line(command: Callable[..., str], tmp_path: Path) -> None:
    code = declared(command)
    command("import", "responses", ANSWERS, "--campaign", code, "--mapping", MAPPING)

    command("report", "--campaign", code, "--out", tmp_path / "out")

    compare(from_csv((tmp_path / "out" / "results.csv").read_bytes()))


def test_through_the_web(command: Callable[..., str], login: Callable[..., CheckedClient]) -> None:
    code = declared(command)
    staff = login("survey_manager", "analyst")
    files = {
        "file": (io.BytesIO(ANSWERS.read_bytes()), ANSWERS.name),
        "mapping": (io.BytesIO(MAPPING.read_bytes()), MAPPING.name),
    }
    staff.submit(f"/staff/fieldwork/campaigns/{code}/responses", files)

    run = staff.submit(f"/staff/results/campaigns/{code}", button="Tính kết quả").location

    compare(from_csv(staff.get(f"{run}/files/results.csv").data))
