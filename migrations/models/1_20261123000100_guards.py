"""The guards that models can't say: checks, the exclusion constraint, partial indexes, defaults, the first epoch."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return r"""
-- What no program can undo by mistake.
ALTER TABLE hub ADD CONSTRAINT hub_has_one_row CHECK (id = 1);
ALTER TABLE hub ADD CONSTRAINT hub_epoch_form CHECK (epoch ~ '^[a-z0-9]{8}$');
ALTER TABLE users ADD CONSTRAINT users_role_known CHECK (role IN ('user', 'host', 'admin'));
ALTER TABLE users ADD CONSTRAINT users_email_lower CHECK (email = lower(email));
ALTER TABLE tables ADD CONSTRAINT tables_seats_range CHECK (seats BETWEEN 1 AND 20);
CREATE UNIQUE INDEX tables_name_in_use ON tables (name) WHERE retired_at IS NULL;
ALTER TABLE bookings ADD CONSTRAINT bookings_end_after_start CHECK (ends_at > starts_at);
ALTER TABLE bookings ADD CONSTRAINT bookings_guests_range CHECK (guests BETWEEN 1 AND 20);
ALTER TABLE bookings ADD CONSTRAINT bookings_status_known
    CHECK (status IN ('booked', 'seated', 'finished', 'no_show', 'canceled'));
ALTER TABLE occupancies ADD CONSTRAINT occupancies_end_after_start CHECK (ends_at > starts_at);
-- Core range types on purpose: no extension is needed, so every managed server takes it.
ALTER TABLE occupancies ADD CONSTRAINT occupancies_never_overlap EXCLUDE USING gist (
    int8range(table_id, table_id, '[]') WITH &&,
    tstzrange(starts_at, ends_at, '[)') WITH &&
);
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_known
    CHECK (kind IN ('confirmed', 'rescheduled', 'canceled', 'reminder'));
ALTER TABLE deliveries ADD CONSTRAINT deliveries_audience_known CHECK (audience IN ('guest', 'house'));
CREATE INDEX deliveries_due ON deliveries (due_at)
    WHERE sent_at IS NULL AND dropped_at IS NULL AND failed_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_open_of_user ON sessions (user_id) WHERE ended_at IS NULL;

-- A new row needs no more than what makes it this row.
ALTER TABLE users ALTER COLUMN created_at SET DEFAULT clock_timestamp();
ALTER TABLE users ALTER COLUMN changed_at SET DEFAULT clock_timestamp();
ALTER TABLE sessions ALTER COLUMN created_at SET DEFAULT clock_timestamp();
ALTER TABLE tables ALTER COLUMN created_at SET DEFAULT clock_timestamp();
ALTER TABLE events ALTER COLUMN at SET DEFAULT clock_timestamp();
ALTER TABLE deliveries ALTER COLUMN lead_minutes SET DEFAULT 0;
ALTER TABLE deliveries ALTER COLUMN attempts SET DEFAULT 0;
ALTER TABLE deliveries ALTER COLUMN lost SET DEFAULT 0;

CREATE FUNCTION hub_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only';
END $$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION hub_refuse_change();

INSERT INTO hub (id, epoch, system_identifier)
SELECT 1, substr(md5(gen_random_uuid()::text), 1, 8), system_identifier::text FROM pg_control_system();
INSERT INTO streams (name, version) VALUES ('tables', 0) ON CONFLICT DO NOTHING;
"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
DELETE FROM hub;
DROP TRIGGER events_append_only ON events;
DROP FUNCTION hub_refuse_change();
ALTER TABLE occupancies DROP CONSTRAINT occupancies_never_overlap;
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
