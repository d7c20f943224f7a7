"""A grid full of places, a checklist, a plan: what the measurements of rounds stand on."""

from uuid import UUID

import msgspec

from server.kernel import clock, database
from tests.cast import Cast

ITEMS = [
    {"id": f"item_{number}", "kind": "check", "label": f"第 {number} 项是否合格", "required": True}
    for number in range(12)
]


class Rounds(msgspec.Struct, frozen=True, kw_only=True):
    """Where it happens."""

    kind: int
    version: int
    """Of the checklist."""


async def prepare(cast: Cast, many: int, grids: int = 1) -> Rounds:
    """So many places, evenly in so many grids (the cast's first among them), and a monthly plan of the district."""
    kind: int = await database.fetch_value(
        """WITH k AS (INSERT INTO place_kinds (code, name) VALUES ('shop', '小店') RETURNING id)
           INSERT INTO place_kind_versions (kind, version, questions, since)
           SELECT id, 1, '[]', $1 FROM k RETURNING kind""",
        clock.now(),
    )
    version: int = await database.fetch_value(
        """WITH c AS (INSERT INTO checklists (code, name, department, since)
                      VALUES ('fire', '消防检查', '消防', $1) RETURNING id)
           INSERT INTO checklist_versions (checklist, version, items, since)
           SELECT id, 1, $2, $1 FROM c RETURNING id""",
        clock.now(),
        database.to_jsonb(ITEMS),
    )
    await _more_grids(cast, grids - 1)
    await database.execute(
        """INSERT INTO places (id, code, kind, kind_version, name, address_text, latitude, longitude, district, street,
               community, grid, answers, since)
           SELECT gen_random_uuid(), 'B' || lpad(n::text, 9, '0'), $1, v.id, '便利店' || n, '民乐新村 ' || n || ' 号',
                  22.6 + random() / 100, 114.0 + random() / 100, $2, $3, g.parent, g.id, '{}', $4
           FROM generate_series(1, $5::int) AS n
           JOIN (SELECT id, parent, row_number() OVER (ORDER BY id) - 1 AS place FROM areas
                 WHERE level = 'grid' AND (id = $6 OR code LIKE 'B%')) AS g ON g.place = n % $7
           CROSS JOIN place_kind_versions v WHERE v.kind = $1""",
        kind,
        cast.district,
        cast.street,
        clock.now(),
        many,
        cast.grid,
        grids,
    )
    await database.execute(
        """INSERT INTO patrol_plans (name, department, checklist, area, kinds, every, unit, window_days, first, made_at)
           SELECT '每月巡查', '消防', checklist, $2, to_jsonb(ARRAY[$3::int]), 1, 'months', 0, $4::timestamptz::date, $4
           FROM checklist_versions WHERE id = $1""",
        version,
        cast.district,
        kind,
        clock.now(),
    )
    await database.execute("ANALYZE")
    return Rounds(kind=kind, version=version)


async def open_tasks(many: int, after: UUID) -> list[tuple[UUID, UUID]]:
    """So many open tasks with their places, from an id on."""
    rows = await database.fetch(
        "SELECT id, place FROM patrol_tasks WHERE state = 'open' AND id > $1 ORDER BY id LIMIT $2", after, many
    )
    return [(row["id"], row["place"]) for row in rows]


async def _more_grids(cast: Cast, many: int) -> None:
    await database.execute(
        """INSERT INTO areas (code, name, level, parent, path, answers, since)
           SELECT 'B' || n, '网格 ' || n, 'grid', $1, '', '', now() FROM generate_series(1, $2::int) AS n""",
        cast.community,
        many,
    )
    await database.execute(
        """UPDATE areas SET path = (SELECT path FROM areas WHERE id = $1) || id || '/' WHERE code LIKE 'B%'""",
        cast.community,
    )
