"""The handshake: who is let in, what is agreed on, and how one is refused."""

from __future__ import annotations

import json

import pytest

from tests.conformance.conftest import Hubs, Knocked, addresses
from tests.conformance.statements import proves

OURS = "booking.v1.json"
DEFLATE = "permessage-deflate; client_max_window_bits"


def offers(*values: str) -> list[tuple[str, str]]:
    return [("Sec-WebSocket-Protocol", value) for value in values]


def refused(answer: Knocked, status: int) -> None:
    assert answer.status == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert json.loads(answer.body)["status"] == status


@proves(1)
@pytest.mark.parametrize("offered", [[OURS], [f"other, {OURS}"], ["other", OURS], [OURS, "other"]], ids=str)
def test_the_subprotocol_that_is_offered_is_named_back(hubs: Hubs, offered: list[str]) -> None:
    answer = hubs.knock(*offers(*offered))
    assert (answer.status, answer.headers["sec-websocket-protocol"]) == (101, OURS)


@proves(2, 7)
def test_who_offers_none_is_accepted_and_named_none_without_an_origin_too(hubs: Hubs) -> None:
    answer = hubs.knock()
    assert answer.status == 101
    assert "sec-websocket-protocol" not in answer.headers


@proves(3, 4, 5)
@pytest.mark.parametrize("offered", [["other"], ["booking.v2.json", "graphql-ws"], [""], [OURS.upper()]], ids=str)
def test_who_offers_only_others_is_refused_and_told_what_is_spoken(hubs: Hubs, offered: list[str]) -> None:
    answer = hubs.knock(*offers(*offered))
    refused(answer, 400)
    assert OURS in json.loads(answer.body)["detail"]
    assert answer.headers["sec-websocket-version"] == "13"


@proves(6)
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_a_foreign_origin_is_refused(hubs: Hubs, origin: str) -> None:
    refused(hubs.knock(("Origin", origin)), 403)


@proves(6)
def test_the_hubs_own_origin_is_let_in(hubs: Hubs) -> None:
    assert hubs.knock(("Origin", hubs.hub.url)).status == 101


@proves(8)
def test_a_plain_get_is_told_to_upgrade(hubs: Hubs) -> None:
    answer = hubs.guest.asks("GET", "/live")
    assert (answer.status_code, answer.headers["upgrade"].lower()) == (426, "websocket")


@proves(9)
@pytest.mark.parametrize("version", ["8", "12", "14", "thirteen"])
def test_another_version_is_refused_and_told_which_is_spoken(hubs: Hubs, version: str) -> None:
    answer = hubs.knock(version=version)
    refused(answer, 426)
    assert answer.headers["sec-websocket-version"] == "13"


@proves(9)
def test_no_version_is_no_handshake(hubs: Hubs) -> None:
    answer = hubs.knock(version=None)
    refused(answer, 400)
    assert answer.headers["sec-websocket-version"] == "13"


@proves(10)
def test_deflate_is_agreed_on_when_it_is_offered_without_context_takeover(hubs: Hubs) -> None:
    agreed = hubs.knock(("Sec-WebSocket-Extensions", f"x-other; a=1, {DEFLATE}")).headers["sec-websocket-extensions"]
    name, *parameters = (part.strip() for part in agreed.split(";"))
    assert name == "permessage-deflate"
    assert {"server_no_context_takeover", "client_no_context_takeover"} <= set(parameters)
    assert "," not in agreed


@proves(10)
@pytest.mark.parametrize("offered", [None, "x-other", "permessage-deflate; server_max_window_bits=9"])
def test_no_other_extension_is_agreed_on(hubs: Hubs, offered: str | None) -> None:
    answer = hubs.knock(*([("Sec-WebSocket-Extensions", offered)] if offered else []))
    assert answer.status == 101
    assert "sec-websocket-extensions" not in answer.headers


@proves(10)
def test_the_same_state_comes_compressed_and_plain(hubs: Hubs) -> None:
    _, plain = hubs.watching("tables")
    packed, same = hubs.watching("tables", compression="deflate")
    assert packed.socket.protocol.extensions
    assert (same["position"], same["data"]) == (plain["position"], plain["data"])
    assert packed.ask("ping", id="x" * 64)["op"] == "pong"


@proves(11)
def test_too_many_of_an_address_are_refused_and_told_when_to_come_back(hubs: Hubs) -> None:
    here = next(addresses)
    for _ in range(3):
        hubs.joined(tight=True, address=here)
    answer = hubs.knock(("X-Forwarded-For", here), tight=True)
    refused(answer, 503)
    assert int(answer.headers["retry-after"]) >= 1
    assert hubs.knock(("X-Forwarded-For", next(addresses)), tight=True).status == 101
