from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE IF NOT EXISTS "events" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "stream" VARCHAR(64) NOT NULL,
    "venue_id" BIGINT NOT NULL,
    "version" BIGINT NOT NULL,
    "kind" VARCHAR(16) NOT NULL,
    "data" JSONB NOT NULL,
    "actor" BIGINT,
    "request_id" VARCHAR(64),
    "at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_events_stream_dfb24b" UNIQUE ("stream", "version")
);
COMMENT ON TABLE "events" IS 'One change of a stream, append-only. ``data`` holds ids and times, never a name, a phone number or an e-mail.';
CREATE TABLE IF NOT EXISTS "hub" (
    "id" SMALLINT NOT NULL PRIMARY KEY,
    "epoch" VARCHAR(8) NOT NULL,
    "system_identifier" VARCHAR(32) NOT NULL,
    "timeline" VARCHAR(8) NOT NULL
);
COMMENT ON TABLE "hub" IS 'One row. A position is ``epoch:version``; a restored, swapped or promoted database gets a new epoch.';
CREATE TABLE IF NOT EXISTS "idempotency_keys" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "caller" VARCHAR(64) NOT NULL,
    "key" VARCHAR(128) NOT NULL,
    "digest" VARCHAR(64) NOT NULL,
    "answer" JSONB,
    "expires_at" TIMESTAMPTZ NOT NULL,
    CONSTRAINT "uid_idempotency_caller_8c6f6a" UNIQUE ("caller", "key")
);
CREATE INDEX IF NOT EXISTS "idx_idempotency_expires_ae52bb" ON "idempotency_keys" ("expires_at");
COMMENT ON TABLE "idempotency_keys" IS 'A key that a caller gave with a write. The same request with it is answered from ``answer`` until ``expires_at``.';
CREATE TABLE IF NOT EXISTS "streams" (
    "name" VARCHAR(64) NOT NULL PRIMARY KEY,
    "venue_id" BIGINT NOT NULL,
    "version" BIGINT NOT NULL,
    "head" BIGINT NOT NULL
);
COMMENT ON TABLE "streams" IS 'The head of a stream: its version and its last event''s id, 0 before the first.';
CREATE TABLE IF NOT EXISTS "users" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "email" VARCHAR(254) NOT NULL UNIQUE,
    "phone_number" VARCHAR(32) UNIQUE,
    "full_name" VARCHAR(255) NOT NULL,
    "password_hash" VARCHAR(255) NOT NULL,
    "role" VARCHAR(5) NOT NULL,
    "language" VARCHAR(8) NOT NULL,
    "revision" INT NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ NOT NULL,
    "changed_at" TIMESTAMPTZ NOT NULL,
    "verified_at" TIMESTAMPTZ,
    "password_confirmed_at" TIMESTAMPTZ,
    "disabled_at" TIMESTAMPTZ,
    "erased_at" TIMESTAMPTZ
);
CREATE INDEX IF NOT EXISTS "idx_users_changed_841eaf" ON "users" ("changed_at");
COMMENT ON TABLE "users" IS 'An account. ``email`` is stored in lower case; ``phone_number`` is null for those made by a command.';
CREATE TABLE IF NOT EXISTS "account_tokens" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "kind" VARCHAR(6) NOT NULL,
    "digest" VARCHAR(64) NOT NULL UNIQUE,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,
    "user_id" BIGINT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_account_tok_user_id_112c4c" ON "account_tokens" ("user_id");
COMMENT ON TABLE "account_tokens" IS 'What a link in a mail proves: that its reader has the mailbox. ``digest`` is SHA-256 of the token, in hex.';
CREATE TABLE IF NOT EXISTS "sessions" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "ended_at" TIMESTAMPTZ,
    "user_id" BIGINT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "sessions" IS 'One log-in, from ``created_at`` until ``ended_at``; its id is the token''s ``sid``.';
CREATE TABLE IF NOT EXISTS "venue_groups" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(100) NOT NULL
);
COMMENT ON TABLE "venue_groups" IS 'Venues that share their guests. A venue that is alone has a group of its own.';
CREATE TABLE IF NOT EXISTS "guests" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(255) NOT NULL,
    "phone" VARCHAR(32),
    "email" VARCHAR(254),
    "language" VARCHAR(8) NOT NULL,
    "tags" JSONB NOT NULL,
    "revision" INT NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ NOT NULL,
    "changed_at" TIMESTAMPTZ NOT NULL,
    "erased_at" TIMESTAMPTZ,
    "group_id" BIGINT NOT NULL REFERENCES "venue_groups" ("id") ON DELETE RESTRICT,
    "user_id" BIGINT REFERENCES "users" ("id") ON DELETE RESTRICT
);
COMMENT ON TABLE "guests" IS 'Somebody who dines in the venues of a group, with an account or without one.';
CREATE TABLE IF NOT EXISTS "guest_notes" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "kind" VARCHAR(8) NOT NULL,
    "text" VARCHAR(500) NOT NULL,
    "keep_until" DATE,
    "created_at" TIMESTAMPTZ NOT NULL,
    "guest_id" BIGINT NOT NULL REFERENCES "guests" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_guest_notes_guest_i_43cf2c" ON "guest_notes" ("guest_id");
