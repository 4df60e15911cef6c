-- The rows of a change that are neither bookings nor occupancies: parts of hub_commit, which says what the change holds.

-- A block, a hold or an entry of the waitlist. Gives the id of the row; p_booking is the change's booking, where it has
-- one. Other entries of the waitlist ("waits") come at their own revision, with another quote; or at the next one, ended.
-- Those may have another place too. "named" are the name and the phone number that the guest of the entry gets. Raises
-- HB002 for an entry on the list of a guest who was erased, HB003 for what is not as was decided on, and HB006 for a guest
-- who was to be called otherwise, and is known by more than the entry.
CREATE OR REPLACE FUNCTION hub_write_other(
    p_venue bigint, p_group bigint, p_change jsonb, p_booking bigint, p_at timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_block jsonb := p_change->'block';
    v_hold jsonb := p_change->'hold';
    v_wait jsonb := p_change->'wait';
    v_id bigint;
    v_guest bigint;
    v_replaced bigint;
    v_count integer;
BEGIN
    FOR v_replaced IN SELECT r::bigint FROM jsonb_array_elements_text(coalesce(p_change->'replaced', '[]')) AS r LOOP
        DELETE FROM holds WHERE venue_id = p_venue AND id = v_replaced;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'hold % is not what its day shows', v_replaced USING ERRCODE = 'HB003';
        END IF;
    END LOOP;
    IF v_block IS NOT NULL AND v_block->>'id' IS NULL THEN
        INSERT INTO blocks AS b (venue_id, service_date, table_ids, starts_at, ends_at, reason)
        SELECT p_venue, r.service_date, r.table_ids, r.starts_at, r.ends_at, r.reason
        FROM jsonb_populate_record(NULL::blocks, v_block) AS r RETURNING b.id INTO v_id;
    ELSIF v_block IS NOT NULL THEN
        v_id := (v_block->>'id')::bigint;
        UPDATE blocks b SET starts_at = r.starts_at, ends_at = r.ends_at, table_ids = r.table_ids,
            revision = r.revision, removed_at = CASE WHEN v_block ? 'removed' THEN p_at END
        FROM jsonb_populate_record(NULL::blocks, v_block) AS r
        WHERE b.venue_id = p_venue AND b.id = v_id AND b.removed_at IS NULL AND b.revision = r.revision - 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'block % is not what its day shows', v_id USING ERRCODE = 'HB003';
        END IF;
        DELETE FROM occupancies WHERE venue_id = p_venue AND block_id = v_id;
    END IF;
    IF v_hold IS NOT NULL AND v_hold->>'id' IS NULL THEN
        INSERT INTO holds AS h (venue_id, service_date, table_ids, starts_at, ends_at, guests, digest, made_by_id,
                                expires_at)
        SELECT p_venue, r.service_date, r.table_ids, r.starts_at, r.ends_at, r.guests, r.digest, r.made_by_id,
               r.expires_at
        FROM jsonb_populate_record(NULL::holds, v_hold) AS r RETURNING h.id INTO v_id;
    ELSIF v_hold ? 'expires_at' THEN
        v_id := (v_hold->>'id')::bigint;
        UPDATE holds SET expires_at = (v_hold->>'expires_at')::timestamptz WHERE venue_id = p_venue AND id = v_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'hold % is not what its day shows', v_id USING ERRCODE = 'HB003';
        END IF;
    ELSIF v_hold IS NOT NULL THEN
        v_id := coalesce(v_id, (v_hold->>'id')::bigint);
        DELETE FROM holds WHERE venue_id = p_venue AND id = (v_hold->>'id')::bigint;  -- what it took goes with it
        IF NOT FOUND THEN
            RAISE EXCEPTION 'hold % is not what its day shows', v_hold->>'id' USING ERRCODE = 'HB003';
        END IF;
    END IF;
    IF v_wait IS NOT NULL AND v_wait->>'id' IS NULL THEN
        INSERT INTO waitlist AS w (venue_id, group_id, service_date, guest_id, guests, area_id, status, place,
                                   joined_at, quoted_from, quoted_until, promised_until)
        SELECT p_venue, p_group, r.service_date, r.guest_id, r.guests, r.area_id, r.status, r.place, r.joined_at,
               r.quoted_from, r.quoted_until, r.promised_until
        FROM jsonb_populate_record(NULL::waitlist, v_wait) AS r
        JOIN guests g ON g.group_id = p_group AND g.id = r.guest_id AND g.erased_at IS NULL RETURNING w.id INTO v_id;
        IF v_id IS NULL THEN
            RAISE EXCEPTION 'guest % was erased', v_wait->>'guest_id' USING ERRCODE = 'HB002';
        END IF;
    ELSIF v_wait IS NOT NULL THEN
        v_id := coalesce(v_id, (v_wait->>'id')::bigint);
        SELECT w.guest_id INTO v_guest FROM waitlist w WHERE w.venue_id = p_venue AND w.id = (v_wait->>'id')::bigint;
        UPDATE waitlist w SET guest_id = r.guest_id, guests = r.guests, area_id = r.area_id, status = r.status, place = r.place,
            quoted_from = r.quoted_from, quoted_until = r.quoted_until, promised_until = r.promised_until,
            revision = r.revision, changed_at = p_at, booking_id = CASE WHEN r.status = 'seated' THEN p_booking END
        FROM jsonb_populate_record(NULL::waitlist, v_wait) AS r
        WHERE w.venue_id = p_venue AND w.id = (v_wait->>'id')::bigint AND w.revision = r.revision - 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'entry % of the waitlist is not what its day shows', v_wait->>'id'
                USING ERRCODE = 'HB003';
        END IF;
        PERFORM FROM guests g WHERE g.group_id = p_group AND g.id = (v_wait->>'guest_id')::bigint
            AND (g.erased_at IS NULL OR v_wait->>'status' NOT IN ('waiting', 'ready', 'here'));
        IF NOT FOUND THEN
            RAISE EXCEPTION 'guest % was erased', v_wait->>'guest_id' USING ERRCODE = 'HB002';
        END IF;
        IF p_change ? 'named' THEN
            -- Whoever books for a guest holds their row, and so does this commit: nobody else shows them.
            UPDATE guests g SET name = p_change->'named'->>'name', phone = p_change->'named'->>'phone', changed_at = p_at
            WHERE g.group_id = p_group AND g.id = v_guest AND NOT hub_known_beside(g.id, (v_wait->>'id')::bigint);
            IF NOT FOUND THEN
                RAISE EXCEPTION 'guest % is known beside entry %', v_guest, v_wait->>'id' USING ERRCODE = 'HB006';
            END IF;
        ELSIF v_guest <> (v_wait->>'guest_id')::bigint THEN
            -- Of who was put down by mistake nothing is to stay that names anybody, as when a guest is erased.
            PERFORM FROM guests g WHERE g.group_id = p_group AND g.id = v_guest FOR UPDATE SKIP LOCKED;
            IF FOUND AND NOT hub_known_beside(v_guest, (v_wait->>'id')::bigint) AND NOT hub_is_noted(v_guest) THEN
                PERFORM hub_erase_guests(ARRAY[v_guest]);
            END IF;
        END IF;
    END IF;
    IF p_change ? 'waits' THEN
        UPDATE waitlist w SET status = r.status, place = r.place, quoted_from = r.quoted_from,
            quoted_until = r.quoted_until, revision = r.revision, changed_at = CASE WHEN w.revision = r.revision THEN w.changed_at ELSE p_at END
        FROM jsonb_populate_recordset(NULL::waitlist, p_change->'waits') AS r
        WHERE w.venue_id = p_venue AND w.id = r.id AND w.revision IN (r.revision, r.revision - 1)
          AND w.status IN ('waiting', 'ready', 'here');
        GET DIAGNOSTICS v_count = ROW_COUNT;
        IF v_count <> jsonb_array_length(p_change->'waits') THEN
            RAISE EXCEPTION 'an entry of the waitlist is not what its day shows' USING ERRCODE = 'HB003';
        END IF;
    END IF;
    RETURN v_id;
END $$;

-- A table, an area, or combinations. Gives the id of the row, of a table where there are several.
CREATE OR REPLACE FUNCTION hub_write_floor(p_venue bigint, p_group bigint, p_change jsonb, p_at timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_table jsonb := p_change->'table';
    v_area jsonb := p_change->'area';
    v_combination jsonb;
    v_id bigint;
    v_made bigint;
BEGIN
    IF v_table IS NOT NULL AND v_table->>'id' IS NULL THEN
        INSERT INTO tables AS t (venue_id, group_id, name, seats, area_id, place)
        SELECT p_venue, p_group, r.name, r.seats, r.area_id, r.place
        FROM jsonb_populate_record(NULL::tables, v_table) AS r RETURNING t.id INTO v_id;
    ELSIF v_table IS NOT NULL THEN
        v_id := (v_table->>'id')::bigint;
        UPDATE tables t SET name = r.name, seats = r.seats, revision = r.revision, area_id = r.area_id,
            place = r.place, retired_at = CASE WHEN (v_table->>'retired')::boolean THEN p_at END
        FROM jsonb_populate_record(NULL::tables, v_table) AS r
        WHERE t.venue_id = p_venue AND t.id = v_id AND t.retired_at IS NULL AND t.revision = r.revision - 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'table % is not what the floor shows', v_id USING ERRCODE = 'HB003';
        END IF;
    END IF;
    IF v_area IS NOT NULL AND v_area->>'id' IS NULL THEN
        INSERT INTO areas AS a (venue_id, name, rank)
        SELECT p_venue, r.name, r.rank FROM jsonb_populate_record(NULL::areas, v_area) AS r RETURNING a.id INTO v_id;
    ELSIF v_area IS NOT NULL THEN
        v_id := (v_area->>'id')::bigint;
        UPDATE areas a SET name = r.name, rank = r.rank, revision = r.revision,
            retired_at = CASE WHEN (v_area->>'retired')::boolean THEN p_at END
        FROM jsonb_populate_record(NULL::areas, v_area) AS r
        WHERE a.venue_id = p_venue AND a.id = v_id AND a.retired_at IS NULL AND a.revision = r.revision - 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'area % is not what the floor shows', v_id USING ERRCODE = 'HB003';
        END IF;
    END IF;
    FOR v_combination IN SELECT c FROM jsonb_array_elements(coalesce(p_change->'combinations', '[]')) AS c LOOP
        v_made := (v_combination->>'id')::bigint;
        IF v_made IS NULL THEN
            INSERT INTO combinations AS c (venue_id, name, min_guests, max_guests)
            SELECT p_venue, r.name, r.min_guests, r.max_guests
            FROM jsonb_populate_record(NULL::combinations, v_combination) AS r RETURNING c.id INTO v_made;
        ELSE
            UPDATE combinations c SET name = r.name, min_guests = r.min_guests, max_guests = r.max_guests,
                revision = r.revision, retired_at = CASE WHEN (v_combination->>'retired')::boolean THEN p_at END
            FROM jsonb_populate_record(NULL::combinations, v_combination) AS r
            WHERE c.venue_id = p_venue AND c.id = v_made AND c.retired_at IS NULL AND c.revision = r.revision - 1;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'combination % is not what the floor shows', v_made USING ERRCODE = 'HB003';
            END IF;
            DELETE FROM combination_tables WHERE venue_id = p_venue AND combination_id = v_made;
        END IF;
        INSERT INTO combination_tables (venue_id, combination_id, table_id)
        SELECT p_venue, v_made, t::bigint FROM jsonb_array_elements_text(v_combination->'tables') AS t;
        v_id := coalesce(v_id, v_made);
    END LOOP;
    RETURN v_id;
END $$;
