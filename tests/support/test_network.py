"""Tests reach this machine and nothing beyond it."""

from __future__ import annotations

import socket

import pytest

from tests.support.network import is_local


@pytest.mark.parametrize(
    ("address", "local"),
    [
        (("127.0.0.1", 80), True),
        (("127.9.9.9", 80), True),
        (("localhost", 80), True),
        (("::1", 80, 0, 0), True),
        ("/run/a.socket", True),
        (("192.0.2.1", 80), False),
        (("example.org", 80), False),
        (("2001:db8::1", 80, 0, 0), False),
    ],
)
def test_only_addresses_of_this_machine_are_local(address, local):
    assert is_local(address) is local


def test_a_connection_to_another_machine_is_refused_before_it_is_tried():
    with socket.socket() as outside, pytest.raises(RuntimeError, match="may not connect"):
        outside.connect(("192.0.2.1", 80))
