"""The tables of a run, and the ratios to its limits, its aims and the peers."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

# Measured earlier with this very questionnaire on two such cores; not part of a run.
PEERS = (
    # name, CPU seconds a response, responses a second at 8 clients, first page cold in KB
    ("LimeSurvey 6, MariaDB", 0.34, 5.2, 1142),
    ("LimeSurvey 6, PostgreSQL", 0.43, 3.9, 1142),
    ("census runner", 0.41, 3.6, 649),
    ("bare Flask storing each page", 0.009, 155, 4),
)
AIMS = (
    # what, aim, unit, whether more is better
    ("server CPU a response, 8 clients", 0.034, "s", False),
    ("responses a second, 8 clients", 40, "/s", True),
    ("p99 of any request, 8 clients", 150, "ms", False),
    ("p99 of any request, 32 clients", 300, "ms", False),
    ("dynamic requests a response", 15, "", False),
    ("durable submits a second, 8 clients", 150, "/s", True),
    ("submit beside the bare INSERT: server CPU", 3, "×", False),
    ("submit beside the bare INSERT: median time, 8 clients", 3, "×", False),
    ("first page without fonts", 60, "KB", False),
    ("fonts after first paint", 100, "KB", False),
)
Row = dict[str, Any]


def as_text(found: Row) -> str:
    """Return the report as Markdown."""
    parts = (
        _machine(),
        _table("Complete sessions", _sessions(found)),
        _table("Median milliseconds of each request at 8 clients", _places(found)),
        _table("The final post alone, and the limits", _posts(found)),
        _table("Bytes", _bytes(found)),
        _table("Aims", _aims(found)),
        _table("Peers, measured earlier on two such cores with this questionnaire", _peers(found)),
    )
    return "\n\n".join(parts) + "\n"


def write(folder: Path, found: Row, text: str) -> None:
    """Write the report and everything it was made from."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "collection.md").write_text(f"# Respondents under load\n\n{text}")
    whole = {"machine": _machine(), **found, "aims": [list(row) for row in _judged(found)]}
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    (folder / "collection.json").write_text(text + "\n")


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("flask", "gunicorn", "sqlalchemy"))
    return (
        f"{os.cpu_count()} cores, shared by clients, server and database;"
        f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}."
        " Every gunicorn has 8 threads a worker. CPU is user and system time a complete response."
    )


def _table(title: str, lines: Iterator[Sequence[object]]) -> str:
    rows = [[str(cell) for cell in line] for line in lines]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    shown = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
             for row in rows]  # fmt: skip
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([f"## {title}", "", shown[0], rule, *shown[1:]])


def _of(found: Row, kind: str) -> list[Row]:
    return [row for row in found["rows"] if row["kind"] == kind]


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f}"


def _three(quantiles: Row) -> list[str]:
    return [f"{quantiles[name]:.1f}" for name in ("p50", "p95", "p99")]


def _server(row: Row) -> float:
    return float(sum(row["cpu"].values()))


def _sessions(found: Row) -> Iterator[Sequence[object]]:
    times = [
        f"{what} {name}" for what in ("request", "last post") for name in ("p50", "p95", "p99")
    ]
    yield ("server", "flow", "clients", "responses/s", "CPU ms: application", "database", "sum",
           "responses per CPU s", "clients' CPU ms", "cores busy elsewhere",
           *(f"{name} ms" for name in times))  # fmt: skip
    for row in sorted(_of(found, "sessions"), key=lambda r: (r["clients"], r["site"], r["flow"])):
        cpu = row["cpu"]
        yield (row["site"], row["flow"], row["clients"], f"{row['per_second']:.1f}",
               _ms(cpu["application"]), _ms(cpu.get("database", 0)), _ms(_server(row)),
               f"{1 / _server(row):.1f}", _ms(row["load_cpu"]), f"{row['others']:.2f}",
               *_three(row["request_ms"]), *_three(row["last_post_ms"]))  # fmt: skip


def _places(found: Row) -> Iterator[Sequence[object]]:
    rows = [r for r in _of(found, "sessions") if r["clients"] == 8 and r["site"][:4] == "ours"]
    for flow in ("plain", "inline"):
        same = [row for row in rows if row["flow"] == flow]
        if not same:
            continue
        yield (f"{flow} flow", *(row["site"] for row in same))
        ways = {(f["site"], f["flow"]): f["places"] for f in found["flows"]}
        for place, name in enumerate(ways[same[0]["site"], flow]):
            yield (name, *(f"{row['by_place_ms'][str(place)]:.1f}" for row in same))


