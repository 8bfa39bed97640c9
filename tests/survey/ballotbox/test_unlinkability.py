"""The attack on anonymity: who holds the whole database tries to tell who wrote which ballot.

The attacker has the frame in the order in which codes were handed out, every table with its hidden
columns, and on SQLite the file itself. Every join below gets one guess for each ballot. On our
schema none of them may do better than drawing lots inside a stratum; on a naive schema, voted on in
the same way, they find nearly everybody. What the attack cannot find in either, it would not be
worth trying.
"""

from __future__ import annotations

import math
import random
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from survey.ballotbox import codes, keys
from survey.collection import drafts, queries, services
from survey.collection.drafts import Entry
from survey.collection.queries import Form
from survey.config import Settings
from survey.db import Database, transaction
from survey.questionnaire import canonical
from tests.factories import World, make_world

STRATA = 20
PEOPLE_EACH = 100
VOTES = STRATA * PEOPLE_EACH
SQLITE_PAGE = 4096
FIRST_DAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """A row as the attacker sees it; `name` is a person on one side and a ballot on the other."""

    name: str
    stratum: Any
    key: Any
    day: str | None = None
    xmin: int | None = None
    position: Any = None  # ctid, or the place in a full scan
    offset: Any = None  # place of the key's bytes in the file


@dataclass(frozen=True)
class Dump:
    people: list[Row]
    ballots: list[Row]


Guess = dict[str, str]  # ballot → person


def _paired(people: Sequence[Row], ballots: Sequence[Row]) -> Guess:
    return {b.name: p.name for p, b in zip(people, ballots, strict=False)}


def _in_order(dump: Dump, order: Callable[[Row], Any]) -> Guess:
    """Pair both sides in the same order, inside each stratum."""
    guess: Guess = {}
    by_stratum: dict[Any, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for row in dump.people:
        by_stratum[row.stratum][0].append(row)
    for row in dump.ballots:
        by_stratum[row.stratum][1].append(row)
    for people, ballots in by_stratum.values():
        guess |= _paired(sorted(people, key=order), sorted(ballots, key=order))
    return guess


def join_by_transaction(dump: Dump) -> Guess:
    owner = {row.xmin: row.name for row in dump.people}
    return {b.name: owner[b.xmin] for b in dump.ballots if b.xmin in owner}


def join_by_position(dump: Dump) -> Guess:
    return _in_order(dump, lambda row: row.position)


def join_by_key_order(dump: Dump) -> Guess:
    return _in_order(dump, lambda row: row.key)


def join_by_day_and_stratum(dump: Dump) -> Guess:
    return _in_order(dump, lambda row: (row.day or "", row.position))


def join_by_file_order(dump: Dump) -> Guess:
    return _in_order(dump, lambda row: row.offset)


def join_by_global_position(dump: Dump) -> Guess:
    order = sorted(dump.people, key=lambda r: r.position)
    return _paired(order, sorted(dump.ballots, key=lambda r: r.position))


def join_by_transaction_order(dump: Dump) -> Guess:
    return _in_order(dump, lambda row: row.xmin)


ATTACKS = {
    "sqlite": (
        join_by_position,
        join_by_key_order,
        join_by_day_and_stratum,
        join_by_file_order,
        join_by_global_position,
    ),
    "postgresql": (
        join_by_transaction,
        join_by_transaction_order,
        join_by_position,
        join_by_key_order,
        join_by_day_and_stratum,
        join_by_file_order,
        join_by_global_position,
    ),
}


def hits(guess: Guess, truth: Guess) -> int:
    return sum(truth[ballot] == person for ballot, person in guess.items())


def lots() -> float:
    """Drawing lots inside strata hits once a stratum on average; five standard deviations more."""
    return STRATA + 5 * math.sqrt(STRATA)


# ---------------------------------------------------------------- reading what is stored


def _rows(session: Session, table: str, columns: str) -> Iterator[dict[str, Any]]:
    if session.get_bind().dialect.name == "postgresql":
        query = f"SELECT {columns}, xmin::text::bigint AS xmin, ctid::text AS ctid FROM {table}"
        for row in session.execute(text(query)).mappings():
            page, item = row["ctid"].strip("()").split(",")
            yield {**row, "position": (int(page), int(item)), "offset": int(page) << 16 | int(item)}
        return
    data = Path(str(session.get_bind().engine.url.database)).read_bytes()
    for place, row in enumerate(session.execute(text(f"SELECT {columns} FROM {table}")).mappings()):
        mark = row.get("mark") or row["key"]
        offset = data.rfind(mark if isinstance(mark, bytes) else str(mark).encode())
        page = offset // SQLITE_PAGE  # a page fills from its end
        yield {**row, "xmin": None, "position": place, "offset": (page, -offset)}


def dump_of_ours(session: Session, world: World) -> Dump:
    """The spent codes, each given to the person whom the order of the credentials suggests."""
    frame: dict[int, list[str]] = {
        stratum.id: [f"{stratum.code}/{n}" for n in range(PEOPLE_EACH)] for stratum in world.strata
    }
    credentials = sorted(
        _rows(session, "credential", "tag AS key, stratum_id AS stratum"),
        key=lambda row: row["position"],
    )
    holder = {row["key"]: (frame[row["stratum"]].pop(0), row["stratum"]) for row in credentials}
    people = [
        Row(
            name=holder[row["key"]][0],
            stratum=holder[row["key"]][1],
            key=row["key"],
            xmin=row["xmin"],
            position=row["position"],
            offset=row["offset"],
        )
        for row in _rows(session, "spent", "tag AS key")
    ]
    return Dump(people, _ballots(session, "ballot", "id AS key, stratum_id AS stratum, day"))


def _ballots(session: Session, table: str, columns: str) -> list[Row]:
    return [
        Row(
            name=row["key"].hex() if isinstance(row["key"], bytes) else str(row["key"]),
            stratum=row["stratum"],
            key=row["key"],
            day=str(row["day"]),
            xmin=row["xmin"],
            position=row["position"],
            offset=row["offset"],
        )
        for row in _rows(session, table, columns)
    ]


# ---------------------------------------------------------------- voting


def turnout(seed: int) -> list[tuple[int, int, datetime]]:
    """Who votes when: everybody once, in random order, over five days."""
    drawn = random.Random(seed)
    order = [(s, n) for s in range(STRATA) for n in range(PEOPLE_EACH)]
    drawn.shuffle(order)
    step = timedelta(days=5) / VOTES
    return [(s, n, FIRST_DAY + step * i) for i, (s, n) in enumerate(order)]


def filled_in(
    session: Session, settings: Settings, world: World, entry: Entry, code: str, at: datetime
) -> Form:
    """Begin a form and answer a question of it, as the pages do."""
    token = drafts.token_of(settings, world.campaign.code, code)
    visit = drafts.begin(session, settings, entry, token, at=at)
    visit = drafts.change(
        session, settings, visit, lambda current: replace(current, answers={("post", ""): "1"})
    )
    return queries.form_of(session, visit, queries.round_of(world.campaign), at=at)


def vote_on_ours(session: Session, settings: Settings, world: World) -> Guess:
    """Everybody votes through the service that the pages call; returns the truth."""
    key = keys.read_key(settings, world.campaign.code)
    truth: Guess = {}
    for s, n, at in turnout(1):
        code = world.codes[s * PEOPLE_EACH + n]
        found = queries.entry_of_code(session, world.campaign, codes.tag_of(key, code))
        assert found is not None
        form = filled_in(session, settings, world, found[0], code, at)
        visit, content = form.visit, canonical.digest(services.content_of(form))
        services.submit(
            session, settings, form, ballot_id=visit.ballot_id, content_hash=content, at=at
        )
        truth[visit.ballot_id.hex()] = f"{world.strata[s].code}/{n}"
    return truth


NAIVE_TABLES = {
    "sqlite": """
        CREATE TABLE naive_invitee (id INTEGER PRIMARY KEY, mark TEXT, stratum TEXT, voted_on TEXT);
        CREATE TABLE naive_ballot (id INTEGER PRIMARY KEY, mark TEXT, stratum TEXT, day TEXT)
    """,
    "postgresql": """
        CREATE TABLE naive_invitee (id serial PRIMARY KEY, mark text, stratum text, voted_on text);
        CREATE TABLE naive_ballot (id serial PRIMARY KEY, mark text, stratum text, day text)
    """,
}


def vote_on_naive(database: Database, kind: str) -> tuple[Guess, Dump]:
    """The usual way: a row is written about the person in the transaction of the ballot."""
    truth: Guess = {}
    with database.session() as session:
        with transaction(session):
            for statement in NAIVE_TABLES[kind].split(";"):
                session.execute(text(statement))
        for s, n, at in turnout(2):
            person, ballot = f"U{s}/{n}#", secrets.token_hex(12)
            values = {"p": person, "b": ballot, "s": f"U{s}", "d": at.isoformat()}
            with transaction(session):
                session.execute(
                    text("INSERT INTO naive_invitee (mark, stratum, voted_on) VALUES (:p, :s, :d)"),
                    values,
                )
                session.execute(
                    text("INSERT INTO naive_ballot (mark, stratum, day) VALUES (:b, :s, :d)"),
                    values,
                )
            truth[ballot] = person
        return truth, _naive_dump(session)


def _naive_dump(session: Session) -> Dump:
    def rows(table: str, day: str) -> list[Row]:
        return [
            Row(
                row["mark"],
                row["stratum"],
                row["key"],
                row["day"],
                row["xmin"],
                row["position"],
                row["offset"],
            )
            for row in _rows(session, table, f"id AS key, mark, stratum, {day} AS day")
        ]

    return Dump(rows("naive_invitee", "voted_on"), rows("naive_ballot", "day"))


# ---------------------------------------------------------------- the claims


def test_no_join_finds_the_writers_of_our_ballots(
    session: Session, settings: Settings, backend: str
) -> None:
    world = make_world(session, settings, units=STRATA, codes_each=PEOPLE_EACH)
    truth = vote_on_ours(session, settings, world)
    dump = dump_of_ours(session, world)
    assert len(truth) == len(dump.ballots) == len(dump.people) == VOTES

    scores = {attack.__name__: hits(attack(dump), truth) for attack in ATTACKS[backend]}

    assert max(scores.values()) <= lots(), scores


def test_the_same_joins_find_the_writers_on_a_naive_schema(
    empty_database: Database, backend: str
) -> None:
    truth, dump = vote_on_naive(empty_database, backend)
    assert len(truth) == len(dump.ballots) == VOTES

    scores = {attack.__name__: hits(attack(dump), truth) for attack in ATTACKS[backend]}

    assert min(scores.values()) >= 0.99 * VOTES, scores


def test_no_draft_outlives_its_ballot(session: Session, settings: Settings) -> None:
    world = make_world(session, settings, units=2, codes_each=1)
    key = keys.read_key(settings, world.campaign.code)
    found = queries.entry_of_code(session, world.campaign, codes.tag_of(key, world.codes[0]))
    assert found is not None
    form = filled_in(session, settings, world, found[0], world.codes[0], FIRST_DAY)
    visit, content = form.visit, canonical.digest(services.content_of(form))

    services.submit(
        session, settings, form, ballot_id=visit.ballot_id, content_hash=content, at=FIRST_DAY
    )

    assert session.execute(text("SELECT count(*) FROM draft")).scalar_one() == 0


@pytest.mark.parametrize("table", ["ballot", "spent", "credential", "draft"])
def test_nothing_in_the_box_counts_arrivals_or_tells_the_hour(
    session: Session, backend: str, table: str
) -> None:
    if backend == "sqlite":
        query = text("SELECT sql FROM sqlite_master WHERE name = :t")
        sql = session.execute(query, {"t": table}).scalar_one()
        assert "WITHOUT ROWID" in sql
        assert "AUTOINCREMENT" not in sql
        assert "DATETIME" not in sql
        return
    query = text(
        "SELECT column_name FROM information_schema.columns WHERE table_name = :t"
        " AND (data_type LIKE 'time%' OR column_default !~ '^''?[0-9]')"  # constants are alike
    )
    assert session.execute(query, {"t": table}).all() == []
