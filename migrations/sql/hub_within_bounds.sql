-- One row when an account may have one more booking in this venue at this time, none when not; 0 is no bound. The lock
-- on the account's bookings is kept until the end of the transaction.
CREATE OR REPLACE FUNCTION hub_within_bounds(
    p_venue bigint, p_user bigint, p_starts timestamptz, p_ends timestamptz, p_booking bigint, p_most integer,
    p_overlapping integer
) RETURNS TABLE (user_id bigint) LANGUAGE plpgsql AS $$
BEGIN
    IF p_most > 0 OR p_overlapping > 0 THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('hub bookings of ' || p_user, 0));
        IF p_most > 0 AND p_most <= (
            SELECT count(*) FROM bookings b
            WHERE b.user_id = p_user AND b.venue_id = p_venue AND b.id <> p_booking AND b.starts_at > clock_timestamp()
              AND b.status NOT IN ('canceled', 'no_show', 'finished')
        ) THEN
            RETURN;
        END IF;
        -- No slot is longer than a day: the bound from below keeps a guest's long past out of the index scan.
        IF p_overlapping > 0 AND p_overlapping <= (
            SELECT count(*) FROM bookings b
            WHERE b.user_id = p_user AND b.venue_id = p_venue AND b.id <> p_booking
              AND b.starts_at > p_starts - interval '25 hours' AND b.starts_at < p_ends AND b.ends_at > p_starts
              AND b.status NOT IN ('canceled', 'no_show', 'finished')
        ) THEN
            RETURN;
        END IF;
    END IF;
    user_id := p_user;
    RETURN NEXT;
END $$;
