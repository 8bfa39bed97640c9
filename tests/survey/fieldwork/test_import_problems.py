"""What is wrong with a file of answers or its mapping is told by row, column and value."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.errors import ImportFileError
from survey.model.campaign import Campaign
from tests.support.fieldwork import (
    LONG,
    LONG_FILE,
    LONG_HEAD,
    WIDE,
    bring,
    launched_campaign,
    stored,
)


@pytest.fixture
def backend() -> str:
    """What is wrong with a file does not hang on the kind of database: one is enough here."""
    return "sqlite"


@pytest.fixture
def campaign(session: Session, settings: Settings) -> Campaign:
    return launched_campaign(session, settings)


def refused(act: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(ImportFileError) as caught:
        act()
    return [(problem.code, problem.place) for problem in caught.value.problems]


WRONG = [
    ("7;Cục X;B;Tốt;A;1", [("map", "2/Đơn vị")]),
    ("7;Cục A;A;Tốt;A;1", [("unit", "2/Về")]),  # the own unit
    ("7;Cục A;Z;Tốt;A;1", [("unit", "2/Về")]),
    ("7;Cục A;B;Tuyệt;A;1", [("map", "2/Câu 1")]),
    ("7;Cục A;B;Tốt;E;1", [("choice", "2/Câu 2")]),
    ("7;Cục A;B;Tốt;A;9", [("choice", "2/Chức vụ")]),
    ("7;Cục A;B;;;", [("empty", "2")]),
    (";Cục A;B;Tốt;A;1", [("ballot-id", "2/Phiếu")]),
    ("7;Cục A;B;Tốt;A;1\n7;Cục B;C;Tốt;A;1", [("joined", "3/Phiếu")]),
    ("7;Cục A;B;Tốt;A;1\n7;Cục A;B;Khá;A;1", [("joined", "3/Về"), ("joined", "3/Câu 1")]),
    ("7;Cục A;B;Tốt;A;1\n7;Cục A;C;Tốt;A;2", [("joined", "3/Chức vụ")]),
    ("7;Cục X;B;Tốt;A;1\n8;Cục A;Z;Tốt;A;1", [("map", "2/Đơn vị"), ("unit", "3/Về")]),
]


def test_everything_wrong_is_named_by_row_and_column(session: Session, campaign: Campaign) -> None:
    for rows, problems in WRONG:
        text = f"{LONG_HEAD}\n{rows}\n"

        assert refused(lambda text=text: bring(session, campaign, text)) == problems, rows
    assert not stored(session)


def test_problems_come_in_the_order_of_the_file(session: Session, campaign: Campaign) -> None:
    lines = ("7;Cục A;B;Tốt;E;9", "8;Cục A;B;Tốt;A;1", "9;Cục X;B;Tốt;A;1", "9;Cục A;Z;Tốt;A;1")
    text = "\n".join((LONG_HEAD, *lines))

    assert [place for _, place in refused(lambda: bring(session, campaign, text))] == [
        "2/Câu 2",
        "2/Chức vụ",
        "4/Đơn vị",
        "5/Về",
    ]


def test_the_message_has_the_value(session: Session, campaign: Campaign) -> None:
    with pytest.raises(ImportFileError, match="2/Câu 2: “E” không có trong các phương án"):
        bring(session, campaign, f"{LONG_HEAD}\n7;Cục A;B;Tốt;E;1\n")


def test_many_problems_are_counted_and_the_first_are_listed(
    session: Session, campaign: Campaign
) -> None:
    rows = "\n".join(f"{n};Cục A;B;Tốt;E;1" for n in range(250))

    with pytest.raises(ImportFileError) as caught:
        bring(session, campaign, f"{LONG_HEAD}\n{rows}\n")

    *listed, last = caught.value.problems
    assert len(listed) == 200
    assert (last.values["more"], last.values["total"]) == (50, 250)


@pytest.mark.parametrize("count", ["-1", "1.5", "x", "", "10000000", "²"])
def test_a_count_is_a_whole_number(session: Session, campaign: Campaign, count: str) -> None:
    text = f"B1,C1,Góp ý,Số phiếu\nA,A,,{count}\n"

    assert refused(lambda: bring(session, campaign, text, WIDE)) == [("count", "2/Số phiếu")]


def test_more_ballots_than_people_are_refused(session: Session, campaign: Campaign) -> None:
    head = "B1,C1,Góp ý,Số phiếu\n"

    assert refused(lambda: bring(session, campaign, f"{head}A,A,,41\n", WIDE)) == [("room", "A")]
    bring(session, campaign, f"{head}A,A,,30\n", WIDE)
    assert refused(lambda: bring(session, campaign, f"{head}A,B,,11\n", WIDE)) == [("room", "A")]
    assert bring(session, campaign, f"{head}A,B,,10\n", WIDE).ballots == 10


MAPPINGS = [
    (lambda m: m.pop("stratum"), ("missing", "/")),
    (lambda m: m.update(group="X"), ("group", "group")),
    (lambda m: m.update(extra=1), ("unknown", "/")),
    (lambda m: m.update(answers={}), ("empty", "answers")),
    (lambda m: m.update(count="n"), ("count", "ballot_id")),
    (lambda m: m.update(stratum={}), ("source", "stratum")),
    (lambda m: m.update(stratum={"value": "A", "column": "x"}), ("source", "stratum")),
    (lambda m: m["stratum"]["map"].update(X=3), ("text", "stratum.map.X")),
    (lambda m: m["answers"].update(c9={"column": "x"}), ("question", "answers.c9")),
    (lambda m: m.pop("unit"), ("about", "answers.c1")),
    (lambda m: m.update(unit_answers={"B": {"c1": {"column": "x"}}}), ("unit", "unit")),
    (
        lambda m: m.update(unit_answers={"Y": {"c1": {"column": "x"}}}),
        ("unit", "unit_answers.Y.c1"),
    ),
    (
        lambda m: m.update(unit_answers={"B": {"post": {"column": "x"}}}),
        ("about", "unit_answers.B.post"),
    ),
    (lambda m: m["answers"].update(comment={"column": "Ý"}), ("missing-column", "")),
]


def test_a_mapping_that_does_not_fit_is_refused_with_its_place(
    session: Session, campaign: Campaign
) -> None:
    for change, problem in MAPPINGS:
        mapping = copy.deepcopy(LONG)
        change(mapping)

        found = refused(lambda m=mapping: bring(session, campaign, LONG_FILE, m))

        assert problem in found, found
    for mapping in (None, [], "x", {}):
        assert refused(lambda m=mapping: bring(session, campaign, LONG_FILE, m))
    assert not stored(session)
