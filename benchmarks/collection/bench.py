"""The run itself: which flows there are, rounds through all of them, and what must come out."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.collection import world
from benchmarks.collection.browser import Connection, Timed, Visit
from benchmarks.collection.load import Task, run
from benchmarks.collection.servers import Site, Stores

CLIENTS = (8, 32)
WORKERS = {"sqlite": (1,), "postgresql": (1, 4)}  # as docs/operations.md runs them
ANSWERS = 48
CODES_A_SECOND = 120  # more than any server could use up
LONGEST = 100


@dataclass(frozen=True)
class Pace:
    """How long everything takes."""

    rounds: int
    warm_up: float
    seconds: float
    posts: int  # prepared final posts of one measurement
    codes: int  # for each database
    workers: Mapping[str, tuple[int, ...]]


FULL = Pace(3, 1.0, 4.0, 320, 12_000, WORKERS)
QUICK = Pace(1, 0.5, 2.0, 96, 3_000, {"sqlite": (1,), "postgresql": (4,)})


@dataclass(frozen=True)
class Flow:
    """How a site is walked through, found out with one session before anything is timed."""

    site: Site
    door: str
    inline: bool
    requests: int
    last_post: int
    places: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return what the flow is called."""
        return "inline" if self.inline else "plain"


@dataclass
class Ours:
    """The platform's campaign on one database, and how many ballots were confirmed."""

    campaign: world.Campaign
    size_before: int
    confirmed: int = 0


@dataclass
class Bench:
    """Servers that are up, flows through them, results so far."""

    pace: Pace
    stores: Stores
    ours: dict[str, Ours]
    sites: list[Site] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = field(default_factory=dict)

    def find_flows(self) -> None:
        """Walk through every site once; the scripted flow is there where a server knows it."""
        for site in self.sites:
            plain = self._walk(site, inline=False)
            scripted = self._walk(site, inline=True)
            self.flows.append(plain)
            if scripted.requests < plain.requests:
                self.flows.append(scripted)

    def _walk(self, site: Site, *, inline: bool) -> Flow:
        ours = self.ours[site.database] if site.is_ours else None
        door = ours.campaign.door if ours else "/"
        code = ours.campaign.take(1)[0] if ours else ""
        seen = list(_session(Visit(Connection(site.port), door, code, inline)))
        if ours:
            ours.confirmed += 1
        last = max(t.place for t in seen if t.method == "POST")
        places = tuple(f"{t.method} {t.path}" for t in seen)
        return Flow(site, door, inline, len(seen), last, places)

    def warm_up(self) -> None:
        """Let every worker compile its templates and statements, for nothing is kept between."""
        for flow in self.flows:
            self._run(flow, "sessions", max(CLIENTS))
        self.found.clear()

    def measure_sessions(self) -> None:
        """Go through every flow and number of clients, round after round."""
        for _ in range(self.pace.rounds):
            for flow in self.flows:
                for clients in CLIENTS:
                    self._run(flow, "sessions", clients)
            for site in self.sites:
                for clients in CLIENTS:
                    if not site.is_ours:
                        self._note("inserts", site, "", clients, run(self._insert(site, clients)))

    def measure_submits(self) -> None:
        """Measure the final post alone: sessions are answered up to it, then all are posted."""
        for flow in self.flows:
            for clients in CLIENTS:
                if flow.site.is_ours and not flow.inline:
                    self._run(flow, "submits", clients)

    def _run(self, flow: Flow, kind: str, clients: int) -> None:
        task = self._task(flow, kind, clients)
        result = run(task)
        self._note(kind, flow.site, flow.name, clients, result)
        if flow.site.is_ours:
            ours = self.ours[flow.site.database]
            ours.confirmed += result["confirmed"]
            ours.campaign.give_back(task.codes[result["used"] :])

    def _task(self, flow: Flow, kind: str, clients: int) -> Task:
        pace = self.pace
        most = int((pace.warm_up + pace.seconds + 1) * CODES_A_SECOND) + clients
        wanted = pace.posts if kind == "submits" else most
        is_ours = flow.site.is_ours
        return Task(
            kind=kind,
            port=flow.site.port,
            clients=clients,
            roots=flow.site.roots,
            door=flow.door,
            codes=self.ours[flow.site.database].campaign.take(wanted) if is_ours else [""] * 5000,
            inline=flow.inline,
            warm_up=pace.warm_up,
            seconds=pace.seconds,
            requests=flow.requests,
            last_post=flow.last_post,
        )

    def _insert(self, site: Site, clients: int) -> Task:
        codes = [q["code"] for s in world.document()["sections"] for q in s["questions"]]
        return Task(
            kind="inserts",
            port=site.port,
            clients=clients,
            roots=site.roots,
            door="/one",
            warm_up=self.pace.warm_up / 2,
            seconds=self.pace.seconds / 2,
            body="&".join(f"{code}=3" for code in codes),
        )

    def _note(self, kind: str, site: Site, flow: str, clients: int, result: dict[str, Any]) -> None:
        self.found.setdefault((kind, site.name, flow, clients), []).append(result)
        print(".", end="", flush=True)

    def rows(self) -> list[dict[str, Any]]:
        """Return the median of the rounds of each measurement."""
        names = ("kind", "site", "flow", "clients")
        return [
            dict(zip(names, key, strict=True)) | medians(results)
            for key, results in self.found.items()
        ]

    def growth(self) -> dict[str, dict[str, float]]:
        """Return the bytes a response; every confirmed ballot must be in the box."""
        found = {}
        for name, ours in self.ours.items():
            settings = self.stores.ours[name]
            stored = world.ballots_in(settings)
            if stored < ours.confirmed:
                raise RuntimeError(f"{name}: {ours.confirmed} confirmed, {stored} in the box")
            grown = world.size_of(settings.database_url) - ours.size_before
            found[name] = {"ballots": stored, "confirmed": ours.confirmed, "bytes": grown / stored}
        return found


def _session(visit: Visit) -> Iterator[Timed]:
    seen: list[Timed] = []
    while visit.next is not None and len(seen) < LONGEST:
        visit.advance(seen.append)
    answers = sum(t.answers for t in seen)
    if answers != ANSWERS:
        paths = "\n".join(f"{t.status} {t.method} {t.path}: {t.answers}" for t in seen)
        raise RuntimeError(f"{answers} answers were given, not {ANSWERS}:\n{paths}")
    yield from seen


def medians(results: list[Any]) -> Any:
    """Return the same shape with the median of each number."""
    first = results[0]
    if isinstance(first, dict):
        return {key: medians([result[key] for result in results]) for key in first}
    return statistics.median(results)
