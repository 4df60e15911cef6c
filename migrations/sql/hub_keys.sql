-- Whether the first request with a key is over, and its answer known.
CREATE OR REPLACE FUNCTION hub_is_answered(p_caller text, p_key text) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (
        SELECT FROM idempotency_keys k
        WHERE k.caller = p_caller AND k.key = p_key AND k.answer IS NOT NULL AND k.expires_at > clock_timestamp())
$$;

-- An idempotency key, held until the end of the transaction, and what is known of it: {state}, where state is
-- running (another transaction holds it, and nothing is known), mismatch (another request had it), kept (with answer)
-- or new. It is not waited for: whoever has the first request tells its answer. hub_commit takes the same lock.
CREATE OR REPLACE FUNCTION hub_claim_key(p_caller text, p_key text, p_digest text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_row record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'hub_claim_key needs READ COMMITTED, and this transaction is %',
            upper(current_setting('transaction_isolation')) USING ERRCODE = 'HB001';
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('hub key ' || p_caller || ' ' || p_key, 0))
       AND NOT hub_is_answered(p_caller, p_key) THEN
        RETURN '{"state": "running"}';
    END IF;
    DELETE FROM idempotency_keys WHERE caller = p_caller AND key = p_key AND expires_at <= clock_timestamp();
    SELECT digest, answer INTO v_row FROM idempotency_keys WHERE caller = p_caller AND key = p_key;
    IF NOT FOUND THEN
        RETURN '{"state": "new"}';
    ELSIF v_row.digest <> p_digest THEN
        RETURN '{"state": "mismatch"}';
    END IF;
    RETURN jsonb_build_object('state', 'kept', 'answer', v_row.answer);
END $$;

-- Whether a caller has fewer than p_most keys, and so one more is kept for what changed nothing; null: it is kept anyhow.
CREATE OR REPLACE FUNCTION hub_may_keep(p_caller text, p_most integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT p_most IS NULL
        OR (SELECT count(*) FROM (SELECT FROM idempotency_keys WHERE caller = p_caller LIMIT p_most) k) < p_most
$$;

-- Keep the answer under a key that the transaction holds, for 24 hours.
CREATE OR REPLACE FUNCTION hub_keep_answer(
    p_caller text, p_key text, p_digest text, p_answer jsonb, p_most integer DEFAULT NULL
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO idempotency_keys (caller, key, digest, answer, expires_at)
    SELECT p_caller, p_key, p_digest, p_answer, clock_timestamp() + interval '24 hours'
    WHERE hub_may_keep(p_caller, p_most)
$$;

-- Keep a refusal under a key, if nothing is known of the key and its caller has fewer than p_most; returns what was known.
CREATE OR REPLACE FUNCTION hub_keep_refusal(p_caller text, p_key text, p_digest text, p_answer jsonb, p_most integer)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_known jsonb := hub_claim_key(p_caller, p_key, p_digest);
BEGIN
    IF v_known->>'state' = 'new' THEN
        PERFORM hub_keep_answer(p_caller, p_key, p_digest, p_answer, p_most);
    END IF;
    RETURN v_known;
END $$;
