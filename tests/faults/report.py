"""The result of each fault, as a line to read and as a table to keep."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.faults import Fault
from tests.faults.oracle import Verdict

EXPECTED = {0, 200, 303, 503}
HEAD = (
    "| fault | what happens | acknowledged | tries | 503 | no answer | in doubt | lost | doubled"
    " | ordinary answer | longest answer | result |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n"
)


@dataclass(frozen=True)
class Result:
    """A verdict, or why there is none."""

    fault: Fault
    verdict: Verdict | None = None
    reason: str = ""
    failure: str = ""
    seconds: float = 0.0

    def problems(self) -> list[str]:
        """Return what is not as the promise says."""
        if self.failure:
            return [self.failure.strip().splitlines()[-1]]
        if self.verdict is None:
            return []
        if self.fault.broken:
            seen = getattr(self.verdict, self.fault.broken)
            return [] if seen else ["the oracle did not see it"]
        return _problems(self.fault, self.verdict)

    def is_right(self, allow_missing: bool) -> bool:
        """Tell whether this result lets the command succeed."""
        return allow_missing if self.reason else not self.problems()

    def words(self) -> str:
        """Return the result in words."""
        if self.reason:
            return f"NOT RUN: {self.reason}"
        if self.problems():
            return "FAILED: " + "; ".join(self.problems())
        return f"the oracle reports it ({_counts(self.verdict)})" if self.fault.broken else "ok"

    def line(self) -> str:
        """Return everything in a line."""
        found = self.verdict
        head = f"{self.fault.name:4} {self.fault.title}: {self.words()}"
        if found is None:
            return f"{head}\n{self.failure}" if self.failure else head
        return (
            f"{head}\n     acknowledged {found.acknowledged}, tries {found.attempts},"
            f" 503 {found.refused}, no answer {found.unanswered}, in doubt {found.in_doubt},"
            f" lost {len(found.lost)}, doubled {len(found.doubled)},"
            f" ordinary {found.ordinary_s:.2f} s, longest {found.longest_s:.1f} s,"
            f" {dict(found.statuses)}, took {self.seconds:.0f} s"
        )

    def row(self) -> str:
        """Return a row of the table."""
        found = self.verdict
        cells = ["–"] * 9
        if found is not None:
            numbers = (found.acknowledged, found.attempts, found.refused, found.unanswered)
            wrong = (found.in_doubt, len(found.lost), len(found.doubled))
            cells = [str(n) for n in (*numbers, *wrong)] + [
                f"{found.ordinary_s * 1000:.0f} ms",
                f"{found.longest_s:.1f} s",
            ]
        return f"| {' | '.join([self.fault.name, self.fault.title, *cells, self.words()])} |\n"


def _counts(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    return ", ".join([f"{kind} {n}" for kind, n in verdict.wrong.items()] + verdict.remarks)


def _problems(fault: Fault, found: Verdict) -> list[str]:
    said = [f"{kind} {count}" for kind, count in found.wrong.items()]
    odd = {status: n for status, n in found.statuses.items() if status not in EXPECTED}
    if odd:
        said.append(f"answers {odd}")
    if not found.acknowledged:
        said.append("no ballot was handed in at all")
    most = fault.longest_s + 2 * found.ordinary_s  # a busy machine is slow before any fault
    if found.longest_s > most:
        said.append(f"an answer took {found.longest_s:.1f} s, at most {most:.1f}")
    if fault.no_errors and found.errors:
        said.append(f"clients saw {len(found.errors)} errors: {found.errors[:3]}")
    return said + found.remarks


def write(path: Path, results: Sequence[Result]) -> None:
    """Write the table with the command and the machine."""
    text = (
        "# Ballots under faults\n\n"
        "`make faults` on a real gunicorn and a real database; see `docs/operations.md`. Last run"
        f" {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.system()},"
        f" load {os.getloadavg()[2]:.0f},"
        f" Python {platform.python_version()}.\n\n"
        "*In doubt*: stored, though no answer had said so when the load ended; each was sent again"
        " and got the receipt of the stored ballot. One in nine ballots is in doubt because its"
        " respondent closes the window. *Ordinary* and *longest answer*: the median of ballots"
        " received, and the maximum of all answers to ballots handed in under load.\n\n"
    )
    path.write_text(text + HEAD + "".join(result.row() for result in results), "utf-8")