def _posts(found: Row) -> Iterator[Sequence[object]]:
    yield "what", "clients", "per second", "CPU ms: application", "database", "p50 ms", "p95", "p99"
    for kind, name in (("submits", "submit"), ("inserts", "bare INSERT endpoint")):
        for row in _of(found, kind):
            cpu = row["cpu"]
            yield (f"{name}, {row['site'].split(', ', 1)[1]}", row["clients"],
                   f"{row['per_second']:.0f}", _ms(cpu["application"]),
                   _ms(cpu.get("database", 0)), *_three(row["last_post_ms"]))  # fmt: skip
    for row in found["pgbench"]:
        yield (f"pgbench, {row['script']}", row["clients"], f"{row['per_second']:.0f}", "", "",
               f"{row['latency_ms']:.1f} (mean)", "", "")  # fmt: skip


def _bytes(found: Row) -> Iterator[Sequence[object]]:
    yield "what", "bytes"
    for page, weight in found["weight"].items():
        for name, size in weight.items():
            yield f"{page}, cold, {name}", size
    for row in _of(found, "sessions"):
        if row["clients"] == 8:
            yield f"received a response: {row['site']}, {row['flow']}", f"{row['received']:.0f}"
    for name, grown in found["growth"].items():
        yield (
            f"{name} database, growth a response ({grown['ballots']} ballots)",
            f"{grown['bytes']:.0f}",
        )


def _judged(found: Row) -> Iterator[tuple[str, str, float, float, str, bool]]:
    """Yield each aim for each of our servers: site, what, measured, aim, unit, reached."""
    for site in sorted(
        {row["site"] for row in _of(found, "sessions") if row["site"][:4] == "ours"}
    ):
        for (what, aim, unit, more), value in zip(AIMS, _reached(found, site), strict=True):
            yield site, what, value, aim, unit, value >= aim if more else value <= aim


def _reached(found: Row, site: str) -> list[float]:
    bare = "bare" + site[4:]
    sessions = [row for row in _of(found, "sessions") if row["site"] == site]
    best = min((r for r in sessions if r["clients"] == 8), key=lambda r: r["flow"])
    crowd = min((r for r in sessions if r["clients"] == 32), key=lambda r: r["flow"])
    requests = min(f["requests"] for f in found["flows"] if f["site"] == site)
    submit = next(r for r in _of(found, "submits") if (r["site"], r["clients"]) == (site, 8))
    insert = next(r for r in _of(found, "inserts") if (r["site"], r["clients"]) == (bare, 8))
    weight = found["weight"]["door"]
    return [
        _server(best), best["per_second"], best["request_ms"]["p99"], crowd["request_ms"]["p99"],
        requests, submit["per_second"], _server(submit) / _server(insert),
        submit["last_post_ms"]["p50"] / insert["last_post_ms"]["p50"],
        weight["without fonts"] / 1000, weight.get("fonts", 0) / 1000,
    ]  # fmt: skip


def _aims(found: Row) -> Iterator[Sequence[object]]:
    yield "server", "what", "measured", "aim", "measured ÷ aim", "reached"
    for site, what, value, aim, unit, reached in _judged(found):
        shown = f"{value:.4f}" if aim < 1 else f"{value:.1f}"
        yield (site, what, f"{shown} {unit}".strip(), f"{aim} {unit}".strip(),
               f"{value / aim:.2f}", "yes" if reached else "no")  # fmt: skip


def _peers(found: Row) -> Iterator[Sequence[object]]:
    rows = [r for r in _of(found, "sessions") if r["clients"] == 8]
    mine = [r for r in rows if r["site"].startswith("ours")]
    kb = found["weight"]["door"]["total"] / 1000
    yield ("peer", "CPU s a response", "responses/s, 8 clients", "first page KB",
           *(f"CPU ÷ {r['site']}, {r['flow']}" for r in mine))  # fmt: skip
    for peer, cpu, rate, weight in PEERS:
        yield peer, cpu, rate, weight, *(f"{cpu / _server(r):.1f}" for r in mine)
    for row in rows:
        cpu = _server(row)
        ratios = [f"{cpu / _server(mine_row):.2f}" for mine_row in mine]
        name = f"this run: {row['site']}, {row['flow']}"
        size = f"{kb:.0f}" if row in mine else ""
        yield (name, f"{cpu:.4f}", f"{row['per_second']:.1f}", size, *ratios)
