"""What a category demands: read by those who handle cases, published in versions by those who administer.

A case keeps the version it was given; publishing makes a new one and changes none.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from server.areas.locate import Place
from server.areas.tree import Line
from server.kernel import database
from server.kernel.errors import NotAllowed, NotFound

LEVELS = ("normal", "urgent", "emergency")
LEVEL_WORDS = {"normal": "一般", "urgent": "紧急", "emergency": "特急"}
UNIT_WORDS = {"working_days": "个工作日", "hours": "小时"}


class Allowance(msgspec.Struct, frozen=True):
    """How long answering may take: `amount` of `unit`, "working_days" or "hours" (by the clock on the wall)."""

    amount: int
    unit: str

    @property
    def words(self) -> str:
        return f"{self.amount} {UNIT_WORDS[self.unit]}"


DEFAULT_ALLOWANCES: dict[str, Allowance] = {
    # Huying's own starting point for a category nobody has set yet: a working week, a day, half a shift. A district
    # publishes its own; hotlines commonly promise between five working days and half a month for ordinary matters.
    "normal": Allowance(5, "working_days"),
    "urgent": Allowance(1, "working_days"),
    "emergency": Allowance(4, "hours"),
}


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What a category demands, in the state a case was given it."""

    id: int
    category_id: int
    version: int
    standard: str
    code: str
    name: str
    path: str
    allowances: dict[str, Allowance]
    photo_before: bool
    photo_after: bool
    needs_check: bool
    private: bool
    questions: list[dict[str, Any]]
    """A form, for `questions.read_form`."""


class Leaf(msgspec.Struct, frozen=True):
    """A category that a case can be given, for choosing."""

    id: int
    standard: str
    code: str
    name: str
    path: str


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A category or group, for the pages of administration; `version` is the number in force, None for a group."""

    id: int
    standard: str
    code: str
    name: str
    path: str
    parent_id: int | None
    is_leaf: bool
    retired: bool
    version: int | None


class AreaUnit(msgspec.Struct, frozen=True):
    """Which unit is offered first within an area."""

    area_id: int
    area_name: str
    unit_id: int
    unit_name: str


_VERSION = """SELECT versions.id, versions.category AS category_id, versions.version, categories.standard,
                     categories.code, categories.name, categories.path, versions.allowances, versions.photo_before,
                     versions.photo_after, versions.needs_check, versions.private, versions.questions,
                     categories.until IS NOT NULL AS retired
              FROM category_versions AS versions JOIN categories ON categories.id = versions.category"""


_LISTED = """SELECT id, standard, code, name, path, parent AS parent_id, is_leaf, until IS NOT NULL AS retired,
                    (SELECT max(version) FROM category_versions WHERE category = categories.id) AS version
             FROM categories"""


async def current(category_id: int) -> Version:
    """The version a case is given now; raise `NotFound`, or `NotAllowed` where the category is retired."""
    row = await database.fetch_one(
        f"{_VERSION} WHERE versions.category = $1 ORDER BY versions.version DESC LIMIT 1", category_id
    )
    if row is None:
        raise NotFound("没有这个类别。")
    if row["retired"]:
        raise NotAllowed(f"类别“{row['name']}”已经停用,请另选一个。")
    return read_version(row)


async def version(version_id: int) -> Version:
    """One version, however old; raise `NotFound`."""
    row = await database.fetch_one(f"{_VERSION} WHERE versions.id = $1", version_id)
    if row is None:
        raise NotFound("没有这个类别。")
    return read_version(row)


async def versions(category_id: int) -> list[Version]:
    """All versions of a category, newest first."""
    rows = await database.fetch(f"{_VERSION} WHERE versions.category = $1 ORDER BY versions.version DESC", category_id)
    return [read_version(row) for row in rows]


async def leaves(search: str = "", *, standard: str | None = None, limit: int = 50) -> list[Leaf]:
    """Categories in use that a case can be given and whose path holds every word of `search`.

    Those whose own name holds the first word come first; then by standard and code.
    """
    words = search.split()[:5]
    rows = await database.fetch(
        """SELECT id, standard, code, name, path FROM categories
           WHERE is_leaf AND until IS NULL AND ($2::text IS NULL OR standard = $2)
             AND NOT EXISTS (SELECT FROM unnest($1::text[]) AS word WHERE strpos(lower(path), lower(word)) = 0)
           ORDER BY strpos(lower(name), lower(COALESCE($1[1], ''))) = 0, standard, code LIMIT $3""",
        words,
        standard,
        limit,
    )
    return [Leaf(**dict(row)) for row in rows]


async def default_unit(category_id: int, line: Line | Place) -> int | None:
    """The unit offered first: set for this category nearest upwards from the lowest area, else for its parents."""
    found: int | None = await database.fetch_value(
        """WITH RECURSIVE above AS (
               SELECT id, parent, 0 AS distance FROM categories WHERE id = $1
               UNION ALL
               SELECT categories.id, categories.parent, distance + 1 FROM categories JOIN above
                   ON categories.id = above.parent)
           SELECT units.id FROM above
           JOIN default_units ON default_units.category = above.id AND default_units.area = ANY ($2::int[])
           JOIN units ON units.id = default_units.unit AND units.until IS NULL
           ORDER BY above.distance, array_position($2::int[], default_units.area) LIMIT 1""",
        category_id,
        list(line.ids),
    )
    return found


async def default_units(category_id: int) -> list[AreaUnit]:
    """What `set_default_unit` has set for this very category, higher areas first."""
    rows = await database.fetch(
        """SELECT areas.id AS area_id, areas.name AS area_name, units.id AS unit_id, units.name AS unit_name
           FROM default_units JOIN areas ON areas.id = default_units.area JOIN units ON units.id = default_units.unit
           WHERE default_units.category = $1 ORDER BY length(areas.path), areas.code""",
        category_id,
    )
    return [AreaUnit(**dict(row)) for row in rows]


async def standards() -> list[str]:
    """Names of the standards there are."""
    return [row["standard"] for row in await database.fetch("SELECT DISTINCT standard FROM categories ORDER BY 1")]


async def listed(standard: str) -> list[Listed]:
    """Everything of a standard in the order of its codes, groups and retired ones too."""
    rows = await database.fetch(f"{_LISTED} WHERE standard = $1 ORDER BY code", standard)
    return [Listed(**dict(row)) for row in rows]


async def listed_one(category_id: int) -> Listed:
    """One category or group, retired ones too; raise `NotFound`."""
    row = await database.fetch_one(f"{_LISTED} WHERE id = $1", category_id)
    if row is None:
        raise NotFound("没有这个类别。")
    return Listed(**dict(row))


async def leaves_in_use() -> int:
    """How many categories a case can be given."""
    found: int = await database.fetch_value("SELECT count(*) FROM categories WHERE is_leaf AND until IS NULL")
    return found


def read_version(row: Mapping[str, Any]) -> Version:
    """A row of versions with their categories as a `Version`."""
    values = dict(row)
    for field in ("allowances", "questions"):
        values[field] = msgspec.json.decode(values[field])
    return msgspec.convert(values, Version)
