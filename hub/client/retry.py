"""What a client does after a close: stop, renew its token, or come back, and when. Pure.

It is the twin of the pages' retry.ts. A ``bye`` says what to do. Without one the close code's table does, and a code
that is not in it means: back off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from hub.live.registry import CLOSES

BASE_MS, CAP_MS, CALM_MS = 500, 20_000, 30_000
STOPS = frozenset(close.code for close in CLOSES.values() if close.advice in ("stop", "login"))
"""What a broken program earns, or a token that is not accepted: the next try would earn it again."""
RENEWS = frozenset(close.code for close in CLOSES.values() if close.advice == "renew")
BACKS_OFF = frozenset({4002, 4100, 4101})
"""Here the hub's range is the least pause, and the client's own grows beyond it."""


@dataclass(frozen=True, slots=True)
class Next:
    """What to do, for which code, and after how many milliseconds."""

    act: Literal["stop", "renew", "retry"]
    code: int
    pause_ms: float = 0


def backoff(attempt: int, random: Callable[[], float]) -> float:
    """Full jitter: anywhere between nothing and a bound that doubles, so that many clients spread out."""
    bound: int = BASE_MS << min(attempt, 16)
    return random() * min(CAP_MS, bound)


def after_close(
    code: int, bye: Mapping[str, Any] | None, *, attempt: int, renewed: bool, random: Callable[[], float]
) -> Next:
    """``attempt`` counts since the last calm; ``renewed``: a renewal has just been tried and led here again."""
    bye = bye or {}
    # The close code can be lost on the way (1006); the bye before it is then the better witness.
    code = bye.get("code", code)
    if not bye.get("reconnect", code not in STOPS):
        return Next("stop", code)
    pause = backoff(attempt, random)
    if code in RENEWS:
        # At once, but only once: a hub that refuses a fresh token must not be asked in a tight circle.
        return Next("renew", code, pause if renewed else 0)
    asked = _within(bye.get("retry_after_ms"), random)
    if asked is None:
        return Next("retry", code, pause)
    return Next("retry", code, max(asked, pause) if code in BACKS_OFF else asked)


def _within(window: Any, random: Callable[[], float]) -> float | None:
    """A random number of a range [from, to]; None where it says nothing."""
    if not isinstance(window, list) or len(window) != 2 or not all(type(end) in (int, float) for end in window):
        return None
    low, high = window
    return low + random() * (high - low) if 0 <= low <= high and high > 0 else None
