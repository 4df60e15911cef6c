-- The timeline that this server writes on; null of a standby. The write position says it at once after a promotion,
-- where the control file still says the old one.
CREATE OR REPLACE FUNCTION hub_timeline() RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN NOT pg_is_in_recovery() THEN substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END
$$;

-- The database's epoch; a new one when the server was promoted since.
CREATE OR REPLACE FUNCTION hub_epoch() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_epoch text;
    v_timeline text;
    v_now text := hub_timeline();
BEGIN
    SELECT h.epoch, h.timeline INTO v_epoch, v_timeline FROM hub h;
    IF v_timeline <> v_now THEN
        UPDATE hub SET epoch = substr(md5(gen_random_uuid()::text), 1, 8), timeline = v_now WHERE timeline <> v_now;
        SELECT h.epoch INTO v_epoch FROM hub h;
    END IF;
    RETURN v_epoch;
END $$;
