"""Which bookings are still to be counted on, for every statement that asks it: the database's side of
hub.domain.lifecycle."""

from __future__ import annotations

EXPECTED = "b.status IN ('booked', 'arrived', 'seated') AND (b.ends_at > clock_timestamp() OR b.status = 'seated')"
"""The condition on a booking ``b`` that is to come, or here: a party that sits longer than planned is still here, one
that has left early is not."""
