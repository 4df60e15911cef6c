-- The one way to write: commit what was decided on views of these versions, or say what the views missed.
--
-- p_request is {epoch, venue, streams, changes}:
--   venue     whose rows and streams these are
--   streams   [{name, version, head, write}]: what was decided on. Those with write get events; the others were judged by.
--   changes   in their order, each an object; only what it needs is there:
--     from, until   the half-open range of the clock, read after the locks, in which the change may be made
--     bounds        {user, starts, ends, booking, most, overlapping}: how many bookings this account may have there
--     due           its time has come: where from and until say otherwise, nothing at all is written
--     free          {table, seats}: whoever is to have this table must fit with so many seats at it: see hub_table_in_use
--     replaced, one_hold_of   the ids of holds that are let go for a new one or for a booking; of a new one, a user who
--                 may have no other
--     link          {booking, version}: it was asked for by this link of the booking, which must still be good
--     key           {caller, key, digest}: the same request is answered from its first answer for 24 hours; with most,
--                   which is there when nothing is to be changed: as long as the caller has fewer keys
--     answer        what is kept under the key, beside id, at, events and epoch
--     booking       the row as it is to be; id null: a new one
--     more          [{booking, occupied}]: other bookings that change with it; all give up their tables before any takes one
--     texts         what is said of the booking is to be written too
--     block, hold, wait, table, area   the row as it is to be; id null: a new one; removed, released or retired: not any more
--     waits         [the row as it is to be]: other entries of the waitlist, see hub_write_other
--     combinations  [the row as it is to be, with its tables; id null: a new one; retired: not any more]
--     guest         {id, name, phone, email, language}: the guest of a new booking, whose row is written with it
--     occupied      [[table, from, until]]: all that the booking, the block or the hold takes from now on
--     events        [{stream, kind, data, new}]: the key that ``new`` names gets the new row's id in data
--     notices       {guest, house, kinds, leads, audiences, dues}: see hub_enqueue
--     actor, request
--
-- Returns {epoch, at, missed}, where missed is {stream: {version, head, held, events}}, and nothing was written; or
-- {epoch, at, early} when a change was not due, and nothing was written; or {epoch, at, results}, one a change:
-- {refused}, and nothing of this change was written; {replay}, which is the first answer to its key; or
-- {id, at, events: [[id, previous, version]]}. With a booking both have its guest as they are now:
-- {id, name, phone, email}.
--
-- The streams' locks are waited for, in the order of their names. What belongs to one guest (the count of their bookings,
-- their row and their account's, an idempotency key) another commit of theirs may hold, on any day: it is tried and not
-- waited for, or everybody else here would wait with them. Such a change is refused as busy; as running, where another
-- transaction holds its key. Raises HB001 in a transaction of another isolation: what is read after a lock must be what
-- was committed meanwhile. Raises HB003 for a row at another revision than was decided on, HB004 for a venue that is
-- retired, and HB005 for a stream of another venue; hub_enqueue raises HB002 for a guest who was erased.
CREATE OR REPLACE FUNCTION hub_commit(p_request jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_changes jsonb := p_request->'changes';
    v_refused jsonb := '{}';
    v_missed jsonb := '{}';
    v_results jsonb := '[]';
    v_events jsonb;
    v_epoch text;
    v_at timestamptz;
    v_change jsonb;
    v_event jsonb;
    v_each jsonb;
    v_other bigint;
    v_row record;
    v_names text[] := '{}';
    v_versions bigint[] := '{}';
    v_heads bigint[] := '{}';
    v_written boolean[] := '{}';
    v_place integer;
    v_id bigint;
    v_venue bigint := (p_request->>'venue')::bigint;
    v_group bigint;
    v_guests bigint[];
    v_event_id bigint;
    v_refusal text;
    v_is_first boolean;
    v_answer jsonb;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'hub_commit needs READ COMMITTED, and this transaction is %',
            upper(current_setting('transaction_isolation')) USING ERRCODE = 'HB001';
    END IF;
    PERFORM set_config('idle_in_transaction_session_timeout', '10s', true), set_config('lock_timeout', '5s', true);

    IF v_changes @? '$[*].bounds' THEN
        FOR v_row IN
            SELECT c.n, b.* FROM jsonb_array_elements(v_changes) WITH ORDINALITY AS c(change, n),
                jsonb_to_record(c.change->'bounds') AS b(
                    "user" bigint, starts timestamptz, ends timestamptz, booking bigint, most integer, overlapping integer)
            WHERE c.change ? 'bounds'
        LOOP
            IF NOT pg_try_advisory_xact_lock(hashtextextended('hub bookings of ' || v_row."user", 0)) THEN
                v_refused := v_refused || jsonb_build_object(v_row.n::text, 'busy');
                CONTINUE;
            END IF;
            PERFORM FROM hub_within_bounds(
                v_venue, v_row."user", v_row.starts, v_row.ends, v_row.booking, v_row.most, v_row.overlapping);
            IF NOT FOUND THEN
                v_refused := v_refused || jsonb_build_object(v_row.n::text, 'bounds');
            END IF;
        END LOOP;
    END IF;

    FOR v_row IN
        SELECT s.*, 0::bigint AS is_version, 0::bigint AS is_head
        FROM jsonb_to_recordset(p_request->'streams') AS s(name text, version bigint, head bigint, write boolean)
        ORDER BY s.name COLLATE "C"
    LOOP
        IF hub_venue_of(v_row.name) <> v_venue THEN
            RAISE EXCEPTION 'stream % is not of venue %', v_row.name, v_venue USING ERRCODE = 'HB005';
        END IF;
        -- In front of the rows' locks, because PostgreSQL lets those who share a row pass the one who waits to change it.
        IF v_row.write THEN
            PERFORM pg_advisory_xact_lock(hashtextextended('hub stream ' || v_row.name, 0));
        ELSE
            PERFORM pg_advisory_xact_lock_shared(hashtextextended('hub stream ' || v_row.name, 0));
        END IF;
        LOOP
            IF v_row.write THEN
                SELECT version, head INTO v_row.is_version, v_row.is_head FROM streams WHERE name = v_row.name FOR UPDATE;
            ELSE
                SELECT version, head INTO v_row.is_version, v_row.is_head FROM streams WHERE name = v_row.name FOR SHARE;
            END IF;
            EXIT WHEN FOUND;
            INSERT INTO streams (name, version) VALUES (v_row.name, 0) ON CONFLICT (name) DO NOTHING;
        END LOOP;
        IF (v_row.is_version, v_row.is_head) <> (v_row.version, v_row.head) THEN
            v_missed := v_missed || jsonb_build_object(v_row.name, jsonb_build_object(
                'version', v_row.is_version, 'head', v_row.is_head,
                'held', (SELECT id FROM events WHERE stream = v_row.name AND version = v_row.version),
                'events', (
                    SELECT coalesce(jsonb_agg(jsonb_build_array(id, version, kind, data, at) ORDER BY version), '[]')
                    FROM (SELECT * FROM events WHERE stream = v_row.name AND version > v_row.version
                          ORDER BY version LIMIT 200) e)));
        END IF;
        v_names := v_names || v_row.name;
        v_versions := v_versions || v_row.is_version;
        v_heads := v_heads || v_row.is_head;
        v_written := v_written || false;
    END LOOP;
    v_epoch := hub_epoch();
    -- Whoever retires the venue holds its floor, which everybody here judges by: by now it is over.
    SELECT group_id INTO v_group FROM venues WHERE id = v_venue AND retired_at IS NULL;
    IF v_group IS NULL THEN
        RAISE EXCEPTION 'venue % is retired', v_venue USING ERRCODE = 'HB004';
    END IF;
    v_at := clock_timestamp();
    IF v_missed <> '{}' OR v_epoch <> p_request->>'epoch' THEN
        RETURN jsonb_build_object('epoch', v_epoch, 'at', v_at, 'missed', v_missed);
    END IF;

    -- The rows of guests and their accounts: a booking and an entry of the waitlist refer to them, and hub_enqueue counts
    -- the mails to an address that is not verified.
    IF v_changes @? '$[*].booking' OR v_changes @? '$[*].wait' THEN
        v_guests := ARRAY(
            SELECT DISTINCT coalesce(c->'booking'->>'guest_id', c->'wait'->>'guest_id')::bigint
            FROM jsonb_array_elements(v_changes) AS c
            WHERE c ?| ARRAY['booking', 'wait'] AND NOT c ? 'guest');
        FOR v_row IN
            SELECT g.id FROM guests g JOIN users u ON u.id = g.user_id
            WHERE g.group_id = v_group AND g.id = ANY (v_guests) AND u.verified_at IS NULL
            FOR NO KEY UPDATE OF u SKIP LOCKED
        LOOP
            v_guests := array_remove(v_guests, v_row.id);
        END LOOP;
        IF v_guests <> '{}' THEN
            FOR v_row IN
                SELECT g.id FROM guests g JOIN users u ON u.id = g.user_id
                WHERE g.group_id = v_group AND g.id = ANY (v_guests) AND u.verified_at IS NOT NULL
                FOR KEY SHARE OF u SKIP LOCKED
            LOOP
                v_guests := array_remove(v_guests, v_row.id);
            END LOOP;
        END IF;
        IF v_guests <> '{}' THEN
            FOR v_row IN
                SELECT g.id FROM guests g WHERE g.group_id = v_group AND g.id = ANY (v_guests) AND g.user_id IS NULL
                FOR NO KEY UPDATE SKIP LOCKED
            LOOP
                v_guests := array_remove(v_guests, v_row.id);
            END LOOP;
        END IF;
        IF v_guests <> '{}' THEN
            SELECT v_refused || jsonb_object_agg(c.n::text, 'busy') INTO v_refused
            FROM jsonb_array_elements(v_changes) WITH ORDINALITY AS c(change, n)
            WHERE coalesce(c.change->'booking'->>'guest_id', c.change->'wait'->>'guest_id')::bigint = ANY (v_guests)
              AND NOT c.change ? 'guest';
        END IF;
    END IF;

    IF v_changes @? '$[*].key' THEN
        FOR v_row IN
            SELECT c.n, c.change->'key'->>'caller' AS caller, c.change->'key'->>'key' AS key
            FROM jsonb_array_elements(v_changes) WITH ORDINALITY AS c(change, n) WHERE c.change ? 'key'
        LOOP
            -- Whoever is only told a first answer holds the key too, and is in nobody's way.
            IF NOT pg_try_advisory_xact_lock(hashtextextended('hub key ' || v_row.caller || ' ' || v_row.key, 0))
               AND NOT hub_is_answered(v_row.caller, v_row.key) THEN
                v_refused := v_refused || jsonb_build_object(v_row.n::text, 'running');
            END IF;
        END LOOP;
    END IF;
    v_at := clock_timestamp();
    IF v_changes @? '$[*].due' AND EXISTS (
        SELECT FROM jsonb_array_elements(v_changes) AS c
        WHERE c ? 'due' AND (v_at < (c->>'from')::timestamptz OR v_at >= (c->>'until')::timestamptz)
    ) THEN
        RETURN jsonb_build_object('epoch', v_epoch, 'at', v_at, 'early', true);
    END IF;

    FOR v_row IN SELECT c.n, c.change FROM jsonb_array_elements(v_changes) WITH ORDINALITY AS c(change, n) ORDER BY c.n LOOP
        v_change := v_row.change;
        v_answer := NULL;
        v_refusal := v_refused->>v_row.n::text;
        -- Who has a link that was ended is told nothing, not even the first answer to a key.
        IF v_change ? 'link' AND NOT EXISTS (
            SELECT FROM bookings b
            WHERE b.venue_id = v_venue AND b.id = (v_change->'link'->>'booking')::bigint
              AND b.link_version = (v_change->'link'->>'version')::integer
        ) THEN
            v_refusal := 'link';
        END IF;
        IF v_refusal IN ('busy', 'running', 'link') THEN
            v_results := v_results || jsonb_build_array(jsonb_build_object('refused', v_refusal));
            CONTINUE;
        END IF;
        IF v_at < (v_change->>'from')::timestamptz OR v_at >= (v_change->>'until')::timestamptz THEN
            v_refusal := 'time';
        ELSIF v_refusal IS NULL AND v_change ? 'free' AND hub_table_in_use(
            v_venue, (v_change->'free'->>'table')::bigint, (v_change->'free'->>'seats')::integer, v_at
        ) THEN
            v_refusal := 'held';
        ELSIF v_refusal IS NULL AND v_change->>'one_hold_of' IS NOT NULL AND EXISTS (
            SELECT FROM holds h
            WHERE h.venue_id = v_venue AND h.made_by_id = (v_change->>'one_hold_of')::bigint AND h.expires_at > v_at
              AND NOT coalesce(v_change->'replaced', '[]') @> to_jsonb(h.id)
        ) THEN
            v_refusal := 'hoarded';
        END IF;
        IF v_change ? 'key' THEN
            DELETE FROM idempotency_keys
            WHERE caller = v_change->'key'->>'caller' AND key = v_change->'key'->>'key' AND expires_at <= v_at;
            v_is_first := false;
            IF v_refusal IS NULL AND v_change ? 'answer'
               AND hub_may_keep(v_change->'key'->>'caller', (v_change->'key'->>'most')::integer) THEN
                INSERT INTO idempotency_keys (caller, key, digest, expires_at)
                VALUES (v_change->'key'->>'caller', v_change->'key'->>'key', v_change->'key'->>'digest',
                        v_at + interval '24 hours')
                ON CONFLICT (caller, key) DO NOTHING;
                v_is_first := FOUND;
            END IF;
            IF NOT v_is_first THEN
                SELECT CASE WHEN k.digest = v_change->'key'->>'digest'
                            THEN jsonb_build_object('replay', k.answer)
                                 || hub_guest_facts((k.answer->>'guest')::bigint)
                            ELSE '{"refused": "key"}' END
                INTO v_answer FROM idempotency_keys k
                WHERE k.caller = v_change->'key'->>'caller' AND k.key = v_change->'key'->>'key';
            END IF;
        END IF;
        IF v_answer IS NULL AND v_refusal IS NOT NULL THEN
            v_answer := jsonb_build_object('refused', v_refusal);
        END IF;
        IF v_answer IS NULL AND v_change ? 'answer' AND NOT v_change ? 'events' THEN
            -- Nothing is to be changed: the same request is answered so again, whatever others do meanwhile.
            UPDATE idempotency_keys k SET answer = (v_change->'answer') || jsonb_build_object(
                'id', v_change->'answer'->'id',
                'at', v_at, 'events', '[]'::jsonb, 'epoch', v_epoch)
            WHERE k.caller = v_change->'key'->>'caller' AND k.key = v_change->'key'->>'key';
        END IF;
        IF v_answer IS NOT NULL OR NOT v_change ? 'events' THEN
            v_results := v_results || jsonb_build_array(coalesce(v_answer, '{}'));
            CONTINUE;
        END IF;

        v_id := (v_change->'booking'->>'id')::bigint;
        IF v_change ? 'guest' THEN
            INSERT INTO guests (id, group_id, name, phone, email, language)
            SELECT g.id, v_group, g.name, g.phone, g.email, g.language
            FROM jsonb_populate_record(NULL::guests, v_change->'guest') AS g;
        END IF;
        IF v_change ? 'booking' AND v_id IS NULL THEN
            INSERT INTO bookings AS b (venue_id, group_id, guest_id, user_id, table_id, table_ids, guests, starts_at,
                                       ends_at, service_date, status, revision, reference, channel, note, house_note,
                                       occasion, needs, seated_at, created_at, updated_at)
            SELECT v_venue, v_group, r.guest_id, r.user_id, r.table_id, r.table_ids, r.guests, r.starts_at, r.ends_at,
                   r.service_date, r.status, r.revision, r.reference, r.channel, r.note, r.house_note, r.occasion,
                   r.needs, r.seated_at, v_at, v_at
            FROM jsonb_populate_record(NULL::bookings, v_change->'booking') AS r RETURNING b.id INTO v_id;
        ELSIF v_change ? 'booking' THEN
            FOR v_each IN
                SELECT m->'booking' FROM jsonb_array_elements(
                    jsonb_build_array(v_change) || coalesce(v_change->'more', '[]')) AS m
            LOOP
                UPDATE bookings b SET table_id = r.table_id, table_ids = r.table_ids, guests = r.guests,
                    starts_at = r.starts_at, ends_at = r.ends_at, service_date = r.service_date, status = r.status,
                    revision = r.revision, updated_at = v_at, pinned = coalesce(r.pinned, false),
                    arrived_at = r.arrived_at, seated_at = r.seated_at, table_since = r.table_since,
                    left_at = r.left_at, undo = r.undo,
                    note = CASE WHEN v_change ? 'texts' THEN r.note ELSE b.note END,
                    house_note = CASE WHEN v_change ? 'texts' THEN r.house_note ELSE b.house_note END,
                    occasion = CASE WHEN v_change ? 'texts' THEN r.occasion ELSE b.occasion END,
                    needs = CASE WHEN v_change ? 'texts' THEN r.needs ELSE b.needs END,
                    notice_revision = CASE WHEN v_change ? 'notices' THEN r.revision ELSE b.notice_revision END,
                    promised_start = CASE WHEN b.starts_at = r.starts_at THEN b.promised_start END,
                    canceled_at = CASE WHEN r.status = 'canceled' THEN v_at END
                FROM jsonb_populate_record(NULL::bookings, v_each) AS r
                WHERE b.venue_id = v_venue AND b.id = r.id AND b.revision = r.revision - 1;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'booking % is not what its day shows', v_each->'id' USING ERRCODE = 'HB003';
                END IF;
                DELETE FROM occupancies WHERE venue_id = v_venue AND booking_id = (v_each->>'id')::bigint;
            END LOOP;
        END IF;
        IF v_change ?| ARRAY['block', 'hold', 'replaced', 'wait', 'waits'] THEN
            v_other := hub_write_other(v_venue, v_group, v_change, v_id, v_at);
            v_id := coalesce(v_id, v_other);
        END IF;
        IF v_change ? 'occupied' THEN
            INSERT INTO occupancies (venue_id, table_id, booking_id, hold_id, block_id, starts_at, ends_at)
            SELECT v_venue, (o->>0)::bigint, CASE WHEN v_change ? 'booking' THEN v_id END,
                   CASE WHEN NOT v_change ? 'booking' AND v_change ? 'hold' THEN v_id END,
                   CASE WHEN v_change ? 'block' THEN v_id END, (o->>1)::timestamptz, (o->>2)::timestamptz
            FROM jsonb_array_elements(v_change->'occupied') AS o;
        END IF;
        IF v_change ? 'more' THEN
            INSERT INTO occupancies (venue_id, table_id, booking_id, starts_at, ends_at)
            SELECT v_venue, (o->>0)::bigint, (m->'booking'->>'id')::bigint, (o->>1)::timestamptz, (o->>2)::timestamptz
            FROM jsonb_array_elements(v_change->'more') AS m, jsonb_array_elements(m->'occupied') AS o;
        END IF;
        IF v_change ?| ARRAY['table', 'area', 'combinations'] THEN
            v_id := hub_write_floor(v_venue, v_group, v_change, v_at);
        END IF;

        v_events := '[]';
        FOR v_event IN SELECT e FROM jsonb_array_elements(v_change->'events') AS e LOOP
            v_place := array_position(v_names, v_event->>'stream');
            v_versions[v_place] := v_versions[v_place] + 1;
            v_written[v_place] := true;
            INSERT INTO events AS e (stream, version, kind, data, actor, request_id, at)
            VALUES (
                v_event->>'stream', v_versions[v_place], v_event->>'kind',
                CASE WHEN v_event ? 'new' THEN v_event->'data' || jsonb_build_object(v_event->>'new', v_id)
                     ELSE v_event->'data' END,
                (v_change->>'actor')::bigint, v_change->>'request', v_at)
            RETURNING e.id INTO v_event_id;
            v_events := v_events || jsonb_build_array(
                jsonb_build_array(v_event_id, v_heads[v_place], v_versions[v_place]));
            v_heads[v_place] := v_event_id;
        END LOOP;
        IF v_change ? 'notices' THEN
            PERFORM hub_enqueue(
                v_venue, v_id, (v_change->'booking'->>'revision')::integer, n.guest, n.house, n.kinds, n.leads, n.audiences,
                n.dues, v_change->>'request')
            FROM jsonb_to_record(v_change->'notices') AS n(
                guest bigint, house text, kinds text[], leads integer[], audiences text[], dues timestamptz[]);
        END IF;
        v_answer := jsonb_build_object('id', v_id, 'at', v_at, 'events', v_events);
        IF v_change ? 'key' THEN
            UPDATE idempotency_keys k SET answer = (v_change->'answer') || v_answer || jsonb_build_object('epoch', v_epoch)
            WHERE k.caller = v_change->'key'->>'caller' AND k.key = v_change->'key'->>'key';
        END IF;
        v_results := v_results || jsonb_build_array(
            v_answer || hub_guest_facts(
                coalesce(v_change->'booking'->>'guest_id', v_change->'wait'->>'guest_id')::bigint));
    END LOOP;

    IF true = ANY (v_written) THEN
        UPDATE streams s SET version = w.version, head = w.head
        FROM unnest(v_names, v_versions, v_heads, v_written) AS w(name, version, head, written)
        WHERE s.name = w.name AND w.written;
    END IF;
    RETURN jsonb_build_object('epoch', v_epoch, 'at', v_at, 'results', v_results);
END $$;
