"""A PostgreSQL cluster of our own that flushes as one in production does, and can be hurt."""

from __future__ import annotations

import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.faults.processes import children, send, start
from tests.support.postgresql import (
    ADVICE,
    APPLICATION,
    OWNER,
    copy_wheel_binaries,
    find_binaries,
    server_user,
)

SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "64MB",
    "min_wal_size": "32MB",
    "max_wal_size": "64MB",
    "autovacuum": "off",
    "log_error_verbosity": "terse",
}
START_S = 20.0


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def binaries(folder: Path) -> Path:
    """Return the folder of the server's programs."""
    found = find_binaries() or copy_wheel_binaries(folder)
    if found is None:
        raise RuntimeError(ADVICE)
    return found


@dataclass
class Cluster:
    """One cluster: its data below `folder`, its socket in `folder`, its port on one address."""

    programs: Path
    folder: Path
    address: str = "127.0.0.1"
    namespace: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """Return the folder of the data."""
        return self.folder / "data"

    def _as_user(self) -> list[str]:
        user = server_user()
        if user is None:
            return []
        entry = pwd.getpwnam(user)
        ids = [f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]
        return ["setpriv", *ids, "--pdeathsig", "KILL", "--"]

    def _environment(self) -> dict[str, str]:
        return {"PATH": f"{self.programs}:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}

    def own(self) -> None:
        """Give the folder to the user that the server runs as."""
        user = server_user()
        if user is not None:
            shutil.chown(self.folder, user, pwd.getpwnam(user).pw_gid)

    def initialise(self) -> None:
        """Make the data folder, with checksums."""
        self.own()
        command = [
            *(*self._as_user(), self.programs / "initdb", "-k", "-D", self.data),
            *("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
        ]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment(), capture_output=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout.decode()}{done.stderr.decode()}")
        with (self.data / "pg_hba.conf").open("a") as file:
            file.write("host all all 10.231.77.0/24 trust\n")

    def launch(self) -> None:
        """Start the server without waiting for it."""
        chosen = SETTINGS | dict(self.settings) | {"listen_addresses": self.address}
        options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        server = [self.programs / "postgres", "-D", self.data, "-k", self.folder]
        self.process = start(
            [*self._as_user(), *server, "-p", str(self.port), *options],
            Path(f"{self.folder}.log"),
            environment=self._environment(),
            folder=self.folder,
            namespace=self.namespace,
        )

    def start(self) -> None:
        """Start the server and wait for it; an old one's shared memory may take its time."""
        deadline = time.monotonic() + START_S
        self.launch()
        while not self.answers():
            if time.monotonic() > deadline:
                said = Path(f"{self.folder}.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"PostgreSQL did not start:\n{said}")
            if not self.is_running():
                self.launch()
            time.sleep(0.1)

    def is_running(self) -> bool:
        """Tell whether the server's first process is there."""
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        """Tell whether a query is answered."""
        try:
            self.ask("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def ask(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Return the rows of a statement by the superuser, over the socket."""
        with psycopg.connect(self.url(database, "postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def url(self, database: str, user: str = OWNER) -> str:
        """Return an address over the socket."""
        return (
            f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}&connect_timeout=2"
        )

    def served_url(self, database: str) -> str:
        """Return the address that the application uses: over TCP, as its own role."""
        return f"postgresql://{APPLICATION}@{self.address}:{self.port}/{database}"

    def pids(self, *titles: str) -> list[int]:
        """Return the server's processes, the first one first, or those with such a title."""
        if self.process is None:
            return []
        found = [self.process.pid, *children(self.process.pid)]
        return [pid for pid in found if not titles or any(t in _title(pid) for t in titles)]

    def kill(self) -> None:
        """End every process at once, as a power cut ends them."""
        send(self.pids(), signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)

    def stop(self) -> None:
        """Stop in good order; what does not stop is killed."""
        if not self.is_running() or self.process is None:
            return
        send(self.pids(), signal.SIGCONT)
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()


def _title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""
