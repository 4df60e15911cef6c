-- A mail with a link about the account of this address: verify, or reset. One row is written whoever it is for, so
-- that nobody can tell by the time whether there is such an account; rows for nobody are kept for a day.
CREATE OR REPLACE FUNCTION hub_enqueue_link(p_email text, p_topic text, p_request text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_user users;
    v_excess text;
BEGIN
    DELETE FROM outbox WHERE booking_id IS NULL AND user_id IS NULL
        AND created_at < clock_timestamp() - interval '1 day';
    SELECT * INTO v_user FROM users u WHERE u.email = p_email FOR NO KEY UPDATE;
    IF v_user.id IS NULL THEN
        v_excess := 'nobody: no account has this address';
    ELSIF v_user.disabled_at IS NOT NULL THEN
        v_excess := 'stale: the account is disabled';
    ELSE
        v_excess := hub_too_many_mails(p_email, ARRAY[p_topic]);
    END IF;
    INSERT INTO outbox (kind, topic, target, payload, user_id, ordering_key, due_at, request_id, dropped_at, last_error)
    VALUES ('mail', p_topic, CASE WHEN v_user.id IS NULL THEN '' ELSE p_email END,
            jsonb_build_object('revision', 0, 'lead_minutes', 0, 'audience', 'guest',
                               'language', coalesce(v_user.language, 'en')),
            v_user.id, 'account:' || v_user.id, clock_timestamp(), p_request,
            CASE WHEN v_excess IS NOT NULL THEN clock_timestamp() END, v_excess);
END $$;
