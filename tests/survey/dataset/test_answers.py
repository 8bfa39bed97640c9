"""Every answer as tables: typed, with the reason where there is none, free text apart."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy.orm import Session

from survey.ballotbox import ballots
from survey.config import Settings
from survey.dataset.answers import CampaignAnswers, collect
from survey.dataset.folder import write
from survey.errors import ConflictError, InvalidError
from survey.model.ballot import Channel
from survey.questionnaire.content import content
from survey.questionnaire.document import Key, Missing
from survey.questionnaire.interview import Context
from survey.questionnaire.kinds.base import Raw
from survey.questionnaire.parse import parse
from tests.factories import World, make_world
from tests.support.every_kind import every_kind

DAY = date(2026, 3, 2)
EVERYTHING: dict[Key, Raw] = {
    ("c1", "U2"): "A",
    ("c2", "U2"): "KB",
    ("visited", ""): "yes",
    ("wait", ""): Missing.REFUSED,
    ("cost", ""): "12.5",
    ("when", ""): "2026-03-01",
    ("month", ""): "2026-02",
    ("doors", ""): ("post", "web"),
    ("best", ""): ("desk", "web"),
    ("fast", ""): "9",
    ("home", ""): "60",
    ("work", ""): "40",
    ("people", ""): "2",
    ("age", "@1"): "7",
    ("sex", "@2"): "no",
    ("story", ""): "Chờ lâu",
    ("name", "@1"): "An",
}


@pytest.fixture
def world(session: Session, settings: Settings) -> World:
    return make_world(session, settings, document=every_kind(), codes_each=40)


def vote(session: Session, world: World, raw: Mapping[Key, Raw], day: date = DAY) -> bytes:
    """Put a ballot of somebody of the first unit into the box; return its id."""
    units = ("U2", "U3")
    context = Context(today=DAY, units=units, sources={"channel": "code"})
    sheet = ballots.Sheet(
        id=secrets.token_bytes(16),
        campaign_id=world.campaign.id,
        stratum_id=world.strata[0].id,
        cluster_id=None,
        version_id=world.version.id,
        channel=Channel.CODE,
        content=content(parse(every_kind()), context, raw),
    )
    ballots.put(session, sheet, day=day)
    session.flush()
    return sheet.id


def table(answers: CampaignAnswers, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answers.tables["NB"][name].to_pylist()
    return found


def test_values_have_the_type_of_their_question(session: Session, world: World) -> None:
    vote(session, world, EVERYTHING)

    (row,) = table(collect(session, world.campaign), "ballots")

    said = {name: value for name, value in row.items() if "__" not in name}
    assert said == {
        "_ballot": 0,
        "_channel": "code",
        "_stratum": "U1",
        "_cluster": None,
        "_weight": "50",
        "_confirmed": "",
        "visited": "yes",
        "wait": None,
        "cost": Decimal("12.50"),
        "when": date(2026, 3, 1),
        "month": "2026-02",
        "doors": "web;post",
        "best": "desk;web",
        "fast": "9",
        "fair": None,
        "home": Decimal(60),
        "work": Decimal(40),
        "door": "code",
        "people": 2,
        "half": Decimal("6.25"),
        "dear": True,
    }
    why = {n.removesuffix("__missing"): v for n, v in row.items() if n.endswith("__missing") and v}
    assert why == {"wait": "refused", "fast": "refused", "fair": "blank"}


def test_units_and_repeated_sections_have_a_row_each(session: Session, world: World) -> None:
    vote(session, world, EVERYTHING)

    answers = collect(session, world.campaign)

    assert table(answers, "units") == [
        {"_ballot": 0, "_unit": "U2", "c1": "A", "c1__missing": None,
         "c2": "KB", "c2__missing": "dont_know"},
        {"_ballot": 0, "_unit": "U3", "c1": None, "c1__missing": "blank",
         "c2": None, "c2__missing": "blank"},
    ]  # fmt: skip
    assert [(r["_number"], r["age"], r["sex"]) for r in table(answers, "repeat-kids")] == [
        (1, 7, None),
        (2, None, "no"),
    ]


def test_what_was_not_asked_is_no_blank(session: Session, world: World) -> None:
    vote(session, world, {("visited", ""): "no"})

    (row,) = table(collect(session, world.campaign), "ballots")

    assert (row["wait__missing"], row["when__missing"]) == ("not_asked", "not_asked")
    assert (row["cost__missing"], row["visited__missing"]) == ("blank", None)


def test_a_ballot_of_before_reasons_were_kept_has_blanks(session: Session, world: World) -> None:
    raw = {("c1", "U2"): "A"}
    vote(session, world, raw)
    answers = collect(session, world.campaign)

    assert {r["c2__missing"] for r in table(answers, "units")} == {"blank"}


def test_free_texts_stand_apart_and_only_from_ten_ballots_on(
    session: Session, world: World
) -> None:
    for n in range(12):
        raw: dict[Key, Raw] = {("people", ""): str(n % 3), ("story", ""): f"Chuyện {n:02}"}
        vote(session, world, raw | ({("name", "@1"): "An"} if n % 3 else {}))

    answers = collect(session, world.campaign)

    columns = {name for tables in answers.tables["NB"].values() for name in tables.column_names}
    assert not {c for c in columns if c.startswith(("story", "echo", "name"))}
    told = table(answers, "texts")
    assert {row["variable"] for row in told} == {"echo", "story"}
    stories = [row["text"] for row in told if row["variable"] == "story"]
    assert sorted(stories) == [f"Chuyện {n:02}" for n in range(12)]
    assert stories != sorted(stories)
    assert answers.codebook["groups"][0]["texts_withheld"] == ["name"]


def test_the_order_of_texts_follows_from_the_texts_alone(session: Session, world: World) -> None:
    for n in range(10):
        vote(session, world, {("cost", ""): str(n), ("story", ""): f"Chuyện {n}"})
    first = table(collect(session, world.campaign), "texts")
    session.rollback()
    for n in range(10):
        vote(session, world, {("cost", ""): str(9 - n), ("story", ""): f"Chuyện {n}"})

    assert table(collect(session, world.campaign), "texts") == first


def test_the_order_of_arrival_leaves_no_trace(session: Session, world: World) -> None:
    costs = [str(n) for n in range(12)]
    found = []
    for order in (costs, costs[::-1]):
        for cost in order:
            vote(session, world, {("cost", ""): cost})
        found.append(collect(session, world.campaign).tables["NB"]["ballots"])
        session.rollback()

    assert found[0].equals(found[1])
    assert [str(int(c)) for c in found[0]["cost"].to_pylist()] != costs


def test_the_codebook_says_what_everything_means(session: Session, world: World) -> None:
    vote(session, world, EVERYTHING)

    codebook = collect(session, world.campaign).codebook

    assert codebook["missing"]["not_asked"] == {"vi": "Không được hỏi", "en": "Not asked"}
    (group,) = codebook["groups"]
    assert group["questionnaire"]["version"] == 1
    assert group["tables"] == {"ballots": 1, "units": 2, "repeat-kids": 2, "texts": 0}
    variables = {one["code"]: one for one in group["variables"]}
    types = {code: one["type"] for code, one in variables.items()}
    assert types | {
        "c1": "code", "wait": "integer", "cost": "decimal", "when": "date",
        "month": "partial_date", "doors": "codes", "dear": "boolean", "story": "text",
        "echo": "text",
    } == types  # fmt: skip
    assert variables["fast"]["question"] == {"code": "pace", "text": {"vi": "pace", "en": "pace"}}
    assert variables["fast"]["choices"][2]["missing"] == "refused"
    assert (variables["age"]["table"], variables["c1"]["table"]) == ("repeat-kids", "units")


def test_a_damaged_ballot_stops_everything(session: Session, world: World) -> None:
    vote(session, world, EVERYTHING)
    stored = session.query(ballots.Ballot).one()
    stored.answers = stored.answers.replace("}", " }", 1)

    with session.no_autoflush, pytest.raises(InvalidError):
        collect(session, world.campaign)


def test_a_folder_holds_typed_files_and_no_ballot_id(
    session: Session, world: World, tmp_path: Path
) -> None:
    id_ = vote(session, world, EVERYTHING)
    folder = tmp_path / "out"

    write(folder, collect(session, world.campaign))

    files = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    names = ("ballots", "repeat-kids", "texts", "units")
    assert files == [*(f"NB/{name}.parquet" for name in names), "codebook.json"]
    assert {p.stat().st_mode & 0o77 for p in folder.rglob("*") if p.is_file()} == {0}
    assert pq.read_schema(folder / "NB" / "ballots.parquet").field("when").type == pa.date32()
    content = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
    assert id_ not in content
    assert id_.hex().encode() not in content
    assert json.loads((folder / "codebook.json").read_text("utf-8"))["campaign"] == "XHH-T"
    with pytest.raises(ConflictError):
        write(folder, collect(session, world.campaign))
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
