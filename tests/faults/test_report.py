"""When the command fails, and what its table says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.faults import FAULTS
from tests.faults.oracle import Verdict
from tests.faults.report import Result, write

FAULT = next(fault for fault in FAULTS if fault.name == "F7")
UNNOTICED = replace(FAULT, no_errors=True)
BROKEN = next(fault for fault in FAULTS if fault.name == "b")


def verdict(**changes: object) -> Verdict:
    return replace(
        Verdict(acknowledged=5, statuses=Counter({303: 5, 503: 2, 0: 1})),
        **changes,  # type: ignore[arg-type]
    )


def test_a_promise_kept_is_right() -> None:
    assert Result(FAULT, verdict(longest_s=2.9)).is_right(allow_missing=False)


@pytest.mark.parametrize(
    "changes",
    [
        {"lost": ["b1"]},
        {"doubled": ["b1"]},
        {"unsettled": ["b1"]},
        {"acknowledged": 0},
        {"statuses": Counter({303: 5, 500: 1})},
        {"longest_s": 3.5, "ordinary_s": 0.1},
        {"remarks": ["1 of 20 answers came before a flush"]},
    ],
)
def test_a_promise_broken_fails(changes: dict[str, object]) -> None:
    assert not Result(FAULT, verdict(**changes)).is_right(allow_missing=True)


def test_what_respondents_notice_fails_where_they_should_notice_nothing() -> None:
    seen = verdict(errors=["ConnectionRefusedError"])

    assert Result(FAULT, seen).is_right(allow_missing=False)
    assert not Result(UNNOTICED, seen).is_right(allow_missing=False)


def test_a_broken_build_must_be_found_out() -> None:
    assert Result(BROKEN, verdict(doubled=["b1"])).is_right(allow_missing=False)
    assert not Result(BROKEN, verdict()).is_right(allow_missing=False)


def test_a_fault_that_could_not_run_fails_unless_that_is_allowed() -> None:
    result = Result(FAULT, reason="needs root")

    assert not result.is_right(allow_missing=False)
    assert result.is_right(allow_missing=True)
    assert "NOT RUN: needs root" in result.row()


def test_the_table_has_a_row_for_each_fault(tmp_path: Path) -> None:
    results = [Result(FAULT, verdict()), Result(BROKEN, failure="Traceback\nOSError: no")]

    write(tmp_path / "faults.md", results)

    rows = [
        line for line in (tmp_path / "faults.md").read_text("utf-8").splitlines() if "| " in line
    ]
    assert [row.count("|") for row in rows] == [13, 13, 13]
    assert "FAILED: OSError: no" in rows[-1]
