-- End all sessions of an account; gives those that were open.
CREATE OR REPLACE FUNCTION hub_end_sessions(p_user bigint) RETURNS SETOF bigint LANGUAGE sql AS $$
    UPDATE sessions SET ended_at = clock_timestamp() WHERE user_id = p_user AND ended_at IS NULL RETURNING id
$$;
