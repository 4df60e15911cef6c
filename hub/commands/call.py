"""Who asks for a write, and on what condition: what a verb that writes is given beside the context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.commands import notifications
from hub.domain.change import Change
from hub.errors import Changed
from hub.security import Identity
from hub.store.keys import Key
from hub.store.orders import Bounds
from hub.views.context import VenueContext
from hub.views.writes import WorkingViews, Write


@dataclass(frozen=True, slots=True)
class Call:
    """One request that writes: who asks, its id and idempotency key, and the ``revisions`` that its If-Match names;
    None: any. A verb that has no revision to compare looks at none."""

    by: Identity
    request_id: str | None = None
    key: Key | None = None
    revisions: frozenset[int] | None = None

    def check(self, revision: int, **said: Any) -> None:
        """Raises Changed, with what is ``said``, for a thing at another revision than these."""
        if self.revisions is not None and revision not in self.revisions:
            raise Changed(**said)

    def write(
        self,
        context: VenueContext,
        streams: tuple[str, ...],
        decide: Callable[[WorkingViews, datetime], Change],
        bounds: Bounds | None = None,
    ) -> Write:
        """A change of these streams, all of the context's venue, with the mails that it makes necessary."""
        return Write(
            streams, decide, self.by.user_id, self.request_id, bounds=bounds, key=self.key, link=self.by.link,
            notifications=lambda change: notifications.of(change, context.settings),
        )  # fmt: skip
