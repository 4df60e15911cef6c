"""GET /venue, /health/live, /health/ready and /metrics; paths that there are not, and methods that they do not take."""

from __future__ import annotations

from tests.integration.recording.steps import Ask, Capability, joins, registers


def families(text: str) -> dict[str, str]:
    """Each series of Prometheus' text with its type."""
    lines = [line.split() for line in text.splitlines() if line.startswith("# TYPE ")]
    return {name: kind for _, _, name, kind in sorted(lines)}


CAPABILITY = Capability(
    "venue",
    [
        Ask("the venue", "GET /venue", keep="venue"),
        Ask("the venue as it is known", "GET /venue", headers={"If-None-Match": "{venue.etag}"}),
        Ask("the venue, known weakly", "GET /venue", headers={"If-None-Match": "W/{venue.etag}"}),
        Ask("the venue, known otherwise", "GET /venue", headers={"If-None-Match": '"other"'}),
        Ask("the venue's head", "HEAD /venue"),
        Ask("the venue with a slash", "GET /venue/"),
        Ask("the venue can't be posted", "POST /venue", {}),
        Ask("alive", "GET /health/live"),
        Ask("alive, the head", "HEAD /health/live"),
        Ask("ready", "GET /health/ready"),
        Ask("ready, the head", "HEAD /health/ready"),
        *joins("visitor", None, "venue"),
        Ask("metrics", "GET /metrics", shows=families),
        Ask("metrics, the head", "HEAD /metrics"),
        Ask("no such path", "GET /nothing/here"),
        Ask("no such path, posted", "POST /nothing/here", {}),
        Ask("a method that is unknown", "BREW /venue"),
        Ask("the caller's request id", "GET /venue", headers={"X-Request-ID": "mine.1"}),
        Ask("the caller's request id in a refusal", "GET /nothing", headers={"X-Request-ID": "mine.2"}),
        Ask("a request id that is refused", "GET /nothing", headers={"X-Request-ID": "no id (mine)"}),
        Ask("another page's origin is answered", "GET /health/live", headers={"Origin": "https://other.example.com"}),
        Ask("a browser's question before a call", "OPTIONS /venue", headers={"Origin": "https://other.example.com"}),
        registers("vic", 1071),
        Ask("the venues that a host may see", "GET /venues", who="host"),
        Ask("the venues that an admin may see", "GET /venues", who="admin"),
        Ask("the venues that a guest may see", "GET /venues", who="vic"),
        Ask("the venues for nobody", "GET /venues"),
        Ask("the venues' head", "HEAD /venues", who="vic"),
    ],
)
