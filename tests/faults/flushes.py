"""The order of things: between reading a ballot and answering there is a flush to the disk.

Watched from outside with strace. Of the application on SQLite: what each thread reads, flushes and
sends. Of PostgreSQL: what each server process reads and sends, and what any of them flushes.
"""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.browser import Browser
from tests.faults.load import Ballot
from tests.faults.oracle import Verdict
from tests.faults.processes import wait_until
from tests.faults.sandbox import need
from tests.faults.stage import Plan, Stage, staged
from tests.faults.template import Template

BALLOTS = 20
WARM = 10
CALLS = "trace=read,recvfrom,recvmsg,write,writev,sendto,sendmsg,fsync,fdatasync"
LINE = re.compile(r"^(?:\[pid +)?(\d+)\]? +([\d.]+) (.*)$")
CALL = re.compile(r"^(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$", re.DOTALL)


@dataclass(frozen=True)
class Call:
    """One call of a thread, when it returned, and what strace shows of it."""

    thread: str
    name: str
    text: str


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """Yield finished calls in the order in which they returned; halves are put together."""
    begun: dict[str, str] = {}
    for line in lines:
        found = LINE.match(line)
        if found is None:
            continue
        thread, _, said = found.groups()
        if said.endswith("<unfinished ...>"):
            begun[thread] = said.removesuffix("<unfinished ...>")
            continue
        call = CALL.match(said)
        if call is not None:
            first = begun.pop(thread, "") if said.startswith("<...") else ""
            yield Call(thread, call[1], first + said)


def unflushed(
    traced: Iterable[Call], *, asked: str, answered: str, flushed: str, same_thread: bool
) -> tuple[int, int]:
    """Return how many questions were answered, and how many of them without a flush between.

    Each of the three is a pattern of what strace shows: of a read, of a send, and of a flush.
    """
    waiting: dict[str, bool] = {}
    answers = without = 0
    for call in traced:
        if call.name in {"fsync", "fdatasync"} and re.search(flushed, call.text):
            for thread in waiting:
                if thread == call.thread or not same_thread:
                    waiting[thread] = True
        elif call.name in {"recvfrom", "read", "recvmsg"} and re.search(asked, call.text):
            waiting[call.thread] = False
        elif call.thread in waiting and re.search(answered, call.text):
            answers += 1
            without += not waiting.pop(call.thread)
    return answers, without


@contextmanager
def traced(pids: Sequence[int], file: Path) -> Iterator[None]:
    """Write down what processes, and those they start, read, write and flush."""
    need("strace")
    chosen = [part for pid in pids for part in ("-p", str(pid))]
    command = ["strace", "-f", "-y", "-ttt", "-s", "200", "-e", CALLS, "-o", str(file), *chosen]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: _is_traced(pids[0]) or process.poll() is not None, 5, "strace")
        time.sleep(0.5)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


def _is_traced(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return "TracerPid:\t0" not in status


def _hand_in(stage: Stage, count: int = BALLOTS) -> None:
    for _ in range(count):
        prepared = stage.load.stock.prepared.get_nowait()
        ballot = Ballot(Browser(stage.web.bind, dict(prepared.cookies)), prepared)
        stage.load.attempt(ballot)


def _seen(stage: Stage, found: tuple[int, int]) -> Verdict:
    verdict = stage.verdict()
    answers, without = found
    if answers < BALLOTS:
        verdict.remarks.append(f"only {answers} answers of {BALLOTS} ballots were recognised")
    if without:
        verdict.remarks.append(f"{without} of {answers} answers came before a flush")
    return verdict


def of_sqlite(plan: Plan, template: Template, folder: Path) -> Verdict:
    """Watch the application: POST read, database or journal flushed, answer sent."""
    with staged(plan, template, folder) as stage:
        with traced(stage.web.worker_pids(), folder / "strace"):
            _hand_in(stage)
        text = (folder / "strace").read_text(errors="replace").splitlines()
        posted = r'"POST '
        found = unflushed(
            calls(text),
            asked=posted,
            answered=r'"HTTP/1\.1 303',
            flushed=r"xhh\.sqlite",
            same_thread=True,
        )
        return _seen(stage, found)


def of_postgresql(plan: Plan, template: Template, folder: Path) -> Verdict:
    """Watch the server: COMMIT read, log flushed by whichever process, confirmation sent."""
    with staged(plan, template, folder) as stage:
        assert stage.cluster is not None
        _hand_in(stage, WARM)  # each worker looks types up at first, and commits that
        with traced(stage.cluster.pids(), folder / "strace"):
            _hand_in(stage)
        text = (folder / "strace").read_text(errors="replace").splitlines()
        found = unflushed(
            calls(text),
            asked=r"COMMIT",
            answered=r"COMMIT",
            flushed=r"pg_wal",
            same_thread=False,
        )
        return _seen(stage, found)
