"""A file of addresses as two temporary tables beside the register: filled by COPY, compared and written set-wise.

They live in the transaction of one import, and spill to the server's disk; nothing of them is held here.
"""

from collections.abc import Sequence
from datetime import datetime

from server.addresses.rows import Prepared
from server.addresses.spelling import PARTS
from server.kernel import database
from server.kernel.sheets import Problem

_SPELT = (*PARTS, "whole")
_ADDRESS = (
    "line",
    "code",
    "text",
    *_SPELT,
    "community",
    "grid",
    "latitude",
    "longitude",
    "accuracy",
    "datum",
    "source",
)
_ALIAS = ("line", "text", *_SPELT)
_KEPT = ("text", *_SPELT, "community")
"""Columns of an address that follow the file."""
_FILLED = ("grid", "latitude", "longitude", "accuracy", "datum")
"""Columns that stay where the file leaves them empty."""


async def begin() -> None:
    """Make the tables, empty."""
    await end()
    parts = ", ".join(f"{name} text NOT NULL" for name in _SPELT)
    await database.execute(
        f"""CREATE TEMP TABLE staged_addresses (line int PRIMARY KEY, code text, text text NOT NULL, {parts},
                community int NOT NULL, grid int, latitude double precision, longitude double precision,
                accuracy double precision, datum text, source text NOT NULL, known int) ON COMMIT DROP"""
    )
    await database.execute(
        f"CREATE TEMP TABLE staged_aliases (line int NOT NULL, text text NOT NULL, {parts}) ON COMMIT DROP"
    )


async def end() -> None:
    """Drop the tables; another import may follow in the same transaction."""
    await database.execute("DROP TABLE IF EXISTS pg_temp.staged_addresses, pg_temp.staged_aliases")


async def add(prepared: Prepared) -> None:
    """Copy a batch in."""
    async with database.connection() as one:
        await one.copy_records_to_table("staged_addresses", records=prepared.addresses, columns=_ADDRESS)
        await one.copy_records_to_table("staged_aliases", records=prepared.aliases, columns=_ALIAS)


async def wrong(mine: Sequence[int] | None, most: int) -> list[Problem]:
    """What only the whole file and the register can tell: doubled codes and texts, retired codes, others' addresses.

    Also finds for each row the address it is about. `mine`: communities administered, None for all.
    """
    await database.execute("ANALYZE staged_addresses")
    await database.execute(
        """UPDATE staged_addresses AS s SET known = a.id FROM addresses AS a
           WHERE s.code IS NOT NULL AND a.code = s.code"""
    )
    await database.execute(
        """UPDATE staged_addresses AS s SET known = a.id FROM addresses AS a
           WHERE s.code IS NULL AND a.code IS NULL AND a.until IS NULL
             AND a.community = s.community AND a.whole = s.whole"""
    )
    await database.execute("ANALYZE staged_addresses")
    rows = await database.fetch(
        """SELECT line, code, words FROM (
               SELECT line, code, '编码 ' || code || ' 与第 ' || first || ' 行重复' AS words FROM (
                   SELECT line, code, min(line) OVER (PARTITION BY code) AS first FROM staged_addresses
                   WHERE code IS NOT NULL) AS one WHERE line <> first
               UNION ALL
               SELECT line, '', '与第 ' || first || ' 行是同一个地址' FROM (
                   SELECT line, min(line) OVER (PARTITION BY community, whole) AS first FROM staged_addresses
                   WHERE code IS NULL) AS one WHERE line <> first
               UNION ALL
               SELECT s.line, s.code, CASE WHEN a.until IS NOT NULL THEN '编码 ' || s.code || ' 已经停用,不能再用'
                                           ELSE '这个编码的地址不在您管理的区域内' END
               FROM staged_addresses AS s JOIN addresses AS a ON a.id = s.known
               WHERE a.until IS NOT NULL OR NOT (a.community = ANY (COALESCE($1::int[], ARRAY[a.community])))
           ) AS found ORDER BY line LIMIT $2""",
        mine,
        most,
    )
    return [Problem(row["line"], row["words"], row["code"] or "") for row in rows]


async def compare() -> tuple[int, int, int]:
    """How many rows are new, differ from the register, and agree with it."""
    row = await database.fetch_one(
        f"""SELECT count(*) FILTER (WHERE s.known IS NULL) AS created,
                   count(*) FILTER (WHERE s.known IS NOT NULL AND ({_DIFFERS} OR {_NEW_ALIAS})) AS changed,
                   count(*) AS every
            FROM staged_addresses AS s LEFT JOIN addresses AS a ON a.id = s.known"""
    )
    assert row is not None
    return row["created"], row["changed"], row["every"] - row["created"] - row["changed"]


async def write(moment: datetime) -> int:
    """Write what differs and what is new; how many aliases were added comes back."""
    columns = ", ".join(_KEPT)
    filled = ", ".join(f"{name} = COALESCE(s.{name}, a.{name})" for name in _FILLED)
    await database.execute(
        f"""UPDATE addresses AS a SET {", ".join(f"{name} = s.{name}" for name in _KEPT)}, {filled},
                   source = COALESCE(NULLIF(s.source, ''), a.source)
            FROM staged_addresses AS s WHERE a.id = s.known AND ({_DIFFERS})"""
    )
    await database.execute(
        f"""INSERT INTO addresses (code, {columns}, {", ".join(_FILLED)}, source, since)
            SELECT code, {columns}, {", ".join(_FILLED)}, source, $1 FROM staged_addresses WHERE known IS NULL
            ORDER BY line""",
        moment,
    )
    # Autovacuum would come to it by and by; until then every plan would be one for the table as it was.
    await database.execute("ANALYZE addresses")
    if not await database.fetch_value("SELECT EXISTS (SELECT FROM staged_aliases)"):
        return 0
    await _find_the_new()
    spelt = ", ".join(_SPELT)
    done = await database.execute(
        f"""INSERT INTO address_aliases (address, text, {spelt}, since)
            SELECT DISTINCT ON (s.known, l.whole) s.known, l.text, {", ".join(f"l.{name}" for name in _SPELT)}, $1
            FROM staged_aliases AS l JOIN staged_addresses AS s ON s.line = l.line
            ORDER BY s.known, l.whole, l.text
            ON CONFLICT (whole, address) WHERE until IS NULL DO NOTHING""",
        moment,
    )
    return int(done.rpartition(" ")[2])


async def _find_the_new() -> None:
    """The rows just written, for their aliases."""
    await database.execute(
        """UPDATE staged_addresses AS s SET known = a.id FROM addresses AS a
           WHERE s.known IS NULL AND a.until IS NULL AND a.community = s.community AND a.whole = s.whole
             AND a.code IS NOT DISTINCT FROM s.code AND s.line IN (SELECT line FROM staged_aliases)"""
    )


_DIFFERS = " OR ".join(
    [
        *(f"s.{name} <> a.{name}" for name in _KEPT),
        *(f"(s.{name} IS NOT NULL AND s.{name} IS DISTINCT FROM a.{name})" for name in _FILLED),
        "(s.source <> '' AND s.source <> a.source)",
    ]
)
_NEW_ALIAS = """EXISTS (
    SELECT FROM staged_aliases AS l WHERE l.line = s.line AND NOT EXISTS (
        SELECT FROM address_aliases AS x WHERE x.address = s.known AND x.whole = l.whole AND x.until IS NULL))"""
