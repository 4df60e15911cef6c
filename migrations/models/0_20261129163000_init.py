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
    "eJztXVtz2ziW/isovySpUry2fEnWeXIy6XS2O8lU4ulMTdwlQSIkcU0BaoKyrJnNf99zAF"
    "7Fi0nqRtF4mOmYxAHA70DAwbn+52gqLObI4+vhUMy5dyPuGD+6Iv854nTK4B+Z7zvkiM5m"
    "0Vt84NGBowiobtnzsKl6RQfSc+nQg7cj6kgGjywmh64982yBox19n1CPUOLY/I7YHP41pb"
    "ZDZq64Z/KKePjW9iRxGbWYSyZUwjOmGg3EwzHp9y17zKTX7xNbkm+/Xr/sXlwSMVKt1Dw6"
    "2O2EPRzjfCwxhAnZfLz7oefc/mvOAJsxgwYuTODHn/DY5hZ7YDL4c3bXG9nMsRKMsC3sQD"
    "3vecuZevbWHn/k3i+qLX7YoDcUznzKo/azpTcRPCSwuYdPx4wzl3oMR/DcOXKEzx3HZ2HA"
    "JD3ZqImeZYzGYiM6d5CvSK0nED076vU+f7npfXt/0+sdpXgeUMR44T8aCo7rBaYqFQBjnM"
    "LL/+52z85edU/OLl9fnL96dfH65DW0VfNNv3r1U08mQkt3pTD7+OHj5xuckIBFqdcsPvip"
    "aKhHNZViRoT+HXx8Gv93E+pmox+0X8EfPmwV/wDtIgYEDyIORD+kXbBgSh96DuNjbwJ/Xh"
    "aA+8f113e/Xn99fvkiCfBn/0UX3yDSEbL691MF24hiM+jud3knsT0vA+55Prrnq/Cyh5nt"
    "MtmjGRD/DUDy7CnLhjlJuQK15ZMeB/84wGVdAPXNx0/vv91cf/o7dj+V8i9H4XV98x7fdN"
    "XT5crT1KIPOyHfP978SvBP8q8vn98rOIX0xq4aMWp3868jnBOde6LHxaJHrTgmwePgUYLN"
    "c8msGjyOkW2Awf7vxvB3K/x1e1VFgBjR43JAvR9sOyUBFMJGd5mCAGKa5sIvwmX2mP/Glo"
    "oTH2HelA9ZBvK+PP0Pv5vD4sDPYIUFT6PxXboIhdb4woNPhw9mnj7Tr7+9u/7b+yMF8IAO"
    "7xbUtXoJpPGN6IqVJ2Hb9Ktpd7r6hHI6VtjgV+Ccg0sMSPFHWZcbfF58qYEWJe8y12RGXQ"
    "+vAJTcMz5nz+D2IMS0Q+RELDgZLOHS4FJ+1+938JagnuCE0neT9boyd40G7zBFdw313wry"
    "cNC+hXeN85MS8vD5Sa48jK+S8jD+XNLgfptSx8ld3gHNtg7R3QKs1/hZ99VluKrxj6J1/O"
    "3T9e+/Bws3hiW7tyUOn8IzH8oYyX7hPF0bwu7p+avz12eX5yGO4ZMiMLNw9OCmVUd+T1Ia"
    "Eb7JIrw6wSvL8HGqNu0/+5XiFaobEOP/CPo5MCaUFeTjqy8hyX+Fn8PXj+9uikT5CG4lR8"
    "uMhe/T/fLbV+ZQL/tc8KG+UVAe6g6WQvrnNi86bx0xvDvKuOnoF52iq84Am5S86yieSG0l"
    "8a8o5I6xmSRDR0hmkZErpnBHgZ+R66Emsd8nc+7ZDjxj3NJPjskXznxLCxpapuIeKHU3yv"
    "QiFumr0U5Hfvwm9SPxS4Hb7709ZD08d4/+NLesRt6yzHG8c2ZE4Cd+IZkybzb8q3RFEu8B"
    "MqMAVxRhV0BUWzasxYyD9X++ffmcjWCCaBU+e+iR/yOOLQ9xJReAh3AkrgmBhuD5p+t/ri"
    "oP3v3+5e2q/I8dvF1dw8HRUvXSliA0drVGX9p8WaGy7TQiMwxuNINRsZ+lwcpXt0YULVS4"
    "dk/KaFyhVa7KVb0zesKjLegJh7D0vFp6wiSl2ZIaviWpi2gtdXCc0qiDm8bllEayjPJMDI"
    "fzGeVDe10N2he/o+XBMn7HWjQh7vSk0no0/1WnUJOmG5X2gRbEsjmTZDFhHD2LVUfasRi9"
    "iUWgq1pQSbBvZr0htkc4u2cusdjQtjQx6qgIJYpcEdM76DClQtv2gLf8lvf743noHb0IBn"
    "wDY6GLSDSU7zSuh9NDdQjllmIJDuEyAtem0Qg6sMhIuESKKRsIa0kWNqz1uYezPVYDumI+"
    "gwtu1LnvOtEBGj0AF77GcEi58peAoYT6CEX8TBI1a4TEZSMYmw9Z8AlAPmNiBh8q6RIGve"
    "U4xGyCw0N76CeGoOoGR+73YY6S9fzX+E59zjOJROh83gNMUeCBtwoKSeYz4gkCNwnVHNtI"
    "dCVH13OJoyJjFC4MgBswACWYAWpIAgEqmoxDpUeCx8gMCQBMKB/D5+uZkjGDcX0XeDoAVK"
    "8CZGBAxV3q4KqAHrn/wTNXTG30IlS32thoYkgdoh5q0EM81HIKyN4EHLZx6XjAWscRC6nU"
    "txraf2vGImtD3QUMQ12cjIPOMaiq1RYG5QVDRrYrPd8Hfxot6zfxxeSp/1ffQdQHHq8oi2"
    "3AeBEs/mC2nbj2WP1sYoOrKQHHBjADlzFc5NR1bX0eo4cODBBIYfpP/T3S1svrOfXUFwNb"
    "gq+hI0/9svBUf6F+D7BY2MjT4+N4aooT2INgO7fwG+bcEis8lx6bKeJFwAd/Z8Jvu+V66c"
    "CHXMFSYmQyHxxbApYAB0FhWVr/HXP5ivQb0OrHkWJ69iujNG+kntYozRvEjAj84GSrBn6c"
    "yoBfG/w9K9ubKY/vTNc+szmcbxkLXwiHUZ6NfkS0Aj0cf84uF362xL8JsN9++fJ7Auy3H1"
    "dW8ud/fHr7/uvzU4U8NLK9nAUeSrrVdKExotZFY70uoQp9nasIfb2qBkVhmzOnCr4xkhYq"
    "mzeML16uqoAbtK+FbMM25CSwF6W0+BcFWvyLtBY/usFWATlJZaAuBbUYDmm2wSQf6DhN+2"
    "DuljNLFVilUrsFY9WEuZDAeE2sIcnFdV1p9IvjMFZp23Sd2UQ8htK0ZKzpYlQjKoOn8fBZ"
    "d9M4CDuc8fB5Qgw2vqYb8DVNmnmqyKVpyvZJp2fdEtLpWTdXOsVXqaPHm2cc5fk4RxRGU/"
    "CYpuCgHdI2KydtzDltxe5cAdoMSuPyZ1z+npKMMp9ZNdmcpDRsbjSbhxhN7NT7OSdJjW9n"
    "k/kc+f1UZXOS0nC5yVyWdY9mueGT2fB4azyOuehV5fIKqeFzk/nse1VW5XGMzPC3yfxFt9"
    "gqxr6gvXHaqm/qizv+VvBXjFG1SdGyJ3/FauDHqQz4tcHfS7behu02jcjzpTaTNBsq5/n6"
    "EPRzYMs/K24umEAi0Vd8181J9LW6wDcAa8ksyA1b2WWTp+VlQc6G1Avym62Jadk8aQe7VO"
    "Nn1Bo56UxYbUFYbcIZce4NxMOaGKk+3nPPbStKC2pnuV5VAek7dIE3i7bBtM0Y7XdiOrA5"
    "9eeaitOOv+4UxWoPo4Z1ch+6jMzmcsIsEgRJqiDlfn9q8552sMOwX4FP6EP45JG8huv0ar"
    "K/N1hi7RCT/b2E18fmqyFFP5w0xMVesknKNt2NN+EpG20/lXFNUBpcW+So1CA3GpNh/yko"
    "+U12guZo3kyG/XJKog1l2J+y6YC5a15AY7elNmmRdnkJvfFxKbqJhtiWuo72ouIJj19KVT"
    "57lahJFQ2LdfOGDIQ3UXdKeIVJnNTKS99A63WRcd38kfgKvcJD3d2f5jLalE28U3AZNSfq"
    "Hq2I6Z9PeRakaQ0jWmhLb+eOVCBWDpMK3TWFyxX18IH9GEpbzNKbQXZV1oabI/dd6baaNX"
    "LPtW7fwyHsZQmi+kWh9MmwSQWJ088iquRFaM/otENUSkrrpeDOEtNSooTR75OJgLkTG/6H"
    "+ShRYyI7fj5ZqjKxAqFOpgrfgzcaIuANJ+wl5iTNFlZ3OnqmnKtHxddBcgoj3jbmMCkSby"
    "PGlY+yDSiMvaWEvcXcH/YotuZm2SnGvpXpdXYM/R18bZVtJWjfwk3l9LLEpnK6ajaINhV8"
    "lQQXt/M0uPm+/EF7k7drDWd+EAJFhstn0VYSkhh35rr7iMv+yg2iKMrK+ld+EEUL0q1sXk"
    "6pEahr4u2baRBOKY/2c//WEQMZ9+8wlCD//h35wzx+//4W1kEJy7nYPCp7IvW9WCWB76ha"
    "KXihDcqtwPU2Xj4ldb3eZOdYwuO7cmuMmki6lEEFD7GAnwnWrRiKmc0sogp0YIkNdT+3Pf"
    "+eL8lzHB+mOB4z1y8kI3vUZaH/4wtVlwSv8f3+LbfVnN8fn16eH5NruMy7FOtD61IkutYz"
    "zMi2tE4gKo4h/QI0wptgqQzlkQmzdqygYswSkTG+ls0/To2vZYkztXtxUeJQhVb5KXbx3U"
    "rWOPwRVgE4JGif0LL5HHEMtZJV0A0J2odu96KMTAitCpZvSip04MCZw/FeBeM4TQu3iQ0n"
    "4vPouGJBlbFJwb3uVd7klKvDioO4/KyWGxnXY3OC0rC50WzW95k6GazjhMaxvck8NpXfTD"
    "KPJ4J8UTIPXM9pNtQLKfgQdHZgv4GycQXxH79J6LGrhB5lQjXiZcHrx2rEKpC3ZAUn1iMW"
    "DFsTIaVo/ywOuThD41JOHAxOWzftqIWVZ94JVt0jJp5euMoft/N8D2p3q4J65I5jlXRtfs"
    "GuOsrcQiXxhGNdocujzTzqLnWhcTocMom5IlT2CF2E/pi8p8MJmQCNb37BWvNpG9AuBzaG"
    "lAZLZp0CQ4rxd9qahpQ9VCq3E7RvIbJbKbWJFuDenHtZlpT82lBJqjUrQzVTGs7COKMwlF"
    "Em1wHy8DRQjc3l287DtkgN0rycpvuOzMpUgORlNN1zYNavYkVyjT8vvDOo8KVyt4XVNHJ3"
    "bOap3HEy7tFlS0IH6J/lCeX11CHqSANJnT3MbNg9YG/u998oMd0VCzIW0Kdy87I9FVZljw"
    "FjkO5tmbo27HwGt/zbr9cvuxeXgUOZJ+4Y76Dz14Q9lLxe/EjEniQqQP5prh6NvHqYEKM9"
    "2kZMbdUNiNBBCHFFT5gYkXGHWcMdxlT5fgL3F1Plu+UMrpd91GQezcs8qiXrKprHiGIzus"
    "f9yrZbDjgzarMnsStFt9jKJ0+Ccjds3oMapxVcnlKL9QbLypfQJJ3xE9uQgtSHdQMq0na7"
    "MyWXnymlc3ieKL/OB0dZqmR43CnUJPsNSmX3csXimFwT2DRtfIw6236fzcRwcuUni0ENLS"
    "WwoXrwA7M6RC4w/5aFTh8zV0wF8JCg/m5AJSNj5klMt8UWRHWSndRrF4Nu2Nuk+KaxSVVj"
    "E7S+9e8Y+apcxZoqV46QoIXeDhv2I5FL6bEp7PWMezb0meHtW5D1LIu4hZhvPkYXhXPHrh"
    "YEHadpIcgbWNgNyfHx0WLTGRw0ILCATJl1Eq+0KDyU7aht744tS1p6rwm09c2sZAgnEHPJ"
    "mN4zPx0HWbi2x47JzYQRiXkr/NxAgRFVWWC5XDA4Q8kIzk102lR/9/uZttj0cb3zGWAmkX"
    "5fjwRtVBIRNCarQW2vE7cLP/eNwh00Ar+AZjBL9Fal8o5Zb+JDZSQHJdQJ0qJk57dXU8DX"
    "gIDJ+dmcy2GRkBExrex+HFG0cDfevGrzjmVcvQtcgXXzFkJ72i1z1EGr/NyH3ZQct3+9fK"
    "Mw3kIqOHUgVDHFRxRr2eGbqdDYmRneqMrbqipviLT+SZfImtizLEk99rZQSp+G7cq6Yk5Q"
    "m+UwLSGH3o8q/ImDeKw80a50+rsO0bOHf0wAeNRl3dsMNpeMQsEb6RZFaVXwCTtBWgYr3P"
    "LT4vlOlx3oXTfATHxL1K5hUBdxGHW5CgXD6LCCEK4f8cDZ0PHOiMsHIS7jGqsibQTtWyhr"
    "FIEbHICvciWNVykXgIPKz2MOvNqOZ/Wy88ToTHKeJnN4L/lhGrdT7qnChfH9b4rXxW4zyD"
    "SNBeumkMmswWZqKJcDNbeG8p5D/SJ3lowLZ8LXJf++ueJbU7kEsMKmQ4QucjahzuilmDGu"
    "DBxoFHEsMliqYr5+XqKOsoTgHXHgiOGdNtywh6EzR68LEjEDLoBeOu5vt8Pfco602L1DZy"
    "aHSNPPj07BTdMc5vsM5DNBUO2/qZggqJYzWB2ZlbfQOJVxQq+7g/ryS3X0E3Rbwr+t0kQE"
    "P0qNlbGPEZmFXxf5eAXs8tDHqYzctiklTAOrtu9dYxBMoFzZ9uz0yIMo2+6ayJbP29usXb"
    "00ssnz7HEl18TPe7QmrkH6pMPasUujGjupHodUCXSbWKtBPy0FNS74NkpvOPcG4kHnZM7S"
    "HMZedwp1h6phObXhNZkyKWE+2tVjOpceGTAiGfeulAu3x3hQ/BG64hJ6Q4Wc7/6hTdI+Lb"
    "3DQpEe4QwdRai77Kh+UNNHyUK4d1kOLbuegPYix0S0kQ+5rfIScwtd2CVee7GT51g17QV6"
    "lXtiZg+htfIiV3nL1FPqjhn6mnsC3dCn6FU+o0tHUCvuVt655XyufIeUg/kQ2BU4mJOvfk"
    "5l1GX2+8K1GKKCUQDQA2ZPU7PHt3TkwdzwgwVqNzv4SbaFqdAoADSdYf1LoopryluuHRND"
    "Fx0X0LDvkShwqMcJOozKIFEbwErgq/ALRrYrvZ41Z8rnHp30JcMpDHGG4WN0pZ+Ke/TcFy"
    "4OqGYF/FnilPyjAL8BvliX6vQ/SAuCMvItoiv53RTGfnQAIo3RgMgIP18cBe4FVUTRb4kS"
    "7Nwv2clsNQulGiQcVcl6Im/8UdQAQaswGkBlp8PipJblon9T6BPFRTiWHgDmpKuSIltKZ5"
    "bT6wRbx1I4mKxyRhnd3JN0PxdKk0w8CiG4LBNBsKpyjAUQXKYCEvEMq4JuSGDgLQNvuMmX"
    "xjekaCHAWynL6gtXaZDzQzRiJCZX4hpBGnHRtMoiX6VrXwHizQciaSG7qrEuojK2ukbb6u"
    "IXrKpMXqU1DsJN5vTQocADq6jKSIGv/yqx4XWTeR1oYdJszr00xknaZAnrnp6/On99dnke"
    "XhbDJ0V3xPR90NdVVYA0RmEQzUzbzr06vl4RmdmFmrwLWa7AXGh1xMcEpeFyk7k8orZTi8"
    "kJQsPjJvPYoSDoM9cVGbE1N+wh5/xLUrXhsl3E0/f/vClWdIQs/f3L5w9B81XtR/KE9JNU"
    "ZVoACoKfE1RtwN3kQW/kkj+0bazRzrFPwKS2lxjlZjmwNcI/s5l+hA31zqroSLjbAORmLe"
    "6NhR/vx+HtG5NSf3HK2S141SlydJO6UYUIWUeMX9q8EyQcjYSJeNJRPwVHUIDSVp4/yv8M"
    "S0s+w5Tk0raycqJuZwgT2trgXb9DCnKOGin3KUi5JtdP2zlscv00RZI26WYOWd7z4FibZo"
    "p7+k2xtKfaVEi/OWHU0ulINOmVkrX8OjLaoxv+RqUpprjk3jMUxDrkhAzYCBaUkseUy0V2"
    "Gs7NdY8xCR+hLYKiS95YdHnVPelevjw9fdk9B8lRuCrkAIur9/sd37H+9NV/pRuOfAf401"
    "dv1BBhMRwMgMC+A2/lfv+Wo0+9qpuuE664YgGzxPAYoly3MFLB0Zn8o3gC/bXrSqbqv6kf"
    "cr6ONWhvikzmKFcb59TetM1zX7nq3OAiWwX7kMhAXxt63KCr4R5QGNDXk9f2I17c+IxISR"
    "dhWHu+cKGP1nKyxbWf6UzFk53ezrsnp2fdEyLhyi4xXs1lOjYOA/fgNHfhAqdL1fkxbzMU"
    "CXw1pyRDyuFIteGc1cd/hrSx7QF1TOTMoUOmY/4WcJjjG4JytAUnv46/hBZciwsSo/koQP"
    "3QIcsOTMzyJpjXzR5PPBh3QmeAmzd3+U8MwQRZaT44tsQU1ubxyBHCNXqtpv+miwSKsSvm"
    "s8oCRZzKbLC1TzX1M00jXxAEExCYMiX1I2D2e13Z90LfsjeIOsjS6BZXVg2J2rSX1C+vGv"
    "dhurezrxy5WMZJ9gvn6doQbsxb2lhv6uy+B6fb96XlGmxOUhoLTpO5jNeVyhJrjMj4oNVX"
    "gBntY1OsZ6ayQNp+lumElltaIDtPIG4UG4D12u/msLaV0qDGttMcTPP1hilfyoz7wluf8p"
    "ffvjKHetnybGU/ykNYw7gikrKrmA5snhU8WQWkd6oX1ahNmUFTaK0U26gPWKK4R1uQ2qbK"
    "XvlhZGjsA/+MfIU9ujiU1ddz4udxw+x0DNPJ+antPIHV521OHLFgLhlSyVQaP2At6+m0fb"
    "olTlsligOuS0am1GI6qyD80ODjrAyd/Q4G1Xr7e+baALcVZuxbTDBloid1FVAs3InGAWUJ"
    "UCU7X6qEetrh1HalTlwo5UIAN4H9I9udBr2prhYTodLeYVI8ILnlSD8QDx2iM+eJGa5z4X"
    "ZISB2NFvSM44VzeiavgHCpSpdOKZYvvcc8hWNbesxV1CzIx3dM3gpvcssxeyBnzAoS9qkq"
    "qMcEYIbBJTwN0gJGRUxtK/TC8FMwGrND04XXToHZQf2IqihhQ4LWOY1sJ8FWbAeqAvMq3U"
    "YCIBsE9lm3BNZn3Vyo8VUS6RGM2qtqUkgQtdCu0L24KLWmLwrW9EU6aZx/sMHhNam0qFcJ"
    "DeLlEDeVo0N8y6Cbj20KWYfy8Rzk6CroxmlaiPDrEgi/zkX4tQlLf5LGAFOC/SlwOXYvrs"
    "rmFVJj2msynzN1F1U5ntuJ4X2TeW/ZEkGulfIsSWr43GQ+ax1fnRjbOKHhcdN4XCFyIF7L"
    "4I7xNS0111pbfINdHa40XmzW2rWltJm/jWKMxpi4bU2EPmAfLcVH1bFaD572lOhLoTNlyq"
    "w0sWdrYvQp7Kitm1FUlG4N83qyAl4LF1Q8o1F9nGLJk9qylLbphKC92TK8EEI3t3w3BOUo"
    "VjpuEKQlj85dik4Bf+go/SDxk43eYY7m7DNlJvfzCVBnznTtQHfuMBV4p8Pwmefh6Y5W95"
    "nNLIIxe1mxg9sfVPshSGc+1g4IdpjLgJMZ9SZ+6cMJ5RxhxeRWfj9+WUAk0APpyEMYakks"
    "ezRirs6jlZ7sGxxS0fh9aCcJP0eByroAzV3PT8SlizzqT3Dv7SHmRVjqeS0wxwGK/zKIbQ"
    "xDJUfCQScN65hc33Lf3dtPrxC5GbhYxTFwNEAQdHqGoAojF+jmYDwPDtnzALlaxeoStG+d"
    "38H5SQmDy/lJrsUFX5nAuryydCdl0IVW+YXpTlL4/lvwSvgG7VuI7xbSWKMOwa1UEi1G0r"
    "5E4WUcZfL9ZFJuMsbgvW2Dt3LdqgJvSNC+xbt5Ny/fhbUKvjGSFiJc6oA7KzjgztIH3IIN"
    "pO1VWsQxEgNyKZCD+1oa5fy8E3EaU311jdwT6pZbBfmQwGT8qI+6cRJqq9HRRP8/NS6bhF"
    "XNiUFXqKYZUS8G/UPQ2YFxIs/O0VkJmY4vwTVipjHyel2HiXKx6YcCdEa0tAJgTZRiEdNt"
    "BcvYvEtDFSUVrY9S6wLvt27J1WdCnjk3PDEesen21NZb0rKrepY66FlOfGOp7RLtXYQpWr"
    "XRUDWwMas6pmrFeGpK1DiB5VEseNqEu/HejR2ywaJTp8AOaYxlmzeW1XJB3aXbYNP4UOro"
    "i/xi6gPUpixTWz/6vlPbQ8We9o7LOP2SDQoPwIXftNzhd01m1PWW+vhBUuln6FD9XalHAF"
    "eHwA3CWnaUy9AbTB0iVcgkee7pfCX+idXv++43/f6LDnHYKDMh+raH9FOiu2JqY/yAKtyn"
    "nZtUChVuBZ5GqoIL+WsuPIBGexlxlS1FawFVdhX1FvYS6A2dlVTtFv9Z0LF/qt/ymcsk4x"
    "7mckdHqVhSdnWCY1WWkmf4j0QWM9/tqYcKqaM/zfneyPPd5ErcY6JKoyTcI/iJ7SnFANTE"
    "5xkZk3RFevgDZEYBrqhYX13BOVJpcSL1iKpN63cTmdRN0uC9bQce9eaVHGciihZedjft9Z"
    "VdQqRoVecVETnoPWLHi/p/BaZkrWFqThCa3DKNNjXH7npV2bxCalwKDoDP6v5ek9EhreF0"
    "kzmdVAJV5XWa2nC7ydw21ZM2VD3poNwnzc+l5s/FV5xXviUn6cxFubbSEpU31ZWWMapt7V"
    "jt1N4XOTYG9tw1HRs3aBfeg1f442Vg4ouvRG2dQZR/aE1gW5XJKBPa5K5a2WF0m/bpa+ba"
    "w8lRhmHaf9MpskjTqM1j9uh8VDfs9vRUbKJrioRF1k43W9LO1/LGSFqo5t1KPnb8UVVA2G"
    "/eQnS3kl4BRvQYzzj286PzYiQmLLJigF4FZ73NH2Y//x9mzgbu"
)
