"""Connections at once to a socket that nobody accepts from: how many the kernel takes for it."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

ESTABLISHED = 1
"""The first byte of Linux's TCP_INFO is the state of the connection."""


@contextlib.contextmanager
def knocking(address: tuple[str, int], count: int) -> Iterator[list[socket.socket]]:
    """So many sockets that connect without a pause in between, as when thousands come back at once."""
    clients = [socket.socket() for _ in range(count)]
    try:
        for client in clients:
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(address)
        yield clients
    finally:
        for client in clients:
            client.close()


def established(clients: list[socket.socket], expected: int, within: float = 5.0) -> int:
    """How many are connected, once ``expected`` are or ``within`` seconds have passed.

    It blocks: a server in this very loop may not accept meanwhile.
    """
    until = time.monotonic() + within
    while True:
        states = [client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] for client in clients]
        found = states.count(ESTABLISHED)
        if found == expected or time.monotonic() > until:
            return found
        time.sleep(0.01)
