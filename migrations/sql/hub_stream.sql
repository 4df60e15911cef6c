-- The name of a service day's stream. Venue 1's have no prefix.
CREATE OR REPLACE FUNCTION hub_stream(p_venue bigint, p_day date) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_venue = 1 THEN '' ELSE p_venue || '/' END || 'day:' || p_day
$$;

-- The venue that a stream's name is of.
CREATE OR REPLACE FUNCTION hub_venue_of(p_stream text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN strpos(p_stream, '/') = 0 THEN 1 ELSE split_part(p_stream, '/', 1)::bigint END
$$;
