"""No test may speak to anything but this machine."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

_WATCHED = {"socket.connect", "socket.sendto"}
_NAMES = {"localhost", ""}


def forbid_foreign_sockets() -> None:
    """From now on, in this process, refuse every connection but loopback and Unix sockets."""
    sys.addaudithook(_refuse)


def is_local(address: Any) -> bool:
    """Tell whether a socket address is on this machine."""
    if not isinstance(address, tuple):
        return True  # the path of a Unix socket
    host = str(address[0])
    if host in _NAMES:
        return True
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


def _refuse(name: str, arguments: tuple[Any, ...]) -> None:
    if name in _WATCHED and not is_local(arguments[1]):
        raise RuntimeError(f"tests may not connect to {arguments[1]!r}")
