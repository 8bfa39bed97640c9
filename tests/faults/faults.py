"""The faults: what is done to the platform, on what, and what may come of it."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import flushes
from tests.faults.oracle import Verdict
from tests.faults.processes import send
from tests.faults.sandbox import fill, loop_disk, memory_disk, network
from tests.faults.stage import Plan, Stage, staged
from tests.faults.template import Template

Run = Callable[[Plan, Template, Path], Verdict]
DEADLINE_S = 3.0


@dataclass(frozen=True)
class Fault:
    """One fault, by the number that the design gave it."""

    name: str
    title: str
    kind: str  # postgresql, sqlite, open (PostgreSQL with an open door)
    run: Run
    plan: Plan = field(default_factory=Plan)
    longest_s: float = 15.0
    no_errors: bool = False  # clients notice nothing at all
    broken: str = ""  # what the oracle must report, for builds that are broken on purpose


def under_load(action: Callable[[Stage], None]) -> Run:
    """Return a run that does something to a plain stage."""

    def run(plan: Plan, template: Template, folder: Path) -> Verdict:
        with staged(plan, template, folder) as stage:
            return stage.during(action)

    return run


def kill_workers(every_s: float, times: int) -> Callable[[Stage], None]:
    """Return an action that kills a worker again and again."""

    def act(stage: Stage) -> None:
        for _ in range(times):
            stage.web.kill_worker()
            time.sleep(every_s)

    return act


def restart(stage: Stage) -> None:
    """Stop the web server as an update does, and start it again; twice."""
    for _ in range(2):
        stage.web.stop()
        stage.web.start()
        time.sleep(1.0)


def reload_twice(stage: Stage) -> None:
    """Have the web server replace its workers, twice."""
    for _ in range(2):
        stage.web.signal_master(signal.SIGHUP)
        time.sleep(4.0)


def kill_cluster(stage: Stage) -> None:
    """Kill every process of PostgreSQL at once, and start it again."""
    assert stage.cluster is not None
    time.sleep(2.0)
    stage.cluster.kill()
    time.sleep(2.0)
    stage.cluster.start()


def cut_the_power(stage: Stage) -> None:
    """Kill PostgreSQL with what it has not written yet, which otherwise waits a moment at most."""
    assert stage.cluster is not None
    send(stage.cluster.pids("walwriter", "background writer"), signal.SIGSTOP)
    time.sleep(1.5)
    stage.cluster.kill()
    stage.cluster.start()


def freeze_cluster(stage: Stage) -> None:
    """Stop every process of PostgreSQL in its tracks for six seconds."""
    assert stage.cluster is not None
    time.sleep(1.0)
    pids = stage.cluster.pids()
    send(pids, signal.SIGSTOP)
    try:
        time.sleep(6.0)
    finally:
        send(pids, signal.SIGCONT)


def cut_off(plan: Plan, template: Template, folder: Path) -> Verdict:
    """Let every packet between application and database vanish for eight seconds."""

    def act(stage: Stage) -> None:
        joined.cut()
        time.sleep(8.0)
        joined.mend()

    with network() as joined, staged(plan, template, folder, network=joined) as stage:
        return stage.during(act)


def fill_up(disk: Path) -> Callable[[Stage], None]:
    """Return an action that fills a disk for six seconds."""

    def act(stage: Stage) -> None:
        filler = fill(disk)
        time.sleep(6.0)
        filler.unlink()

    return act


def full_disk_of_postgresql(plan: Plan, template: Template, folder: Path) -> Verdict:
    """Fill the disk of PostgreSQL's data."""
    with loop_disk(folder, 140) as disk, staged(plan, template, folder, disk=disk) as stage:
        return stage.during(fill_up(disk))


