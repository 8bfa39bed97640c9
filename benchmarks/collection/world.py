"""A campaign of 41 + 6 + 1 questions with a code for every respondent, and how much it takes up."""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from survey.config import Settings
from survey.db import Database
from tests.factories import make_world

QUESTIONNAIRE = Path(__file__).parent / "questionnaire.json"


@dataclass(frozen=True)
class Campaign:
    """Where the door is, and the codes that nobody used yet."""

    door: str
    codes: deque[str]

    def take(self, count: int) -> list[str]:
        """Return some codes to use; what is left of them is given back."""
        if not self.codes:
            raise RuntimeError("all codes are used up")
        return [self.codes.popleft() for _ in range(min(count, len(self.codes)))]

    def give_back(self, codes: Sequence[str]) -> None:
        """Take back codes that were not used."""
        self.codes.extendleft(reversed(codes))


def document() -> dict[str, Any]:
    """Return the questionnaire."""
    found: dict[str, Any] = json.loads(QUESTIONNAIRE.read_text("utf-8"))
    return found


def lay(settings: Settings, codes: int) -> Campaign:
    """Store a campaign that is open now."""
    database = Database(settings)
    now = datetime.now(UTC)
    with database.session() as session:
        world = make_world(
            session,
            settings,
            units=1,  # the only unit is the respondents' own, which they do not rate
            codes_each=codes,
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=30),
            document=document(),
        )
        campaign = Campaign(world.url, deque(world.codes))
    database.dispose()
    return campaign


def size_of(url: str) -> int:
    """Return the bytes of a database: tables, indexes and what updates left behind."""
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(path).stat().st_size
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return int(row[0])


def ballots_in(settings: Settings) -> int:
    """Return how many ballots are in the box."""
    database = Database(settings)
    with database.engine.connect() as connection:
        count = int(connection.exec_driver_sql("SELECT count(*) FROM ballot").scalar_one())
    database.dispose()
    return count
