"""The steps of a booking's transaction as functions, so that the hot path is one round trip and each step has one home."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return r"""
-- A stream's row lock, made if it is missing; returns its version as of the lock.
CREATE FUNCTION hub_lock(p_stream text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_version bigint;
BEGIN
    LOOP
        SELECT version INTO v_version FROM streams WHERE name = p_stream FOR UPDATE;
        IF FOUND THEN
            RETURN v_version;
        END IF;
        INSERT INTO streams (name, version) VALUES (p_stream, 0) ON CONFLICT (name) DO NOTHING;
    END LOOP;
END $$;

-- The next event of a stream whose row the transaction holds.
CREATE FUNCTION hub_append(
    p_stream text, p_kind text, p_data jsonb, p_actor bigint, p_request text, OUT version bigint, OUT at timestamptz
) LANGUAGE plpgsql AS $$
BEGIN
    UPDATE streams s SET version = s.version + 1 WHERE s.name = p_stream RETURNING s.version INTO version;
    at := clock_timestamp();
    INSERT INTO events (stream, version, kind, data, actor, request_id, at)
    VALUES (p_stream, version, p_kind, p_data, p_actor, p_request, at);
END $$;

-- An instant as events and boards write it.
CREATE FUNCTION hub_instant(p_at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

-- A booking as a board holds it: the one form in events, checkpoints and loads.
CREATE FUNCTION hub_entry(
    p_id bigint, p_user bigint, p_table bigint, p_guests integer, p_starts timestamptz, p_ends timestamptz,
    p_status text, p_revision integer
) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'user_id', p_user, 'table_id', p_table, 'guests', p_guests, 'starts_at', hub_instant(p_starts),
        'ends_at', hub_instant(p_ends), 'status', p_status, 'revision', p_revision,
        'occupied', coalesce((
            SELECT jsonb_agg(jsonb_build_array(o.table_id, hub_instant(o.starts_at), hub_instant(o.ends_at))
                             ORDER BY o.table_id, o.starts_at)
            FROM occupancies o WHERE o.booking_id = p_id), '[]'::jsonb))
$$;

-- Whether a table is taken in [p_starts, p_ends) by another booking than p_booking; asked through the constraint's index.
CREATE FUNCTION hub_taken(p_table bigint, p_starts timestamptz, p_ends timestamptz, p_booking bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM occupancies o
        WHERE int8range(o.table_id, o.table_id, '[]') && int8range(p_table, p_table, '[]')
          AND tstzrange(o.starts_at, o.ends_at, '[)') && tstzrange(p_starts, p_ends, '[)')
          AND o.booking_id <> p_booking);
END $$;

-- The table for so many guests in [p_starts, p_ends): the named one, or the smallest that fits and is free; locked, so
-- that it can't be retired or made smaller before this transaction ends. Called under the day's lock.
CREATE FUNCTION hub_choose(
    p_table bigint, p_guests integer, p_starts timestamptz, p_ends timestamptz, p_booking bigint,
    OUT refusal text, OUT table_id bigint, OUT table_name text, OUT table_seats integer
) LANGUAGE plpgsql AS $$
BEGIN
    IF p_table IS NOT NULL THEN
        SELECT t.id, t.name, t.seats INTO table_id, table_name, table_seats
        FROM tables t WHERE t.id = p_table AND t.retired_at IS NULL FOR SHARE;
        IF NOT FOUND THEN
            refusal := 'not_found';
        ELSIF table_seats < p_guests THEN
            refusal := 'table_too_small';
        ELSIF hub_taken(p_table, p_starts, p_ends, p_booking) THEN
            refusal := 'slot_taken';
        END IF;
        RETURN;
    END IF;
    LOOP
        SELECT t.id INTO table_id FROM tables t
        WHERE t.retired_at IS NULL AND t.seats >= p_guests AND NOT EXISTS (
            SELECT FROM occupancies o
            WHERE int8range(o.table_id, o.table_id, '[]') && int8range(t.id, t.id, '[]')
              AND tstzrange(o.starts_at, o.ends_at, '[)') && tstzrange(p_starts, p_ends, '[)')
              AND o.booking_id <> p_booking)
        ORDER BY t.seats, t.id LIMIT 1;
        IF NOT FOUND THEN
            refusal := CASE
                WHEN EXISTS (SELECT FROM tables t WHERE t.retired_at IS NULL AND t.seats >= p_guests)
                THEN 'slot_taken' ELSE 'table_too_small' END;
            RETURN;
        END IF;
        -- The lock may have waited for a change of the table: look again, and choose anew if it no longer fits.
        SELECT t.name, t.seats INTO table_name, table_seats FROM tables t
        WHERE t.id = table_id AND t.retired_at IS NULL AND t.seats >= p_guests FOR SHARE;
        IF FOUND THEN
            RETURN;
        END IF;
    END LOOP;
END $$;

-- What was free when a slot was refused: the room, and what is taken in [p_opens, p_closes).
CREATE FUNCTION hub_situation(p_opens timestamptz, p_closes timestamptz) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object(
        'tables', (SELECT coalesce(jsonb_agg(jsonb_build_array(t.id, t.name, t.seats)), '[]'::jsonb)
                   FROM tables t WHERE t.retired_at IS NULL),
        'taken', (SELECT coalesce(jsonb_agg(jsonb_build_array(
                             o.table_id, hub_instant(o.starts_at), hub_instant(o.ends_at), o.booking_id)), '[]'::jsonb)
                  FROM tables t, occupancies o
                  WHERE t.retired_at IS NULL
                    AND int8range(o.table_id, o.table_id, '[]') && int8range(t.id, t.id, '[]')
                    AND tstzrange(o.starts_at, o.ends_at, '[)') && tstzrange(p_opens, p_closes, '[)')))
$$;

-- The notices that a change owes, one row an element of the arrays. A null due time is now; one that is past is not owed.
CREATE FUNCTION hub_owe(
    p_booking bigint, p_revision integer, p_user bigint, p_house text,
    p_kinds text[], p_leads integer[], p_audiences text[], p_dues timestamptz[]
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO deliveries (booking_id, revision, kind, lead_minutes, audience, recipient, language, due_at)
    SELECT p_booking, p_revision, n.kind, n.lead, n.audience,
           CASE n.audience WHEN 'guest' THEN u.email ELSE p_house END, u.language,
           coalesce(n.due, clock_timestamp())
    FROM unnest(p_kinds, p_leads, p_audiences, p_dues) AS n(kind, lead, audience, due), users u
    WHERE u.id = p_user AND (n.due IS NULL OR n.due > clock_timestamp())
$$;

-- Book, in one round trip: the day's lock first, then the table, then the clock, then the rows.
-- Returns one row; refusal is null or a code, and then nothing was written but (perhaps) an empty stream.
CREATE FUNCTION hub_book(
    p_user bigint, p_stream text, p_day date, p_starts timestamptz, p_ends timestamptz, p_guests integer,
    p_table bigint, p_from timestamptz, p_until timestamptz, p_opens timestamptz, p_closes timestamptz,
    p_request text, p_house text, p_kinds text[], p_leads integer[], p_audiences text[], p_dues timestamptz[],
    OUT refusal text, OUT booking_id bigint, OUT table_id bigint, OUT table_name text, OUT table_seats integer,
    OUT created_at timestamptz, OUT version bigint, OUT at timestamptz, OUT entry jsonb, OUT situation jsonb
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hub_lock(p_stream);
    SELECT c.refusal, c.table_id, c.table_name, c.table_seats INTO refusal, table_id, table_name, table_seats
    FROM hub_choose(p_table, p_guests, p_starts, p_ends, 0) c;
    at := clock_timestamp();
    IF at < p_from OR at >= p_until THEN
        refusal := 'time';
    END IF;
    IF refusal = 'slot_taken' THEN
        situation := hub_situation(p_opens, p_closes);
    END IF;
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    created_at := at;
    INSERT INTO bookings AS b (user_id, table_id, guests, starts_at, ends_at, service_date, status, revision,
                               created_at, updated_at)
    VALUES (p_user, hub_book.table_id, p_guests, p_starts, p_ends, p_day, 'booked', 1, at, at)
    RETURNING b.id INTO booking_id;
    INSERT INTO occupancies (table_id, booking_id, starts_at, ends_at)
    VALUES (hub_book.table_id, hub_book.booking_id, p_starts, p_ends);
    entry := hub_entry(booking_id, p_user, table_id, p_guests, p_starts, p_ends, 'booked', 1);
    SELECT a.version, a.at INTO version, at
    FROM hub_append(p_stream, 'booked', jsonb_build_object('booking', booking_id, 'entry', entry), p_user, p_request) a;
    PERFORM hub_owe(booking_id, 1, p_user, p_house, p_kinds, p_leads, p_audiences, p_dues);
END $$;
"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
DROP FUNCTION hub_book;
DROP FUNCTION hub_owe;
DROP FUNCTION hub_situation;
DROP FUNCTION hub_choose;
DROP FUNCTION hub_taken;
DROP FUNCTION hub_entry;
DROP FUNCTION hub_instant;
DROP FUNCTION hub_append;
DROP FUNCTION hub_lock;
"""


MODELS_STATE = (
    "eJztXVlz2zgS/isovUymSnZZ8rnJk+I4E+8k9pSt3ZmaJEVCJCSxTAEKAVpxzfq/LxokxZ"
    "shZR0UwydbABoAvwYbfQDNfzozZhKbH75l7MGik85r9E+H4hmR/ySruqiD5/OwAgoEHtmq"
    "7chrpArxiAsHG0KWj7HNiSwyCTccay4sRqH1n1OGTIsSjhZTQg+RrquOdB1ZHIkpQYwS+R"
    "cLtMAcQd/EfIMsgSh5JA4yiWGZHrFs7CCMFLkixg+yQ5iFyQw5De+ZtjKgS61vLtEEm6hG"
    "ctjPX2WxRU3ynXD4+bnjcuJolgnNucCO4BoWHdnqc0dWPFoG0UwsSOcrEM4ftLFFbDPGE4"
    "9WlWviaa7K3lqTayreq7bw4CPNYLY7o2H7+ZOYMroksKiA0gmhxJHDwQjCcYFP1LVtn6UB"
    "67zHCpt4zxOhMckYuzZwG6i9CYRlHU27uR1q91dDTeukVkJAEeGVX2QwCqtITpUrACYwhY"
    "N/9fvHx+f9o+Ozi9OT8/PTi6ML2VbNN111/uxNJkTL60phdv3b9c0QJsTkUvXWMBQ8Kxos"
    "sEel2BaiP3EJFzzNgfsZtu1cHoRUP+ZDgHoRI4KCkBPha7Y9Vhz3z8+W4MOPIrjvPw0+fg"
    "zwDfEM34EUpO8kIMKakWxIY4QJVE2f8jD4Zw8xLoByeP3p6n44+PQHdD/j/Jut4BoMr6Cm"
    "r0qfEqWvzn6NL/VlJ+jP6+EHBD/R37c3VwpOxsXEUSOG7YZ/d2BO2BVMo2yhYTOKSVAcFM"
    "WYTKi5CosjZC2Da83g2NaVyeWclzhBV8TmZrEY2JYWhcLN2Foup9jJlYE+RQI4OYk9hKsz"
    "w981m9CJmMqfFwXo/Xdwd/lhcPfqIrHmb/yKPtTE0XXIo8VhQil8c3ftKEmT9u1+7+T85O"
    "L47GS5eS9Linbw9OZtOAQefgXRHqdspXutpbs7N1dkc5yyZXOt2WxgahB7tdc5TroGRvuW"
    "Zcvn9fNZOS60qm6EKFWTNsOt+BMisjR0/5THPkLUQl8JevCijR8yPTkAapoN75lDrAn9nT"
    "wpVlzLeYNsy4De943+x+9mz1jwHKyxoDSUuQ5eLN2O0aUnn10+MRHq6e+kGLq7vhx20qJl"
    "DaAOg34aimpUmObACit3hI2HBXZMLWcJSzrrkTgWybAa3/q073+/IzYW2WaMD/c7r5+nBi"
    "EeW5bMMNy5XHEvBurW76hRSMFKY30WWWGxtZeumvVnyRJM8UQ9EowNIyVXVkZUKbrq8sNK"
    "8TX+48DSAFEmLMOP5WBkTDGdEMQWhHfRwrGEIBRZVIV8vLpfuMQBUy67lX100RxbJho9Sd"
    "oFcx6Ik44lbWCML/QL1XUsKWdzwXUdGcyVjEOSZkEcjthY9TbDlo3Aa0acLtJ1W6qGsq1N"
    "MCfcm40cBTFXvIFagk1tZlFXEO7FuY7QyBVozBzkkBmsQ4fnBa4+BwE9qI96QmSZklvR3h"
    "VrXNMiINW/JmJebSSrlpGs1iG2fodY8G6UdeAG7Rvovu31Svhve71cBy5UxcFNCpySizZJ"
    "1i7cjIW7FN4VFm+UpoEL+LTE+j3NXb6n6fiDYc0lXhm+tXyIY0QNxLh/elICZdkqF2dVl5"
    "ATUuFypTpaBegoTQNxXnMszZS6YnUncUjVBgJq7SA2bCyZYGrSALHsyqGAJHEbDKgzrwOL"
    "s4JCFSVplakMZQqs8ioKqt+8xTIDSy6Vn1VOB4Zkrfyps/wxHTafrxRzjlO2XK4zl8fYWu"
    "1gQYyw5XGdeWxjLjTiOCwjqjok3/M2vxjVSqbXHvH06q9hjJ2BjfXq0+CvX2Ms/Xh781vQ"
    "PGKTXX68fZvYIX03feVDBXG6Jikfuz1XEAmbvDAKHrl2tWeMKBsHj6/BWCT8cnB/OXh3VR"
    "QI32Tg8uqRqFmnopZeRbcoZEmgSclw5S0ly/DhGGEk2xM86yLZO6HmAaP2E9xVgyiOrqMp"
    "k3NHlglxQRPBnse7/gU1jGCikhDNp3CVjbqzkSxmsoYicgCBw3Qgc+ujZwYavVGhWnal4k"
    "ttCLE2kq5bEEIMGVf+xkJA0UAv63G/hJv1uJ/rZ4Wq+N4evA+V1niEqN3VVz6o2YZyw1Du"
    "WZlQbtL2iIRyz1IBBClR0uD++/72JsfW99snLUDLEOh/yLb4Pq7rAlABiWJDIWkTdOMGHX"
    "SQNBSkHpJlmxWJkiXJSoKkZobZbuSIQ77B5e9M86wo8BulaoJZHBcpZ2Xivmf5Yd+zVNS3"
    "um+pjUXW1KuUMq53YwJ+cEedDAMQirtF5t/Ub1DK9nPY4hANkITNgmI4pKnrZM6M6Wtfj9"
    "P1N9KskpBKUUxMMKn4AuwzE8GuOMKcIGlMcTDByAIp0mxDb3ND/TjvSSUDrjiXxjr9VXWw"
    "4VbPopFvmCnWVNlvlgQNVF/XfPiFP3FBZnJnJlRYss8MlarA/s0ibiDm6zGFa7IRhLc+Mr"
    "aD2JWQ/E0hcQWl3OagqLtoKmcJlwXAseZ7TLuIeW63KbbHB2xOqPLHHaLhlCDy3bBdkOco"
    "5BGyQXBThsSCKVobz7O3iW0MuuYNo/X4bc/j16ZraqTO3aZr+okYXO+QcVOlapuBoY7h+v"
    "bKerlQfYkr6xkiZg3ArvUUxDZly/4fgrgnnHsPnTJ7gqpCo4d7jSpYPDabHFi0i8YOmyFd"
    "D9OE6TpSNwrAZSW56RVBfl44kBCk8BXsgdBfwK3FLVPXs+2b9Q/RWjM1Fv1F1kybv+6nUH"
    "eDt3kFg6Y9e7wXHG6zatVFnW6zar0kq9au9T3vdF6Wurc8t1eg7ak2JZU9cBlPCTaj505f"
    "q6OmT6/7R/2zg17voH8iVTLmBJ9q4FLdQtdSG3PYQmpxxoOsgww2CNu2yrqzzJODhd9jWg"
    "Pc4rgvUAvV39RblB9WCtqvJ5K0W81wI0cq83XA9ojlbreO3Ui6oc+IlKBbunHy5ZwnFMqJ"
    "uYH/mZiFJaao98XtH/WO+0eIS+uBw2EMh8zYIxy1oOpTMo7UJR1idhFnnjiZYy6C8BtHBq"
    "ZSwFhS7MCspWWalZps8wO29m6NX7AiWbfbbWXXMm7DBxDVK5ZGt/gw05KoSdvIOr4L1Lpm"
    "clFukuHu7z8rsDlO2bpn6sblCopeKmr0wiy9zbs3+9xmM65DNmPllcowGgJvVb7NAA6fsi"
    "YDRdhQ2X/h6i2Bq7Ne8l7/VLZFkc0WxJHKOSeQ5lfduNW8G7deS5i2yvIruc4habBJvGTD"
    "BpvJhzMzzIYtDdqaDntqOqglUcV2WBI0zie1kaSV0fepCsxJurVcFasR2Ou/Uz2Wo2pVLe"
    "EYUQPN4f5pmXS3slXBmk6lvJ1jzhdMbrpTzCvdRkkRtoiXQ9xhWWfZCq6Z+u0biO+a0ze3"
    "SYU3fa+q9fjk4r7vvoAYm1W6oZXYHKPcDpt3cF50b7ncenw25fGJnqNdHaTIkd2mgLRJZ8"
    "+AOJYx7WS4e/yabpHDB4dtfuTxyYdhzd6Sn8VV8sLk0yucFcnXAfNPijRBBdyIEQMvVQWE"
    "/eYNRLd3dFQCXdkqP/MW1CXUbEZF5ldo8rNvRUjaBFwVE3Dt9LzT8/8Bmn+2yQ=="
)
