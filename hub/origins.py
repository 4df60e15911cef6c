"""The origin of a page, as a browser writes it, so that two spellings of one origin compare equal."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

import idna

PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")


def normal_origin(text: str) -> str:
    """``scheme://host[:port]`` as browsers write it: lower case, ASCII, without the scheme's own port.

    A slash at the end is dropped. Raises ValueError for what is no origin of a web page.
    """
    text = text.strip()
    if re.search(r"[\x00-\x20\x7f]", text):  # urlsplit would leave some of them out
        raise ValueError("an origin as https://host[:port]")
    parts = urlsplit(text)
    scheme = parts.scheme.lower()
    if scheme not in PORTS or parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("an origin as https://host[:port]")
    if not parts.hostname or "\\" in parts.netloc or parts.netloc.endswith(":"):
        raise ValueError("an origin as https://host[:port]")
    host, port = _host(parts.hostname), parts.port
    if port == 0:
        raise ValueError("a port from 1 to 65535")
    return f"{scheme}://{host}" if port in (None, PORTS[scheme]) else f"{scheme}://{host}:{port}"


def _host(name: str) -> str:
    if ":" in name:
        return f"[{ip_address(name)}]"
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError as error:
            raise ValueError("a host name") from error
    name = name.lower()
    if not HOST.fullmatch(name):
        raise ValueError("a host name")
    return name
