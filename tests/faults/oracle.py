"""Nothing lost, nothing doubled: a pure function from the ledger and the box to a verdict."""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.ledger import HUNG_UP, Line

REASONS = {"refused", "dont_know", "not_applicable"}  # that somebody chose to state


@dataclass(frozen=True)
class Stored:
    """A ballot as it lies in the box."""

    id: str
    answers: str
    receipt: str
    intact: bool
    stratum: int = 0
    by_code: bool = True


@dataclass(frozen=True)
class Box:
    """The ballots in the box, and how many codes are spent in each stratum."""

    ballots: tuple[Stored, ...] = ()
    spent: Mapping[int, int] = field(default_factory=dict)

    @property
    def ids(self) -> set[str]:
        """Return the ids of the ballots."""
        return {ballot.id for ballot in self.ballots}


@dataclass
class Verdict:
    """What a run showed; the lists name the ballots that are wrong."""

    acknowledged: int = 0
    attempts: int = 0
    refused: int = 0
    unanswered: int = 0
    in_doubt: int = 0
    longest_s: float = 0.0
    ordinary_s: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    ghosts: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)  # what respondents noticed
    remarks: list[str] = field(default_factory=list)  # what else is not as it should be

    @property
    def wrong(self) -> dict[str, int]:
        """Return how many are wrong, by kind; empty when the promise was kept."""
        kinds = ("lost", "doubled", "ghosts", "orphans", "digests", "answers", "receipts")
        counts = {kind: len(getattr(self, kind)) for kind in (*kinds, "unsettled")}
        return {kind: count for kind, count in counts.items() if count}


def judge(lines: Sequence[Line], before: Box, after: Box) -> Verdict:
    """Compare a ledger with the box after the load and the box after everything was retried."""
    found = Verdict()
    sent = {line.ballot_id: line.answers for line in lines if line.answers is not None}
    attempted = {line.ballot_id for line in lines}
    confirmed = {line.ballot_id for line in lines if line.acknowledged}
    at_once = {line.ballot_id for line in lines if line.acknowledged and line.phase == "load"}
    found.acknowledged = len(confirmed)
    found.in_doubt = len((attempted - at_once) & before.ids)
    found.lost = sorted((at_once - before.ids) | (confirmed - after.ids))
    found.ghosts = sorted(after.ids - attempted)
    found.unsettled = sorted(attempted - confirmed)
    found.digests = sorted(ballot.id for ballot in after.ballots if not ballot.intact)
    found.doubled = _doubled(sent, after)
    found.orphans = _orphans(after)
    found.answers = sorted(b.id for b in after.ballots if not says(b.answers, sent.get(b.id)))
    found.receipts = _receipts(lines, after)
    _count(found, lines)
    taken = [line.seconds for line in lines if line.acknowledged and line.seconds]
    found.ordinary_s = statistics.median(taken) if taken else 0.0
    return found


def _count(found: Verdict, lines: Iterable[Line]) -> None:
    for line in lines:
        if line.status is None:
            found.attempts += 1
            continue
        found.statuses[line.status] += 1
        found.refused += line.status == 503
        found.unanswered += line.status == 0
        if line.phase == "load" and (line.why not in {"", HUNG_UP} or line.status >= 400):
            found.errors.append(line.why or str(line.status))
        if line.status and line.phase == "load":
            found.longest_s = max(found.longest_s, line.seconds)


def _doubled(sent: Mapping[str, Mapping[str, str] | None], after: Box) -> list[str]:
    """Return ids and answers that are more often in the box than they were handed in."""
    ids = Counter(ballot.id for ballot in after.ballots)
    twice = [f"id {name}" for name, count in ids.items() if count > 1]
    for text, count in Counter(ballot.answers for ballot in after.ballots).items():
        if count > 1 and count > sum(says(text, given) for given in sent.values()):
            twice.append(f"answers {text[:60]}")
    return twice


def _orphans(after: Box) -> list[str]:
    """Return strata in which codes spent and ballots that codes paid for are not as many."""
    paid = Counter(ballot.stratum for ballot in after.ballots if ballot.by_code)
    strata = paid.keys() | after.spent.keys()
    return [
        f"stratum {stratum}: {after.spent.get(stratum, 0)} spent, {paid[stratum]} ballots"
        for stratum in sorted(strata)
        if after.spent.get(stratum, 0) != paid[stratum]
    ]


def _receipts(lines: Iterable[Line], after: Box) -> list[str]:
    """Return ballots for which a receipt was shown that is not the one of the stored row."""
    right = {ballot.id: ballot.receipt for ballot in after.ballots}
    shown = ((line.ballot_id, line.receipt) for line in lines if line.receipt)
    return sorted({name for name, receipt in shown if right.get(name, receipt) != receipt})


def leaves(stored: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    """Return every answer of a stored ballot under its place, as unit and question."""
    found: dict[tuple[str, ...], str] = {}

    def walk(node: Any, place: tuple[str, ...]) -> None:
        if isinstance(node, dict):
            for name, inner in node.items():
                walk(inner, (*place, name))
        else:
            found[place] = str(node)

    walk(stored.get("answers", {}), ())
    walk(stored.get("units", {}), ())
    return found


def says(text: str, sent: Mapping[str, str] | None) -> bool:
    """Tell whether a stored ballot says what the browser sent: all of it and nothing else.

    A field belongs to an answer when its name has the unit and the question among its words. Of a
    choice such as "I do not know" the reason is stored, not the choice.
    """
    if sent is None:
        return False
    left, stored = dict(sent), json.loads(text)
    for place, value in leaves(stored).items():
        name = next((n for n in left if _matches(n, place)), None)
        if name is None or left.pop(name) != value:
            return False
    said_why = [
        tuple(place.split("/"))
        for reason, places in stored.get("missing", {}).items()
        if reason in REASONS
        for place in places
    ]
    return len(left) == len(said_why) and all(
        any(_matches(name, place) for place in said_why) for name in left
    )


def _matches(name: str, place: tuple[str, ...]) -> bool:
    words = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word]
    return len(words) in {len(place), len(place) + 1} and set(place) <= set(words)
