-- Write changes that nothing speaks against, in their order: the rows, the events, the mails, the answers to their keys.
-- hub_commit says what a change holds. It has the locks, and it sees to it that no two of these change the same row.
-- p_written are the streams that may get events. Gives what became of each: [{id, at, events, guest}], see hub_commit.
--
-- Each kind of row is written by one statement for all changes, since to begin a statement costs more than a row. What is
-- joined with a table stands in arrays: of an array the planner expects ten elements, of a list in JSON a hundred, and
-- then it may read a whole table instead of its index.
--
-- Raises HB003 for a row at another revision than was decided on, HB005 for an event of a stream that is not locked, and
-- HB002 for a guest who was erased.
CREATE OR REPLACE FUNCTION hub_write_changes(
    p_venue bigint, p_group bigint, p_epoch text, p_at timestamptz, p_written text[], p_changes jsonb
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_count integer := jsonb_array_length(p_changes);
    v_ids bigint[];
    v_made bigint[];
    v_changed bigint[];
    v_rows jsonb[];
    v_texts boolean[];
    v_mails boolean[];
    v_row record;
    v_other bigint;
    v_bookings bigint[];
    v_holds bigint[];
    v_blocks bigint[];
    v_tables bigint[];
    v_starts timestamptz[];
    v_ends timestamptz[];
    v_guests jsonb;
    v_events jsonb[];
    v_answers jsonb[];
    v_next integer := 1;
BEGIN
    SELECT array_agg((c.change->'booking'->>'id')::bigint ORDER BY c.n) INTO v_ids
    FROM jsonb_array_elements(p_changes) WITH ORDINALITY AS c(change, n);

    IF p_changes @? '$[*].guest' THEN
        INSERT INTO guests (id, group_id, name, phone, email, language)
        SELECT g.id, p_group, g.name, g.phone, g.email, g.language
        FROM jsonb_array_elements(p_changes) AS c, jsonb_populate_record(NULL::guests, c->'guest') AS g
        WHERE c ? 'guest';
    END IF;

    IF p_changes @? '$[*].booking.id ? (@ == null)' THEN
        WITH made AS (
            INSERT INTO bookings AS b (venue_id, group_id, guest_id, user_id, table_id, table_ids, guests, starts_at,
                                       ends_at, service_date, status, revision, reference, channel, note, house_note,
                                       occasion, needs, seated_at, undo, created_at, updated_at)
            SELECT p_venue, p_group, r.guest_id, r.user_id, r.table_id, r.table_ids, r.guests, r.starts_at, r.ends_at,
                   r.service_date, r.status, r.revision, r.reference, r.channel, r.note, r.house_note, r.occasion,
                   r.needs, r.seated_at, r.undo, p_at, p_at
            FROM jsonb_array_elements(p_changes) WITH ORDINALITY AS c(change, n),
                jsonb_populate_record(NULL::bookings, c.change->'booking') AS r
            WHERE c.change ? 'booking' AND r.id IS NULL ORDER BY c.n RETURNING b.id
        )
        SELECT array_agg(id ORDER BY id) INTO v_made FROM made;  -- ids are given in the order of the rows
        FOR n IN 1..v_count LOOP
            IF v_ids[n] IS NULL AND p_changes->(n - 1) ? 'booking' THEN
                v_ids[n] := v_made[v_next];
                v_next := v_next + 1;
            END IF;
        END LOOP;
    END IF;

    IF p_changes @? '$[*].booking.id ? (@ != null)' THEN
        SELECT array_agg((m->'booking'->>'id')::bigint), array_agg(m->'booking'), array_agg(c ? 'texts'),
               array_agg(c ? 'notices')
        INTO v_changed, v_rows, v_texts, v_mails
        FROM jsonb_array_elements(p_changes) AS c,
            jsonb_array_elements(jsonb_build_array(c) || coalesce(c->'more', '[]')) AS m
        WHERE m->'booking'->>'id' IS NOT NULL;
        UPDATE bookings b SET table_id = r.table_id, table_ids = r.table_ids, guests = r.guests,
            starts_at = r.starts_at, ends_at = r.ends_at, service_date = r.service_date, status = r.status,
            revision = r.revision, updated_at = p_at, pinned = coalesce(r.pinned, false),
            arrived_at = r.arrived_at, seated_at = r.seated_at, table_since = r.table_since,
            left_at = r.left_at, undo = r.undo,
            note = CASE WHEN t.has_texts THEN r.note ELSE b.note END,
            house_note = CASE WHEN t.has_texts THEN r.house_note ELSE b.house_note END,
            occasion = CASE WHEN t.has_texts THEN r.occasion ELSE b.occasion END,
            needs = CASE WHEN t.has_texts THEN r.needs ELSE b.needs END,
            notice_revision = CASE WHEN t.has_mails THEN r.revision ELSE b.notice_revision END,
            promised_start = CASE WHEN b.starts_at = r.starts_at THEN b.promised_start END,
            canceled_at = CASE WHEN r.status = 'canceled' THEN p_at END
        FROM unnest(v_changed, v_rows, v_texts, v_mails) AS t(id, booking, has_texts, has_mails),
            jsonb_populate_record(NULL::bookings, t.booking) AS r
        WHERE b.venue_id = p_venue AND b.id = t.id AND b.revision = r.revision - 1;
        GET DIAGNOSTICS v_next = ROW_COUNT;
        IF v_next <> cardinality(v_changed) THEN
            RAISE EXCEPTION 'of the bookings % only % are what their days show', v_changed, v_next
                USING ERRCODE = 'HB003';
        END IF;
    END IF;

    IF p_changes @? '$[*] ? (exists(@.block) || exists(@.hold) || exists(@.replaced) || exists(@.wait)
                              || exists(@.waits))' THEN
        FOR n IN 1..v_count LOOP
            IF p_changes->(n - 1) ?| ARRAY['block', 'hold', 'replaced', 'wait', 'waits'] THEN
                v_other := hub_write_other(p_venue, p_group, p_changes->(n - 1), v_ids[n], p_at);
                v_ids[n] := coalesce(v_ids[n], v_other);
            END IF;
        END LOOP;
    END IF;

    SELECT array_agg(CASE x.kind WHEN 'booking' THEN x.id END), array_agg(CASE x.kind WHEN 'hold' THEN x.id END),
           array_agg(CASE x.kind WHEN 'block' THEN x.id END), array_agg((x.taken->>0)::bigint),
           array_agg((x.taken->>1)::timestamptz), array_agg((x.taken->>2)::timestamptz)
    INTO v_bookings, v_holds, v_blocks, v_tables, v_starts, v_ends
    FROM (
        SELECT v_ids[c.n] AS id, o AS taken, CASE WHEN c.change ? 'booking' THEN 'booking'
                                                  WHEN c.change ? 'hold' THEN 'hold' ELSE 'block' END AS kind
        FROM jsonb_array_elements(p_changes) WITH ORDINALITY AS c(change, n),
            jsonb_array_elements(c.change->'occupied') AS o
        UNION ALL
        SELECT (m->'booking'->>'id')::bigint, o, 'booking'
        FROM jsonb_array_elements(p_changes) AS c, jsonb_array_elements(c->'more') AS m,
            jsonb_array_elements(m->'occupied') AS o
    ) x;
    IF v_changed IS NOT NULL THEN
        -- What stays taken as it was is left alone: the index of the constraint costs more than all others.
        DELETE FROM occupancies o WHERE o.venue_id = p_venue AND o.booking_id = ANY (v_changed) AND NOT EXISTS (
            SELECT FROM unnest(v_bookings, v_tables, v_starts, v_ends) AS t(booking_id, table_id, starts_at, ends_at)
            WHERE (t.booking_id, t.table_id, t.starts_at, t.ends_at)
                = (o.booking_id, o.table_id, o.starts_at, o.ends_at));
    END IF;
    IF v_tables IS NOT NULL THEN
        INSERT INTO occupancies (venue_id, table_id, booking_id, hold_id, block_id, starts_at, ends_at)
        SELECT p_venue, t.table_id, t.booking_id, t.hold_id, t.block_id, t.starts_at, t.ends_at
        FROM unnest(v_bookings, v_holds, v_blocks, v_tables, v_starts, v_ends)
            AS t(booking_id, hold_id, block_id, table_id, starts_at, ends_at)
        WHERE v_changed IS NULL OR NOT EXISTS (
            SELECT FROM occupancies o
            WHERE o.venue_id = p_venue AND (o.booking_id, o.table_id, o.starts_at, o.ends_at)
                = (t.booking_id, t.table_id, t.starts_at, t.ends_at));
    END IF;

    IF p_changes @? '$[*] ? (exists(@.table) || exists(@.area) || exists(@.combinations))' THEN
        FOR n IN 1..v_count LOOP
            IF p_changes->(n - 1) ?| ARRAY['table', 'area', 'combinations'] THEN
                v_ids[n] := hub_write_floor(p_venue, p_group, p_changes->(n - 1), p_at);
            END IF;
        END LOOP;
    END IF;
    v_events := hub_write_events(p_at, p_written, p_changes, v_ids);

    SELECT array_agg(coalesce(c->'booking'->>'guest_id', c->'wait'->>'guest_id')::bigint) INTO v_made
    FROM jsonb_array_elements(p_changes) AS c WHERE c ?| ARRAY['booking', 'wait'];
    SELECT jsonb_object_agg(g.id, jsonb_build_object(
        'erased', g.erased_at IS NOT NULL, 'account', g.user_id IS NOT NULL, 'verified', u.verified_at IS NOT NULL,
        'language', g.language, 'id', g.id, 'name', g.name, 'phone', g.phone, 'email', g.email))
    INTO v_guests FROM guests g LEFT JOIN users u ON u.id = g.user_id
    WHERE g.group_id = p_group AND g.id = ANY (v_made);
    IF p_changes @? '$[*].notices' THEN
        PERFORM hub_enqueue(p_venue, p_changes, v_ids, v_guests);
    END IF;

    FOR n IN 1..v_count LOOP
        v_answers[n] := jsonb_build_object('id', v_ids[n], 'at', p_at, 'events', v_events[n]);
    END LOOP;
    IF p_changes @? '$[*].key' THEN
        SELECT array_agg(jsonb_build_object(
            'caller', c.change->'key'->'caller', 'key', c.change->'key'->'key',
            'answer', (c.change->'answer') || v_answers[c.n] || jsonb_build_object('epoch', p_epoch)))
        INTO v_rows FROM jsonb_array_elements(p_changes) WITH ORDINALITY AS c(change, n) WHERE c.change ? 'key';
        UPDATE idempotency_keys k SET answer = t.kept->'answer'
        FROM unnest(v_rows) AS t(kept) WHERE k.caller = t.kept->>'caller' AND k.key = t.kept->>'key';
    END IF;
    RETURN (
        SELECT jsonb_agg(v_answers[c.n] || CASE WHEN g.facts IS NULL THEN '{}' ELSE jsonb_build_object(
            'guest', g.facts - ARRAY['erased', 'account', 'verified', 'language']) END ORDER BY c.n)
        FROM jsonb_array_elements(p_changes) WITH ORDINALITY AS c(change, n), LATERAL (
            SELECT v_guests->coalesce(c.change->'booking'->>'guest_id', c.change->'wait'->>'guest_id') AS facts) g);
