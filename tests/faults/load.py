"""Respondents in a closed loop: each hands in ballot after ballot, and keeps what is in doubt."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from tests.faults.browser import Answer, Browser, NoAnswerError, Prepared, StuckError, fill_in
from tests.faults.ledger import Ledger, Line, digest_of

T = TypeVar("T")
HANG_UP_EVERY = 9  # a respondent closes the window right after pressing the button


@dataclass
class Stock:
    """What is given to the clients: prepared ballots first, then codes to begin with."""

    door: str
    receipt_path: str
    prepared: queue.SimpleQueue[Prepared] = field(default_factory=queue.SimpleQueue)
    codes: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)


@dataclass
class Ballot:
    """A ballot of which no receipt has been seen yet."""

    browser: Browser
    prepared: Prepared
    tries: int = 0
    is_acknowledged: bool = False


@dataclass
class Load:
    """The clients, their ledger, and the ballots left for the end."""

    address: str
    stock: Stock
    ledger: Ledger
    clients: int = 12
    pace_s: float = 0.25
    open_door: bool = False
    parked: list[Ballot] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Let the clients begin."""
        for number in range(self.clients):
            thread = threading.Thread(target=self._client, args=(number,), name=f"client {number}")
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let each client finish what it is at."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _client(self, number: int) -> None:
        time.sleep(number * self.pace_s / self.clients)
        done = number
        while not self._stop.is_set():
            began = time.monotonic()
            ballot = self._next_ballot()
            if ballot is None:
                return
            done += 1
            self._hand_in(ballot, hang_up=done % HANG_UP_EVERY == 0, park=done % 2 == 0)
            self._stop.wait(max(0.0, began + self.pace_s - time.monotonic()))

    def _next_ballot(self) -> Ballot | None:
        browser = Browser(self.address)
        try:
            prepared = self.stock.prepared.get_nowait()
            browser.cookies = dict(prepared.cookies)
        except queue.Empty:
            try:
                code = None if self.open_door else self.stock.codes.get_nowait()
            except queue.Empty:
                return None
            found = self._filled_in(browser, code)
            if found is None:
                return None
            prepared = found
        return Ballot(browser, prepared)

    def _filled_in(self, browser: Browser, code: str | None) -> Prepared | None:
        try:
            return fill_in(browser, self.stock.door, code, self._patiently)
        except (NoAnswerError, StuckError) as error:
            if not self._stop.is_set():
                self.stuck.append(str(error))
            return None

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        while True:
            try:
                answer = ask()
            except NoAnswerError as error:
                self.page_errors.append(str(error))
                if self._stop.is_set():
                    raise
            else:
                if answer.status < 500 or self._stop.is_set():
                    return answer
                self.page_errors.append(str(answer.status))
            self._stop.wait(0.3)

    def _hand_in(self, ballot: Ballot, *, hang_up: bool, park: bool) -> None:
        """Try until there is a receipt; every second ballot in doubt waits for the end."""
        wait = 0.3
        self.attempt(ballot, wait=not hang_up)
        while not ballot.is_acknowledged:
            if park or self._stop.is_set():
                self.parked.append(ballot)
                return
            self._stop.wait(wait)
            wait = min(wait * 1.5, 2.0)
            self.attempt(ballot)

    def attempt(self, ballot: Ballot, *, wait: bool = True, phase: str = "load") -> str | None:
        """Hand a ballot in once; the receipt if there is one, and both in the ledger."""
        prepared = ballot.prepared
        digest = digest_of(prepared.answers)
        first = None if ballot.tries else prepared.answers
        ballot.tries += 1
        line = Line(prepared.ballot_id, digest, None, phase=phase, answers=first)
        self.ledger.write(line)
        began = time.monotonic()
        receipt, why, status, known = None, "", 0, False
        try:
            answer = ballot.browser.ask("POST", prepared.action, prepared.data, wait=wait)
            status = answer.status
            receipt = answer.page.receipt if status in {200, 201} else None
            known = receipt is not None or self._leads_to_receipt(answer)
        except NoAnswerError as error:
            why = str(error)
            answer = None
        seconds = round(time.monotonic() - began, 4)
        ballot.is_acknowledged = ballot.is_acknowledged or known
        said = Line(prepared.ballot_id, digest, status, known, receipt, seconds, phase, why)
        self.ledger.write(said)
        if known and receipt is None and answer is not None:
            receipt = self._shown_receipt(ballot, answer, digest, phase)
        return receipt

    def _leads_to_receipt(self, answer: Answer) -> bool:
        path = (answer.location or "").partition("?")[0]
        return answer.status in {302, 303} and path == self.stock.receipt_path

    def _shown_receipt(self, ballot: Ballot, answer: Answer, digest: str, phase: str) -> str | None:
        try:
            page = ballot.browser.follow(answer)
        except NoAnswerError:
            page = None
        receipt = page.page.receipt if page is not None and page.status == 200 else None
        if receipt is None:
            if phase == "load":
                self.parked.append(ballot)  # acknowledged, but the receipt was not seen
            return None
        name = ballot.prepared.ballot_id
        self.ledger.write(Line(name, digest, 200, True, receipt, phase=phase))
        return receipt

    def settle(self, seconds: float) -> None:
        """Hand in again everything that is in doubt, until each has its receipt."""
        left = queue.SimpleQueue[Ballot]()
        for ballot in self.parked:
            left.put(ballot)
        deadline = time.monotonic() + seconds
        threads = [
            threading.Thread(target=self._settle_some, args=(left, deadline)) for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _settle_some(self, left: queue.SimpleQueue[Ballot], deadline: float) -> None:
        while True:
            try:
                ballot = left.get_nowait()
            except queue.Empty:
                return
            while self.attempt(ballot, phase="settle") is None and time.monotonic() < deadline:
                time.sleep(0.3)


def queue_of(items: Iterable[T]) -> queue.SimpleQueue[T]:
    """Return a queue with these in it."""
    made: queue.SimpleQueue[T] = queue.SimpleQueue()
    for item in items:
        made.put(item)
    return made