def full_disk_of_sqlite(plan: Plan, template: Template, folder: Path) -> Verdict:
    """Fill the disk of the SQLite file."""
    now = sum(file.stat().st_size for file in (template.folder / "instance").rglob("*"))
    size = 2 * now // 1024 + 8192  # room for a write-ahead log of its usual length
    with (
        memory_disk(folder, size) as disk,
        staged(plan, template, folder, disk=disk) as stage,
    ):
        return stage.during(fill_up(disk))


def restart_behind_a_socket(plan: Plan, template: Template, folder: Path) -> Verdict:
    """Restart the web server while somebody else, as systemd does, keeps the socket open."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as held:
        listening = (held.fileno(), held.getsockname()[1])
        with staged(plan, template, folder, listening=listening) as stage:
            return stage.during(restart)


BROKEN = "tests.faults.broken"
FAULTS = (
    Fault("F1", "worker killed every 0.7 s", "postgresql", under_load(kill_workers(0.7, 14))),
    Fault("F3", "web server stopped and started", "postgresql", under_load(restart)),
    Fault(
        "F3s",
        "the same behind a socket that stays open",
        "postgresql",
        restart_behind_a_socket,
        no_errors=True,
    ),
    Fault(
        "F4",
        "workers replaced (HUP) twice, open door",
        "open",
        under_load(reload_twice),
        Plan(open_door=True, pace_s=0.0, clients=8),
        no_errors=True,
    ),
    Fault("F5", "PostgreSQL killed and started", "postgresql", under_load(kill_cluster)),
    Fault(
        "F7",
        "PostgreSQL frozen for 6 s",
        "postgresql",
        under_load(freeze_cluster),
        longest_s=DEADLINE_S,
    ),
    Fault(
        "F9",
        "web and PostgreSQL cut off for 8 s",
        "postgresql",
        cut_off,
        Plan(seconds=16.0),
        longest_s=DEADLINE_S,
    ),
    Fault("F12", "disk of PostgreSQL full for 6 s", "postgresql", full_disk_of_postgresql),
    Fault("F13", "disk of SQLite full for 6 s", "sqlite", full_disk_of_sqlite),
    Fault("F17", "flushed before the answer, SQLite", "sqlite", flushes.of_sqlite),
    Fault("F17p", "flushed before the answer, PostgreSQL", "postgresql", flushes.of_postgresql),
    Fault(
        "F19",
        "SQLite writer killed 40 times",
        "sqlite",
        under_load(kill_workers(0.5, 40)),
        Plan(seconds=22.0, entry="tests.faults.forked:app", preload=True, pace_s=0.5),
    ),
    Fault(
        "a",
        "broken: commits are not flushed",
        "postgresql",
        under_load(cut_the_power),
        Plan(
            entry=f"{BROKEN}.without_flush:app",
            unsafe=True,
            seconds=6.0,
            settle_s=4.0,
            settings={"synchronous_commit": "off", "wal_buffers": "32MB"},
        ),
        broken="lost",
    ),
    Fault(
        "a17",
        "broken: PostgreSQL answers without a flush",
        "postgresql",
        flushes.of_postgresql,
        Plan(
            entry=f"{BROKEN}.without_flush:app",
            unsafe=True,
            settings={"synchronous_commit": "off"},
        ),
        broken="remarks",
    ),
    Fault(
        "a17s",
        "broken: SQLite answers without a flush",
        "sqlite",
        flushes.of_sqlite,
        Plan(unsafe=True),
        broken="remarks",
    ),
    Fault(
        "b",
        "broken: a second try is a second ballot",
        "postgresql",
        under_load(kill_workers(0.7, 5)),
        Plan(entry=f"{BROKEN}.without_idempotency:app", seconds=6.0, settle_s=4.0),
        broken="doubled",
    ),
    Fault(
        "c",
        "broken: answered before the commit",
        "postgresql",
        under_load(kill_workers(0.7, 5)),
        Plan(entry=f"{BROKEN}.answers_first:app", seconds=6.0, settle_s=4.0),
        broken="lost",
    ),
)
