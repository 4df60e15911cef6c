-- Whether a party is to have this table now or later, alone or with others, and would not fit with p_seats seats at it:
-- its tables together would have too few. A table without a seat is gone, and nobody may be to have it.
--
-- A block does not count, since nobody sits at a table that is closed; nor does a hold that has expired.
CREATE OR REPLACE FUNCTION hub_table_in_use(p_venue bigint, p_table bigint, p_seats integer, p_at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM occupancies o
        LEFT JOIN bookings b ON b.venue_id = o.venue_id AND b.id = o.booking_id
        LEFT JOIN holds h ON h.venue_id = o.venue_id AND h.id = o.hold_id AND h.expires_at > p_at
        WHERE o.venue_id = p_venue
          AND int8range(o.table_id, o.table_id, '[]') && int8range(p_table, p_table, '[]')
          AND tstzrange(o.starts_at, o.ends_at, '[)') && tstzrange(p_at, NULL)
          AND (p_seats = 0 AND num_nonnulls(b.id, h.id) > 0 OR coalesce(b.guests, h.guests) > (
              SELECT sum(CASE WHEN t.id = p_table THEN p_seats ELSE t.seats END)
              FROM occupancies m JOIN tables t ON t.venue_id = m.venue_id AND t.id = m.table_id
              WHERE m.venue_id = p_venue AND (m.booking_id = o.booking_id OR m.hold_id = o.hold_id))))
$$;
