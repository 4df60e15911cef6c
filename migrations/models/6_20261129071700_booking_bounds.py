"""How many bookings one guest may have: judged where they are written, so that no race passes it."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return r"""
-- Returns the user when they may have a booking at [p_starts, p_ends), and no row when they have too many already:
-- p_most ahead, or p_overlapping that overlap it; 0 is no bound. p_booking is the one that is moved, or 0. Until the
-- transaction ends nobody else adds a booking of theirs. Called before any day is locked.
CREATE FUNCTION hub_within_bounds(
    p_user bigint, p_starts timestamptz, p_ends timestamptz, p_booking bigint, p_most integer, p_overlapping integer
) RETURNS TABLE (user_id bigint) LANGUAGE plpgsql AS $$
BEGIN
    IF p_most > 0 OR p_overlapping > 0 THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('hub bookings of ' || p_user, 0));
        IF p_most > 0 AND p_most <= (
            SELECT count(*) FROM bookings b
            WHERE b.user_id = p_user AND b.id <> p_booking AND b.starts_at > clock_timestamp()
              AND b.status NOT IN ('canceled', 'no_show', 'finished')
        ) THEN
            RETURN;
        END IF;
        -- No slot is longer than a day: the bound from below keeps a guest's long past out of the index scan.
        IF p_overlapping > 0 AND p_overlapping <= (
            SELECT count(*) FROM bookings b
            WHERE b.user_id = p_user AND b.id <> p_booking
              AND b.starts_at > p_starts - interval '25 hours' AND b.starts_at < p_ends AND b.ends_at > p_starts
              AND b.status NOT IN ('canceled', 'no_show', 'finished')
        ) THEN
            RETURN;
        END IF;
    END IF;
    user_id := p_user;
    RETURN NEXT;
END $$;
"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP FUNCTION hub_within_bounds;"


