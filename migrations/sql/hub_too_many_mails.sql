-- How a mail on one of these topics to this address is judged: null, or why it is too many. The caller holds what keeps
-- others from writing one to this address at the same time.
CREATE OR REPLACE FUNCTION hub_too_many_mails(p_target text, p_topics text[]) RETURNS text LANGUAGE sql AS $$
    SELECT CASE
        WHEN count(*) FILTER (WHERE o.created_at > clock_timestamp() - interval '1 hour') >= 5
            THEN 'too_many: 5 mails went to this address within an hour'
        WHEN count(*) >= 20 THEN 'too_many: 20 mails went to this address within a day' END
    FROM outbox o
    WHERE o.target = p_target AND o.created_at > clock_timestamp() - interval '1 day' AND o.kind = 'mail'
      AND o.topic = ANY(p_topics) AND o.payload->>'audience' = 'guest' AND o.dropped_at IS NULL
$$;
