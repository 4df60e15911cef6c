"""What is over, and how long to wait."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.store.mails import over
from tests.pure.workers.due import STARTS, make_due
from workers.mail_handler import LONGEST, SHORTEST, pause

NEEDLESS = "stale: nobody was told of the cancellation that was taken back"
REMINDER = {"topic": "reminder", "lead_minutes": 120}


@pytest.mark.parametrize(
    "different, reason",
    [
        ({}, None),
        ({"booking_revision": 2}, "stale: the booking is at revision 2"),
        ({"topic": "rescheduled", "revision": 2, "booking_revision": 3, "status": "canceled"},
         "stale: the booking is canceled"),
        ({"status": "seated"}, None),
        ({"topic": "canceled", "revision": 2, "booking_revision": 2, "status": "canceled"}, None),
        ({"topic": "canceled", "revision": 2, "booking_revision": 9, "status": "canceled"},
         "stale: the booking is at revision 9"),
        ({"topic": "canceled", "revision": 2, "booking_revision": 3}, "stale: the cancellation was taken back"),
        ({"earlier": (("canceled", False), ("confirmed", True))}, NEEDLESS),
        ({"earlier": (("canceled", False), ("confirmed", False), ("canceled", False), ("rescheduled", True))},
         NEEDLESS),
        ({"earlier": (("canceled", True), ("confirmed", True))}, None),
        ({"earlier": (("canceled", False), ("confirmed", False))}, None),
        ({"earlier": (("canceled", False), ("rescheduled", False), ("confirmed", True))}, None),
        ({"earlier": (("confirmed", True),)}, None),
        (REMINDER | {"now": STARTS - timedelta(minutes=105)}, None),
        (REMINDER | {"now": STARTS - timedelta(minutes=104)}, "late: the reminder was due 16 minutes ago"),
        (REMINDER | {"now": STARTS - timedelta(minutes=120), "status": "seated"}, "stale: the booking is seated"),
        (REMINDER | {"booking_revision": 2}, "stale: the booking is at revision 2"),
        ({"topic": "reminder", "lead_minutes": 5, "now": STARTS}, "late: the reminder was due 5 minutes ago"),
        ({"status": "arrived"}, None),
        ({"status": "finished"}, "stale: the booking is finished"),
        ({"topic": "rescheduled", "status": "no_show"}, "stale: the booking is no_show"),
        (REMINDER | {"now": STARTS - timedelta(minutes=120), "status": "arrived"}, "stale: the booking is arrived"),
        ({"topic": "canceled", "status": "finished"}, "stale: the cancellation was taken back"),
    ],
)  # fmt: skip
def test_what_is_over(different: dict[str, Any], reason: str | None) -> None:
    assert over(make_due(**different)) == reason


def test_pauses_double_from_30_s_to_6_h() -> None:
    for attempts in range(1, 13):
        pauses = [pause(attempts) for _ in range(200)]
        least = min(SHORTEST * 2 ** (attempts - 1), LONGEST)
        assert all(least <= one <= min(least * 4 / 3, LONGEST) for one in pauses)
        assert len(set(pauses)) > 100 or least == LONGEST
    assert pause(1000) == LONGEST
