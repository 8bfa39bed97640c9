"""Cells of every kind of question, from a file to the ballot; path and checks are recomputed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.errors import ImportFileError
from survey.fieldwork.importing import ImportReport, import_responses
from survey.fieldwork.words import remarks
from tests.factories import CLOSES, World, make_world
from tests.support.every_kind import every_kind
from tests.support.fieldwork import stored


@pytest.fixture
def backend() -> str:
    """What a cell says does not hang on the kind of database: one is enough here."""
    return "sqlite"


MISSING = {"98": {"missing": "dont_know"}, "99": {"missing": "refused"}}


def world_of(session: Session, settings: Settings) -> World:
    return make_world(session, settings, document=every_kind(), codes_each=40)


def mapped(*codes: str, **more: Any) -> dict[str, Any]:
    answers = {code: {"column": code} for code in codes}
    return {"group": "NB", "stratum": {"value": "U1"}, "answers": answers, **more}


def bring(session: Session, world: World, table: str, mapping: dict[str, Any]) -> ImportReport:
    by: dict[str, Any] = {"actor": "quanly", "at": CLOSES}
    data = table.replace("|", "\t").encode()
    return import_responses(session, world.campaign, "phiếu.csv", data, mapping, **by)


def contents(session: Session) -> list[Any]:
    """What the ballots say, without what is calculated from it."""
    found = [json.loads(ballot.answers) for ballot in stored(session)]
    for content in found:
        for code in ("half", "dear", "echo"):
            content["answers"].pop(code, None)
    return found


def refused(session: Session, world: World, table: str, mapping: dict[str, Any]) -> Any:
    with pytest.raises(ImportFileError) as caught:
        bring(session, world, table, mapping)
    return [(problem.code, problem.place) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("code", "cell", "value"),
    [
        ("visited", "no", "no"),
        ("cost", "12.50", "12.5"),
        ("cost", "12,5", "12.5"),
        ("month", "2026-03", "2026-03"),
        ("month", "3/2026", "2026-03"),
        ("doors", "post;web", ["web", "post"]),
        ("doors", "post ; web;", ["web", "post"]),
        ("best", "desk;web", ["desk", "web"]),
        ("best", "web=2;desk=1", ["desk", "web"]),
        ("fast", "2", "2"),
    ],
)
def test_a_cell_of_each_kind_becomes_its_canonical_value(
    session: Session, settings: Settings, code: str, cell: str, value: object
) -> None:
    world = world_of(session, settings)

    bring(session, world, f"{code}|x\n{cell}|\n", mapped(code))

    assert contents(session)[0]["answers"] == {code: value, "door": "import"}


@pytest.mark.parametrize("cell", ["27/3/2026", "2026-03-27", "27/03/2026"])
def test_a_date_is_read_day_first_or_year_first(
    session: Session, settings: Settings, cell: str
) -> None:
    world = world_of(session, settings)

    bring(session, world, f"visited|when\nyes|{cell}\n", mapped("visited", "when"))

    assert contents(session)[0]["answers"]["when"] == "2026-03-27"


@pytest.mark.parametrize(
    ("code", "cell", "problem"),
    [
        ("cost", "1.234,50", "number"),
        ("people", "1,5", "decimals"),
        ("people", "6", "maximum"),
        ("month", "27/03/2026", "date"),
        ("doors", "web;fax", "choice"),
        ("doors", "web;none", "exclusive"),
        ("best", "web;web", "repeated"),
        ("home", "60", "total"),
    ],
)
def test_what_does_not_fit_is_named_by_row_and_column(
    session: Session, settings: Settings, code: str, cell: str, problem: str
) -> None:
    world = world_of(session, settings)

    found = refused(session, world, f"{code}|x\n{cell}|\n", mapped(code))

    assert found == [(problem, f"2/{code}")]


def test_stated_reasons_come_from_the_map(session: Session, settings: Settings) -> None:
    world = world_of(session, settings)
    mapping = mapped("visited", "wait", "fast")
    mapping["answers"]["wait"]["map"] = MISSING | {"15": "15"}
    mapping["answers"]["fast"]["map"] = {"1": "1", "99": {"missing": "refused"}}

    bring(session, world, "visited|wait|fast\nyes|98|1\nyes|99|99\nyes|15|\n", mapping)

    found = {json.dumps(c["answers"], sort_keys=True): c["missing"] for c in contents(session)}
    unknown = found['{"door": "import", "fast": "1", "visited": "yes"}']
    no_comment = found['{"door": "import", "fast": "9", "visited": "yes"}']
    said = found['{"door": "import", "visited": "yes", "wait": "15"}']
    assert unknown["dont_know"] == ["wait"]
    assert no_comment["refused"] == ["wait"]
    assert "fast" in said["blank"]
    assert not {"dont_know", "refused"} & said.keys()


@pytest.mark.parametrize(
    ("code", "table", "problem"),
    [
        ("cost", {"99": {"missing": "refused"}}, ("missing", "answers.cost.map.99")),
        ("wait", {"99": {"missing": "blank"}}, ("missing", "answers.wait.map.99")),
        ("wait", {"99": {"reason": "refused"}}, ("unknown", "answers.wait.map.99")),
        ("door", None, ("not-answered", "answers.door")),
        ("age", None, ("repeat", "answers.age")),
    ],
)
def test_a_mapping_that_a_question_does_not_take_is_refused(
    session: Session, settings: Settings, code: str, table: Any, problem: tuple[str, str]
) -> None:
    world = world_of(session, settings)
    mapping = mapped(code)
    mapping["answers"][code] |= {} if table is None else {"map": table}

    assert problem in refused(session, world, f"{code}|x\n1|\n", mapping)


def test_answers_off_the_path_are_dropped_and_counted(session: Session, settings: Settings) -> None:
    world = world_of(session, settings)
    table = "visited|wait|when|n\nno|15|2026-03-01|3\nyes|20||1\n"
    mapping = mapped("visited", "wait", "when", count="n")

    report = bring(session, world, table, mapping)

    assert (report.dropped, report.warned) == ({"wait": 3, "when": 3}, {})
    off = next(c for c in contents(session) if c["answers"]["visited"] == "no")
    assert off["answers"] == {"door": "import", "visited": "no"}
    assert off["missing"]["not_asked"][:2] == ["wait", "when"]
    (message, values), *others = remarks(report)
    assert "when (3)" in message % values
    assert not others


def test_warnings_are_counted_and_count_as_confirmed(session: Session, settings: Settings) -> None:
    world = world_of(session, settings)

    report = bring(session, world, "visited|wait\nyes|300\nyes|20\n", mapped("visited", "wait"))

    assert report.warned == {"wait:long": 1}
    assert {c["answers"]["wait"]: c.get("confirmed") for c in contents(session)} == {
        "300": ["wait:long"],
        "20": None,
    }


def test_repeated_sections_come_from_numbered_columns(session: Session, settings: Settings) -> None:
    world = world_of(session, settings)
    of_children = {
        str(n): {"age": {"column": f"age{n}"}, "sex": {"column": f"sex{n}"}} for n in (1, 2)
    }
    mapping = mapped("people", repeat_answers=of_children)

    report = bring(session, world, "people|age1|sex1|age2|sex2\n2|7|yes|9|\n1|3||4|\n", mapping)

    groups = sorted((c["groups"]["kids"] for c in contents(session)), key=len)
    assert groups == [[{"age": "3"}], [{"age": "7", "sex": "yes"}, {"age": "9"}]]
    assert report.dropped == {"age": 1}


@pytest.mark.parametrize("number", ["0", "6", "x"])
def test_a_repetition_that_cannot_be_is_refused(
    session: Session, settings: Settings, number: str
) -> None:
    world = world_of(session, settings)
    mapping = mapped("people", repeat_answers={number: {"age": {"column": "age"}}})

    found = refused(session, world, "people|age\n1|7\n", mapping)

    assert found == [("repeat", f"repeat_answers.{number}.age")]


def test_a_code_and_a_reason_of_the_same_letters_are_two_imports(
    session: Session, settings: Settings
) -> None:
    world = world_of(session, settings)
    mapping, other = mapped("visited", "wait"), mapped("visited", "wait")
    mapping["answers"]["wait"]["map"] = {"9": {"missing": "refused"}, "15": "15"}
    other["answers"]["wait"]["map"] = {"9": "refused", "15": "15"}
    bring(session, world, "visited|wait\nyes|15\n", mapping)

    assert bring(session, world, "visited|wait\nyes|15\n", other).ballots == 1
