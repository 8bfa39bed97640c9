"""How long 100,000 answers in a CSV file take into the ballot box of an SQLite database.

Run from the root: python benchmarks/import_responses.py
Last measured (2 cores, shared, SQLite 3.40): 13 s; PostgreSQL 15: 20 s.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from survey.config import Settings
from survey.db import Database
from survey.migrations.runner import upgrade
from tests.support.fieldwork import WIDE, bring, definition, launched_campaign

ROWS = 100_000

with tempfile.TemporaryDirectory() as folder:
    settings = Settings(instance=Path(folder), secret_key="x" * 64)
    database = Database(settings)
    upgrade(database)
    groups = definition()["groups"]
    groups[0]["strata"][0] |= {"population_size": None, "sampled": ROWS}
    lines = "".join(f"{'ABCD'[n % 4]},{'ABCD'[n // 4 % 4]},Ý kiến {n}\n" for n in range(ROWS))
    mapping = {key: value for key, value in WIDE.items() if key != "count"}
    with database.session() as session:
        campaign = launched_campaign(session, settings, groups=groups)
        started = time.perf_counter()
        report = bring(session, campaign, f"B1,C1,Góp ý\n{lines}", mapping)
    print(f"{report.ballots} ballots in {time.perf_counter() - started:.1f} s")
    database.dispose()
