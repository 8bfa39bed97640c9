"""The oracle reports what a broken platform would do, and nothing about a sound one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.ledger import Ledger, Line, digest_of
from tests.faults.oracle import Box, Stored, judge, says

SENT = {"q_post": "1", "q_c1__U2": "A", "q_comment": "ý kiến 1"}
STORED = json.dumps({"answers": {"post": "1", "comment": "ý kiến 1"}, "units": {"U2": {"c1": "A"}}})


def sent(name: str = "b1", phase: str = "load") -> Line:
    return Line(name, digest_of(SENT), None, phase=phase, answers=SENT)


def answered(name: str = "b1", status: int = 303, phase: str = "load", **more: object) -> Line:
    ok = status == 303
    return Line(name, digest_of(SENT), status, ok, "R-1" if ok else None, phase=phase, **more)  # type: ignore[arg-type]


def ballot(name: str = "b1", **changes: object) -> Stored:
    row = {"id": name, "answers": STORED, "receipt": "R-1", "intact": True, "stratum": 1}
    return Stored(**(row | changes))  # type: ignore[arg-type]


def box(*ballots: Stored, spent: int | None = None) -> Box:
    return Box(ballots, {1: len(ballots) if spent is None else spent})


def test_a_ballot_that_is_stored_once_as_it_was_sent_is_right() -> None:
    verdict = judge([sent(), answered(seconds=0.5)], box(ballot()), box(ballot()))

    assert verdict.wrong == {}
    assert (verdict.acknowledged, verdict.in_doubt, verdict.longest_s) == (1, 0, 0.5)


def test_a_ballot_in_doubt_that_gets_its_receipt_later_is_right() -> None:
    lines = [sent(), answered(status=0), sent(phase="settle"), answered(phase="settle")]

    verdict = judge(lines, box(ballot()), box(ballot()))

    assert verdict.wrong == {}
    assert (verdict.in_doubt, verdict.unanswered, verdict.attempts) == (1, 1, 2)


@pytest.mark.parametrize("after", [box(), box(ballot())])
def test_a_confirmed_ballot_that_was_missing_is_lost_even_if_it_came_back(after: Box) -> None:
    verdict = judge([sent(), answered()], box(), after)

    assert verdict.lost == ["b1"]


def test_the_same_answers_under_another_id_are_doubled_and_a_ghost() -> None:
    verdict = judge([sent(), answered()], box(ballot()), box(ballot(), ballot("b2"), spent=1))

    assert set(verdict.wrong) == {"doubled", "ghosts", "orphans", "answers"}


def test_the_same_id_twice_is_doubled() -> None:
    verdict = judge([sent(), answered()], box(ballot()), box(ballot(), ballot()))

    assert "id b1" in verdict.doubled


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"intact": False}, "digests"),
        ({"receipt": "R-2"}, "receipts"),
        ({"answers": STORED.replace('"A"', '"B"')}, "answers"),
        ({"answers": STORED.replace('"c1"', '"c2"')}, "answers"),
        ({"answers": '{"answers": {"post": "1"}, "units": {}}'}, "answers"),
    ],
)
def test_a_row_that_is_not_what_was_sent_is_named(changes: dict[str, object], kind: str) -> None:
    after = box(ballot(**changes))

    verdict = judge([sent(), answered()], after, after)

    assert set(verdict.wrong) == {kind}


def test_a_stated_reason_is_the_answer_to_its_field() -> None:
    given = {"answers": {"post": "1", "comment": "ý kiến 1"}, "missing": {"dont_know": ["c1/U2"]}}
    other = given | {"missing": {"blank": ["c1/U2"]}}

    assert says(json.dumps(given), SENT)
    assert not says(json.dumps(other), SENT)


@pytest.mark.parametrize("spent", [0, 2])
def test_a_code_without_ballot_and_a_ballot_without_code_are_orphans(spent: int) -> None:
    after = box(ballot(), spent=spent)

    assert set(judge([sent(), answered()], after, after).wrong) == {"orphans"}


def test_a_ballot_that_never_got_a_receipt_is_unsettled() -> None:
    verdict = judge([sent(), answered(status=503)], box(), box())

    assert verdict.wrong == {"unsettled": 1}
    assert verdict.refused == 1


def test_a_ledger_reads_what_it_wrote(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    lines = [sent(), answered(status=0, why="ConnectionResetError"), answered(seconds=0.25)]

    for line in lines:
        ledger.write(line)

    assert ledger.lines() == lines
    ledger.close()
