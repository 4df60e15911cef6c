"""Who sent a request, as the connection and trusted proxies tell it; what anybody else claims counts for nothing."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sanic.compat import Header

from hub.http.client import Proxies, _is_local, address_group, normal_address

PEER, PROXY, CDN = "203.0.113.9", "10.0.0.1", "198.51.100.7"


def proxies(*trusted: str, count: int = 0) -> Proxies:
    return Proxies([ip_network(each) for each in trusted], count)


def headers(**values: str | list[str]) -> Header:
    pairs = [
        (name.replace("_", "-"), text)
        for name, texts in values.items()
        for text in ([texts] if isinstance(texts, str) else texts)
    ]
    return Header(pairs)


@pytest.mark.parametrize(
    ("trusted", "peer", "found"),
    [
        (proxies(), PROXY, PROXY),
        (proxies(), "127.0.0.1", "127.0.0.1"),
        (proxies(count=1), PEER, PEER),
        (proxies(count=1), "127.0.0.1", "192.0.2.2"),
        (proxies(count=1), "::1", "192.0.2.2"),
        (proxies(count=1), "::ffff:127.0.0.1", "192.0.2.2"),
        (proxies(count=2), "127.0.0.1", "192.0.2.1"),
        (proxies(count=9), "127.0.0.1", "192.0.2.1"),
        (proxies("10.0.0.0/8"), PROXY, "192.0.2.2"),
        (proxies("10.0.0.0/8"), PEER, PEER),
        (proxies("10.0.0.0/8"), "127.0.0.1", "127.0.0.1"),
        (proxies("10.0.0.0/8", count=1), "127.0.0.1", "127.0.0.1"),
        (proxies("10.0.0.0/8", "192.0.2.2"), PROXY, "192.0.2.1"),
        (proxies("10.0.0.0/8", "192.0.2.2", count=1), PROXY, "192.0.2.2"),
        (proxies("10.0.0.0/8", "192.0.2.0/24"), PROXY, "192.0.2.1"),
        (proxies("fd00::/8"), "fd00::1", "192.0.2.2"),
    ],
)
def test_address_is_the_last_that_no_trusted_proxy_has(trusted: Proxies, peer: str, found: str) -> None:
    assert trusted.address(peer, headers(x_forwarded_for="192.0.2.1, 192.0.2.2")) == found
    assert trusted.address(peer, headers(x_forwarded_for=["192.0.2.1", "192.0.2.2:4711"])) == found
    assert trusted.address(peer, headers(forwarded='for=192.0.2.1, For="192.0.2.2";proto=https')) == found


@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=60))
def test_what_a_client_writes_never_changes_its_address(claims: list[str], more: str) -> None:
    """The trusted proxy adds the address of its peer at the end, whatever was there before."""
    trusted = proxies("10.0.0.0/8")
    claimed = headers(x_forwarded_for=[*claims, PEER], forwarded=more)
    assert trusted.address(PROXY, claimed) == PEER
    assert trusted.address(PEER, claimed) == PEER
    assert proxies().client(PEER, False, headers(forwarded=more, x_forwarded_proto=more, host="hub")).scheme == "http"


@given(st.text(max_size=200))
def test_any_forwarded_header_gives_an_address(text: str) -> None:
    found = proxies("10.0.0.0/8").client(PROXY, False, headers(forwarded=text, host="hub"))
    assert normal_address(found.address) == found.address != ""


@pytest.mark.parametrize("junk", ["unknown", "_hidden", "", "192.0.2.1.example", "1", "[::1:"])
def test_what_is_no_address_ends_the_list(junk: str) -> None:
    trusted = proxies("10.0.0.0/8")
    assert trusted.address(PROXY, headers(x_forwarded_for=f"192.0.2.1, {junk}")) == PROXY
    assert trusted.address(PROXY, headers(x_forwarded_for=f"{junk}, 10.0.0.7")) == "10.0.0.7"


def test_scheme_and_host_are_believed_from_trusted_proxies_alone() -> None:
    told = headers(host="inner:8000", x_forwarded_for=PEER, x_forwarded_proto="https", x_forwarded_host="hub.example")
    found = proxies("10.0.0.0/8").client(PROXY, False, told)
    assert (found.address, found.scheme, found.host) == (PEER, "https", "hub.example")
    found = proxies("10.0.0.0/8").client(PEER, False, told)
    assert (found.address, found.scheme, found.host) == (PEER, "http", "inner:8000")
    found = proxies("10.0.0.0/8").client(PROXY, False, headers(host="inner", forwarded="proto=https;host=hub.example"))
    assert (found.scheme, found.host) == ("https", "hub.example")


def test_forwarded_counts_only_where_the_proxy_writes_nothing_else() -> None:
    """Most proxies write X-Forwarded-For and pass on a Forwarded that anybody may have sent."""
    told = headers(host="hub", x_forwarded_for=PEER, forwarded="for=192.0.2.1;proto=https;host=evil.example")
    found = proxies("10.0.0.0/8").client(PROXY, False, told)
    assert (found.address, found.scheme, found.host) == (PEER, "http", "hub")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" 192.0.2.1 ", "192.0.2.1"),
        ("192.0.2.1:80", "192.0.2.1"),
        ("[2001:DB8::1]:80", "2001:db8::1"),
        ('"[2001:db8::1]"', "2001:db8::1"),
        ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("localhost", ""),
        ("010.0.0.1", ""),
    ],
)
def test_address_has_one_form(text: str, address: str) -> None:
    assert normal_address(text) == address


def test_network_of_one_client_is_counted_together() -> None:
    assert address_group("192.0.2.1") == "192.0.2.1"
    assert address_group("2001:db8::1") == address_group("2001:db8::ffff:1") != address_group("2001:db8:0:1::1")
    assert address_group("") == ""


@pytest.mark.parametrize(
    ("peer", "given", "local"),
    [
        ("127.0.0.1", {}, True),
        ("127.8.9.1", {"authorization": "x"}, True),
        ("::1", {}, True),
        ("::ffff:127.0.0.1", {}, True),
        (PEER, {}, False),
        (PROXY, {}, False),
        ("::ffff:203.0.113.9", {}, False),
        ("", {}, False),
        (PEER, {"x_forwarded_for": "127.0.0.1"}, False),
        ("127.0.0.1", {"x_forwarded_for": "127.0.0.1"}, False),
        ("127.0.0.1", {"X_Forwarded_Anything": ""}, False),
        ("::1", {"Forwarded": "for=127.0.0.1"}, False),
        ("::1", {"Via": "1.1 proxy"}, False),
    ],
)
def test_local_is_who_asks_from_this_machine_for_itself(peer: str, given: dict[str, str], local: bool) -> None:
    assert _is_local(peer, headers(**given)) is local
