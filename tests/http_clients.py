"""HTTP clients of the tests. What they speak to is on this machine, without encryption.

httpx reads the system's certificates for each client that it makes, which takes 20 ms of a processor, and a test makes
a client for each account. It also looks for sniffio four times in each request, which takes a third of the request's
time where there is none: Python forgets what it has not found.
"""

from __future__ import annotations

import ssl
import sys
from importlib.util import find_spec
from typing import Any

import httpx

if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""``verify`` of every client here: it trusts nobody, and is never asked."""


def http_client(**options: Any) -> httpx.AsyncClient:
    """A client with these ``options``, which asks the hub itself and no proxy that the environment names."""
    return httpx.AsyncClient(verify=NO_CERTIFICATES, trust_env=False, **options)