COMMENT ON TABLE "guest_notes" IS 'What the house knows of a guest, or was told: ``dietary``, ``access`` or ``note``. Each has its own end.';
CREATE TABLE IF NOT EXISTS "venues" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "slug" VARCHAR(40) NOT NULL UNIQUE,
    "name" VARCHAR(100) NOT NULL,
    "zone" VARCHAR(64) NOT NULL,
    "country" VARCHAR(2),
    "language" VARCHAR(8) NOT NULL,
    "phone" VARCHAR(32),
    "address" VARCHAR(300),
    "website" VARCHAR(300),
    "settings" JSONB NOT NULL,
    "rules" JSONB,
    "changed_at" TIMESTAMPTZ NOT NULL,
    "retired_at" TIMESTAMPTZ,
    "group_id" BIGINT NOT NULL REFERENCES "venue_groups" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_venues_changed_005e3e" ON "venues" ("changed_at");
COMMENT ON TABLE "venues" IS 'A restaurant. Venue 1 is the installation''s own: its values and rules are the settings, copied here.';
CREATE TABLE IF NOT EXISTS "areas" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(40) NOT NULL,
    "rank" SMALLINT NOT NULL,
    "revision" INT NOT NULL DEFAULT 1,
    "retired_at" TIMESTAMPTZ,
    "venue_id" BIGINT NOT NULL REFERENCES "venues" ("id") ON DELETE RESTRICT
);
COMMENT ON TABLE "areas" IS 'A part of a venue''s room, shown by ``rank``, then by name.';
CREATE TABLE IF NOT EXISTS "combinations" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(64) NOT NULL,
    "min_guests" SMALLINT NOT NULL,
    "max_guests" SMALLINT NOT NULL,
    "revision" INT NOT NULL DEFAULT 1,
    "retired_at" TIMESTAMPTZ,
    "venue_id" BIGINT NOT NULL REFERENCES "venues" ("id") ON DELETE RESTRICT
);
COMMENT ON TABLE "combinations" IS 'Tables that are pushed together for ``min_guests`` to ``max_guests``.';
CREATE TABLE IF NOT EXISTS "memberships" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "role" VARCHAR(7) NOT NULL,
    "changed_at" TIMESTAMPTZ NOT NULL,
    "ended_at" TIMESTAMPTZ,
    "user_id" BIGINT NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    "venue_id" BIGINT NOT NULL REFERENCES "venues" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_memberships_user_id_4c3b89" UNIQUE ("user_id", "venue_id")
);
CREATE INDEX IF NOT EXISTS "idx_memberships_changed_a8252e" ON "memberships" ("changed_at");
COMMENT ON TABLE "memberships" IS 'The role that somebody has in a venue: owner, manager, host or viewer.';
CREATE TABLE IF NOT EXISTS "tables" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "group_id" BIGINT NOT NULL,
    "place" JSONB,
    "name" VARCHAR(64) NOT NULL,
    "seats" SMALLINT NOT NULL,
    "revision" INT NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ NOT NULL,
    "retired_at" TIMESTAMPTZ,
    "area_id" BIGINT,
    "venue_id" BIGINT NOT NULL
);
COMMENT ON TABLE "tables" IS 'A table with 1–20 seats. A removed one is retired, so that past bookings can still name it.';
CREATE TABLE IF NOT EXISTS "blocks" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "venue_id" BIGINT NOT NULL,
    "service_date" DATE NOT NULL,
    "table_ids" JSONB NOT NULL,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ NOT NULL,
    "reason" VARCHAR(200) NOT NULL,
    "revision" INT NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ NOT NULL,
    "removed_at" TIMESTAMPTZ,
    "table_id" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_blocks_venue_i_7b7c72" ON "blocks" ("venue_id", "service_date");
COMMENT ON TABLE "blocks" IS 'Tables that a venue keeps closed from ``starts_at`` until ``ends_at``. One that is removed keeps its row.';
CREATE TABLE IF NOT EXISTS "bookings" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "venue_id" BIGINT NOT NULL,
    "group_id" BIGINT NOT NULL,
    "table_ids" JSONB,
    "pinned" BOOL NOT NULL DEFAULT False,
    "reference" VARCHAR(8) NOT NULL UNIQUE,
    "channel" VARCHAR(8) NOT NULL,
    "note" VARCHAR(500),
    "house_note" VARCHAR(500),
    "occasion" VARCHAR(20),
    "needs" JSONB NOT NULL,
    "link_version" SMALLINT NOT NULL,
    "guests" SMALLINT NOT NULL,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ NOT NULL,
    "service_date" DATE NOT NULL,
    "promised_start" VARCHAR(32),
    "status" VARCHAR(8) NOT NULL,
    "revision" INT NOT NULL,
    "notice_revision" INT NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "canceled_at" TIMESTAMPTZ,
    "arrived_at" TIMESTAMPTZ,
    "seated_at" TIMESTAMPTZ,
    "table_since" TIMESTAMPTZ,
    "left_at" TIMESTAMPTZ,
    "undo" JSONB,
    "guest_id" BIGINT NOT NULL,
    "table_id" BIGINT NOT NULL,
    "user_id" BIGINT REFERENCES "users" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_bookings_user_id_e3defd" ON "bookings" ("user_id", "starts_at");
