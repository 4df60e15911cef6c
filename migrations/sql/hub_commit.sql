-- The one way to write: commit what was decided on views of these versions, or say what the views missed.
--
-- p_request is {epoch, venue, together, streams, changes}:
--   together  the changes are of several days, which others may hold: their locks are tried and not waited for
--   venue     whose rows and streams these are
--   streams   [{name, version, head, write}]: what was decided on. Those with write get events; the others were judged by.
--   changes   in their order, each an object; only what it needs is there:
--     from, until   the half-open range of the clock, read after the locks, in which the change may be made
--     bounds        {user, starts, ends, booking, most, overlapping}: how many bookings this account may have there
--     due           its time has come: where from and until say otherwise, nothing at all is written
--     free          {table, seats}: whoever is to have this table must fit with so many seats at it: see hub_parties_of_table
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
--     guest         {id, name, phone, email, language}: the guest of a new booking, or of an entry of the waitlist, whose
--                   row is written with it
--     named         {name, phone}: what the guest of the entry is called from now on, see hub_write_other
--     occupied      [[table, from, until]]: all that the booking, the block or the hold takes from now on
--     events        [{stream, kind, data, new}]: the key that ``new`` names gets the new row's id in data
--     notices       {guest, house, kinds, leads, audiences, dues}: see hub_enqueue
--     actor, request
--
-- Returns {epoch, at, missed}, where missed is {stream: {version, head, held, events}}, and nothing was written; or
-- {epoch, at, early} when a change was not due, and nothing was written; or {epoch, at, held}, the streams that others
-- hold, and nothing was written; or {epoch, at, results}, one a change:
-- {refused}, and nothing of this change was written ("again": one before it was left out, on whose day it was decided); {replay}, which is the first answer to its key; or
-- {id, at, events: [[id, previous, version]]}. With a booking both have its guest as they are now:
-- {id, name, phone, email}.
--
-- The streams' locks are waited for, in the order of their names. What belongs to one guest (the count of their bookings,
-- their row and their account's, an idempotency key) another commit of theirs may hold, on any day: it is tried and not
-- waited for, or everybody else here would wait with them. Such a change is refused as busy; as running, where another
-- transaction holds its key. Raises HB001 in a transaction of another isolation: what is read after a lock must be what
-- was committed meanwhile. Raises HB003 for a row at another revision than was decided on, HB004 for a venue that is
-- retired, HB005 for a stream of another venue, and HB006 as hub_write_other; hub_enqueue raises HB002 for a guest who was
-- erased.
CREATE OR REPLACE FUNCTION hub_commit(p_request jsonb) RETURNS jsonb LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_changes jsonb := p_request->'changes';
    v_count integer := jsonb_array_length(p_request->'changes');
    v_refused jsonb := '{}';
    v_missed jsonb := '{}';
    v_results jsonb[] := '{}';
    v_epoch text;
    v_at timestamptz;
    v_change jsonb;
    v_row record;
    v_written text[] := '{}';
    v_held text[] := '{}';
    v_n integer := 0;
    v_venue bigint := (p_request->>'venue')::bigint;
    v_group bigint;
    v_guests bigint[];
    v_counted bigint[] := '{}';
    v_refusal text;
    v_is_first boolean;
    v_answer jsonb;
    v_together jsonb;
    v_places integer[];
    v_names text[];
    v_taken text[];
    v_left_out text[] := '{}';
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
        IF v_row.write AND p_request ? 'together' THEN
            IF NOT pg_try_advisory_xact_lock(hashtextextended('hub stream ' || v_row.name, 0)) THEN
                v_held := v_held || v_row.name;
                CONTINUE;
            END IF;
        ELSIF v_row.write THEN
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
        IF v_row.write THEN
            v_written := v_written || v_row.name;
        END IF;
    END LOOP;
    v_epoch := hub_epoch();
    IF v_held <> '{}' THEN
        RETURN jsonb_build_object('epoch', v_epoch, 'at', clock_timestamp(), 'held', v_held);
    END IF;
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
            v_counted := v_counted || v_row.id;
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
                v_counted := v_counted || v_row.id;
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

    -- Changes are judged in their order, and those that nothing speaks against are written together (hub_write_changes),
    -- up to one that is to be judged by what another of them writes, or that changes the same row.
    WHILE v_n < v_count LOOP
        v_together := '[]';
        v_places := '{}';
        v_taken := '{}';
        WHILE v_n < v_count LOOP
            v_change := v_changes->v_n;
            IF v_count > 1 THEN
                v_names := ARRAY(
                    SELECT 'booking ' || (b->>'id') FROM jsonb_array_elements(
                        jsonb_build_array(v_change->'booking')
                        || jsonb_path_query_array(coalesce(v_change->'more', '[]'), '$[*].booking')) AS b
                    WHERE b->>'id' IS NOT NULL
                    UNION ALL SELECT 'hold' WHERE v_change ?| ARRAY['hold', 'replaced']
                    UNION ALL SELECT 'guest new' WHERE v_change ? 'guest'
                    UNION ALL SELECT 'key ' || (v_change->'key'->>'caller') || ' ' || (v_change->'key'->>'key')
                    WHERE v_change ? 'key'
                    UNION ALL SELECT 'guest ' || g FROM unnest(v_counted) AS g
                    WHERE g = coalesce(v_change->'booking'->>'guest_id', v_change->'wait'->>'guest_id')::bigint);
                EXIT WHEN v_places <> '{}' AND (v_taken && v_names OR v_change ? 'free');
                v_taken := v_taken || v_names;
            END IF;
            v_n := v_n + 1;
            v_answer := NULL;
            v_refusal := v_refused->>v_n::text;
            -- What was decided on a day as it would be with a change that is not written is to be decided again.
            IF v_left_out <> '{}' AND v_left_out && hub_streams_of(v_change) THEN
                v_results[v_n] := '{"refused": "again"}';
                CONTINUE;
            END IF;
            -- Who has a link that was ended is told nothing, not even the first answer to a key.
            IF v_change ? 'link' AND NOT EXISTS (
                SELECT FROM bookings b
                WHERE b.venue_id = v_venue AND b.id = (v_change->'link'->>'booking')::bigint
                  AND b.link_version = (v_change->'link'->>'version')::integer
            ) THEN
                v_refusal := 'link';
            END IF;
            IF v_refusal IN ('busy', 'running', 'link') THEN
                v_results[v_n] := jsonb_build_object('refused', v_refusal);
                v_left_out := v_left_out || hub_streams_of(v_change);
                CONTINUE;
            END IF;
            IF v_at < (v_change->>'from')::timestamptz OR v_at >= (v_change->>'until')::timestamptz THEN
                v_refusal := 'time';
            ELSIF v_refusal IS NULL AND v_change ? 'free' AND EXISTS (SELECT FROM hub_parties_of_table(
                v_venue, (v_change->'free'->>'table')::bigint, (v_change->'free'->>'seats')::integer, v_at
            )) THEN
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
                v_results[v_n] := coalesce(v_answer, '{}');
                v_left_out := v_left_out || hub_streams_of(v_change);
                CONTINUE;
            END IF;
            v_together := v_together || jsonb_build_array(v_change);
            v_places := v_places || v_n;
        END LOOP;
        IF v_places <> '{}' THEN
            FOR v_row IN
                SELECT r.n, r.result
                FROM jsonb_array_elements(hub_write_changes(v_venue, v_group, v_epoch, v_at, v_written, v_together))
                    WITH ORDINALITY AS r(result, n)
            LOOP
                v_results[v_places[v_row.n]] := v_row.result;
            END LOOP;
        END IF;
    END LOOP;
    RETURN jsonb_build_object('epoch', v_epoch, 'at', v_at, 'results', to_jsonb(v_results));
END $$;

-- The streams of a change's events.
CREATE OR REPLACE FUNCTION hub_streams_of(p_change jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT jsonb_array_elements(coalesce(p_change->'events', '[]'))->>'stream')
$$;
