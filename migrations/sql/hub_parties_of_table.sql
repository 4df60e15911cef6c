-- The parties that are to have this table now or later, alone or with others, and would not fit with p_seats seats at it:
-- their tables together would have too few. A table of no seats is gone, and nobody may be to have it.
--
-- Who sits longer than planned is there too. A block is no party, since nobody sits at a table that is closed; nor is a
-- hold that has expired.
CREATE OR REPLACE FUNCTION hub_parties_of_table(p_venue bigint, p_table bigint, p_seats integer, p_at timestamptz)
RETURNS TABLE (booking_id bigint, hold_id bigint) LANGUAGE sql STABLE AS $$
    WITH parties AS (
        SELECT o.booking_id, o.hold_id FROM occupancies o
        WHERE o.venue_id = p_venue
          AND int8range(o.table_id, o.table_id, '[]') && int8range(p_table, p_table, '[]')
          AND tstzrange(o.starts_at, o.ends_at, '[)') && tstzrange(p_at, NULL)
        UNION
        SELECT o.booking_id, o.hold_id
        FROM bookings b JOIN occupancies o ON o.venue_id = b.venue_id AND o.booking_id = b.id
        WHERE b.venue_id = p_venue AND b.status = 'seated' AND o.table_id = p_table
    )
    SELECT b.id, h.id
    FROM parties p
    LEFT JOIN bookings b ON b.venue_id = p_venue AND b.id = p.booking_id
    LEFT JOIN holds h ON h.venue_id = p_venue AND h.id = p.hold_id AND h.expires_at > p_at
    WHERE num_nonnulls(b.id, h.id) > 0 AND (p_seats = 0 OR coalesce(b.guests, h.guests) > (
        SELECT sum(CASE WHEN t.id = p_table THEN p_seats ELSE t.seats END)
        FROM occupancies m JOIN tables t ON t.venue_id = m.venue_id AND t.id = m.table_id
        WHERE m.venue_id = p_venue AND (m.booking_id = p.booking_id OR m.hold_id = p.hold_id)))
$$;