END $$;

-- The events of these changes, each of which has its row's id in p_ids. Gives for each change [[id, previous, version]].
CREATE OR REPLACE FUNCTION hub_write_events(p_at timestamptz, p_written text[], p_changes jsonb, p_ids bigint[])
RETURNS jsonb[] LANGUAGE plpgsql AS $$
DECLARE
    v_of integer[];
    v_streams text[];
    v_kinds text[];
    v_data jsonb[];
    v_actors bigint[];
    v_requests text[];
    v_versions bigint[];
    v_event_ids bigint[];
    v_names text[];
    v_now bigint[];
    v_heads bigint[];
    v_place integer;
    v_found jsonb[] := '{}';
BEGIN
    SELECT array_agg(n), array_agg(event->>'stream'), array_agg(event->>'kind'), array_agg(
               CASE WHEN event ? 'new' THEN event->'data' || jsonb_build_object(event->>'new', p_ids[n])
                    ELSE event->'data' END),
           array_agg((change->>'actor')::bigint), array_agg(change->>'request')
    INTO v_of, v_streams, v_kinds, v_data, v_actors, v_requests
    FROM (
        SELECT c.n, c.change, e.event
        FROM jsonb_array_elements(p_changes) WITH ORDINALITY AS c(change, n),
            jsonb_array_elements(c.change->'events') WITH ORDINALITY AS e(event, k)
        ORDER BY c.n, e.k
    ) x;
    SELECT array_agg(name), array_agg(version), array_agg(head) INTO v_names, v_now, v_heads
    FROM streams WHERE name = ANY (p_written);
    FOR i IN 1..cardinality(v_streams) LOOP
        v_place := array_position(v_names, v_streams[i]);
        IF v_place IS NULL THEN
            RAISE EXCEPTION 'stream % is not locked', v_streams[i] USING ERRCODE = 'HB005';
        END IF;
        v_now[v_place] := v_now[v_place] + 1;
        v_versions[i] := v_now[v_place];
    END LOOP;
    WITH written AS (
        INSERT INTO events (stream, version, kind, data, actor, request_id, at)
        SELECT e.stream, e.version, e.kind, e.data, e.actor, e.request, p_at
        FROM unnest(v_streams, v_versions, v_kinds, v_data, v_actors, v_requests)
            WITH ORDINALITY AS e(stream, version, kind, data, actor, request, n)
        ORDER BY e.n RETURNING id
    )
    SELECT array_agg(id ORDER BY id) INTO v_event_ids FROM written;  -- ids are given in the order of the rows
    FOR i IN 1..cardinality(v_streams) LOOP
        v_place := array_position(v_names, v_streams[i]);
        v_found[v_of[i]] := coalesce(v_found[v_of[i]], '[]')
            || jsonb_build_array(jsonb_build_array(v_event_ids[i], v_heads[v_place], v_versions[i]));
        v_heads[v_place] := v_event_ids[i];
    END LOOP;
    UPDATE streams s SET version = w.version, head = w.head
    FROM unnest(v_names, v_now, v_heads) AS w(name, version, head) WHERE s.name = w.name AND s.version <> w.version;
    RETURN v_found;
END $$;
