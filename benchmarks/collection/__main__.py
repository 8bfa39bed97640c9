"""Complete respondent sessions under load: six pages, 41 + 6 answers and a comment, to the receipt.

    python -m benchmarks.collection [--quick] [--rounds 3] [--write FOLDER]

Every server runs throughout; rounds go through all of them, so that what disturbs the machine
disturbs each. Clients are a closed loop without pauses, in a process of its own on the same cores.
"""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.collection import pgbench, report, weight, world
from benchmarks.collection.bench import CLIENTS, FULL, QUICK, Bench, Ours, Pace
from benchmarks.collection.servers import gunicorn, stores

APPLICATIONS = {"ours": "wsgi:app", "bare": "benchmarks.collection.bare:app"}


def measured(pace: Pace) -> dict[str, Any]:
    """Return everything that was measured in one run."""
    with ExitStack() as stack:
        kept = stack.enter_context(stores())
        bench = Bench(pace, kept, {})
        for name, settings in kept.ours.items():
            campaign = world.lay(settings, pace.codes)
            bench.ours[name] = Ours(campaign, world.size_of(settings.database_url))
        for database, counts in pace.workers.items():
            for workers in counts:
                for label, target in APPLICATIONS.items():
                    name = f"{label}, {database}, {workers} workers"
                    site = gunicorn(name, target, database, workers, kept)
                    bench.sites.append(stack.enter_context(site))
        return _results(bench)


def _results(bench: Bench) -> dict[str, Any]:
    bench.find_flows()
    first = bench.sites[0]
    campaign = bench.ours[first.database].campaign
    pages = weight.measure(first.port, campaign.door, campaign.take(1)[0])
    bench.warm_up()
    bench.measure_sessions()
    bench.measure_submits()
    limits = pgbench.measure(bench.stores.bare["postgresql"], CLIENTS, bench.pace.seconds / 2)
    ways = [
        {"site": f.site.name, "flow": f.name, "requests": f.requests, "places": f.places}
        for f in bench.flows
    ]
    return {
        "rows": bench.rows(),
        "flows": ways,
        "pgbench": limits,
        "weight": pages,
        "growth": bench.growth(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute, less exact")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    pace = QUICK if asked.quick else FULL
    started = time.perf_counter()
    found = measured(replace(pace, rounds=asked.rounds or pace.rounds))
    print(f" {time.perf_counter() - started:.0f} s")
    text = report.as_text(found)
    print(text)
    if asked.write:
        report.write(asked.write, found, text)


if __name__ == "__main__":
    main()
