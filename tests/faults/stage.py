"""One run: a fresh copy of the platform, a load, a fault, and the verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from survey.db import Database
from tests.faults.box import read_box
from tests.faults.cluster import Cluster, free_port
from tests.faults.ledger import Ledger
from tests.faults.load import Load
from tests.faults.oracle import Verdict, judge
from tests.faults.sandbox import Network
from tests.faults.template import DATABASE, Template
from tests.faults.web import Web
from tests.support.databases import settings_for


@dataclass
class Plan:
    """How a run is set up."""

    seconds: float = 12.0
    clients: int = 12
    pace_s: float = 0.3
    settle_s: float = 25.0
    workers: int = 2
    threads: int = 8
    entry: str = "wsgi:app"
    preload: bool = False
    unsafe: bool = False
    open_door: bool = False
    settings: dict[str, str] = field(default_factory=dict)


@dataclass
class Stage:
    """A running platform that a fault may be done to."""

    plan: Plan
    template: Template
    folder: Path
    web: Web
    cluster: Cluster | None
    load: Load
    notes: list[str] = field(default_factory=list)

    def box_database(self) -> Database:
        """Return the database, read past the application."""
        url = self.web.database_url if self.cluster is None else self.cluster.url(DATABASE)
        return Database(settings_for(self.web.instance, url))

    def during(self, action: Callable[[Stage], None]) -> Verdict:
        """Do something under load; return the verdict after all that is in doubt was retried."""
        began = time.monotonic()
        self.load.start()
        time.sleep(1.0)
        try:
            action(self)
            time.sleep(max(0.0, began + self.plan.seconds - time.monotonic()))
        finally:
            self.load.stop()
        return self.verdict()

    def verdict(self) -> Verdict:
        """Wait until the platform is well, retry what is in doubt, and judge."""
        if self.cluster is not None and not self.cluster.answers():
            self.cluster.start()
        self.web.wait()
        database = self.box_database()
        before = read_box(database, self.template.before)
        self.load.settle(self.plan.settle_s)
        after = read_box(database, self.template.before)
        database.dispose()
        found = judge(self.load.ledger.lines(), before, after)
        found.errors += self.load.page_errors
        found.remarks += [f"a client was stuck: {said}" for said in self.load.stuck[:3]]
        return found


@contextmanager
def staged(
    plan: Plan,
    template: Template,
    folder: Path,
    *,
    disk: Path | None = None,
    network: Network | None = None,
    listening: tuple[int, int] | None = None,
) -> Iterator[Stage]:
    """Yield a platform of its own, on a disk or a network of its own if they are given.

    `listening` is the descriptor and port of a socket that stays open while the server does not.
    """
    place = (disk or folder) / "cluster"
    instance = (disk if disk and template.kind == "sqlite" else folder) / "instance"
    place.mkdir()
    template.copy(instance, place)
    with ExitStack() as stack:
        cluster = None
        if template.kind == "postgresql":
            cluster = Cluster(template.programs, place, settings=plan.settings)
            cluster.address = network.DATABASE if network else "127.0.0.1"
            cluster.namespace = network.database if network else None
            cluster.own()
            stack.callback(cluster.stop)
            cluster.start()
        bind = f"127.0.0.1:{listening[1] if listening else free_port()}"
        web = Web(
            instance,
            folder / "web.log",
            cluster.served_url(DATABASE) if cluster else f"sqlite:///{instance}/xhh.sqlite",
            str(folder / "web.socket") if network else bind,
            workers=plan.workers if cluster else 1,
            threads=plan.threads,
            entry=plan.entry,
            preload=plan.preload,
            listening=listening[0] if listening else None,
            namespace=network.web if network else None,
            environment={"XHH_UNSAFE_DATABASE": "true"} if plan.unsafe else {},
        )
        stack.callback(web.stop)
        web.start()
        ledger = Ledger(folder / "ledger")
        stack.callback(ledger.close)
        load = Load(web.bind, template.stock(), ledger, plan.clients, plan.pace_s, plan.open_door)
        yield Stage(plan, template, folder, web, cluster, load)
