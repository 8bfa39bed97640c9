"""What strace shows is put in order, and a missing flush is noticed."""

from __future__ import annotations

import pytest

from tests.faults.flushes import calls, unflushed

READ = '7 1.0 recvfrom(5<socket:[1]>, "POST /q/x/check", 8192, 0, NULL, NULL) = 15'
FLUSH = "7 1.1 fdatasync(9</i/xhh.sqlite-journal>) = 0"
OTHER = "8 1.1 fdatasync(9</i/xhh.sqlite-journal>) = 0"
SEND = '7 1.2 sendto(5<socket:[1]>, "HTTP/1.1 303 SEE OTHER", 22, 0, NULL, 0) = 22'
BEGUN = "7 1.1 fdatasync(9</i/xhh.sqlite-journal> <unfinished ...>"
ENDED = "7 1.3 <... fdatasync resumed>) = 0"


def judged(*lines: str, same_thread: bool = True) -> tuple[int, int]:
    patterns = {"asked": '"POST ', "answered": "HTTP/1.1 303", "flushed": "xhh"}
    return unflushed(calls(lines), **patterns, same_thread=same_thread)


@pytest.mark.parametrize(
    ("lines", "same_thread", "without"),
    [
        ((READ, FLUSH, SEND), True, 0),
        ((READ, BEGUN, ENDED, SEND), True, 0),
        ((READ, OTHER, SEND), False, 0),
        ((READ, SEND), True, 1),
        ((FLUSH, READ, SEND, FLUSH), True, 1),
        ((READ, BEGUN, SEND, ENDED), True, 1),
        ((READ, OTHER, SEND), True, 1),
        ((READ, FLUSH.replace("xhh.sqlite-journal", "log"), SEND), True, 1),
    ],
)
def test_an_answer_counts_as_flushed_only_after_a_flush_that_ended(
    lines: tuple[str, ...], same_thread: bool, without: int
) -> None:
    assert judged(*lines, same_thread=same_thread) == (1, without)
