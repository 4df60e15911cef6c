"""The proxies' idle times are the right way round: towards the hub they hang up first, and a live channel may be quiet
for longer than the hub is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sanic import Sanic

from hub.config import LiveBounds
from hub.process.app import create_app
from tests.conftest import make_settings
from tests.servers import CHECKOUT

INFRA = CHECKOUT / "infra"


def seconds(file: str, pattern: str) -> int:
    """What a configuration says at its one place of this form."""
    [found] = re.findall(rf"^\s*{pattern}", (INFRA / file).read_text(), flags=re.MULTILINE)
    return int(found)


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("nginx/booking-hub.conf", r"keepalive_timeout (\d+)s;"),
        ("haproxy/haproxy.cfg", r"default-server .*\bpool-purge-delay (\d+)s"),
        ("caddy/Caddyfile", r"keepalive (\d+)s$"),
    ],
)
def test_proxy_closes_an_idle_connection_before_the_hub_does(file: str, pattern: str) -> None:
    """Otherwise a request is now and then sent on one that the hub is closing."""
    app = create_app(make_settings("postgresql://h/d", "redis://h", Path("none")))
    Sanic.unregister_app(app)
    assert 0 < seconds(file, pattern) < app.config.KEEP_ALIVE_TIMEOUT


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("nginx/booking-hub.conf", r"proxy_read_timeout (\d+)s; +# the hub pings"),
        ("nginx/booking-hub.conf", r"proxy_send_timeout (\d+)s;"),
        ("haproxy/haproxy.cfg", r"timeout tunnel (\d+)s"),
    ],
)
def test_proxy_leaves_it_to_the_hub_to_end_a_silent_channel(file: str, pattern: str) -> None:
    assert seconds(file, pattern) > LiveBounds().silence_seconds > LiveBounds().ping_seconds
