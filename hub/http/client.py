"""Who sent a request: the client's address, and the scheme and the host that the client used.

A proxy gives these in headers (X-Forwarded-For, -Proto, -Host, or Forwarded). Anybody can send such headers, so they
are believed only when the connection comes from a trusted proxy (TRUSTED_PROXIES). REST, the live channel and the logs
all ask here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from sanic import Request

from hub.config import Settings
from hub.origins import normal_origin

Network = IPv4Network | IPv6Network
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
PASSED_ON = frozenset({"forwarded", "via", "x-real-ip"})
"""Headers, beside those that begin with X-Forwarded-, that proxies add to what they pass on."""
MOST_PROXIES = 16
"""How many addresses of X-Forwarded-For are looked at, from its end."""
PAIR = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^";,\s]*))\s*')


@dataclass(frozen=True, slots=True)
class Client:
    """``address`` is an IP address (or "" for a socket that has none), ``scheme`` is http or https, ``host`` is the
    Host that the client asked for, as it wrote it."""

    address: str
    scheme: str
    host: str


class Proxies:
    """Which peers are trusted proxies, and what their headers say about the client."""

    def __init__(self, trusted: Sequence[Network], count: int) -> None:
        """``trusted`` may be empty: then loopback is trusted if ``count`` (PROXIES_COUNT) is set, else nobody.

        With ``trusted`` the client is the last address in X-Forwarded-For that is no trusted proxy, at most ``count``
        addresses from the end if ``count`` is not 0. Without it, it is the address number ``count`` from the end.
        """
        self._named = bool(trusted)
        self._networks = tuple(trusted) or (LOOPBACK if count else ())
        self._count = count
        self.trusts = lru_cache(maxsize=1024)(self._trusts)

    @classmethod
    def of(cls, settings: Settings) -> Proxies:
        return cls(settings.trusted_proxies, settings.proxies_count)

    def _trusts(self, address: str) -> bool:
        """Whether an address, in its normal form, is a trusted proxy's."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)

    def address(self, peer: str, headers: Mapping[str, str]) -> str:
        """The client's address, in its normal form. ``headers`` has getall, as Sanic's has."""
        peer = normal_address(peer)
        if not self._networks or not self.trusts(peer):
            return peer
        found = peer
        for step, text in enumerate(reversed(_forwarded_for(headers)), 1):
            if step > (self._count or MOST_PROXIES):
                break
            address = normal_address(text)
            if not address:
                break
            found = address
            if self._named and not self.trusts(address):
                break
        return found

    def client(self, peer: str, secure: bool, headers: Any) -> Client:
        """``peer`` and ``secure`` are of the connection itself."""
        address = self.address(peer, headers)
        scheme, host = "https" if secure else "http", str(headers.get("host", ""))
        if self._networks and self.trusts(normal_address(peer)):
            said_scheme, said_host = _said(headers)
            if said_scheme in ("http", "https", "ws", "wss"):
                scheme = {"ws": "http", "wss": "https"}.get(said_scheme, said_scheme)
            host = said_host or host
        return Client(address, scheme, host)


def normal_address(text: str) -> str:
    """An IP address in its normal form, without port, brackets or zone; IPv4 within IPv6 as IPv4. "" for no address."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


def address_group(address: str) -> str:
    """What is counted as one client: an IPv4 address, or the /64 network of an IPv6 address, which one client has."""
    if ":" not in address:
        return address
    return str(ip_network((address, 64), strict=False))


def _forwarded_for(headers: Any) -> list[str]:
    lists: list[str] = headers.getall("x-forwarded-for", [])
    if lists:
        return [text for line in lists for text in line.split(",")]
    return [pairs["for"] for pairs in _forwarded(headers) if "for" in pairs]


def _said(headers: Any) -> tuple[str, str]:
    """(scheme, host) by the proxy next to us; "" for what it does not say."""
    if any(f"x-forwarded-{name}" in headers for name in ("for", "proto", "host")):
        scheme = str(headers.get("x-forwarded-proto", "")).rpartition(",")[2]
        host = str(headers.get("x-forwarded-host", "")).rpartition(",")[2]
        return scheme.strip().lower(), host.strip()
    elements = _forwarded(headers)
    last = elements[-1] if elements else {}
    return last.get("proto", "").lower(), last.get("host", "")


def _forwarded(headers: Any) -> list[dict[str, str]]:
    """The elements of Forwarded (RFC 7239), each as its pairs, names in lower case. What can't be read ends it: then
    nothing of the header is believed."""
    elements: list[dict[str, str]] = []
    for line in headers.getall("forwarded", []):
        position, pairs = 0, {}
        while position < len(line):
            found = PAIR.match(line, position)
            if not found:
                return []
            quoted, plain = found[2], found[3]
            pairs[found[1].lower()] = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain
            position = found.end()
            if position < len(line):
                if line[position] not in ",;":
                    return []
                if line[position] == ",":
                    elements.append(pairs)
                    pairs = {}
                position += 1
        if pairs:
            elements.append(pairs)
    return elements


# -- of a request


def client_address(request: Request) -> str:
    """The address of the client that sent a request; "" only for a connection without one."""
    proxies: Proxies = request.app.ctx.proxies
    return proxies.address(request.ip, request.headers)


def client_of(request: Request) -> Client:
    """The client's address, scheme and host."""
    proxies: Proxies = request.app.ctx.proxies
    secure = bool(request.conn_info and request.conn_info.ssl)
    return proxies.client(request.ip, secure, request.headers)


def is_local(request: Request) -> bool:
    """Whether a program on this machine asks, and for itself: what a proxy here passes on came from elsewhere."""
    return _is_local(request.ip, request.headers)


def _is_local(peer: str, headers: Mapping[str, str]) -> bool:
    address = normal_address(peer)
    passed_on = any(name in PASSED_ON or name.startswith("x-forwarded-") for name in map(str.lower, headers))
    return bool(address) and ip_address(address).is_loopback and not passed_on


def own_origin(request: Request, settings: Settings) -> str | None:
    """The hub's own origin for this request: PUBLIC_URL if it is set, and nothing else then; otherwise what the client
    used. None if that is no origin."""
    if settings.public_url:
        return settings.public_url
    client = client_of(request)
    try:
        return normal_origin(f"{client.scheme}://{client.host}")
    except ValueError:
        return None
