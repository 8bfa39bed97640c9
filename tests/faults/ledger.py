"""The clients' ledger: what was about to be sent and what was answered, flushed line by line."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

HUNG_UP = "hung up"  # the respondent's own doing


@dataclass(frozen=True)
class Line:
    """One line. Status: None before sending, 0 when no answer came, else the server's."""

    ballot_id: str
    digest: str
    status: int | None
    acknowledged: bool = False
    receipt: str | None = None
    seconds: float = 0.0
    phase: str = "load"
    why: str = ""
    answers: Mapping[str, str] | None = None


def digest_of(answers: Mapping[str, str]) -> str:
    """Return the digest of what a browser sent."""
    text = json.dumps(sorted(answers.items()), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Ledger:
    """An append-only file; a line is on the disk when `write` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, line: Line) -> None:
        """Append a line and flush it."""
        said = {name: value for name, value in asdict(line).items() if value not in (None, "")}
        os.write(self._file, (json.dumps(said, ensure_ascii=False) + "\n").encode())
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def lines(self) -> list[Line]:
        """Return everything written so far."""
        return [
            Line(**({"status": None} | json.loads(text)))
            for text in self.path.read_text("utf-8").splitlines()
        ]
