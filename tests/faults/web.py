"""The real application under gunicorn, and what can happen to it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.browser import Browser, NoAnswerError
from tests.faults.processes import ROOT, children, send, start, wait_until
from tests.support.databases import SECRET

START_S = 20.0


@dataclass
class Web:
    """A gunicorn master with its workers."""

    instance: Path
    log: Path
    database_url: str
    bind: str  # host:port, or the path of a Unix socket
    workers: int = 2
    threads: int = 8
    entry: str = "wsgi:app"
    preload: bool = False
    listening: int | None = None  # the descriptor of a socket that somebody else holds open
    namespace: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start without waiting for the first page."""
        bind = f"unix:{self.bind}" if self.bind.startswith("/") else self.bind
        bind = bind if self.listening is None else f"fd://{self.listening}"
        command = [
            *(sys.executable, "-m", "gunicorn", "--bind", bind, "--no-control-socket"),
            *("--workers", str(self.workers), "--threads", str(self.threads)),
            *(["--preload"] if self.preload else []),
            self.entry,
        ]
        kept = () if self.listening is None else (self.listening,)
        self.process = start(
            command, self.log, environment=self._environment(), namespace=self.namespace, keep=kept
        )

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "XHH_INSTANCE": str(self.instance),
            "XHH_DATABASE_URL": self.database_url,
            "XHH_SECRET_KEY": SECRET,
            "XHH_HTTPS": "false",
            **self.environment,
        }

    def start(self) -> None:
        """Start, and return when the first page came."""
        self.launch()
        self.wait()

    def wait(self) -> None:
        """Return when a page comes."""
        wait_until(lambda: self.is_up() or not self.is_running(), START_S, "the first page")
        if not self.is_running():
            said = self.log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"gunicorn did not start:\n{said}")

    def is_running(self) -> bool:
        """Tell whether the master is there."""
        return self.process is not None and self.process.poll() is None

    def is_up(self) -> bool:
        """Tell whether a page comes."""
        try:
            return Browser(self.bind).ask("GET", "/").status == 200
        except NoAnswerError:
            return False

    def worker_pids(self) -> list[int]:
        """Return the workers of our own master."""
        return children(self.process.pid) if self.process else []

    def kill_worker(self) -> None:
        """Kill one worker, whichever."""
        workers = self.worker_pids()
        if workers:
            send([random.choice(workers)], signal.SIGKILL)

    def signal_master(self, number: signal.Signals) -> None:
        """Send the master a signal."""
        if self.process is not None:
            self.process.send_signal(number)

    def stop(self) -> None:
        """Stop in good order; what does not stop is killed."""
        if self.process is None:
            return
        workers = self.worker_pids()
        send([self.process.pid], signal.SIGTERM)
        try:
            self.process.wait(8)
        except subprocess.TimeoutExpired:
            send([*workers, *self.worker_pids(), self.process.pid], signal.SIGKILL)
            self.process.wait(5)
