"""Answers from files: the same checks as the web, all of a file or nothing."""

from __future__ import annotations

import io
import json
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.ballotbox.ballots import is_intact
from survey.config import Settings
from survey.errors import ClosedError, ConflictError, FrozenError, ImportFileError
from survey.fieldwork.importing import import_responses
from survey.fieldwork.services import close, create_campaign
from survey.model.audit import AuditEvent
from survey.model.ballot import BallotImport
from survey.model.campaign import Campaign
from survey.model.result import Run
from tests.support.fieldwork import (
    AT,
    BY,
    LONG,
    LONG_FILE,
    WIDE,
    bring,
    definition,
    launched_campaign,
    lay_foundation,
    stored,
)

# What the columns of `WIDE` are when people of unit B filled the sheets in.
OF_B = {"A": {"c1": {"column": "B1"}}, "C": {"c1": {"column": "C1"}}}


@pytest.fixture
def campaign(session: Session, settings: Settings) -> Campaign:
    return launched_campaign(session, settings)


def contents(session: Session) -> list[Any]:
    return sorted((json.loads(ballot.answers) for ballot in stored(session)), key=str)


def workbook(text: str) -> bytes:
    book = openpyxl.Workbook()
    for line in text.splitlines():
        book.active.append([int(cell) if cell.isdigit() else cell for cell in line.split(";")])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def refused(act: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(ImportFileError) as caught:
        act()
    return [(problem.code, problem.place) for problem in caught.value.problems]


def add_run(session: Session, campaign: Campaign) -> None:
    names = ("dataset_hash", "scheme_hash", "inputs_hash", "result_hash")
    session.add(
        Run(
            campaign_id=campaign.id,
            made_at=AT,
            made_by="phantich",
            inputs="{}",
            software_version="0",
            seed=1,
            result="{}",
            is_generated=False,
            **dict.fromkeys(names, "0" * 64),
        )
    )
    session.commit()


def test_rows_about_units_become_whole_ballots(session: Session, campaign: Campaign) -> None:
    report = bring(session, campaign, LONG_FILE)

    assert contents(session) == [
        {
            "answers": {"post": "1"},
            "units": {"B": {"c1": "A", "c2": "A"}, "C": {"c1": "B"}},
            "missing": {"blank": ["c2/C", "comment"]},
        },
        {
            "answers": {},
            "units": {"A": {"c2": "KB"}},
            "missing": {"blank": ["c1/A", "post", "comment"]},
        },
    ]
    assert (report.rows, report.ballots, report.strata) == (3, 2, {"A": 1, "B": 1})
    ballots = stored(session)
    assert all(is_intact(ballot) and ballot.channel.value == "import" for ballot in ballots)
    assert {len(ballot.id) for ballot in ballots} == {16}
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "responses.imported")
    ).one()
    assert event.details["ballots"] == 2


def test_columns_of_units_and_counts_become_ballots(session: Session, campaign: Campaign) -> None:
    text = "B1,C1,Góp ý,Số phiếu\nA,KB,,3\n,D,Tốt,1\nA,A,không tính,0\n"

    report = bring(session, campaign, text, WIDE)

    assert report.ballots == 4
    said = [(content["answers"], content["units"]) for content in contents(session)]
    assert Counter(map(str, said)) == {
        "({}, {'B': {'c1': 'A'}, 'C': {'c1': 'KB'}})": 3,
        "({'comment': 'Tốt'}, {'B': {}, 'C': {'c1': 'D'}})": 1,
    }


def test_a_workbook_brings_the_same_ballots(session: Session, campaign: Campaign) -> None:
    import_responses(session, campaign, "phiếu.xlsx", workbook(LONG_FILE), LONG, **BY)

    assert [content["answers"] for content in contents(session)] == [{"post": "1"}, {}]


def test_clusters_come_from_a_column(session: Session, campaign: Campaign) -> None:
    mapping = {
        "group": "DAN",
        "stratum": {"value": "T"},
        "cluster": {"column": "Xã"},
        "unit": {"column": "Về"},
        "answers": {"c1": {"column": "Câu"}},
    }

    bring(session, campaign, "Xã,Về,Câu\nX1,A,A\nX2,B,B\n", mapping)

    assert len({ballot.cluster_id for ballot in stored(session)}) == 2
    wrong = refused(lambda: bring(session, campaign, "Xã,Về,Câu\nX9,A,A\n", mapping))
    assert wrong == [("cluster", "2/Xã")]
    del mapping["cluster"]
    wrong = refused(lambda: bring(session, campaign, "Về,Câu\nA,A\n", mapping))
    assert wrong == [("cluster", "2")]


