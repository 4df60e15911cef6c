"""Where words stand in a database: every column of text of every table is searched, as the catalogue names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
  AND c.data_type IN ('text', 'character varying', 'character', 'jsonb', 'json', 'ARRAY', 'bytea', 'USER-DEFINED')
ORDER BY 1, 2
"""


async def traces(sql: Any, words: Sequence[str]) -> list[str]:
    """``table.column: word`` for each of the words that stands somewhere in a column, in any case of its letters."""
    columns = await sql.fetch(COLUMNS)
    assert len(columns) > 40, "the columns were not found"
    found = []
    for table, column in columns:
        question = f"""SELECT w FROM unnest($1::text[]) AS w
            WHERE EXISTS (SELECT FROM "{table}" WHERE strpos(lower("{column}"::text), lower(w)) > 0)"""
        found += [f"{table}.{column}: {row['w']}" for row in await sql.fetch(question, list(words))]
    return found
