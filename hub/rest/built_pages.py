"""The pages that Vite built from hub/web/src, and their files. A checkout that has not built them serves none.

What lies under assets/ has the digest of its content in its name, so that it may be kept for ever. Each text file lies
there in three forms (as it is, brotli, gzip); the best that a client takes is sent.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

DIST = Path(__file__).parent.parent / "web" / "dist"
PAGES = {
    "guest/index.html": "/",
    **{f"{name}/index.html": f"/{name}" for name in ("stand", "admin", "account", "manage", "wait")},
}
"""The files that are pages of their own, and where they are."""
AT_ROOT = {"stand-worker.js"}
"""Files that must have an address of their own and always the same: a service worker's scope is beneath its address."""
CODINGS = {"br": ".br", "gzip": ".gz"}
"""The best first, and how the file's name ends."""
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
TYPES = {".js": "text/javascript; charset=utf-8", ".html": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """``forms``: its bytes by content coding; "identity" is always there."""

    route: str
    content_type: str
    cache_control: str
    forms: Mapping[str, bytes] = field(repr=False)

    def best(self, accepted: str | None) -> tuple[str, bytes]:
        """The form for an Accept-Encoding, with its coding."""
        taken = accepted_codings(accepted or "")
        for coding in CODINGS:
            if coding in self.forms and taken.get(coding, taken.get("*", 0.0)) > 0:
                return coding, self.forms[coding]
        return "identity", self.forms["identity"]


def accepted_codings(header: str) -> dict[str, float]:
    """Each coding of an Accept-Encoding with its weight; one that can't be read is not taken."""
    found = {}
    for part in header.lower().split(","):
        coding, _, weight = (each.strip() for each in part.partition(";"))
        if not weight:
            found[coding] = 1.0
            continue
        try:
            found[coding] = float(weight.removeprefix("q="))
        except ValueError:
            found[coding] = 0.0
    return found


def files(folder: Path = DIST) -> Iterator[BuiltFile]:
    """All that the build made, read once."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name.startswith(".") or path.suffix in CODINGS.values():
            continue
        forms = {"identity": path.read_bytes()}
        for coding, ending in CODINGS.items():
            packed = path.with_name(path.name + ending)
            if packed.exists():
                forms[coding] = packed.read_bytes()
        route = PAGES.get(name, f"/{name}")
        cache = FOR_EVER if name.startswith("assets/") else ASK_AGAIN
        if name in PAGES or name in AT_ROOT or name.startswith("assets/"):
            yield BuiltFile(route, content_type(path), cache, forms)


def content_type(path: Path) -> str:
    found = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith("text/") and "charset" not in found else found
