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
COMMENT ON TABLE "events" IS 'One change of a stream, append-only until it is forgotten (hub.store.retention).';
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
    "erased_at" TIMESTAMPTZ,
    "logged_in_at" TIMESTAMPTZ
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
CREATE INDEX IF NOT EXISTS "idx_sessions_created_4e3e88" ON "sessions" ("created_at");
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
    "eJztXetz2ziS/1dQ/pKkSvHF8iM5+5OTzczkZpJsJd6ZrY2nJEiEJJ4pQkNQlrV7+d+vu8"
    "Gn+DCph0UxqNraiUk0Qf4aAvrd/zmaSks46vh6OJRz17+Rd8L9iJeOLtl/jlw+FfCP4kEd"
    "dsRns3gIXvD5wCEqrof3fBxPt/hA+R4f+nB3xB0l4JIl1NCzZ74tXaT5Y8J9xplju3fMdu"
    "FfU247bObJe6EumY93bV8xT3BLeGzCFVwTNGggH45Zv2/ZY6H8fp/Zin395fpl9/yCyRGN"
    "ovfo4GMn4uEY38eSQ3gh2x0//dRz1/5rLgCbsYABHrzAtz/hsu1a4kGo8M/ZXW9kC8dKcc"
    "O28AF0vecvZ3TtrT3+4Po/0Vj8sEFvKJ351I3Hz5b+RLoRge36eHUsXOFxX+AMvjdHjrhz"
    "xwlYGDJJv2w8RL9lgsYSIz53kK9IrV8gvnbU6336fNP7+v6m1zvK8DykSPAiuDSULq4XeF"
    "VFAIzxFV7+d7d7evq6++r04s352evX529evYGx9L7ZW6+/65eJ0dKPIsw+/Pzh0w2+kIRF"
    "qdcsXvhONNznmoqYEaN/Bx+fxf/dhHv56IfjV/CHD1vFP0S7jAHhhZgD8Q/pKVgw5Q89R7"
    "hjfwJ/XpSA+/v1l3e/XH95fvEiDfCn4EYX7yDSMbL691MH25hiO+jud3mnsT2rAu5ZMbpn"
    "q/CKh5ntCdXjORD/DUDy7anIhzlNuQK1FZAeh/84wGVdAvXNh4/vv95cf/w7Pn6q1F8O4X"
    "V98x7vdOnqcuVqZtFHD2F/fLj5heGf7F+fP70nOKXyxx7NGI+7+dcRvhOf+7LnykWPW0lM"
    "wsvhpRSb50pYa/A4QbYFBge/G8PfnfDX69UVARJEj8sB6/1g2ykJoBA2ussVBBDTLBd+kp"
    "6wx+6vYkmc+ADvzd2hyEE+EKr/AY+JhOnDYsP3cJmFV+P5Pb6IJNfk6oPvh08Vvj7Yr7++"
    "u/7b+yNCecCHdwvuWb0U3HhHduXKlWhs9ta0O129wl0+JmzwK/CdQ3UGRPliXSe6Wa7jwL"
    "CKqs01m3HPR42As3vhzsUzUCaknHaYmsiFywZL0CE87t71+x1UGugKvlVWVdnsUUb1aPCG"
    "U6Z60H9riMfh+BaqHmevKojHZ68KxWO8lRaP8eeSBffrlDtO4fIOaXZ1pj4twHqNn3ZfX0"
    "SrGv8oW8dfP17/9lu4cBNYintb4fQZPIuhTJDsF86TjSHsnpy9PntzenEW4RhdKQMzD0cf"
    "FK91xPk0pZHomyzR0wleW6RPUrVp/9mvUE+obkGq/x2fs0Wxfh8/rkfl+uQSTAn2X+A38e"
    "XDu5syyT7GnIRplbP6A7qffv0iHO7nHw4B3jf4jKp4N3Mvy8D9fZfKz1tHDu8KtZ/E3U6Z"
    "+jPAcRX1H2KR0o6UQG1hd0LMFBs6UgmLjTw5Bb0Fflqej8bGfp/NXd924JpwLX3lmH12Re"
    "CMQV/MVN4DpX4MeWfkIqsuPdnMt+6t2+8TOtoNhL6fke0p0tVwlF7rl3QD5fwBV4ItpHeH"
    "D2Fy7ncYdy1U1+BPT4xAdVZwRaKiFql69JCKqty31K8UFPF7eyh6ePAf/WnUvEaqeUYeeH"
    "JmxOCnfiG5Qnc+/Kt0ZSL3ATKjBFeUoVdApA0K1mLOof4/Xz9/ykcwRbQKnz302f8xx1aH"
    "uJJLwEM4UnpKaKJ4/vH6n6vWi3e/fX67qoDgA96uruHwHKurNaYIjZ+v0VpjIJjU9uXGZI"
    "bBjWYwehbyTGjF9t6YooUW3+6rKiZfGFVo86V7xlB5tAND5RCWnr+WoTJNabakhm9JpPWu"
    "ZY9OUhp7dJO5HAri9fTPJJXRP7dlj9aWtgwjatuja9lHm8aJPANp+AIpg3RyDW5gkJbD4X"
    "wGeNqbWqU/Bw9aGst0Dcu0lHfwUsW26eT9Tql1Wo+snHogmWW7QrHFRLgY0L9iyJWh/XfB"
    "FcNnC+sKzbSuuBces8TQtjQxGWu5NtMSMb+DB2bM0rueUFujx/MoKWERTngFc2FQVjxVkK"
    "uhp9NTaUs0Mgen8ASDPWY0ggdYbCQ9puRUDKS1ZAsblv7cx7c9pgk9OZ/BjzB+eGC37gCN"
    "nsCVgRV+yF2KS4pM3ET8TDF6a4TEEyOYG/a28BOAfCbkDD5U8SVMeuviFLMJTg/j4TkJBO"
    "kxOHO/D++oRC+4jffoc54pJMKcjx5ginI93CUoFJvPmC8ZKMw0HMcozODAjA+FsyJjCBcB"
    "wA0EgBK+ARoCQz0hfhmHK7Tp68vIDAUATLg7hs/Xb8rGAuYNMk/4AFC9DJGBCYm73MFVAU"
    "90gw+eeXJqY/AuGW8Ss8khdxhd1KBHeNByCsmuQg7buHR8YK3jyIUil4iG9t+asZFnA010"
    "MA338GWctGOjk/Z4wB/TeFlfJReTT/9P38HoA49XHDA2YLwIF3/4tp2kR4Z+NonJ6ZWAYw"
    "N4A08IXOTc82wtdmIkHEwQKhv6T/09ytbL6zn36YuBLeHX8JFPvywUXl/Q7wEWixj5en6c"
    "j15xAnsQbOwWfsPcteQKz5UvZkS8CPkQ7Ez4bbeuXjrwIZewlASbzAfHloQl4II8vKzs5k"
    "kEWcZmPBj17YiYnn/L+IYaKA52jG+oScyIwQ9PtnrgJ6kM+GuDv2efUjMl8ydzKc1sF863"
    "nIUvpSO4m49+TLQCPRx/T6qH5kv82wD77efPv6XAfvthZSV/+sfHt++/PD8h5GGQ7Rcs8E"
    "jSrWfyTxC1LgnyTQWL/5tCe/+bVWs/CtuuVhqr4psgaaFPZcv4onJVB9xw/FrINmxDTgN7"
    "XslZdV7irDrPOqtiDbYOyGkqA3UlqOVwyPP9gsVAJ2naB3O3mve1xPma2S2EqCfMRQQmOG"
    "gDSS5p68qiX57vtErbJnVmG3lPZGnJWdPlqMZUBk8TyLbppnFw7mYTyNZyBpuQ6i2EVKfd"
    "PHXk0ixl+6TT024F6fS0Wyid4q3M0ePPc47yYpxjCmMpeMxScNBxl9uVk7YWg7nid64BbQ"
    "6liWw1ka0/kowyn1lrsjlNadjcaDYPMUrSWe/nnCY1IcxN5nMc91OXzWlKw+Umc1mtezSr"
    "LZ/Mhsc7TkagEL26XF4hNXxuMp+DqMq6PE6QGf42mb8YFlvH2ReON0Fb67v6koG/NeIVE1"
    "RtMrTsKV6xHvgmi24r4O+lSHbDdptG5C/SZpJlQ+38xZ/xOa3PX0xuvQX5i6urfAvY1qlA"
    "3rA1XrVSYVEF8nxcTdKtSbptFvCUdJsKUJz7A/mwIVD0jPeu77UaqgW382Ky6iD1BzwCVY"
    "5WYrXLXO53cjqwXUK3MJ87M6ZTltM9jEevU3fUE2w2VxNhsTCZkpKZ+/2p7fZ0IB6mB0u8"
    "wh+iK4/UFN3kqaYbQ4Ml2w4z3RgqRIdsv1lZ/MPJQlweTZumbJMOvY2I2nj7qY1ritLg2q"
    "KApgaF25iOFz+CM8BUMWiOhc50vHj6jhdTMR0Ib0OlNKE3tc7Q9JSKaQK8cu00jXIlFbUX"
    "9zZ5XFGl/hJU5Ika+yUec8UG0p+Qngm3sAAULcSsVrreI3JU0G+pr9ALPjL0/WkU1KZs7J"
    "0SBdWcsnv0QGZ/PtVZkKU1jGihH76dO1KJqJlY11sQOPPsxgf2i6jsY8vuCPmNlA/Bi7nv"
    "DtX1nJh77lH9Ho5jv1A4TdwtlUgFjqshhQZVSUmGhPGCTzuMSlxaL6XrLIPmaDZ1QhtJby"
    "x9X7jsOVauVD6WQfUAPRef+CJfRt3mBLo0KUpB/T6bSECV2Zaiepto6VGdoF4up0qzMI8u"
    "FgtIoxLGJNxxmXiJNVeLpWH9kng7LH9hhODGHDllQnDMuOp5vCGF8dRU8NQYLWOPwm1hHZ"
    "9y7FtZwOeJob+Dr62zrYTjW7ipnFxU2FROVh0O8aaCt9Lg4naeBbc4WyAcbyqDbZAuAGKh"
    "zIknLdtKIhITML3uPuKJvwrTNMrqvv5VnKbRgoIu25dT1kgFNhn9zXQlZ0xM+9HNEzkJOb"
    "p5OmOhWDePY2oe182/Rj1XotYxthu3WFFaoaaC8x3qy4KqbdjaBRTdZKuWjF6+zYejTv4H"
    "hUbGQxRfqrBbiFzADwaV+6Gc2cJi1AwE23mQpg56vzYQKPYc54dXHI+FFzStUT3uiSiG8g"
    "X1QEGFvt+/dW165/fHJxdnunlM1IMl6OmCjwufTbGbuqkN9t1YmUpP0CO6XkBC0127DH7s"
    "2Daehty6ugc8fKltaatD3OBDBU10pD/Bdh80IzzRscKuN0tE3MSBNv/ANnGgFU7t7vl5hW"
    "MbRhWXCcZ7K5Xv8MddB+CIoH1i0fbr3Am0e9ZBNyJoH7rd8ypSJ4wqWb4ZudOBk2MOAkQd"
    "jJM0LdwmtlxM0Ofjmk1hxqaM+KbGAhPwbOoLGjW1euE5UiDWYnOK0rC50WzWiuE61cyThC"
    "Z5ock8Nl0ATWGXHwT5ssIuuJ6zbFgvbeRnfFibgvjyckeSO4Ap7vKkxV2q5OQkm8Wvn5Sz"
    "2py+JWs5tTKxl9yGMJFz5BM8p9VA7avyyMGAtXPvXLzEijx0qUX4iJeuF638x111f4St3q"
    "n/IrsDaTL0oOGjOuQx44r50rEuWb9v2cLn3lL3pefDoVBYMoSKiOCs/f4xe8+HEzYBmsCD"
    "xoRrZd14Tzmx8Vk1WHjrlPisTPDazozR4qFWd6ZwfAuR3UlnVnS29yg9IN/EUrB+U1QbNh"
    "Jrppich3FOHzFjb14HyMMzUjW29HM7D9syS0lDS+DuOw8v10ZSVAB3z2l4v4CwXKhHxDdL"
    "VQhKTaumPKwWF7wTM58qCqpkjJ6tGB9gxJ0vKd6sE6TN9fviYWbDZgJbdb9/RVK7JxdsLO"
    "GZFLhn+48XNNzBnDpTjwABFQMfBf9jA0cO756pK9JFxsB/fe/rL9cvu+cXYcSgL++E28Ho"
    "vol4qKh8fEulGaXaif5pFJNGKiYmm2yPzhXTqHcLAnaYSV4zJClBZOKSNohLMi3jfwDtxr"
    "SMbzmD1ytRa8rTFpWn1YJ1HbtkTLEdy+R+Zdsd5xYao9oPsSvFKm7tkydF+TRs3oN9pxVc"
    "nnJL9AbL2kpoms4Emq2rhTa3YF9LwS+xXTe1htzew1fCF6jbCStno9kCvD9AkF96dzV9xg"
    "40KuuX+aDYjxLe65S6UeaDak4UrDPoycUxu2YgIth4Gf0K/b6YyeHkMqiChc4KzkB8wLKC"
    "VoepBdYhtDAAaubJqQRuMrRWD7gSbCx89Fi4YsHoIfnFDZ9i0i1HXpXr1ds8VZvg41hfoy"
    "52XBBr6ijYEUELI3+2HFOllsoXU9j6seQnPDMnLr6knGMecQsx335pAFRFHbte7YUkTQtB"
    "3sLCbkjxog+WmM7goAH5BeTMwjM5b1jp8WzHBL07sawY8HDNYGwQe8CGcBYJj435vQjqDL"
    "GFZ/vimN1MBFNYOCcofxZGFlAsgasWAk5TNoITFEOZ6e9+PzdAIXtwP/kb6GAIPROMoepI"
    "GGFBk9r+MfuiZ1BsbMOVfh/eD8ZhOaFEoMTzBb4xxnNzdSesFxhSAQNRfqAhCoQLCbKDTU"
    "0pcZJbl7tLXY5osMTQCuGMrpJvG5VQ7uj6yTTlEDgN/3LCylH5LUPoY/A2vIIpkNwcDb9M"
    "cImZVnWPjylauMNv3zmAv4Ua6AbDWwjtSbfK8QmjigvFdjOy4f49W43CeAd1M+lcyAJcHM"
    "wSU2wUydJMc8mTBbIYZ1NbnU0N0QA+6iaEE3tWKP2vDimV/KfR4KpRzhO0lTkiKMQZhhlT"
    "oqELIjdFdV7qWqEdpr8D/jEBFqCl7N4WsM3kBDJv5bEonlM3PXwI0gpY6xbTtT6D6GaSrW"
    "kAli1dou0O0yeZI7jnUtIl5mGWJEt+S+auR0GsRnA+CMEZ11gduSMc30Kpowzc8Ch8XShz"
    "vM6E0xxUsSxz9K0dxLleqawEnamU1WQO76VYU+N2yj01BjJ5NE0JotlDJaem8WHTUk65DS"
    "5N5/oayBZ2rt9zZu1KFE2OEpqNsynWQVeCe2r3XCeUOkzqfpET7oxeyplwyRECKiJ8ETpN"
    "sHtkUC6sQ+4S1BspjVU7iMTD0JljnAeL2QJKoU5NKOvXvuPpb10XafHxDp+ZCj5NP1M6Jd"
    "qnOeD3mShrkgzbr72YJMOWM5iOzNpbaJLKJHmsu4MG8kt99FN0O8K/rdJEDD9KjbWxTxCZ"
    "hW+ymw4EfJPdtJ/spmCn3gK8NWtqN2t/rwxv+mR73PqFu/EWwE0VLzusDbwytImD63FcSb"
    "7bxqrF57Qd2aQw3Cir4twfyIdE0fQ8u+LqmE6pZZFGVzMqXrOpUAreTAeHTOfKZwPBlHD9"
    "Swok94Ub9taFR7kKnobmuiBgRDuxA1p+h314feYKDC3h3rJDz0E7IGcL6d3lhcA89QvoWH"
    "YsEh1HsttUM9y1MJBeoVKMD3mOzSNfYKVxX87sIYym+HUqKUhXuTcWGNfuSwyGn2Jg+owv"
    "HcmtVGT6revOKdooE5zOvgT1ztHS2e9LzxKISi+Invc0CnSXj3x4N/xgibbPDsXDW9g3mA"
    "NA0xm2Fw76BmPQPAY1RkE9HqBh3yNRGNaPL+gIrsIaigArg6/CLxjZnvJ71lxQ5D+mCiiB"
    "rzDEN4wuYxD/VN5j/oD0cEJ6K+DPEl8pOB6iDAD0lAQfpMVEFUcj8ZXSi4RxkKOASGN2Ij"
    "IiKOXIgXthk+YJlWTEhwedi4PMATIcMhcNzfpFroJZaIJwVJSHQIUjsfezZXkYERVFUbky"
    "mktPAO+kmz4jWyrXddTrBEcnCqiYmo7GVN3cM3U/6qYp9B+nH1xUyT5YNUgmkg8uMgmSeI"
    "bVQTciMPBWgTfa5CvjG1G0EOCddKcOhKssyMXpHQkSU6l0gwSPpGhaZ5Gv0rWvD/v2k5i0"
    "kF3XlRdTGU9eoz15SQWrLpNXaU1IcZM5PXQ48MAq6wBUkh2wSmx43WReh1aYLJsLlcYkSZ"
    "v8ZN2Ts9dnb04vziJlMbpSpiNm9cHAVlUD0gSFQTS3aYLrrxMJFpOZXajJu5DlSazNto74"
    "mKI0XG4yl0fcdtZicorQ8LjJPHY4CPrC82RONs6NeCg4/9JUbVC2y3j6/p835YaOiKW/ff"
    "70czh81fqRPiGDUlm5HoCSdOkUVRtwN10IGrnkD20ba3To7A/gUttLVnOzgtoaEb3Z4ADD"
    "hgZr1Yww3EPecrOW+daylvcTBPdVKMwCLQyAS93vlAW/KT2yRk6tI8cvbbcTlkKNBYxkOd"
    "SgkEfYL9amaCCKScNmr8+wbLqyrbxqrbuZwiTDNvgk6LCSGqYHJfmagkGmYJDhcB6HTcGg"
    "pgjXpmbNwUt/Phxt02LhL3G7XPajgTVKek4Et3Q5E016SZJX0PlGx3zD32hWxbKZrv8Mxb"
    "IOe8UGYgTri6QzCsrIL+25vcdj1sIHGIvI6CY9Fl9edl91L16enLzsnoEcKT1KSgAoVL/f"
    "CULvT17/V3bgKAiRP3l9RVNE7XswRQKfHcYz9/u3LkbdAwVW+dfVShfwlphKwyi4C3MZHN"
    "1xIM440F+7qZxK/838routsOF40wS2wPzauLD3pm2j+6p/R/tBXewjIgP92tDjBl0P95DC"
    "gL6Z+LYfQSOR/Z4jZ6Rz44vFDH3IVpMyroOaaZR7dnI77746Oe2+YgpUeYW5bZ7QeXSY5A"
    "fnugeanW6zF+THzVA4CKyhig25C4erDSeuFgRy5I5dT6jzJ2cOHwqdH7iAYx3vMBSwLZAB"
    "dK4mjHC14KAw848D3g8dtuzAi1n+BCvE2eOJD/NO+Axw8+ee+x3TNUFqmg+OLTmFVXo8cq"
    "T0jL2r6b/uMtFi7Mn5rLZokaQyW+3a5xv9TLPIlyTMhASmHcr62TL7VVz2vdB3HDlCB1kW"
    "3fKusBFRm/aS9VvDJuOd7u185aMQyyTJfuE82RjCrUVWH5ZXpym778EZ/QNpeQ02pymNa6"
    "fJXEZ1pbbEmiAy8Wrrm8KMHbIpbjXTsqBOwFphz4L8ioO4W2wB22t4TNtDARMbawGwxbbE"
    "lVJ5OXrD24Dup1+/CIf7+XLtOmXyDmEl45LIi9feFKd6MaoHidRQTge2m5edWgepd/QUGt"
    "S6wqwZyKgk3mZ41akAepAYrTSFWR+pbCeatsC1S/9QHAOU4x5KBQgVe4cwxqaqc8hlQYFB"
    "LJsosM5hUHPRB0nAwrKXjlwIjw25ElRfEjgterqepB6JH0AVDGERKMGm3BK63CVsUPCZVo"
    "6D6Akm1U6ie+HZALwVlZJcTLCWp690Q1vsQYueKHI7UffZl1TpUUc9257SFTWVWkjgKyyE"
    "ke1Nw6fRoxYTSfUYsVojkNy6SD+QDx2mSzrKGa546XVYRB3PFj4Z54ve6Zm6BMIldeGdcu"
    "zEe48FNMe28oVH1CIsFHnM3kp/cutiWUtXCCusJEkNfRFaR46xv6ftRt+P1BTto+PB8f0V"
    "FvmkiHUCVvrsTsywziXMjyFAz9EbRpw59kDwcXHpvLjCmqKOc0mxNzg/0uCUoW0uKgaaqJ"
    "EaVLaM4VcCrj3XdVVteFUvKNWpekTbC8j6/RfH7BoYClgq+Miw/GbcXti2olimoNSpcdk1"
    "XfHrlLjsaE+o48CICFoXerWbQnaJDbUOzKt0W0k0bhDYp90KWJ92C6HGW2mkRzBrr647Lk"
    "XUQp9c9/y80po+L1nT59nijME5DWfxpNaiXiU0iFdD3PR0j/Ctgm4xthlkHZB75qAg1EE3"
    "SdNChN9UQPhNIcJvMmvXuJ2N23m367dNDkmtia3F5hSlyRltMpcT5pK6bF4hNeEFTeZzrk"
    "mrLscLH2J432TeW7ZCkNcq0ZgmNXxuMp+1rXSdAgBJQsPjJvM4ad+vy+ZVWsPppnG6RsZa"
    "ssvOnXA39Nxea//KDT6qdc7bvQebNPNXUg7UGIuLbgjTz/iMNoP0xNElhwjRVJBzdmLPNg"
    "TqY/SgVm9QcR/VDeJwcjq3tnBpJavurQ/WapW/tiyqXYYsUXj1z5guWxi4tDqkUxa+pAOZ"
    "Kf+2YhQTPT6ILlETruvW2B7TxxbmnOtyMzr8JGh+G3RvpXnCNHG5cLPhSlt/uglLOdCwFJ"
    "NWGzewfPWqgkMORhW3sMR7tepy7FEebRozKh2JtC1tiFLrcmee5jgsPwmrHoKVK7x4sJT5"
    "3OMYUfu7rqwWRnvamMLjaDY/ozMoqAHHHTzVMGzSmzuCSqTo0mnC91EpxpDVmS0shtVV8q"
    "q87H5SHcSrnPlYR6/aUf05l824Pwka2k+46yK2WJ44eE7Q7B0J9ES6RgxMtWSWPRoJT1dC"
    "zr7sFU5JNMEzdIRxUFeOYmdhuOcHpZQXE3s4CT7Bu7eHWMtuqd9rgbGxaDpToQAQFbUZSQ"
    "cjnC0QHm7dIDE3kCLioFZPLlQU1oog6JJ63FULrHTnSowRNgLFIQsUyNU6AkU4vnVRrmdV"
    "pImzYmHi7NVqgI+R1bYvqyXx/TcoOXXwDce3EN8dNCdC+7tXq9F1gqR97Z+qhGUXR2Vngr"
    "JNeOWuwyspUaAOvBFB+xbv9pMKgvyvOvgmSFqIcKUD7rTkgDvNHnALMVC2X2sRJ0gMyJVA"
    "DvW1LMrFFQKTNBsVCWzajlwC706qBJKWWwf5iMDUZlwfdRNK3daAHVOn7Ufjsikt3JxqYY"
    "RqlhHrVQtL+6oPjB1Fbo/OSl2r5DrcoLAVlsfaNOKwRhWxQ0E7p1gTobAhVImCTa1GzISK"
    "1cMrbgmxPlTtrAC2S2fvH9z2Ue1JhNflOH1zRnXKnL+LYHxV9++Me/5Sxx8hqQrKANHzLu"
    "kSANdhsMlayw65Vq+wPpGiBFwqwINFkYKQpX4/cFP2+y86zBGj3BYfu54yaPLhyamN2SjU"
    "ojYuYSRcK/TIUncy9tdc+gCN9sa6VJIpKB6EJZzoLpxf8DR06lJfsuBa+ODAEX3rzkA8FK"
    "6P3UnQoZxoM0IhXNhxrKLP9VuqJGfgHu6h4H70p/HHNtIfa6r/7rH0slGm9gh+anvKMAAt"
    "FkXG2DRdmb3iAJlRgisaIFZXcEFYYnlrkJiqTet3G71BTBn8vW0HPvfntRyMMYXxjj/qHc"
    "9vilW2qovaYh30HvHEi/p/JdbLXsMknyI0lYoabZJP6Hp12bxCalwvB8Bn0t/XZHREazjd"
    "ZE6njUB1eZ2lNtxuMrdNYcYtFWY8qDAT83NZ8+cSGM5ra8lpOqMor220RONNfaNlgmpXO1"
    "Y7rfdlASAIapYPtQNAtp0YvIcQusd7miVXYIVuccF2sQV021ctKRff9P5aO7pmlz7ra+HZ"
    "w8lRjp86uNMp803zeMxjnuliVLecsPqjeEc3FA7L/J5evsxdbO9NkLTQ4LuTfgn4o6qBcD"
    "C8hejuJCEVZsTuVFmEi/MZEiQmkaRmSkONui3bP8y+/z+yXH9Q"
)
