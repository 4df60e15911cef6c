"""Which TCP ports could be listened on: asked before a start, so that a taken one is said in one line."""

from __future__ import annotations

import secrets
import socket


def can_listen(host: str, port: int) -> bool:
    """Whether ``host``:``port`` could be listened on now. False also when the host is not of this machine."""
    try:
        family, kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError:
        return False
    return port != 0


def free_port(host: str = "127.0.0.1") -> int:
    """A free port below the range that outgoing connections take, so that it is likely to be free the next time."""
    while not can_listen(host, port := 20000 + secrets.randbelow(12000)):
        pass
    return port