def test_the_same_file_is_refused_a_second_time(session: Session, campaign: Campaign) -> None:
    bring(session, campaign, LONG_FILE)

    with pytest.raises(ConflictError, match="một lần"):
        bring(session, campaign, LONG_FILE)
    assert len(stored(session)) == 2
    assert session.scalar(select(func.count()).select_from(BallotImport)) == 1


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace(";", ","),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n") + ";;;;;\r\n",
    ],
    ids=["decomposed", "commas", "byte-order-mark", "line-ends"],
)
def test_the_same_answers_in_other_bytes_are_refused_too(
    session: Session, campaign: Campaign, rewrite: Callable[[str], str]
) -> None:
    bring(session, campaign, LONG_FILE)

    with pytest.raises(ConflictError, match="một lần"):
        bring(session, campaign, rewrite(LONG_FILE))
    assert len(stored(session)) == 2


def test_a_workbook_of_the_same_answers_is_refused_too(
    session: Session, campaign: Campaign
) -> None:
    bring(session, campaign, LONG_FILE)

    with pytest.raises(ConflictError, match="một lần"):
        import_responses(session, campaign, "phiếu.xlsx", workbook(LONG_FILE), LONG, **BY)


def test_other_answers_and_another_reading_of_the_columns_are_another_import(
    session: Session, campaign: Campaign
) -> None:
    text = "B1,C1,Góp ý,Số phiếu\nA,KB,,3\n"
    bring(session, campaign, text, WIDE)

    bring(session, campaign, text.replace("3", "2"), WIDE)
    bring(session, campaign, text, WIDE | {"stratum": {"value": "B"}, "unit_answers": OF_B})

    assert len(stored(session)) == 8


def test_files_are_taken_from_the_opening_until_there_are_results(
    session: Session, campaign: Campaign
) -> None:
    early = BY | {"at": campaign.opens_at - timedelta(seconds=1)}
    with pytest.raises(ClosedError):
        import_responses(session, campaign, "x.csv", LONG_FILE.encode(), LONG, **early)
    close(session, campaign, **BY)
    bring(session, campaign, LONG_FILE)
    add_run(session, campaign)

    with pytest.raises(FrozenError):
        bring(session, campaign, LONG_FILE + "9;Cục B;A;;KB;\n")


def test_a_campaign_that_is_not_launched_takes_nothing(session: Session) -> None:
    lay_foundation(session)
    campaign = create_campaign(session, definition(), **BY)

    with pytest.raises(ClosedError):
        bring(session, campaign, LONG_FILE)


def test_a_file_of_several_batches_comes_in_whole(session: Session, settings: Settings) -> None:
    groups = definition()["groups"]
    groups[0]["strata"][0] |= {"population_size": None, "sampled": 5000}
    campaign = launched_campaign(session, settings, groups=groups)
    rows = "".join(f"{'ABCD'[n % 4]},{'ABCD'[n // 4 % 4]},Ý kiến {n}\n" for n in range(4999))
    mapping = {key: value for key, value in WIDE.items() if key != "count"}

    report = bring(session, campaign, f"B1,C1,Góp ý\n{rows}", mapping)

    assert report.ballots == len({ballot.id for ballot in stored(session)}) == 4999
    assert all(is_intact(ballot) for ballot in stored(session))


def test_the_order_of_the_file_is_not_the_order_in_the_box(
    session: Session, campaign: Campaign
) -> None:
    rows = "".join(f"A,A,{n}\n" for n in range(40))
    mapping = {key: value for key, value in WIDE.items() if key != "count"}
    bring(session, campaign, f"B1,C1,Góp ý\n{rows}", mapping)

    kept = [int(json.loads(ballot.answers)["answers"]["comment"]) for ballot in stored(session)]

    assert sorted(kept) == list(range(40))
    assert kept != sorted(kept)


def test_the_file_is_written_nowhere(
    session: Session, settings: Settings, campaign: Campaign, tmp_path: Path
) -> None:
    bring(session, campaign, LONG_FILE)

    assert not [p for p in tmp_path.rglob("*") if p.suffix in {".csv", ".xlsx"}]
    assert AT.date() in {ballot.day for ballot in stored(session)}