CREATE INDEX IF NOT EXISTS "idx_bookings_guest_i_cbafac" ON "bookings" ("guest_id", "starts_at");
CREATE INDEX IF NOT EXISTS "idx_bookings_venue_i_9790e1" ON "bookings" ("venue_id", "service_date");
COMMENT ON TABLE "bookings" IS 'Who dines when. ``table`` is the one that was booked; it never decides whether a table is taken.';
CREATE TABLE IF NOT EXISTS "combination_tables" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "venue_id" BIGINT NOT NULL,
    "combination_id" BIGINT NOT NULL,
    "table_id" BIGINT NOT NULL,
    CONSTRAINT "uid_combination_combina_eb26da" UNIQUE ("combination_id", "table_id")
);
CREATE INDEX IF NOT EXISTS "idx_combination_table_i_38012b" ON "combination_tables" ("table_id");
COMMENT ON TABLE "combination_tables" IS 'One table of a combination; both are of one venue.';
CREATE TABLE IF NOT EXISTS "holds" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "venue_id" BIGINT NOT NULL,
    "service_date" DATE NOT NULL,
    "table_ids" JSONB NOT NULL,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ NOT NULL,
    "guests" SMALLINT NOT NULL,
    "digest" VARCHAR(64) NOT NULL UNIQUE,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "made_by_id" BIGINT REFERENCES "users" ("id") ON DELETE RESTRICT,
    "table_id" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_holds_expires_a6d25b" ON "holds" ("expires_at");
CREATE INDEX IF NOT EXISTS "idx_holds_venue_i_b13feb" ON "holds" ("venue_id", "service_date");
COMMENT ON TABLE "holds" IS 'Tables that are kept for somebody who is about to book, until ``expires_at``; its row goes with it.';
CREATE TABLE IF NOT EXISTS "occupancies" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "venue_id" BIGINT NOT NULL,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ NOT NULL,
    "block_id" BIGINT,
    "booking_id" BIGINT,
    "hold_id" BIGINT,
    "table_id" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_occupancies_booking_684009" ON "occupancies" ("booking_id");
COMMENT ON TABLE "occupancies" IS 'One table of a venue, over a half-open time, held by one booking, hold or block. The exclusion constraint lets';
CREATE TABLE IF NOT EXISTS "outbox" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "venue_id" BIGINT,
    "kind" VARCHAR(16) NOT NULL,
    "topic" VARCHAR(16) NOT NULL,
    "target" VARCHAR(254) NOT NULL,
    "payload" JSONB NOT NULL,
    "ordering_key" VARCHAR(64),
    "due_at" TIMESTAMPTZ NOT NULL,
    "first_due_at" TIMESTAMPTZ,
    "claimed_until" TIMESTAMPTZ,
    "attempts" INT NOT NULL,
    "expired" INT NOT NULL,
    "sent_at" TIMESTAMPTZ,
    "dropped_at" TIMESTAMPTZ,
    "failed_at" TIMESTAMPTZ,
    "last_error" TEXT,
    "request_id" VARCHAR(64),
    "created_at" TIMESTAMPTZ NOT NULL,
    "booking_id" BIGINT,
    "user_id" BIGINT REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_outbox_user_id_abd709" ON "outbox" ("user_id");
CREATE INDEX IF NOT EXISTS "idx_outbox_target_7d86e2" ON "outbox" ("target", "created_at");
COMMENT ON TABLE "outbox" IS 'A message that must be sent: written in the transaction of the change that makes it necessary, sent by a worker.';
CREATE TABLE IF NOT EXISTS "waitlist" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "venue_id" BIGINT NOT NULL,
    "group_id" BIGINT NOT NULL,
    "service_date" DATE NOT NULL,
    "guests" SMALLINT NOT NULL,
    "area_id" BIGINT,
    "status" VARCHAR(8) NOT NULL,
    "place" BIGINT NOT NULL,
    "joined_at" TIMESTAMPTZ NOT NULL,
    "quoted_from" TIMESTAMPTZ,
    "quoted_until" TIMESTAMPTZ,
    "promised_until" TIMESTAMPTZ,
    "revision" INT NOT NULL DEFAULT 1,
    "changed_at" TIMESTAMPTZ NOT NULL,
    "booking_id" BIGINT,
    "guest_id" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_waitlist_guest_i_9df6a7" ON "waitlist" ("guest_id");
