from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
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
    "removed_at" TIMESTAMPTZ
);
CREATE INDEX IF NOT EXISTS "idx_blocks_venue_i_7b7c72" ON "blocks" ("venue_id", "service_date");
COMMENT ON TABLE "blocks" IS 'Tables that a venue keeps closed from ``starts_at`` until ``ends_at``. One that is removed keeps its row.';
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
    "made_by_id" BIGINT REFERENCES "users" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_holds_expires_a6d25b" ON "holds" ("expires_at");
CREATE INDEX IF NOT EXISTS "idx_holds_venue_i_b13feb" ON "holds" ("venue_id", "service_date");
COMMENT ON TABLE "holds" IS 'Tables that are kept for somebody who is about to book, until ``expires_at``; its row goes with it. ``digest`` is';
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
    "eJztXW1z2ziS/isof0lSpfhixXZyyScnm8nkZpJsJd7J1sZTEiRCEs8UoCEoy9q9/PfrBv"
    "gqvpikKIli8GF3YhINgE9DQKPRePo/J3NhMUeeXo3HYsm9a3HL+Ed8dPKK/OeE0zmDf+QX"
    "6pETulhERfCBR0eOkqK6+MDD8uoVHUnPpWMP3k6oIxk8spgcu/bCswVHmW8z6hFKHJvfEp"
    "vDv+bUdsjCFXdMviIevrU9SVxGLeaSGZXwjKlCI3F/SoZDy54y6Q2HxJbk669XT/sXl0RM"
    "VCnVjx5WO2P3p9gfS4yhQzaf7r/pJbf/WjLAZsqggAsd+P4nPLa5xe6ZDP5c3A4mNnOshD"
    "ZsCytQzwfeeqGevbGnH7j3iyqLHzYajIWznPOo/GLtzQQPBWzu4dMp48ylHsMWPHeJGuFL"
    "x/FVGChJdzYqonsZk7HYhC4d1CtK6w5Ez04Gg0+frwdf310PBicpnQcSMV34j8aC43iBrk"
    "oFwBS78PS/+/3nz1/0nz2/fHlx/uLFxctnL6Gs6m/61YsfujMRWroqhdmH9x8+XWOHBAxK"
    "PWbxwQ8lQz2qpZQyIvRv4ePT+L+dUTcb/aD8Bv7wYZv4B2gXKSB4EGkg+iHtQwVzej9wGJ"
    "96M/jzsgDcP66+vP316svjyydJgD/5L/r4BpGOkNW/nyrYRhLNoHvY4Z3E9rwMuOf56J5v"
    "wsvuF7bL5IBmQPw3AMmz5ywb5qTkBtSWL3oa/OMIh3UB1NcfPr77en318e9Y/VzKvxyF19"
    "X1O3zTV0/XG09Tgz6shHz7cP0rwT/Jvz5/eqfgFNKbuqrFqNz1v06wT3TpiQEXqwG14pgE"
    "j4NHCTUvJbNq6Dgm1oCC/d+N0e9O9OsOqpoAMaGH7YB6P9huWgJohE1uMw0BxDSthV+Ey+"
    "wp/42tlSY+QL8pH7MM5H2j+h9QTWhMH5cafgTDLHgate/SVWi5xkcffD98KvP0wn719e3V"
    "396dKJRHdHy7oq41SMCNb0RfbDwJy6ZfzfvzzSeU06nCBr8C+xxsZ8CUz9/rhC+L9zhQrO"
    "TW5oosqOvhjoCSO8aX7BFsJoSY94iciRUnozXsIVzKb4fDHm4a1BPsVXqrsl1VZuvR4gmn"
    "aOuh/lvBPA7Kd3Drcf6shHl8/izXPMZXSfMYfy5pcL/OqePkDu9AZldr6n4B1mP8ef/FZT"
    "iq8Y+icfz149XvvwcDN4Ylu7MlNp/CMx/KmMhh4TzbGsL+2fmL85fPL89DHMMnRWBm4ejB"
    "xquOOZ+UNBZ9my16tYJXNunjUl2afw5r1CtUG7Dq/8B6GjTrD/HjetCujw/BhGH/BX4TXz"
    "68vS6y7CPMlTEtM0a/L/fLb1+YQ73sxcHH+xrrKIt3O+eyFNw/drn5eeOI8W3u7if2tle0"
    "/RlhuZL7H6UiqQ9S/G0LuWVsIcnYEZJZZOKKOexb4KfleuhsHA7Jknu2A88Yt/STU/KZM/"
    "8wBs9i5uIOJHU16nRGrNLbpb22/PDu6nvihwN74zt7zAa4Fp/8aXZerdx5mSV678qIwE/8"
    "QjLt4Gz4N+WKrOAjVEYBrmjWboCopmwYixnr7P98/fwpG8GE0CZ89tgj/0ccWx7jSC4AD+"
    "FIbB0Cr8Hjj1f/3HQovP3985vNPQFW8GZzDAdLS9WNXELQHL21eiPn2wqVj1cjMaPgVisY"
    "nf1ZXq18F2wk0UEnbP9ZGS8slMp1w6p3xnd4sgPf4RiGnlfLd5iUNFNSy6cktRGt5SKOSx"
    "oXcdu0nPJSlvGlifF4uaB8bG/rUPvsV7Q2TrUKTjUhbqFT+W61+PteoWNNlywdNS2IZXMm"
    "yWrGOMYiq4p0KDLGH4vAdbWikmDdzHpNbI9wdsdcYrGxbWlhdFkRSpS4Eqa3UGHKo7brBm"
    "/4DR8Op8swnnoVNPga2sJ4kqgpP8xcN6eb6hHKLaUcbMJlBHZRkwlUYJGJcIkUczYS1pqs"
    "bBj6Sw97e6oadMVyAfvdqHI/uqIHMroBLnwH4phyFVIBTQn1EUr4kSSq1wiJyybQNh+z4B"
    "NAfMHEAj5U0jU0esOxicUMm4fyUE8MQVUNtjwcQh8lG/iv8Z36nEcShTBcfQCYov0DbxUU"
    "kiwXxBMENhaqOJaRGHyOweoSW0XFKFwYADdiAErQA3SYBPZU1BmHSo8Ej1EZEgCYUT6Fz9"
    "c9JVMG7fpB83QEqL4KkIEGlXapg6MCauT+By9cMbcx7lBtcmOtiTF1iHqoQQ/xUMMpEHsd"
    "aNjGoeOBah1HrKTy5mpo/60Vi6oNXRnQDHWxMw7Gz6DnVp8/qEAZMrFd6flR+/NoWL+ODy"
    "ZP/b/6DqI+8HTDd2wDxqtg8Ae97cWdyepnE2tcdQk0NoIeuIzhIKeua+vlGYN4oIHAKNN/"
    "6u+Rth5ej6mnvhjUEnwNnXjql4WL/BP1e4DBwiaebh/bU12cwRwEE7uF37DkltjQufTYQg"
    "mvAj34MxN+2w3XQwc+5BUMJUZmy9GpJWAIcLAb1qXd4bH4sMjdAaW+nyilZ78yPvRWum2N"
    "D71FyojAD1a2auDHpQz4tcE/sO+9nZb53lzvC5vD+pYx8IVwGOXZ6EdCG9DD8rfXkI5si7"
    "8JsN98/vx7Auw3HzZG8qd/fHzz7svjM4U8FLK9nAEeWrrVXKMxoc7d33pZwjP6Mtcv+nLT"
    "K4rGNtebxrL4xkQ66HtuGF/cXFUBNyhfC9mWTchJYC9KOfUvCpz6F2mnfrSDrQJyUspAXQ"
    "pqMR7T7POTfKDjMt2DuV/ulKrgkCo1WzBWzZgLBUwQxRaWXNzXlUa/+KrGpmyXtjNNXNlQ"
    "npaMMV2MaiRl8DQBP9tOGkdxLGcCfn4iBZvQ0wZCT5PHPFXs0rRk96zT5/0S1unzfq51iq"
    "9SS4+3zFjK83GOJIyn4CFPwVHHpzVrJzUWq7Zx7lwB2gxJEwFoIgB/JhtlubBqqjkpadTc"
    "ajWP8cKxU+/nnBQ1oZ5t1nMU91NVzUlJo+U2a1nWXZplwyuz0fHOdBwL0auq5Q1Ro+c269"
    "mPqqyq45iY0W+b9YthsVUO+4LyJmir/lFfPPC3QrxiTKpLjpYDxStWAz8uZcCvDf5B+H1b"
    "Ntu0ggpMTSZpNVSmAnuP9XSJCizoQIILLD715nCBbY7yBrCtQp7csjFelmQtjzw5G1d9gX"
    "B7YCvxqR3toI0vWVsQ2JlLtw9duk0EKC69kbjfEihVxzvuuZ2GakXtrJisKkh9gypwy9FJ"
    "rHZ5l/utmI9srtDNvc+dKtMrutM9jkrXoUx0GVks5YxZJLhMqS4zD4dzmw90IB5eDxb4hN"
    "6HTx6gQ9ymVkMk32LLtkcMkXyJ6JDm8yxFP5w0xMXRtEnJLu2hm4iojaafyrgmJA2uHQpo"
    "alG4jSHr/xkOAwyLQXs8dIasf/9k/XM2HzF3y01pbN/UOUfTPjemMfCKd6dJlEttUQdRWo"
    "aHN6qKGl+RPKmcZLFqXpOR8GZqnwmvkABKDcT0rrReFRlb0O+Jr9ADPnT0/Wk2qG2Z2HsF"
    "G1Szyh7wBDL98ymvgrSsUUQHz+G7OSMVmJqxcd2AwZnlNz6yX0TpM7b0jJCdA/YYTjEPnV"
    "y32iHmgdPrvoPl2Ms1TmNvCy1ShuUqWKE+K6myIaE8o/MeURSX1lPBnTXSXKLVMRySmYCv"
    "IDb8D/kt0bMiez4/LVXMriCoyVnhy3DTQwS84YQ9RY7TbAN2r61n2r66VXwdkF0Yk7c1C0"
    "yRyRsprvyt3UDCnMuUOJcxe4oDmrK5rD3F2HeSrmfP0N/C11aZVoLyHZxUzi5LTCpnm8cL"
    "0aSCr5Lg4nSeBjf/bkBQ3vCAbXE5AIxAkRE9WjSVhCImPLruPOKyv3IvZRSxvP6VfymjA/"
    "QtzdspNS7+mvv77Tw4TjmUDrMTj91AyNiJJ+8n5O/Eowiah3fiX8MMK2GiGJtHCVWk3iEr"
    "evmeysKCW9sgkQtsdOOJWVIb7SYrx+Qg31QgZFRE0rUMcoOIFfxgMCPGWCxsZhGV+gOTd6"
    "iduu35O35JHmP70MXplLl+iho5oC4LIyafqIwnuKEfDm+4rfr87vTs8lynigkzrvgZXLC6"
    "oG4VqalT2GCWjY2mdAMDJTfwRVRzV5zAjx3zW6siN1wnq4YvtS3tdYjSeUg/ZY7wZpjcQ7"
    "UINTpWkONmjYibqM/2L9gm6rPEqt2/uCixbEOpfFJgfLfBc4c/7ioAhwLdM4uaZ7Vj6Pes"
    "gm4o0D10+xdlrE4oVTB8U3anAyvHEgyIKhjHZTo4TTRMHejRacUUMFNDGr6ts8CENxs2Qb"
    "NNLU8zpzYQtdSckDRqbrWa9cawDnd5XNBcVWizjk3OP0Pj8pMgX0TjguM5rYZ6l0TeY2Vd"
    "CtnLuikSnwEMlcteqVzK3MCJp4avfwVnMxV9R8ZyYmRi5rgtYVKHI5+gnk4DdSiekaMBa+"
    "enc9EQyzuhSwzCB07pBuHIf/io7luQ2F1lWyS3YE0GJ2hYVU+dmFFJPOFYrzB+1WYeddc6"
    "Cz0dj5lEghBFGYKtDoen5B0dz8gMZPwTNMK4lT7G22fD5syqxcZbr+DMygSv7cwZze4r5W"
    "IKyncQ2Z3kYcXD9sGSe1mHVvmJw5JSW6YNa6eZnIVxRtYw42+uA+TxOalaS/TczcW2yFPS"
    "UsLbQ9+6y/SR5NHdHvjS3a9gLOfuI6KXhVsIdTWt3OZhk0rwli08xR8o4zF6tiR0hBF3nl"
    "DxZj2iVjgw3Nn9wobJBKbq4fC1stpdsSJTAXWqwD3bU1fm7CmgDca+LVO7iL334IZ//fXq"
    "af/iMggR9MQt4z0M55ux+5K7je+Je0WJbKF/mp1IK3ci5vrYAU9TTB7eBizq4KJ4xRikmJ"
    "AJRNoiEMlkhP8JtjMmI3zHFVyPgdawz+axz2rLuoojMpJoxhV5WNt2x5cJjRftp5iVol1s"
    "5ZUnIbkfNR/AodMJLc+pxQajdeVNaFLORJY15C/1YW3AY/oTxD4lx6BJtnSkwSq/Lkf57u"
    "XgXa/Qu7wclfMtI5+aK1an5IrARGrjY/TjDodsIcazVz45EHptKYFJ1oMfndUjcoV8axbG"
    "hSxcMRegTYI+vRGVjEyZJ5Feja2IqiSbxG0fjTYckFK8+2jS/dgGT3D9fUe+e1eppso2JB"
    "ToYEBEw6Emci09Noepn3HPhjozwoULWO6yhDuIefM3ptFgd+xqV9LjMh0EuYGB3RJOlw8W"
    "my9goQH7BezM3DU5q1jh8mxHAoNbti55DnxFoKx/CEvGsBYxl0zpHfPpV8jKtT12Sq5njE"
    "jkE/FZoYIjVnU+y+WKwWpKJrCCYoSn+ns4zDypTS/ce+8BMscMh7olKKNIY/CoWTWKp8Zf"
    "dAuSTG14MhxC/6AcsqzEzpMfr7DHGOZK5S2znsB/8EPQflBFJBgXAmwHW2Xmw0ZuOOVrzd"
    "IyWuMBNHMmr+O9DZlle5pWVjU5Bk3Dv5yAUCc7b4L6GHwNXTC8se3ZhBYZLpHSys7xkUQH"
    "Z/jmXaj4W6iArl+8g9Ce9cssn1Aqnz+zn7IND+//bxXGO6ATVOtClSP/SGKr8/52ukv2dt"
    "xvXPJddcm3ZAfwUWdim9mLXOt/s0ih5T8PC5cN/pyhr8xhPj9hEG+p7l9xMLlV7NsrTaHY"
    "I/o74B8zUAF6yu5sBtNMRnrqRqpF81ylFMNKUJbBWLeIpkD0wzyVba0KIJvjGn13eKuMOI"
    "y6XN1Fw+tpBXfIvsev9IahfsZwPgrDGcdYFbsjKN9Bq6MI3GApfJFrc7xIBR0cFYeQWfpq"
    "h7rVYxCKyRkCoTZr+CAcNq2bKQ+UL8XcNmhLnMcBCG7apodtGW4ys/yZ9N0VkM1N333gC4"
    "cbUTQZm9B0nE3+HnQjuKdy4mmFUo8InUZvRp3JU7FgXB2EwBYRvggPTTCpns+i1FPHJbhv"
    "HDlifKsPiNj92FlinAeJ1AKbQi99+3C/zd9wjrJYvUMXhtik7WtKr2D3aRb4Q14nNFexur"
    "97MVexOq5gtWRWnkLjUiYUvu4M6tsv1dFPyO0I/65aExH8aDVWxj4mZAZ+XeTj2dbLQx+X"
    "MnZbU44ZvW1MKaKyA0FxyHTJgRB0IOFBiI/BErTO/kzdALwVqYbbNb+Xhje5sj3s/cLZuA"
    "FwE5xOxzWBl4Y2tnA9jKuy75oYtVhP15GNG8Ot8iouvZG4j3FJZ/kVN8v0Cj2LqnQ5p+IV"
    "mTMpoWc6OGS+lB4ZMSIZ916pQHKP8SDlKFTFJdSG7jo/YEQfYvuy9BbTk3qEMwwtoe66p+"
    "pBPyAlK+HeZoXA7LsDOpYduXOjSHZbUSlzCwPpJW6KsZLHmFPvCRIwe2Jhj6G0il9X3Grq"
    "KXWnDOPaPYHB8HMMTF/QtSOolYhMv+F8qaKNUsHp5ItPA42ezuFQuBZDVAZ+9LyrUVBv6c"
    "SDvuEHC/R99lQ8vIV0bRQAmi8w66qfThWD5jGoMQzqcQEN+w6FgrB+7KDDqAzI5ABWAl+F"
    "XzCxXekNrCVTkf94VUAy7MIYexg+xiD+ubjD+wPCxQZVr0A/a+ySvzyENwDwpMT/IG0myi"
    "gaiW5w0CmM/TsKiDTeTkRF+Jx2FLQX5K7FSCdKsHI/oat/c0A5DglHR7PuyGu/FdVAUCq8"
    "h6AY9DAlrmW5GBEVRlFxEbalG4A+6Vy4qJbS7Hd6nGDpGM2EYb4zrur2rqmH2W4a/vPo+s"
    "FlmdsHmw7J2OWDy9QFSVzDqqAbChh4y8AbTvKl8Q0lOgjwTpL2+sZVGuT86x0xEcPnuMUF"
    "j7hpWmWQb8p1Lz1185eYtJFd9SgvkjInea0+yYtvsKoqeVPWhBS3WdNjh4IOrKLEKAW3Az"
    "aFja7brOvAC5NWc+6mMS7SpXOyxrKw+76qCpDGJAyimdTy3KsTCRaJmVmozbOQ5QrkZqtj"
    "PiYkjZbbrOUJtZ1aSk4IGh23WccOBUOfua7IuI1zze5z1r+kVBc220U6fffP62JHR6jS3z"
    "9/eh8U3/R+JFdInyor8wSg4Lp0QqoLuBuu9lYO+WObxlodOvsTHKkd5FZzu4LaWhG92eIA"
    "w5YGa1WMMDzAveV2DfPGbi0fJgjuK5N4CzQ3AC7xvlcU/CZ1yQp3ah0xfWrzXkCFGhkYcT"
    "pUn8gjSJxpq2ggFZOGKTEfIW26tK0sttbdNGEuw7Z4JeiRAg5TY/n+DJavYQzquoYNY1Bb"
    "rGtDWnP05p8Ha9s83/qLvS42/lTBCpyeM0YtzWeiRV8p08tPfaODvuFv9Ksibyb3HqFd1i"
    "PPyIhNYHwp80xFZWRzezZXPV5b+ABlERmdpcei61f9Z/3Lp2dnT/vnYEgKV91KwBzxw2HP"
    "j70/e/Ff6YITP0b+7MVr1USYvwfvSGDdQUDzcHjDMexepX/XjC2uWEEv8S4NUdFdeJnB0S"
    "kHoisH+mu3NVTVf1O/63w3bFDe5MrM8b+2Lu69bdPooQjw1HxQFftQyEBfG3qcoKvhHkgY"
    "0Lcz3w5jaMSuv2fYGcnL8flmhl5ky1kZVz5pmrp8dnaz7D87e95/RiTs5SVebnOZvkiHt/"
    "xgXXdhZ6fz7PkX5BZoHPjuUEnGlMPiasOKqw2BDLtj1w3qC5QLh46ZviC4gmUd3xA0sC2w"
    "AfRlTSjBteEg8eofBbzve2Tdg45Z3gwp4uzpzIN2Z3QBuHlLl//A+5pgNS1Hp5aYwyg9nT"
    "hCuMbh1fZfd5FpMXXFclHZtIhLmam29vqmfqZp5AtuzAQCJh9K/esyh924HHqg7zh0RC1k"
    "aXSL08KGQl2aS+rnho0HPN3Z2ZuPXCzjIoeF82xrCBsLrTbHOnVm36Nz+vvWcg01JyXN0U"
    "6btYzblcoWa0zIBKzVd4UZP2RbjtVMzoIqEWu5SQuyKQdxtmgA2yuopuuxgLGJNQfYfF9i"
    "KgQzY+fwxpf85bcvzKFetmVbL/zyGEYzDoukKSvmI5tnXbysgtRbVYsq1DnO0RRkG7k86q"
    "OWTiDSFbh26dWPIjcynPqJsI58nz5GRpR16XPi88Ih2x1DejqfKs+D+dtCtkJHrJhLxlQy"
    "RQsImmYDTQOoS+IHKOI5GASSkTm1mGYphB8ffKaV4dbfQ6PatX/HXBuAt0IGwNUMKRg9qf"
    "OQYupQPD9QhwUqaehTRdCng1VtV2oiRClXAvQKA2Fiu/OgNlXVaiYUjR6S7IHIDUf5kbjv"
    "Ec3EJxY44oXbI6F01FpQM7YX9umRfAWCa5U8dU4xgeod8h5ObekxV0mzgN/vlLwR3uyGIx"
    "shZ8wKCABVHlaENnBvhISKMZ5Jnx0wwkIyePZYc1Pa0ylzfbpDOVCyA19sOHxySq4AXfgw"
    "CS0GFIZRilbbCsNBfLpIc+rRdtu5V3DqoX6gVXzAoUDnold2QwYWm92qwLwp18hlzRaB/b"
    "xfAuvn/Vyo8VUS6Qm0Oqh6opEQ6uCxRv/iotSYvigY0xdpgjt/0YSFcVZpUG8KGsTLIW7y"
    "Yof4lkE3H9sUsg7YPUuw1qugG5fpIMIvSyD8Mhfhl6mxa07uzMndbsdvl8509E6slpoTkv"
    "tR8wGuDndCyzHfRVU1b4iaE9o26znTv1RV47mVGN23WfeWLRHkWjR3SVGj5zbrWftK69yh"
    "jgsaHbdNxxWugsTzV9wyvuXh2pX2ul9jVZ07X8ug3drvWXc7fyXFQE2Rtm9LmN5jHV0GSa"
    "Uy2w6jjmVuTEE0Z+rIbmYvtgTqY1hRpyeoKEPhFqESGTkROzi04nxW9cHa5M/qyqDaZVSJ"
    "ilt8j/fQcmNLNov0iiJMdISguthWMtBEVe/HHMgZ1YQQtkv0soWXOTWPgw5K8NNK+nkRVT"
    "vB/Uux4umIksZrN8EKRxqsYO6rRanhnj0rcUwDpfKTw+G7ShfeD2iPtk0ZpZZENS1tiVLn"
    "gtL3sxwWr4RlF8HS1AkuDGW6dCkGPf6hKYsCUkwbY+MdreZHag3yyZWog6saBtO5S4cp7g"
    "HNScQ8DzfFGFW4sJlFkLYgiz5h943qOEvpLKc6wNIOiZ04WVBv5qeKnlHOEVsk/vTr8dMo"
    "o4BuSJMvQFNrYtmTCXM1x2i6s6+xSSXj16GDQH3CJkVBBcVdzycp1Umx9Se4d/YYSaLWul"
    "8rJHxC15kMDICQLWIiHAxCtcB4uOH+jTffiohCHV3Meh0EOyIImqsqyFrNBYZxGoPimA0K"
    "1GoVgyIo37nYx/My1sR5vjFx/mwz7MPYas3banF8/w2bnCr4BuU7iO8O0n6g/92tlEI2Jt"
    "K9xCplgnXzY3VTobom6G7XQXcqfLwKvKFA9wZv86Hm/hWdKvjGRDqIcKkF7nnBAvc8vcCt"
    "2EjaXqVBHBMxIJcCOdivpVHOp96Ky5hs9VvQb6ldbhXkQwFDelYfdRNg29WAHUOA9LNp2X"
    "B2toeGR6GaVkQ9Gp7kWfWRqSPv2KO3QRgTH4dbMMYg78y2EYcV6HmOBe0MrhiFwpZQxfhi"
    "Oo2YCRWrhlfEtV4fqm4SEO3ysPcbtT3c9sTC6zIOfTNK9YoOf1d++bLHvwvqemsdf4Si0m"
    "dqUfW9Uo8AuB6BSdZa99TR6mukkJHqWqaiZUHeGj9kaTj0jymHwyc94rBJJnf+rpv02fNd"
    "MbfxjoJK/qgPgRWVDreCE1mV9of8tRQeQKNPY7lizfEpZZBlR72F9Qtqw0NdlfDHfxZU7B"
    "9E3/AFmIeMe0j7jwfKMf5+FcKFqXxKnrl+T3Dd+cfDAzTcT/4057GtPI81tJoH5DQ1m6kD"
    "gp+YnlIKQI9FnjM2KVfkrzhCZRTgig6IzRGcE5ZYzLkfSXVp/DZBum/4pQ82HXjUW1Y6YI"
    "wkzOn4g6fj2dlmikZ1Xr6Zo54j9jyo/1cgXW8Nl3xC0PDXtNolH9vrVVXzhqg5ejkCPav9"
    "e01Fh7JG023WdNIJVFXXaWmj7TZr29D1NUTXd1RhJubnUvPn4jvOK++Sk3Jmo1zbaYnOm+"
    "pOy5jUrmasbnrviwJAENS0HioHgDR9MfgAIXQPJwuKj8ASaZj86aIBdLvHlpSJb3J+rRxd"
    "s8sz6yvm2uPZScY5tf+mV3Q2TaMyD51M56Pa8IXVn+V0dEvjsOjc0822ufP9vTGRDjp8d8"
    "Kijz+qCgj7xTuI7k4upEKLHuMZBkD+fYaYiLlIUvFKQwXeluYXsx//D3t38HQ="
)
