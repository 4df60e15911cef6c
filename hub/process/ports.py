"""TCP ports to listen on: whether one is free, and the socket that listens."""

from __future__ import annotations

import secrets
import socket

BACKLOG = 4096
"""Connections that may wait until a process takes them."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on ``host``:``port``. Raises OSError when the port is taken, or the host is no address of
    this machine."""
    listening = _bound(host, port)
    listening.listen(BACKLOG)
    return listening


def can_listen(host: str, port: int) -> bool:
    """Whether ``host``:``port`` could be listened on now. False also when the host is not of this machine."""
    try:
        _bound(host, port).close()
    except OSError:
        return False
    return True


def _bound(host: str, port: int) -> socket.socket:
    if port == 0:
        raise OSError("port 0 is any port")
    # A name that is both kinds of address (localhost) means the older one, which every client tries.
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, kind, _protocol, _name, address = min(addresses, key=lambda each: each[0] != socket.AF_INET)
    made = socket.socket(family, kind)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


def free_port(host: str = "127.0.0.1") -> int:
    """A free port below the range that outgoing connections take, so that it is likely to be free the next time."""
    while not can_listen(host, port := 20000 + secrets.randbelow(12000)):
        pass
    return port
