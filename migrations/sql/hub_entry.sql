-- An instant as events and views write it: RFC 3339 in UTC, to the second.
CREATE OR REPLACE FUNCTION hub_instant(p_at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

-- What its day shows of a booking: ids, times and codes, and nothing that names anybody. What few bookings have is there
-- only where they have it.
CREATE OR REPLACE FUNCTION hub_entry(b bookings) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'guest_id', b.guest_id, 'user_id', b.user_id, 'table_id', b.table_id, 'guests', b.guests,
        'starts_at', hub_instant(b.starts_at), 'ends_at', hub_instant(b.ends_at), 'status', b.status,
        'revision', b.revision,
        'occupied', coalesce((
            SELECT jsonb_agg(jsonb_build_array(o.table_id, hub_instant(o.starts_at), hub_instant(o.ends_at))
                             ORDER BY o.table_id, o.starts_at)
            FROM occupancies o WHERE o.venue_id = b.venue_id AND o.booking_id = b.id), '[]'::jsonb))
        || jsonb_strip_nulls(jsonb_build_object(
            'tables', b.table_ids, 'pinned', CASE WHEN b.pinned THEN true END, 'arrived_at', hub_instant(b.arrived_at),
            'seated_at', hub_instant(b.seated_at), 'table_since', hub_instant(b.table_since),
            'left_at', hub_instant(b.left_at)))
        || CASE WHEN b.undo IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('undo', b.undo) END
$$;

-- The same of what stands on a day beside its bookings.
CREATE OR REPLACE FUNCTION hub_block_entry(b blocks) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'tables', b.table_ids, 'starts_at', hub_instant(b.starts_at), 'ends_at', hub_instant(b.ends_at),
        'revision', b.revision)
$$;

CREATE OR REPLACE FUNCTION hub_hold_entry(h holds) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'tables', h.table_ids, 'starts_at', hub_instant(h.starts_at), 'ends_at', hub_instant(h.ends_at),
        'guests', h.guests, 'expires_at', hub_instant(h.expires_at), 'made_by', h.made_by_id)
$$;

CREATE OR REPLACE FUNCTION hub_wait_entry(w waitlist) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'guest_id', w.guest_id, 'guests', w.guests, 'status', w.status, 'place', w.place,
        'joined_at', hub_instant(w.joined_at), 'quoted_from', hub_instant(w.quoted_from),
        'quoted_until', hub_instant(w.quoted_until), 'promised_until', hub_instant(w.promised_until),
        'area_id', w.area_id, 'revision', w.revision)
$$;

-- All of a day but its bookings: {block: {id: entry}, hold: …, wait: …}.
CREATE OR REPLACE FUNCTION hub_others(p_venue bigint, p_day date) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'block', (SELECT coalesce(jsonb_object_agg(b.id::text, hub_block_entry(b)), '{}')
                  FROM blocks b WHERE b.venue_id = p_venue AND b.service_date = p_day AND b.removed_at IS NULL),
        'hold', (SELECT coalesce(jsonb_object_agg(h.id::text, hub_hold_entry(h)), '{}')
                 FROM holds h WHERE h.venue_id = p_venue AND h.service_date = p_day),
        'wait', (SELECT coalesce(jsonb_object_agg(w.id::text, hub_wait_entry(w)), '{}')
                 FROM waitlist w WHERE w.venue_id = p_venue AND w.service_date = p_day
                   AND w.status IN ('waiting', 'ready', 'here')))
$$;

-- What events and checkpoints say of a table.
CREATE OR REPLACE FUNCTION hub_table_entry(t tables) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('name', t.name, 'seats', t.seats, 'revision', t.revision)
        || CASE WHEN t.area_id IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('area_id', t.area_id) END
        || CASE WHEN t.place IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('place', t.place) END
$$;

-- A floor: {tables, areas, combinations}, each [[id, entry], …].
CREATE OR REPLACE FUNCTION hub_floor(p_venue bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'tables', (SELECT coalesce(jsonb_agg(jsonb_build_array(t.id, hub_table_entry(t))), '[]')
                   FROM tables t WHERE t.venue_id = p_venue AND t.retired_at IS NULL),
        'areas', (SELECT coalesce(jsonb_agg(jsonb_build_array(a.id, jsonb_build_object(
                      'name', a.name, 'rank', a.rank, 'revision', a.revision))), '[]')
                  FROM areas a WHERE a.venue_id = p_venue AND a.retired_at IS NULL),
        'combinations', (SELECT coalesce(jsonb_agg(jsonb_build_array(c.id, jsonb_build_object(
                             'name', c.name, 'min_guests', c.min_guests, 'max_guests', c.max_guests,
                             'revision', c.revision,
                             'tables', (SELECT jsonb_agg(m.table_id ORDER BY m.table_id) FROM combination_tables m
                                        WHERE m.venue_id = c.venue_id AND m.combination_id = c.id)))), '[]')
                         FROM combinations c WHERE c.venue_id = p_venue AND c.retired_at IS NULL))
$$;
