"""What is taken away of a guest, or an account, that is erased: nothing that could name them stays, wherever it stands.

Numbers, times and tables of bookings stay. Other floors are told by hub.commands.guest_names.
"""

# ruff: noqa: S608 - the pieces of all statements are constants
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.errors import HasBookings
from hub.store.expected import EXPECTED

OF_GUESTS = "(SELECT id FROM bookings WHERE guest_id = ANY($1))"
GUESTS = (
    "SELECT hub_erase_guests($1)",
    "DELETE FROM guest_notes WHERE guest_id = ANY($1)",
    "UPDATE bookings SET note = NULL, house_note = NULL, occasion = NULL, needs = '[]', "
    "link_version = link_version + 1 WHERE guest_id = ANY($1)",
    # What the keys are called that came by a link, the guest chose.
    "DELETE FROM idempotency_keys WHERE caller IN (SELECT 'booking:' || id FROM bookings WHERE guest_id = ANY($1))",
    # What a mail server answered may name the address.
    "UPDATE outbox SET target = '', last_error = NULL, claimed_until = NULL, "
    "dropped_at = CASE WHEN coalesce(sent_at, failed_at) IS NULL THEN coalesce(dropped_at, clock_timestamp()) "
    f"ELSE dropped_at END WHERE payload->>'audience' = 'guest' AND booking_id IN {OF_GUESTS}",
    f"UPDATE outbox SET last_error = NULL WHERE payload->>'audience' = 'house' AND booking_id IN {OF_GUESTS}",
    # A request with the key is still answered, without the words.
    "UPDATE idempotency_keys SET answer = answer #- '{rows,booking,party,note}' #- '{rows,booking,party,house_note}' "
    "#- '{rows,booking,party,occasion}' #- '{rows,booking,party,needs}' WHERE (answer->>'guest')::bigint = ANY($1)",
)
"""What becomes of guests, by their ids, in the transaction that keeps bookings of theirs out."""
END_WAITS = (
    "UPDATE waitlist SET status = 'left', revision = revision + 1, changed_at = clock_timestamp() "
    "WHERE guest_id = ANY($1) AND status IN ('waiting', 'ready', 'here')"
)
"""An entry names nobody, but nobody could be called for it any more."""
TO_COME = f"SELECT EXISTS (SELECT FROM bookings b WHERE b.guest_id = ANY($1) AND {EXPECTED})"
ACCOUNT = (
    "UPDATE users SET email = 'erased-' || id || '@erased.invalid', phone_number = NULL, full_name = '–', "
    "password_hash = '-', role = 'user', verified_at = NULL, password_confirmed_at = NULL, "
    "disabled_at = clock_timestamp(), erased_at = clock_timestamp(), changed_at = clock_timestamp() WHERE id = $1",
    "DELETE FROM account_tokens WHERE user_id = $1",
    "UPDATE outbox SET target = '', last_error = NULL, claimed_until = NULL, dropped_at = CASE WHEN "
    "coalesce(sent_at, failed_at) IS NULL THEN coalesce(dropped_at, clock_timestamp()) ELSE dropped_at END "
    "WHERE user_id = $1",
    # Nobody can use the keys any more, and what they are called their owner chose.
    "DELETE FROM idempotency_keys WHERE caller = 'user:' || $1::bigint",
)
END_MEMBERSHIPS = (
    "UPDATE memberships SET ended_at = clock_timestamp(), changed_at = clock_timestamp() "
    "WHERE user_id = $1 AND ended_at IS NULL"
)
GUESTS_OF = "SELECT id FROM guests WHERE user_id = $1"


async def erase_guests(connection: Any, guest_ids: Sequence[int]) -> None:
    """Leave nothing that could name these guests. The transaction holds what keeps out bookings that are being made:
    their rows, or their accounts', FOR UPDATE. Raises HasBookings while bookings of theirs are to come."""
    if await connection.fetchval(TO_COME, guest_ids):
        raise HasBookings()
    for statement in (*GUESTS, END_WAITS):
        await connection.execute(statement, guest_ids)


async def erase_account(connection: Any, user_id: int) -> None:
    """The same of an account whose row is held so, and of its guests."""
    await erase_guests(connection, [row["id"] for row in await connection.fetch(GUESTS_OF, user_id)])
    for statement in ACCOUNT:
        await connection.execute(statement, user_id)
    await connection.execute(END_MEMBERSHIPS, user_id)
