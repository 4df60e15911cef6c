"""A stream's head names its last event, and the epoch goes with the timeline that it was made on.

Two histories of one stream may have the same versions, never the same events: after a failover that lost commits, a
view is compared by its version and its last event's id. A standby that was promoted writes on another timeline, so the
first commit there begins another epoch, in its own transaction; no position of the old one is continued.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

BOOK = r"""
DROP FUNCTION hub_book(bigint, text, date, timestamptz, timestamptz, integer, bigint, timestamptz, timestamptz,
    timestamptz, timestamptz, text, text, text[], integer[], text[], timestamptz[]);
-- Book, in one round trip: the day's lock first, then the table, then the clock, then the rows.
-- Returns one row; refusal is null or a code, and then nothing was written but (perhaps) an empty stream.
CREATE FUNCTION hub_book(
    p_user bigint, p_stream text, p_day date, p_starts timestamptz, p_ends timestamptz, p_guests integer,
    p_table bigint, p_from timestamptz, p_until timestamptz, p_opens timestamptz, p_closes timestamptz,
    p_request text, p_house text, p_kinds text[], p_leads integer[], p_audiences text[], p_dues timestamptz[],
    OUT refusal text, OUT booking_id bigint, OUT table_id bigint, OUT table_name text, OUT table_seats integer,
    OUT created_at timestamptz, OUT version bigint, OUT at timestamptz, OUT entry jsonb, OUT situation jsonb{outs}
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
    SELECT {given} INTO {taken}
    FROM hub_append(p_stream, 'booked', jsonb_build_object('booking', booking_id, 'entry', entry), p_user, p_request) a;
    PERFORM hub_owe(booking_id, 1, p_user, p_house, p_kinds, p_leads, p_audiences, p_dues, p_request);
END $$;
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return (
        r"""
ALTER TABLE streams ADD head bigint NOT NULL DEFAULT 0;
UPDATE streams s SET head = e.id FROM events e WHERE e.stream = s.name AND e.version = s.version;
ALTER TABLE hub ADD timeline varchar(8) NOT NULL DEFAULT '';

-- The timeline on which this server writes; null on one that only follows another. By the write position: the control
-- file tells it no earlier than the checkpoint after a promotion.
CREATE FUNCTION hub_timeline() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN NOT pg_is_in_recovery() THEN substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END
$$;

UPDATE hub SET timeline = hub_timeline();

-- The epoch for a commit: another one when this server was promoted since the epoch was made.
CREATE FUNCTION hub_epoch() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_epoch text;
    v_timeline text;
    v_now text := hub_timeline();
BEGIN
    SELECT h.epoch, h.timeline INTO v_epoch, v_timeline FROM hub h;
    IF v_timeline <> v_now THEN
        UPDATE hub SET epoch = substr(md5(gen_random_uuid()::text), 1, 8), timeline = v_now WHERE timeline <> v_now;
        SELECT h.epoch INTO v_epoch FROM hub h;
    END IF;
    RETURN v_epoch;
END $$;

DROP FUNCTION hub_append(text, text, jsonb, bigint, text);
-- The next event of a stream whose row the transaction holds.
CREATE FUNCTION hub_append(
    p_stream text, p_kind text, p_data jsonb, p_actor bigint, p_request text,
    OUT version bigint, OUT at timestamptz, OUT id bigint, OUT previous bigint, OUT epoch text
) LANGUAGE plpgsql AS $$
BEGIN
    epoch := hub_epoch();
    SELECT s.version + 1, s.head INTO version, previous FROM streams s WHERE s.name = p_stream;
    at := clock_timestamp();
    INSERT INTO events AS e (stream, version, kind, data, actor, request_id, at)
    VALUES (p_stream, hub_append.version, p_kind, p_data, p_actor, p_request, hub_append.at)
    RETURNING e.id INTO id;
    UPDATE streams s SET version = hub_append.version, head = hub_append.id WHERE s.name = p_stream;
END $$;
"""
        + BOOK.format(
            outs=",\n    OUT event_id bigint, OUT previous bigint, OUT epoch text",
            given="a.version, a.at, a.id, a.previous, a.epoch",
            taken="version, at, event_id, previous, epoch",
        )
    )


async def downgrade(db: BaseDBAsyncClient) -> str:
    return (
        r"""
DROP FUNCTION hub_append(text, text, jsonb, bigint, text);
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
"""
        + BOOK.format(outs="", given="a.version, a.at", taken="version, at")
        + """
DROP FUNCTION hub_epoch;
DROP FUNCTION hub_timeline;
ALTER TABLE hub DROP COLUMN timeline;
ALTER TABLE streams DROP COLUMN head;
"""
    )


MODELS_STATE = (
    "eJztXVlz2zgS/isovSSpkl2WfK7zpDjOxDuJvWVrd6YmTpEQCUksU4BCgFa8s/nviwZJ8W"
        "ZIWQfN8MkWgAbAr0GgLzT/7syYSWy+/46xB4tOOufo7w7FMyL/SVZ1UQfP52EFFAg8slXb"
        "kddIFeIRFw42hCwfY5sTWWQSbjjWXFiMQus/pgyZFiUcLaaE7iNdVx3pOrI4ElOCGCXyLx"
        "ZogTmCvon5FlkCUfJIHGQSwzI9YtnYQRgpckWMH2SHMAuTGXIa3jNtfMB7ek91nTJhGURz"
        "yKPF5ZOGvduYCxQUy14YJ8iYYjohsquJS2QttGS2idj4HGHZEQzjDYJtmJysp/LvPowzd9"
        "jM4sTUuMCOiAzDDGwjVeg9DBR63cNjQf9vEXVtW07BgukLNGa2zRYcjWWXqvl/YRDAz6XW"
        "N5dogk3UM0sUv3yVxRY1yXfC4eeXjsuJo1kmNFejcg2Ljmz1pSMrHgELEwvS+QqE8wdtbB"
        "HbjC0xj1aVa+JprsreWZMrKj6otsDHkWYw253RsP38SUwZXRJYVEDphFDiyOFgBOG4sOzg"
        "Wf0VGqxE77HCJt7zRGhMMsauDYsXqL0JhGUdTbu+GWp3l0NN66QWdkARWXp+kcEovBRyql"
        "wBMIEp7P2j3z88PO0fHJ6cHR+dnh6fHZzJtmq+6arTH95kQrS8rhRmV79dXQ9hQky+ed4r"
        "CQU/FA0W2KNSbAvRV0uDpzlwN8O2ncuDkOrnfAhQL2JEUBByItw1tseKw/7pyRJ8+FEE99"
        "3nwadPAb4hnuE7kIL0vQREWDOSDWmMMIGq6VPuB/+8QIwLoBxefb68Gw4+/wu6n3H+zVZw"
        "DYaXUNNXpU+J0tcnb+JLfdkJ+uNq+BHBT/TXzfWlgpNxMXHUiGG74V8dmBN2BdMoW2jYjG"
        "ISFAdFMSYTaq7C4ghZy+BaMzh2dGVyOeclTtAVsblZLAa2JbbCuIiShvFiip1sGNOUCSDl"
        "pErA55/mdUGvM8PfNZvQiZiq86UAzf8Mbi8+Dm5fH/YTL8G1X9NXVamjR7gZR3k+ziHFSv"
        "jWbXnGAT4rge9ZLrxnSXQD0T2Nb66UFCVpkpzU7x2dHp0dnhwthaVlSZHElBaWEspSBWgz"
        "KHeLcK8+qBoOgQdeQUCJU7YySq1lFHdursjmOGXL5lqz2cDUIPZqr3OcdA2MrplE1SQ+K0"
        "OfVtUYFqVqkoixFatYZC8NjZjlsY8QtdBXgh5sweOHTHskgJpmwwfmEGtCfydPihVXct6w"
        "t2VA7zss/u1388JY8CNYY0FpuOc6eLE0nkeXnnx2+cREqKe/ldvQ7dXFsJPeWtYA6jDop6"
        "GoRjfTHFhh5Y6w8bDAjqnlLGFJZz0SxyIZuvg7n/bD77fExiJbdfHhfu/189QgxGPLkhmG"
        "O5cr7tlA3fgdNQopWGmszyIrLLb20lWz/ixZgimeqEeCsWGk5MrKcPVGV12+rze+xn/u7R"
        "0gT2P3fJI48HyyBeFdtHAsIQhFFlXuR6/uFZc4YMplt7KPLppjy0SjJ0m7YM4DcdIO3g2M"
        "4fl0saSczQXXdWQwVzIOSZoFcThiY9XbDFs2AtsvcbpI120pGsq2NsGccG82chTEXPEWag"
        "k2tZlFXUG457c9QGPmIGzbaOSKe+qQGSxGh0Nrh3wDX5vclby2/oj+s6m+4QGRJfI8tl8C"
        "xzzURw0mskxtddEJKW66pkXgIPiacPa2LtxaunBby+T6bWjBu1HWkh60b6AdvdcrYUjv9X"
        "It6VAVBze54ZRctEmyduFmLNzl5l1h8UZpGriAj0us3+Pc5XucdgQZ1lziVcmjGSNqIMb9"
        "46MSKMtWuTirusQ+IWUcV0qwVYCO0jQQ5zU7NU0pK1a3K4dUre+g1jZlw8aSCaYmdRbLru"
        "w9SBK3/oM68zpQUisIVFGSVpjKEKZAka8ioPrNWywzsORS+FklLDYka/efOu8/psPm85Xc"
        "1HHKlst15vIYW6vFIsQIWx7XmcdwU0kjjsMyHLFD8j3v8ItRNSFet4inl38OY+wMdKzXnw"
        "d/vomx9NPN9W9B84hOdvHp5l3KsBCY+qtZFqJUTcA9rvGelDEsnOTbFU5SZgXfHVI53iNO"
        "1yQhb7chHxH31DMDFCLXVF8YI8qGKMTXYCxI4WJwdzF4f1kUo7BJn/LlI1GzTjmUvYpukT"
        "eZQJOSnuQbuvR+sjHCSLYneNZFsndCzT1G7Se42wveMl1HUybnjiwTXLYmAtmCd/0LvRjB"
        "RCUhmk/hdi11ZyNZDJ5Yisge+HTTPuatj57p0PVGhWrZlfLjta7a2ux03QJXbci48ld0Ao"
        "oGWrPXfwcqeB8qrfEIUXuqrxxD27rMQ5f5SRmXeVLHi7jMT1KOGrmjpMH9593NdY5NxW+f"
        "1LQtQ6D/IdviL3FdF4AKSBQrZEndqxtXnKGDpEIm5ZAsHbhoK1mSrLSR1E0R28k+0qrB21"
        "GDq9vwWp9vTa13KeV6NyrgR3fUyVAAobhbpP5N/QaldD+HLfbRAEnYLCiGmFhdJ3NmTM99"
        "OU7X30q1SkIqt2JidhFfgHZmgm4FiQWYXJYIzscR5gRJtYqDMkYWSHWSrfJtY9CfJ1uqpN"
        "QVJ/BZpw2rDnrd6ql78pU1xZoqZ9CSoIEi7ZoDj/gTF2QmT2tChSX7zBCzCnTiLOIGYr5+"
        "9RjOZ9uilSLqojQNBHndaUJcOyuoOV9TWxI8S1Wrmey6DU2tJkJPePksQ/SJ3UzLF4ASN+"
        "HKCUKKuoumcpZwZwmMyL53oIuYZ2KeYnu8x+aEKtvzPhpOCSLfDdtVOShDniEbBBLKkFgw"
        "RWvjebYgtI1B1ywItdbt7Vm329yHjdQv29yHvxCD6x0e0dRdtU0EU8fQlDZzBlpX5oyMLW"
        "YNwK414mebe8vLD/i5I5x7D51Se4KqQqWHe40qaDw2m+xZtOslqtf1MFuhriN1SwmMspKb"
        "XhHk7ofgmyAzvmAPhL4Cwy2HZArZ+s36h2i1mRpv/UXaTJtG85cQd4O3eQWFpr3P8CI43C"
        "b3q4s43Sb3KyPy5SX327W850WiZol7yxjVAmlPtSkp7IHJeEqwGY+xhrDqp/P+Qf9kr9fb"
        "6x9JkYw5wWecuK6fK2nM98eriGv4rb67pALMXylR7fUBGpGxXHJKYhtbDhdv0rLg1mdwT6"
        "9kU4ct4AtOD7JbSACmcoJB5rJlrjEs/Mk8V7ZUf1OvYr4XMGi/Hg/gbsXLjThZ8wXJNiZ5"
        "Z7Y0eIWr4R5QtKA/79DfzRk19BmROqKWBrj8E8rbxMsdUAP/u3wLS0xR797tH/QO+weIS7"
        "2PQ6CYQ2bsEaK/vK/2OVIL8KLCmLeHz+FICL6XiAxM5a5uyb0eZh2kckzkttz8gK2losYv"
        "WNEBs9uzfNd73IbDpNUrlka3OLxySdSkY2Qdn0dsjWq5KDfJ5OKfPyuwOU7ZGtbqxuUKgl"
        "7K3/fMNO/Nu90fe2fadPi7Soev7IkZSkNgZ8zXGcBUV1ZloAgbKn08JAggcMHfy+ju3RiB"
        "xPQ2WxBHCuecQOZ3lRdA8/ICeC1h2ipVvFBfD59hk3jZ6g02kw9nZqgNWxq0VR1eqOqglk"
        "QV3WFJ0DhD4EZSGEffpyowJ+nWcqG1RmCv/2rLWI6qVdWEY0QNVIf7x2WSn8tWBWs6lQB9"
        "jjlfMHnoTjGvdD8uRdgiXg5xh2VFIRZchvfbNxDfNSfzb1PMb/pCXGvxycX9pdsCYmxWSd"
        "FWYnOMcjts3kGk74vlcmvx2ZTFJxoBvTpIkWDrpoC0SWPPgDiWMe1kmHv8mm6RwQeHbX5m"
        "8cmHYc3Wkl/FVPLMTxGsEKCTLwPmh+c0QQTciBIDL1UFhP3mDUS3d3BQAl3ZKj8/INQlxG"
        "xGReY3yfIzT0RI2jSBLyn5xI//A2ON5IU="
)