CREATE INDEX IF NOT EXISTS "idx_waitlist_venue_i_481918" ON "waitlist" ("venue_id", "service_date");
COMMENT ON TABLE "waitlist" IS 'A party that waits for a table: waiting, ready, here; or seated (then it has a ``booking``), left.';
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        """


MODELS_STATE = (
    "eJztXetz2ziS/1dQ/pKkSvHF8iM555OTzWRyM0m2Eu9ka+MpCRIhiWeK0BCUZe1e/vfrbv"
    "ApPkzqYVEMqrZ2YhJNkL+GgH73f46m0hKOOr4aDuXc9a/lrXA/4qWjS/afI5dPBfyjeFCH"
    "HfHZLB6CF3w+cIiK6+E9H8fTLT5QvseHPtwdcUcJuGQJNfTsmW9LF2m+TbjPOHNs95bZLv"
    "xrym2HzTx5J9Ql8/Gu7SvmCW4Jj024gmuCBg3k/THr9y17LJTf7zNbsa+/Xj3vnl8wOaJR"
    "9B4dfOxE3B/j+1hyCC9ku+PHn3ru2n/NBWAzFjDAgxf4/idctl1L3AsV/jm77Y1s4Vgpbt"
    "gWPoCu9/zljK69sccfXP8XGosfNugNpTOfuvH42dKfSDcisF0fr46FKzzuC5zB9+bIEXfu"
    "OAELQybpl42H6LdM0FhixOcO8hWp9QvE1456vU+fr3tf3133ekcZnocUCV4El4bSxfUCr6"
    "oIgDG+wvP/7nZPT192X5xevDo/e/ny/NWLVzCW3jd76+UP/TIxWvpRhNmH9x8+XeMLSViU"
    "es3ihR9Ew32uqYgZMfq38PFZ/N9OuJePfjh+BX/4sFX8Q7TLGBBeiDkQ/5AegwVTft9zhD"
    "v2J/DnRQm4f1x9efvr1ZenF8/SAH8KbnTxDiIdI6t/P3WwjSm2g+5+l3ca27Mq4J4Vo3u2"
    "Cq+4n9meUD2eA/HfACTfnop8mNOUK1BbAelx+I8DXNYlUF9/+Pju6/XVx7/j46dK/eUQXl"
    "fX7/BOl64uV65mFn30EPbtw/WvDP9k//r86R3BKZU/9mjGeNz1v47wnfjclz1XLnrcSmIS"
    "Xg4vpdg8V8Jag8cJsi0wOPjdGP7uhL9er64IkCB6WA5Y7wfbTkkAhbDRba4ggJhmufCL9I"
    "Q9dn8TS+LEB3hv7g5FDvKBUP0PeEwkTB8WG36Eyyy8Gs/v8UUkuSZXH3w/fKrw9cF+9fXt"
    "1d/eHRHKAz68XXDP6qXgxjuyK1euRGOzt6bd6eoV7vIxYYNfge8cqjMgyhfrOtHNch0Hhl"
    "VUba7YjHs+agSc3Ql3Lp6AMiHltMPURC5cNliCDuFx97bf76DSQFfwrbKqymaPMqpHgzec"
    "MtWD/ltDPA7Ht1D1OHtRQTw+e1EoHuOttHiMP5csuF+n3HEKl3dIs6sz9XEB1mv8tPvyIl"
    "rV+EfZOv768er338OFm8BS3NkKp8/gWQxlgmS/cJ5sDGH35Ozl2avTi7MIx+hKGZh5OPqg"
    "eK0jzqcpjUTfZImeTvDaIn2Sqk37z36FekJ1C1L9H/icLYr1+/hxPSjXJ5dgSrD/Ar+JLx"
    "/eXpdJ9jHmJEyrnNUf0P3y2xfhcD//cAjwvsZnVMW7mXtZBu4fu1R+3jhyeFuo/STudsrU"
    "nwGOq6j/EIuUdqQEagu7FWKm2NCRSlhs5Mkp6C3w0/J8NDb2+2zu+rYD14Rr6SvH7LMrAm"
    "cM+mKm8g4o9WPIOyMXWXXp0Wa+cW/cfp/Q0W4g9P2MbE+Rroaj9Fq/pBso5w+4EmwhvVt8"
    "CJNzv8O4a6G6Bn96YgSqs4IrEhW1SNWjh1RU5b6nfqWgiN/ZQ9HDg//oT6PmNVLNM/LAoz"
    "MjBj/1C8kVuvPhX6UrE7kPkBkluKIMvQIibVCwFnMO9f/5+vlTPoIpolX47KHP/o85tjrE"
    "lVwCHsKR0lNCE8XTj1f/XLVevP3985tVBQQf8GZ1DYfnWF2tMUVo/HyN1hoDwaS2LzcmMw"
    "xuNIPRs5BnQiu298YULbT4dl9UMfnCqEKbL90zhsqjHRgqh7D0/LUMlWlKsyU1fEsirXct"
    "e3SS0tijm8zlUBCvp38mqYz+uS17tLa0ZRhR2x5dyz7aNE7kGUjDF0gZpJNrcAODtBwO5z"
    "PA097UKv05eNDSWKZrWKalvIWXKrZNJ+93Sq3TemTl1APJLNsVii0mwsWA/hVDrgztvwuu"
    "GD5bWK/RTOuKO+ExSwxtSxOTsZZrMy0R81t4YMYsvesJtTV6PI+SEhbhhK9hLgzKiqcKcj"
    "X0dHoqbYlG5uAUnmCwx4xG8ACLjaTHlJyKgbSWbGHD0p/7+LbHNKEn5zP4EcYPD+zWHaDR"
    "E7gysMIPuUtxSZGJm4ifKEZvjZB4YgRzw94WfgKQz4ScwYcqvoRJb1ycYjbB6WE8PCeBID"
    "0GZ+734R2V6AW38R59zhOFRJjz0QNMUa6HuwSFYvMZ8yUDhZmG4xiFGRyY8aFwVmQM4SIA"
    "uIEAUMI3QENgqCfEL+NwhTZ9fRmZoQCACXfH8Pn6TdlYwLxB5gkfAKqXITIwIXGXO7gq4I"
    "lu8MEzT05tDN4l401iNjnkDqOLGvQID1pOIdnrkMM2Lh0fWOs4cqHIJaKh/bdmbOTZQBMd"
    "TMM9fBkn7djopD0e8Mc0Xtavk4vJp/+n72D0gccrDhgbMF6Eiz98207SI0M/m8Tk9ErAsQ"
    "G8gScELnLuebYWOzESDiYIlQ39p/4eZevl9ZT79MXAlvBr+MinXxYKr8/o9wCLRYx8PT/O"
    "R684gT0INnYLv2HuWnKF58oXMyJehHwIdib8thtXLx34kEtYSoJN5oNjS8IScEEeXlZ28y"
    "SCLGMzHoz6fkRMz79lfEMNFAc7xjfUJGbE4IcnWz3wk1QG/LXB37NPqZmS+aO5lGa2C+db"
    "zsKX0hHczUc/JlqBHo6/R9VD8yX+bYD95vPn31Ngv/mwspI//ePjm3dfnp4Q8jDI9gsWeC"
    "Tp1jP5J4halwT5qoLF/1Whvf/VqrUfhW1XK41V8U2QtNCnsmV8UbmqA244fi1kG7Yhp4E9"
    "r+SsOi9xVp1nnVWxBlsH5DSVgboS1HI45Pl+wWKgkzTtg7lbzfta4nzN7BZC1BPmIgITHL"
    "SBJJe0dWXRL893WqVtkzqzjbwnsrTkrOlyVGMqg6cJZNt00zg4d7MJZGs5g01I9RZCqtNu"
    "njpyaZayfdLpabeCdHraLZRO8Vbm6PHnOUd5Mc4xhbEUPGQpOOi4y+3KSVuLwVzxO9eANo"
    "fSRLaayNafSUaZz6w12ZymNGxuNJuHGCXprPdzTpOaEOYm8zmO+6nL5jSl4XKTuazWPZrV"
    "lk9mw+MdJyNQiF5dLq+QGj43mc9BVGVdHifIDH+bzF8Mi63j7AvHm6Ct9V19ycDfGvGKCa"
    "o2GVr2FK9YD3yTRbcV8PdSJLthu00j8hdpM8myoXb+4nt8TuvzF5Nbb0H+4uoq3wK2dSqQ"
    "N2yNV61UWFSBPB9Xk3Rrkm6bBTwl3aYCFOf+QN5vCBQ9453re62GasHtvJisOkh9g0egyt"
    "FKrHaZy/1WTge2S+gW5nNnxnTKcrqH8eh16o56gs3maiIsFiZTUjJzvz+13Z4OxMP0YIlX"
    "+H105YGaops81XRjaLBk22GmG0OF6JDtNyuLfzhZiMujadOUbdKhtxFRG28/tXFNURpcWx"
    "TQ1KBwG9Px4mdwBpgqBs2x0JmOF4/f8WIqpgPhbaiUJvSm1hmaHlMxTYBXrp2mUa6kovbi"
    "3iYPK6rUX4KKPFFjv8RjXrOB9CekZ8ItLABFCzGrla73iBwV9HvqK/SCjwx9fxoFtSkbe6"
    "dEQTWn7B49kNmfT3UWZGkNI1roh2/njlQiaibW9RYEzjy78YH9Iir72LI7Qn4j5UPwYu67"
    "Q3U9J+aee1S/g+PYLxROE3dLJVKB42pIoUFVUpIhYbzg0w6jEpfWc+k6SyxziVJHv88mEr"
    "6C2Zai+pZoWVGdoD4tp8quQKiLs8KXodLDJNxxmXiONU7zBdhHnT1X9tWz4u2w2IUReRtz"
    "wJSJvDHjqmfthhTGL1PBL2N0ij2KsoVVe8qxb2W5nkeG/ha+ts62Eo5v4aZyclFhUzlZdS"
    "/EmwreSoOL23kW3OLcgHC8qQO2QXIACIEyJ3q0bCuJSEx49Lr7iCf+KkzKKKvy+ldxUkYL"
    "yrdsX05ZI/HX5O8303GcMSjtRxNPZCDkaOLp/IRiTTyOoHlYE/8adViJGsXYbtxQRWkNmc"
    "rLd6gLC6q2YSMXUHSTjVkyivY2H47NQb5RIGQ8RPGlCnuDyAX8YLAjxlDObGExav2BzTtI"
    "U7f9QONX7CnOD684HgsvaFGjetwTUcTkM+p4ggp9v3/j2vTO745PLs50q5io40rQwQUfFz"
    "6bIjV1CxvssrEylZ6gR3S9gISmu3IZ/NixSTwNuXF1x3f4UtvSVoe4nYcKWuZIf4LNPWhG"
    "eKJjhT1uloi4ifps/oFtoj4rnNrd8/MKxzaMKi4KjPdW6tzhj7sOwBFB+8Si7Ve1E2j3rI"
    "NuRNA+dLvnVaROGFWyfDNypwMnxxwEiDoYJ2lauE1suXSgz8c1W8CMTdHwTY0FJrzZVBM0"
    "amr1MnOkQKzF5hSlYXOj2awVw3VqlycJTapCk3lsev6ZMi4/CfJlZVxwPWfZsF6SyHt8WJ"
    "tC9vIyRZI7gCnl8qilXKpk4CRbw6+fgrPair4lazm1MrFz3IYwkXPkEzyn1UDtq87IwYC1"
    "c+9cvMSKPHSpRfiAl64XrfyHXXXfwsbu1G2R3YI0GXrQ8FEd8phxxXzpWJcYv2oLn3tL3Y"
    "WeD4dCYYEQKhmCs/b7x+wdH07YBGgCDxoTrpV14z3mxMZn1WDhrVPiszLBazszRov7Wr2Y"
    "wvEtRHYnfVjR2d6bu36e06q4cViaasO2Yc0Uk/MwzukaZuzN6wB5eEaqxhZ6budhW2YpaW"
    "jB231n3eXaSIrK3e456e5XEJYL9Yj4ZqkKQalp1ZSH1VKCt2LmU/1AlYzRsxXjA4y48yXF"
    "m3UYnXAguIv7mQ2bCWzV/f5rkto9uWBjCc+kwD3bf7h84Q7mxKjAfp8AARUDHwX/YwNHDm"
    "+fqNeki4yB//re11+vnnfPL8KIQV/eCreD0X0TcV9R+fieSjNKNQ/90ygmjVRMTDbZHp0r"
    "pi3vFgTsMG+8ZkhSgsjEJW0Ql2QaxP8E2o1pEN9yBq9XkNYUoy0qRqsF6zp2yZhiO5bJ/c"
    "q2O84tNEa1n2JXilXc2idPivJx2LwH+04ruDzllugNlrWV0DSdCTRbVwttbnm+loJfYrtu"
    "asW4vYevhC9Qt+9VzkazBXh/giC/9O5quoodaFTWr/NBsR8lvNcpdaPMB9WcKFg40JOLY3"
    "bFQESw8TL6Ffp9MZPDyWVQBQudFZyB+ODDj87qMLXAwoIWBkDNPDmVwE2G1uoBV4KNhY8e"
    "C1csGD0kv1rhY0y65circr16m6dqE3wc62vUxY4LYk0dBTsiaGHkz5ZjqtRS+WIKW79wfR"
    "uemRMXX1LOMY+4hZhvvzQAqqKOXa/2QpKmhSBvYWE3pHjRB0tMZ3DQgPwCcmbhmZw3rPR4"
    "tmOC3q1YVgx4uGIwNog9YEM4i4THxvxOBHWG2MKzfXHMrieCKSycE5Q/CyMLKJbAVQsBpy"
    "kbwQmKocz0d7+fG6CQPbgf/Q10MISeCcZQdSSMsKBJbf+YfdEzKDa24Uq/D+8H47CcUCJQ"
    "4ukC3xjjubm6FdYzDKmAgSg/0BAFwoUE2cGmFpQ4yY3L3aUuRzRYYmiFcEavk28blVDu6P"
    "rJNOUQOA3/csLKUfkNQuhj8Da8gimQ3BwNv0xwiZlWdY+PKVq4w2/fOYC/hRroBsNbCO1J"
    "t8rxCaOKC8V2M7Lh/j1bjcJ4B3Uz6VzIAlwczBJTbBTJ0kxzyaMFshhnU1udTQ3RAD7qlo"
    "MTe1Yo/a8OKZX8p9HgqlHOE7SVOSIoxBmGGVOioQsiN0V1XupaoR2mvwP+MQEWoKXszhaw"
    "zeQEMm/lsSieU+88fAjSCljrFtO1PoPoZpKtaQCWLV2i7Q7TJ5kjuOdS0iXmYZYkS35P5q"
    "5HQaxGcD4IwRnXWB25IxzfQqmjDNzwKHxZKHO8zITTHFSxLHP0rR3EuV6prASdqZTVZA7v"
    "pVhT43bKPTUGMnk0TQmi2UMlp6bxYdNSTrntLE2f+hrIFvap33Nm7UoUTY4Smo2zKdZBV4"
    "J7andYJ5Q6TOp+kRPujJ7LmXDJEQIqInwROk2we2RQLqxD7hLUGymNVTuIxP3QmWOcB4vZ"
    "AkqhTk0o686+4+lvXBdp8fEOn5kKPk0/Uzol2qc54PeZKGuSDNuvvZgkw5YzmI7M2ltoks"
    "okeay7gwbyS330U3Q7wr+t0kQMP0qNtbFPEJmFb7KbDgR8k920n+ymYKfeArw1a2o3a3+v"
    "DG/6ZHvY+oW78RbATRUvO6wNvDK0iYPrYVxJvtvGqsXntB3ZpDDcKKvi3B/I+0TR9Dy74u"
    "qYTqllkUZXMypesalQCt5MB4dM58pnA8GUcP1LCiT3hRv21oVHuQqehua6IGBEO7EDWn6L"
    "fXh95goMLeHeskPPQTsgZwvp3eaFwDz2C+hYdiwSHUey21Qz3LUwkF6hUowPeYrNI59hpX"
    "FfzuwhjKb4dSopSFe5NxYY1+5LDIafYmD6jC8dya1UZPqN684p2igTnM6+BPXO0dLZ70vP"
    "EohKL4ie9zQKdJePfHg3/GCJts8OxcNb2DeYA0DTGbYXDvoGY9A8BjVGQT0eoGHfIVEY1o"
    "8v6AiuwhqKACuDr8IvGNme8nvWXFDkP6YKKIGvMMQ3jC5jEP9U3mH+gPRwQnor4M8SXyk4"
    "HqIMAPSUBB+kxUQVRyPxldKLhHGQo4BIY3YiMiIo5ciBe2GT5gmVZMSHB52Lg8wBMhwyFw"
    "3N+kVeB7PQBOGoKA+BCkdi72fL8jAiKoqicmU0l54A3kk3fUa2VK7rqNcJjk4UUDE1HY2p"
    "urln6n7UTVPoP04/uKiSfbBqkEwkH1xkEiTxDKuDbkRg4K0Cb7TJV8Y3omghwDvpTh0IV1"
    "mQi9M7EiSmUukGCR5J0bTOIl+la18f9u0nMWkhu64rL6YynrxGe/KSClZdJq/SmpDiJnN6"
    "6HDggVXWAagkO2CV2PC6ybwOrTBZNhcqjUmSNvnJuidnL89enV6cRcpidKVMR8zqg4Gtqg"
    "akCQqDaG7TBNdfJxIsJjO7UJN3IcuTWJttHfExRWm43GQuj7jtrMXkFKHhcZN57HAQ9IXn"
    "yZxsnGtxX3D+panaoGyX8fTdP6/LDR0RS3///Ol9OHzV+pE+IYNSWbkegJJ06RRVG3A3XQ"
    "gaueQPbRtrdOjsT+BS20tWc7OC2hoRvdngAMOGBmvVjDDcQ95ys5b51rKW9xME91UozAIt"
    "DIBL3e+UBb8pPbJGTq0jx89ttxOWQo0FjGQ51KCQR9gv1qZoIIpJw2avT7BsurKtvGqtu5"
    "nCJMM2+CTosJIapkby/RkkX1MxqO0cNhWDmiJdm6I1By/++XC2TYulv8TtcuGPBtao6TkR"
    "3NL1TDTpJYleQesbHfQNf6NdFetmuv4TlMs67AUbiBGsLxLPKCojv7bn9h6PaQsfYCwio7"
    "v0WHx52X3RvXh+cvK8ewaCpPQoKwGgUP1+J4i9P3n5X9mBoyBG/uTla5oi6t+DORL47DCg"
    "ud+/cTHsHiiwzL8uV7qAt8RcGkbRXZjM4OiWA3HKgf7aTQVV+m/md11shg3Hmy6wBfbXxs"
    "W9N20b3VcBPNoP6mIfERno14YeN+h6uIcUBvTNxLf9CBqJ9PccOSOdHF8sZuhDtpqUcRUU"
    "TaPks5ObeffFyWn3BVOgyytMbvOETqTDLD841z3Q7HSfvSBBbobCQWAOVWzIXThcbThxtS"
    "CQI3fsekKdQDlz+FDoBMEFHOt4h6GAbYEMoJM1YYSrBQeFqX8c8L7vsGUHXszyJ1gizh5P"
    "fJh3wmeAmz/33B+YrwlS03xwbMkprNLjkSOlZwxeTf91l4kWY0/OZ7VFiySV2WrXPt/oZ5"
    "pFviRjJiQw/VDWT5fZr+Ky74W+49AROsiy6Ja3hY2I2rSXrN8bNhnwdGfnKx+FWCZJ9gvn"
    "ycYQbi202rh11tl9D87oH0jLa7A5TWlcO03mMqortSXWBJEJWFvfFGbskE1xq5meBXUi1g"
    "qbFuSXHMTdYgvYXsFj2h4LmNhYC4AttiWu1MrL0RveBHS//PZFONzPl2vXqZN3CCsZl0Re"
    "wPamONULUj1IpIZyOrDdvPTUOki9pafQoNZVZs1ARjXxNsOrTgnQg8RopSvM+khlW9G0Ba"
    "5d+ofiGKAc91AqQKjYO4QxNlWdQy4LKgxi3USBhQ6Doos+SAIW1r105EJ4bMiVoAKTwGnR"
    "0wUl9Uj8ACphCItACTblltD1LmGDgs+0chxEjzCpdhLdCc8G4K2oluRigsU8faU72mITWv"
    "REkduJ2s8+p1KPOuzZ9pQuqanUQgJfYSGMbG8aPo0etZhIKsiI5RqB5MZF+oG87zBd01HO"
    "cMVLr8Mi6ni28Mk4X/ROT9QlEC6pDe+UYyveO6ygObaVLzyiFmGlyGP2RvqTGxfrWrpCWG"
    "EpSeroi9CGhrKoNGeiYmlQZzLGQgm49lRXObXHY+EFhTNVj2h7AVm//+yYXQG68GEKZgyL"
    "YcbNfm0rCiwKCo8a/1nTtbBOif+MfqB1vAkRQevioHZTVi6xu9WBeZVuK2m/DQL7tFsB69"
    "NuIdR4K430CGbt1fWNpYha6CDrnp9XWtPnJWv6PFsqMTg04WCc1FrUq4QG8WqImw7rEb5V"
    "0C3GNoOsA3LPHKT1OugmaVqI8KsKCL8qRPhVZu0aH7DxAe92/bbJO6g1sbXYnKJ8HDbvIQ"
    "m9FVxO2C7qsnmF1Pj6m8znXPtSXY4XPsTwvsm8t2yFIK9VMDFNavjcZD5rW+k62fhJQsPj"
    "pvG4RlJRshPKrXA3dK5daav7NT6qdf61vccDNPNXUg7UGAtAbgjTe3xGm0F65ACAQ4RoKs"
    "hlN7FnGwL1MXpQqzeouNflBqESOd01W7i0kpXR1gdrtRJbWxbVLqNKKAL2PWY0FsaWrA7p"
    "lEWY6FhTSpGsGGhCjw9iDtSE69Iitsf0sYVpwboiiA5KCBqUBh02aZ4wk1cu3GxEydafbo"
    "IVDjRYwWQ+xk0GX7yo4KaBUcVtBvFerdIJe5RHm8aMSkcibUsbotS69IbHOQ7LT8Kqh2Dl"
    "IhweLGU+9zgGPf6hi1+F5VVtzLJwNJuf0BkUlOniDp5qGEznzR1BVSx0dSvh+6gUY1ThzB"
    "YWwwIYeYU4dj+pjrNUznysAyztqESYy2bcnwRNxyfcdRFbLCEbPCdoyI0EeiJdxgOmWjLL"
    "Ho2Ep6vVZl/2NU5JNMEzdBBoUPqLipnBcM8Pyt3q9ur6E7w7e4jlxpb6vRZYOgxNZyoUAK"
    "K6IyPpYBCqBcLDjRvkTgZSRBzq6GH/9DDYEUHQVc/C/ueuxDBOI1AcskCBXK0jUITjWxf7"
    "eFZFmjgrFibOXqyGfRhZbfuyWhLff4OSUwffcHwL8d1BAxm0v3u1mhEnSNrXoqdKsG5xrG"
    "4mVNcE3e066I7Cx+vAGxG0b/FuP9Q8SNGpg2+CpIUIVzrgTksOuNPsAbcQA2X7tRZxgsSA"
    "XAnkUF/LolxcxC1Js1Edt6btyI9dyI203DrIRwSmfN76qJsA27YG7JhSWj8bl0311+YUdC"
    "JUs4xYr6BT2ld9YOwocnt0VkoPJdfhBrWHsILRphGHNQo9HQraOfV0CIUNoUrU1Gk1YiZU"
    "rB5ecdX+9aFqZ5GmXTp7v3HbR7UnEV6X4/TNGdUpc/4ugvFV3b8z7vlLHX+EpCqo1ELPu6"
    "RLAFyHwSZrLTvkWn2NJWQUpWVSWRasWxOELPX7gZuy33/WYY4Y5XZh2PWUQR8GT05tzFGg"
    "NqLaCUyldFwr9MhSAyn211z6AI32xrpUNScoKYNVdugunF/wNHTqUuuo4Fr44MARfePOQD"
    "wUro8NJNChnOgEQSFc2BSqos/1e6pqYuAe7qHgfvSn8cc20h9rCrTusTquUab2CH5qe8ow"
    "AC0WRcbYNF2ZveIAmVGCKxogVldwQVhiefeGmKpN63cb7RtMpfK9bQc+9+e1HIwxhfGOP+"
    "gdz+9bVLaqizoXHfQe8ciL+n8lljRewySfIjT1axptkk/oenXZvEJqXC8HwGfS39dkdERr"
    "ON1kTqeNQHV5naU23G4yt025vi2V6zuoMBPzc1nz5xIYzmtryWk6oyivbbRE4019o2WCal"
    "c7Vjut92UBIAhqlg+1A0C2nRi8hxC6h9tOJVdghYZewXaxBXTbVy0pF9/0/lo7umaXPusr"
    "4dnDyVGOnzq40ynzTfN4zEOe6WJUt5yw+rN4RzcUDsv8nl6+zF1s702QtNDgu5Mq+vijqo"
    "FwMLyF6O4kIRVm9IWbIwAU5zMkSEwiSc2Uhhp1W7Z/mP34f5GTsJo="
)
