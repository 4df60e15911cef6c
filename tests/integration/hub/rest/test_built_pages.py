"""Files that Vite built: which are served where, for how long they are kept, and in which form they are sent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.rest.built_pages import ASK_AGAIN, DIST, FOR_EVER, BuiltFile, files


def built(folder: Path, *names: str) -> dict[str, BuiltFile]:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return {file.route: file for file in files(folder)}


def test_page_has_an_address_of_its_own_and_is_asked_for_again(tmp_path: Path) -> None:
    found = built(
        tmp_path,
        "stand/index.html",
        "guest/index.html",
        "assets/stand-1a2b.js",
        "assets/stand-1a2b.css",
        ".built",
        "other.txt",
    )
    assert {route: file.cache_control for route, file in found.items()} == {
        "/": ASK_AGAIN,
        "/stand": ASK_AGAIN,
        "/assets/stand-1a2b.js": FOR_EVER,
        "/assets/stand-1a2b.css": FOR_EVER,
    }
    assert found["/stand"].content_type == "text/html; charset=utf-8"
    assert found["/assets/stand-1a2b.css"].content_type == "text/css; charset=utf-8"


def test_nothing_built_is_nothing_served(tmp_path: Path) -> None:
    assert built(tmp_path / "none") == {}


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("br;q=many", "identity"),
        ("zstd", "identity"),
        ("", "identity"),
        (None, "identity"),
    ],
)
def test_best_form_that_is_taken_is_sent(tmp_path: Path, accepted: str | None, coding: str) -> None:
    found = built(tmp_path, "assets/a.js", "assets/a.js.br", "assets/a.js.gz")
    assert set(found) == {"/assets/a.js"}
    assert found["/assets/a.js"].best(accepted)[0] == coding


def test_file_in_one_form_is_sent_in_it(tmp_path: Path) -> None:
    assert built(tmp_path, "assets/a.svg")["/assets/a.svg"].best("br, gzip") == ("identity", b"assets/a.svg")


@pytest.mark.skipif(not DIST.exists(), reason="the pages are not built: make pages")
@pytest.mark.parametrize(("page", "most"), [("stand", 150_000)])
def test_page_is_light_over_the_line(page: str, most: int) -> None:
    named = re.findall(r"/assets/[\w.-]+\.(?:js|css)", (DIST / page / "index.html").read_text())
    for coding in ("br", "gzip"):
        found = {file.route: len(file.best(coding)[1]) for file in files() if file.route in named}
        assert set(found) == set(named)
        assert sum(found.values()) < most
