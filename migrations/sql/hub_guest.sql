-- The guest of an account among the guests of a group, made when there is none; null for no such account, or an erased
-- one. The account's row is shared until the end of the transaction, so no change of its name passes the guest by.
CREATE OR REPLACE FUNCTION hub_guest(p_group bigint, p_user bigint) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO guests AS g (group_id, user_id, name, phone, email, language)
    SELECT p_group, u.id, u.full_name, u.phone_number, u.email, u.language
    FROM users u WHERE u.id = p_user AND u.erased_at IS NULL FOR SHARE
    ON CONFLICT (group_id, user_id) WHERE user_id IS NOT NULL DO UPDATE SET changed_at = g.changed_at
    RETURNING g.id
$$;

-- Whatever an account says of its owner, its guests say too. What else is kept of them goes by hub.commands.guests.
CREATE OR REPLACE FUNCTION hub_copy_to_guests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE guests SET
        name = NEW.full_name, phone = NEW.phone_number, language = NEW.language, changed_at = clock_timestamp(),
        email = CASE WHEN NEW.erased_at IS NULL THEN NEW.email END, erased_at = NEW.erased_at
    WHERE user_id = NEW.id;
    RETURN NULL;
END $$;

-- Nothing in the rows of these guests names anybody any more. What else is kept of them goes by hub.commands.guests.
CREATE OR REPLACE FUNCTION hub_erase_guests(p_guests bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE guests SET
        name = '–', phone = NULL, email = NULL, tags = '[]', changed_at = clock_timestamp(),
        erased_at = coalesce(erased_at, clock_timestamp())
    WHERE id = ANY(p_guests)
$$;

-- What the answer about a booking says of its guest; {} where there is none.
CREATE OR REPLACE FUNCTION hub_guest_facts(p_guest bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_facts jsonb;
BEGIN
    IF p_guest IS NULL THEN
        RETURN '{}';
    END IF;
    SELECT jsonb_build_object('guest', jsonb_build_object('id', g.id, 'name', g.name, 'phone', g.phone, 'email', g.email))
    INTO v_facts FROM guests g WHERE g.id = p_guest;
    RETURN coalesce(v_facts, '{}');
END $$;

-- Whether a guest is known by more than one entry of a waitlist: then another floor may show them.
CREATE OR REPLACE FUNCTION hub_known_beside(p_guest bigint, p_wait bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM guests WHERE id = p_guest AND user_id IS NOT NULL)
        OR EXISTS (SELECT FROM bookings WHERE guest_id = p_guest)
        OR EXISTS (SELECT FROM waitlist WHERE guest_id = p_guest AND id <> p_wait)
$$;

CREATE OR REPLACE FUNCTION hub_is_noted(p_guest bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM guest_notes WHERE guest_id = p_guest)
$$;
