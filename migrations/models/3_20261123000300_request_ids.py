"""A notice keeps the request_id of the change that owes it, for the worker's log lines.

``hub_owe`` takes it as one more argument that may be left out: processes of the version before go on while the others
are being started.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return r"""
ALTER TABLE deliveries ADD request_id varchar(64);
DROP FUNCTION hub_owe(bigint, integer, bigint, text, text[], integer[], text[], timestamptz[]);

-- The notices that a change owes, one row an element of the arrays. A null due time is now; a past one is not owed.
CREATE FUNCTION hub_owe(
    p_booking bigint, p_revision integer, p_user bigint, p_house text,
    p_kinds text[], p_leads integer[], p_audiences text[], p_dues timestamptz[],
    p_request text DEFAULT NULL
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO deliveries (booking_id, revision, kind, lead_minutes, audience, recipient, language, due_at,
                            request_id)
    SELECT p_booking, p_revision, n.kind, n.lead, n.audience,
           CASE n.audience WHEN 'guest' THEN u.email ELSE p_house END, u.language,
           coalesce(n.due, clock_timestamp()), p_request
    FROM unnest(p_kinds, p_leads, p_audiences, p_dues) AS n(kind, lead, audience, due), users u
    WHERE u.id = p_user AND (n.due IS NULL OR n.due > clock_timestamp())
$$;

-- Book, in one round trip: the day's lock first, then the table, then the clock, then the rows.
-- Returns one row; refusal is null or a code, and then nothing was written but (perhaps) an empty stream.
CREATE OR REPLACE FUNCTION hub_book(
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
    PERFORM hub_owe(booking_id, 1, p_user, p_house, p_kinds, p_leads, p_audiences, p_dues, p_request);
END $$;
"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return r"""
DROP FUNCTION hub_owe(bigint, integer, bigint, text, text[], integer[], text[], timestamptz[], text);
ALTER TABLE deliveries DROP COLUMN request_id;

-- The notices that a change owes, one row an element of the arrays. A null due time is now; a past one is not owed.
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
CREATE OR REPLACE FUNCTION hub_book(
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


MODELS_STATE = (
    "eJztXVlz2zgS/isovUymSnbZ8rnJk+I4E+8k9pSt3ZmaJEXBJCSxTAEKAVpxzfq/LxokxZ"
    "shZR0Ug6fEABoEvwYbfaH1T2fKLOLw/beMPdh03HmN/ulQPCXyP+muLurg2SzqgAaB7x01"
    "9t4fpBrxPRcuNoVsH2GHE9lkEW669kzYjMLoPycMWTYlHM0nhO6j4VBNNBwimyMxIYhRIv"
    "/FAs0xRzA3sd4gWyBKHomLLGLalk8sB7sII0WuiPGDnBBWYTFTLsN/p4080KP2N48Ygo3V"
    "IPnYz19ls00t8p1w+PNzx+PENWwLhnOBXcENLDpy1OeO7Hi0TWJYWJDOVyCcPRgjmzhWgi"
    "c+rWo3xNNMtb21x1dUvFdj4cXvDZM53pRG42dPYsLogsCmAlrHhBJXPg6eIFwP+EQ9xwlY"
    "GrLOf61oiP8+MRqLjLDnALeB2l9A1NYxjOubgXF3OTCMTmYnhBQxXgVNJqOwi+RSuQJgDE"
    "vY+1evd3R01js4Oj0/OT47Ozk/OJdj1XqzXWfP/mIitPypFGZXv11dD2BBTG5Vfw9Dw7Oi"
    "wQL7VIptEfpjj3DBsxy4m2LHKeRBRPVjPoSolzEibIg4EX1mm2PFUe/sdAE+/FEG992n/s"
    "ePIb4RntE3kIH0nQRE2FOSD2mCMIWqFVDuh//ZQYxLoBxcfbq8G/Q//QHTTzn/5ii4+oNL"
    "6Omp1qdU66vTX5NbfTEJ+vNq8AHBn+jvm+tLBSfjYuyqJ0bjBn93YE3YE8ygbG5gK45J2B"
    "w2JZhMqLUMi2NkmsGNZnDi6MrlcsFHnKIrY3O7WAxsy4pC4eUcLRcT7BbKwIAiBZxcxA7C"
    "1Zni74ZD6FhM5J/nJej9t3978aF/++o8teevg44e9CTRdcmjzWFBGXwLT+04SZvO7d7h8d"
    "nx+dHp8eLwXrSUneDZw9t0Cbz8EqI9Samle6OluzezlmRzklKzudFsNjE1ibPc55wkXQGj"
    "A8tS83n1fFaOC6OuGyFO1abDcCP+hJgsjdw/1bGPEWnoa0EPXrTRQ64nB0DNsuE9c4k9pr"
    "+TJ8WKK7lukG050Ae+0f8E0+wYC57DPRa2RjLXxfOF2zG+9eS7yzcmQr39rRRDt1cXg05W"
    "tKwA1EE4T0tRjQvTAlhh595j82GOXcso2MKSzn4krk1yrMa3Ae3732+Jg0W+GRPA/c6f56"
    "lFiCe2JTNNbyZ33IuBugkmahVSsNNYj8V2WGLvZbumvWm6BVM8Vq8Ez4YnpXdWTlQpvuuK"
    "w0rJPf7jwFIfUSZsM4jlYGROMB0TxOaEd9HctYUgFNlUhXz8vl+4xAFTLqeVc3TRDNsWun"
    "+StHPmPhA3G0tawzO+0C90OMSScjoTfDhEJvMk45CkmROXIzZSs02x7SDwmhG3i4ZDR6qG"
    "cqxDMCfcX418CmKeeAO9BFvG1KaeINyPcx2gEXMRdhx074kv1CVT2Iwuh9Eu+QZRCimV/L"
    "HBE4N3U3PDCyJbFMW6PocxQOiPO09kmxJ18QUpbnqWTeAg+JoKk+ngVyODX9qHtnofWvht"
    "VPX5huNb6PE9PKzg8j08LPT5QlcS3LTAqbhp02R64+Zs3IXwrrF54zQt3MAnFfbvSeH2Pc"
    "mGLEx7JvHKcccVQ5wgaiHGvZPjCijLUYU4q76UnJA6jic12DpAx2laiPOKw2+W1BXr+5Uj"
    "Kh07aLRP2XSwZIJlSJvFdmpHD9LEOn7QZF6HRmoNhSpOopWpHGUKDPk6CmowXGOZgyWXys"
    "8yCYURmZY/TZY/lstms6XC1ElKzeUmc3mE7eVyERKEmsdN5rGDuTCI67KcQOyAfC86/BJU"
    "S5leO8TTy78GCXaGNtarT/2/fk2w9OPN9W/h8JhNdvHx5m3GsRC6+ut5FuJUbcA9afGeVn"
    "EsnBb7FU4zboUgHFI73yNJ1yYlb7spH7Hw1AsTFGI34naMEVVTFJJ7MJGkcNG/u+i/uyzL"
    "UVhnTPnykahVZwLKfke3LJpMYEjFSPINXUQ/2QhhJMcTPO0iOTuh1h6jzhNcI4Ro2XCIJk"
    "yuHdkWhGwtBLoF7wZ3BzGChUpCNJvALUPqTe9lM0RiKSJ7ENPNxpg3/vTcgK7/VOiWU6k4"
    "ng7VNkbSdUtCtRHjql8mCSla6M0+6lU42496hWc7dCXP9vB7qLXHY0T6VF86h1aHzKOQ+W"
    "mVkHnaxouFzE8zgRopUbLg/vvu5rrApxKMT1vatinQ/5Bj813c1yWgAhLlBlna9uomDWeY"
    "IG2QST0kzwYuEyULkqUESdMMsa3IEW0Gb8YMru/D0zHfhnrvMsb1dkzAD959J8cAhOZumf"
    "k3CQZUsv1cNt9HfSRhs6EZcmKHQzJj5uR1oMcNh2+kWSUhlaKYWGBS8TnYZxaCU/Eec4Kk"
    "McXBBCNzpEjzDb31PerHJWlqGXDlZU5W6a9qgg23fIGTYsNMsabOebMgaKH6uuIkI/7EBZ"
    "nKk5lQYcs5c1SqEvs3j7iFmK/GFG7IQRBdyMk5DhK3dYoPhdTtoGqHg6LuoolcJdzjAMda"
    "4DHtIua73SbYGe2xGaHKH7ePBhOCyHfT8UCeo4hHyAHBTRkSc6ZoHTzLPyY28dAVHxja47"
    "c5j5+upNVKnVtX0vqJGNzskHFbpaoujtHEcL2uJlAtVF+hmkCOiFkBsCvNgtikbNn9JIg7"
    "wrn/0hmzJ+wqNXq4P6iGxeOw8Z5Nu2jksikaDqMKbsMhUjc3wGUluek3QelkSEgIqysL9k"
    "DoL+DW4nDBPN++Wf0jtDXTYNFfZs3o0oI/hbobfs1LGDQ6x3snOKwLnjVFndYFz15S8Gzb"
    "+p6fnZen7i3y9kq0PTWmorIHLuMJwVY87/S1SjV9et076J3uHR7u9Y6lSsbc8Fc0uFS30J"
    "XUxlw2l1qc+SD7oK6QKjUEBZEWJYywCGbMaoAbfO4L1EL1b+YrKg4rheNXE0narma4lpTK"
    "Yh1Qp1hu9+jYjqQbBIzICLqFG6dYzvlCoZqY6we/4DO3xQQdfvF6B4dHvQPEpfXAIRnDJV"
    "P2CKkWVP3Kjyt1SZdYXcSZL05mmIsw/MaRiakUMLYUO7DqsEhaqmrc+h+o7d0Gf2Blsm67"
    "x8q2ZdyaExDVJ5ZFtzyZaUHUpmNkFT/ZpF0zhSi3yXAPzp8l2Jyk1O6ZpnG5hqKXiRq9sI"
    "By++7NPutC000oNK28UjlGQ+itKrYZwOFT1WSgCJuqMDNcvSVwddavlRxkZdsUOWxOXKmc"
    "cwI1ldWNW8O/ceuPhGWrIsyS6xzqOVvErwNtsql8OSvHbNjQQ7XpsKOmg9oSdWyHBUHrfF"
    "JrKQ4a/57qwJymW8lVsQaBvfo71SP5VKOuJZwgaqE53DupUlZYjirZ05nSwjPM+ZzJQ3eC"
    "ea3bKBlCjXg1xF2Wl8tWcs00GN9CfFdcJlsXb173vSrt8SnEfdd9AQk2q3JDS7E5QbkZNm"
    "8hX3Rnuaw9Puvy+MTzaJcHKZay2xaQ1uns6RPXNiedHHdP0NMtc/jgaMyPPD7FMKzYW/Kz"
    "uEpeWOR7iVyRYh2wOFOkDSrgWowY+KhqIBwMbyG6hwcHFdCVo4orb0FfSs1mVOT+2k9x9a"
    "0YiS7AVbMA11bznZ7/Dw+CPKY="
)
