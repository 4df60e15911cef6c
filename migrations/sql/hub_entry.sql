-- An instant as events and views write it: RFC 3339 in UTC, to the second.
CREATE OR REPLACE FUNCTION hub_instant(p_at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

-- What its day shows of a booking: ids, times and codes, and nothing that names anybody.
CREATE OR REPLACE FUNCTION hub_entry(b bookings) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'guest_id', b.guest_id, 'user_id', b.user_id, 'table_id', b.table_id, 'guests', b.guests,
        'starts_at', hub_instant(b.starts_at), 'ends_at', hub_instant(b.ends_at), 'status', b.status,
        'revision', b.revision,
        'occupied', coalesce((
            SELECT jsonb_agg(jsonb_build_array(o.table_id, hub_instant(o.starts_at), hub_instant(o.ends_at))
                             ORDER BY o.table_id, o.starts_at)
            FROM occupancies o WHERE o.venue_id = b.venue_id AND o.booking_id = b.id), '[]'::jsonb))
$$;
