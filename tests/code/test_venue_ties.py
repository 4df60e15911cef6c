"""What tests.venue_ties makes of a statement: by this the product's are judged."""

from __future__ import annotations

import pytest

from tests.venue_ties import tables_without_venue


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM bookings WHERE id = $1",
        "SELECT b.venue_id, b.id FROM bookings b WHERE b.service_date = $1",
        "SELECT b.id FROM bookings b JOIN tables t ON t.venue_id = b.venue_id AND t.id = b.table_id WHERE b.id = $1",
        "SELECT count(*) FROM tables t, venues v WHERE v.id = $1 AND v.venue_id = $1",
        "UPDATE bookings b SET status = 'canceled' WHERE b.id = $1",
        "UPDATE tables SET name = $2 WHERE id = $1",
        "DELETE FROM occupancies WHERE booking_id = $1",
        "INSERT INTO occupancies (table_id, booking_id) VALUES ($1, $2)",
        "INSERT INTO tables AS t (name, seats) SELECT $1, $2",
        "SELECT * FROM events WHERE version > $1",
        "SELECT version FROM streams ORDER BY name",
        "SELECT EXISTS (SELECT FROM memberships m WHERE m.user_id = $1)",
        "SELECT 1 FROM hub h LEFT JOIN streams s ON s.version = h.id",
        "UPDATE guests SET name = $2 WHERE id = $1",
        "SELECT g.id FROM guests g WHERE g.phone = $1 AND g.user_id IS NULL",
        "DELETE FROM guest_notes WHERE guest_id = ANY($1)",
        "SELECT id FROM tables WHERE id IN (SELECT table_id FROM bookings b WHERE b.venue_id = $1)",
        "SELECT (SELECT count(*) FROM waitlist), (SELECT count(*) FROM waitlist WHERE venue_id = $1)",
        "SELECT EXISTS (SELECT FROM bookings t WHERE t.venue_id = $1), EXISTS (SELECT FROM bookings t WHERE t.id = $2)",
        "SELECT 1 FROM bookings WHERE venue_id = $1 UNION SELECT 1 FROM bookings WHERE id = $2",
        "SELECT 1 FROM events e WHERE e.stream = hub_stream(e.venue_id, $1)",
        "SELECT 1 FROM events e, waitlist w WHERE e.stream = hub_stream(w.venue_id, w.service_date) AND w.id = $1",
        "SELECT 1 FROM bookings b WHERE b.id = $1 AND EXISTS (SELECT FROM blocks o WHERE o.venue_id = b.venue_id)",
        "SELECT 1 FROM bookings b LEFT JOIN tables t ON t.venue_id = b.venue_id AND b.venue_id = $1",
        "SELECT 1 FROM bookings b LEFT JOIN users u ON u.id = b.user_id AND b.venue_id = $1",
        "SELECT 1 FROM bookings b LEFT JOIN tables t ON t.venue_id = b.venue_id WHERE t.venue_id = $1 OR b.id = $2",
        "SELECT count(*) FILTER (WHERE venue_id = $1) FROM bookings",
        "SELECT CASE WHEN b.venue_id = $1 THEN b.note END FROM bookings b",
        "SELECT 1 FROM bookings b WHERE NOT b.venue_id = $1",
        "SELECT 1 FROM bookings b WHERE b.venue_id NOT IN ($1, $2)",
        "SELECT 1 FROM bookings b WHERE b.venue_id >= $1",
        "SELECT 1 FROM guest_notes n, guests g WHERE n.guest_id = g.id AND g.id = $1",
        "SELECT 1 FROM bookings WHERE note = ' AND venue_id = 1'",
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE venue_id = $1)",
    ],
)
def test_statement_without_a_venue_is_seen(statement: str) -> None:
    assert tables_without_venue(statement) != []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM bookings WHERE venue_id = $1 AND id = $2",
        "SELECT 1 FROM bookings b JOIN tables t ON t.venue_id = b.venue_id AND t.id = b.table_id WHERE b.venue_id = $1",
        "SELECT 1 FROM bookings b WHERE (b.venue_id, b.id) IN (SELECT * FROM unnest($1::bigint[], $2::bigint[]))",
        "SELECT version FROM streams WHERE name = $1",
        "SELECT v.name FROM unnest($1::text[]) AS v(name) LEFT JOIN streams s ON s.name = v.name",
        "SELECT kind FROM events WHERE stream = $1 AND version > $2",
        "INSERT INTO occupancies (venue_id, table_id) VALUES ($1, $2)",
        "INSERT INTO tables AS t (venue_id, name) SELECT $1, $2",
        "SELECT 1 FROM venues v, LATERAL (SELECT FROM tables t WHERE t.venue_id = v.id) x",
        "SELECT id FROM users WHERE id = $1",
        "UPDATE guests SET name = $3 WHERE group_id = $1 AND id = $2",
        "SELECT 1 FROM bookings b JOIN guests g ON g.group_id = b.group_id AND g.id = b.guest_id WHERE b.venue_id = $1",
        "SELECT 1 FROM bookings b WHERE b.venue_id = $1 AND EXISTS (SELECT FROM holds o WHERE o.venue_id = b.venue_id)",
        "SELECT 1 FROM waitlist w JOIN events e ON e.stream = hub_stream(w.venue_id, $2) WHERE w.venue_id = $1",
        "SELECT 1 FROM bookings b LEFT JOIN tables t ON t.venue_id = b.venue_id WHERE (b.venue_id = $1 AND t.id = $2)",
        "SELECT 1 FROM bookings b WHERE b.venue_id = $1 AND (b.id = $2 OR b.id = $3)",
        "SELECT 1 FROM bookings WHERE venue_id = ANY($1) AND note = 'a) OR (b'",
    ],
)
def test_statement_of_one_venue_is_not(statement: str) -> None:
    assert tables_without_venue(statement) == []


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("SELECT 1 FROM bookings b JOIN tables t ON t.venue_id = b.venue_id", ["bookings+tables"]),
        ("SELECT 1 FROM bookings b JOIN tables t ON t.id = b.table_id", ["bookings", "tables"]),
        ("SELECT (SELECT 1 FROM tables t WHERE t.venue_id = b.venue_id) FROM bookings b", ["bookings+tables"]),
        ("SELECT 1 FROM bookings b WHERE b.id = $1 UNION SELECT 1 FROM bookings b", ["bookings", "bookings"]),
        ("SELECT 1 FROM bookings b, guests g WHERE g.group_id = b.group_id", ["bookings+guests"]),
        ("SELECT 1 FROM guests g, bookings b WHERE g.group_id = $1 AND b.group_id = g.group_id", ["bookings"]),
    ],
)
def test_tables_are_told_with_those_of_the_same_venue(statement: str, tables: list[str]) -> None:
    assert tables_without_venue(statement) == tables
