"""The diagram of the tables is the schema: a migration that changes one without the other fails here."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from tests.servers import CHECKOUT, Servers, clone_database

TEXT = (CHECKOUT / "docs" / "er-diagram.md").read_text()
ENTITY = re.compile(r"^    (\w+) \{\n(.*?)^    \}$", re.MULTILINE | re.DOTALL)
COLUMN = re.compile(r'        ([a-z]+(?:\(\d+\))?) (\w+)((?: (?:PK|FK|UK))*)(?: "([^"]*)")?')
RELATION = re.compile(r'^    (\w+) \|\|--o\{ (\w+) : "(\w+)"$', re.MULTILINE)
GUARD = re.compile(r"^\| `(\w+)` \| (\w+) \|", re.MULTILINE)
TYPES = {"timestamp with time zone": "timestamptz", "character varying": "varchar"}
"""The short names of types, where information_schema says the long ones."""


@dataclass
class Schema:
    """What is compared. ``columns`` maps (table, column) to (type, may be null, keys); ``relations`` are (the table
    referred to, the one that refers, its column)."""

    columns: dict[tuple[str, str], tuple[str, bool, frozenset[str]]] = field(default_factory=dict)
    relations: set[tuple[str, str, str]] = field(default_factory=set)
    guards: set[tuple[str, str]] = field(default_factory=set)


def drawn(text: str) -> Schema:
    """The schema that the document tells of. AssertionError for a line of the diagram that can't be read."""
    [diagram] = re.findall(r"^```mermaid\nerDiagram\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    schema = Schema(relations=set(RELATION.findall(diagram)), guards=set(GUARD.findall(text)))
    rest = RELATION.sub("", diagram)
    for table, body in ENTITY.findall(diagram):
        for line in body.splitlines():
            match = COLUMN.fullmatch(line)
            assert match, f"not a column: {line}"
            kind, column, keys, comment = match.groups()
            assert (table, column) not in schema.columns, f"drawn twice: {table}.{column}"
            may_be_null = (comment or "").startswith("null: ")
            schema.columns[table, column] = (kind, may_be_null, frozenset(keys.split()))
    assert ENTITY.sub("", rest).strip() == "", "something in the diagram was not read"
    return schema


async def migrated(sql: Any) -> Schema:
    """The schema that the migrations made, without Aerich's own table."""
    keys: dict[tuple[str, str], set[str]] = {}
    schema = Schema()
    for row in await sql.fetch(KEYS):
        keys.setdefault((row["table_name"], row["column_name"]), set()).add(row["key"])
    for row in await sql.fetch(RELATIONS):
        keys.setdefault((row["child"], row["column_name"]), set()).add("FK")
        schema.relations.add((row["parent"], row["child"], row["column_name"]))
    for row in await sql.fetch(COLUMNS):
        kind = TYPES.get(row["data_type"], row["data_type"])
        if row["character_maximum_length"] is not None:
            kind += f"({row['character_maximum_length']})"
        key = (row["table_name"], row["column_name"])
        schema.columns[key] = (kind, row["is_nullable"] == "YES", frozenset(keys.get(key, ())))
    schema.guards = {(row["name"], row["table_name"]) for row in await sql.fetch(GUARDS)}
    return schema


COLUMNS = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable FROM information_schema.columns
WHERE table_schema = 'public' AND table_name <> 'aerich'
"""
KEYS = """
SELECT k.table_name, min(k.column_name) AS column_name,
       CASE c.constraint_type WHEN 'PRIMARY KEY' THEN 'PK' ELSE 'UK' END AS key
FROM information_schema.table_constraints c
JOIN information_schema.key_column_usage k USING (constraint_name, table_name)
WHERE c.table_schema = 'public' AND c.constraint_type IN ('PRIMARY KEY', 'UNIQUE') AND table_name <> 'aerich'
GROUP BY constraint_name, k.table_name, c.constraint_type HAVING count(*) = 1
"""
RELATIONS = """
SELECT u.table_name AS parent, c.table_name AS child, k.column_name
FROM information_schema.table_constraints c
JOIN information_schema.key_column_usage k USING (constraint_name)
JOIN information_schema.constraint_column_usage u USING (constraint_name)
WHERE c.constraint_type = 'FOREIGN KEY' AND c.table_schema = 'public'
"""
GUARDS = """
SELECT conname AS name, conrelid::regclass::text AS table_name FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'x') AND conrelid <> 'aerich'::regclass
UNION
SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
WHERE i.indisunique AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conindid = i.indexrelid)
UNION
SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal
"""


@pytest.fixture(scope="module")
def own_database(servers: Servers, template: str) -> str:
    return asyncio.run(clone_database(servers, template))


@pytest.fixture
async def sql(own_database: str) -> AsyncIterator[Any]:
    """What a test changes is rolled back."""
    connection = await asyncpg.connect(own_database)
    changes = connection.transaction()
    await changes.start()
    yield connection
    await changes.rollback()
    await connection.close()


async def test_the_diagram_is_the_schema(sql: Any) -> None:
    there = await migrated(sql)
    here = drawn(TEXT)
    assert here.columns == there.columns
    assert here.relations == there.relations
    assert here.guards == there.guards


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE wishes (id bigint PRIMARY KEY)",
        "DROP TABLE outbox",
        "ALTER TABLE tables ADD COLUMN colour text",
        "ALTER TABLE tables DROP COLUMN created_at",
        "ALTER TABLE tables ALTER COLUMN name TYPE varchar(65)",
        "ALTER TABLE tables ALTER COLUMN retired_at SET NOT NULL",
        "ALTER TABLE sessions DROP CONSTRAINT sessions_user_id_fkey",
        "ALTER TABLE users DROP CONSTRAINT users_phone_number_key",
        "ALTER TABLE tables ADD CONSTRAINT tables_name_unique UNIQUE (name)",
        "ALTER TABLE bookings DROP CONSTRAINT bookings_guests_range",
        "DROP INDEX tables_name_in_use",
        "DROP TRIGGER events_append_only ON events",
    ],
)
async def test_a_changed_schema_is_seen(sql: Any, change: str) -> None:
    """The negative control: whatever a migration may do, the comparison tells."""
    await sql.execute("UPDATE tables SET retired_at = now()")
    await sql.execute(change)
    assert await migrated(sql) != drawn(TEXT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        smallint seats ", "        integer seats "),
        ("        bigint user_id FK\n", ""),
        ('        timestamptz ended_at "null: open"', '        timestamptz ended_at "open"'),
        ('    bookings ||--o{ outbox : "booking_id"\n', ""),
        ("| `hub_has_one_row` |", "| `hub_has_two_rows` |"),
        (" UK ", " "),
    ],
)
async def test_a_changed_diagram_is_seen(sql: Any, old: str, new: str) -> None:
    assert old in TEXT
    assert drawn(TEXT.replace(old, new)) != await migrated(sql)
