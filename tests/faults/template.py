"""A campaign under way, made once for each database: codes, and ballots ready to be handed in."""

from __future__ import annotations

import random
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from survey.db import Database
from survey.migrations.rights import grant
from survey.migrations.runner import upgrade
from survey.model.campaign import Anonymity
from tests.factories import make_world
from tests.faults.box import read_box
from tests.faults.browser import Browser, Prepared, StuckError, fill_in
from tests.faults.cluster import Cluster, free_port
from tests.faults.load import Stock, queue_of
from tests.faults.web import Web
from tests.support.databases import settings_for
from tests.support.postgresql import APPLICATION, OWNER

DATABASE = "xhh_faults"
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
SPARE_CODES = 600


@dataclass
class Template:
    """A stopped platform in a folder, to be copied for each fault."""

    kind: str  # sqlite, postgresql
    folder: Path
    programs: Path
    door: str = ""
    receipt_path: str = ""
    prepared: list[Prepared] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    before: frozenset[str] = frozenset()

    def stock(self) -> Stock:
        """Return what the clients of one run are given."""
        return Stock(self.door, self.receipt_path, queue_of(self.prepared), queue_of(self.codes))

    def copy(self, instance: Path, place: Path) -> None:
        """Copy keys and the SQLite file to an instance folder, and a cluster's data to `place`."""
        shutil.copytree(self.folder / "instance", instance)
        if self.kind == "postgresql":
            subprocess.run(["cp", "-a", self.folder / "cluster/data", place / "data"], check=True)


def make_template(
    kind: str, folder: Path, programs: Path, *, drafts: int, anonymity: Anonymity = Anonymity.CODE
) -> Template:
    """Return a template with so many prepared ballots."""
    folder.mkdir(mode=0o755)
    made = Template(kind, folder, programs)
    with _database(made) as (own, served):
        _fill(made, own, drafts, anonymity)
        _prepare(made, served, drafts)
        database = Database(settings_for(folder / "instance", own))
        made.before = frozenset(read_box(database).ids)
        database.dispose()
    return made


@contextmanager
def _database(made: Template) -> Iterator[tuple[str, str]]:
    """Yield the addresses of an empty database for its owner and for the application."""
    if made.kind == "sqlite":
        url = f"sqlite:///{made.folder}/instance/xhh.sqlite"
        yield url, url
        return
    place = made.folder / "cluster"
    place.mkdir()
    cluster = Cluster(made.programs, place, settings=QUICK)
    cluster.initialise()
    cluster.start()
    try:
        cluster.ask(f"CREATE ROLE {OWNER} LOGIN")
        cluster.ask(f"CREATE ROLE {APPLICATION} LOGIN")
        cluster.ask(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        yield cluster.url(DATABASE), cluster.served_url(DATABASE)
    finally:
        cluster.stop()


def _fill(made: Template, url: str, drafts: int, anonymity: Anonymity) -> None:
    settings = settings_for(made.folder / "instance", url)
    settings.instance.mkdir()
    database = Database(settings)
    upgrade(database)
    if made.kind == "postgresql":
        grant(database, APPLICATION)
    now = datetime.now(UTC)
    with database.session() as session:
        world = make_world(
            session,
            settings,
            anonymity=anonymity,
            codes_each=(drafts + SPARE_CODES) // 3 + 1,
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=30),
        )
        made.door, made.codes = world.url, list(world.codes)
    database.dispose()
    random.shuffle(made.codes)


def _prepare(made: Template, url: str, drafts: int) -> None:
    address = f"127.0.0.1:{free_port()}"
    workers = 1 if made.kind == "sqlite" else 2
    unsafe = {"XHH_UNSAFE_DATABASE": "true"}
    log = made.folder / "web.log"
    web = Web(made.folder / "instance", log, url, address, workers=workers, environment=unsafe)
    web.start()
    try:
        made.receipt_path = _learn_receipt_path(made, address)
        threads = [
            threading.Thread(target=_prepare_some, args=(made, address, drafts)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        web.stop()
    if len(made.prepared) < drafts:
        raise StuckError(f"only {len(made.prepared)} of {drafts} ballots could be prepared")


def _code(made: Template) -> str | None:
    return made.codes.pop() if made.codes else None


def _prepare_some(made: Template, address: str, drafts: int) -> None:
    while len(made.prepared) < drafts:
        made.prepared.append(fill_in(Browser(address), made.door, _code(made)))


def _learn_receipt_path(made: Template, address: str) -> str:
    """Hand one ballot in and return where its receipt was shown."""
    browser = Browser(address)
    first = fill_in(browser, made.door, _code(made))
    shown = browser.follow(browser.ask("POST", first.action, first.data))
    if shown.page.receipt is None:
        raise StuckError(f"{shown.status} instead of a receipt at {shown.path}")
    return shown.path.partition("?")[0]
