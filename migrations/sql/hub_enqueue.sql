-- The mails that a change of a booking makes necessary, one row of the outbox an element of the arrays. A null due time
-- is now; one that is past is left out. To an address that its owner has not verified go few a day; what is more is
-- written as dropped. Raises HB002 for an account that was erased while its last request was under way.
CREATE OR REPLACE FUNCTION hub_enqueue(
    p_booking bigint, p_revision integer, p_user bigint, p_house text,
    p_topics text[], p_leads integer[], p_audiences text[], p_dues timestamptz[],
    p_request text DEFAULT NULL
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_user users;
    v_excess text;
BEGIN
    SELECT * INTO v_user FROM users u WHERE u.id = p_user;
    IF v_user.verified_at IS NULL THEN
        -- One change after the other, so that the count is true.
        SELECT * INTO v_user FROM users u WHERE u.id = p_user FOR NO KEY UPDATE;
    END IF;
    IF v_user.erased_at IS NOT NULL THEN
        RAISE EXCEPTION 'the account is erased' USING ERRCODE = 'HB002';
    END IF;
    IF v_user.verified_at IS NULL THEN
        v_excess := hub_too_many_mails(v_user.email, ARRAY['confirmed', 'canceled']);
    END IF;
    INSERT INTO outbox (kind, topic, target, payload, booking_id, ordering_key, due_at, request_id, dropped_at,
                        last_error)
    SELECT 'mail', n.topic, CASE n.audience WHEN 'guest' THEN v_user.email ELSE p_house END,
           jsonb_build_object('revision', p_revision, 'lead_minutes', n.lead, 'audience', n.audience,
                              'language', v_user.language),
           p_booking, 'booking:' || p_booking, coalesce(n.due, clock_timestamp()), p_request,
           CASE WHEN n.audience = 'guest' AND n.topic IN ('confirmed', 'canceled') AND v_excess IS NOT NULL
                THEN clock_timestamp() END,
           CASE WHEN n.audience = 'guest' AND n.topic IN ('confirmed', 'canceled') THEN v_excess END
    FROM unnest(p_topics, p_leads, p_audiences, p_dues) AS n(topic, lead, audience, due)
    WHERE n.due IS NULL OR n.due > clock_timestamp();
END $$;
