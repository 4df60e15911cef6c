"""What the models can't say: constraints, composite keys, functions, triggers, and the first row of some tables."""

from tortoise import BaseDBAsyncClient

from migrations import sql, states

RUN_IN_TRANSACTION = True
CONSTRAINTS = """
ALTER TABLE hub ALTER timeline SET DEFAULT '';
ALTER TABLE hub ADD CONSTRAINT hub_has_one_row CHECK (id = 1);
ALTER TABLE hub ADD CONSTRAINT hub_epoch_form CHECK (epoch ~ '^[a-z0-9]{8}$');

ALTER TABLE users ALTER created_at SET DEFAULT clock_timestamp();
ALTER TABLE users ALTER changed_at SET DEFAULT clock_timestamp();
ALTER TABLE users ADD CONSTRAINT users_email_lower CHECK (email = lower(email));
ALTER TABLE users ADD CONSTRAINT users_role_known CHECK (role IN ('user', 'host', 'admin'));
ALTER TABLE sessions ALTER created_at SET DEFAULT clock_timestamp();
CREATE INDEX sessions_open_of_user ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
ALTER TABLE account_tokens ADD CONSTRAINT account_tokens_kind_known CHECK (kind IN ('verify', 'reset'));

-- A slug of digits alone would look like an id.
ALTER TABLE venues ADD CONSTRAINT venues_slug_form
    CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$' AND slug !~ '^[0-9]+$');
ALTER TABLE venues ADD CONSTRAINT venues_of_group UNIQUE (id, group_id);
ALTER TABLE venues ALTER changed_at SET DEFAULT clock_timestamp();
ALTER TABLE venues ALTER settings SET DEFAULT '{}';
ALTER TABLE memberships ADD CONSTRAINT memberships_role_known CHECK (role IN ('owner', 'manager', 'host', 'viewer'));
ALTER TABLE memberships ALTER changed_at SET DEFAULT clock_timestamp();
CREATE INDEX memberships_of_venue ON memberships (venue_id) WHERE ended_at IS NULL;

ALTER TABLE guests ALTER created_at SET DEFAULT clock_timestamp();
ALTER TABLE guests ALTER changed_at SET DEFAULT clock_timestamp();
ALTER TABLE guests ALTER tags SET DEFAULT '[]';
ALTER TABLE guests ADD CONSTRAINT guests_of_group UNIQUE (group_id, id);
ALTER TABLE guests ADD CONSTRAINT guests_email_lower CHECK (email = lower(email));
ALTER TABLE guests ADD CONSTRAINT guests_erased_have_no_address
    CHECK (erased_at IS NULL OR num_nonnulls(phone, email) = 0);
CREATE UNIQUE INDEX guests_of_account ON guests (group_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX guests_of_user ON guests (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX guests_phone ON guests (group_id, phone) WHERE phone IS NOT NULL;
CREATE INDEX guests_email ON guests (group_id, email) WHERE email IS NOT NULL;
ALTER TABLE guest_notes ALTER created_at SET DEFAULT clock_timestamp();
ALTER TABLE guest_notes ADD CONSTRAINT guest_notes_kind_known CHECK (kind IN ('dietary', 'access', 'note'));
CREATE INDEX guest_notes_ending ON guest_notes (keep_until) WHERE keep_until IS NOT NULL;

ALTER TABLE tables ALTER created_at SET DEFAULT clock_timestamp();
ALTER TABLE tables ADD CONSTRAINT tables_seats_range CHECK (seats BETWEEN 1 AND 20);
ALTER TABLE tables ADD CONSTRAINT tables_group_of_venue
    FOREIGN KEY (venue_id, group_id) REFERENCES venues (id, group_id);
ALTER TABLE tables ADD CONSTRAINT tables_of_venue UNIQUE (venue_id, id);
ALTER TABLE tables ADD CONSTRAINT tables_of_group UNIQUE (venue_id, group_id, id);
CREATE UNIQUE INDEX tables_name_in_use ON tables (venue_id, name) WHERE retired_at IS NULL;
ALTER TABLE areas ADD CONSTRAINT areas_of_venue UNIQUE (venue_id, id);
CREATE UNIQUE INDEX areas_name_in_use ON areas (venue_id, name) WHERE retired_at IS NULL;
ALTER TABLE tables ADD CONSTRAINT tables_area_of_venue FOREIGN KEY (venue_id, area_id) REFERENCES areas (venue_id, id);
ALTER TABLE combinations ADD CONSTRAINT combinations_of_venue UNIQUE (venue_id, id);
ALTER TABLE combinations ADD CONSTRAINT combinations_guests_range
    CHECK (1 <= min_guests AND min_guests <= max_guests AND max_guests <= 60);
ALTER TABLE combination_tables ADD CONSTRAINT combination_tables_combination_of_venue
    FOREIGN KEY (venue_id, combination_id) REFERENCES combinations (venue_id, id) ON DELETE CASCADE;
ALTER TABLE combination_tables ADD CONSTRAINT combination_tables_table_of_venue
    FOREIGN KEY (venue_id, table_id) REFERENCES tables (venue_id, id);

ALTER TABLE bookings ALTER channel SET DEFAULT 'account';
ALTER TABLE bookings ALTER needs SET DEFAULT '[]';
ALTER TABLE bookings ALTER link_version SET DEFAULT 1;
ALTER TABLE bookings ADD CONSTRAINT bookings_guests_range CHECK (guests BETWEEN 1 AND 20);
ALTER TABLE bookings ADD CONSTRAINT bookings_end_after_start CHECK (ends_at > starts_at);
ALTER TABLE bookings ADD CONSTRAINT bookings_status_known
    CHECK (status IN ('booked', 'arrived', 'seated', 'finished', 'no_show', 'canceled'));
ALTER TABLE bookings ADD CONSTRAINT bookings_channel_known CHECK (channel IN ('account', 'public', 'phone', 'walk-in', 'waitlist'));
ALTER TABLE bookings ADD CONSTRAINT bookings_reference_form CHECK (reference ~ '^[2-9A-HJ-NP-Z]{8}$');
ALTER TABLE bookings ADD CONSTRAINT bookings_of_venue UNIQUE (venue_id, id);
CREATE INDEX bookings_seated ON bookings (ends_at) WHERE status = 'seated';
-- By way of the table, which knows the group too: a key to the venue itself would have every booking lock its one row.
ALTER TABLE bookings ADD CONSTRAINT bookings_table_of_venue
    FOREIGN KEY (venue_id, group_id, table_id) REFERENCES tables (venue_id, group_id, id);
ALTER TABLE bookings ADD CONSTRAINT bookings_guest_of_group
    FOREIGN KEY (group_id, guest_id) REFERENCES guests (group_id, id);

ALTER TABLE occupancies ADD CONSTRAINT occupancies_table_of_venue
    FOREIGN KEY (venue_id, table_id) REFERENCES tables (venue_id, id);
ALTER TABLE occupancies ADD CONSTRAINT occupancies_booking_of_venue
    FOREIGN KEY (venue_id, booking_id) REFERENCES bookings (venue_id, id) ON DELETE CASCADE;
-- As a booking's: by way of the first of its tables, so that no row locks the one of its venue.
ALTER TABLE blocks DROP COLUMN table_id;
ALTER TABLE blocks ADD COLUMN table_id bigint NOT NULL GENERATED ALWAYS AS ((table_ids->>0)::bigint) STORED;
ALTER TABLE blocks ADD CONSTRAINT blocks_table_of_venue FOREIGN KEY (venue_id, table_id) REFERENCES tables (venue_id, id);
ALTER TABLE holds DROP COLUMN table_id;
ALTER TABLE holds ADD COLUMN table_id bigint NOT NULL GENERATED ALWAYS AS ((table_ids->>0)::bigint) STORED;
ALTER TABLE holds ADD CONSTRAINT holds_table_of_venue FOREIGN KEY (venue_id, table_id) REFERENCES tables (venue_id, id);
ALTER TABLE blocks ALTER created_at SET DEFAULT clock_timestamp();
ALTER TABLE blocks ADD CONSTRAINT blocks_of_venue UNIQUE (venue_id, id);
ALTER TABLE blocks ADD CONSTRAINT blocks_end_after_start CHECK (ends_at > starts_at);
ALTER TABLE holds ALTER created_at SET DEFAULT clock_timestamp();
ALTER TABLE holds ADD CONSTRAINT holds_of_venue UNIQUE (venue_id, id);
ALTER TABLE holds ADD CONSTRAINT holds_end_after_start CHECK (ends_at > starts_at);
ALTER TABLE holds ADD CONSTRAINT holds_guests_range CHECK (guests BETWEEN 1 AND 20);
ALTER TABLE waitlist ALTER joined_at SET DEFAULT clock_timestamp();
ALTER TABLE waitlist ALTER changed_at SET DEFAULT clock_timestamp();
ALTER TABLE waitlist ADD CONSTRAINT waitlist_status_known
    CHECK (status IN ('waiting', 'ready', 'here', 'seated', 'left'));
ALTER TABLE waitlist ADD CONSTRAINT waitlist_guests_range CHECK (guests BETWEEN 1 AND 20);
ALTER TABLE waitlist ADD CONSTRAINT waitlist_seated_has_booking CHECK ((status = 'seated') = (booking_id IS NOT NULL));
ALTER TABLE waitlist ADD CONSTRAINT waitlist_venue_of_group
    FOREIGN KEY (venue_id, group_id) REFERENCES venues (id, group_id);
ALTER TABLE waitlist ADD CONSTRAINT waitlist_guest_of_group
    FOREIGN KEY (group_id, guest_id) REFERENCES guests (group_id, id);
ALTER TABLE waitlist ADD CONSTRAINT waitlist_area_of_venue
    FOREIGN KEY (venue_id, area_id) REFERENCES areas (venue_id, id);
ALTER TABLE waitlist ADD CONSTRAINT waitlist_booking_of_venue
    FOREIGN KEY (venue_id, booking_id) REFERENCES bookings (venue_id, id);
CREATE UNIQUE INDEX waitlist_once ON waitlist (venue_id, service_date, guest_id)
    WHERE status IN ('waiting', 'ready', 'here');
ALTER TABLE occupancies ADD CONSTRAINT occupancies_hold_of_venue
    FOREIGN KEY (venue_id, hold_id) REFERENCES holds (venue_id, id) ON DELETE CASCADE;
ALTER TABLE occupancies ADD CONSTRAINT occupancies_block_of_venue
    FOREIGN KEY (venue_id, block_id) REFERENCES blocks (venue_id, id) ON DELETE CASCADE;
ALTER TABLE occupancies ADD CONSTRAINT occupancies_of_one CHECK (num_nonnulls(booking_id, hold_id, block_id) = 1);
CREATE INDEX occupancies_hold ON occupancies (hold_id) WHERE hold_id IS NOT NULL;
CREATE INDEX occupancies_block ON occupancies (block_id) WHERE block_id IS NOT NULL;
ALTER TABLE occupancies ADD CONSTRAINT occupancies_end_after_start CHECK (ends_at > starts_at);
-- As ranges, since GiST knows how to compare these without an extension: a table's id is a range of one number.
ALTER TABLE occupancies ADD CONSTRAINT occupancies_never_overlap EXCLUDE USING gist (
    int8range(table_id, table_id, '[]') WITH &&, tstzrange(starts_at, ends_at, '[)') WITH &&);

ALTER TABLE outbox ALTER attempts SET DEFAULT 0;
ALTER TABLE outbox ALTER expired SET DEFAULT 0;
ALTER TABLE outbox ALTER created_at SET DEFAULT clock_timestamp();
ALTER TABLE outbox ADD CONSTRAINT outbox_mail_topic_known CHECK (
    kind <> 'mail' OR topic IN ('confirmed', 'rescheduled', 'canceled', 'reminder', 'verify', 'reset'));
ALTER TABLE outbox ADD CONSTRAINT outbox_mail_audience_known CHECK (
    kind <> 'mail' OR coalesce(payload->>'audience', '') IN ('guest', 'house'));
ALTER TABLE outbox ADD CONSTRAINT outbox_mail_payload_whole CHECK (
    kind <> 'mail' OR payload ?& ARRAY['revision', 'lead_minutes', 'audience', 'language']);
ALTER TABLE outbox ADD CONSTRAINT outbox_mail_of_one CHECK (
    kind <> 'mail' OR CASE WHEN topic IN ('verify', 'reset') THEN booking_id IS NULL
                           ELSE booking_id IS NOT NULL AND user_id IS NULL END);
ALTER TABLE outbox ADD CONSTRAINT outbox_booking_has_venue CHECK ((booking_id IS NULL) = (venue_id IS NULL));
ALTER TABLE outbox ADD CONSTRAINT outbox_booking_of_venue
    FOREIGN KEY (venue_id, booking_id) REFERENCES bookings (venue_id, id) ON DELETE CASCADE;
-- The same message is written once; a row is found by its booking.
CREATE UNIQUE INDEX outbox_once ON outbox (booking_id, kind, topic, (payload - 'language'));
CREATE INDEX outbox_due ON outbox (kind, due_at)
    WHERE sent_at IS NULL AND dropped_at IS NULL AND failed_at IS NULL;
CREATE INDEX outbox_order ON outbox (ordering_key, id) WHERE coalesce(sent_at, dropped_at, failed_at) IS NULL;
CREATE INDEX outbox_over ON outbox (coalesce(sent_at, dropped_at))
    WHERE coalesce(sent_at, dropped_at) IS NOT NULL AND failed_at IS NULL;
CREATE INDEX outbox_of_nobody ON outbox (created_at) WHERE booking_id IS NULL AND user_id IS NULL;
"""
STREAMS = """
ALTER TABLE streams ALTER head SET DEFAULT 0;
ALTER TABLE streams DROP COLUMN venue_id;
ALTER TABLE streams ADD COLUMN venue_id bigint NOT NULL GENERATED ALWAYS AS (hub_venue_of(name)) STORED
    REFERENCES venues;
-- A stream has one name: those of venue 1 have no prefix.
ALTER TABLE streams ADD CONSTRAINT streams_one_name
    CHECK (strpos(name, '/') = 0 OR (venue_id > 1 AND name LIKE venue_id || '/%'));
ALTER TABLE events ALTER at SET DEFAULT clock_timestamp();
ALTER TABLE events DROP COLUMN venue_id;
ALTER TABLE events ADD COLUMN venue_id bigint NOT NULL GENERATED ALWAYS AS (hub_venue_of(stream)) STORED;
-- As text: an event of another release may name its booking in another way, and must not be refused for it.
CREATE INDEX events_of_booking ON events ((data->>'booking'), id) WHERE data->>'booking' IS NOT NULL;
CREATE INDEX events_of_actor ON events (actor, id) WHERE actor IS NOT NULL;
"""
TRIGGERS = """
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION hub_refuse_change();
CREATE TRIGGER users_are_guests
    AFTER UPDATE OF full_name, phone_number, email, language, erased_at ON users
    FOR EACH ROW EXECUTE FUNCTION hub_copy_to_guests();
CREATE TRIGGER users_count_changes BEFORE UPDATE ON users FOR EACH ROW WHEN (
    (OLD.full_name, OLD.phone_number, OLD.email, OLD.language, OLD.role, OLD.verified_at IS NULL,
     OLD.password_confirmed_at IS NULL, OLD.erased_at)
    IS DISTINCT FROM
    (NEW.full_name, NEW.phone_number, NEW.email, NEW.language, NEW.role, NEW.verified_at IS NULL,
     NEW.password_confirmed_at IS NULL, NEW.erased_at)
) EXECUTE FUNCTION hub_count_revision();
CREATE TRIGGER guests_count_changes BEFORE UPDATE ON guests FOR EACH ROW WHEN (
    (OLD.name, OLD.phone, OLD.email, OLD.language, OLD.erased_at)
    IS DISTINCT FROM (NEW.name, NEW.phone, NEW.email, NEW.language, NEW.erased_at)
) EXECUTE FUNCTION hub_count_revision();
"""
ROWS = """
INSERT INTO hub (id, epoch, system_identifier, timeline)
SELECT 1, substr(md5(gen_random_uuid()::text), 1, 8), system_identifier::text, hub_timeline() FROM pg_control_system();
INSERT INTO venue_groups (id, name) VALUES (1, 'Main');
INSERT INTO venues (id, group_id, slug, name, zone, language) VALUES (1, 1, 'main', 'Restaurant', 'UTC', 'en');
SELECT setval(pg_get_serial_sequence('venue_groups', 'id'), 1), setval(pg_get_serial_sequence('venues', 'id'), 1);
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    first = [sql.read(name) for name in ("hub_epoch", "hub_stream")]
    return "".join([*first, CONSTRAINTS, STREAMS, sql.functions(), TRIGGERS, ROWS])


async def downgrade(db: BaseDBAsyncClient) -> str:
    raise NotImplementedError("before this there is nothing to keep")


MODELS_STATE = states.before(__file__)
