"""Which guest an account is, in each group of venues: asked once, and kept."""

from __future__ import annotations

from hub.errors import AuthError
from hub.store import guests, write_queue
from hub.store.write_queue import WriteQueue

MOST = 50_000


class AccountGuests:
    """The guests of accounts that booked by way of this process. An id never changes, but with the database."""

    def __init__(self, queue: WriteQueue) -> None:
        self._queue = queue
        self._known: dict[tuple[str, int, int], int] = {}

    async def of(self, epoch: str, group_id: int, user_id: int) -> int:
        """The guest's id; the guest is made when there is none. Raises AuthError for an account that is no more, and
        what :meth:`WriteQueue.turn` raises: it is asked under the lock of the account's row, once for all who wait."""
        key = (epoch, group_id, user_id)
        found = self._known.get(key)
        if found is not None:
            return found
        async with self._queue.turn([write_queue.guest_of(group_id, user_id)], user=user_id):
            found = self._known.get(key)
            if found is None:
                # It may be done twice, so an answer that was lost is asked for again, and nobody is told of it.
                found = await guests.of_account(group_id, user_id)
                if found is None:
                    raise AuthError()
                if len(self._known) >= MOST:
                    del self._known[next(iter(self._known))]
                self._known[key] = found
            return found
