-- Take a stream's lock until the end of the transaction, and make its row when it is missing. Gives its version.
CREATE OR REPLACE FUNCTION hub_lock(p_stream text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_version bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'hub_lock needs READ COMMITTED, and this transaction is %',
            upper(current_setting('transaction_isolation')) USING ERRCODE = 'HB001';
    END IF;
    PERFORM set_config('idle_in_transaction_session_timeout', '10s', true), set_config('lock_timeout', '5s', true);
    -- As hub_commit does: PostgreSQL lets those who share a row pass the one who waits to change it.
    PERFORM pg_advisory_xact_lock(hashtextextended('hub stream ' || p_stream, 0));
    LOOP
        SELECT version INTO v_version FROM streams WHERE name = p_stream FOR UPDATE;
        IF FOUND THEN
            RETURN v_version;
        END IF;
        INSERT INTO streams (name, version) VALUES (p_stream, 0) ON CONFLICT (name) DO NOTHING;
    END LOOP;
END $$;

-- Write the next event of a stream whose lock the transaction holds.
CREATE OR REPLACE FUNCTION hub_append(
    p_stream text, p_kind text, p_data jsonb, p_actor bigint, p_request text,
    OUT version bigint, OUT at timestamptz, OUT id bigint, OUT previous bigint, OUT epoch text
) LANGUAGE plpgsql AS $$
BEGIN
    epoch := hub_epoch();
    SELECT s.version + 1, s.head INTO version, previous FROM streams s WHERE s.name = p_stream;
    at := clock_timestamp();
    INSERT INTO events AS e (stream, version, kind, data, actor, request_id, at)
    VALUES (p_stream, hub_append.version, p_kind, p_data, p_actor, p_request, hub_append.at)
    RETURNING e.id INTO id;
    UPDATE streams s SET version = hub_append.version, head = hub_append.id WHERE s.name = p_stream;
END $$;
