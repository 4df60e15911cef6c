"""What GET /tables/available keeps rendered is bounded, whatever is asked."""

from __future__ import annotations

from datetime import date

from hub.domain.board import Board
from hub.held import Held
from hub.rest.tables import RENDERED, _remember


def test_rendered_answers_stay_bounded_whatever_is_asked() -> None:
    held = Held("day:2026-11-24", Board(date(2026, 11, 24), 0, {}), 0.0)
    for question in range(10_000):
        assert _remember(held, question, ("etag", b"{}")) == ("etag", b"{}")
    assert len(held.answers) == RENDERED
    assert 9_999 in held.answers
