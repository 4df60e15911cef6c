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
    "eJztXVt32ziS/is4fklyDuO15UuyzpOTSaez3UnmJJ7OnIn7SJAISVxTgJqkLGtm89+3Cu"
    "BVvJikKImi8TDTMYkCwK8goKpQl/8czYTJbPf4ejQSC+7diDvGP+GjoyvynyNOZwz+kd/I"
    "IEd0Po+a4AOPDm1JRVXzvoft5Ss6dD2Hjjx4O6a2y+CRydyRY809S3Ck+T6lHqHEtvgdsT"
    "j8a0Ytm8wdcc/cK+LhW8tzicOoyRwypS48Y7LRUDwck8HAtCbM9QYDYrnk26/XL3sXl0SM"
    "ZSs5DwO7nbKHY5yPKUYwIYtPdj/0glt/LRhgM2HQwIEJ/PgTHlvcZA/MDf6c3/XHFrPNBD"
    "csEzuQz/veai6fvbUmH7n3i2yLHzbsj4S9mPGo/XzlTQUPCSzu4dMJ48yhHsMRPGeBHOEL"
    "2/ZZGDBJTTZqomYZozHZmC5s5CtSqwlEz476/c9fbvrf3t/0+0cpngcUMV74j0aC43qBqb"
    "oSgAlO4eV/93pnZ696J2eXry/OX726eH3yGtrK+aZfvfqpJhOhpbqSmH388PHzDU5IwKJU"
    "axYf/JQ01KOKSjIjQv8OPj6N/7spdbLRD9qv4Q8fto5/gHYRA4IHEQeiH9IuWDCjD32b8Y"
    "k3hT8vC8D94/rru1+vvz6/fJEE+LP/oodvEOkIWfX7qYJtRNEMuvtd3klsz8uAe56P7vk6"
    "vOxhbjnM7dMMiP8GIHnWjGXDnKRcg9r0SY+Dfxzgsi6A+ubjp/ffbq4//R27n7nuX7bE6/"
    "rmPb7pyaertaepRR92Qr5/vPmV4J/kX18+v5dwCtebOHLEqN3Nv45wTnThiT4Xyz4145gE"
    "j4NHCTYvXGbW4HGMrAEG+78bzd+t8NfpVxUBYkSPywH1frDdlARQCBvfZQoCiGmaC78Ih1"
    "kT/htbSU58hHlTPmIZyPtC9T+gm1CYPiw2/AyWWfA0Gt+hy1Byja8++H74VOapg/3627vr"
    "v70/kigP6ehuSR2zn4Ab34ieWHsStk2/mvVm608opxOJDX4FzjlQZ0CUz9d1wpfFOg40K6"
    "naXJM5dTzUCCi5Z3zBnoEyIcTMIO5ULDkZrkCHcCi/GwwMVBrkE5xVWlXZrCuterR4wylS"
    "PeR/K4jHQfsOqh7nJyXE4/OTXPEYXyXFY/y5pMH9NqO2nbu8A5ptnam7BVit8bPeq8twVe"
    "MfRev426fr338PFm4MS3ZvuTh8Cs98KGMk+4XzdGMIe6fnr85fn12ehziGT4rAzMLRA8Wr"
    "jjifpNQSfZslenmCVxbp41Rd2n/2K9RLVBuQ6v/AfhoU6/fx43pUro8vwYRg/xV+E18/vr"
    "spkuwjzKUw7Wasfp/ul9++Mpt62YeDj/cN9lEW73buZSm4f25T+Xlri9FdrvYTe2sUqT9D"
    "bFdS/5EsctVFiq+2kDvG5i4Z2cJlJhk7YgZ6C/y0HA+NjYMBWXDPsuEZ46Z6cky+cOZfxu"
    "BdzEzcA6XqRt7OiGVaXdrpyI9rVz8SPxzQje+tEevjWXz0p9a8Wql56SN658yIwE/8QjLl"
    "4Gz41+mKpOADZEYBrijWroEot2xYixnn7P98+/I5G8EE0Tp81sgj/0dsyz3ElVwAHsKRUB"
    "0Cq8HzT9f/XDcovPv9y9t1nQA7eLu+hoOjpaoilyDUV2+tVuR8WaHy9WpEphncagajsT/L"
    "qpVvgo0oOmiE7Z2UscJCq1wzrHynbYdHW7AdjmDpebVsh0lKvSW1fEuSimgtE3GcUpuI28"
    "bllJWyjC1NjEaLOeUja1OD2he/o5U2qlUwqglxB5PKN6vF3xuFhjXVsrTXtCCmxZlLllPG"
    "0RdZdqRckdH/WASmqyV1CfbNzDfE8ghn98whJhtZpiJGkxWhRJJLYnoHHaYsatse8Jbf8s"
    "Fgsgj9qZfBgG9gLPQniYby3czVcGoog1BuSubgEA4joEWNx9CBScbCIa6YsaEwV2RpwdJf"
    "eDjbYzmgIxZz0Hejzn3vCgNo1ABc+AbEEeXSpQKGEvIjJPEzl8hZIyQOG8PYfMSCTwDyOR"
    "Nz+FCXrmDQW45DzKc4PLSHfmIIym5w5MEA5uiyvv8a38nPeeYiEbqr9wFTlH/grYTCJYs5"
    "8QQBxUI2xzYuOp+js7qLoyJjJC4MgBsyACWYARpMAnkqmoxNXY8Ej5EZLgAwpXwCn69mSi"
    "YMxvWd5ukQUL0KkIEBJXepjasCeuT+B88dMbPQ71AqubHRxIjaRD5UoId4yOUUkL0JOGzh"
    "0vGAtbYtlq605ipo/60Yi6wNTRkwDHVwMjb6z6DlVt0/SEcZMrYc1/O99mfRsn4TX0ye/H"
    "/5HUR+4PGa7dgCjJfB4g9ma8SNyfJnExtcTgk4NoQZOIzhIqeOY6njGZ14YIBAKFN/qu9x"
    "LbW8nlNPfjGwJfgaOvbkLwsP+Rfy9wCLhY09NT6OJ6c4hT0INnYTv2HBTbHGc9djc0m8DP"
    "jg70z4bbdcLR34kCtYSoxMF8NjU8AS4CA3rEqbw2P+YZG5A1r9OJJMz36lbeitNNtqG3qL"
    "mBGBH5xs1cCPU2nwa4O/Z9t7OyXznZne5xaH8y1j4QthM8qz0Y+I1qCH42+nLh3ZEn8TYL"
    "/98uX3BNhvP66t5M//+PT2/dfnpxJ5aGR5OQs8lHSrmUZjRJ2L33pdwjL6Otcu+nrdKorC"
    "NldKY1l8YyQdtD03jC8qV1XADdrXQrZlG3IS2ItSRv2LAqP+RdqoH2mwVUBOUmmoS0EtRi"
    "OafX+SD3Scpnsw98rdUhVcUqV2C8aqCXMhgXai2ECSi9u60ugXh2qs03ZJnWkiZENaWjLW"
    "dDGqEZXGUzv8bLppHMS1nHb4eUIM1q6nDbieJq95qsilacruSadnvRLS6VkvVzrFV6mjx1"
    "tkHOX5OEcU2lLwmKXgoP3TmpWTGvNVW7t3rgBtBqX2ANQegE9JRlnMzZpsTlJqNreazSMM"
    "OLbr/ZyTpNrVs818jvx+qrI5Sam53GYuu3WPZrfhk1nzeGs8jrnoVeXyGqnmc5v57HtVVu"
    "VxjEzzt838RbfYKpd9QXvttFX/qi/u+FvBXzFG1SVDy578FauBH6fS4NcGfy/5fVu227Qi"
    "FZjcTNJsqJwK7AP206VUYMEEErnA4ltvTi6w9VXeALZVkie3bI2XTbKWlzw5G1cVQLg5sJ"
    "XyqR3soo0fWRsksNNBt48F3SYcFBfeUDxsCJTs4z33nE5DtaRWlk9WFaS+QxeocnQSq23G"
    "cr8Ts6HFJbq58dypNkZRTPcoal0nZaLDyHzhTplJgmBKGcw8GMws3leOeBgeLPAJfQifPJ"
    "IOcZNedSL5Fku2BtGJ5Et4hzRfZyn64aQhLvamTVJ2SYduwqM22n4q45qg1Lh2yKGpRe42"
    "Oln/U7gM0FkM2mOh08n6d5+sf8ZmQ+ZsqJTG9KbOGZp2qZjGwCvWTpMol1JR+1FZhscVVZ"
    "kaXyZ5kjXJYt28IUPhTaWeCa8wAZRciGmttF4XGSroj8RXqAUfGvr+1ApqWzZ2o0BB1afs"
    "Hm8g0z+f8ixI02pGdPAevps7UoGoGVvXDQicWXbjA/tFlL5jS+8I2TVgD+EWc9/FdatdYu"
    "65vO57OI69XOE09rZQImXYroIU6mcllTIktGd0ZhCZ4tJ8Kbi9wjSXKHUMBmQq4CuIBf/D"
    "/JZoWXENPz8tlZldgVAlZ4UvQ6WHCHjDCXuJOU6zBdidjp4p+6pR8XWQ7EKLvK05YIpE3o"
    "hx5aN2Awp9L1PiXkbrFHsUZXOz9hRj38l0PTuG/g6+tsq2ErTv4KZyelliUzldv16INhV8"
    "lQQXt/M0uPmxAUF7nQdsg+AAEAJFhvdo0VYSkmj36Lr7iMP+yg3KKMry+ld+UEYH0rc0L6"
    "fUCPzV8fvtvDhOGZT2o4nHIhAyNPFkfEK+Jh550DyuiX8LK6yEhWIsHhVUcZWGLNPLG7IK"
    "C6q2QSEXUHTjhVlSinaTnWNxkO/SETJq4tKVG9QGEUv4wWBFjJGYW8wksvQHFu+Qmrrl+R"
    "q/S57j+DDFyYQ5fokat08dFnpMvpAVT1ChHwxuuSXn/P749PL8mFyDWu9QLEStipyootIw"
    "I8tU1oGo7Ibrl7YR3hSLcEgfTpi1bQa1aFaIjPbObP/Bqr0zS5yuvYuLEscrtMpP3ovv1v"
    "LR4Y+wCsAhQffEl+azzzG0T1ZBNyToHrq9izLSIbQqWL4p+dCGA2cBB30VjOM0HdwmGk7x"
    "59FJxVItE53ce1OlXmerq8OKg1CD1guZTOqxOUGp2dxqNit9pk5u7DihdoVvM491TTmdJu"
    "SJIF+UJgTXc5oN9YIQPmBnXXIJy4pEiO8AOlXITlOFlInwiJcerx/isV7qvCNrObEysTLZ"
    "hjBJ4/tn6KfTQO0rj8XBgLX1259oieXdACUW4SO3QP1w5T9+FfQ9KBwuq/mRO44l2tUNDX"
    "ZlyBsZ6hJP2OYV+kdazKPOSlU5p6MRczEBhUxJgaMOBsfkPR1NyRRo/BsaLHSfviba5cD6"
    "rqXFwptRcNeinaO2ZkRlD5Vq/QTtO4jsVup84iVxf8G9rMuW/MJUSaoNy1K1U0zOwjijKp"
    "W2N9cB8vCMVK1NJNzNw7bIUtLShKr7jurKtJHkpVPdc1DXryAs5+oR0ctCFUKGPpVTHtZT"
    "1d2xuSfz07lxHzDLJXSIHl2ekH5SBpEnHAju7GFuwWYCW/Vg8EZK7Y5YkomAPqVjmOXJkC"
    "xrAmiDsG+5KS1i5zO45d9+vX7Zu7gMXNA8cce4ge5iU/ZQUtv4kYhbSVSj/FNrIq3URHR4"
    "0h5vU3Sd1wYk6iAQuaLvTIxIO9Bs4ECjK44/AXVGVxzvOIPrZTjV2U3zspsqybqKITKiaM"
    "YUuV/ZdsvBatqK9iR2pUiLrXzyJCh3w+Y9GHQ6weUZNVl/uKqshCbptGdZQ/ZSH9YGLKZP"
    "wPcpuQZ1MZ8DdVb5dTHMNy8H74xC6/JiWM62jPm6HLE8JtcENlILH6MddzBgczGaXvnJZ9"
    "BqSwlssh786EyDuEvM52WiX8jcETMB3CRo0xtSl5EJ81xM38WWRHaSnSRsF4M27JBSrH00"
    "aX5sgyW4vt6Rb96VrKmihoQEHXSIaNjVxF25HpvB1s+4Z0GfGe7CBVnUsog7iHnzkb4osN"
    "tWtVDqOE0HQW5gYbckZ8hHk83mcNCA/AJyZu6ZnNWs8Hi2IoL+HVuVvAe+JtDWv4QlIziL"
    "mEMm9J756T3I0rE8dkxupoy4mAfDzzoUXLHK+1nuLhmcpmQMJyh6eMq/B4PMm9r0wb3zGW"
    "BmksFAjQRtZFISvGqWg1qeEb81fu5fGRt4RfwCmsEs0bWVunfMfBMfKiPtKKF2kGYlO5u+"
    "nAK+BgR0NtH2qI5F4kbEtLI7c0TRwX25ecMn/hYqoOs37yC0p70yhx60ys+q2EtJdPu32r"
    "cK4y0kmZMHQpWL+ohio1v6dho5dnZJrw3pXTWkt0Ru/6Tqc02tea7Mvt6kUF6fhY3LumxO"
    "0cJlMyUrh16SMmqKg6AsPdauVGI9g6jvgH9MgQVo37q3GGwzGUWLG+kWhWpZaAo7QVoGa9"
    "30E+75zpkG9K4aYI6/FVrcMBaM2Iw6XEaQYVBZQeTXj3ggbuigpwXngxCccY1VkTuC9h2U"
    "OorADY7CV7kyx6uUq8BBZf7RR19tB7V6eX9idDrtT5s5vJfMM63bKfdURUPHCLTFO2MPaW"
    "naxodN89Jk1n7TRZ0rIJtb1HnPYYJrvi8ZSmjaOyZfB11zyalcjliiZBChiqtNqT1+KeaM"
    "y+sPvDKxTTJcycLCfu4jQ96ToN44tMXoTl3rsIeRvUDvDBKxBZRCLx0zuNvhbzlHWuzepn"
    "OdjqTtZ4pRoH3qA36fQYA6gKr72osOoOo4g+WRWXkLjVNpB/a6O6gvv1RHP0G3Jfy7Kk1E"
    "8KPUWBn7GJFe+HWRj9fgLg99nErLbU0ZZtpaPH7vBoRgAuWqx2cnY/Z36gbgrZgguF37e2"
    "l4kyfb49Yv3I0bADeRiemwNvDS0MYOrsdxlfJdE6sW++k6snFhuFVWxYU3FA+xDNBZdsX1"
    "NkahZVG2LmdUvCYz5rowM+UcMlu4Hhky4jLuXUn3b4/xoBAldMVd6A3Ndb7DiLrE9mnpHR"
    "at9Ahn6FpCnZUh+0E7ICVL4dxlucDsegLKAx0z3kb+55ZMgMxNdH93USnGTp5jBbcX6JHu"
    "ibk1gtbSA11mRJNPqTNh6KfuCXRhn6FH+pyubEHNuEu6ccv5QnobSef0EbArcE4nX/3kzW"
    "jpHAyEYzJEBSMIoAfMyyZnj2/p2IO54QcLtH0a+EmWiUnWKAA0m2MtTiILfbq3XDk1hk49"
    "DqBh3SNR4IyPE7QZdYMUcAArga/CLxhbjuv1zQWT/vro4O8ynMIIZxg+Rjf8mbhHr3/h4I"
    "ByVsCfFU7JPx7wG+CLVdlQ/4OUmOhG3kh0LXOcxNiPLECkMaYQGeFnoqPAvaCiKXo6UYKd"
    "++VDmSVnIQ2HhKOhWU3kjT+KHCBoFUYSyLx3WCjVNB30iAq9qLgIx1IDwJxUhVRkS+mcdW"
    "qdYOtYcgidr06bqtt7pu5H3dRZy6Pwg8sy0QfrBslY8MFlKqwRz7Aq6IYEGt4y8IabfGl8"
    "Q4oOAryVErG+cJUGOT+8I0aiszBuEOARF02rLPJ1uu4VQ24+iEkJ2VWv8iIqfZPX6pu8uI"
    "JVlcnrtNqluM2cHtkUeGAWlTMpiA5YJ9a8bjOvAytMms25SmOcpEv3ZL3T81fnr88uz0Nl"
    "MXxSpCOm9UHfVlUB0hiFRjQzITz36niCRWR6F2rzLmQ6AjOq1REfE5Say23m8phadi0mJw"
    "g1j9vMY5uCoM8cR2RE49ywh5zzL0nVBWW7iKfv/3lTbOgIWfr7l88fgubr1o/kCeknuMq8"
    "ASgIl05QdQF3nWG9lUv+0LaxVrvOPoErtb1ENbfLqa0V3pstdjBsqbNWRQ/DPcQtt2uZNx"
    "a1vB8nuG/MxSjQXAe4xHujyPnNVS0rxNTaYvLS4kaQwDQSMOJJTP1EHkG5S0t6A0mfNCxk"
    "+QyTnbuWmZVjdTtD6GDYFp8EBinIYaol36cg+eqMQV3nsM4Y1BbpWietOXjxz4OzbZYv/c"
    "VeFwt/smGFnJ5TRk2Vz0SRXknRyy9Yo5y+4W+0q2LeTO49Q7nMICdkyMawvqR4Jr0ysnN7"
    "Ntc9hi18hLaIjKqtY9LVVe+kd/ny9PRl7xwESeHIqASs7D4YGL7v/emr/0o3HPs+8qev3s"
    "ghwqo7GCOBfQcOzYPBLUe3e1m0XWVsccQSZomxNER6d2Ewg60KBUQhB+prNxVU5X9Tv+t8"
    "M2zQXle4zLG/ts7vvW3b6L4S4Mn9oCr2IZGGvjb0uEFXwz2g0KBvJr7tR9CIhb9nyBnJ4P"
    "h8MUMdsuWkjGs/aZoMPju9XfROTs96J8QFXd7F4DaHqUA6jPKDc90BzU5Vx/MD5OYoHPjm"
    "UJeMKIfD1YITVwkCGXLHtgdUAZRzm46YChBcwrGObwgK2CbIACpYE1pwJTi4GPpHAe8Hg6"
    "wMmJjpTTFFnDWZejDulM4BN2/h8J8YrwlS02J4bIoZrNLjsS2Eow1ebf91F4kWE0cs5pVF"
    "iziV3mprn2/yZ5pGviBiJiDQ9VDqh8vsV3HZ90LfsuuIPMjS6BYXcw2JurSX1K/oGnd4ur"
    "eylY9cLOMk+4XzdGMIG3Ot1tc6dXbfgzP6+9JyDTYnKfXVTpu5jOpKZYk1RqQd1uqbwrQd"
    "si3XarpmQRWPtdyiBdkpB3G3aADba+im676AsY01B9h8W2LKBTNDc3jrU/7y21dmUy9bsq"
    "3nfnkIqxmXRVKUFbOhxbMCL6sg9U72Iht1LudoCrK1Wh71UUsXEOkKXNu06keeGxlG/YRb"
    "R75NHz0jypr0OfHzwmG2O4bp6fxUeR7s3yZmK7TFkjlkRF0m0wICp1lfpQFULfEDZOI5WA"
    "QuIzNqMpWlEH588Jlmhll/B4Mq0/49cywA3gwzAC6nmILRc1UdUiwdivcH8rJAFg19KRP0"
    "KWdVy3FVIkTXXQrgKyyEseXMgt5kV8upkGn0MMkekNxypB+KB4OoTHxijiteOAYJqaPRgp"
    "5xvHBOz9wrIFzJ4qkzigVU7zHv4cRyPeZIahbk9zsmb4U3veWYjZAzZgYJAGUd1mMCMMPg"
    "LjwN0gxGZVQtM3TZ8FM66puJtsu3RsHNhPwRVbHThgSd8zDZTsKu2A5UBeZ1ukYCKlsE9l"
    "mvBNZnvVyo8VUS6TGM2q9665Ag6uDVQ+/iotSavihY0xfpJHT+wQaH17TSol4n1IiXQ1zX"
    "rg7xLYNuPrYpZG3KJwuQqKugG6fpIMKvSyD8Ohfh1zrM/UneF+gi8E+ByzG9uCqb10j17V"
    "+b+Zxpu6jK8dxONO/bzHvTchHkWinUkqSaz23ms7Lx1YnPjRNqHreNxxXCDOK1Ee4Y3/Di"
    "5lpZi2+wq87d3WSkdNrtPWo7fyXFQE0wJdyGMH3AProMkiyTtRlGHasKmIJoxuRV09Sabw"
    "jUp7CjTm9QUfW7Da7hM+rtdXBpxXMl1QdrPTdTVxbVNj0WpE/cB4xxyvVbWG9iFHkvKO8z"
    "GTRV0olBdu9Xu3OnVCUbsByiji0MFFQ5AmQDyy9Z6Nfck+MEsX1iydPeCo33ri/ZD/SSXc"
    "dCRWXHTk5KXC9Aq/zCY/iuUjD1HuXRtjGj1JEot6UNUeqcw/NujsPik7DsIVg6LN+BpUwX"
    "DkWHuj9UOpwg4aKFfte2YvMzeQb5iXuojacaOoE5C5vJuHaV74Z5HirF6LE2t5hJMCQ+Kz"
    "R/+4MqHz7XXkyU854VJg3iZE69qV+GeEo5R2wxqaTfj1+iFwnUQCqwH4ZaEdMaj5mj8lem"
    "J/sGh5Q0fh/KwdBPBiTTG0Fzx/MTYKqCy+oTnHtrhAmIVmpeS0wmhKYzNxAAwkwEY2Gjg6"
    "MJwsMt96OpfCkictFzsKJy4KSHIKg8SEFFZC7QRVALFIcsUCBXqwgUQfvO+eydl5EmzvOF"
    "ifOTdXcFLas1L6vF8f03KDlV8A3adxDfLZSUQPu7U6k8aYyke0U7yjiZ5vuYplxMtbPYtp"
    "3FpNtzFXhDgu4t3uZdpP3wjyr4xkg6iHCpA+6s4IA7Sx9wSzZ0La/SIo6RaJBLgRzoa2mU"
    "89M6xWl0JfQNUjtJLbcK8iGBTqhVH3XtYNtVhx2dXOepcVnng2xPiheJapoR9VK8JO+qD4"
    "wdedcexloykvg63CAbCeY02dTjsELql0NBOyMPiURhQ6hiuUg6jZh2FauGV5THuz5U3Uxu"
    "s83L3u/U8lDtibnXZVz6ZrQyii5/l377ste/c+p4K+V/hKSunwVE9nclHwFwBoFN1lwZ8m"
    "r1DaYncWVYJnnuqZwovsvSYOBfUw4GLwxis3FmXvZtD+lnZnfEzMIYBVlYUF0CyzQt3Axu"
    "ZGVJGfLXQngAjbqN5TIji9KWZAYX+RbOL+gNL3VlMRn/WdCxfxF9y+cgHjLuYUp5vFCO5Y"
    "aXLlxYJqbkneuPRB41/3q4j4L70Z/6PraV97E6ZeMe82VqZWqP4Ce2pxQD0GKRZ4xN0hXZ"
    "Kw6QGQW4ogFifQXnuCUW53OPqLq0fptI6K5zF+9tO/Cot6h0wRhR6NvxR2/HsyuZFK3qvF"
    "omB71H7HhR/6/AVLA1TPIJQp2/ptUm+ZiuV5XNa6T66uUA+Cz195qMDmk1p9vM6aQRqCqv"
    "09Sa223mti7i1FARp4NyM9E/l5o/F99wXllLTtJpRbm20RKNN9WNljGqbe1Y3bTeFzmAIK"
    "hpPlR2AGk6MHgPLnSPF6KJr8ASJX787aIBdLuXLSkT3+T+Wtm7Zpt31tfMsUbTo4x7av+N"
    "UXQ3TaM2j91M56PacMDqU7kd3VA4LLr3dLJl7nx7b4ykgwbfrWR/xx9VBYT95h1EdysBqT"
    "Cix3iGAJAfzxAj0YEkFUMaKuRtaf4w+/n/4tfBTg=="
)
