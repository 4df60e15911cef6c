-- The mails that a change of a booking makes necessary, one row of the outbox an element of the arrays. A null due time
-- is now; one that is past is left out, as are those to a guest without an address. To an address that its owner has
-- not verified go few a day; what is more is written as dropped. For a guest without an account staff wrote the address
-- down: it gets every mail, as few of them. Raises HB002 for a guest who was erased while the last
-- request was under way.
CREATE OR REPLACE FUNCTION hub_enqueue(
    p_venue bigint, p_booking bigint, p_revision integer, p_guest bigint, p_house text,
    p_topics text[], p_leads integer[], p_audiences text[], p_dues timestamptz[],
    p_request text DEFAULT NULL
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_guest guests;
    v_verified boolean;
    v_excess text;
    v_limited text[] := ARRAY['confirmed', 'canceled'];
BEGIN
    SELECT g.* INTO v_guest FROM venues v JOIN guests g ON g.group_id = v.group_id WHERE v.id = p_venue AND g.id = p_guest;
    SELECT u.verified_at IS NOT NULL INTO v_verified FROM users u WHERE u.id = v_guest.user_id;
    IF v_verified IS NOT TRUE THEN
        -- One change after the other, so that the count is true.
        PERFORM FROM users u WHERE u.id = v_guest.user_id FOR NO KEY UPDATE;
        SELECT * INTO v_guest FROM guests g WHERE g.group_id = v_guest.group_id AND g.id = p_guest FOR NO KEY UPDATE;
    END IF;
    IF v_guest.erased_at IS NOT NULL THEN
        RAISE EXCEPTION 'the guest is erased' USING ERRCODE = 'HB002';
    END IF;
    IF v_guest.user_id IS NULL THEN
        v_limited := v_limited || ARRAY['rescheduled'];
    END IF;
    IF v_verified IS NOT TRUE AND v_guest.email IS NOT NULL THEN
        v_excess := hub_too_many_mails(v_guest.email, v_limited);
    END IF;
    IF v_guest.user_id IS NULL THEN
        v_limited := v_limited || ARRAY['reminder'];  -- they go with the mail that is counted
    END IF;
    INSERT INTO outbox (kind, topic, target, payload, venue_id, booking_id, ordering_key, due_at, request_id,
                        dropped_at, last_error)
    SELECT 'mail', n.topic, CASE n.audience WHEN 'guest' THEN v_guest.email ELSE p_house END,
           jsonb_build_object('revision', p_revision, 'lead_minutes', n.lead, 'audience', n.audience,
                              'language', v_guest.language),
           p_venue, p_booking, 'booking:' || p_booking, coalesce(n.due, clock_timestamp()), p_request,
           CASE WHEN n.audience = 'guest' AND n.topic = ANY (v_limited) AND v_excess IS NOT NULL
                THEN clock_timestamp() END,
           CASE WHEN n.audience = 'guest' AND n.topic = ANY (v_limited) THEN v_excess END
    FROM unnest(p_topics, p_leads, p_audiences, p_dues) AS n(topic, lead, audience, due)
    WHERE (n.due IS NULL OR n.due > clock_timestamp()) AND (n.audience <> 'guest' OR v_guest.email IS NOT NULL);
END $$;
