"""Which address a phone on the same network can reach this machine at."""

from __future__ import annotations

import ipaddress
import socket


def private_address() -> str:
    """Return the first private IPv4 address of this machine, else ``127.0.0.1``.

    Opening a datagram socket towards a private address picks the interface that would be
    used; nothing is sent.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))
            found = str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
    return found if ipaddress.ip_address(found).is_private else "127.0.0.1"


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
