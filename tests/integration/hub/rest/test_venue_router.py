"""Paths of venues: what stands behind /v/SLUG is routed as if that were not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sanic import Sanic
from sanic.exceptions import MethodNotAllowed, NotFound
from sanic.router import Router

from hub.process.app import create_app
from hub.rest.built_pages import DIST, PAGES
from hub.rest.contract import ENDPOINTS
from hub.rest.endpoint import Endpoint
from hub.rest.venue_router import VENUE
from tests.conftest import make_settings


@pytest.fixture(scope="module")
def router() -> Iterator[Router]:
    app = create_app(make_settings("postgresql://h/d", "redis://h", Path("none")))
    app.router.finalize()
    yield app.router
    Sanic.unregister_app(app)


def asked(endpoint: Endpoint) -> str:
    return re.sub(r"<\w+:str>", "7", endpoint.path)


OF_VENUES = [endpoint for endpoint in ENDPOINTS if endpoint.tag != "operations"]
OPERATIONS = [endpoint for endpoint in ENDPOINTS if endpoint.tag == "operations"]


@pytest.mark.parametrize("slug", ["soho", "so-ho-2", "v"])
def test_call_of_a_venue_is_the_same_call_with_the_slug(router: Router, slug: str) -> None:
    for endpoint in OF_VENUES:
        route, handler, arguments = router.get(asked(endpoint), endpoint.method, None)
        assert VENUE not in arguments, endpoint.name
        found = router.get(f"/v/{slug}{asked(endpoint)}", endpoint.method, None)
        assert found == (route, handler, {**arguments, VENUE: slug}), endpoint.name
        again = router.get(asked(endpoint), endpoint.method, None)  # nothing of the slug is kept
        assert again == (route, handler, arguments), endpoint.name


@pytest.mark.parametrize("endpoint", OPERATIONS, ids=lambda endpoint: endpoint.name)
def test_what_operators_ask_has_one_address(router: Router, endpoint: Endpoint) -> None:
    """A proxy that keeps /metrics from the world need not know of another."""
    with pytest.raises(NotFound):
        router.get(f"/v/soho{endpoint.path}", endpoint.method, None)


def test_live_channel_has_an_address_in_each_venue(router: Router) -> None:
    assert router.get("/v/soho/live", "GET", None)[2] == {VENUE: "soho"}
    assert router.get("/live", "GET", None)[2] == {}


@pytest.mark.skipif(not DIST.exists(), reason="the pages are not built: make pages")
@pytest.mark.parametrize("page", sorted(PAGES.values()))
def test_page_has_an_address_in_each_venue(router: Router, page: str) -> None:
    assert router.get(page, "GET", None)[2] == {}
    for path in {f"/v/soho{page}", f"/v/soho{page}".rstrip("/")}:
        assert router.get(path, "GET", None)[2] == {VENUE: "soho"}


@pytest.mark.parametrize(
    "path",
    [
        *("/v", "/v/", "/v//", "/v//stand", "/v/soho/nothing", "/v/soho/v/soho/venue", "/v/soho//venue", "/v//soho"),
        *("/v/soho/openapi.json", "/v/soho/docs", "/v/soho/assets/style.css", "/v/soho/redoc", "/V/soho/venue"),
        *("/soho/venue", "//v/soho/venue", "/v/soho/stand-worker.js", "/v/soho/stand/x"),
    ],
)
def test_what_is_of_no_venue_has_no_address_there(router: Router, path: str) -> None:
    with pytest.raises(NotFound):
        router.get(path, "GET", None)


def test_another_method_is_refused_as_it_is_without_a_venue(router: Router) -> None:
    for path in ("/bookings/my", "/v/soho/bookings/my"):
        with pytest.raises(MethodNotAllowed):
            router.get(path, "PUT", None)


def test_another_method_of_what_is_of_no_venue_finds_nothing(router: Router) -> None:
    with pytest.raises(NotFound):
        router.get("/v/soho/openapi.json", "PUT", None)
