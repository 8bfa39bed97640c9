"""How long a run of many ballots about ten units with eight questions takes on SQLite.

Run from the root: python benchmarks/make_run.py [BALLOTS]
Last measured (2 cores, shared, SQLite 3.40): 100,000 ballots 23 s and 948 MB; 5,000 ballots 2.5 s.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from survey.config import Settings
from survey.db import Database
from survey.migrations.runner import upgrade
from survey.results.services import make_run
from tests.support.campaigns import SmallCampaign

BALLOTS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
UNITS, QUESTIONS, STRATA, BLANK = 10, 8, 10, 0.05
AT = datetime(2026, 3, 2, tzinfo=UTC)

drawn = random.Random(1)
units = [f"U{n}" for n in range(UNITS)]
questions = [f"c{n}" for n in range(QUESTIONS)]


def said() -> dict[str, str]:
    """Draw what one person says about one unit."""
    return {
        q: drawn.choice(["A", "B", "C", "D", "DK"]) for q in questions if drawn.random() > BLANK
    }


with tempfile.TemporaryDirectory() as folder:
    settings = Settings(instance=Path(folder), secret_key="x" * 64)
    database = Database(settings)
    upgrade(database)
    with database.session() as session:
        small = SmallCampaign(session, units)
        for number in range(QUESTIONS):
            small.leaf(f"1.{number + 1}", "5")
        small.group("CANBO", {q: f"1.{n + 1}" for n, q in enumerate(questions)})
        each = BALLOTS // STRATA
        for number in range(STRATA):
            small.stratum(
                "CANBO", f"T{number}", population=3 * each, sampled=each, unit=units[number % UNITS]
            )
        for number in range(BALLOTS):
            small.ballots(f"T{number % STRATA}", {unit: said() for unit in units})
        session.commit()
        session.expire_all()
        started = time.perf_counter()
        make_run(session, settings, small.campaign, actor="benchmark", at=AT, seed=0)
        took = time.perf_counter() - started
    database.dispose()

peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"{BALLOTS} ballots: {took:.1f} s, {peak} MB at the peak")
