"""The servers that are measured: gunicorn as in the README, PostgreSQL that flushes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.collection.bare import make_tables
from survey.config import Settings
from tests.support.databases import SECRET, Copies, PostgreSQLCopies, SQLiteCopies
from tests.support.postgresql import DURABLE, VARIABLE, Server, running_server

ROOT = Path(__file__).parents[2]
START_S = 30.0


@dataclass(frozen=True)
class Site:
    """One gunicorn with its database."""

    name: str
    database: str  # sqlite or postgresql
    workers: int
    port: int
    roots: Mapping[str, int]

    @property
    def is_ours(self) -> bool:
        """Tell the platform from the bare application."""
        return self.name.startswith("ours")


@dataclass(frozen=True)
class Stores:
    """The databases: the platform's with its schema, and a plain one for the limits."""

    server: Server
    ours: Mapping[str, Settings]
    bare: Mapping[str, str]
    postmaster: int

    def roots(self, database: str) -> dict[str, int]:
        """Return the first process of the database's server, where there is one."""
        return {"database": self.postmaster} if database == "postgresql" else {}


@contextmanager
def stores() -> Iterator[Stores]:
    """Yield fresh databases on the disk, whatever server the environment names."""
    os.environ.pop(VARIABLE, None)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="xhh-load-", dir="/tmp"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        server = stack.enter_context(running_server(DURABLE, Path("/tmp")))
        copies: dict[str, Copies] = {
            "postgresql": PostgreSQLCopies(server, folder),
            "sqlite": SQLiteCopies(folder),
        }
        ours, bare = {}, {}
        for name, kind in copies.items():
            own = folder / name
            own.mkdir()
            ours[name] = Settings(
                instance=own, database_url=kind.copy(own), secret_key=SECRET, https=False
            )
            bare[name] = kind.empty(own)
            make_tables(bare[name])
        lock = Path(str(server.superuser.query["host"])) / "data" / "postmaster.pid"
        yield Stores(server, ours, bare, int(lock.read_text().split()[0]))


@contextmanager
def gunicorn(name: str, target: str, database: str, workers: int, stores: Stores) -> Iterator[Site]:
    """Yield a running gunicorn of `wsgi:app` or of the bare application."""
    port = _free_port()
    command: list[str | Path] = [
        Path(sys.executable).parent / "gunicorn",
        *("--bind", f"127.0.0.1:{port}"),
        *("--workers", str(workers), "--threads", "8", "--no-control-socket", target),
    ]
    log = stores.ours[database].instance / f"{port}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env=_environment(database, stores), stdout=file, stderr=file
        )
    try:
        _wait(port, process, log)
        roots = {"application": process.pid} | stores.roots(database)
        yield Site(name, database, workers, port, roots)
    except BaseException:
        print(f"\n{name}:\n{log.read_text()[-3000:]}")
        raise
    finally:
        process.terminate()
        process.wait(START_S)


def _environment(database: str, stores: Stores) -> dict[str, str]:
    settings = stores.ours[database]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("XHH_")}
    return kept | {
        "XHH_INSTANCE": str(settings.instance),
        "XHH_DATABASE_URL": settings.database_url,
        "XHH_SECRET_KEY": settings.secret_key,
        "XHH_HTTPS": "false",
        "BARE_DATABASE": stores.bare[database],
        "PYTHONPATH": str(ROOT),
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"gunicorn did not start:\n{log.read_text()}") from error
            time.sleep(0.05)
        else:
            return