MODELS_STATE = (
    "eJztXdty2zgS/RWUXiZTJbss+brJk+I4E+8k9pSt3ZmaJEXBJCSxTAEKAVpxzfrfFw2S4p"
    "0hZcmiGDzZAtAAeBps9AVo/tOZMYs4fP8tY/c2nXReo386FM+I/Cdd1UUdPJ9HFVAg8J2j"
    "2t75jVQhvuPCxaaQ5WPscCKLLMJN154Lm1Fo/eeUIcumhKPFlNB9NBqpjkYjZHMkpgQxSu"
    "RfLNACcwR9E+sNsgWi5IG4yCKmbfnEsrGLMFLkihjfyw5hFhYz5TT8Z9r4gF/oFzoaUSZs"
    "kxguebC5fNKodwdzgcJi2QvjBJlTTCdEdjXxiKyFlsyxEBu/Rlh2BMP4g2AHJifrqfyrHs"
    "2j9jePGIJN1HTkA37+KottapHvhMPPzx2PE9ewLWjOBXYFN7DoyFafO7LiAaZpYUE6X4Fw"
    "fm+MbeJYCe77tKrcEI9zVfbWnlxS8V61BYjvDJM53oxG7eePYsroksCmAkonhBJXDgcjCN"
    "eDFUE9xwkWT7hI/MeKmvjPE6OxyBh7DqwroPYnEJV1DOPqemjcXgwNo5NZcyFFbFUERSaj"
    "sF7lVLkCYAJT2PtXv394eNo/ODw5Oz46PT0+OziTbdV8s1WnT/5kIrT8rhRml79dXg1hQk"
    "y+FP7bAgVPigYL7FMptkXoq0XBsxy4nWHHKeRBRPVjPoSolzEiLIg4Eb3QL8eKw/7pyRJ8"
    "+FEG9+2nwcePIb4RntE7kIH0nQRE2DOSD2mCMIWqFVDuh//sIMYlUA4vP13cDgef/oDuZ5"
    "x/cxRcg+EF1PRV6WOq9NXJr8mlvuwE/Xk5/IDgJ/r7+upCwcm4mLhqxKjd8O8OzAl7ghmU"
    "LQxsxTEJi8OiBJMJtVZhcYxMM7jRDE5sXblcLniJU3RlbG4Xi4FtWVEovJyt5XyK3UIZGF"
    "CkgJOT2EG4OjP83XAInYip/HlWgt5/BzfnHwY3r85Sa/4qqOhDTRLdUMvL4lu4a8dJ2rRv"
    "93tHp0dnhydHy817WVK2g2c375ReXQPaHMrtItxrDqqmS+CBV9gwk5R6z2z0nunNrRXZnK"
    "TUbG40m01MTeKs9jonSdfA6MBe13xeP5+VT8io65yJU7VJxXgRL01MlkZOterYx4g09LWg"
    "B9/k+D7XPwagZtnwnrnEntDfyaNixaWcN8i2HOgD3/Z/gm52jAVP4RoLSyOZ6+LF0pkbX3"
    "ry2eUTE6Ge/kaKoZvL82EnK1rWAOow7KelqMaFaQGssHLvsHm/wK5lFCxhSWc/ENcmObb4"
    "24D2/e83xMEi33QJ4H7n9/PYIsQTy5KZpjeXK+7ZQF0HHbUKKVhprM9iKyyx9rJVs/4sXY"
    "IpnqhHgrFhpPTKyokKxlddcVgwucZ/HBgcIN9i92NxOAySsQXhXbRwbSEIRTZVQTW/7hcu"
    "ccCUy25lH100x7aF7h4l7YK598TNxgI3MIYf/sOScjYXfDRCJvMk45CkWRCXIzZWvc2w7S"
    "DwRRK3i0YjR6qGsq1DMCfcn40cBTFPvIFagi1jZlNPEO5HEg/QmLkIOw6688QX6pIZLEaX"
    "Q2uXfIPYj5RKfttgxODZVN/wgMgWRRHEz2EMF+rjDhNZpkRdfEKKm55lE9gIvqaCjzqk2M"
    "iQovZMrt+HFr4bVT3pYfsW+tF7vQqO9F6v0JMOVUlw0wKn4qJNk+mFm7Nwl8K7xuKN07Rw"
    "AR9XWL/Hhcv3OBsIMu25xCvHHVcMcYKohRj3j48qoCxbFeKs6lJyQuo4ntRg6wAdp2khzm"
    "sOalpSV6zvV46odOyg0T5l08GSCZYhbRbbqR09SBPr+EGTeR0aqTUUqjiJVqZylCkw5Oso"
    "qEFzjWUOllwqP6sc04zItPxpsvyxXDafrxSmTlJqLjeZy2Nsr3YWIUGoedxkHsOlFoO4Ls"
    "sJxA7J96LNL0G1kum1Qzy9+GuYYGdoY736NPjr1wRLP15f/RY2j9lk5x+v32YcC6Grv55n"
    "IU7VBtyTFu9JFcfCSbFf4STjVgjCIbXPeyTp2qTkbffIRyw89cwDCrEbjTvGiKpHFJJrMH"
    "FI4Xxwez54d1F2RmGTMeWLB6JmnQko+xXdsmgygSYVI8nXdBn9ZGOEkWxP8KyLZO+EWnuM"
    "Oo9wDRSiZaMRmjI5d2RbELK1EOgWvBvc/cQIJioJ0XwKFzGpN7uTxRCJpYjsQUw3G2N+8d"
    "FzA7r+qFAtu1JxPB2qbYyk65aEaiPGVb+iE1K00Jt92K+wtx/2C/d2qEru7eH7UGuNx4j0"
    "rr7yGVodMo9C5idVQuZpGy8WMj/JBGqkRMmC++/b66sCn0rQPm1p26ZA/0OOzXdxXZeACk"
    "iUG2Rp26ubNJyhg7RBJvWQPBu4TJQsSVYSJE0zxLYiR7QZ/DJmcH0fno75NtR7lzGut2MC"
    "fvDuOjkGIBR3y8y/adCgku3nssU+GiAJmw3FcCZ2NCJzZk5fB3rcaPRGmlUSUimKiQUmFV"
    "+AfWYh2BXvMCdIGlMcTDCyQIo039Db3FA/TvRTy4ArTx6zTn9VE2y41dPGFBtmijV19psl"
    "QQvV1zUfMuKPXJCZ3JkJFbbsM0elKrF/84hbiPl6TOGGbATRhZyc7SBxW6d4U0jdDqq2OS"
    "jqLprKWcI9DnCsBR7TLmK+222KnfEemxOq/HH7aDgliHw3HU+lcIt4hBwQ3JQhsWCK1sHz"
    "/G3iJQZd84ahPX4v5/HT+claqXPr/GQ/EYObHTJuq1TVyTGaGK7X2QSqheorZBPIETFrAH"
    "atpyBeUrbs/iGIW8K5/9AZsyesKjV6uN+ohsXjsMmeTbto7LIZGo2iDG6jEVI3N8BlJbnp"
    "F0HqaziQEOavFuye0F/ArcXhgnm+fbP+IbQ102DRX2bN6NSCP4W6G77NKxg0+oz3TnBYJz"
    "xrijqtE549J+HZtvU9/3Renrq3PLdXou2pNhWVPXAZTwm24udOX6ujpo+v+wf9k71eb69/"
    "JFUy5oZfQeFS3UKXUhtz2UJqcea9rIO8QirVECREWqYwwiLoMasBvuC4z1AL1d/MW1QcVg"
    "rbryeStF3NcCNHKot1QH3Ecrtbx3Yk3TBgREbQLd04xXLOFwrVxNwg+DjSwhZT1Pvi9Q96"
    "h/0DxKX1wOEwhktm7AGOWvifTnKlLukSq4s488XJHL7IFH60CpmYSgFjS7EDsw6TpKWyxm"
    "1+QG3vNvgFK5N1291Wti3jNnwAUb1iWXTLDzMtidq0jazjQ1jaNVOIcpsM92D/WYHNSUrt"
    "nmkal2soepmo0TMTKLfv3uyTTjTdhETTyiuVYzSE3qpimwEcPlVNBoqwqRIzw9VbAldn/V"
    "zJwalsmyKHLYgrlXNOIKeyunFr+Ddu/ZYwbZWEWahPuM6wRfw80CabyYezcsyGFxpUmw47"
    "ajqoJVHHdlgStM4ntZHkoPH3qQ7Mabq1XBVrENjrv1M9lqMadS3hBFELzeH+cZW0wrJVyZ"
    "rOpBaeY84XTG66U8xr3UbJEGrEqyHusryzbCXXTIP2LcR3zWmydfLmTd+r0h6fQtx33ReQ"
    "YLNKN7QSmxOUL8PmLZwX3Vkua4/Ppjw+8XO0q4MUO7LbFpA26ewZENc2p50cd09Q0y1z+O"
    "CozY88PsUwrNlb8rO4Sp6Z5HuFsyLFOmDxSZE2qIAbMWLgpaqBcNC8hej2Dg4qoCtbFWfe"
    "grqUms2oyP3aT3H2rRiJTsBVMwHXVs87Pf0fICLQzg=="
)
