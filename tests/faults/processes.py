"""Processes of ours: started in a namespace or as another user, and ended by their id alone."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1


class NotRunError(Exception):
    """This machine cannot show the fault; the message says what is missing."""


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(
    command: Sequence[str | Path],
    log: Path,
    *,
    environment: Mapping[str, str],
    folder: Path = ROOT,
    namespace: str | None = None,
    keep: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a process that ends with us, and whose words go to a log."""
    inside = ["ip", "netns", "exec", namespace] if namespace else []
    with log.open("ab") as file:
        return subprocess.Popen(
            [*inside, *map(str, command)],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            pass_fds=keep,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 -- started by the main thread alone
        )


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(word) for word in task.read_text().split()]
    return found


def send(pids: Sequence[int], number: signal.Signals) -> None:
    """Send a signal to processes of ours; those that are gone do not matter."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def wait_until(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Return as soon as something is true; after too long it is an error."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds:.0f} s: {what}")
        time.sleep(0.05)


def run(*command: str | Path) -> str:
    """Run a command of the system and return what it printed."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotRunError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout
