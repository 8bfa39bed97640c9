"""What PostgreSQL itself can do on this machine: pgbench with one INSERT, and its simple update."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.collection.world import document
from tests.support.postgresql import find_binaries

LATENCY = re.compile(r"latency average = ([\d.]+) ms")
RATE = re.compile(r"tps = ([\d.]+)")


def available() -> Path | None:
    """Return the path of pgbench, None where it is not installed."""
    binaries = find_binaries()
    beside = binaries / "pgbench" if binaries else None
    found = beside if beside and beside.exists() else shutil.which("pgbench")
    return Path(found) if found else None


def measure(url: str, clients: tuple[int, ...], seconds: float) -> list[dict[str, Any]]:
    """Return transactions a second and their latency; an empty list without pgbench."""
    program = available()
    if program is None:
        return []
    plain = url.replace("+psycopg", "")
    subprocess.run(
        [program, "-i", "-q", "-s", "10", plain], check=True, capture_output=True, text=True
    )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"INSERT INTO bare_ballot VALUES (gen_random_uuid()::text, '{_answers()}');\n")
        script.flush()
        kinds = {"one INSERT": ("-n", "-f", script.name), "simple update": ("-n", "-N")}
        return [
            {"script": name, "clients": count, **_run(program, plain, options, count, seconds)}
            for name, options in kinds.items()
            for count in clients
        ]


def _answers() -> str:
    questions = [q for section in document()["sections"] for q in section["questions"]]
    return json.dumps({q["code"]: "3" for q in questions})


def _run(
    program: Path, url: str, options: tuple[str, ...], clients: int, seconds: float
) -> dict[str, float]:
    command: list[str | Path] = [
        program,
        *options,
        "-c",
        str(clients),
        "-j",
        "2",
        "-T",
        f"{max(1, seconds):.0f}",
    ]
    said = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    latency, rate = LATENCY.search(said), RATE.search(said)
    assert latency is not None
    assert rate is not None
    return {"per_second": float(rate[1]), "latency_ms": float(latency[1])}
