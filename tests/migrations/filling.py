"""Rows for every table of a schema, made from what the database says of itself."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg

ROWS = 3
LATER = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)

_COLUMNS = """
    SELECT c.column_name AS name, c.data_type AS type, c.is_nullable = 'YES' AS nullable,
           c.column_default LIKE 'nextval%' AS counted,
           (SELECT u.table_name FROM information_schema.key_column_usage k
              JOIN information_schema.referential_constraints r USING (constraint_schema, constraint_name)
              JOIN information_schema.constraint_column_usage u
                ON (u.constraint_schema, u.constraint_name) = (r.constraint_schema, r.constraint_name)
             WHERE (k.table_schema, k.table_name, k.column_name) = (c.table_schema, c.table_name, c.column_name)
             LIMIT 1) AS target
      FROM information_schema.columns c
     WHERE c.table_schema = 'public' AND c.table_name = $1
     ORDER BY c.ordinal_position"""

_KEYS = """
    SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indisprimary AND i.indrelid = $1::regclass"""


async def tables(connection: Any) -> list[str]:
    """The tables of Huying in this schema; not those of the libraries."""
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [row[0] for row in rows if row[0] != "migration" and not row[0].startswith("pgqueuer")]


async def fill(connection: Any) -> None:
    """Put rows into every table, parents before children; every column that can hold something holds something."""
    columns = {table: await connection.fetch(_COLUMNS, table) for table in await tables(connection)}
    choices = await _choices(connection)
    keys: dict[str, list[Any]] = {}
    while left := [table for table in columns if table not in keys]:
        table = next((one for one in left if _ready(one, columns[one], keys, whole=True)), None) or next(
            one for one in left if _ready(one, columns[one], keys, whole=False)
        )
        keys[table] = [await _insert(connection, table, columns[table], keys, choices, n) for n in range(ROWS)]


async def content(connection: Any) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in the order of its key."""
    return {
        table: [dict(row) for row in await connection.fetch(f'SELECT * FROM "{table}" ORDER BY 1, 2')]
        for table in await tables(connection)
    }


def _ready(table: str, columns: list[asyncpg.Record], keys: dict[str, Any], *, whole: bool) -> bool:
    needed = {column["target"] for column in columns if column["target"] and (whole or not column["nullable"])}
    return needed - {table} <= keys.keys()


async def _insert(
    connection: Any, table: str, columns: list[asyncpg.Record], keys: dict[str, Any], choices: dict[Any, str], n: int
) -> Any:
    values = {}
    for column in columns:
        name, target = column["name"], column["target"]
        if column["counted"]:
            continue
        if target is not None:
            values[name] = keys[target][n] if target in keys else None
        else:
            values[name] = choices.get((table, name)) or _value(column["type"], n)
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    [key] = [row[0] for row in await connection.fetch(_KEYS, table)]
    made = await connection.fetchval(
        f'INSERT INTO "{table}" ({names}) VALUES ({places}) ON CONFLICT ("{key}") DO NOTHING RETURNING "{key}"',
        *values.values(),
    )
    return made if made is not None else await connection.fetchval(f'SELECT "{key}" FROM "{table}" LIMIT 1')


def _value(kind: str, n: int) -> Any:
    return {
        "smallint": n + 1,
        "integer": n + 1,
        "bigint": n + 1,
        "boolean": n % 2 == 0,
        "double precision": 114.0 + n,
        "timestamp with time zone": LATER,
        "date": LATER.date(),
        "text": f"字 {n}",
        "character varying": f"字 {n}",
        "uuid": uuid4(),
        "jsonb": "{}",
        "bytea": bytes([n]),
    }[kind]


async def _choices(connection: Any) -> dict[tuple[str, str], str]:
    rows = await connection.fetch(
        """SELECT conrelid::regclass::text AS name, pg_get_constraintdef(oid) AS words
             FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace"""
    )
    found = {}
    for row in rows:
        if match := re.search(r"\(\((\w+) = ANY \(ARRAY\['(\w+)'", row["words"]):
            found[row["name"], match[1]] = match[2]
    return found
