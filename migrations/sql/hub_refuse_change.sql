-- A trigger's: nothing that was written is changed or removed, but for rows whose time is over, by whoever says so for
-- its transaction (hub.store.retention).
CREATE OR REPLACE FUNCTION hub_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('hub.forgetting', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'events are append-only';
END $$;
