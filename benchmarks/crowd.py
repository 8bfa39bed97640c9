"""Many people behind one address hand in their ballots while somebody guesses codes behind it.

    python -m benchmarks.crowd [--people 800] [--seconds 120] [--database NAME] [--write FOLDER]

People arrive evenly over the seconds and fill in the questionnaire of `benchmarks/collection`
without pauses. The guesser tries wrong codes on eight connections, up to a hundred a second. Exits
with 1 if anybody was refused or did not reach a receipt.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.collection import world
from benchmarks.collection.browser import Connection, RefusedError, Timed, Visit
from benchmarks.collection.servers import gunicorn, stores

AT_ONCE = 32
GUESSERS = 8
GUESSES_A_SECOND = 100
PLACE = "127.0.0.1"


def answer(port: int, door: str, code: str, waits: list[float]) -> str:
    """Fill in a form and say how it ended."""
    visit = Visit(Connection(port), door, code, inline=True)
    timed: list[Timed] = []
    try:
        while visit.next is not None:
            visit.advance(timed.append)
    except RefusedError as error:
        return str(error).splitlines()[0]
    finally:
        visit.connection.close()
    waits.extend(one.seconds for one in timed)
    return "receipt"


def guess(port: int, door: str, stop: threading.Event, seen: Counter[str]) -> None:
    """Try wrong codes until told to stop."""
    body = "code=0000-0000-0000"
    request = (
        f"POST {door} HTTP/1.1\r\nHost: {PLACE}\r\nContent-Type: application/x-www-form-urlencoded"
        f"\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
    connection = Connection(port)
    while not stop.is_set():
        began = time.perf_counter()
        status = connection.exchange(request).status
        took = time.perf_counter() - began
        seen["slowed" if took >= 1 else str(status)] += 1
        stop.wait(max(0.0, GUESSERS / GUESSES_A_SECOND - took))
    connection.close()


def run(people: int, seconds: float, database: str) -> str:
    """Return what happened, as a table."""
    with stores() as kept:
        campaign = world.lay(kept.ours[database], people + 8)
        workers = 1 if database == "sqlite" else 2
        with gunicorn(f"ours, {database}", "wsgi:app", database, workers, kept) as site:
            ends, waits, guesses = Counter[str](), list[float](), Counter[str]()
            stop = threading.Event()
            guessers = [
                threading.Thread(target=guess, args=(site.port, campaign.door, stop, guesses))
                for _ in range(GUESSERS)
            ]
            for thread in guessers:
                thread.start()
            began = time.perf_counter()

            def one(number: int, code: str) -> str:
                time.sleep(max(0.0, began + number * seconds / people - time.perf_counter()))
                return answer(site.port, campaign.door, code, waits)

            with ThreadPoolExecutor(AT_ONCE) as pool:
                ends.update(pool.map(one, range(people), campaign.take(people)))
            took = time.perf_counter() - began
            stop.set()
            for thread in guessers:
                thread.join()
    waits.sort()
    middle, late = (1000 * waits[int(len(waits) * share)] for share in (0.5, 0.99))
    told = [
        f"| people behind one address, {database} | {people} |",
        f"| who reached a receipt | {ends['receipt']} |",
        f"| refused or lost | {people - ends['receipt']} |",
        f"| all done after, s | {took:.0f} |",
        f"| median and p99 of a request, ms | {middle:.0f} and {late:.0f} |",
        f"| wrong codes tried a second | {sum(guesses.values()) / took:.1f} |",
        f"| of them slowed by a second or more | {guesses['slowed']} |",
        f"| of them told to wait (429) | {guesses['429']} |",
    ]
    for end, count in ends.items():
        if end != "receipt":
            print(f"{count} × {end}", file=sys.stderr)
    return "\n".join(["| what | measured |", "|---|---|", *told, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=800)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    table = run(asked.people, asked.seconds, asked.database)
    print(table)
    if asked.write:
        (asked.write / "crowd.md").write_text(table, "utf-8")
    if "| refused or lost | 0 |" not in table:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
