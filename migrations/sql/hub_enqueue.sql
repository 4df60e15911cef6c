-- The mails that changes of bookings make necessary, one row of the outbox a notice. p_changes are those of hub_commit,
-- p_bookings the ids of their bookings, and p_guests says of each guest {email, language, account, verified, erased}. A
-- change has its notices in columns: {guest, house, kinds, leads, audiences, dues}, where house is the address of that
-- audience. A null due time is now; one that is past is left out, as are those to a guest without an address.
--
-- To an address that its owner has not verified go few a day; what is more is written as dropped. For a guest without an
-- account staff wrote the address down: it gets every mail, as few of them. So that the count is true, the caller has
-- locked the row of such a guest or of the account, and only one of p_changes is theirs. Raises HB002 for a guest who was
-- erased while the last request was under way.
CREATE OR REPLACE FUNCTION hub_enqueue(p_venue bigint, p_changes jsonb, p_bookings bigint[], p_guests jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_limited text[] := ARRAY['confirmed', 'canceled'];
    v_without_account text[] := ARRAY['confirmed', 'canceled', 'rescheduled'];
BEGIN
    IF p_guests @? '$.* ? (@.erased == true)' THEN
        RAISE EXCEPTION 'the guest is erased' USING ERRCODE = 'HB002';
    END IF;
    INSERT INTO outbox (kind, topic, target, payload, venue_id, booking_id, ordering_key, due_at, request_id,
                        dropped_at, last_error)
    SELECT 'mail', n.topic, CASE n.audience WHEN 'guest' THEN t.email ELSE t.change->'notices'->>'house' END,
           jsonb_build_object('revision', t.change->'booking'->'revision', 'lead_minutes', n.lead,
                              'audience', n.audience, 'language', t.guest->'language'),
           p_venue, t.booking, 'booking:' || t.booking, coalesce(n.due, clock_timestamp()), t.change->>'request',
           CASE WHEN t.excess IS NOT NULL AND n.is_limited THEN clock_timestamp() END,
           CASE WHEN n.is_limited THEN t.excess END
    FROM (
        SELECT c.n AS place, c.change, g.guest, g.guest->>'email' AS email, p_bookings[c.n] AS booking,
               CASE WHEN g.guest->>'email' IS NULL OR (g.guest->>'verified')::boolean THEN NULL
                    WHEN (g.guest->>'account')::boolean THEN hub_too_many_mails(g.guest->>'email', v_limited)
                    ELSE hub_too_many_mails(g.guest->>'email', v_without_account) END AS excess
        FROM jsonb_array_elements(p_changes) WITH ORDINALITY AS c(change, n),
            LATERAL (SELECT p_guests->(c.change->'notices'->>'guest') AS guest) g
        WHERE c.change ? 'notices'
    ) t, jsonb_to_record(t.change->'notices') AS a(kinds text[], leads integer[], audiences text[], dues timestamptz[]),
        LATERAL (
            SELECT m.*, m.audience = 'guest' AND (
                m.topic = ANY (v_limited)
                -- Its reminders go with the mail that is counted.
                OR NOT (t.guest->>'account')::boolean AND m.topic IN ('rescheduled', 'reminder')) AS is_limited
            FROM unnest(a.kinds, a.leads, a.audiences, a.dues) WITH ORDINALITY AS m(topic, lead, audience, due, place)
        ) n
    WHERE (n.due IS NULL OR n.due > clock_timestamp()) AND (n.audience <> 'guest' OR t.email IS NOT NULL)
    ORDER BY t.place, n.place;
END $$;
