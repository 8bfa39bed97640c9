"""A closed loop of respondents, in a process of its own: one task as JSON in, one result out."""

from __future__ import annotations

import json
import queue
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.collection.browser import Connection, RefusedError, Timed, Visit
from benchmarks.collection.pages import Step
from benchmarks.collection.processes import busy_seconds, cpu_seconds

QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Task:
    """What to do: whole sessions for some seconds, prepared last posts, or one post over again."""

    kind: str  # sessions, submits, inserts
    port: int
    clients: int
    roots: Mapping[str, int]  # name → first process of a tree whose time is taken
    door: str = "/"
    codes: Sequence[str] = ()
    inline: bool = False
    warm_up: float = 1.0
    seconds: float = 5.0
    requests: int = 1  # of a whole session
    last_post: int = 0  # the place of the final post in a session
    body: str = ""


@dataclass
class Notes:
    """What one client saw."""

    timed: list[Timed] = field(default_factory=list)
    complete: int = 0


def run(task: Task) -> dict[str, Any]:
    """Run a task in a fresh process and return what it measured."""
    command = [sys.executable, "-m", "benchmarks.collection.load"]
    done = subprocess.run(
        command, input=json.dumps(asdict(task)), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the clients gave up:\n{done.stderr[-4000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


class Crowd:
    """The clients of one task, each a thread with a connection of its own."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.notes = [Notes() for _ in range(task.clients)]
        self.stop = threading.Event()
        self.trouble: list[str] = []
        self.codes: queue.SimpleQueue[str] = queue.SimpleQueue()
        for code in task.codes:
            self.codes.put(code)

    @property
    def used(self) -> int:
        """Return how many codes were used up; they are taken in their order."""
        return len(self.task.codes) - self.codes.qsize()

    @contextmanager
    def at_work(self, work: Callable[[int], None]) -> Iterator[list[threading.Thread]]:
        """Start every client, and wait for all of them at the end."""
        threads = [
            threading.Thread(target=self._guarded, args=(work, n)) for n in range(self.task.clients)
        ]
        for thread in threads:
            thread.start()
        yield threads
        for thread in threads:
            thread.join()
        if self.trouble:
            raise SystemExit("\n".join(self.trouble[:3]))

    def _guarded(self, work: Callable[[int], None], number: int) -> None:
        try:
            work(number)
        except (RefusedError, OSError, EOFError, queue.Empty) as error:
            self.trouble.append(f"{type(error).__name__}: {error}")
            self.stop.set()

    def sessions(self, number: int) -> None:
        """Answer one questionnaire after the other until it is time to stop."""
        task, notes = self.task, self.notes[number]
        connection = Connection(task.port)
        time.sleep(number / task.clients * min(1.0, task.warm_up / 2))  # not all in step
        while not self.stop.is_set():
            visit = Visit(connection, task.door, self.codes.get_nowait(), task.inline)
            while visit.next is not None and not self.stop.is_set():
                visit.advance(notes.timed.append)
            notes.complete += visit.next is None
        connection.close()

    def inserts(self, number: int) -> None:
        """Post the same body until it is time to stop."""
        visit = Visit(Connection(self.task.port), "/", "")
        while not self.stop.is_set():
            visit.done = 0
            visit.next = Step("POST", self.task.door, self.task.body)
            visit.advance(self.notes[number].timed.append)

    def prepare(self, number: int, kept: list[Visit]) -> None:
        """Answer questionnaires up to, not including, their final post; as many as time allows."""
        connection = Connection(self.task.port)
        until = time.perf_counter() + 2 * self.task.seconds
        for _ in range(number, len(self.task.codes), self.task.clients):
            if time.perf_counter() > until:
                break
            visit = Visit(connection, self.task.door, self.codes.get_nowait(), self.task.inline)
            while visit.done < self.task.last_post:
                visit.advance(lambda _: None)
            kept.append(visit)


def _timed_loop(crowd: Crowd, work: Callable[[int], None]) -> dict[str, Any]:
    task = crowd.task
    with crowd.at_work(work):
        crowd.stop.wait(task.warm_up)
        before, own, start = cpu_seconds(task.roots), _own_cpu(), time.perf_counter()
        busy = busy_seconds()
        crowd.stop.wait(task.seconds)
        busy = busy_seconds() - busy
        after, end = cpu_seconds(task.roots), time.perf_counter()
        own = _own_cpu() - own
        crowd.stop.set()
    timed = [t for notes in crowd.notes for t in notes.timed]
    inside = [t for t in timed if start < t.ended <= end]
    per = len(inside) / task.requests
    last = [t.seconds for t in inside if t.place == task.last_post]
    return {
        "used": crowd.used,
        "sessions": per,
        "complete": sum(notes.complete for notes in crowd.notes),
        "confirmed": sum(t.place == task.last_post and t.status < 400 for t in timed),
        "per_second": per / (end - start),
        "cpu": {name: (after[name] - before[name]) / per for name in task.roots},
        "load_cpu": own / per,
        "others": max(0.0, busy - sum(after.values()) + sum(before.values()) - own) / (end - start),
        "request_ms": quantiles([t.seconds for t in inside]),
        "last_post_ms": quantiles(last),
        "by_place_ms": {
            place: quantiles([t.seconds for t in inside if t.place == place])["p50"]
            for place in range(task.requests)
        },
        "received": sum(t.received for t in inside) / per,
        "sent": sum(t.sent for t in inside) / per,
    }


def _prepared_posts(crowd: Crowd) -> dict[str, Any]:
    task = crowd.task
    kept: list[list[Visit]] = [[] for _ in range(task.clients)]
    with crowd.at_work(lambda number: crowd.prepare(number, kept[number])):
        pass
    gate = threading.Event()

    def post(number: int) -> None:
        gate.wait()
        for visit in kept[number]:
            visit.advance(crowd.notes[number].timed.append)

    with crowd.at_work(post):
        before, own, start = cpu_seconds(task.roots), _own_cpu(), time.perf_counter()
        gate.set()
    end = time.perf_counter()
    after = cpu_seconds(task.roots)
    timed = [t for notes in crowd.notes for t in notes.timed]
    return {
        "used": crowd.used,
        "posts": len(timed),
        "confirmed": sum(t.status < 400 for t in timed),
        "per_second": len(timed) / (end - start),
        "cpu": {name: (after[name] - before[name]) / len(timed) for name in task.roots},
        "load_cpu": (_own_cpu() - own) / len(timed),
        "last_post_ms": quantiles([t.seconds for t in timed]),
    }


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return quantiles in milliseconds."""
    if not seconds:
        return {f"p{q * 100:.0f}": float("nan") for q in QUANTILES}
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return {f"p{q * 100:.0f}": 1000 * ordered[round(q * last)] for q in QUANTILES}


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    crowd = Crowd(Task(**json.load(sys.stdin)))
    if crowd.task.kind == "submits":
        found = _prepared_posts(crowd)
    else:
        found = _timed_loop(crowd, getattr(crowd, crowd.task.kind))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
